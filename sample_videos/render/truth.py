"""The exact truth of a clip: repetitions, joint angles and where the joints are in the picture.

Angles are degrees, flexion 0 = straight. Three-dimensional angles come from the joint positions
in the room, projected ones from the same joints in the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .camera import Camera
from .clips import FPS, Clip
from .geometry import FORWARD, UP, Vector, included_angle_deg
from .motion import starts_s
from .skeleton import LIMB_JOINTS, SIDES, Pose, middle

HINGES: Mapping[str, tuple[str, str, str]] = {
    "knee_flexion": ("hip", "knee", "ankle"),
    "hip_flexion": ("shoulder", "hip", "knee"),
    "elbow_flexion": ("shoulder", "elbow", "wrist"),
    "shoulder_elevation": ("hip", "shoulder", "elbow"),
}
Track = dict[str, list[float]]
Locate = Callable[[Vector], Vector]


def joint_angle_deg(name: str, points: tuple[Vector, Vector, Vector]) -> float:
    """Return the unsigned angle of a joint from its three points."""
    included = included_angle_deg(*points)
    return included if name == "shoulder_elevation" else 180.0 - included


def hip_sign(points: tuple[Vector, Vector, Vector], front: Vector) -> float:
    """Return -1 if the knee is behind the shoulder-hip line (extension), else 1."""
    shoulder, hip, knee = points
    line = (hip - shoulder) / np.linalg.norm(hip - shoulder)
    thigh = knee - hip
    return -1.0 if float((thigh - line * (thigh @ line)) @ front) < 0.0 else 1.0


def joint_angles(pose: Pose, locate: Locate, hip_signed: bool) -> dict[str, float]:
    """Return the eight limb angles (deg) of a pose, in the room or in the picture.

    Args:
        pose: The pose.
        locate: Maps a point of the room to where angles are measured.
        hip_signed: Give hip extension a minus sign; from the front it cannot be told.
    """
    angles = {}
    hips = middle(pose, "hip")
    front = locate(hips + 0.1 * pose.frames["chest"] @ FORWARD) - locate(hips)
    for side in SIDES:
        for name, joints in HINGES.items():
            first, joint, last = (locate(pose.joints[f"{side}_{j}"]) for j in joints)
            angle = joint_angle_deg(name, (first, joint, last))
            if name == "hip_flexion" and hip_signed:
                angle *= hip_sign((first, joint, last), front)
            angles[f"{side}_{name}"] = angle
    return angles


def in_sagittal_plane(point: Vector) -> Vector:
    """Drop the left-right part of a point: hips flex in the sagittal plane."""
    return np.asarray(point * np.array([0.0, 1.0, 1.0]))


def room_angles(pose: Pose) -> dict[str, float]:
    """Return the true angles (deg): limbs, and trunk lean forward and to the person's left."""
    trunk = middle(pose, "shoulder") - middle(pose, "hip")
    forward = np.degrees(np.arctan2(trunk @ FORWARD, trunk @ UP))
    left = np.degrees(np.arcsin(trunk[0] / np.linalg.norm(trunk)))
    limbs = joint_angles(pose, lambda point: point, False)
    hips = joint_angles(pose, in_sagittal_plane, True)
    limbs.update({name: deg for name, deg in hips.items() if name.endswith("hip_flexion")})
    return {
        **limbs,
        "trunk_lean_deg": float(forward),
        "trunk_lean_left_deg": float(left),
    }


def picture_angles(pose: Pose, camera: Camera, from_side: bool) -> dict[str, float]:
    """Return the angles (deg) of the projected joints.

    The trunk's lean is from the picture's vertical, positive towards the way the person faces
    (side view) or towards the person's left (front view).
    """
    trunk = camera.project(middle(pose, "shoulder")) - camera.project(middle(pose, "hip"))
    right, _, _ = camera.axes
    positive = FORWARD if from_side else np.array([1.0, 0.0, 0.0])
    sign = 1.0 if float(right @ positive) > 0.0 else -1.0
    return {
        **joint_angles(pose, camera.project, from_side),
        "trunk_lean_deg": float(np.degrees(np.arctan2(sign * trunk[0], -trunk[1]))),
    }


def tracks(rows: Sequence[Mapping[str, float]]) -> Track:
    """Turn one mapping per frame into one list per angle, rounded to 0.1 deg."""
    return {name: [round(row[name], 1) for row in rows] for name in rows[0]}


def landmark_tracks(poses: Sequence[Pose], camera: Camera) -> dict[str, list[list[float]]]:
    """Return the pixel of each limb joint in every frame."""
    names = [f"{side}_{joint}" for joint in LIMB_JOINTS for side in SIDES]
    return {
        name: [[round(float(c), 1) for c in camera.project(pose.joints[name])] for pose in poses]
        for name in names
    }


def ms(seconds: float) -> int:
    """Return whole milliseconds."""
    return round(seconds * 1000.0)


def movements(clip: Clip) -> list[dict[str, Any]]:
    """Return start, peak and end (ms) and the planted faults of every movement of a clip."""
    rows = []
    for start, rep in zip(starts_s(clip.first_rest_s, clip.reps), clip.reps, strict=True):
        leave = start + rep.out_s + rep.stay_s
        rows.append(
            {
                "start_ms": ms(start),
                "peak_ms": ms(start + rep.out_s + rep.stay_s / 2.0),
                "top_ms": [ms(start + rep.out_s), ms(leave)],
                "end_ms": ms(leave + rep.back_s),
                "side": clip.side,
                "partial": False,
                "faults": list(rep.faults),
                "faults_acceptable": list(rep.faults_acceptable),
            }
        )
    return rows


def as_hold(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stay at the peak of a movement as a timed hold."""
    start, end = row["top_ms"]
    return {"start_ms": start, "end_ms": end, "side": row["side"], "faults": row["faults"]}


def truth_of(clip: Clip, poses: Sequence[Pose]) -> dict[str, Any]:
    """Return the truth of a clip as it is written to ``<clip>.truth.json``."""
    rows = movements(clip)
    reps, acceptable = ([], [0, len(rows)]) if clip.timed_hold else (rows, [len(rows)] * 2)
    from_side = clip.view == "side"
    return {
        "schema": 1,
        "file": f"{clip.name}.mp4",
        "exercise_id": clip.exercise_id,
        "view": clip.view,
        "side": clip.side,
        "width": clip.camera.width_px,
        "height": clip.camera.height_px,
        "fps": FPS,
        "duration_ms": ms(len(poses) / FPS),
        "reps_total": len(reps),
        "reps_acceptable": acceptable,
        "reps": reps,
        "holds": [as_hold(row) for row in rows] if clip.timed_hold else [],
        "timestamp_ms": [ms(frame / FPS) for frame in range(len(poses))],
        "angles_deg": tracks([room_angles(pose) for pose in poses]),
        "projected_deg": tracks([picture_angles(p, clip.camera, from_side) for p in poses]),
        "landmarks_px": landmark_tracks(poses, clip.camera),
    }
