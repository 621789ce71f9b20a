"""The bones of a person and the pose they are in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .geometry import UP, Matrix, Vector, middle_joint, perpendicular, unit, vec

SIDES: dict[str, float] = {"left": 1.0, "right": -1.0}
LIMB_JOINTS: tuple[str, ...] = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


@dataclass(frozen=True, slots=True)
class Bones:
    """Segment lengths in metres; the defaults are a person about 1.72 m tall."""

    thigh_m: float = 0.42
    shank_m: float = 0.41
    upper_arm_m: float = 0.285
    forearm_m: float = 0.25
    ankle_height_m: float = 0.085
    half_hips_m: float = 0.097
    half_shoulders_m: float = 0.175
    lumbar_m: float = 0.10
    chest_m: float = 0.335

    @property
    def leg_m(self) -> float:
        """Length of the straight leg from hip to ankle."""
        return self.thigh_m + self.shank_m

    @property
    def trunk_m(self) -> float:
        """Length of the straight trunk from hips to shoulders."""
        return self.lumbar_m + self.chest_m


@dataclass(slots=True)
class Pose:
    """Where every joint is, and which way trunk, limbs and feet face.

    Attributes:
        joints: Positions in metres, such as ``left_knee``, ``pelvis``, ``right_toe``.
        frames: Orientation of ``pelvis``, ``chest`` and ``head``; columns are left, up, front.
        fronts: Directions, such as ``left_arm`` (elbow crease), ``left_leg`` (knee cap),
            ``left_foot`` (heel to toe) and ``left_instep`` (up from the sole).
    """

    joints: dict[str, Vector] = field(default_factory=dict)
    frames: dict[str, Matrix] = field(default_factory=dict)
    fronts: dict[str, Vector] = field(default_factory=dict)


def place_trunk(
    pose: Pose, bones: Bones, pelvis: Vector, pelvis_frame: Matrix, chest: Matrix, head: Matrix
) -> None:
    """Set pelvis, hips, spine, shoulders and head."""
    pose.frames.update(pelvis=pelvis_frame, chest=chest, head=head)
    lumbar = pelvis + pelvis_frame @ vec(0.0, bones.lumbar_m, -0.010)
    neck = lumbar + chest @ vec(0.0, bones.chest_m + 0.06, -0.015)
    pose.joints.update(pelvis=pelvis, lumbar=lumbar, neck=neck)
    pose.joints["head"] = neck + head @ vec(0.0, 0.085, 0.015)
    for side, sign in SIDES.items():
        pose.joints[f"{side}_hip"] = pelvis + pelvis_frame @ vec(sign * bones.half_hips_m, 0, 0)
        shoulder = vec(sign * bones.half_shoulders_m, bones.chest_m, -0.010)
        pose.joints[f"{side}_shoulder"] = lumbar + chest @ shoulder


def place_arm(
    pose: Pose, bones: Bones, side: str, upper: Vector, forearm: Vector, front: Vector
) -> None:
    """Set elbow and wrist from the directions of upper arm and forearm."""
    elbow = pose.joints[f"{side}_shoulder"] + bones.upper_arm_m * unit(upper)
    pose.joints[f"{side}_elbow"] = elbow
    pose.joints[f"{side}_wrist"] = elbow + bones.forearm_m * unit(forearm)
    pose.fronts[f"{side}_arm"] = front


def reach(pose: Pose, bones: Bones, side: str, wrist: Vector, pole: Vector, front: Vector) -> None:
    """Set the elbow so that the wrist is at a given point; the elbow points to the pole."""
    shoulder = pose.joints[f"{side}_shoulder"]
    elbow = middle_joint(shoulder, wrist, bones.upper_arm_m, bones.forearm_m, pole)
    place_arm(pose, bones, side, elbow - shoulder, wrist - elbow, front)


def step_on(pose: Pose, bones: Bones, side: str, ankle: Vector, pole: Vector) -> None:
    """Set the knee of a leg whose ankle is at a given point; the knee points to the pole."""
    hip = pose.joints[f"{side}_hip"]
    pose.joints[f"{side}_ankle"] = ankle
    pose.joints[f"{side}_knee"] = middle_joint(hip, ankle, bones.thigh_m, bones.shank_m, pole)
    pose.fronts[f"{side}_leg"] = pole


def swing_leg(
    pose: Pose, bones: Bones, side: str, thigh: Vector, shank: Vector, front: Vector
) -> None:
    """Set knee and ankle from the directions of thigh and shank."""
    knee = pose.joints[f"{side}_hip"] + bones.thigh_m * unit(thigh)
    pose.joints[f"{side}_knee"] = knee
    pose.joints[f"{side}_ankle"] = knee + bones.shank_m * unit(shank)
    pose.fronts[f"{side}_leg"] = front


def place_foot(pose: Pose, bones: Bones, side: str, forward: Vector, up: Vector = UP) -> None:
    """Set heel and toe below an ankle that is already placed."""
    ankle, forward = pose.joints[f"{side}_ankle"], unit(forward)
    up = perpendicular(up, forward)
    height = bones.ankle_height_m
    pose.fronts.update({f"{side}_foot": forward, f"{side}_instep": up})
    pose.joints[f"{side}_heel"] = ankle - up * (height - 0.030) - forward * 0.05
    pose.joints[f"{side}_toe"] = ankle - up * (height - 0.025) + forward * 0.165


def middle(pose: Pose, joint: str) -> Vector:
    """Return the midpoint of the left and right joint."""
    return np.asarray((pose.joints[f"left_{joint}"] + pose.joints[f"right_{joint}"]) / 2.0)
