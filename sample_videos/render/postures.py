"""Whole-body postures of each exercise, from a few joint angles in degrees.

Every function takes the bones, the joint angles of the moment, and the working side, and returns
a pose. Flexion is 0 when straight. ``progress`` is how far (0-1) the repetition has gone; it
drives what merely accompanies the movement, such as the trunk that swings forward while rising.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .geometry import (
    FORWARD,
    UP,
    Matrix,
    Vector,
    chain_length,
    included_angle_deg,
    middle_joint,
    rotation_x,
    rotation_y,
    rotation_z,
    sagittal,
    unit,
    vec,
)
from .skeleton import (
    SIDES,
    Bones,
    Pose,
    middle,
    place_arm,
    place_foot,
    place_trunk,
    reach,
    step_on,
    swing_leg,
)

Angles = Mapping[str, float]
Posture = Callable[[Bones, Angles, str], Pose]

UPRIGHT: Matrix = np.eye(3)
SUPINE: Matrix = np.column_stack([vec(1, 0, 0), vec(0, 0, -1), vec(0, 1, 0)])
PRONE: Matrix = np.column_stack([vec(1, 0, 0), vec(0, 0, 1), vec(0, -1, 0)])
SHOULDERS_BEHIND_SPINE_DEG = 2.6
TOES_OUT_DEG = 12.0
MAT_TO_SHOULDER_M = 0.115
STANCE_KNEE_DEG = 92.0
SUPINE_TRUNK_UP_DEG = -3.9


def opposite(side: str) -> str:
    """Return the other side."""
    return "right" if side == "left" else "left"


def lean(
    pose: Pose,
    bones: Bones,
    pelvis: Vector,
    forward_deg: float,
    left_deg: float = 0.0,
    left_hip_up_deg: float = 0.0,
) -> None:
    """Place an upright trunk whose hip-to-shoulder line leans forward and to the left."""
    tip = forward_deg + SHOULDERS_BEHIND_SPINE_DEG
    pelvis_frame = rotation_z(left_hip_up_deg) @ rotation_x(0.85 * tip)
    chest = rotation_z(-1.28 * left_deg) @ rotation_x(1.045 * tip)
    head = rotation_z(-0.6 * left_deg) @ rotation_x(0.35 * tip)
    place_trunk(pose, bones, pelvis, pelvis_frame, chest, head)


def hang_arm(
    pose: Pose, bones: Bones, side: str, raised_deg: float = 4.0, elbow_deg: float = 10.0
) -> None:
    """Let an arm hang, or raise it straight ahead, with the elbow a little bent."""
    out = vec(SIDES[side] * 0.10, 0.0, 0.0)
    front = vec(-SIDES[side] * 0.3, 0.0, 0.0) - sagittal(raised_deg - 90.0)
    place_arm(
        pose, bones, side, sagittal(raised_deg) + out, sagittal(raised_deg + elbow_deg), front
    )


def hold_hands_in_front(pose: Pose, bones: Bones) -> None:
    """Hold both hands together in front of the chest."""
    chest = pose.frames["chest"]
    for side, sign in SIDES.items():
        depth = 0.16 if sign > 0 else 0.19
        wrist = middle(pose, "shoulder") + chest @ vec(-sign * 0.07, -0.17, depth)
        reach(pose, bones, side, wrist, chest @ vec(sign * 0.8, -1.0, -0.3), chest @ FORWARD)


def hands_on_hips(pose: Pose, bones: Bones) -> None:
    """Rest both hands on the hips, elbows out."""
    for side, sign in SIDES.items():
        wrist = pose.joints[f"{side}_hip"] + vec(sign * 0.115, 0.095, 0.03)
        reach(pose, bones, side, wrist, vec(sign, 0.0, -0.35), vec(-sign * 0.3, 0.2, 1.0))


def stand_leg(
    pose: Pose, bones: Bones, side: str, ankle: Vector, knee_out_deg: float = 8.0
) -> None:
    """Place a standing leg with its foot flat on the floor."""
    sign = SIDES[side]
    step_on(pose, bones, side, ankle, rotation_y(sign * knee_out_deg) @ vec(0.0, 0.1, 1.0))
    place_foot(pose, bones, side, rotation_y(sign * TOES_OUT_DEG) @ FORWARD)


def frontal_knee_angle_deg(hip: Vector, knee: Vector, ankle: Vector, sign: float) -> float:
    """Return the knee's angle seen exactly from the front (deg, + = inwards)."""
    bend = 180.0 - included_angle_deg(hip[:2], knee[:2], ankle[:2])
    share = (knee[1] - ankle[1]) / (hip[1] - ankle[1])
    on_line = ankle[0] + (hip[0] - ankle[0]) * share
    return bend if sign * (knee[0] - on_line) < 0.0 else -bend


