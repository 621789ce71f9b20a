"""Which repetitions a clip shows, and what is wrong with some of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hep_vision.core.definition import Check, ExerciseDefinition, Kind, Operator, RepValue
from hep_vision.core.figure import TRUNK_M, movement_m, seen_from
from hep_vision.core.form import check_views
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.reps import side_values
from hep_vision.core.types import Side, View

FPS: Final = 10
GRID: Final = 12
"""Steps from rest to goal; every one is rendered once and shown wherever the body is there."""
FIRST_REST_S: Final = 1.6
LAST_REST_S: Final = 1.2
PAUSE_S: Final = 0.6
GO_S: Final = 1.3
STAY_S: Final = 0.6
_SHORTEST_S: Final = 0.4
_FASTER: Final = 0.55
_SLOWER: Final = 1.4
_SHORT_OF_GOAL: Final = 0.07
_LEAST_SHARE: Final = 0.64
"""Less than that may be no repetition but an attempt: the counter's own rule is 0.55."""


@dataclass(frozen=True, slots=True)
class Step:
    """One repetition or hold.

    Attributes:
        fault: Fault of the `[motion]` that is made on the way.
        planted: Checks that must be flagged.
        top: Grid step that is reached.
    """

    out_s: float
    stay_s: float
    back_s: float
    fault: str | None = None
    planted: tuple[str, ...] = ()
    top: int = GRID

    @property
    def total_s(self) -> float:
        """Seconds from leaving rest to being back."""
        return self.out_s + self.stay_s + self.back_s


@dataclass(frozen=True, slots=True)
class Scene:
    """What is shown of one exercise from one view."""

    exercise_id: str
    view: View
    side: Side
    variant: int
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """A name for tables and files."""
        return f"{self.exercise_id}-{self.view}-{self.variant}"

    @property
    def seed(self) -> int:
        """A number of its own, the same every time."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4], "big")

    def spans_ms(self) -> list[tuple[int, int]]:
        """Return when each repetition leaves rest and is back there."""
        spans, start_s = [], FIRST_REST_S
        for step in self.steps:
            spans.append((round(1000 * start_s), round(1000 * (start_s + step.total_s))))
            start_s += step.total_s + PAUSE_S
        return spans

    def frames(self) -> list[tuple[str | None, int]]:
        """Return the fault and the grid step of every frame."""
        end_s = self.spans_ms()[-1][1] / 1000 + LAST_REST_S
        shown: list[tuple[str | None, int]] = []
        for frame in range(round(end_s * FPS)):
            shown.append(self._at(1000.0 * frame / FPS))
        return shown

    def _at(self, time_ms: float) -> tuple[str | None, int]:
        for step, (start_ms, end_ms) in zip(self.steps, self.spans_ms(), strict=True):
            if start_ms <= time_ms < end_ms:
                index = round(step.top * _share(step, (time_ms - start_ms) / 1000))
                return (step.fault if index else None), index
        return None, 0


def _share(step: Step, since_s: float) -> float:
    if since_s < step.out_s:
        return _eased(since_s / step.out_s)
    since_s -= step.out_s + step.stay_s
    return 1.0 if since_s < 0.0 else 1.0 - _eased(since_s / step.back_s)


def _eased(way: float) -> float:
    return 0.5 - 0.5 * float(np.cos(np.pi * min(way, 1.0)))


def views_of(exercise: ExerciseDefinition) -> list[View]:
    """Return the camera's view first, then the others from which the exercise is followed."""
    named = {view for signal in (*exercise.count, *exercise.hold) for view in signal.views}
    return [exercise.camera.view, *sorted(named - {exercise.camera.view, View.OBLIQUE})]


def view_of(check: Check, exercise: ExerciseDefinition) -> View | None:
    """Return the first view of an exercise from which a check is judged."""
    return next((view for view in views_of(exercise) if view in check_views(check)), None)


def scenes(exercise: ExerciseDefinition, variants: int) -> Iterator[Scene]:
    """Yield what is filmed of an exercise: the camera's own view, and others that faults need."""
    if exercise.motion is None:
        return
    usual = _usual(exercise)
    for view in views_of(exercise):
        planted = [
            *_wrong_ways(exercise, view, usual),
            *(_wrong_times(exercise, usual) if view is exercise.camera.view else ()),
        ]
        if not planted and view is not exercise.camera.view:
            continue
        for variant in range(variants):
            side = Side.BOTH if exercise.side is Side.BOTH else list(Side)[variant % 2]
            yield Scene(exercise.id, view, side, variant, _mixed(planted, usual))


