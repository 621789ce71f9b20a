"""From an excursion to a repetition: its exact bounds, its tempo, and whether it is one.

Bounds come from the 10 % and 90 % levels of the climb and of the return, which noise cannot move
much, extended to the whole movement by the share of time that smooth movements spend outside them:
a minimum-jerk movement is between 10 % and 90 % for 0.51 of its duration, a raised cosine for 0.59.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Guard, GuardSide
from hep_vision.core.history import History, Window
from hep_vision.core.phases import Excursion
from hep_vision.core.types import FloatArray, Side, View

_LOW: Final = 0.1
_HIGH: Final = 0.9
_EXTENSION_SHARE: Final = 0.4
_MAX_EXTENSION_MS: Final = 400
_SMEAR_MS: Final = 110.0
"""Time from 10 to 90 % that the filter makes of a step, by which it makes a flank longer as squares
add up; on figures it was 130 ms at 30 pictures a second and 170 at 15, so it is not taken off too
far. It matters for flanks of less than half a second."""
_SAMPLE_MS: Final = 150
_END_SAMPLE_MS: Final = 100
_STILL_MS: Final = 200
_LONGEST_LEAD_MS: Final = 400


@dataclass(frozen=True, slots=True)
class RepTiming:
    """Bounds and tempo of an excursion; the four parts are contiguous.

    Attributes:
        near_top_ms: The last moment within a tenth of the extreme: turning round included, which
            ``top_end_ms`` leaves out.
    """

    start_ms: int
    top_start_ms: int
    peak_ms: int
    top_end_ms: int
    end_ms: int
    near_top_ms: int

    @property
    def concentric_ms(self) -> int:
        """Duration of the effort."""
        return self.top_start_ms - self.start_ms

    @property
    def hold_ms(self) -> int:
        """Time at the extreme, turning round excluded."""
        return self.top_end_ms - self.top_start_ms

    @property
    def eccentric_ms(self) -> int:
        """Duration of the return."""
        return self.end_ms - self.top_end_ms


def time_excursion(
    excursion: Excursion, time_ms: FloatArray, signal: FloatArray, earliest_ms: int
) -> RepTiming:
    """Measure the bounds of an excursion.

    Args:
        excursion: What the phase machine found.
        time_ms: (T,) moments from before the start to after the return (its last valley).
        signal: (T,) the signal then; NaN = unknown.
        earliest_ms: End of the repetition before, which this one may not overlap.
    """
    known = np.isfinite(signal)
    time_ms, signal = time_ms[known], signal[known]
    if not len(time_ms):  # all of it lies before the end that the one before was given
        peak_ms = max(excursion.peak_ms, earliest_ms)
        end_ms = max(excursion.close_ms, peak_ms)
        return RepTiming(peak_ms, peak_ms, peak_ms, peak_ms, end_ms, peak_ms)
    at_peak = int(np.searchsorted(time_ms, excursion.peak_ms))
    at_peak = min(at_peak, len(time_ms) - 1)
    climb_ms, climb = time_ms[: at_peak + 1], signal[: at_peak + 1]
    fall_ms, fall = time_ms[at_peak:][::-1], signal[at_peak:][::-1]
    start, top_start, _ = _flank(climb_ms, climb, excursion.rest, excursion.peak)
    end, top_end, near_top = _flank(fall_ms, fall, float(np.min(fall)), excursion.peak)
    if top_start > top_end:
        top_start = top_end = float(excursion.peak_ms)
    start = max(start, float(earliest_ms))
    return RepTiming(
        round(min(start, top_start)),
        round(top_start),
        excursion.peak_ms,
        round(top_end),
        round(max(end, top_end)),
        round(max(near_top, top_end)),
    )


def _flank(
    time_ms: FloatArray, signal: FloatArray, base: float, top: float
) -> tuple[float, float, float]:
    """Return where a flank leaves ``base``, reaches ``top``, and comes within a tenth of it.

    Time may run either way.
    """
    rom = top - base
    low, high = base + _LOW * rom, base + _HIGH * rom
    high_at = np.flatnonzero(signal >= high)
    first_high = int(high_at[0]) if len(high_at) else len(signal) - 1
    low_at = np.flatnonzero(signal[:first_high] <= low)
    last_low = int(low_at[-1]) if len(low_at) else 0
    low_ms = _crossing_ms(time_ms, signal, last_low, low)
    high_ms = _crossing_ms(time_ms, signal, first_high - 1, high)
    smeared_ms = high_ms - low_ms
    true_ms = np.sign(smeared_ms) * np.sqrt(max(smeared_ms**2 - _SMEAR_MS**2, 0.0))
    extension = float(np.clip(_EXTENSION_SHARE * true_ms, -_MAX_EXTENSION_MS, _MAX_EXTENSION_MS))
    extension -= float(smeared_ms - true_ms) / 2.0
    return low_ms - extension, high_ms + extension, high_ms


def _crossing_ms(time_ms: FloatArray, signal: FloatArray, before: int, level: float) -> float:
    """Return when the signal crosses ``level`` between two samples; the nearer one at the ends."""
    before = max(0, min(before, len(signal) - 1))
    after = min(before + 1, len(signal) - 1)
    step = signal[after] - signal[before]
    share = float(np.clip((level - signal[before]) / step, 0.0, 1.0)) if step else 0.0
    return float(time_ms[before] + share * (time_ms[after] - time_ms[before]))


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Measures at rest before an excursion, at its extreme, at its end, and their range; (M, 2)."""

    rest: FloatArray
    peak: FloatArray
    back: FloatArray
    spread: FloatArray

    @property
    def change(self) -> FloatArray:
        """Peak minus rest, (M, 2)."""
        return self.peak - self.rest


