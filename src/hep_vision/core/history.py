"""The recent past of a set: what a finished repetition is judged on."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.orientation import Orientation
from hep_vision.core.types import FloatArray, View

_TRIM_EVERY: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What is known of the person at one moment.

    Attributes:
        timestamp_ms: Media time.
        measures: (M, 2) measures by side; NaN = unknown.
        weights: (M, 2) how well each is seen, 0..1.
        stance: How large, turned and facing.
    """

    timestamp_ms: int
    measures: FloatArray
    weights: FloatArray
    stance: Orientation


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of the past.

    Attributes:
        timestamp_ms: (T,) int64.
        signal: (T,) the counted signal, smoothed.
        measures: (T, M, 2) measures by side, in the order the history was given; NaN = unknown.
        views: (T,) the view at each moment.
    """

    timestamp_ms: FloatArray
    signal: FloatArray
    measures: FloatArray
    views: tuple[View, ...]

    def __len__(self) -> int:
        return len(self.timestamp_ms)


class History:
    """Keeps at least ``keep_ms`` of samples, appended in time order."""

    def __init__(self, keep_ms: int, measure_count: int) -> None:
        self._keep_ms = keep_ms
        self._measure_count = measure_count
        self._timestamps: list[int] = []
        self._signal: list[float] = []
        self._measures: list[FloatArray] = []
        self._views: list[View] = []

    def append(self, timestamp_ms: int, signal: float, measures: FloatArray, view: View) -> None:
        """Add one moment; ``measures`` is (M, 2)."""
        self._timestamps.append(timestamp_ms)
        self._signal.append(signal)
        self._measures.append(measures)
        self._views.append(view)
        if len(self._timestamps) % _TRIM_EVERY == 0:
            self._trim(timestamp_ms - self._keep_ms)

    def window(self, start_ms: int, end_ms: int) -> Window:
        """Return the samples of ``[start_ms, end_ms)``; may be empty."""
        first = bisect_left(self._timestamps, start_ms)
        last = bisect_left(self._timestamps, end_ms)
        measures = self._measures[first:last]
        return Window(
            np.array(self._timestamps[first:last], dtype=np.float64),
            np.array(self._signal[first:last], dtype=np.float64),
            np.array(measures) if measures else np.empty((0, self._measure_count, 2)),
            tuple(self._views[first:last]),
        )

    def _trim(self, before_ms: int) -> None:
        first = bisect_left(self._timestamps, before_ms)
        for column in (self._timestamps, self._signal, self._measures, self._views):
            del column[:first]