def _mixed(planted: Sequence[Step], usual: Step) -> tuple[Step, ...]:
    """Return two good repetitions, the faulty ones, and a good one between and after them."""
    less = replace(usual, top=GRID - 1)
    half = (len(planted) + 1) // 2
    return (usual, less, *planted[:half], usual, *planted[half:], *([less] if half > 1 else []))


def _bound_s(exercise: ExerciseDefinition, value: RepValue) -> float:
    """Return the largest of the thresholds below which a time is a deviation."""
    return max(
        (
            check.threshold / 1000.0
            for check in exercise.checks
            if check.measure == value and check.operator is Operator.BELOW
        ),
        default=0.0,
    )


def _usual(exercise: ExerciseDefinition) -> Step:
    hold_s = _bound_s(exercise, RepValue.HOLD_MS)
    return Step(
        max(GO_S, _SLOWER * _bound_s(exercise, RepValue.EFFORT_MS)),
        hold_s + 0.8 if hold_s else STAY_S,
        max(GO_S, _SLOWER * _bound_s(exercise, RepValue.RETURN_MS) + 0.2),
    )


def _wrong_ways(exercise: ExerciseDefinition, view: View, usual: Step) -> Iterator[Step]:
    """Yield what the `[motion]` can do wrong and this view is the first to show."""
    faults = exercise.motion.faults if exercise.motion else {}
    # A hold need not be long to be judged; that it is short is then a check of its own.
    stay_s = 3.5 if exercise.kind is Kind.TIMED_HOLD else min(usual.stay_s, 1.5)
    for check in exercise.checks:
        if check.id in faults and view_of(check, exercise) is view:
            yield Step(usual.out_s, stay_s, usual.back_s, check.id, (check.id,))


def _wrong_times(exercise: ExerciseDefinition, usual: Step) -> Iterator[Step]:
    """Yield what is done too fast, too short or not far enough."""
    faults = exercise.motion.faults if exercise.motion else {}
    for check in exercise.checks:
        if check.id in faults or check.operator is not Operator.BELOW:
            continue
        wrong_s, planted = check.threshold / 1000.0 * _FASTER, (check.id,)
        if check.measure == RepValue.RETURN_MS and wrong_s >= _SHORTEST_S:
            yield Step(usual.out_s, usual.stay_s, wrong_s, planted=planted)
        elif check.measure == RepValue.EFFORT_MS and wrong_s >= _SHORTEST_S:
            yield Step(wrong_s, usual.stay_s, usual.back_s, planted=planted)
        elif check.measure == RepValue.HOLD_MS:
            yield Step(usual.out_s, wrong_s, usual.back_s, planted=planted)
        elif check.measure == RepValue.GOAL_SHARE and _shown_from_camera(exercise):
            top = _short_top(exercise, check.threshold)
            if top is not None:
                yield replace(usual, planted=planted, top=top)


def _shown_from_camera(exercise: ExerciseDefinition) -> bool:
    return exercise.camera.view in MEASURES[exercise.shown.measure].views


def _short_top(exercise: ExerciseDefinition, bound: float) -> int | None:
    """Return the grid step that is clearly short of the goal and still a repetition, or None."""
    shares = goal_shares(exercise)
    short = [
        step
        for step, share in enumerate(shares)
        if _LEAST_SHARE * shares[-1] <= share <= bound - _SHORT_OF_GOAL
    ]
    return max(short, default=None)


def goal_shares(exercise: ExerciseDefinition) -> list[float]:
    """Return how far towards its goal the figure has gone at every grid step, as people see it."""
    assert exercise.motion is not None
    side = Side.BOTH if exercise.side is Side.BOTH else Side.LEFT
    body = movement_m(exercise.motion, np.arange(GRID + 1) / GRID, side)
    turn_deg = {View.FRONT: 0.0, View.OBLIQUE: 45.0, View.SIDE: -90.0}[exercise.camera.view]
    reported = exercise.shown
    picture = 200.0 * seen_from(body, turn_deg)
    values = measure_pose(
        (reported.measure,),
        picture,
        body,
        np.full(GRID + 1, 200.0 * TRUNK_M),
        np.full(GRID + 1, -1.0),
    )[..., 0, :]
    column = side_values(values, side)
    return [float(share) for share in (column - column[0]) / (reported.goal - column[0])]
