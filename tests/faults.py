"""Faults that the figure makes in whole or in part, for every check of an exercise file.

A fault is made by a share: 0 is the sound movement, 1 the whole fault. How far a share has come
towards the threshold of its check is measured on the film itself, without any form check, so that
a near-miss is one by construction.
"""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

import synthetic
from hep_vision.core.definition import (
    Check,
    CheckPhase,
    ExerciseDefinition,
    GuardSide,
    Kind,
    Motion,
    Operator,
    RepValue,
)
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.figure import SPINE_ANGLES, movement_m
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, PoseFrame, Side, View
from moving import done_by
from synthetic import Array, Camera, Effort
from together import Followed

_FLANK_MS: Final = 2_500
_SLOW_FLANK_MS: Final = 3_500
"""Of a repetition whose tempo is judged: slower than any check asks for."""
_QUICK_FLANK_MS: Final = 800
"""Of a repetition whose hold is judged: what belongs to the flank is not held."""
_HELD_FLANK_MS: Final = 1_500
"""Into a timed hold people go at once; on the way there they are not in it."""
_TOP_MS: Final = 1_000
_HELD_MS: Final = 10_600
_TEMPO: Final = (RepValue.EFFORT_MS, RepValue.RETURN_MS)
_STEPS: Final = 4
_HEAD: Final = tuple(landmark for landmark in Landmark if landmark <= Landmark.MOUTH_RIGHT)
_ARMS: Final = tuple(
    landmark for landmark in Landmark if Landmark.LEFT_SHOULDER <= landmark <= Landmark.RIGHT_THUMB
)
_FOREARMS: Final = tuple(landmark for landmark in _ARMS if landmark >= Landmark.LEFT_WRIST)
_FEET: Final = tuple(landmark for landmark in Landmark if landmark >= Landmark.LEFT_ANKLE)
_BODY: Final = tuple(landmark for landmark in Landmark if landmark not in _FEET)

Filmed = list[PoseFrame]


# -- what the exercise files do not say how to make -----------------------------------------------


def _with_the_movement(share: Array, time_ms: Array) -> Array:
    return share


def _always(share: Array, time_ms: Array) -> Array:
    return np.ones(len(time_ms))


