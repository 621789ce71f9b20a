"""Excursions of a whole signal, found with hindsight: from valley to peak to valley.

The counter must decide while the person moves; a demonstration can be looked at as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from hep_vision.core.candidates import Candidate, Measured
from hep_vision.core.types import FloatArray

ALIKE_ROM: Final = (0.6, 1.6)
"""Sizes, as shares of their median, of repetitions that are alike."""
ALIKE_DURATION: Final = (0.4, 2.5)
_ALIKE_REST_SHARE: Final = 0.35
_LONGEST_PAUSE_MS: Final = 8_000.0
_STILL_MS: Final = 200.0
_TOP_MS: Final = 120.0
_SHORTEST_MS: Final = 250.0
_TRAVEL_RATIO: Final = 0.5
_APPROACH_RATIO: Final = 1.2


@dataclass(frozen=True, slots=True)
class Swing:
    """One climb and its return; levels grow with effort.

    Attributes:
        rest_ms: Last moment of rest before it.
        start_ms: Moment a tenth of the way up.
        peak_ms: Moment of the extreme.
        end_ms: Moment a tenth above where it comes back to.
        rest: Level at rest.
        peak: Level at the extreme.
    """

    rest_ms: float
    start_ms: float
    peak_ms: float
    end_ms: float
    rest: float
    peak: float

    @property
    def rom(self) -> float:
        """Range in the measure's unit."""
        return self.peak - self.rest

    @property
    def rest_span_ms(self) -> tuple[float, float]:
        """When the body was at rest before it."""
        return self.rest_ms - _STILL_MS, self.rest_ms + 1.0

    @property
    def top_span_ms(self) -> tuple[float, float]:
        """When it was at the extreme."""
        return self.peak_ms - _TOP_MS, self.peak_ms + _TOP_MS

    @property
    def duration_ms(self) -> float:
        """From leaving rest to being back."""
        return self.end_ms - self.start_ms


def swings(candidate: Candidate, swing: float) -> list[Swing]:
    """Return every climb of at least ``swing`` that is given back, from valley to valley."""
    points = _zigzag(candidate.smooth, candidate.turns, swing)
    found = []
    for before, top, after in zip(points, points[1:], points[2:], strict=False):
        if candidate.smooth[top] > candidate.smooth[before]:
            found.append(_swing(candidate, before, top, after))
    return [item for item in found if item.duration_ms >= _SHORTEST_MS]


def _zigzag(values: FloatArray, turns: FloatArray, swing: float) -> list[int]:
    """Return alternating extremes that differ by at least ``swing``; the last may be open."""
    low = high = int(turns[0])
    points: list[int] = []
    rising = True
    for turn in turns[1:].astype(int).tolist():
        value = values[turn]
        if not points:
            low = turn if value < values[low] else low
            high = turn if value > values[high] else high
            if values[high] - values[low] >= swing:
                rising = low < high
                points = [low, high] if rising else [high, low]
            continue
        beyond = value - values[points[-1]] if rising else values[points[-1]] - value
        if beyond > 0.0:
            points[-1] = turn
        elif -beyond >= swing:
            points.append(turn)
            rising = not rising
    return points


def _swing(candidate: Candidate, before: int, top: int, after: int) -> Swing:
    values, time_ms = candidate.smooth, candidate.time_ms
    rise, fall = values[before : top + 1], values[top : after + 1]
    leaving = rise[0] + 0.1 * (rise[-1] - rise[0])
    back = fall[-1] + 0.1 * (fall[0] - fall[-1])
    start = before + int(np.flatnonzero(rise <= leaving)[-1])
    resting = before + int(np.flatnonzero(rise <= rise[0] + 0.03 * (rise[-1] - rise[0]))[-1])
    end = top + int(np.flatnonzero(fall <= back)[0])
    still = values[max(before, resting - 6) : resting + 1]
    return Swing(
        float(time_ms[resting]),
        float(time_ms[start]),
        float(time_ms[top]),
        float(time_ms[end]),
        float(still.sum() / len(still)),
        float(values[top]),
    )


def staying(found: Sequence[Swing], measured: Measured) -> list[Swing]:
    """Leave out those in which the person walked: across the picture, or up to the camera."""
    return [item for item in found if not _walked(item, measured)]


def _walked(item: Swing, measured: Measured) -> bool:
    first, last = np.searchsorted(measured.time_ms, [item.start_ms, item.end_ms])
    last = min(int(last), len(measured.time_ms) - 1)
    place = measured.of("position_x")[[first, last], 0]
    scale = measured.scale_px[[first, last]]
    across = abs(place[1] - place[0]) > _TRAVEL_RATIO * scale[0]
    nearer = max(scale) > _APPROACH_RATIO * min(scale)
    return bool(across or nearer)  # NaN compares false: unknown is never evidence


def first_run(found: Sequence[Swing], reps: int) -> tuple[Swing, ...] | None:
    """Return the first ``reps`` consecutive excursions that are alike; None if there are none."""
    for start in range(len(found) - reps + 1):
        run = found[start : start + reps]
        if _alike(run):
            return tuple(run)
    return None


def _alike(run: Sequence[Swing]) -> bool:
    roms = np.array([item.rom for item in run])
    durations = np.array([item.duration_ms for item in run])
    rests = np.array([item.rest for item in run])
    pauses = np.array([later.start_ms - item.end_ms for item, later in pairwise(run)])
    rom, duration = np.median(roms), np.median(durations)
    return bool(
        (roms >= ALIKE_ROM[0] * rom).all()
        and (roms <= ALIKE_ROM[1] * rom).all()
        and (durations >= ALIKE_DURATION[0] * duration).all()
        and (durations <= ALIKE_DURATION[1] * duration).all()
        and (np.abs(rests - np.median(rests)) <= _ALIKE_REST_SHARE * rom).all()
        and (pauses <= max(_LONGEST_PAUSE_MS, 3.0 * duration)).all()
    )
