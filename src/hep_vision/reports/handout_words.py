"""A prescription in plain words: "2 sets of 10, each held for 5 seconds"."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Final

from hep_vision.core.definition import Combine, ExerciseDefinition, Kind
from hep_vision.core.types import Side
from hep_vision.program.spec import WEEK, Prescription, Weekday, Works
from hep_vision.reports.progress_story import in_words

_DAYS: Final = dict(
    zip(
        WEEK,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
_STRAIGHT: Final = "0° is straight, 90° is a right angle."
_ARM: Final = "0° is hanging down, 90° is level with the shoulder."
_ANGLES: Final[Mapping[str, tuple[str, str]]] = {
    "knee_flexion": ("Bend of the knee", _STRAIGHT),
    "hip_flexion": ("Bend of the hip", _STRAIGHT),
    "elbow_flexion": ("Bend of the elbow", _STRAIGHT),
    "shoulder_elevation": ("Arm lifted", _ARM),
    "shoulder_flexion": ("Arm lifted forwards", _ARM),
    "shoulder_abduction": ("Arm lifted sideways", _ARM),
    "hip_abduction": ("Leg lifted sideways", "0° is straight."),
    "trunk_elevation": ("Upper body lifted", "0° is lying flat, 90° is upright."),
}
"""Shown measures that can be pictured without a drawing: name, and what zero is."""
_TIMED: Final = (Kind.TIMED_HOLD, Kind.SELF_TIMED)


def day_in_words(day: date) -> str:
    """Return "Tuesday 24 November 2026", whatever the language of the machine."""
    return f"{_DAYS[WEEK[day.weekday()]]} {in_words(day)}"


def short_day(day: Weekday | date) -> str:
    """Return "Mon"."""
    return _DAYS[WEEK[day.weekday()] if isinstance(day, date) else day][:3]


def dose_in_words(one: Prescription, exercise: ExerciseDefinition) -> str:
    """Return "2 sets of 10, each held for 5 seconds", or "3 holds of 20 seconds"."""
    return _dose(one, exercise, ", each held for ")


def _dose(one: Prescription, exercise: ExerciseDefinition, held_for: str) -> str:
    hold_ms = exercise.dose.hold_ms if one.hold_ms is None else one.hold_ms
    if exercise.kind not in _TIMED:
        held = f"{held_for}{_duration(hold_ms)}" if hold_ms else ""
        return f"{_counted(one.sets, 'set')} of {one.reps}{held}"
    of = f" of {_duration(hold_ms)}" if hold_ms else ""
    if one.reps == 1:
        return f"{_counted(one.sets, 'hold')}{of}"
    return f"{_counted(one.sets, 'set')} of {_counted(one.reps, 'hold')}{of}"


def side_in_words(one: Prescription, exercise: ExerciseDefinition) -> str:
    """Return which side works; nothing where both work alike."""
    if one.works is Works.EACH:
        return f"Each side: {_counted(one.sets, 'set')} left and {_counted(one.sets, 'set')} right."
    if one.works in (Works.LEFT, Works.RIGHT):
        return f"Your {one.works} side."
    if exercise.side in (Side.LEFT, Side.RIGHT):
        return f"Your {exercise.side} side."
    if exercise.side is Side.BOTH or exercise.kind is Kind.SELF_TIMED:
        return ""
    if any(signal.combine is Combine.EACH for signal in exercise.count):
        return "Left and right take turns."
    return "As your therapist showed you."


def when_in_words(one: Prescription) -> str:
    """Return "Monday, Wednesday and Friday at 09:00 and 18:00", or "Every day, twice"."""
    days = "Every day" if one.days == WEEK else _listed([_DAYS[day] for day in one.days])
    if one.times:
        return f"{days}{_at(one.times)}"
    if one.times_per_day == 1:
        return days
    return f"{days}, {one.times_per_day} times a day"


def amount_in_words(one: Prescription, exercise: ExerciseDefinition) -> str:
    """Return "2 sets of 10, hold 5 seconds, each side, at 09:00": all that fits beside a week."""
    side = {Works.EACH: ", each side", Works.NONE: ""}.get(one.works, f", {one.works} side")
    at = f",{_at(one.times)}" if one.times else ""
    return f"{_dose(one, exercise, ', hold ')}{side}{at}"


def rest_in_words(one: Prescription, exercise: ExerciseDefinition) -> str:
    """Return how long to rest; nothing where there is one set, or no rest."""
    rest_ms = exercise.dose.rest_ms if one.rest_ms is None else one.rest_ms
    if not rest_ms or one.sets * len(one.sides) == 1:
        return ""
    return f"{_duration(rest_ms)} between sets"


def pace_in_words(one: Prescription) -> str:
    """Return "2 seconds there, 1 second held, 3 seconds back"; nothing where none is set."""
    if one.tempo is None:
        return ""
    held = [f"{_duration(one.tempo.hold_ms)} held"] if one.tempo.hold_ms else []
    there, back = _duration(one.tempo.out_ms), _duration(one.tempo.back_ms)
    return ", ".join([f"{there} there", *held, f"{back} back"])


def targets_in_words(one: Prescription) -> str:
    """Return goal, smallest range and limit where they are set.

    Only angles that people can picture are named; all else is "as your therapist showed you".
    """
    targets = one.targets
    if targets is None or (targets.goal, targets.limit, targets.minimum) == (None, None, None):
        return ""
    name, zero = _ANGLES.get(targets.measure or "", ("", ""))
    if not name or min(targets.goal or 0.0, targets.limit or 0.0) < 0.0:
        return "As far as your therapist showed you, and no further."
    parts = []
    if targets.goal is not None:
        parts.append(f"aim for about {targets.goal:g}°")
    if targets.limit is not None:
        parts.append(f"go no further than {targets.limit:g}°")
    if targets.minimum is not None:
        parts.append(f"a movement counts from {targets.minimum:g}° on")
    return f"{name}: {'; '.join(parts)}. {zero} Your therapist shows you how far that is."


def _at(times: Sequence[time]) -> str:
    return f" at {_listed([at.isoformat('minutes') for at in times])}" if times else ""


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _duration(duration_ms: int) -> str:
    if duration_ms and duration_ms % 60_000 == 0:
        return _counted(duration_ms // 60_000, "minute")
    number = f"{duration_ms / 1000:g}"
    return f"{number} second" if number == "1" else f"{number} seconds"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