def _late(share: Array, time_ms: Array) -> Array:
    """Nothing for the first four seconds, all of it a second later, while the posture is held."""
    return np.clip((time_ms - 5_000.0) / 1_000.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Extra:
    """A fault that no joint angle of the exercise file makes.

    Attributes:
        goal: Angles at the goal.
        via: Angles half-way there.
        moved: Landmarks that are moved ...
        by_m: ... forward, up, and towards the person's left.
        inward: The third of these is towards the middle.
        onto_knees: They are moved onto the knees instead.
        when: The weight of that at shares of the way and times.
    """

    goal: dict[str, float | tuple[float, float]] = field(default_factory=dict)
    via: dict[str, float | tuple[float, float]] = field(default_factory=dict)
    moved: tuple[Landmark, ...] = ()
    by_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    inward: bool = False
    onto_knees: bool = False
    when: Callable[[Array, Array], Array] = _with_the_movement


_HIKE: Final = Extra(moved=_ARMS, by_m=(0.0, 0.07, 0.0))
EXTRAS: Final = {
    "crunch-head_only": Extra(
        goal={"trunk": -90.0, "hip": 45.0}, moved=_HEAD, by_m=(0.0, 0.2, 0.0)
    ),
    "heel_slide-hip_out": Extra(goal={"hip_out": (35.0, 0.0)}),
    "sit_to_stand-trunk_lean": Extra(via={"trunk": 75.0, "hip": 117.0}),
    "sit_to_stand-hands": Extra(moved=_FOREARMS, onto_knees=True, when=_always),
    "shoulder_external_rotation-trunk_turn": Extra(
        moved=_ARMS, by_m=(0.0, 0.0, 0.05), inward=True
    ),
    "single_leg_stance-sway": Extra(moved=_BODY, by_m=(0.0, 0.0, 0.11), when=_late),
    "single_leg_stance-hop": Extra(
        moved=tuple(Landmark), by_m=(0.0, 0.0, 0.09), when=_late
    ),
    "tandem_stance-sway": Extra(moved=_BODY, by_m=(0.0, 0.0, 0.14), when=_late),
    "tandem_stance-step": Extra(moved=tuple(Landmark), by_m=(0.0, 0.0, 0.11), when=_late),
    **{
        f"{name}-hike": _HIKE
        for name in (
            "shoulder_abduction_raise",
            "shoulder_extension",
            "shoulder_external_rotation",
            "shoulder_flexion_raise",
            "shoulder_scaption",
            "standing_row",
            "wall_push_up",
        )
    },
}  # fmt: skip


# -- a fault, in part -----------------------------------------------------------------------------


def film(
    exercise: ExerciseDefinition, check: Check, view: View, side: Side, share: float
) -> Filmed:
    """Film two repetitions, or one hold, with this much of the fault, in the time they need."""
    return synthetic.record(
        _motion(exercise, check, side, share),
        Camera(view=view, faces_right=side is not Side.LEFT),
        fps=30 if check.measure in _TEMPO else 15,
    )


def _motion(
    exercise: ExerciseDefinition, check: Check, side: Side, share: float
) -> synthetic.Motion:
    if check.measure in _TEMPO:
        return _hurried(exercise, check, side, share)
    if check.measure == RepValue.HOLD_MS:
        held = Effort(1.0, 2 * _QUICK_FLANK_MS, round(_hold_ms(check, share)))
        return done_by(exercise, [held] * efforts(exercise), side)
    if check.measure == RepValue.GOAL_SHARE:
        reached = 1.0 - share * (1.2 - check.threshold)
        return done_by(exercise, _plan(exercise, reached), side)
    plan = _plan(exercise)
    assert exercise.motion is not None
    if check.id in exercise.motion.faults:
        return done_by(_in_part(exercise, check, side, share), plan, side, check.id)
    if check.measure == RepValue.LEFT_RIGHT_DIFFERENCE:
        return _in_turn(exercise, (1.0, 1.0 - 0.45 * share))
    return _with_extra(exercise, EXTRAS[f"{exercise.id}-{check.id}"], plan, side, share)


def _hold_ms(check: Check, share: float) -> float:
    """Return how long the goal is held where that is what is judged."""
    sound_ms = 1.5 * check.threshold
    return sound_ms + share * (0.5 * check.threshold - sound_ms)


def _fast_ms(check: Check, share: float) -> float:
    """Return how long the flank takes whose tempo is judged."""
    return _SLOW_FLANK_MS + share * (0.6 * check.threshold - _SLOW_FLANK_MS)


def _plan(
    exercise: ExerciseDefinition,
    reached: float = 1.0,
    *,
    flank_ms: int = _FLANK_MS,
    hold_ms: int | None = None,
) -> list[Effort]:
    held = exercise.kind is Kind.TIMED_HOLD
    if hold_ms is None:
        hold_ms = _HELD_MS if held else _TOP_MS
    effort = Effort(reached, 2 * (_HELD_FLANK_MS if held else flank_ms), hold_ms)
    return [effort] * efforts(exercise)


def efforts(exercise: ExerciseDefinition) -> int:
    """Return how often a fault is made: a hold once, a repetition twice.

    A single faulty repetition is not clearly the exercise; what comes twice was meant.
    """
    return 1 if exercise.kind is Kind.TIMED_HOLD else 2


def _in_part(
    exercise: ExerciseDefinition, check: Check, side: Side, share: float
) -> ExerciseDefinition:
    """Return the exercise with a fault that goes only a share of its way from the goal."""
    motion = exercise.motion
    assert motion is not None
    fault = {
        name: _between(_sound(motion, name, side), angle, share, name)
        for name, angle in motion.faults[check.id].items()
    }
    return replace(exercise, motion=replace(motion, faults={**motion.faults, check.id: fault}))


def _sound(motion: Motion, name: str, side: Side) -> FloatArray:
    """Return (working, other) of an angle at the goal; both do what the working one does."""
    angles = {**motion.rest, **motion.goal}
    if name == "ankle" and name not in angles:
        # Flat on the floor, the ankle makes up for the lean of the shank.
        parts = [_pair(angles.get(part, 0.0)) for part in ("knee", "hip", "trunk")]
        pair = parts[0] - parts[1] + parts[2]
    else:
        pair = _pair(angles.get(name, 0.0))
    return pair[[0, 0]] if side is Side.BOTH else pair


def _pair(angle: float | tuple[float, float]) -> FloatArray:
    return np.broadcast_to(np.asarray(angle, dtype=np.float64), 2)


def _between(
    sound: FloatArray, whole: float | tuple[float, float], share: float, name: str
) -> float | tuple[float, float]:
    working, other = (sound + share * (_pair(whole) - sound)).tolist()
    return working if name in SPINE_ANGLES else (working, other)


def _hurried(
    exercise: ExerciseDefinition, check: Check, side: Side, share: float
) -> synthetic.Motion:
    """Return two repetitions of which one flank is gone through faster."""
    usual = done_by(exercise, _plan(exercise, flank_ms=_SLOW_FLANK_MS), side)
    flank = 0 if check.measure == RepValue.EFFORT_MS else 2
    planned_ms = [0.0]
    for true in usual.truth:
        top_ms = (true.start_ms + _SLOW_FLANK_MS, true.end_ms - _SLOW_FLANK_MS)
        planned_ms += [true.start_ms, *top_ms, true.end_ms]
    planned_ms.append(usual.duration_ms)
    lengths_ms = np.diff(planned_ms)
    lengths_ms[1 + flank :: 4] = _fast_ms(check, share)
    now_ms = np.concatenate([[0.0], lengths_ms.cumsum()])
    return synthetic.Motion(
        lambda time_ms: usual.body_m(np.interp(time_ms, now_ms, planned_ms)), int(now_ms[-1])
    )


def _in_turn(exercise: ExerciseDefinition, reached: tuple[float, float]) -> synthetic.Motion:
    one_each = [
        done_by(exercise, [Effort(share, duration_ms=2_000, hold_ms=300)], side)
        for side, share in zip((Side.LEFT, Side.RIGHT), reached, strict=True)
    ]
    return synthetic.one_after_another(*one_each, *one_each)


def _with_extra(
    exercise: ExerciseDefinition, extra: Extra, plan: list[Effort], side: Side, share: float
) -> synthetic.Motion:
    motion = exercise.motion
    assert motion is not None
    goal, via = (
        {
            name: _between(_sound(sound, name, side), angle, share, name)
            for name, angle in changed.items()
        }
        for changed, sound in (
            (extra.goal, motion),
            (extra.via, replace(motion, goal=motion.via)),
        )
    )
    made = replace(motion, goal={**motion.goal, **goal}, via={**motion.via, **via})
    rows = list(extra.moved)

    def body(time_ms: Array) -> Array:
        way = synthetic.excursion(time_ms, plan)[:, 0]
        points = np.array(movement_m(made, way, side))
        weight = share * extra.when(way, time_ms)[:, None, None]
        points[:, rows] += weight * _moved_m(extra, points)
        return points

    return synthetic.Motion(body, synthetic.total_ms(plan), synthetic.place(plan))


def _moved_m(extra: Extra, points: Array) -> Array:
    """Return how far each landmark of a fault is moved in whole, (T or 1, moved, 3)."""
    rows = list(extra.moved)
    if extra.onto_knees:
        knees = [Landmark.LEFT_KNEE if row % 2 else Landmark.RIGHT_KNEE for row in rows]
        return points[:, knees] - points[:, rows]
    by_m = np.broadcast_to(np.array(extra.by_m), (1, len(rows), 3)).copy()
    if extra.inward:
        by_m[:, ["LEFT" in landmark.name for landmark in rows], 2] *= -1.0
    return by_m


# -- how far it has come --------------------------------------------------------------------------


class _Sight(ExerciseEngine):
    """Measures what its exercise needs and judges nothing; poses far apart are one body's."""

    def __init__(self, exercise: ExerciseDefinition) -> None:
        super().__init__(exercise)
        self._lock = Followed()

    def of(self, frames: Filmed, measure: str) -> FloatArray:
        row = self._index[measure]
        moments = self._measured([self._see(pose) for pose in frames])
        return np.array([moment.measures[row] for moment in moments])


def near_share(
    exercise: ExerciseDefinition, check: Check, view: View, side: Side, way: float
) -> float:
    """Return the share of the fault that has gone ``way`` from sound to the threshold.

    Raises:
        ValueError: Not even the whole fault reaches the threshold.
    """
    sound, whole = (reach(exercise, check, view, side, share) for share in (0.0, 1.0))
    threshold = -check.threshold if check.operator is Operator.BELOW else check.threshold
    if whole <= threshold:
        raise ValueError(f"{exercise.id}-{check.id}: {whole:.2f} of {threshold:.2f}")
    wanted = sound + way * (threshold - sound)
    shares, reached = [0.0, 1.0], [sound, whole]
    for _ in range(_STEPS):
        # What lies on the straight line between the shares tried so far comes ever nearer.
        share = float(np.interp(wanted, np.maximum.accumulate(reached), shares))
        at = bisect(shares, share)
        shares.insert(at, share)
        reached.insert(at, reach(exercise, check, view, side, share))
    return share


def reach(
    exercise: ExerciseDefinition, check: Check, view: View, side: Side, share: float
) -> float:
    """Return the check's own value with this much of the fault; larger is worse."""
    if check.measure in _TEMPO:
        return -_fast_ms(check, share)
    if check.measure == RepValue.HOLD_MS:
        return -_hold_ms(check, share)
    motion = _motion(exercise, check, side, share)
    if check.measure == RepValue.GOAL_SHARE:
        return -_goal_share(exercise, view, side, motion)
    if check.measure == RepValue.LEFT_RIGHT_DIFFERENCE:
        return _difference(exercise, view, motion)
    return _reach_of_measure(exercise, check, view, side, motion)


def _reach_of_measure(
    exercise: ExerciseDefinition, check: Check, view: View, side: Side, motion: synthetic.Motion
) -> float:
    start_ms, top_ms, back_ms, end_ms = _knots(exercise, motion)
    bounds_ms = {
        CheckPhase.EFFORT: (start_ms, back_ms),
        CheckPhase.PEAK: (top_ms, back_ms),
        CheckPhase.HOLD: (top_ms, back_ms),
        CheckPhase.RETURN: (back_ms, end_ms),
        CheckPhase.REP: (start_ms, end_ms),
    }[check.phase]
    times_ms = np.concatenate([[0.0, 200.0, 400.0], np.linspace(*bounds_ms, 21)])
    values = _seen(exercise, check.measure, view, side, motion, times_ms)
    if check.relative:
        held = exercise.kind is Kind.TIMED_HOLD
        values = values - (values[3] if held else values[0])
    sides = _sides(check.side, side)
    values = values[3:, sides]
    if check.operator is Operator.BELOW:
        values = -values
    elif check.operator is Operator.OUTSIDE:
        values = np.abs(values)
    most = np.fmax.reduce(values)
    return float(most.min() if check.side is GuardSide.BOTH else most.max())


def _seen(
    exercise: ExerciseDefinition,
    measure: str,
    view: View,
    side: Side,
    motion: synthetic.Motion,
    times_ms: Array,
) -> FloatArray:
    """Return a measure at some moments, (T, 2), of a body whose stance is known before."""
    still = np.zeros(12)
    at_ms = np.concatenate([still, times_ms])
    camera = Camera(view=view, faces_right=side is not Side.LEFT)
    image_px, world_m, visibility = synthetic.project(motion.body_m(at_ms), camera)
    frames = [
        PoseFrame(100 * row, image_px[row], world_m[row], visibility[row], camera.size_px)
        for row in range(len(at_ms))
    ]
    return _Sight(exercise).of(frames, measure)[len(still) :]


def _knots(
    exercise: ExerciseDefinition, motion: synthetic.Motion
) -> tuple[float, float, float, float]:
    true = motion.truth[0]
    flank_ms = _HELD_FLANK_MS if exercise.kind is Kind.TIMED_HOLD else _FLANK_MS
    return true.start_ms, true.start_ms + flank_ms, true.end_ms - flank_ms, true.end_ms


def _sides(which: GuardSide, working: Side) -> list[int]:
    if which in (GuardSide.EITHER, GuardSide.BOTH) or working is Side.BOTH:
        return [0, 1]
    own = 0 if working is Side.LEFT else 1
    return [own if which is GuardSide.WORKING else 1 - own]


def _goal_share(
    exercise: ExerciseDefinition, view: View, side: Side, motion: synthetic.Motion
) -> float:
    shown = exercise.shown
    _, top_ms, _, _ = _knots(exercise, motion)
    values = _seen(exercise, shown.measure, view, side, motion, np.array([0.0, top_ms]))
    rest, peak = values[:, _sides(GuardSide.WORKING, side)].mean(axis=1).tolist()
    return (peak - rest) / (shown.goal - rest)


def _difference(exercise: ExerciseDefinition, view: View, motion: synthetic.Motion) -> float:
    """Return how far the two sides' changes of the counted measure are apart, in percent."""
    measure = next(signal.measure for signal in exercise.count if view in signal.views)
    starts_ms, peaks_ms = ([getattr(true, name) for true in motion.truth[:2]] for name in _MOMENTS)
    rest, peak = (
        _seen(exercise, measure, view, Side.LEFT, motion, np.array(moments, dtype=np.float64))
        for moments in (starts_ms, peaks_ms)
    )
    left, right = np.nanmax(np.abs(peak - rest), axis=0).tolist()
    return 100.0 * abs(left - right) / max(left, right)


_MOMENTS: Final = ("start_ms", "peak_ms")
