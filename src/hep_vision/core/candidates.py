"""Everything that could be counted in a recording: each measure, its sides combined, either way.

The values are those the counter would see, brought onto an even grid so that all of them can be
looked at together. Only the learning from a demonstration uses this: it may look ahead.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import Combine, CountSignal, Direction
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, PLACES, fill_missing_plane, measure_pose
from hep_vision.core.orientation import OrientationTracker
from hep_vision.core.signal import VISIBLE, VisibilityTracker
from hep_vision.core.types import FloatArray, PoseFrame, Side, View

BoolArray = NDArray[np.bool_]

STEP_MS: Final = 33
_MEDIAN_STEPS: Final = 5
_SMOOTH_STEPS: Final = 3
_NAMES: Final = tuple(MEASURES)
_ROW: Final = {name: row for row, name in enumerate(_NAMES)}
_LEVEL: Final = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP)
_COMBINES: Final = (Combine.MEAN, Combine.LARGER, Combine.SMALLER, Combine.DIFFERENCE)
_UNCOUNTED: Final = frozenset({"position_x"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Every measure of a recording.

    Attributes:
        time_ms: (T,) media time.
        values: (T, M, 2) by side, in the order of `MEASURES`; NaN where not seen.
        weights: (T, M, 2) how well each is seen.
        views: (T,) where the camera stood.
        scale_px: (T,) trunk length; NaN before anybody was seen.
        seen: (T,) whether anybody was.
    """

    time_ms: FloatArray
    values: FloatArray
    weights: FloatArray
    views: tuple[View, ...]
    scale_px: FloatArray
    seen: BoolArray

    def of(self, measure: str) -> FloatArray:
        """Return one measure, (T, 2)."""
        return np.asarray(self.values[:, _ROW[measure], :])

    def weight_of(self, measure: str) -> FloatArray:
        """Return how well one measure is seen, (T, 2)."""
        return np.asarray(self.weights[:, _ROW[measure], :])

    def inside(self, start_ms: float, end_ms: float) -> BoolArray:
        """Return which moments lie in ``[start_ms, end_ms]``, (T,) of bool."""
        return (self.time_ms >= start_ms) & (self.time_ms <= end_ms)

    def view(self, start_ms: float, end_ms: float) -> View:
        """Return the view of most of a span, unknown if nobody was seen in it."""
        inside = np.flatnonzero(self.inside(start_ms, end_ms) & self.seen)
        views = Counter(self.views[row] for row in inside.tolist())
        return views.most_common(1)[0][0] if views else View.UNKNOWN


def measure_recording(poses: Iterable[PoseFrame]) -> Measured:
    """Measure every pose of a recording, as the engine would.

    Args:
        poses: What the engine sees, `hep_vision.core.whole_set.followed`.
    """
    orientation, visibility = OrientationTracker(), VisibilityTracker(_NAMES)
    places = [_ROW[name] for name in PLACES]
    rows: list[tuple[int, FloatArray, FloatArray, View, float, bool]] = []
    for pose in poses:
        image_px, world_m = fill_missing_plane(pose.image_px, pose.world_m)
        stance = orientation.update(pose.timestamp_ms, image_px)
        weights = visibility.update(pose.timestamp_ms, pose.visibility)
        values = measure_pose(
            _NAMES, image_px, world_m, np.asarray(stance.scale_px), np.asarray(stance.facing)
        )
        values[~(weights >= VISIBLE)] = np.nan
        if np.isnan(pose.image_px).all():
            values[places] = np.nan
        seen = bool(np.isfinite(image_px[_LEVEL, 0]).all())
        rows.append((pose.timestamp_ms, values, weights, stance.view, stance.scale_px, seen))
    shape = (len(rows), len(_NAMES), 2)
    return Measured(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows]).reshape(shape),
        np.array([row[2] for row in rows]).reshape(shape),
        tuple(row[3] for row in rows),
        np.array([row[4] for row in rows], dtype=np.float64),
        np.array([row[5] for row in rows], dtype=bool),
    )


@dataclass(frozen=True, eq=False)
class Candidate:
    """One signal that could be counted.

    Attributes:
        measure: Name in `MEASURES`.
        combine: How its sides are combined.
        direction: Which way it is taken to go from rest.
        time_ms: (G,) an even grid.
        raw: (G,) values that grow with effort, gaps bridged.
        smooth: (G,) the same, smoothed.
        known: (G,) 1 where it was seen, else 0.
    """

    measure: str
    combine: Combine
    direction: Direction
    time_ms: FloatArray
    raw: FloatArray
    smooth: FloatArray
    known: FloatArray

    @property
    def sign(self) -> float:
        """+1 where the measure itself grows with effort, else -1."""
        return 1.0 if self.direction is Direction.INCREASE else -1.0

    @cached_property
    def noise(self) -> float:
        """Standard deviation of what smoothing takes away, from the median so moves don't count."""
        return float(1.4826 * np.median(np.abs(self.raw - self.smooth)))

    @cached_property
    def turns(self) -> FloatArray:
        """Indices of the local extremes, both ends included."""
        slope = np.sign(np.diff(self.smooth))
        for index in range(1, len(slope)):  # a level stretch goes on as before
            if slope[index] == 0.0:
                slope[index] = slope[index - 1]
        inner = np.flatnonzero(np.diff(slope) != 0.0) + 1
        return np.concatenate([[0], inner, [len(self.smooth) - 1]])

    def signal(self, minimum_rom: float, views: tuple[View, ...]) -> CountSignal:
        """Return the signal of an exercise file."""
        return CountSignal(self.measure, minimum_rom, views, self.combine, self.direction)


