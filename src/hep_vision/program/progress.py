"""How it went, day by day: how far, how much, how well, and how it felt.

    course = range_courses(sets, exercise, zone)[0]
    course.change                    # what can be said of it, and what cannot

One camera is 7 to 15 degrees off, and from another side it is off by another amount. So only what
was seen from the same view is compared, a day's range is the mean of its best repetitions, and a
change is claimed only where it is larger than such a measurement changes by itself.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from statistics import median
from typing import Final, TypeVar

from hep_vision.core.definition import Direction, ExerciseDefinition
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import ReportKind, Side, View
from hep_vision.program.performed import BEST_REPS, Felt, PerformedSet, SideRange
from hep_vision.program.schedule import local_day

DAYS_COMPARED: Final = 3
"""Days at either end of a course that are compared, by their median (own judgement)."""
_LEAST_CHANGE_DEG: Final = 15.0
_LEAST_CHANGE_HIP_DEG: Final = 20.0
_HARDER_TO_SEE: Final = ("hip", "trunk", "pelvis", "thigh")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class DayRange:
    """How far one side went on one day.

    Attributes:
        day: The patient's day.
        value: Mean of the best repetitions, in the unit of the measure.
        uncertainty: Half-width of its interval. What one camera gets wrong it gets wrong in every
            repetition, so that the mean of several is no more certain than one.
        reps: Of how many repetitions it is the mean, 1 to `BEST_REPS`.
        goal: What was aimed at.
        limit: Safety maximum.
    """

    day: date
    value: float
    uncertainty: float
    reps: int
    goal: float
    limit: float


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a range, from the first days to the last.

    Attributes:
        before: Median of the first days.
        now: Median of the last days.
        least: Smallest difference that is claimed.
        toward_goal: Whether it went in the direction of the exercise.
    """

    before: float
    now: float
    least: float
    toward_goal: bool

    @property
    def difference(self) -> float:
        """Return how much more it is now."""
        return self.now - self.before

    @property
    def claimed(self) -> bool:
        """Whether it is more than such a measurement changes by itself."""
        return abs(self.difference) >= self.least


@dataclass(frozen=True, slots=True)
class RangeCourse:
    """How far one side went, day by day, seen from one view.

    Attributes:
        exercise_id: Id of the exercise.
        side: The side that worked.
        measure: What is measured.
        unit: ``deg`` or ``ratio``.
        direction: Which way it goes.
        view: Where it was seen from: the exercise's own view, or else the one most often used.
        days: In their order; at least one.
        left_out: Sets that were seen from another view, and are not in it.
        change: None while there are too few days.
    """

    exercise_id: str
    side: Side
    measure: str
    unit: str
    direction: Direction
    view: View
    days: tuple[DayRange, ...]
    left_out: int
    change: Change | None

    @property
    def best(self) -> DayRange:
        """Return the day on which it went furthest."""
        return max(self.days, key=lambda one: sign_of(self.direction) * one.value)


def range_courses(
    sets: Iterable[PerformedSet], exercise: ExerciseDefinition, zone: tzinfo
) -> tuple[RangeCourse, ...]:
    """Return how far each side went in one exercise, left before right.

    Args:
        sets: What was done; those of other exercises are passed over.
        exercise: The exercise, with the catalogue's targets.
        zone: The patient's.

    Returns:
        None where nothing was measured: no repetition counted, no view that shows it, or an
        exercise that reports nothing.
    """
    if exercise.reported is None:
        return ()
    mine = [one for one in sets if one.exercise_id == exercise.id and one.ranges]
    found = ((side, _of_side(mine, side)) for side in (Side.LEFT, Side.RIGHT, Side.BOTH))
    return tuple(_course(exercise, side, seen, zone) for side, seen in found if seen)


def sign_of(direction: Direction) -> int:
    """Return 1 where more is further, and -1 where less is."""
    return 1 if direction is Direction.INCREASE else -1


def least_change(measure: str, first: float, last: float) -> float:
    """Return the smallest difference of a measure that is claimed as a change, in its unit.

    15 deg, and 20 deg where the hip or the trunk is part of it: no figure for a single camera at
    home is known, and a goniometer in trained hands needs 4 to 14 deg (KOLBER2010).
    Never less than the two uncertainties together.

    Args:
        measure: Its name.
        first: Uncertainty of the one value.
        last: Uncertainty of the other.
    """
    together = math.hypot(first, last)
    if MEASURES[measure].unit != "deg":
        return together
    hard = any(part in measure for part in _HARDER_TO_SEE)
    return max(together, _LEAST_CHANGE_HIP_DEG if hard else _LEAST_CHANGE_DEG)


_Seen = list[tuple[PerformedSet, SideRange]]


def _of_side(sets: Sequence[PerformedSet], side: Side) -> _Seen:
    return [(one, each) for one in sets for each in one.ranges if each.side is side]


def _course(exercise: ExerciseDefinition, side: Side, seen: _Seen, zone: tzinfo) -> RangeCourse:
    reported = exercise.shown
    view = _view(exercise, seen)
    like = [(one, each) for one, each in seen if one.view is view]
    days: dict[date, _Seen] = {}
    for one, each in sorted(like, key=lambda pair: pair[0].at):
        days.setdefault(local_day(one.at, zone), []).append((one, each))
    ranges = tuple(_day(day, found, exercise) for day, found in days.items())
    return RangeCourse(
        exercise.id,
        side,
        reported.measure,
        MEASURES[reported.measure].unit,
        reported.direction,
        view,
        ranges,
        len(seen) - len(like),
        _change(ranges, reported.measure, reported.direction),
    )


