"""What one measure does while another goes from rest to goal, by an exercise's own figure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Combine, CountSignal, Direction, ExerciseDefinition
from hep_vision.core.figure import TRUNK_M, movement_m
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.types import FloatArray, Side, View

_SHARES: Final = np.linspace(0.0, 1.5, 61)
"""Of the way from rest to goal; whoever goes further is met on the same line."""
_TURN_DEG: Final = {View.FRONT: 0.0, View.OBLIQUE: 45.0, View.SIDE: 90.0}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """How far the reported measure and a count signal have gone, step by step; both grow.

    Attributes:
        reported: (T,) ranges from rest, from 0, strictly increasing.
        counted: (T,) likewise.
    """

    reported: FloatArray
    counted: FloatArray

    def counted_at(self, reported: float) -> float:
        """Return how far the signal has gone when the reported measure has gone that far."""
        return _along(reported, self.reported, self.counted)

    def reported_at(self, counted: float) -> float:
        """Return how far the reported measure has gone when the signal has gone that far."""
        return _along(counted, self.counted, self.reported)


def drawn_curve(exercise: ExerciseDefinition, signal: CountSignal) -> Curve | None:
    """Return both measures over the exercise's figure, each seen from a view that shows it.

    Returns:
        None where the exercise has no ``[motion]``, or a measure does not move in it.
    """
    if exercise.motion is None:
        return None
    reported = exercise.shown
    body_m = movement_m(exercise.motion, _SHARES, _worker(exercise))
    seen = _seen(body_m, reported.measure, _view(exercise, MEASURES[reported.measure].views))
    counted = _seen(body_m, signal.measure, _view(exercise, signal.views))
    if reported.direction is Direction.DECREASE:
        seen = -seen
    if signal.direction is Direction.DECREASE:
        counted = -counted
    both = _growing(_working(seen, exercise)), _growing(_combined(counted, signal, exercise))
    return None if min(both[0][-1], both[1][-1]) <= _STILL else Curve(*both)


_STILL: Final = 1e-3


def _worker(exercise: ExerciseDefinition) -> Side:
    return Side.BOTH if exercise.side is Side.BOTH else Side.LEFT


def _view(exercise: ExerciseDefinition, views: tuple[View, ...]) -> View:
    preferred = (exercise.camera.view, View.SIDE, View.FRONT, View.OBLIQUE)
    return next(view for view in preferred if view in views)


def _seen(body_m: FloatArray, measure: str, view: View) -> FloatArray:
    """Return a measure of the figure, (T, 2) by side."""
    turn = np.radians(_TURN_DEG[view])
    forward, up, left = np.moveaxis(body_m, -1, 0)
    across = np.cos(turn) * left + np.sin(turn) * forward
    depth = np.sin(turn) * left - np.cos(turn) * forward
    space = np.stack([across, -up, depth], axis=-1)
    one = np.ones(len(body_m))
    seen = measure_pose((measure,), space[..., :2], space, TRUNK_M * one, one)
    return np.asarray(seen[:, 0])


def _working(values: FloatArray, exercise: ExerciseDefinition) -> FloatArray:
    return np.asarray(values.mean(axis=1) if _worker(exercise) is Side.BOTH else values[:, 0])


def _combined(values: FloatArray, signal: CountSignal, exercise: ExerciseDefinition) -> FloatArray:
    """Return what the counter makes of two sides, (T,)."""
    if signal.combine is Combine.DIFFERENCE:
        return values[:, 0] - values[:, 1]
    if signal.combine is Combine.SMALLER:
        return np.asarray(values.min(axis=1))
    if signal.combine is Combine.LARGER:
        return np.asarray(values.max(axis=1))
    return _working(values, exercise)


def _growing(values: FloatArray) -> FloatArray:
    """Return the range from rest, made to grow a little where it stands still or goes back."""
    steps = np.arange(len(values)) * 1e-9
    return np.asarray(np.maximum.accumulate(values - values[0]) + steps)


def _along(value: float, over: FloatArray, under: FloatArray) -> float:
    if value > over[-1]:
        return float(value * under[-1] / over[-1])
    return float(np.interp(value, over, under))
