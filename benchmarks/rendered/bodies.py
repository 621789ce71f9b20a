"""The renderer's body in the postures of `hep_vision.core.figure`.

The figure says which way every segment points; the renderer's bones say how long it is. So one
`[motion]` of an exercise file serves the comparison of shapes, the tests and the rendered clips.

The renderer's axes are the person's left, up and forward; the figure's are forward, up and left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sample_videos.render.body import Look, Solid, sculpt
from sample_videos.render.geometry import UP, Matrix, Vector, perpendicular, unit, vec
from sample_videos.render.skeleton import (
    SIDES,
    Bones,
    Pose,
    middle,
    place_arm,
    place_foot,
    place_trunk,
    swing_leg,
)

from hep_vision.core.definition import GuardSide, Motion
from hep_vision.core.figure import ANKLE_HEIGHT_M, Posture, body_m, posture_at
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, Side

_TO_ROOM: Final = [2, 1, 0]
_HEEL_BEHIND_M: Final = 0.05
_LUMBAR_FRONT_M: Final = -0.010
_SHOULDERS_FRONT_M: Final = -0.010
_ARM_OFF_TRUNK_DEG: Final = 6.0
"""A hanging arm of flesh beside hips of flesh; the stick figure needs no room there."""
_HEAD_UP_SHARE: Final = 0.8
_FACE: Final = {
    Landmark.NOSE: (0.0, 0.030, 0.112),
    Landmark.LEFT_EYE: (0.031, 0.060, 0.088),
    Landmark.LEFT_EAR: (0.078, 0.046, -0.008),
    Landmark.MOUTH_LEFT: (0.022, 0.002, 0.090),
}
"""Where landmarks of the head are in its frame: left, up, front in metres."""
_BODY: Final = {
    "SHOULDER": "shoulder",
    "ELBOW": "elbow",
    "WRIST": "wrist",
    "HIP": "hip",
    "KNEE": "knee",
    "ANKLE": "ankle",
    "HEEL": "heel",
    "FOOT_INDEX": "toe",
}
_HAND_M: Final = {"PINKY": 0.08, "INDEX": 0.09, "THUMB": 0.04}


@dataclass(frozen=True, slots=True)
class _Directions:
    """Unit vectors of one frame of the figure, in the room's axes, by landmark name."""

    points: FloatArray
    elbows_bent: FloatArray
    knees_bent: FloatArray

    def between(self, first: str, last: str, side: str) -> Vector:
        """Return the direction from one joint to another."""
        return unit(_at(self.points, last, side) - _at(self.points, first, side))

    def crease(self, side: str) -> Vector:
        """Return where the forearm would point if the elbow were bent."""
        return unit(_at(self.elbows_bent, "WRIST", side) - _at(self.elbows_bent, "ELBOW", side))

    def knee_cap(self, side: str) -> Vector:
        """Return the other way from where the shank would point if the knee were bent."""
        return unit(_at(self.knees_bent, "KNEE", side) - _at(self.knees_bent, "ANKLE", side))

    def foot(self, side: str) -> tuple[Vector, Vector]:
        """Return where the toes point, and up from the sole."""
        toe = self.between("HEEL", "FOOT_INDEX", side)
        below = _at(self.points, "HEEL", side) - _at(self.points, "ANKLE", side)
        return toe, -(below + _HEEL_BEHIND_M * toe) / ANKLE_HEIGHT_M


def _at(points: FloatArray, part: str, side: str) -> Vector:
    return np.asarray(points[Landmark[f"{side.upper()}_{part}"]])


def poses_through(
    motion: Motion,
    shares: FloatArray,
    bones: Bones,
    side: Side = Side.BOTH,
    fault: str | None = None,
) -> list[Pose]:
    """Return the body through a movement, its anchor in place, the hips over the origin at rest.

    Args:
        motion: The movement.
        shares: (T,) shares of the way from rest (0) to goal (1).
        bones: How long the segments are.
        side: The side that works.
        fault: A fault of ``motion`` that is made.
    """
    everything = np.concatenate([[0.0], shares])
    posture = posture_at(motion, everything, side, fault)
    poses = poses_of(posture, len(everything), bones)
    names = _anchors(motion, side)
    rest = poses[0]
    origin = middle(rest, "hip") * vec(1.0, 0.0, 1.0)
    stays = np.mean([rest.joints[name] for name in names], axis=0) - origin
    for pose in poses:
        anchor = np.mean([pose.joints[name] for name in names], axis=0)
        move(pose, stays - anchor)
    return poses[1:]


def poses_of(posture: Posture, count: int, bones: Bones) -> list[Pose]:
    """Return the body in every frame of a posture, its pelvis at the origin."""
    posture = replace(posture, shoulder_out=_off_trunk(posture))
    frames = [
        body_m(one, count)[..., _TO_ROOM]
        for one in (
            posture,
            replace(posture, elbow=90.0),
            replace(posture, knee=90.0, knee_in_m=0.0),
        )
    ]
    return [_pose(_Directions(*three), bones) for three in zip(*frames, strict=True)]


def _off_trunk(posture: Posture) -> FloatArray:
    out, swing = np.broadcast_arrays(posture.shoulder_out, posture.shoulder)
    hangs = (np.abs(out) < _ARM_OFF_TRUNK_DEG) & (np.abs(swing) < 90.0)
    return np.where(hangs, _ARM_OFF_TRUNK_DEG, out)


