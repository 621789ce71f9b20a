"""The exercises of the catalogue that say how the body moves, done and filmed by the figure."""

import numpy as np

import synthetic
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.figure import movement_m
from hep_vision.core.types import PoseFrame, Side, View
from hep_vision.exercises.loading import catalogue
from synthetic import Array, Camera, Effort

MOVING = {name: found for name, found in sorted(catalogue().items()) if found.motion is not None}


def sides_of(exercise: ExerciseDefinition) -> tuple[Side, ...]:
    return (Side.BOTH,) if exercise.side is Side.BOTH else (Side.LEFT, Side.RIGHT)


def views_of(exercise: ExerciseDefinition) -> list[View]:
    """The camera's view first, then the others that a signal or a hold names."""
    named = {view for signal in (*exercise.count, *exercise.hold) for view in signal.views}
    return [exercise.camera.view, *sorted(named - {exercise.camera.view})]


def done_by(
    exercise: ExerciseDefinition, plan: list[Effort], side: Side, fault: str | None = None
) -> synthetic.Motion:
    """The exercise done as planned; an amplitude is a share of the way to the goal."""

    def body(time_ms: Array) -> Array:
        assert exercise.motion is not None
        share = synthetic.excursion(time_ms, plan)[:, 0]
        return np.asarray(movement_m(exercise.motion, share, side, fault))

    return synthetic.Motion(body, synthetic.total_ms(plan), synthetic.place(plan))


def times(count: int, share: float, hold_ms: int = 0) -> list[Effort]:
    return [Effort(share, duration_ms=1_800, hold_ms=hold_ms, pause_ms=600)] * count


def filmed(motion: synthetic.Motion, view: View, side: Side) -> list[PoseFrame]:
    """The working side is the near one where sides differ in that."""
    return synthetic.record(motion, Camera(view=view, faces_right=side is not Side.LEFT), fps=15)