def knee_pole(bones: Bones, hip: Vector, ankle: Vector, sign: float, inwards_deg: float) -> Vector:
    """Find where a knee must point so that it seems to fall inwards by an angle (deg)."""

    def pole(out_deg: float) -> Vector:
        return np.asarray(rotation_y(sign * out_deg) @ vec(0.0, 0.15, 1.0))

    least, most = -75.0, 60.0
    for _ in range(40):
        out_deg = (least + most) / 2.0
        knee = middle_joint(hip, ankle, bones.thigh_m, bones.shank_m, pole(out_deg))
        if frontal_knee_angle_deg(hip, knee, ankle, sign) > inwards_deg:
            least = out_deg
        else:
            most = out_deg
    return pole(most)


def squat(bones: Bones, angles: Angles, side: str) -> Pose:
    """Squat with the arms reaching forward; angles: knee_flexion, trunk_lean, arms, knees_in."""
    del side
    pose = Pose()
    shank = 0.32 * angles["knee_flexion"]
    thigh = angles["knee_flexion"] - shank
    hips = vec(0.0, bones.ankle_height_m, 0.0)
    hips = hips - bones.shank_m * sagittal(-shank) - bones.thigh_m * sagittal(thigh)
    lean(pose, bones, hips, angles["trunk_lean"])
    for name, sign in SIDES.items():
        ankle = vec(sign * 0.15, bones.ankle_height_m, 0.0)
        hip = pose.joints[f"{name}_hip"]
        step_on(pose, bones, name, ankle, knee_pole(bones, hip, ankle, sign, angles["knees_in"]))
        place_foot(pose, bones, name, rotation_y(sign * TOES_OUT_DEG) @ FORWARD)
        hang_arm(pose, bones, name, angles["arms"])
    return pose


def sit_to_stand(bones: Bones, angles: Angles, side: str) -> Pose:
    """Rise from a chair, hands in front; angles: knee_flexion, shank_lean, trunk_lean, swing.

    The trunk swings forward by ``swing`` soon after leaving the chair and comes upright again.
    """
    del side
    pose, share = Pose(), angles["progress"]
    shank = angles["shank_lean"] + 12.0 * np.sin(np.pi * share)
    thigh = angles["knee_flexion"] - shank
    hips = vec(0.0, bones.ankle_height_m, 0.0)
    hips = hips - bones.shank_m * sagittal(-shank) - bones.thigh_m * sagittal(thigh)
    lean(pose, bones, hips, angles["trunk_lean"] + angles["swing"] * np.sin(np.pi * share**0.55))
    for name, sign in SIDES.items():
        stand_leg(pose, bones, name, vec(sign * 0.11, bones.ankle_height_m, 0.0))
    hold_hands_in_front(pose, bones)
    return pose