def _pose(figure: _Directions, bones: Bones) -> Pose:
    pose = Pose()
    pelvis, chest, head = _trunk_frames(figure.points, bones)
    place_trunk(pose, bones, vec(0.0, 0.0, 0.0), pelvis, chest, head)
    for side in SIDES:
        upper, forearm = (
            figure.between("SHOULDER", "ELBOW", side),
            figure.between("ELBOW", "WRIST", side),
        )
        place_arm(pose, bones, side, upper, forearm, _across(figure.crease(side), upper, forearm))
        if forearm @ UP < -0.7 and chest[1, 1] < 0.6:
            pose.fronts[f"{side}_hand"] = vec(0.0, 0.0, 1.0)  # the hand bears weight
        thigh, shank = figure.between("HIP", "KNEE", side), figure.between("KNEE", "ANKLE", side)
        swing_leg(pose, bones, side, thigh, shank, _across(figure.knee_cap(side), -thigh, shank))
        place_foot(pose, bones, side, *figure.foot(side))
    return pose


def _across(front: Vector, back: Vector, last: Vector) -> Vector:
    """Return where a bent joint's front faces, also where its last segment points that very way."""
    return front if abs(front @ last) < 0.9 else np.asarray(front - back)


def _trunk_frames(points: FloatArray, bones: Bones) -> tuple[Matrix, Matrix, Matrix]:
    shoulders = [_at(points, "SHOULDER", side) for side in SIDES]
    hips = [_at(points, "HIP", side) for side in SIDES]
    up = unit(np.mean(shoulders, axis=0) - np.mean(hips, axis=0))
    across = unit(hips[0] - hips[1])
    pelvis = _frame(across, perpendicular(up, across))
    # The renderer's spine bends above the pelvis and its shoulders lie behind it; what the figure
    # fixes is where the middle of the shoulders is.
    bent = bones.trunk_m * up - pelvis @ vec(0.0, bones.lumbar_m, _LUMBAR_FRONT_M)
    chest = _frame(unit(shoulders[0] - shoulders[1]), unit(bent))
    chest = _tipped(chest, np.arctan2(-_SHOULDERS_FRONT_M, bones.chest_m))
    upright = unit(chest[:, 1] + _HEAD_UP_SHARE * UP) if chest[1, 1] > 0.25 else chest[:, 1]
    return pelvis, chest, _frame(chest[:, 0], upright)


def _frame(left: Vector, up: Vector) -> Matrix:
    """Return the frame (columns left, up, front) that keeps ``up`` and comes near ``left``."""
    left = perpendicular(left, up)
    return np.column_stack([left, up, np.cross(left, up)])


def _tipped(frame: Matrix, angle: float) -> Matrix:
    """Lean a frame forward: the renderer's shoulders are behind its spine."""
    left, up, front = frame.T
    cos, sin = np.cos(angle), np.sin(angle)
    return np.column_stack([left, cos * up + sin * front, cos * front - sin * up])


def _anchors(motion: Motion, side: Side) -> list[str]:
    joint = "toe" if motion.anchor == "foot_index" else motion.anchor
    if motion.anchor_side is GuardSide.BOTH or side is Side.BOTH:
        return [f"left_{joint}", f"right_{joint}"]
    works = motion.anchor_side is GuardSide.WORKING
    chosen = side if works else Side.LEFT if side is Side.RIGHT else Side.RIGHT
    return [f"{chosen}_{joint}"]


def move(pose: Pose, by: Vector) -> None:
    """Move a whole body (m)."""
    for name, place in pose.joints.items():
        pose.joints[name] = place + by


def lowest_m(pose: Pose, look: Look) -> float:
    """Return the height of the lowest flesh of a body."""
    solid = sculpt(pose, look).pack()
    return float(min(_underside(solid).min(), 9.0))


def _underside(solid: Solid) -> FloatArray:
    stretch = 1.0 + (solid.flat - 1.0) * np.abs(solid.flat_axis[:, 1])
    start = solid.start[:, 1] - solid.radius[:, 0] * stretch
    end = solid.start[:, 1] + solid.axis[:, 1] - solid.radius[:, 1] * stretch
    return np.minimum(start, end)


def landmarks_m(pose: Pose) -> FloatArray:
    """Return the true places of the 33 landmarks, (33, 3) metres in the room."""
    points = np.zeros((len(Landmark), 3))
    skull, frame = pose.joints["head"], pose.frames["head"]
    for landmark, place in _FACE.items():
        points[landmark] = skull + frame @ vec(*place)
        mirrored = landmark.name.replace("LEFT", "RIGHT")
        points[Landmark[mirrored]] = skull + frame @ (vec(*place) * vec(-1.0, 1.0, 1.0))
    points[Landmark.NOSE] = skull + frame @ vec(*_FACE[Landmark.NOSE])
    for side in SIDES:
        left = Landmark[f"{side.upper()}_EYE"]
        for part in ("EYE_INNER", "EYE_OUTER"):
            points[Landmark[f"{side.upper()}_{part}"]] = points[left]
        for part, joint in _BODY.items():
            points[Landmark[f"{side.upper()}_{part}"]] = pose.joints[f"{side}_{joint}"]
        forearm = unit(pose.joints[f"{side}_wrist"] - pose.joints[f"{side}_elbow"])
        for part, length_m in _HAND_M.items():
            place = pose.joints[f"{side}_wrist"] + length_m * forearm
            points[Landmark[f"{side.upper()}_{part}"]] = place
    return points
