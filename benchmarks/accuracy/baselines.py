"""Common ways of counting repetitions, written anew from their published descriptions.

Each takes a landmark track and the exercise, as the counter does, and returns a number of
repetitions, or None where it cannot be asked. The two threshold machines and the pose classes look
at one picture after the other; the peak finders and the autocorrelation see the whole recording,
which a live counter cannot.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from benchmarks.accuracy.pose_classes import count_pose_classes
from benchmarks.accuracy.signals import (
    count_signal,
    counted_measure,
    evenly_spaced,
    middle,
    planes,
    reported_share,
    stance_of,
)

from hep_vision.core.definition import CompletesAt, ExerciseDefinition
from hep_vision.core.types import FloatArray
from hep_vision.sources.recorded import LandmarkTrack

Counter = Callable[[LandmarkTrack, ExerciseDefinition], int | None]

UP_SHARE: Final = 0.35
"""Textbook angles: the bottom is the goal, the top a third of the way. For a squat (rest 5, goal
90 degrees of flexion) these are 90 and 145 degrees between the bones, as in Ultralytics' AIGym."""
MARGIN_SHARE: Final = 0.15
"""Of the way from rest to goal: 13 degrees of a squat. PhysioRep and others use 10 to 15."""
SMOOTHING_MS: Final = 250.0
STEP_MS: Final = 1000.0 / 30.0
PERIODIC: Final = 0.3
"""Autocorrelation from which a recording is taken for rhythmic (own judgement)."""
MOVING_SHARE: Final = 0.3
MOVING_TRUNKS: Final = 0.15
"""Range of the principal signal, in trunk lengths summed over the body, below which it is still."""


# -- 1 fixed thresholds ---------------------------------------------------------------------------