def shoulder_abduction(bones: Bones, angles: Angles, side: str) -> Pose:
    """Raise both arms sideways; angles: abduction (from the hip-shoulder line), elbow_flexion."""
    del side
    pose, share = Pose(), angles["progress"]
    hips = vec(0.0, bones.ankle_height_m + bones.leg_m - 0.003, 0.0)
    lean(pose, bones, hips, 1.0)
    inwards = np.degrees(np.arctan2(bones.half_shoulders_m - bones.half_hips_m, bones.trunk_m))
    for name, sign in SIDES.items():
        stand_leg(pose, bones, name, vec(sign * 0.11, bones.ankle_height_m, 0.0))
        pose.joints[f"{name}_shoulder"] += vec(-sign * 0.012, 0.012, 0.0) * share
        raised = angles["abduction"] - inwards
        bent = raised - angles["elbow_flexion"]
        upper, forearm = rotation_z(sign * raised), rotation_z(sign * bent)
        place_arm(
            pose,
            bones,
            name,
            upper @ vec(0.0, -1.0, 0.08),
            forearm @ vec(0.0, -1.0, 0.14),
            vec(-sign * 0.1, 0.2 * share, 1.0),
        )
    return pose


def elbow_curl(bones: Bones, angles: Angles, side: str) -> Pose:
    """Curl one arm; angles: elbow_flexion, upper_arm (deg forward), trunk_lean."""
    pose = Pose()
    hips = vec(0.0, bones.ankle_height_m + bones.leg_m - 0.003, 0.0)
    lean(pose, bones, hips, angles["trunk_lean"])
    for name, sign in SIDES.items():
        stand_leg(pose, bones, name, vec(sign * 0.11, bones.ankle_height_m, 0.0))
    hang_arm(pose, bones, opposite(side))
    out = vec(SIDES[side] * 0.05, 0.0, 0.0)
    upper = sagittal(angles["upper_arm"]) + out
    forearm = sagittal(angles["upper_arm"] + angles["elbow_flexion"]) + out
    place_arm(pose, bones, side, upper, forearm, -sagittal(angles["upper_arm"] - 90.0))
    return pose


def recline(pose: Pose, bones: Bones, trunk_up_deg: float) -> None:
    """Lay the trunk on its back, shoulders on the mat at Z = 0, hips raised by an angle."""
    frame = rotation_x(-trunk_up_deg) @ SUPINE
    head = SUPINE @ rotation_x(6.0)
    place_trunk(pose, bones, vec(0.0, 0.0, 0.0), frame, frame, head)
    offset = vec(0.0, MAT_TO_SHOULDER_M, 0.0) - middle(pose, "shoulder")
    place_trunk(pose, bones, offset, frame, frame, head)
    pose.joints["head"] = vec(0.0, MAT_TO_SHOULDER_M, pose.joints["neck"][2] - 0.085)


def lay_arm(pose: Pose, bones: Bones, side: str) -> None:
    """Rest an arm on the mat beside the body."""
    sign = SIDES[side]
    wrist = vec(sign * 0.31, 0.055, 0.49)
    reach(pose, bones, side, wrist, vec(sign, 0.2, 0.0), UP)


def glute_bridge(bones: Bones, angles: Angles, side: str) -> Pose:
    """Lift the hips off the mat; angles: hip_flexion (signed), feet_m (hips to ankles at rest).

    The feet and the shoulders stay where they are: the trunk's slope follows from the hip angle.
    """
    del side
    low, high, feet_m = -8.0, 45.0, angles["feet_m"]
    for _ in range(40):
        trunk_up = (low + high) / 2.0
        reached = bridge_hip_flexion_deg(bridge_with_trunk_at(bones, trunk_up, feet_m))
        if reached > angles["hip_flexion"]:
            low = trunk_up
        else:
            high = trunk_up
    return bridge_with_trunk_at(bones, high, feet_m)


