"""Counting by k-nearest-neighbour pose class, after MediaPipe's pose classification.

Every pose becomes vectors between pairs of landmarks, in units of the person. It is compared with
labelled poses of the two ends of the movement; the votes are smoothed over frames, and a
repetition is counted on leaving the class of the goal.

The labelled poses are the project's stick figure at rest and at the goal of each exercise, in
three views, with noise; none comes from a recording that is counted.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Final

import numpy as np
from benchmarks.accuracy.signals import middle, planes

from hep_vision.core.definition import Combine, ExerciseDefinition
from hep_vision.core.figure import FOREARM_M, UPPER_ARM_M
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, View
from hep_vision.sources.recorded import LandmarkTrack
from synthetic import (
    SHANK_M,
    THIGH_M,
    TRUNK_M,
    Camera,
    Posture,
    body_m,
    bridge_hip_deg,
    bridge_knee_deg,
    project,
)

TRUNKS_PER_SIZE: Final = 2.5
AXIS_WEIGHTS: Final = np.array([1.0, 1.0, 0.2])
"""Depth is the least sure of the three."""
NEAREST_BY_MAX: Final = 30
NEAREST_BY_MEAN: Final = 10
WINDOW: Final = 10
ALPHA: Final = 0.2
ENTER: Final = 6.0
EXIT: Final = 4.0

REST_SHARES: Final = (0.0, 0.05, 0.10, 0.15)
GOAL_SHARES: Final = (0.8, 0.9, 1.0, 1.1)
_DRAWS: Final = 2
_NOISE_RATIO: Final = 0.02

_SAME_SIDE: Final = (
    ("SHOULDER", "ELBOW"),
    ("ELBOW", "WRIST"),
    ("HIP", "KNEE"),
    ("KNEE", "ANKLE"),
    ("SHOULDER", "WRIST"),
    ("HIP", "ANKLE"),
    ("HIP", "WRIST"),
    ("SHOULDER", "ANKLE"),
)
_ACROSS: Final = ("ELBOW", "KNEE", "WRIST", "ANKLE")


def embed(image_px: FloatArray, world_m: FloatArray) -> FloatArray:
    """Return (T, 21, 3) vectors between landmarks, 100 = the size of the person.

    Depth comes from the world landmarks, scaled to the picture by the trunk.
    """
    points = np.concatenate([image_px, np.zeros((*image_px.shape[:2], 1))], axis=2)
    trunk_px = np.linalg.norm(middle(image_px, "SHOULDER") - middle(image_px, "HIP"), axis=1)
    trunk_m = np.linalg.norm(middle(world_m, "SHOULDER") - middle(world_m, "HIP"), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        points[..., 2] = world_m[..., 2] * (trunk_px / trunk_m)[:, None]
    hips = middle(points, "HIP")
    points = points - hips[:, None]
    reach_px = np.fmax.reduce(np.linalg.norm(points[..., :2], axis=2), axis=1)
    points = 100.0 * points / np.fmax(TRUNKS_PER_SIZE * trunk_px, reach_px)[:, None, None]
    vectors = [middle(points, "SHOULDER")]
    for first, last in _SAME_SIDE:
        for side in ("LEFT", "RIGHT"):
            vectors.append(
                points[:, Landmark[f"{side}_{last}"]] - points[:, Landmark[f"{side}_{first}"]]
            )
    for part in _ACROSS:
        vectors.append(points[:, Landmark[f"RIGHT_{part}"]] - points[:, Landmark[f"LEFT_{part}"]])
    return np.stack(vectors, axis=1)


# -- labelled poses -------------------------------------------------------------------------------


Share = FloatArray | float
"""Of the way from rest to goal: a number, or (T, 1)."""


@dataclass(frozen=True, slots=True)
class Ends:
    """How a figure looks at a share of the way from rest (0) to goal (1).

    Attributes:
        posture: By share and (2,) of how much of the movement each side does.
        alter: Moves the (T, 33, 3) body further, for what a posture cannot say.
        arms_free: The arms may be anywhere: hanging, held forward, or at the chest.
    """

    posture: Callable[[Share, FloatArray], Posture]
    alter: Callable[[FloatArray, Share], FloatArray] = lambda body, share: body
    arms_free: bool = False


def _squat(goal_deg: float) -> Ends:
    return Ends(
        lambda share, side: Posture(
            trunk=0.35 * goal_deg * share, hip=goal_deg * share, knee=goal_deg * share
        ),
        arms_free=True,
    )


def _on_toes(body: FloatArray, share: Share) -> FloatArray:
    lifted = body.copy()
    share = np.reshape(share, (-1, 1))
    lifted[..., 1] += 0.07 * share
    for side in ("LEFT", "RIGHT"):
        lifted[:, Landmark[f"{side}_FOOT_INDEX"], 1] -= 0.07 * share[:, 0]
    return lifted


def _arms_to(lean_deg: Share, hand_m: FloatArray) -> Posture:
    """Return a straight body that leans on its toes, hands at ``hand_m`` (forward, up)."""
    lean = np.asarray(lean_deg, dtype=np.float64)
    ankle_m = np.array([0.0, 0.08])
    length_m = TRUNK_M + THIGH_M + SHANK_M
    ahead = hand_m[0] - ankle_m[0] - length_m * np.sin(np.radians(lean))
    down = ankle_m[1] + length_m * np.cos(np.radians(lean)) - hand_m[1]
    reach = np.hypot(ahead, down)
    bend = (reach**2 - UPPER_ARM_M**2 - FOREARM_M**2) / (2.0 * UPPER_ARM_M * FOREARM_M)
    elbow = np.arccos(np.clip(bend, -1.0, 1.0))
    inside = np.arctan2(FOREARM_M * np.sin(elbow), UPPER_ARM_M + FOREARM_M * np.cos(elbow))
    upper_arm = np.degrees(np.arctan2(ahead, down) - inside)
    return Posture(
        trunk=lean,
        shoulder=upper_arm + lean,
        elbow=np.degrees(elbow),
        foot_flat=False,
        place_m=ankle_m,
    )


def _lunge(share: Share, side: FloatArray) -> Posture:
    front, back = side, 1.0 - side
    return Posture(
        hip=front * (20.0 + 60.0 * share) + back * (-20.0 + 10.0 * share),
        knee=front * (12.0 + 68.0 * share) + back * (15.0 + 75.0 * share),
    )


def _leg_raise(share: Share, side: FloatArray) -> Posture:
    return Posture(
        trunk=-90.0, hip=45.0 * share * side, foot_flat=False, anchor="HIP", place_m=np.zeros(2)
    )


ENDS: Final[dict[str, Ends]] = {
    "squat": _squat(90.0),
    "mini_squat": _squat(60.0),
    "sit_to_stand": Ends(
        lambda share, side: Posture(hip=90.0 - 85.0 * share, knee=90.0 - 85.0 * share),
        arms_free=True,
    ),
    "elbow_flexion_curl": Ends(lambda share, side: Posture(elbow=12.0 + 123.0 * share * side)),
    "shoulder_flexion_raise": Ends(
        lambda share, side: Posture(shoulder=8.0 + 142.0 * share * side)
    ),
    "shoulder_abduction_raise": Ends(
        lambda share, side: Posture(shoulder_out=10.0 + 80.0 * share * side)
    ),
    "standing_hip_abduction": Ends(
        lambda share, side: Posture(hip_out=3.0 + 25.0 * share * side), arms_free=True
    ),
    "straight_leg_raise": Ends(_leg_raise),
    "seated_knee_extension": Ends(
        lambda share, side: Posture(
            hip=90.0,
            knee=85.0 - 82.0 * share * side,
            # The seat stays where it is; the foot goes forward.
            anchor="HIP",
            place_m=np.array([0.0, 0.5]),
        )
    ),
    "glute_bridge": Ends(
        lambda share, side: Posture(
            trunk=-90.0 - 24.0 * share,
            hip=bridge_hip_deg(24.0 * share),
            knee=bridge_knee_deg(24.0 * share),
            shoulder=-24.0 * share,
        )
    ),
    # The elbow goes from about 15 to about 95 degrees.
    "push_up": Ends(lambda share, side: _arms_to(67.0 + 8.0 * share, np.array([1.233, 0.05]))),
    "wall_push_up": Ends(lambda share, side: _arms_to(10.0 + 9.0 * share, np.array([0.78, 1.31]))),
    "heel_raise": Ends(lambda share, side: Posture(), _on_toes, arms_free=True),
    "static_lunge": Ends(_lunge, arms_free=True),
}

_BOTH: Final = (np.array([1.0, 1.0]),)
_EITHER: Final = (np.array([1.0, 0.0]), np.array([0.0, 1.0]), *_BOTH)
_ARMS: Final[tuple[dict[str, float], ...]] = (
    {},
    {"shoulder": 90.0},
    {"shoulder": 30.0, "shoulder_out": 20.0, "elbow": 110.0},
)


@cache
def labelled_poses(exercise_id: str, one_sided: bool) -> tuple[FloatArray, FloatArray]:
    """Return embeddings (N, 21, 3) and whether each is of the goal (N,)."""
    ends = ENDS[exercise_id]
    rng = np.random.default_rng(1)
    samples, goal = [], []
    for working, arms, share, camera in product(
        _EITHER if one_sided else _BOTH,
        _ARMS if ends.arms_free else _ARMS[:1],
        REST_SHARES + GOAL_SHARES,
        _cameras(),
    ):
        posture = replace(ends.posture(share, working), **arms)
        body = ends.alter(body_m(posture, _DRAWS), share)
        image_px, world_m, _ = project(body, camera)
        spread_px = _NOISE_RATIO * TRUNK_M * camera.px_per_m
        image_px = image_px + spread_px * rng.standard_normal(image_px.shape)
        samples.append(embed(image_px, world_m))
        goal += [share in GOAL_SHARES] * _DRAWS
    return np.concatenate(samples), np.array(goal)


def _cameras() -> list[Camera]:
    views = [Camera(view=view) for view in (View.FRONT, View.OBLIQUE, View.SIDE)]
    return views + [replace(camera, faces_right=False) for camera in views[1:]]


# -- classes over time ----------------------------------------------------------------------------


def goal_votes(poses: FloatArray, samples: FloatArray, is_goal: np.ndarray) -> FloatArray:
    """Return how many of the ten nearest labelled poses show the goal, (T,) of 0..10.

    The 30 nearest by their largest difference are taken first, which throws out poses that agree
    but for one limb; of those, the ten nearest by their mean difference. A pose may also be
    mirrored. NaN where the pose is not known.
    """
    votes = np.full(len(poses), np.nan)
    known = np.flatnonzero(np.isfinite(poses).all(axis=(1, 2)))
    labelled = (samples * AXIS_WEIGHTS).reshape(len(samples), -1).astype(np.float32)
    asked = (poses[known] * AXIS_WEIGHTS).astype(np.float32)
    mirrored = (asked * np.array([-1.0, 1.0, 1.0], np.float32)).reshape(
        len(asked), labelled.shape[1]
    )
    asked = asked.reshape(mirrored.shape)
    for row, pose, mirror in zip(known, asked, mirrored, strict=True):
        votes[row] = is_goal[_nearest(labelled, pose, mirror)].sum()
    return votes


def _nearest(labelled: np.ndarray, pose: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    differences = np.abs(labelled - pose), np.abs(labelled - mirror)
    largest = np.minimum(*(difference.max(axis=1) for difference in differences))
    alike = np.argpartition(largest, NEAREST_BY_MAX)[:NEAREST_BY_MAX]
    mean = np.minimum(*(difference[alike].mean(axis=1) for difference in differences))
    return alike[np.argpartition(mean, NEAREST_BY_MEAN)[:NEAREST_BY_MEAN]]


def smoothed_votes(votes: FloatArray) -> FloatArray:
    """Return the exponential mean over the last ten frames, (T,); an unknown pose votes 0."""
    weights = (1.0 - ALPHA) ** np.arange(WINDOW)
    recent: deque[float] = deque(maxlen=WINDOW)
    smoothed = []
    for vote in np.nan_to_num(votes).tolist():
        recent.appendleft(vote)
        shares = weights[: len(recent)]
        smoothed.append(float(np.dot(shares, recent) / shares.sum()))
    return np.array(smoothed)


def count_exits(votes: FloatArray) -> int:
    """Count how often smoothed votes rise above 6 and then fall below 4."""
    count, inside = 0, False
    for vote in votes.tolist():
        if not inside:
            inside = vote > ENTER
        elif vote < EXIT:
            count, inside = count + 1, False
    return count


def count_pose_classes(track: LandmarkTrack, definition: ExerciseDefinition) -> int | None:
    """Count how often the class of the goal is entered and left; None without labelled poses."""
    if definition.id not in ENDS:
        return None
    one_sided = definition.side is None or definition.count[0].combine is not Combine.MEAN
    samples, is_goal = labelled_poses(definition.id, one_sided)
    votes = goal_votes(embed(*planes(track)), samples, is_goal)
    # A frame without a pose fades the classes, but the counter waits, as in the original.
    return count_exits(smoothed_votes(votes)[np.isfinite(votes)])
