"""Landmarks at a constant rate, for formats that know no other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.types import FloatArray
from hep_vision.core.whole_set import LandmarkSeries

_ROUNDING_MS: Final = 1
"""Stamps are whole milliseconds, so those of the steadiest camera are off by up to one."""
_MAX_GAP_MS: Final = 400
"""As for the samples of a form check: a fast repetition takes little longer than this one way."""
_LEFT_OUT: Final = 1.5
"""Steps longer than this many usual ones are frames that were dropped, not the camera's rate."""
_MOST_ROWS: Final = 500_000
"""Over four hours at 30 Hz; own judgement, it only bounds what a leap in the stamps can cost."""


@dataclass(frozen=True, slots=True, eq=False)
class EvenLandmarks:
    """Landmarks on an even grid; see `hep_vision.core.whole_set.LandmarkSeries`."""

    timestamp_ms: NDArray[np.int64]
    image_px: NDArray[np.float32]
    world_m: NDArray[np.float32]
    visibility: NDArray[np.float32]


def mean_rate_hz(time_ms: NDArray[np.int64]) -> float:
    """Return the mean rate of two or more stamps, a whole number where their rounding allows it."""
    span_ms = int(time_ms[-1]) - int(time_ms[0])
    rate_hz = 1000.0 * (len(time_ms) - 1) / span_ms
    whole_hz = round(rate_hz)
    fits = abs(whole_hz - rate_hz) * span_ms <= whole_hz * _ROUNDING_MS
    return float(whole_hz) if whole_hz and fits else rate_hz


def is_steady(time_ms: NDArray[np.int64]) -> bool:
    """Return whether two or more stamps lie at a constant rate, to the millisecond they have."""
    even_ms = np.linspace(0.0, float(time_ms[-1] - time_ms[0]), len(time_ms))
    return bool((np.abs(time_ms - time_ms[0] - even_ms) <= _ROUNDING_MS).all())


def evenly_timed(landmarks: LandmarkSeries) -> EvenLandmarks:
    """Return landmarks at a constant rate of whole hertz, the usual one of the recording.

    Between two neighbouring frames up to 0.4 s apart that both know a coordinate it is
    interpolated linearly; everything else stays unknown (NaN). The grid begins with the first
    frame, in whole milliseconds.

    Args:
        landmarks: Two or more frames.

    Raises:
        ValueError: The stamps leap so far that the grid would not end.
    """
    time_ms = landmarks.timestamp_ms
    grid_ms = _grid_ms(time_ms)
    after = np.searchsorted(time_ms, grid_ms)
    before = np.maximum(after - 1, 0)
    met = time_ms[after] == grid_ms
    step_ms = np.where(met, 1, time_ms[after] - time_ms[before])
    share = np.where(met, 1.0, (grid_ms - time_ms[before]) / step_ms)
    share[step_ms > _MAX_GAP_MS] = np.nan
    before = np.where(met, after, before)

    def resampled(values: NDArray[np.float32]) -> NDArray[np.float32]:
        weight: FloatArray = share.reshape(-1, *[1] * (values.ndim - 1))
        return np.asarray(
            (1.0 - weight) * values[before] + weight * values[after], dtype=np.float32
        )

    return EvenLandmarks(
        grid_ms,
        resampled(landmarks.image_px),
        resampled(landmarks.world_m),
        resampled(landmarks.visibility),
    )


def _grid_ms(time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    steps_ms = np.diff(time_ms)
    usual_ms = float(steps_ms[steps_ms <= _LEFT_OUT * np.median(steps_ms)].mean())
    rate_hz = max(1, round(1000.0 / usual_ms))
    span_ms = int(time_ms[-1]) - int(time_ms[0])
    count = span_ms * rate_hz // 1000 + 1
    if count > _MOST_ROWS:
        raise ValueError(f"its time stamps leap over {span_ms // 3_600_000} hours")
    offsets_ms = np.round(np.arange(count) * 1000.0 / rate_hz).astype(np.int64)
    return np.asarray(time_ms[0] + offsets_ms[offsets_ms <= span_ms])
