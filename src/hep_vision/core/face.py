"""Where the head of the patient may be in every picture of a span, so that a face can be hidden.

Hiding must not miss, so a region is generous: the box round the head with hair and chin, over the
pictures just before and after, too, because landmarks jitter. Where the head is not seen, the
region seen before and the one seen after are joined and grow with the time that has passed; after
`SURE_MS` without either nobody knows, and all of the picture is hidden. Factors are own judgement,
from the proportions of a head: 0.15 m from ear to ear, 0.24 m from chin to crown, beside a trunk
of 0.5 m.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, PoseFrame
from hep_vision.core.whole_set import followed

SURE_MS: Final = 1_500
NEAR_MS: Final = 150
_FACE: Final = slice(Landmark.NOSE, Landmark.MOUTH_RIGHT + 1)
_SPAN_SHARE: Final = 1.3
_TRUNK_SHARE: Final = 0.36
_SHOULDERS_SHARE: Final = 0.45
_LEAST_PX: Final = 8.0
_GROWS_PER_S: Final = 1.0
"""Of its own size, on every side: a head moves by about its size in half a second."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, pixels of the source picture."""


class FaceFinder:
    """Tells for any moment which boxes hide the face.

    Args:
        poses: The landmarks of the session in time order, with some from before and after the
            span where there are any. A body that is not the patient's has its face hidden, too.
    """

    def __init__(self, poses: Sequence[PoseFrame]) -> None:
        self._stamps = np.array([pose.timestamp_ms for pose in poses], dtype=np.int64)
        self._patient = _heads(followed(poses))
        self._anyone = _heads(poses)
        self._seen: NDArray[np.bool_] = np.isfinite(self._patient[:, 0])
        self.image_size_px = poses[0].image_size_px if poses else None

    def regions(self, time_ms: int) -> tuple[Box, ...] | None:
        """Return the boxes at a time, in pixels of the source; None is the whole picture."""
        near = np.abs(self._stamps - time_ms) <= NEAR_MS
        own = _joined(self._patient[near & self._seen])
        if own is None:
            own = self._between(time_ms)
        if own is None:
            return None
        other = _joined(self._anyone[near & np.isfinite(self._anyone[:, 0])])
        return (own,) if other is None or other == own else (own, other)

    def _between(self, time_ms: int) -> Box | None:
        """Return where the head may be at a time in a gap; None where nobody can know."""
        before = np.flatnonzero(self._seen & (self._stamps <= time_ms))
        after = np.flatnonzero(self._seen & (self._stamps >= time_ms))
        ends = [*before[-1:].tolist(), *after[:1].tolist()]
        ages_s = [abs(int(self._stamps[end]) - time_ms) / 1000 for end in ends]
        if not ends or 1000 * min(ages_s) > SURE_MS:
            return None
        grown = [_grown(self._patient[end], s) for end, s in zip(ends, ages_s, strict=True)]
        return _joined(np.array(grown))


def _heads(poses: Sequence[PoseFrame]) -> FloatArray:
    """Return (T, 4) the box round the head in each pose; NaN where it is not seen."""
    heads = np.full((len(poses), 4), np.nan)
    for row, pose in zip(heads, poses, strict=True):
        face = pose.image_px[_FACE]
        face = face[np.isfinite(face).all(axis=1)]
        if len(face):
            low, high = face.min(axis=0), face.max(axis=0)
            middle, half = (low + high) / 2, _half_px(pose, float(np.hypot(*(high - low))))
            row[:2], row[2:] = np.minimum(low, middle - half), np.maximum(high, middle + half)
    return heads


def _half_px(pose: PoseFrame, span_px: float) -> float:
    at = pose.image_px
    left, right = at[Landmark.LEFT_SHOULDER], at[Landmark.RIGHT_SHOULDER]
    hips = (at[Landmark.LEFT_HIP] + at[Landmark.RIGHT_HIP]) / 2
    sizes = (
        _SPAN_SHARE * span_px,
        _TRUNK_SHARE * float(np.hypot(*((left + right) / 2 - hips))),
        _SHOULDERS_SHARE * float(np.hypot(*(left - right))),
    )
    return max(_LEAST_PX, *(size for size in sizes if np.isfinite(size)))


def _grown(box: FloatArray, age_s: float) -> FloatArray:
    margin = _GROWS_PER_S * age_s * float(max(box[2] - box[0], box[3] - box[1]))
    return np.concatenate([box[:2] - margin, box[2:] + margin])


def _joined(boxes: FloatArray) -> Box | None:
    if not len(boxes):
        return None
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return (left, top, right, bottom)
