"""What was done of what was prescribed: attempted, completed, and completed with good form.

    found = adherence(versions, done, day_range(since, until), zone)
    found.sets.completed, found.sets.due

The three are kept apart, because they call for different answers: who does not begin, who does not
get to the end, and who does it another way than was shown. Nothing is more than was due: a set
beyond the dose makes up for no other one. Form counts only where a camera could judge it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Final, Self

from hep_vision.program.schedule import DayTally, DoneSet, Due, ProgramVersion, daily_dues, tally_of

GOOD_SHARE: Final = 0.8
"""Share of a set's repetitions without a deviation that matters, from which the set was done with
good form (own judgement)."""


@dataclass(frozen=True, slots=True)
class Achieved:
    """How much of what was due was done; no number is larger than the one before it.

    Attributes:
        due: What was prescribed.
        attempted: Begun, whether it counted or not.
        completed: Done.
        judged: Of the completed, those whose form a camera could judge.
        good: Of the judged, those with good form.
    """

    due: int = 0
    attempted: int = 0
    completed: int = 0
    judged: int = 0
    good: int = 0

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return type(self)(
            self.due + other.due,
            self.attempted + other.attempted,
            self.completed + other.completed,
            self.judged + other.judged,
            self.good + other.good,
        )

    @property
    def completed_share(self) -> float | None:
        """Return the share of what was due that was done; None where nothing was due."""
        return self.completed / self.due if self.due else None

    @property
    def good_share(self) -> float | None:
        """Return the share of what was judged that was good; None where nothing was judged."""
        return self.good / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class ExerciseAdherence:
    """One exercise over a stretch of days.

    Attributes:
        exercise_id: Id of the exercise.
        sets: Sets, on every side that works.
        reps: Repetitions, or holds where holds are timed.
        days_due: Days on which it was due.
        days_done: Days on which all of it was done.
    """

    exercise_id: str
    sets: Achieved
    reps: Achieved
    days_due: int
    days_done: int


@dataclass(frozen=True, slots=True)
class Adherence:
    """A program over a stretch of days.

    Attributes:
        days: Every day with what was due and done, in their order.
        exercises: Every exercise that was due, in the order in which it first was.
    """

    days: tuple[DayTally, ...]
    exercises: tuple[ExerciseAdherence, ...]

    @property
    def sets(self) -> Achieved:
        """Return the sets of all exercises."""
        return sum((one.sets for one in self.exercises), Achieved())

    @property
    def reps(self) -> Achieved:
        """Return the repetitions and holds of all exercises."""
        return sum((one.reps for one in self.exercises), Achieved())

    @property
    def days_due(self) -> int:
        """Return the days on which something was due."""
        return sum(not one.rest for one in self.days)

    @property
    def days_begun(self) -> int:
        """Return the days on which some of it was done."""
        return sum(one.sets_done > 0 for one in self.days)

    @property
    def days_complete(self) -> int:
        """Return the days on which all of it was done."""
        return sum(one.complete for one in self.days)

    def only(self, exercise_id: str) -> Self:
        """Return the same of one exercise; the days stay those of the whole program."""
        mine = (one for one in self.exercises if one.exercise_id == exercise_id)
        return replace(self, exercises=tuple(mine))


def day_range(since: date, until: date) -> tuple[date, ...]:
    """Return the days from ``since`` to ``until``, both included; none the other way round."""
    return tuple(since + timedelta(days=ahead) for ahead in range((until - since).days + 1))


def adherence(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], days: Sequence[date], zone: tzinfo
) -> Adherence:
    """Return what was done of what was due.

    Args:
        versions: Those of one program; each day is judged by the one that held at its end.
        done: What was done by them.
        days: The days looked at. Of the present one what is not done yet counts as due.
        zone: The patient's.
    """
    by_exercise: dict[str, list[Due]] = {}
    tallies = []
    for day, times in daily_dues(versions, done, days, zone):
        tallies.append(tally_of(day, times))
        for one in times:
            by_exercise.setdefault(one.prescription.exercise_id, []).append(one)
    return Adherence(
        tuple(tallies), tuple(_exercise(key, dues) for key, dues in by_exercise.items())
    )


def good_form(counted: int, clean: int) -> bool:
    """Return whether a set of ``counted`` repetitions, ``clean`` of them, had good form."""
    return counted > 0 and clean >= GOOD_SHARE * counted


def _exercise(exercise_id: str, dues: Sequence[Due]) -> ExerciseAdherence:
    return ExerciseAdherence(
        exercise_id,
        sum((_sets(one) for one in dues), Achieved()),
        sum((_reps(one) for one in dues), Achieved()),
        len(dues),
        sum(one.complete for one in dues),
    )


def _sets(due: Due) -> Achieved:
    complete = [one for one in due.sets if one.complete]
    judged = [one for one in complete if one.clean is not None]
    good = [one for one in judged if good_form(one.counted, one.clean or 0)]
    return _capped(due.sets_due, due.sets_done + due.begun, due.sets_done, len(judged), len(good))


def _reps(due: Due) -> Achieved:
    judged = [one for one in due.sets if one.clean is not None]
    return _capped(
        due.sets_due * due.prescription.reps,
        sum(one.tried for one in due.sets),
        sum(one.counted for one in due.sets),
        sum(one.counted for one in judged),
        sum(one.clean or 0 for one in judged),
    )


def _capped(due: int, attempted: int, completed: int, judged: int, good: int) -> Achieved:
    attempted = min(attempted, due)
    completed = min(completed, attempted)
    # Of more than was due the same share is good.
    kept = min(judged, completed)
    return Achieved(due, attempted, completed, kept, round(good * kept / judged) if judged else 0)
