"""Where in the picture a body is and how large, whatever its posture.

How many pixels a metre of the body has is told by the bones in the picture and in the world
landmarks; it hardly changes while one person exercises. Who is the patient is judged by it, after
the pose model (``core/patient.py``) and before it (``pose/looking_again.py``).
"""

import math
from dataclasses import dataclass
from typing import Final

from hep_vision.core.figure import TRUNK_M
from hep_vision.core.landmarks import Landmark
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import PoseFrame

_SCALE_DECAY_MS: Final = 20_000.0

CORNER: Final = [0.0, 0.0]
"""Where some sources put landmarks that they do not know."""

Point = tuple[float, float]


@dataclass(slots=True)
class Sight:
    """Where one body is in the picture; plain floats, as it is every frame's.

    Attributes:
        timestamp_ms: Time of the pose.
        hips: Middle of the hips in pixels; NaN = unknown.
        shoulders: Middle of the shoulders in pixels; NaN = unknown.
        px_per_m: How large a metre of the body is.
        size: Natural logarithm of it; NaN where only the trunk tells, which leaning changes.
        world_m: The landmarks from the hips, in metres; NaN = unknown.
    """

    timestamp_ms: int
    hips: Point
    shoulders: Point
    px_per_m: float
    size: float
    world_m: list[list[float]]

    def step_m(self, other: "Sight") -> float:
        """Return how far apart the trunks are, by the nearer of hips and shoulders; NaN unknown."""
        hips = math.dist(self.hips, other.hips)
        shoulders = math.dist(self.shoulders, other.shoulders)
        nearer = shoulders if math.isnan(hips) or shoulders < hips else hips
        return nearer / max(self.px_per_m, other.px_per_m)

    def posture_change_m(self, other: "Sight") -> float:
        """Return the root mean square of the joints' distances; NaN = unknown."""
        squares = [math.dist(self.world_m[joint], other.world_m[joint]) ** 2 for joint in _JOINTS]
        return math.sqrt(sum(squares) / len(squares))


class SightReader:
    """Reads the sights of poses in time order.

    Where the world landmarks are not known, the longest recent trunk is the scale.
    """

    def __init__(self) -> None:
        self._scale_px = NAN
        self._scale_ms = 0

    def read(self, pose: PoseFrame) -> Sight | None:
        """Return the sight of a pose, or None for one without a place in the picture."""
        image, world = pose.image_px.tolist(), pose.world_m.tolist()
        if CORNER in image:
            image = [[NAN, NAN] if point == CORNER else point for point in image]
        hips = _middle(image, Landmark.LEFT_HIP)
        shoulders = _middle(image, Landmark.LEFT_SHOULDER)
        px_per_m = _px_per_m(image, world)
        size = math.log(px_per_m) if px_per_m > 0.0 else NAN
        if math.isnan(size):
            px_per_m = self._trunk_px(pose.timestamp_ms, math.dist(hips, shoulders)) / TRUNK_M
        if not px_per_m > 0.0 or (math.isnan(hips[0]) and math.isnan(shoulders[0])):
            return None
        return Sight(pose.timestamp_ms, hips, shoulders, px_per_m, size, world)

    def _trunk_px(self, timestamp_ms: int, length_px: float) -> float:
        """Return the trunk's length when it does not lean at the camera."""
        decayed = self._scale_px * math.exp((self._scale_ms - timestamp_ms) / _SCALE_DECAY_MS)
        self._scale_ms = timestamp_ms
        self._scale_px = decayed if decayed > length_px else length_px
        return self._scale_px


_BONES: Final = tuple(
    (int(first), int(last))
    for first, last in (
        (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
        (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
        (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP),
        (Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP),
        (Landmark.LEFT_SHOULDER, Landmark.RIGHT_HIP),
        (Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP),
        (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
        (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
        (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
        (Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE),
        (Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW),
        (Landmark.RIGHT_SHOULDER, Landmark.RIGHT_ELBOW),
        (Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST),
        (Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST),
    )
)
_WRISTS: Final = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)
LIMBS: Final = _BONES[6:]
"""The bones of the legs and arms, each as its nearer and farther joint."""
_JOINTS: Final = sorted({joint for bone in _BONES for joint in bone if joint not in _WRISTS})
_SHORTEST_M: Final = 0.05
_FEWEST_BONES: Final = 5


def _px_per_m(image: list[list[float]], world: list[list[float]]) -> float:
    """Return the median of the bones' lengths in the picture over those in the world, by length.

    Both are seen from the camera, so a bone that points at it is short in both.
    """
    ratios, total = [], 0.0
    for first, last in _BONES:
        start, end = world[first], world[last]
        length_m = math.hypot(end[0] - start[0], end[1] - start[1])
        if length_m > _SHORTEST_M:
            near, far = image[first], image[last]
            ratio = math.hypot(far[0] - near[0], far[1] - near[1]) / length_m
            if not math.isnan(ratio):
                ratios.append((ratio, length_m))
                total += length_m
    if len(ratios) < _FEWEST_BONES:
        return NAN
    ratios.sort()
    half, passed = total / 2.0, 0.0
    for ratio, length_m in ratios:
        passed += length_m
        if passed >= half:
            return ratio
    return NAN


def _middle(points: list[list[float]], left: int) -> Point:
    (left_x, left_y), (right_x, right_y) = points[left], points[left + 1]
    return (left_x + right_x) / 2.0, (left_y + right_y) / 2.0
