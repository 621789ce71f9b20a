"""The scalar that is counted: one measure, the two sides combined, only where it is seen."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from hep_vision.core.definition import Combine, CountSignal, Direction
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.measures import MEASURES, SIDES
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import FloatArray, Side

VISIBLE: Final = 0.4
"""Smoothed visibility from which a landmark is seen; BlazePose guesses what it does not see."""
_VISIBILITY_MEMORY_MS: Final = 500.0


class VisibilityTracker:
    """Tells how well each measure is seen: its least visible landmark, smoothed over half a second.

    Args:
        measures: Names in `hep_vision.core.measures.MEASURES`.
    """

    def __init__(self, measures: Sequence[str]) -> None:
        longest = max(len(MEASURES[name].landmarks) for name in measures)
        self._rows = np.array([_chain(name, longest) for name in measures])
        self._smooth = np.zeros(LANDMARK_COUNT)
        self._last_ms: int | None = None

    def update(self, timestamp_ms: int, visibility: FloatArray) -> FloatArray:
        """Take in (33,) visibilities and return (M, 2) by side; an unseen pose changes nothing."""
        if not np.isnan(visibility[0]):
            elapsed_ms = 1e9 if self._last_ms is None else timestamp_ms - self._last_ms
            self._last_ms = timestamp_ms
            weight = 1.0 - math.exp(-elapsed_ms / _VISIBILITY_MEMORY_MS)
            change = weight * (visibility - self._smooth)
            self._smooth = self._smooth + np.where(np.isnan(change), 0.0, change)
        return np.asarray(self._smooth[self._rows].min(axis=-1))


def _chain(measure: str, length: int) -> list[list[int]]:
    """Return the landmark rows of a measure by side, the last repeated up to ``length``."""
    parts = MEASURES[measure].landmarks
    rows = [Landmark[f"LEFT_{part}"].value for part in parts]
    rows += rows[-1:] * (length - len(rows))
    return [rows, [row + 1 for row in rows]]


def followed_sides(signal: CountSignal, prescribed: Side | None) -> tuple[Side | None, ...]:
    """Return the side that each machine counting a signal follows alone; None follows both."""
    if signal.combine is Combine.EACH and prescribed is None:
        return SIDES
    return (prescribed,)


def combine_sides(
    signal: CountSignal, values: FloatArray, weights: FloatArray, side: Side | None
) -> float:
    """Return the signal's value, growing with effort; NaN where it is not seen.

    Args:
        signal: What to combine.
        values: (2,) the measure by side.
        weights: (2,) how well each side is seen.
        side: The prescribed side, or None to follow the person.
    """
    sign = 1.0 if signal.direction is Direction.INCREASE else -1.0
    left, right = (
        sign * value if weight >= VISIBLE else NAN
        for value, weight in zip(values.tolist(), weights.tolist(), strict=True)
    )
    if signal.combine is Combine.DIFFERENCE:
        return _difference(left, right, side)
    if side in (Side.LEFT, Side.RIGHT):
        return left if side is Side.LEFT else right
    if signal.combine is Combine.MEAN:
        return _weighted((left, right), weights.tolist())
    if signal.combine is Combine.LARGER:
        known = [value for value in (left, right) if not math.isnan(value)]
        return max(known, default=NAN)
    # The lesser of two sides is unknown while one is. `Combine.EACH` asks for one side at a time.
    return NAN if math.isnan(left + right) else min(left, right)


def _difference(left: float, right: float, side: Side | None) -> float:
    if side is Side.LEFT:
        return left - right
    return right - left if side is Side.RIGHT else abs(left - right)


def weighted_mean(values: FloatArray, weights: FloatArray) -> float:
    """Return the mean of both sides weighted by visibility; NaN where neither is known.

    The fourth power lets the near side of a side view speak almost alone.
    """
    return _weighted(values.tolist(), weights.tolist())


def _weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    total, weight_sum = 0.0, 0.0
    for value, weight in zip(values, weights, strict=True):
        if not math.isnan(value):
            total += value * weight**4
            weight_sum += weight**4
    return total / weight_sum if weight_sum else math.nan
