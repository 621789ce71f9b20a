"""Movements of the stick figure beside those that the tests use."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from benchmarks.accuracy.pose_classes import ENDS

from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray
from synthetic import Effort, Motion, Posture, body_m, excursion, place, total_ms

Shake = Callable[[FloatArray], FloatArray]


def squat(
    plan: Sequence[Effort],
    *,
    rest_deg: float = 0.0,
    shake: Shake | None = None,
    lead_in_ms: int = 1_000,
) -> Motion:
    """Squat from a knee that rests at ``rest_deg``; ``shake`` adds degrees to knee and hip."""

    def body(time_ms: FloatArray) -> FloatArray:
        bend = rest_deg + excursion(time_ms, plan, lead_in_ms)
        if shake is not None:
            bend = bend + shake(time_ms)[:, None]
        return body_m(Posture(trunk=0.35 * bend, hip=bend, knee=bend), len(time_ms))

    return Motion(body, total_ms(plan, lead_in_ms), place(plan, lead_in_ms))


def from_ends(exercise_id: str, plan: Sequence[Effort]) -> Motion:
    """Move between rest and goal of an exercise; an amplitude of 1 reaches the goal."""
    ends, right_side = ENDS[exercise_id], np.array([0.0, 1.0])

    def body(time_ms: FloatArray) -> FloatArray:
        share = excursion(time_ms, plan)[:, :1]
        return ends.alter(body_m(ends.posture(share, right_side), len(time_ms)), share)

    return Motion(body, total_ms(plan), place(plan))


_ANGLES: Final = (
    "trunk", "hip", "knee", "hip_out", "shoulder", "shoulder_out", "elbow"
)  # fmt: skip


def between(*keys: tuple[int, Posture]) -> Motion:
    """Move smoothly from posture to posture, each reached at its time, on the same anchor."""
    times_ms = np.array([at_ms for at_ms, _ in keys], dtype=np.float64)

    def eased(time_ms: FloatArray) -> FloatArray:
        number = np.clip(np.searchsorted(times_ms, time_ms, side="right") - 1, 0, len(keys) - 2)
        span_ms = times_ms[number + 1] - times_ms[number]
        share = np.clip((time_ms - times_ms[number]) / span_ms, 0.0, 1.0)
        return times_ms[number] + span_ms * (1.0 - np.cos(np.pi * share)) / 2.0

    def body(time_ms: FloatArray) -> FloatArray:
        at_ms = eased(time_ms)
        angles = {
            name: np.stack(
                [
                    np.interp(at_ms, times_ms, [_column(getattr(p, name), side) for _, p in keys])
                    for side in (0, 1)
                ],
                axis=1,
            )
            for name in _ANGLES
        }
        return body_m(replace(keys[0][1], **angles), len(time_ms))

    return Motion(body, int(times_ms[-1]))


def _column(angle: FloatArray | float, side: int) -> float:
    return float(np.broadcast_to(np.asarray(angle, dtype=np.float64), (2,))[side])


def walk_across(duration_ms: int, from_m: float, to_m: float, step_ms: int = 600) -> Motion:
    """Walk from one place to another across the picture of a side view."""
    opposite = np.array([0.0, np.pi])

    def body(time_ms: FloatArray) -> FloatArray:
        stride = np.pi * time_ms[:, None] / step_ms + opposite
        ahead = from_m + (to_m - from_m) * time_ms / duration_ms
        posture = Posture(
            hip=30.0 * np.sin(stride),
            knee=60.0 * np.clip(np.cos(stride), 0.0, None),
            shoulder=-25.0 * np.sin(stride),
            anchor="HIP",
            place_m=np.stack([ahead, np.full_like(ahead, 0.92)], axis=-1),
        )
        return body_m(posture, len(time_ms))

    return Motion(body, duration_ms)


def swaying(amplitude_deg: float, *periods_ms: float) -> Shake:
    """Return a sum of slow swings that stays within 0 and ``amplitude_deg``."""

    def shake(time_ms: FloatArray) -> FloatArray:
        swings = [np.sin(2.0 * np.pi * time_ms / period + k) for k, period in enumerate(periods_ms)]
        return amplitude_deg * (1.0 + np.mean(swings, axis=0)) / 2.0

    return shake


def tremor(amplitude_deg: float, hz: float = 5.0) -> Shake:
    """Return a shaking that grows and fades every few seconds."""

    def shake(time_ms: FloatArray) -> FloatArray:
        envelope = 0.6 + 0.4 * np.sin(2.0 * np.pi * time_ms / 7_000.0)
        return amplitude_deg * envelope * np.sin(2.0 * np.pi * hz * time_ms / 1000.0)

    return shake


def standing(duration_ms: int, *, shake: Shake, arms: Shake | None = None) -> Motion:
    """Stand and never be quite still: knees and hips by ``shake``, arms by ``arms``."""

    def body(time_ms: FloatArray) -> FloatArray:
        bend = shake(time_ms)[:, None]
        lift = np.zeros_like(bend) if arms is None else arms(time_ms)[:, None]
        posture = Posture(
            trunk=0.5 * bend, hip=bend, knee=bend, shoulder=0.5 * lift, elbow=lift * [1.0, 0.7]
        )
        return body_m(posture, len(time_ms))

    return Motion(body, duration_ms)


def shaking_hand(motion: Motion) -> Motion:
    """Do the same with a right hand that shakes at 6 Hz, 4 cm to either side."""
    hand = [Landmark.RIGHT_WRIST, Landmark.RIGHT_INDEX, Landmark.RIGHT_PINKY]

    def body(time_ms: FloatArray) -> FloatArray:
        points = motion.body_m(time_ms)
        shake_m = 0.04 * np.sin(2.0 * np.pi * 6.0 * time_ms / 1000.0)
        points[:, hand, :2] += shake_m[:, None, None]
        return points

    return Motion(body, motion.duration_ms, motion.truth)


def squat_with_arms(plan: Sequence[Effort]) -> Motion:
    """Squat and lift the arms forward on the way down, for balance."""

    def body(time_ms: FloatArray) -> FloatArray:
        bend = excursion(time_ms, plan)
        posture = Posture(trunk=0.35 * bend, hip=bend, knee=bend, shoulder=1.2 * bend)
        return body_m(posture, len(time_ms))

    return Motion(body, total_ms(plan), place(plan))


def leg_raise_with_other_knee_bent(plan: Sequence[Effort]) -> Motion:
    """Raise the straight right leg, lying, the left knee bent and its foot on the floor."""

    def body(time_ms: FloatArray) -> FloatArray:
        posture = Posture(
            trunk=-90.0,
            hip=excursion(time_ms, plan) + np.array([45.0, 0.0]),
            knee=np.array([90.0, 0.0]),
            foot_flat=False,
            anchor="HIP",
            place_m=np.array([0.0, 0.1]),
        )
        return body_m(posture, len(time_ms))

    return Motion(body, total_ms(plan), place(plan))


def bent(knee_deg: float) -> Posture:
    """Return the posture of a squat."""
    return Posture(trunk=0.35 * knee_deg, hip=knee_deg, knee=knee_deg)


def squats_through(count: int, steps: Sequence[tuple[int, float]]) -> Motion:
    """Repeat (milliseconds, knee angle reached) from standing."""
    at_ms, keys = 1_000, [(0, bent(0.0)), (1_000, bent(0.0))]
    for duration_ms, knee_deg in list(steps) * count:
        at_ms += duration_ms
        keys.append((at_ms, bent(knee_deg)))
    return between(*keys, (at_ms + 1_500, bent(0.0)))


def stopping_half_way(count: int) -> Motion:
    """Squat and rest for 1.5 s half way up."""
    return squats_through(
        count, [(1_500, 100.0), (700, 50.0), (1_500, 50.0), (700, 0.0), (500, 0.0)]
    )


def bouncing(count: int) -> Motion:
    """Squat and bounce twice by 22 degrees at the bottom."""
    return squats_through(
        count, [(1_300, 100.0), (350, 78.0), (350, 100.0), (350, 78.0), (350, 100.0), (1_300, 0.0)]
    )
