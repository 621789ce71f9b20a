"""The week of a program: at which times of which days something is to be done, and for how long.

    for one in weekly(program, time(9)):
        first_day(one, program.start), one.at, length_ms(one, find)

All exercises of one time of one day belong together, so that nobody is called twice at once; the
days on which the same is due at a time make one pattern. The figures below are our own judgement.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Final

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.errors import ProgramError
from hep_vision.program.spec import WEEK, Prescription, Program, Weekday

_EVENING_MIN: Final = 19 * 60
_CLOSEST_MIN: Final = 30
_STEP_MIN: Final = 5

_REPETITION_MS: Final = 4_000  # where no tempo says it
_GETTING_READY_MS: Final = 60_000
_TAKING_UP_MS: Final = 3_000  # until a posture is held
_ROUNDED_TO_MS: Final = _STEP_MIN * 60_000


@dataclass(frozen=True, slots=True)
class Weekly:
    """What is to be done at one time of the same days of every week.

    Attributes:
        at: By the patient's clock, in whole seconds.
        days: In their order.
        prescriptions: In the program's order.
        key: Tells it from the others of its program. Times that the program leaves to the patient
            are in it by their place in the day, so that moving them does not change it.
    """

    at: time
    days: tuple[Weekday, ...]
    prescriptions: tuple[Prescription, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """The week of one version, and what it takes the place of: what a calendar is to hold.

    Attributes:
        program_id: UUID of the program.
        version: Number of its version.
        entered_at: When that was entered, with its offset from UTC.
        start: First day that the version decides.
        review: Last day that is written.
        week: What is to be done, each at least once until the review.
        ended: What earlier versions asked for and this one does not, to be taken out again.
    """

    program_id: str
    version: int
    entered_at: datetime
    start: date
    review: date
    week: tuple[Weekly, ...]
    ended: tuple[Weekly, ...] = ()


@dataclass(frozen=True, slots=True)
class _Slot:
    """A time of the day, and what it is called in a key."""

    at: time
    name: str


def weekly(program: Program, anytime: time) -> tuple[Weekly, ...]:
    """Return the week of a program, by time and then by day.

    Args:
        program: The program.
        anytime: When to do what has no time. What is due several times a day begins then, and is
            spread evenly until 19:00.

    Raises:
        ProgramError: Too little of the day is left for that.
    """
    found: dict[time, dict[Weekday, list[tuple[Prescription, str]]]] = {}
    for one in program.exercises:
        for slot in _slots(one, anytime):
            for day in one.days:
                due = found.setdefault(slot.at, {}).setdefault(day, [])
                if all(other is not one for other, _ in due):
                    due.append((one, slot.name))
    return tuple(one for at in sorted(found) for one in _patterns(at, found[at]))


def first_day(one: Weekly, start: date) -> date:
    """Return the first of its days that is not before ``start``."""
    week = (start + timedelta(days=ahead) for ahead in range(len(WEEK)))
    return next(day for day in week if WEEK[day.weekday()] in one.days)


def length_ms(one: Weekly, find: Callable[[str], ExerciseDefinition]) -> int:
    """Return about how long it takes, rounded up to five minutes.

    A repetition without a tempo counts as 4 s and its hold, getting ready for an exercise as a
    minute.

    Raises:
        ExerciseSpecError: An exercise is not here any more.
    """
    whole = sum(_length_ms(each, find(each.exercise_id)) for each in one.prescriptions)
    return -(-whole // _ROUNDED_TO_MS) * _ROUNDED_TO_MS


def _patterns(at: time, due: dict[Weekday, list[tuple[Prescription, str]]]) -> Iterator[Weekly]:
    groups: dict[tuple[int, ...], list[Weekday]] = {}
    for day in WEEK:
        if day in due:
            groups.setdefault(tuple(id(one) for one, _ in due[day]), []).append(day)
    for days in groups.values():
        prescriptions, names = zip(*due[days[0]], strict=True)
        key = f"{'+'.join(sorted({*names}))} {','.join(days)}"
        yield Weekly(at, tuple(days), prescriptions, key)


def _slots(one: Prescription, anytime: time) -> Iterator[_Slot]:
    if one.times:
        for at in one.times:
            whole = at.replace(microsecond=0)
            yield _Slot(whole, whole.isoformat())
        return
    gaps = one.times_per_day - 1
    begin_min = 60 * anytime.hour + anytime.minute
    if gaps and (_EVENING_MIN - begin_min) < gaps * _CLOSEST_MIN:
        latest = _time(_EVENING_MIN - gaps * _CLOSEST_MIN)
        raise ProgramError(
            f"From {anytime:%H:%M} on there is no room for {one.times_per_day} times a day; "
            f"begin at {latest:%H:%M} or earlier."
        )
    for number in range(one.times_per_day):
        part = Fraction(number, gaps or 1)
        ahead_min = int(part * (_EVENING_MIN - begin_min)) // _STEP_MIN * _STEP_MIN
        yield _Slot(_time(begin_min + ahead_min), f"any {part}")


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _length_ms(one: Prescription, exercise: ExerciseDefinition) -> int:
    hold_ms = exercise.dose.hold_ms if one.hold_ms is None else one.hold_ms
    rest_ms = exercise.dose.rest_ms if one.rest_ms is None else one.rest_ms
    if exercise.kind in (Kind.TIMED_HOLD, Kind.SELF_TIMED):
        each_ms = _TAKING_UP_MS + hold_ms
    elif one.tempo is not None:
        each_ms = one.tempo.whole_ms - one.tempo.hold_ms + max(one.tempo.hold_ms, hold_ms)
    else:
        each_ms = _REPETITION_MS + hold_ms
    sets = one.sets * len(one.sides)
    return _GETTING_READY_MS + sets * one.reps * each_ms + (sets - 1) * rest_ms
