"""A whole figure from joint angles: how an exercise looks, in three dimensions and from a camera.

The figure stands in the person's own axes (forward, up, towards the person's left), in metres.
Angles are degrees by the neutral-zero method: everything 0 is a person standing upright with the
arms hanging. Segment lengths follow the proportions of a frontal adult: shoulders 0.8 trunk
lengths apart, thigh and shank 0.84, upper arm 0.6, forearm 0.52.

It is a stick figure: enough to say which way every joint moves and how that looks from any side,
not an anatomy.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from hep_vision.core.definition import Angles, GuardSide, Motion
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.types import FloatArray, Side

TRUNK_M: Final = 0.50
THIGH_M: Final = 0.42
SHANK_M: Final = 0.42
UPPER_ARM_M: Final = 0.30
FOREARM_M: Final = 0.26
SHOULDER_HALF_M: Final = 0.20
HIP_HALF_M: Final = 0.12
ANKLE_HEIGHT_M: Final = 0.06
_HEEL_BEHIND_M: Final = 0.05
_TOE_AHEAD_M: Final = 0.17

_OUTWARD: Final = np.array([1.0, -1.0])

Angle = FloatArray | float


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """Joint angles in degrees: numbers, (T, 1), or (T, 2) for left and right.

    Attributes:
        trunk: Forward lean; -90 lies on the back with the head behind, 90 on the front.
        trunk_side: Bend of the spine towards the person's left; the legs stay.
        roll: Turn of the whole figure towards its left; -90 lies on the right side.
        hip: Flexion of the thigh against the trunk; negative is extension.
        hip_out: Abduction of the leg; negative crosses the midline.
        hip_turn: External rotation of the thigh.
        knee: Flexion.
        ankle: Dorsiflexion, negative points the toes; None keeps the feet flat on the floor.
        shoulder: Flexion of the upper arm against the trunk; negative is behind it.
        shoulder_out: Abduction of the arm.
        shoulder_turn: External rotation of the upper arm.
        elbow: Flexion.
        knee_in_m: How far each knee is pushed towards the middle, hip and ankle fixed.
    """

    trunk: Angle = 0.0
    trunk_side: Angle = 0.0
    roll: Angle = 0.0
    hip: Angle = 0.0
    hip_out: Angle = 0.0
    hip_turn: Angle = 0.0
    knee: Angle = 0.0
    ankle: Angle | None = None
    shoulder: Angle = 0.0
    shoulder_out: Angle = 0.0
    shoulder_turn: Angle = 0.0
    elbow: Angle = 0.0
    knee_in_m: Angle = 0.0


ANGLES: Final = tuple(field.name for field in fields(Posture))
"""Every joint angle that a posture may name."""
SPINE_ANGLES: Final = ("trunk", "trunk_side", "roll")
"""The angles of the whole trunk: one number, never a pair."""


def body_m(posture: Posture, count: int = 1) -> FloatArray:
    """Return the figure, (count, 33, 3) metres, with the middle of its hips at the origin."""
    build = _Builder(posture, count)
    points = np.zeros((count, LANDMARK_COUNT, 3))
    for part, positions in (build.legs() | build.arms()).items():
        left = Landmark[f"LEFT_{part}"]
        points[:, left : left + 2] = positions
    for landmark, position in build.face().items():
        points[:, landmark] = position
    return points


class _Builder:
    """Places the segments of one posture. Vectors are (T, 1 or 2, 3), angles (T, 2) radians."""

    def __init__(self, posture: Posture, count: int) -> None:
        self._posture = posture
        self._count = count
        spine = {name: self._angle(name)[:, :1, None] for name in SPINE_ANGLES}
        ahead, up, left = np.eye(3)
        self._flat_ahead, self._flat_down = ahead, -up
        up, left = _rotate(up, left, spine["roll"])
        self._pelvis = _tip(ahead, up, left, spine["trunk"])
        up, left = _rotate(up, left, spine["trunk_side"])
        self._chest = _tip(ahead, up, left, spine["trunk"])

    def legs(self) -> dict[str, FloatArray]:
        """Return hips, knees, ankles, heels and toes, (T, 2, 3) each."""
        out = _OUTWARD[:, None]
        left = self._pelvis[2]
        hips = np.broadcast_to(HIP_HALF_M * out * left, (self._count, 2, 3))
        thigh, front = self._segment(self._pelvis, "hip")
        bend = self._angle("knee")[..., None]
        shank = np.cos(bend) * thigh - np.sin(bend) * front
        knees = hips + THIGH_M * thigh
        ankles = knees + SHANK_M * shank
        toe, sole = self._foot(np.cos(bend) * front + np.sin(bend) * thigh, shank)
        inward = self._lengths(self._posture.knee_in_m)[..., None] * out * left
        return {
            "HIP": hips,
            "KNEE": knees - inward,
            "ANKLE": ankles,
            "HEEL": ankles - _HEEL_BEHIND_M * toe + ANKLE_HEIGHT_M * sole,
            "FOOT_INDEX": ankles + _TOE_AHEAD_M * toe + ANKLE_HEIGHT_M * sole,
        }

    def _foot(self, toe: FloatArray, sole: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self._posture.ankle is None:
            shape = (self._count, 2, 3)
            flat = (self._flat_ahead, self._flat_down)
            return np.broadcast_to(flat[0], shape), np.broadcast_to(flat[1], shape)
        lift = self._angle("ankle")[..., None]
        return np.cos(lift) * toe - np.sin(lift) * sole, np.cos(lift) * sole + np.sin(lift) * toe

    def arms(self) -> dict[str, FloatArray]:
        """Return shoulders, elbows, wrists and hands, (T, 2, 3) each."""
        _, up, left = self._chest
        shoulders = TRUNK_M * up + SHOULDER_HALF_M * _OUTWARD[:, None] * left
        upper, front = self._segment(self._chest, "shoulder")
        bend = self._angle("elbow")[..., None]
        forearm = np.cos(bend) * upper + np.sin(bend) * front
        elbows = shoulders + UPPER_ARM_M * upper
        wrists = elbows + FOREARM_M * forearm
        hand = {"PINKY": 0.08, "INDEX": 0.09, "THUMB": 0.04}
        return {
            "SHOULDER": shoulders,
            "ELBOW": elbows,
            "WRIST": wrists,
            **{part: wrists + length_m * forearm for part, length_m in hand.items()},
        }

    def face(self) -> dict[Landmark, FloatArray]:
        """Return the landmarks of the head, (T, 3) each."""
        ahead, up, left = (axis[:, 0] for axis in self._chest)
        head = (TRUNK_M + 0.20) * up
        result = {Landmark.NOSE: head + 0.12 * ahead}
        for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
            result[Landmark[f"{side}_EAR"]] = head + 0.08 * sign * left
            result[Landmark[f"MOUTH_{side}"]] = head - 0.05 * up + 0.09 * ahead + 0.02 * sign * left
            for number, part in enumerate(("EYE_INNER", "EYE", "EYE_OUTER"), start=1):
                across = 0.015 * number * sign * left
                result[Landmark[f"{side}_{part}"]] = head + 0.03 * up + 0.09 * ahead + across
        return result

    def _segment(
        self, frame: tuple[FloatArray, FloatArray, FloatArray], joint: str
    ) -> tuple[FloatArray, FloatArray]:
        """Return a limb's first segment and the direction that its front faces."""
        swing, out, turn = (
            self._angle(name)[..., None] for name in (joint, f"{joint}_out", f"{joint}_turn")
        )
        ahead, up, left = frame
        outward = _OUTWARD[:, None] * left
        flat = np.sin(swing) * ahead - np.cos(swing) * up
        front = np.cos(swing) * ahead + np.sin(swing) * up
        segment = np.cos(out) * flat + np.sin(out) * outward
        side = np.cos(out) * outward - np.sin(out) * flat
        return segment, np.cos(turn) * front + np.sin(turn) * side

    def _angle(self, name: str) -> FloatArray:
        return np.radians(self._lengths(getattr(self._posture, name)))

    def _lengths(self, value: Angle) -> FloatArray:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (self._count, 2))