def candidates(measured: Measured, side: Side | None = None) -> list[Candidate]:
    """Return every signal that is ever seen, in both directions.

    Args:
        measured: The recording.
        side: The side that works, or both, or None to try everything.
    """
    found = []
    for name in _NAMES:
        if name in _UNCOUNTED:
            continue
        for combine in _combines(measured.of(name), side):
            combined = combined_sides(measured.of(name), measured.weight_of(name), combine, side)
            found += _both_ways(measured, name, combine, combined)
    return found


def _combines(values: FloatArray, side: Side | None) -> tuple[Combine, ...]:
    left, right = values[np.isfinite(values).all(axis=1)].T
    if is_sideless(values):
        return (Combine.MEAN,)
    if len(left) and np.allclose(left, -right):  # one side above the other
        return (Combine.LARGER,)
    if side is Side.BOTH:
        return (Combine.MEAN,)
    if side is not None:
        return (Combine.LARGER,)
    return _COMBINES


def is_sideless(values: FloatArray) -> bool:
    """Return whether a measure, (T, 2), is one of the whole body: the same on both sides."""
    left, right = values[np.isfinite(values).all(axis=1)].T
    return bool(len(left) and np.allclose(left, right))


def combined_sides(
    values: FloatArray, weights: FloatArray, combine: Combine, side: Side | None = None
) -> dict[Direction, FloatArray]:
    """Return both sides as one signal over time, as `hep_vision.core.signal.combine_sides` does.

    Args:
        values: (T, 2) a measure by side.
        weights: (T, 2) how well each side is seen.
        combine: How to combine them; a working side given here is taken alone.
        side: The side that works, if one alone does.

    Returns:
        (T,) for each direction, growing with effort; NaN where unknown.
    """
    seen = np.where(weights >= VISIBLE, values, np.nan)
    if side in (Side.LEFT, Side.RIGHT):
        alone = seen[:, 0 if side is Side.LEFT else 1]
        return {Direction.INCREASE: alone, Direction.DECREASE: -alone}
    if combine is Combine.MEAN:
        share = np.where(np.isnan(seen), 0.0, weights**4)
        total = share.sum(axis=1)
        known = np.where(np.isnan(seen), 0.0, seen) * share
        mean = np.where(total > 0.0, known.sum(axis=1) / np.where(total > 0.0, total, 1.0), np.nan)
        return {Direction.INCREASE: mean, Direction.DECREASE: -mean}
    if combine is Combine.DIFFERENCE:
        # It grows whichever way the measure goes, so there is one direction only.
        return {Direction.INCREASE: np.abs(seen[:, 0] - seen[:, 1])}
    # The lesser of two sides is unknown while one is.
    choose = np.fmax if combine is Combine.LARGER else np.minimum
    return {
        Direction.INCREASE: choose(seen[:, 0], seen[:, 1]),
        Direction.DECREASE: choose(-seen[:, 0], -seen[:, 1]),
    }


def _both_ways(
    measured: Measured, name: str, combine: Combine, combined: dict[Direction, FloatArray]
) -> list[Candidate]:
    found = []
    for direction, values in combined.items():
        on_grid = _gridded(measured.time_ms, values)
        if on_grid is not None:
            time_ms, raw, known = on_grid
            found.append(Candidate(name, combine, direction, time_ms, raw, _smoothed(raw), known))
    return found


def _gridded(
    time_ms: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return grid, values with gaps bridged, and where they are known; None if hardly ever."""
    known = np.isfinite(values)
    if known.sum() < 2 * _MEDIAN_STEPS:
        return None
    grid = _grid_ms(time_ms)
    nearest = np.clip(np.searchsorted(time_ms, grid), 0, len(time_ms) - 1)
    return grid, np.interp(grid, time_ms[known], values[known]), known[nearest].astype(np.float64)


def _grid_ms(time_ms: FloatArray) -> FloatArray:
    return np.arange(time_ms[0], time_ms[-1] + 1.0, STEP_MS)


def _smoothed(values: FloatArray) -> FloatArray:
    half = _MEDIAN_STEPS // 2
    padded = np.pad(values, half, mode="edge")
    median = np.median(np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN_STEPS), axis=-1)
    for _ in range(2):
        padded = np.pad(median, _SMOOTH_STEPS // 2, mode="edge")
        median = np.convolve(padded, np.full(_SMOOTH_STEPS, 1.0 / _SMOOTH_STEPS), mode="valid")
    return np.asarray(median)


def activity(measured: Measured) -> FloatArray:
    """Return how much the whole body moves at each moment of the grid, in uncertainties a step.

    The sum over all joint angles; the slowest quarter of all moments is taken for stillness.
    """
    total: FloatArray = np.zeros(len(_grid_ms(measured.time_ms)))
    for name in _NAMES:
        info = MEASURES[name]
        if info.unit != "deg":
            continue
        for side in (0, 1):
            on_grid = _gridded(measured.time_ms, measured.of(name)[:, side])
            if on_grid is not None:
                moved = np.abs(np.diff(_smoothed(on_grid[1]), prepend=np.nan)) / info.uncertainty
                total = total + np.nan_to_num(moved)
    return np.maximum(total - np.percentile(total, 25.0), 0.0)