def _view(exercise: ExerciseDefinition, seen: _Seen) -> View:
    views = [one.view or View.UNKNOWN for one, _ in seen]
    own = exercise.camera.view
    return own if own in views else max(sorted(set(views)), key=views.count)


def _day(day: date, found: _Seen, exercise: ExerciseDefinition) -> DayRange:
    reported = exercise.shown
    sign = sign_of(reported.direction)
    peaks = sorted((peak for _, each in found for peak in each.peaks), key=lambda v: -sign * v)
    best = peaks[:BEST_REPS]
    targets = found[-1][0].targets
    goal = targets.goal if targets is not None else None
    limit = targets.limit if targets is not None else None
    return DayRange(
        day,
        sum(best) / len(best),
        max(each.uncertainty for _, each in found),
        len(best),
        reported.goal if goal is None else goal,
        reported.limit if limit is None else limit,
    )


def _change(days: Sequence[DayRange], measure: str, direction: Direction) -> Change | None:
    if len(days) < 2 * DAYS_COMPARED:
        return None
    first, last = days[:DAYS_COMPARED], days[-DAYS_COMPARED:]
    before, now = (median(one.value for one in part) for part in (first, last))
    least = least_change(
        measure, max(one.uncertainty for one in first), max(one.uncertainty for one in last)
    )
    return Change(before, now, least, sign_of(direction) * (now - before) > 0)


# -- how much, how well, how it felt --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayWork:
    """What was done on one day.

    Attributes:
        day: The patient's day.
        sets: Sets that got to their end.
        counted: Repetitions or holds that count.
        held_ms: Time held.
        judged: Of the counted, those whose form could be judged.
        clean: Of the judged, those without a deviation that matters.
    """

    day: date
    sets: int
    counted: int
    held_ms: int
    judged: int
    clean: int

    @property
    def clean_share(self) -> float | None:
        """Return the share of the judged that were clean; None where nothing was judged."""
        return self.clean / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class DayFeeling:
    """What was said on one day; of several answers the worst, and None where nobody was asked.

    Attributes:
        day: The day of the sitting that it is about.
        before: Pain before, 0 to 10.
        after: Pain after, 0 to 10.
        next_morning: Pain on the morning after, 0 to 10.
        effort: 0 to 10.
    """

    day: date
    before: int | None
    after: int | None
    next_morning: int | None
    effort: int | None


def work_by_day(sets: Iterable[PerformedSet], zone: tzinfo) -> tuple[DayWork, ...]:
    """Return what was done on each day on which something was."""
    return tuple(_work(day, found) for day, found in _by_day(sets, lambda one: one.at, zone))


def feeling_by_day(said: Iterable[Felt], zone: tzinfo) -> tuple[DayFeeling, ...]:
    """Return what was said of each day of which something was."""
    return tuple(_feeling(day, found) for day, found in _by_day(said, lambda one: one.at, zone))


@dataclass(frozen=True, slots=True)
class FlagShare:
    """How often a deviation was seen.

    Attributes:
        exercise_id: In which exercise.
        check_id: Id of the deviation there.
        seen: In how many repetitions or holds.
        judged: Of how many whose form could be judged.
    """

    exercise_id: str
    check_id: str
    seen: int
    judged: int


def most_frequent_flags(sets: Iterable[PerformedSet]) -> tuple[FlagShare, ...]:
    """Return the deviations of all sets, the most frequent first."""
    seen: dict[tuple[str, str], int] = {}
    judged: dict[str, int] = {}
    for one in sets:
        if one.clean is not None:
            judged[one.exercise_id] = judged.get(one.exercise_id, 0) + one.counted
        for flag, count in one.flags.items():
            key = one.exercise_id, flag
            seen[key] = seen.get(key, 0) + count
    found = [
        FlagShare(exercise_id, check_id, count, max(count, judged.get(exercise_id, 0)))
        for (exercise_id, check_id), count in seen.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.seen, one.exercise_id, one.check_id)))


def _by_day(
    values: Iterable[_Value], at: Callable[[_Value], datetime], zone: tzinfo
) -> list[tuple[date, list[_Value]]]:
    days: dict[date, list[_Value]] = {}
    for one in sorted(values, key=at):
        days.setdefault(local_day(at(one), zone), []).append(one)
    return list(days.items())


def _work(day: date, sets: Sequence[PerformedSet]) -> DayWork:
    judged = [one for one in sets if one.clean is not None]
    return DayWork(
        day,
        sum(one.finished for one in sets),
        sum(one.counted for one in sets),
        sum(one.held_ms for one in sets),
        sum(one.counted for one in judged),
        sum(one.clean or 0 for one in judged),
    )


def _feeling(day: date, said: Sequence[Felt]) -> DayFeeling:
    def worst(kind: ReportKind) -> int | None:
        return max((one.value for one in said if one.kind is kind), default=None)

    return DayFeeling(
        day,
        worst(ReportKind.PAIN_BEFORE),
        worst(ReportKind.PAIN_AFTER),
        worst(ReportKind.PAIN_NEXT_MORNING),
        worst(ReportKind.EFFORT),
    )