def count_thresholds(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Count whenever the angle passes the goal after it was near rest.

    After Ultralytics' AIGym: two fixed angles, one side, no smoothing, no look at visibility; the
    count goes up on entering the goal, not on the return.
    """
    return thresholds(reported_share(track, definition, gated=False))


def thresholds(share: FloatArray) -> int:
    """Count entries into the goal of a (T,) share of the way from rest (0) to goal (1)."""
    count, up = 0, False
    for value in share.tolist():
        if value <= UP_SHARE:
            up = True
        elif value >= 1.0 and up:
            count, up = count + 1, False
    return count


# -- 2 thresholds with margins --------------------------------------------------------------------


def count_margins(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Count a passage through rest, moving, goal, returning and rest, with a margin at each end.

    After PhysioRep and ExerSights: landmarks below a visibility of 0.5 are left out, each
    threshold has a margin to either side, and the count goes up on the return.
    """
    at_goal = definition.completes_at is CompletesAt.PEAK
    return margins(reported_share(track, definition, gated=True), at_goal=at_goal)


def margins(share: FloatArray, *, at_goal: bool = False) -> int:
    """Count returns (or entries into the goal) of a (T,) share; NaN leaves the phase as it is.

    A sample moves on by one phase at most, so a single wild one does not count.
    """
    count, phase = 0, "unknown"
    for value in share.tolist():
        if phase == "rest" and value > 2.0 * MARGIN_SHARE:
            phase = "moving"
        elif phase == "goal" and value < 1.0 - 2.0 * MARGIN_SHARE:
            phase = "returning"
        elif phase in ("moving", "returning") and value >= 1.0 - MARGIN_SHARE:
            count += phase == "moving" and at_goal
            phase = "goal"
        elif phase != "goal" and value <= MARGIN_SHARE:
            count += phase == "returning" and not at_goal
            phase = "rest"
    return count


# -- 3 peaks --------------------------------------------------------------------------------------


def count_peaks(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Count the peaks of the counted measure that stand out by the smallest repetition."""
    return _peaks_of(track, definition, smoothed=False)


def count_smoothed_peaks(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Do the same after a moving mean of 250 ms."""
    return _peaks_of(track, definition, smoothed=True)


def _peaks_of(track: LandmarkTrack, definition: ExerciseDefinition, *, smoothed: bool) -> int:
    signal = count_signal(definition, stance_of(track).view)
    values = counted_measure(track, definition)
    times_ms = track.timestamp_ms[np.isfinite(values)].astype(np.float64)
    values = values[np.isfinite(values)]
    if smoothed:
        times_ms, values = evenly_spaced(times_ms, values, STEP_MS)
        values = moving_mean(values, round(SMOOTHING_MS / STEP_MS))
    if definition.completes_at is CompletesAt.PEAK and len(values):
        # The last one may end the recording at its peak.
        times_ms, values = np.append(times_ms, times_ms[-1] + STEP_MS), np.append(values, -np.inf)
    return len(
        prominent_peaks(
            times_ms,
            values,
            prominence=signal.minimum_rom,
            distance_ms=definition.timing.min_rep_ms,
        )
    )


def moving_mean(values: FloatArray, samples: int) -> FloatArray:
    """Return the centred mean of ``samples`` values, (N,); shorter at the ends."""
    if not len(values):
        return values
    sums = np.convolve(values, np.ones(samples), mode="same")
    return sums / np.convolve(np.ones(len(values)), np.ones(samples), mode="same")


def prominent_peaks(
    times_ms: FloatArray, values: FloatArray, *, prominence: float, distance_ms: float
) -> list[int]:
    """Return the rows of the peaks, at least so high above their surroundings and so far apart.

    Prominence is the height over the higher of the lowest points on the way to a higher value (or
    to the end) on either side. Of peaks too near each other the highest stays. A first or last
    sample is no peak.
    """
    peaks = _local_maxima(values)
    kept: list[int] = []
    for peak in sorted(peaks, key=lambda row: -values[row]):
        if all(abs(times_ms[peak] - times_ms[other]) >= distance_ms for other in kept):
            kept.append(peak)
    return sorted(peak for peak in kept if _prominence(values, peak) >= prominence)


def _local_maxima(values: FloatArray) -> list[int]:
    """Return the middle of every plateau that is higher than what is before and after it."""
    if len(values) < 3:
        return []
    starts = np.flatnonzero(np.diff(values, prepend=np.nan) != 0.0)
    ends = np.append(starts[1:], len(values)) - 1
    level = values[starts]
    inner = np.arange(1, len(level) - 1)
    high = inner[(level[inner] > level[inner - 1]) & (level[inner] > level[inner + 1])]
    return [int(row) for row in (starts[high] + ends[high]) // 2]


def _prominence(values: FloatArray, peak: int) -> float:
    left, right = values[: peak + 1][::-1], values[peak:]
    lowest = []
    for side in (left, right):
        higher = np.flatnonzero(side > values[peak])
        lowest.append(side[: higher[0] if len(higher) else len(side)].min())
    return float(values[peak] - max(lowest))


# -- 5 autocorrelation ----------------------------------------------------------------------------


def count_periods(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Divide the time in motion by the period of the body's principal motion."""
    times_ms, values = principal_signal(track)
    timing = definition.timing
    return periods(times_ms, values, timing.min_rep_ms, timing.max_rep_ms)


def principal_signal(track: LandmarkTrack) -> tuple[FloatArray, FloatArray]:
    """Return evenly spaced times (N,) and the first principal component of the pose (N,).

    The pose is every landmark's place from the middle of the hips, in trunk lengths.
    """
    image, _ = planes(track)
    scale_px = stance_of(track).scale_px
    pose = ((image - middle(image, "HIP")[:, None]) / scale_px).reshape(len(image), -1)
    pose = pose[:, np.isfinite(pose).mean(axis=0) > 0.5]
    columns = [
        evenly_spaced(track.timestamp_ms, column, STEP_MS)
        for column in np.where(np.isfinite(pose).all(axis=1)[:, None], pose, np.nan).T
    ]
    if not columns or not len(columns[0][0]):
        return np.empty(0), np.empty(0)
    centred = np.stack([values for _, values in columns], axis=1)
    centred -= centred.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return columns[0][0], centred @ vectors[:, -1]


def periods(times_ms: FloatArray, values: FloatArray, min_ms: int, max_ms: int) -> int:
    """Return time in motion over period; 0 where the signal is still or not rhythmic.

    The period is the lag of the highest autocorrelation between the shortest and the longest
    repetition; of several about as high, the shortest.
    """
    values = moving_mean(values, round(SMOOTHING_MS / STEP_MS))
    if len(values) < 3 or np.ptp(values) < MOVING_TRUNKS:
        return 0
    correlation = autocorrelation(values)
    lags_ms = np.arange(len(correlation)) * STEP_MS
    peaks = [
        row
        for row in _local_maxima(correlation)
        if min_ms <= lags_ms[row] <= max_ms and correlation[row] >= PERIODIC
    ]
    if not peaks:
        return 0
    highest = max(correlation[row] for row in peaks)
    period = next(row for row in peaks if correlation[row] >= 0.8 * highest)
    return sum(round(samples / period) for samples in _stretches_in_motion(values, period))


def autocorrelation(values: FloatArray) -> FloatArray:
    """Return the correlation of a signal with itself by lag, (N // 2,); 1 at lag 0.

    Each lag is divided by the number of pairs, so that it does not fade in a short recording.
    """
    centred = values - values.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(centred))))
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    raw = np.fft.irfft(spectrum)[: len(centred) // 2]
    raw = raw / (len(centred) - np.arange(len(raw)))
    return raw / raw[0] if len(raw) and raw[0] > 0.0 else raw


def _stretches_in_motion(values: FloatArray, period: int) -> list[float]:
    """Return the lengths of the stretches that move, less the period that the window adds."""
    padded = np.pad(values, period // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * (period // 2) + 1)
    moving = np.ptp(windows, axis=1) >= MOVING_SHARE * np.ptp(values)
    edges = np.flatnonzero(np.diff(moving.astype(int), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    at_start, at_end = starts == 0, ends == len(values)
    added = period - (period // 2) * (at_start.astype(int) + at_end)
    return np.maximum(ends - starts - added, 0).astype(float).tolist()


BASELINES: Final[dict[str, Counter]] = {
    "thresholds": count_thresholds,
    "margins": count_margins,
    "peaks": count_peaks,
    "peaks, smoothed": count_smoothed_peaks,
    "pose classes": count_pose_classes,
    "autocorrelation": count_periods,
}
"""By the name used in tables."""
