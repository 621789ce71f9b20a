"""A whole set at once, offline: one scale, one view and one facing for all of its landmarks.

What looks back at a finished set need not be causal, so it need not follow scale and facing from
frame to frame as `hep_vision.core.orientation` does; nothing then seems to move that stands still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import Combine, CountSignal, Direction
from hep_vision.core.geometry import distance, midpoint
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.orientation import FRONT_RATIO, SIDE_RATIO, facing_vote
from hep_vision.core.patient import PatientLock
from hep_vision.core.signal import VISIBLE
from hep_vision.core.types import FloatArray, PoseFrame, Side, View

GRID_MS: Final = 40
"""The even grid on which a set is filtered and differentiated, whatever its frame rate."""
_PAD_MS: Final = 1_000
_BLOCK_FRAMES: Final = 8_192
_SIGHT_MS: Final = 250
_SCALE_PERCENTILE: Final = 90.0
"""Of the trunk lengths in the picture: leaning at the camera only ever shortens them."""


class LandmarkSeries(Protocol):
    """The landmarks of one person over time, as a stored track holds them; NaN = not seen."""

    @property
    def timestamp_ms(self) -> NDArray[np.int64]:
        """(T,) media time, strictly increasing."""

    @property
    def image_px(self) -> NDArray[np.float32]:
        """(T, 33, 2) pixels."""

    @property
    def world_m(self) -> NDArray[np.float32]:
        """(T, 33, 3) metres."""

    @property
    def visibility(self) -> NDArray[np.float32]:
        """(T, 33) 0..1."""


def followed(poses: Iterable[PoseFrame]) -> list[PoseFrame]:
    """Return the poses of a recording as the engine sees them: those of someone else unseen."""
    lock = PatientLock()
    return [lock.follow(pose) for pose in poses]


@dataclass(frozen=True, slots=True, eq=False)
class _Patient:
    """The landmarks of the patient alone; see `LandmarkSeries`."""

    timestamp_ms: NDArray[np.int64]
    image_px: NDArray[np.float32]
    world_m: NDArray[np.float32]
    visibility: NDArray[np.float32]


def patient_in(landmarks: LandmarkSeries) -> LandmarkSeries:
    """Return a set's landmarks as the engine saw them: those of someone else unseen.

    Whatever looks back at a set begins with this, or it would judge a person who passed by.
    """
    if not len(landmarks.timestamp_ms):
        return landmarks
    image_px, world_m, visibility = (
        np.empty(np.shape(array), np.float32)
        for array in (landmarks.image_px, landmarks.world_m, landmarks.visibility)
    )
    lock = PatientLock()
    rows = zip(landmarks.image_px, landmarks.world_m, landmarks.visibility, strict=True)
    # One pose at a time: those of an hour would take as much memory again.
    for index, (timestamp_ms, row) in enumerate(
        zip(landmarks.timestamp_ms.tolist(), rows, strict=True)
    ):
        # The size of the picture tells nothing of who is in it.
        pose = lock.follow(PoseFrame(timestamp_ms, *row, (1, 1)))
        image_px[index], world_m[index] = pose.image_px, pose.world_m
        visibility[index] = pose.visibility
    return _Patient(landmarks.timestamp_ms, image_px, world_m, visibility)


@dataclass(frozen=True, slots=True, eq=False)
class WholeSet:
    """The set as a whole.

    Attributes:
        scale: Trunk length in the unit of ``image``; NaN where no trunk was seen.
        view: The view of most of the set.
        facing: +1 or -1 as in `hep_vision.core.measures.PoseArrays`; 0 where nothing tells.
    """

    _image: NDArray[np.float32]
    _world: NDArray[np.float32]
    scale: float
    view: View
    facing: float

    @classmethod
    def of(cls, landmarks: LandmarkSeries) -> "WholeSet":
        """Look at all landmarks of a set."""
        image, world = landmarks.image_px, landmarks.world_m
        if np.isnan(image).all():
            image = world[..., :2]
        elif np.isnan(world).all():
            world = np.concatenate([image, np.zeros_like(image[..., :1])], axis=-1)
        hips, shoulders = (_middle(image, part) for part in ("HIP", "SHOULDER"))
        length = distance(hips, shoulders)
        seen = length > 0.0
        if not seen.any():
            return cls(image, world, np.nan, View.UNKNOWN, np.nan)
        scale = float(np.percentile(length[seen], _SCALE_PERCENTILE))
        up = (shoulders - hips)[seen] / length[seen, None]
        left, right = (
            image[:, part].astype(np.float64)
            for part in (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
        )
        apart = (left - right)[seen]
        across = np.abs(apart[:, 1] * up[:, 0] - apart[:, 0] * up[:, 1])
        facing = _facing(image, np.flatnonzero(seen), up)
        return cls(image, world, scale, _view(across / scale), facing)

    @property
    def image(self) -> FloatArray:
        """(T, 33, 2) pixels; the world plane where there is no picture."""
        return self._image.astype(np.float64)

    @property
    def world(self) -> FloatArray:
        """(T, 33, 3) metres; the picture plane, in pixels, where there is no world."""
        return self._world.astype(np.float64)

    def measures(self, names: tuple[str, ...]) -> FloatArray:
        """Return named measures of every frame, (T, len(names), 2), seen or not."""
        frames = len(self._image)
        facing = np.full(frames, self.facing if self.facing else np.nan)
        scale = np.full(frames, self.scale)
        found = np.empty((frames, len(names), 2))
        # Frame by frame they are the same; all of an hour at once would fill the memory.
        for first in range(0, frames, _BLOCK_FRAMES):
            rows = slice(first, first + _BLOCK_FRAMES)
            image, world = (part[rows].astype(np.float64) for part in (self._image, self._world))
            found[rows] = measure_pose(names, image, world, scale[rows], facing[rows])
        return found


def _middle(points: NDArray[np.float32], part: str) -> FloatArray:
    left, right = Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]
    return midpoint(*(points[:, side].astype(np.float64) for side in (left, right)))


def _view(width_ratio: FloatArray) -> View:
    known = width_ratio[np.isfinite(width_ratio)]
    if not len(known):
        return View.UNKNOWN
    ratio = float(np.median(known))
    if ratio >= FRONT_RATIO:
        return View.FRONT
    return View.SIDE if ratio <= SIDE_RATIO else View.OBLIQUE


def _facing(image: NDArray[np.float32], rows: NDArray[np.intp], up: FloatArray) -> float:
    votes = (
        facing_vote((float(x), float(y)), [(px, py) for px, py in image[row].tolist()])
        for (x, y), row in zip(up, rows.tolist(), strict=True)
    )
    return float(np.sign(sum(votes)))


def counted_values(
    signal: CountSignal, body: WholeSet, landmarks: LandmarkSeries, side: Side | None
) -> FloatArray:
    """Return the signal at each frame, (T,), growing with effort; NaN = unknown."""
    measure = body.measures((signal.measure,))[:, 0]
    sight = sight_of(signal.measure, landmarks)
    sign = 1.0 if signal.direction is Direction.INCREASE else -1.0
    left, right = np.where(sight >= VISIBLE, sign * measure, np.nan).T
    if signal.combine is Combine.DIFFERENCE:
        return np.abs(left - right) if side is None else _chosen(left - right, right - left, side)
    if side is not None:
        return _chosen(left, right, side)
    if signal.combine is Combine.LARGER:
        return np.asarray(np.fmax(left, right))
    if signal.combine is Combine.SMALLER:
        return np.asarray(np.minimum(left, right))
    return _mean(left, right, sight)


def _chosen(left: FloatArray, right: FloatArray, side: Side) -> FloatArray:
    return left if side is Side.LEFT else right


def _mean(left: FloatArray, right: FloatArray, sight: FloatArray) -> FloatArray:
    """Return the mean of the sides, weighed by how well each is seen over the whole set.

    The fourth power lets the near side of a side view speak almost alone. Weights that do not
    change within the set cannot make the signal move; a side that is missing leaves the other.
    """
    sights = [column[np.isfinite(column)] for column in sight.T]
    weights = [float(column.mean()) ** 4 if len(column) else 0.0 for column in sights]
    total = np.zeros(len(left))
    weight = np.zeros(len(left))
    for values, own in zip((left, right), weights, strict=True):
        known = np.isfinite(values)
        total += np.where(known, own * values, 0.0)
        weight += np.where(known, own, 0.0)
    return np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), np.nan)


def sight_of(measure: str, landmarks: LandmarkSeries) -> FloatArray:
    """Return how well each side of a measure is seen, (T, 2): its least visible landmark.

    Averaged over a quarter of a second to either side; NaN where nobody was found all that time.
    """
    rows = [Landmark[f"LEFT_{part}"].value for part in MEASURES[measure].landmarks]
    sides = [landmark_sight(landmarks, [row + side for row in rows]) for side in (0, 1)]
    return np.asarray(np.stack(sides, axis=-1).min(axis=1))


def landmark_sight(landmarks: LandmarkSeries, rows: Sequence[int]) -> FloatArray:
    """Return how well each of the landmarks ``rows`` is seen, (T, len(rows)); see `sight_of`."""
    time_ms = landmarks.timestamp_ms
    first = np.searchsorted(time_ms, time_ms - _SIGHT_MS)
    last = np.searchsorted(time_ms, time_ms + _SIGHT_MS, side="right")
    visibility = landmarks.visibility[:, list(rows)].astype(np.float64)
    known = np.isfinite(visibility)
    edge = np.zeros((1, visibility.shape[1]))
    total = np.concatenate([edge, np.where(known, visibility, 0.0).cumsum(axis=0)])
    count = np.concatenate([edge, known.cumsum(axis=0)])
    inside = count[last] - count[first]
    mean = (total[last] - total[first]) / np.where(inside > 0.0, inside, 1.0)
    return np.where(inside > 0.0, mean, np.nan)


def low_pass(values: FloatArray, cutoff_hz: float) -> FloatArray:
    """Return what a 2nd-order Butterworth filter leaves, run forwards and back.

    Both runs together have no delay and the squared gain of one, 1 / (1 + (f / f_c)^4), which is
    applied to the spectrum. The ends are continued by their point reflection.

    Args:
        values: (N,) on the grid of `GRID_MS`, all known.
        cutoff_hz: Where one run leaves 0.71 of the amplitude.
    """
    pad = min(len(values) - 1, _PAD_MS // GRID_MS)
    if pad < 1:
        return values
    before = 2.0 * values[0] - values[pad:0:-1]
    after = 2.0 * values[-1] - values[-2 : -pad - 2 : -1]
    padded = np.concatenate([before, values, after])
    frequency_hz = np.fft.rfftfreq(len(padded), GRID_MS / 1_000.0)
    gain = 1.0 / (1.0 + (frequency_hz / cutoff_hz) ** 4)
    smooth = np.fft.irfft(np.fft.rfft(padded) * gain, len(padded))
    return np.asarray(smooth[pad : pad + len(values)])