def poses_of(history: History, start_ms: int, peak_ms: int, end_ms: int) -> Poses:
    """Return the measures round start, extreme and end, and their range; NaN if never seen."""
    rest = rest_window(history, start_ms)
    peak = history.window(peak_ms - _SAMPLE_MS, peak_ms + _SAMPLE_MS)
    back = history.window(end_ms - _END_SAMPLE_MS, end_ms + _END_SAMPLE_MS + 1)
    still, extreme, end = (median_pose(window.measures) for window in (rest, peak, back))
    return Poses(still, extreme, end, _spread(history.window(start_ms, end_ms).measures))


def rest_window(history: History, start_ms: int) -> Window:
    """Return the moments in which a movement that starts at ``start_ms`` was still at rest."""
    return history.window(start_ms - _STILL_MS, start_ms + 1)


def still_window(history: History, start_ms: int, since_ms: int) -> Window:
    """Return the moments in which the whole body was at rest before a movement.

    A height hardly changes while the limb below it begins to turn, and a trunk may lean before a
    leg moves, so that the body is already under way where the signal leaves its rest. After a pause
    it was stillest half-way to the movement before, but not longer ago than `_LONGEST_LEAD_MS`.

    Args:
        history: The measures.
        start_ms: When the signal left its rest.
        since_ms: When the movement before had come back; long ago where there was none.
    """
    lead_ms = min(max(start_ms - since_ms, 0) // 2, _LONGEST_LEAD_MS)
    return rest_window(history, start_ms - lead_ms)


def _spread(measures: FloatArray) -> FloatArray:
    """Return the 5-95 % range over time, (T, M, 2) -> (M, 2)."""
    result = np.full(measures.shape[1:], np.nan)
    ordered = np.sort(measures, axis=0)  # NaN sorts last
    known = np.isfinite(measures).sum(axis=0)
    for row, side in np.argwhere(known > 0):
        count = int(known[row, side])
        low, high = round(0.05 * (count - 1)), round(0.95 * (count - 1))
        result[row, side] = ordered[high, row, side] - ordered[low, row, side]
    return result


def median_pose(measures: FloatArray) -> FloatArray:
    """Return the median over time, (T, M, 2) -> (M, 2); NaN where never known."""
    result = np.full(measures.shape[1:], np.nan)
    seen = np.isfinite(measures).any(axis=0) if len(measures) else np.zeros(result.shape, bool)
    result[seen] = np.nanmedian(measures[:, seen], axis=0)
    return result


def side_values(values: FloatArray, side: Side) -> FloatArray:
    """Return the (T,) column of a side from (T, 2), or the mean of the known sides."""
    if side is not Side.BOTH:
        return values[:, 0 if side is Side.LEFT else 1]
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def failed_guard(
    guards: tuple[Guard, ...],
    index: dict[str, int],
    poses: Poses,
    view: View,
    working: Side,
    signal_rom: float,
) -> Guard | None:
    """Return the first guard that an excursion fails, or None."""
    for guard in guards:
        if view in guard.views and not _passes(
            guard, index[guard.measure], poses, working, signal_rom
        ):
            return guard
    return None


def _passes(guard: Guard, row: int, poses: Poses, working: Side, signal_rom: float) -> bool:
    sides = _guard_sides(guard.side, working)
    results = [_side_passes(guard, row, side, poses, signal_rom) for side in sides]
    every = guard.side in (GuardSide.BOTH, GuardSide.OTHER)
    return all(results) if every else any(results)


def _guard_sides(side: GuardSide, working: Side) -> tuple[int, ...]:
    if side in (GuardSide.BOTH, GuardSide.EITHER) or working is Side.BOTH:
        return (0, 1)
    worker = 0 if working is Side.LEFT else 1
    return (worker,) if side is GuardSide.WORKING else (1 - worker,)


def _side_passes(guard: Guard, row: int, side: int, poses: Poses, signal_rom: float) -> bool:
    rest, peak = float(poses.rest[row, side]), float(poses.peak[row, side])
    share = (peak - rest) / signal_rom if signal_rom else float("nan")
    return (
        _inside(rest, guard.rest_min, guard.rest_max)
        and _inside(peak, guard.peak_min, guard.peak_max)
        and _inside(peak - rest, guard.change_min, guard.change_max)
        and _inside(share, guard.share_min, guard.share_max)
        and _inside(float(poses.spread[row, side]), guard.range_min, guard.range_max)
    )


def _inside(value: float, minimum: float | None, maximum: float | None) -> bool:
    # Comparisons with NaN are false, so what is unknown never fails a guard.
    return not (
        (minimum is not None and value < minimum) or (maximum is not None and value > maximum)
    )
