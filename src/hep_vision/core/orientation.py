"""Where the person stands to the camera: how large, turned how far, facing which way.

All three are slow facts of a set, estimated causally from many frames, because a single frame is
misled by foreshortening (a trunk that leans at the camera looks short) and by landmark noise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hep_vision.core.landmarks import Landmark
from hep_vision.core.smoothing import NAN, RollingMedian
from hep_vision.core.types import FloatArray, View

FRONT_RATIO: Final = 0.50
"""Shoulder width over trunk length from which the view counts as front.

Anthropometry gives 0.90 for a frontal adult; people filmed from the front read 0.55-0.88, oblique
views 0.27-0.39, side views below 0.15.
"""
SIDE_RATIO: Final = 0.25
FRONTAL_WIDTH_RATIO: Final = 0.80
_HYSTERESIS: Final = 0.04
_VIEW_WINDOW_MS: Final = 2_000
_SCALE_DECAY_MS: Final = 20_000.0
_SCALE_WINDOW_MS: Final = 400
_SCALE_SAMPLES: Final = 3
_SCALE_SHRINK: Final = 0.75
_SCALE_GROWTH: Final = 1.1
_FACING_MEMORY_MS: Final = 4_000.0
_FACING_EVIDENCE: Final = 5.0
"""Summed votes from which the facing is believed: a few clear frames."""

_NOSE: Final = int(Landmark.NOSE)
_EAR: Final = int(Landmark.LEFT_EAR)
_SHOULDER: Final = int(Landmark.LEFT_SHOULDER)
_HIP: Final = int(Landmark.LEFT_HIP)
"""Rows of the left side; the right one is the next."""

Point = Sequence[float]


@dataclass(frozen=True, slots=True)
class Orientation:
    """The person's stance to the camera at one moment.

    Attributes:
        scale_px: Trunk length when it is not foreshortened; NaN before anybody was seen.
        view: Front, oblique or side, settled over two seconds; unknown before.
        turn_deg: 0 = square to the camera, 90 = side-on; NaN when unknown.
        facing: +1 or -1 as in `hep_vision.core.measures.PoseArrays`; NaN when unknown.
    """

    scale_px: float
    view: View
    turn_deg: float
    facing: float


class OrientationTracker:
    """Follows scale, view and facing from frame to frame.

    Plain floats throughout: this runs on every frame, where small arrays cost more than the sums.
    """

    def __init__(self) -> None:
        self._scale_px = NAN
        self._recent_px = NAN
        self._view = View.UNKNOWN
        self._facing_score = 0.0
        self._lengths = RollingMedian(_SCALE_WINDOW_MS)
        self._ratios = RollingMedian(_VIEW_WINDOW_MS)
        self._last_ms: int | None = None

    def update(self, timestamp_ms: int, image_px: FloatArray) -> Orientation:
        """Take in one (33, 2) pose and return the present estimate; NaN landmarks are ignored."""
        elapsed_ms = 0 if self._last_ms is None else timestamp_ms - self._last_ms
        self._last_ms = timestamp_ms
        points: list[Point] = image_px.tolist()
        trunk = _between(_middle(points, _HIP), _middle(points, _SHOULDER))
        length = math.hypot(*trunk)
        if length > 0.0:
            self._follow_scale(timestamp_ms, length, elapsed_ms)
            self._follow_view(timestamp_ms, (trunk[0] / length, trunk[1] / length), points)
            keep = math.exp(-elapsed_ms / _FACING_MEMORY_MS)
            self._facing_score = keep * self._facing_score + facing_vote(trunk, points)
        return self._estimate()

    def _follow_scale(self, timestamp_ms: int, length: float, elapsed_ms: int) -> None:
        # The median of a short while: one wild landmark must not become the size of the person.
        self._lengths.add(timestamp_ms, length)
        length = self._lengths.low
        decayed = self._recent_px * math.exp(-elapsed_ms / _SCALE_DECAY_MS)
        settling = len(self._lengths) < _SCALE_SAMPLES or math.isnan(decayed)
        self._recent_px = length if settling else max(length, decayed)
        # The scale moves in steps: a creeping one would make still heights seem to move.
        if not _SCALE_SHRINK * self._scale_px < self._recent_px < _SCALE_GROWTH * self._scale_px:
            self._scale_px = self._recent_px

    def _follow_view(self, timestamp_ms: int, up: Point, points: list[Point]) -> None:
        # Width across the trunk, whatever way up the trunk lies in the picture.
        left, right = points[_SHOULDER], points[_SHOULDER + 1]
        across = abs((left[0] - right[0]) * -up[1] + (left[1] - right[1]) * up[0])
        self._ratios.add(timestamp_ms, across / self._scale_px)
        ratio = self._ratios.value
        front, side = FRONT_RATIO, SIDE_RATIO
        if self._view is not View.UNKNOWN:
            front += -_HYSTERESIS if self._view is View.FRONT else _HYSTERESIS
            side += _HYSTERESIS if self._view is View.SIDE else -_HYSTERESIS
        self._view = View.FRONT if ratio >= front else View.SIDE if ratio <= side else View.OBLIQUE

    def _estimate(self) -> Orientation:
        sure = abs(self._facing_score) >= _FACING_EVIDENCE
        facing = math.copysign(1.0, self._facing_score) if sure else NAN
        turn = NAN
        if self._ratios:
            turn = math.degrees(math.acos(min(1.0, self._ratios.value / FRONTAL_WIDTH_RATIO)))
        return Orientation(self._scale_px, self._view, turn, facing)


def facing_vote(trunk: Point, points: list[Point]) -> float:
    """Return evidence for facing +1 or -1 from one pose; 0 where nothing tells.

    Knees bend backward, elbows forward, toes and nose point forward: true in every posture, so the
    vote needs no idea of which way is up. Each is weighted by how far it turns.
    """
    vote = 0.0
    for side in (0, 1):
        shoulder, elbow, wrist = points[11 + side], points[13 + side], points[15 + side]
        hip, knee, ankle = points[23 + side], points[25 + side], points[27 + side]
        heel, toe = points[29 + side], points[31 + side]
        vote += 1.5 * _sine(_between(hip, knee), _between(knee, ankle))
        vote -= 1.0 * _sine(_between(knee, ankle), _between(heel, toe))
        vote -= 0.3 * _sine(_between(shoulder, elbow), _between(elbow, wrist))
    forward = _between(_middle(points, _EAR), points[Landmark.NOSE])
    # In a front view the nose lies between the ears and its direction means nothing.
    if math.hypot(*forward) > 0.1 * math.hypot(*trunk):
        vote += 1.0 * _sine(trunk, forward)
    return vote


def _middle(points: list[Point], left_landmark: int) -> Point:
    left, right = points[left_landmark], points[left_landmark + 1]
    return ((left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0)


def _between(start: Point, end: Point) -> Point:
    return (end[0] - start[0], end[1] - start[1])


def _sine(start: Point, end: Point) -> float:
    product = math.hypot(*start) * math.hypot(*end)
    sine = (start[0] * end[1] - start[1] * end[0]) / product if product else 0.0
    return 0.0 if math.isnan(sine) else sine
