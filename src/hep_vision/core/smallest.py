"""The smallest repetition that counts, said in the measure that people are shown."""

from dataclasses import replace
from typing import Final

from hep_vision.core.definition import (
    Combine,
    CountSignal,
    ExerciseDefinition,
    Guard,
    Reported,
)
from hep_vision.core.projection import drawn_curve

SMALLEST_SHARE: Final = 0.3
"""Of the catalogue's smallest repetition; below it the landmarks of a person at rest begin to look
like movement (own judgement)."""
_USUAL_SHARE: Final = 0.3
"""Of the way to the goal: what ``minimum_rom`` is for where nothing tells, as in most exercises."""
_TOLERANCE: Final = 0.75


def smallest_range(exercise: ExerciseDefinition, share: float = 1.0) -> float:
    """Return the range of the reported measure in a share of the smallest repetition.

    Of several signals, the one that asks for most; 0 where nothing is counted.
    """
    return max((_as_reported(exercise, signal, share) for signal in exercise.count), default=0.0)


def with_smallest(exercise: ExerciseDefinition, minimum: float) -> ExerciseDefinition:
    """Return the exercise with its smallest repetition set in the reported measure.

    The counter follows a signal that need not be the reported measure: a squat shows the knee and
    counts the hip. So the minimum becomes an excursion of each signal:

    - Where the signal is the reported measure, or the same joint in depth, it is the minimum.
    - Where it is another, the exercise's own figure says how far the signal goes when the reported
      measure has gone as far as the minimum. People do not move like the figure, so three quarters
      of that (own judgement) opens a repetition, and whether it counts is judged by the reported
      measure itself (`Reported.minimum`). From a view that does not show it, the three quarters
      stand.
    - Without a figure, ``minimum_rom`` is taken to be for a share of the way to the goal.

    Guards that demand a movement ask for less in proportion, else a small repetition would be
    called another movement. What no body can do (``jump``) does not change with what is asked.
    """
    count, shares = [], []
    for signal in exercise.count:
        least = _in_signal(exercise, signal, minimum)
        if not _same_joint(signal, exercise.shown):
            least = max(_TOLERANCE * least, SMALLEST_SHARE * signal.minimum_rom)
        jump = signal.minimum_rom if signal.jump is None else signal.jump
        count.append(replace(signal, minimum_rom=least, jump=jump))
        shares.append(least / signal.minimum_rom)
    share = min(1.0, *shares)
    guards = tuple(_demanding(guard, share) for guard in exercise.guards)
    return replace(exercise, count=tuple(count), guards=guards)


def _demanding(guard: Guard, share: float) -> Guard:
    low, high = guard.change_min, guard.change_max
    return replace(
        guard,
        change_min=low * share if low is not None and low > 0.0 else low,
        change_max=high * share if high is not None and high < 0.0 else high,
    )


def _same_joint(signal: CountSignal, reported: Reported) -> bool:
    return (
        signal.combine is not Combine.DIFFERENCE
        and signal.measure.removesuffix("_depth") == reported.measure
    )


def _in_signal(exercise: ExerciseDefinition, signal: CountSignal, reported_rom: float) -> float:
    """Return how far a signal goes when the reported measure has gone ``reported_rom``."""
    if _same_joint(signal, exercise.shown):
        return reported_rom
    curve = drawn_curve(exercise, signal)
    if curve is not None:
        return curve.counted_at(reported_rom)
    return signal.minimum_rom * reported_rom / (_USUAL_SHARE * _way(exercise.shown))


def _as_reported(exercise: ExerciseDefinition, signal: CountSignal, share: float = 1.0) -> float:
    """Return how far the reported measure goes in a share of the smallest repetition."""
    if _same_joint(signal, exercise.shown):
        return share * signal.minimum_rom
    curve = drawn_curve(exercise, signal)
    if curve is not None:
        return curve.reported_at(share * signal.minimum_rom)
    return share * _USUAL_SHARE * _way(exercise.shown)


def _way(reported: Reported) -> float:
    return abs(reported.goal - reported.rest)
