"""What is worth a warm word, and when it was reached: for the patient, and said once.

Nothing is praised that was not measured: a new best range is one that is further than every
earlier day by more than the two measurements' uncertainties, and never one beyond the safety
maximum. Rest days and missed days are not mentioned.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hep_vision.core.types import Side
from hep_vision.program.progress import DAYS_COMPARED, DayRange, DayWork, RangeCourse, sign_of
from hep_vision.program.schedule import DayTally

_REPS: Final = (100, 250, 500, 1_000, 2_500, 5_000)
_MORE_REPS: Final = 5_000
_DAYS_IN_A_ROW: Final = (7, 14, 30, 60, 100, 200, 365)
_MORE_DAYS: Final = 365
_WEEK_DAYS: Final = 7


class MilestoneKind(StrEnum):
    """What was reached; those first that are rarest."""

    RANGE = "range"
    REPS = "reps"
    DAYS = "days"
    WEEK = "week"


_RAREST_FIRST: Final = tuple(MilestoneKind)


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that was reached.

    Attributes:
        key: The same for the same milestone whenever it is worked out; tells it from the others
            of its program.
        kind: What was reached.
        day: When.
        number: Repetitions, days in a row, or the value of the range; 0 for a week.
        exercise_id: Of a range.
        side: Of a range.
        unit: Of a range: ``deg`` or ``ratio``.
    """

    key: str
    kind: MilestoneKind
    day: date
    number: float = 0.0
    exercise_id: str = ""
    side: Side = Side.BOTH
    unit: str = ""


def milestones(
    work: Iterable[DayWork], days: Sequence[DayTally], courses: Iterable[RangeCourse]
) -> tuple[Milestone, ...]:
    """Return what was reached, in the order of the days, the rarest of a day first.

    Args:
        work: What was done on every day since the beginning.
        days: What was due and done on every day from the beginning to the end of this week, in
            their order: a week is full once nothing more is due in it.
        courses: How far each side went in each exercise.
    """
    found = [*_reps(work), *_rows(days), *_weeks(days)]
    found += [one for course in courses for one in _bests(course)]
    return tuple(sorted(found, key=lambda one: (one.day, _RAREST_FIRST.index(one.kind), one.key)))


def in_words(milestone: Milestone, exercise_name: str) -> str:
    """Return one warm line for the patient.

    Args:
        milestone: What was reached.
        exercise_name: Name of its exercise, where it has one.
    """
    match milestone.kind:
        case MilestoneKind.REPS:
            return f"{milestone.number:.0f} repetitions since you began. Every one of them counts."
        case MilestoneKind.DAYS:
            return f"{milestone.number:.0f} days in a row with everything done. Wonderful."
        case MilestoneKind.WEEK:
            return "A full week: everything done. Well done!"
        case MilestoneKind.RANGE:
            side = "" if milestone.side is Side.BOTH else f", {milestone.side}"
            far = (
                f", about {5 * round(milestone.number / 5)} degrees"
                if milestone.unit == "deg"
                else ""
            )
            return f"{exercise_name}{side}: further than ever before{far}."


def _reps(work: Iterable[DayWork]) -> Iterator[Milestone]:
    total, ahead = 0, _ladder(_REPS, _MORE_REPS)
    step = next(ahead)
    for one in work:
        total += one.counted
        reached = None
        while total >= step:
            reached, step = step, next(ahead)
        if reached is not None:  # of two on one day the larger
            yield Milestone(f"reps-{reached}", MilestoneKind.REPS, one.day, reached)


def _rows(days: Sequence[DayTally]) -> Iterator[Milestone]:
    row, ahead = 0, _ladder(_DAYS_IN_A_ROW, _MORE_DAYS)
    step = next(ahead)
    for one in days:
        if one.rest:
            continue
        row = row + 1 if one.complete else 0
        if not row:
            ahead = _ladder(_DAYS_IN_A_ROW, _MORE_DAYS)
            step = next(ahead)
        elif row == step:
            key = f"days-{step}-{one.day.isoformat()}"
            yield Milestone(key, MilestoneKind.DAYS, one.day, step)
            step = next(ahead)


def _weeks(days: Sequence[DayTally]) -> Iterator[Milestone]:
    weeks: dict[date, list[DayTally]] = {}
    for one in days:
        weeks.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    for week in weeks.values():
        due = [one for one in week if not one.rest]
        # A week that the program began or is cut off in is no full one.
        if len(week) == _WEEK_DAYS and due and all(one.complete for one in due):
            year, number, _ = due[-1].day.isocalendar()
            yield Milestone(f"week-{year}-{number:02}", MilestoneKind.WEEK, due[-1].day)


def _bests(course: RangeCourse) -> Iterator[Milestone]:
    sign = sign_of(course.direction)
    best: DayRange | None = None
    for place, one in enumerate(course.days):
        beyond_limit = sign * (one.value - one.limit) > 0
        if beyond_limit:
            continue
        if best is None or sign * (one.value - best.value) > 0:
            clear = best is not None and abs(one.value - best.value) > math.hypot(
                one.uncertainty, best.uncertainty
            )
            if clear and place >= DAYS_COMPARED:
                key = f"range-{course.exercise_id}-{course.side}-{one.day.isoformat()}"
                yield Milestone(
                    key,
                    MilestoneKind.RANGE,
                    one.day,
                    one.value,
                    course.exercise_id,
                    course.side,
                    course.unit,
                )
            # What is better by less than the uncertainty is no new best: else ten small steps, each
            # of them chance, would put it out of reach.
            if best is None or clear or place < DAYS_COMPARED:
                best = one


def _ladder(steps: Sequence[int], more: int) -> Iterator[int]:
    yield from steps
    step = steps[-1]
    while True:
        step += more
        yield step