def _rotate(up: FloatArray, left: FloatArray, angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn two axes in their plane: up goes towards left."""
    return np.cos(angle) * up + np.sin(angle) * left, np.cos(angle) * left - np.sin(angle) * up


def _tip(
    ahead: FloatArray, up: FloatArray, left: FloatArray, angle: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lean a frame forward about the horizontal axis through both hips."""

    def turned(axis: FloatArray) -> FloatArray:
        x, y, z = np.moveaxis(np.broadcast_to(axis, (*angle.shape[:-1], 3)), -1, 0)
        cos, sin = np.cos(angle[..., 0]), np.sin(angle[..., 0])
        return np.stack([cos * x + sin * y, cos * y - sin * x, z], axis=-1)

    return turned(ahead), turned(up), turned(left)


# -- the movement of an exercise ------------------------------------------------------------------


def posture_at(
    motion: Motion, share: FloatArray, side: Side = Side.BOTH, fault: str | None = None
) -> Posture:
    """Return the posture of a movement at shares of the way from rest (0) to goal (1).

    Args:
        motion: The movement.
        share: (T,) shares; beyond 1 goes further than the goal.
        side: The side that works; both move alike where the motion gives one number.
        fault: A fault of ``motion`` that is made; the goal is then the fault's.

    Raises:
        KeyError: The motion has no such fault.
    """
    rest = dict.fromkeys(motion.via, 0.0) | dict(motion.rest)
    changes = dict(motion.faults[fault]) if fault else {}
    goal = rest | dict(motion.goal) | changes
    # A fault of two sides that work together may make them differ: left, right.
    uneven = Side.LEFT if side is Side.BOTH else side
    angles = {
        name: _blend(
            _sides(rest.get(name, 0.0), side, name),
            _sides(value, uneven if name in changes else side, name),
            _sides(motion.via[name], side, name) if name in motion.via else None,
            share,
        )
        for name, value in goal.items()
    }
    return Posture(**angles)


def _blend(
    start: FloatArray, end: FloatArray, via: FloatArray | None, share: FloatArray
) -> FloatArray:
    middle = (start + end) / 2.0
    bulge = 4.0 * ((middle if via is None else via) - middle)
    way = share[:, None]
    return np.asarray(start + (end - start) * way + bulge * way * (1.0 - way))


def _sides(value: Angles, side: Side, name: str) -> FloatArray:
    """Return (left, right) of an angle given once, or for the working and the other side.

    Where both sides work, both do what the working one does.
    """
    if isinstance(value, tuple):
        working, other = value
        return np.array(
            {
                Side.LEFT: (working, other),
                Side.RIGHT: (other, working),
                Side.BOTH: (working, working),
            }[side]
        )
    # Bending towards the working side is the other way round when that is the right.
    mirrored = name in ("trunk_side", "roll") and side is Side.RIGHT
    return np.full(2, -value if mirrored else value)


def movement_m(
    motion: Motion, share: FloatArray, side: Side = Side.BOTH, fault: str | None = None
) -> FloatArray:
    """Return the figure through a movement, (T, 33, 3) metres, its anchor fixed, on the floor.

    Args:
        motion: The movement.
        share: (T,) shares of the way from rest (0) to goal (1).
        side: The side that works.
        fault: A fault of ``motion`` that is made.
    """
    everything = np.concatenate([[0.0], share])
    points = body_m(posture_at(motion, everything, side, fault), len(everything))
    anchor = points[:, _anchor_rows(motion, side)].mean(axis=1)
    points = points - anchor[:, None]
    points[..., 1] -= points[0, :, 1].min()
    points[..., 0] -= points[0, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 0].mean()
    return np.asarray(points[1:])


def _anchor_rows(motion: Motion, side: Side) -> list[Landmark]:
    left, right = (Landmark[f"{name}_{motion.anchor.upper()}"] for name in ("LEFT", "RIGHT"))
    if motion.anchor_side is GuardSide.BOTH or side is Side.BOTH:
        return [left, right]
    working, other = (left, right) if side is Side.LEFT else (right, left)
    return [working if motion.anchor_side is GuardSide.WORKING else other]


def seen_from(points_m: FloatArray, turn_deg: float) -> FloatArray:
    """Return the picture plane (x right, y down, metres) of a figure, without perspective.

    Args:
        points_m: (..., 3) forward, up, towards the person's left.
        turn_deg: 0 faces the camera, 90 faces image right, 180 shows the back.
    """
    turn = np.radians(turn_deg)
    forward, up, left = np.moveaxis(points_m, -1, 0)
    return np.stack([np.cos(turn) * left + np.sin(turn) * forward, -up], axis=-1)
