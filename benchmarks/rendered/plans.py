"""Which repetitions a clip shows, and what is wrong with some of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Check, ExerciseDefinition, Kind, Operator, RepValue
from hep_vision.core.form import check_views
from hep_vision.core.types import Side, View

FPS: Final = 10
GRID: Final = 16
"""Steps from rest to goal; every one is rendered once and shown wherever the body is there."""
FIRST_REST_S: Final = 1.8
LAST_REST_S: Final = 1.5
PAUSE_S: Final = 0.7
GO_S: Final = 1.3
STAY_S: Final = 0.6
_SHORTEST_S: Final = 0.3
_FASTER: Final = 0.55
_SLOWER: Final = 1.4
_SHORT_OF_GOAL: Final = 0.07
_LEAST_SHARE: Final = 0.58
"""Less than that is no repetition but an attempt: the counter's own rule is 0.55."""


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
    """Return good repetitions, two at first, then two faulty ones between each."""
    good = [usual, _cut(usual, GRID - 1)]
    steps = [*good]
    for number, step in enumerate(planted):
        steps.append(step)
        if number % 2 or number == len(planted) - 1:
            steps.append(good[(number // 2) % 2])
    return tuple(steps)


def _cut(step: Step, top: int) -> Step:
    return Step(step.out_s, step.stay_s, step.back_s, top=top)


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
        hold_s + 1.0 if hold_s else STAY_S,
        max(GO_S, _SLOWER * _bound_s(exercise, RepValue.RETURN_MS) + 0.2),
    )


def _wrong_ways(exercise: ExerciseDefinition, view: View, usual: Step) -> Iterator[Step]:
    """Yield what the `[motion]` can do wrong and this view is the first to show."""
    faults = exercise.motion.faults if exercise.motion else {}
    # A hold need not be long to be judged; how long is a check of its own.
    stay_s = 5.0 if exercise.kind is Kind.TIMED_HOLD else usual.stay_s
    for check in exercise.checks:
        if check.id in faults and view_of(check, exercise) is view:
            yield Step(usual.out_s, stay_s, usual.back_s, check.id, (check.id,))


def _wrong_times(exercise: ExerciseDefinition, usual: Step) -> Iterator[Step]:
    """Yield what is done too fast, too short or not far enough."""
    faults = exercise.motion.faults if exercise.motion else {}
    for check in exercise.checks:
        if check.id in faults or check.operator is not Operator.BELOW:
            continue
        wrong_s = check.threshold / 1000.0 * _FASTER
        planted = (check.id,)
        if check.measure == RepValue.RETURN_MS and wrong_s >= _SHORTEST_S:
            yield Step(usual.out_s, usual.stay_s, wrong_s, planted=planted)
        elif check.measure == RepValue.EFFORT_MS and wrong_s >= _SHORTEST_S:
            yield Step(wrong_s, usual.stay_s, usual.back_s, planted=planted)
        elif check.measure == RepValue.HOLD_MS:
            yield Step(usual.out_s, wrong_s, usual.back_s, planted=planted)
        elif check.measure == RepValue.GOAL_SHARE:
            top = int(GRID * (check.threshold - _SHORT_OF_GOAL))
            if top / GRID >= _LEAST_SHARE:
                yield Step(usual.out_s, usual.stay_s, usual.back_s, planted=planted, top=top)