def bridge_with_trunk_at(bones: Bones, trunk_up_deg: float, feet_m: float) -> Pose:
    """Return the bridge posture whose trunk slopes up by an angle."""
    pose = Pose()
    recline(pose, bones, trunk_up_deg)
    for name, sign in SIDES.items():
        ankle = vec(sign * 0.11, bones.ankle_height_m, bones.trunk_m + feet_m)
        step_on(pose, bones, name, ankle, vec(sign * 0.08, 1.0, 0.3))
        place_foot(pose, bones, name, vec(sign * 0.1, 0.0, 1.0))
        lay_arm(pose, bones, name)
    return pose


def bridge_hip_flexion_deg(pose: Pose) -> float:
    """Return the hip's flexion in the sagittal plane (deg, negative = over-extended)."""
    trunk = (middle(pose, "hip") - middle(pose, "shoulder"))[1:]
    thigh = (middle(pose, "knee") - middle(pose, "hip"))[1:]
    slopes = [np.degrees(np.arctan2(segment[0], segment[1])) for segment in (trunk, thigh)]
    return float(slopes[1] - slopes[0])


def straight_leg_raise(bones: Bones, angles: Angles, side: str) -> Pose:
    """Lift one leg, lying on the back; angles: hip_flexion, knee_flexion."""
    pose = Pose()
    recline(pose, bones, SUPINE_TRUNK_UP_DEG)
    for name, sign in SIDES.items():
        hip, knee = (angles["hip_flexion"], angles["knee_flexion"]) if name == side else (-1.2, 3.0)
        hip += SUPINE_TRUNK_UP_DEG + SHOULDERS_BEHIND_SPINE_DEG
        thigh, shank = sagittal(90.0 + hip), sagittal(90.0 + hip - knee)
        swing_leg(pose, bones, name, thigh + vec(sign * 0.04, 0, 0), shank, sagittal(180.0 + hip))
        toes = sagittal(180.0 + hip - knee) + 0.35 * unit(shank)
        place_foot(pose, bones, name, toes, -shank)
        lay_arm(pose, bones, name)
    return pose


def seated_knee_extension(bones: Bones, angles: Angles, side: str) -> Pose:
    """Straighten one knee, hands at the seat; angles: knee_flexion, trunk_lean."""
    pose = Pose()
    lean(pose, bones, vec(0.0, 0.535, 0.0), angles["trunk_lean"])
    for name, sign in SIDES.items():
        knee = angles["knee_flexion"] if name == side else STANCE_KNEE_DEG
        thigh, shank = sagittal(88.0), sagittal(88.0 - knee)
        swing_leg(pose, bones, name, thigh + vec(sign * 0.08, 0, 0), shank, sagittal(135.0))
        if name == side:
            place_foot(pose, bones, name, sagittal(178.0 - knee), -shank)
        else:
            place_foot(pose, bones, name, FORWARD)
        seat_edge = pose.joints[f"{name}_hip"] + vec(sign * 0.125, -0.01, 0.02)
        reach(pose, bones, name, seat_edge, vec(sign * 0.4, 0.0, -1.0), FORWARD)
    return pose


def wall_sit(bones: Bones, angles: Angles, side: str) -> Pose:
    """Slide down a wall, hands in front; angles: knee_flexion, feet_m (ankles ahead of hips)."""
    del side
    pose = Pose()
    length = chain_length(bones.thigh_m, bones.shank_m, angles["knee_flexion"])
    height = np.sqrt(length**2 - angles["feet_m"] ** 2)
    lean(pose, bones, vec(0.0, bones.ankle_height_m + height, -angles["feet_m"]), 0.5)
    for name, sign in SIDES.items():
        stand_leg(pose, bones, name, vec(sign * 0.12, bones.ankle_height_m, 0.0))
    hold_hands_in_front(pose, bones)
    return pose


def hip_abduction(bones: Bones, angles: Angles, side: str) -> Pose:
    """Lift one leg sideways, hands on the hips.

    Angles: leg_out, trunk_to_stance, pelvis_drop (of the working side), hips_shift_m (to stance).
    """
    pose, sign = Pose(), SIDES[side]
    stance_hip_up_m = bones.half_hips_m * np.sin(np.radians(angles["pelvis_drop"]))
    height = bones.ankle_height_m + bones.leg_m - 0.006 - stance_hip_up_m
    hips = vec(-sign * angles["hips_shift_m"], height, 0.0)
    to_left, left_up = -sign * angles["trunk_to_stance"], -sign * angles["pelvis_drop"]
    lean(pose, bones, hips, 1.0, to_left, left_up)
    stance = opposite(side)
    stand_leg(pose, bones, stance, vec(-sign * 0.085, bones.ankle_height_m, 0.0))
    out = rotation_z(sign * angles["leg_out"])
    toes_out = rotation_y(sign * TOES_OUT_DEG * 0.5)
    swing_leg(pose, bones, side, out @ -UP, out @ vec(0.0, -1.0, -0.05), toes_out @ FORWARD)
    place_foot(pose, bones, side, toes_out @ FORWARD, out @ UP)
    hands_on_hips(pose, bones)
    return pose


def push_up(bones: Bones, angles: Angles, side: str) -> Pose:
    """Push-up on hands and toes; angles: elbow_flexion, body_line (+ = piked, - = sagging)."""
    del side
    arm_m = chain_length(bones.upper_arm_m, bones.forearm_m, angles["elbow_flexion"])
    wrist_height, ankle = 0.05, vec(0.0, 0.19, 0.0)
    straight_arm_m = chain_length(bones.upper_arm_m, bones.forearm_m, 8.0)
    body_m = bones.trunk_m + bones.leg_m
    hands_z = np.sqrt(body_m**2 - (wrist_height + straight_arm_m - ankle[1]) ** 2)
    wrists = vec(0.0, wrist_height, hands_z)
    body_m = chain_length(bones.trunk_m, bones.leg_m, abs(angles["body_line"]))
    shoulders = middle_joint(ankle, wrists, body_m, arm_m, UP)
    hips = middle_joint(
        ankle, shoulders, bones.leg_m, bones.trunk_m, UP if angles["body_line"] > 0 else -UP
    )
    pose = Pose()
    hang_trunk(pose, bones, hips, shoulders)
    for name, sign in SIDES.items():
        foot = ankle + vec(sign * 0.09, 0.0, 0.0)
        swing_leg(pose, bones, name, foot - pose.joints[f"{name}_hip"], foot - hips, -UP)
        place_foot(pose, bones, name, vec(0.0, -1.0, -0.12), FORWARD)
        wrist = wrists + vec(sign * (bones.half_shoulders_m + 0.02), 0.0, 0.0)
        reach(pose, bones, name, wrist, vec(sign * 0.25, 0.0, -1.0), FORWARD)
        pose.fronts[f"{name}_hand"] = FORWARD
    return pose


def hang_trunk(pose: Pose, bones: Bones, hips: Vector, shoulders: Vector) -> None:
    """Place a face-down trunk between hips and shoulders."""
    spine = shoulders - hips
    up_deg = float(np.degrees(np.arctan2(spine[1], spine[2]))) - SHOULDERS_BEHIND_SPINE_DEG
    frame = rotation_x(-up_deg) @ PRONE
    place_trunk(pose, bones, hips, frame, frame, frame @ rotation_x(-18.0))


POSTURES: dict[str, Posture] = {
    "squat": squat,
    "sit_to_stand": sit_to_stand,
    "shoulder_abduction_raise": shoulder_abduction,
    "elbow_flexion_curl": elbow_curl,
    "glute_bridge": glute_bridge,
    "straight_leg_raise": straight_leg_raise,
    "seated_knee_extension": seated_knee_extension,
    "wall_sit": wall_sit,
    "standing_hip_abduction": hip_abduction,
    "push_up": push_up,
}
