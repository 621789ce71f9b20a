"""Causal filters for one scalar with real time stamps; NaN means unknown.

Order matters: jumps no body can make are removed first, so that no filter smears them and no
threshold sees them.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

NAN: Final = float("nan")


def median(values: list[float]) -> float:
    """Return the median of at least one known value; this is every frame's, so kept bare."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """Time constants of `SignalFilter`.

    Attributes:
        jump: Step, in the signal's unit, that counts as a jump between neighbouring samples.
        jump_per_s: What the body may add to that in a second.
        settle_ms: A new level is believed once it has held this long.
        median_ms: Window of the causal median.
        low_pass_ms: Time constant of the first-order low-pass after it.
    """

    jump: float
    jump_per_s: float
    settle_ms: int = 180
    median_ms: int = 100
    low_pass_ms: float = 40.0

    @property
    def delay_ms(self) -> int:
        """How far the output lags a steady movement."""
        return round(self.median_ms / 2 + self.low_pass_ms)


class SpikeGate:
    """Turns samples after an impossible jump into unknown until the new level has settled."""

    def __init__(self, settings: FilterSettings) -> None:
        self._settings = settings
        self._last: tuple[int, float] | None = None
        self._candidate: tuple[int, int, float] | None = None

    def update(self, timestamp_ms: int, value: float) -> float:
        """Return ``value`` if it can follow what came before, else NaN."""
        if math.isnan(value):
            return NAN
        if self._last is None or self._reachable(self._last[0], self._last[1], timestamp_ms, value):
            self._last, self._candidate = (timestamp_ms, value), None
            return value
        return self._settle(timestamp_ms, value)

    def _settle(self, timestamp_ms: int, value: float) -> float:
        candidate = self._candidate
        if candidate is None or not self._reachable(
            candidate[1], candidate[2], timestamp_ms, value
        ):
            self._candidate = (timestamp_ms, timestamp_ms, value)
            return NAN
        self._candidate = (candidate[0], timestamp_ms, value)
        if timestamp_ms - candidate[0] < self._settings.settle_ms:
            return NAN
        self._last, self._candidate = (timestamp_ms, value), None
        return value

    def _reachable(self, from_ms: int, from_value: float, to_ms: int, to_value: float) -> bool:
        allowed = self._settings.jump + self._settings.jump_per_s * (to_ms - from_ms) / 1000.0
        return abs(to_value - from_value) <= allowed


class SignalFilter:
    """Spike gate, causal median, then a low-pass that uses the true time between samples."""

    def __init__(self, settings: FilterSettings) -> None:
        self._settings = settings
        self._gate = SpikeGate(settings)
        self._window: deque[tuple[int, float]] = deque()
        self._smooth = NAN
        self._smooth_ms = 0

    def update(self, timestamp_ms: int, value: float) -> float:
        """Return the smoothed value of ``settings.delay_ms`` ago; NaN while unknown."""
        value = self._gate.update(timestamp_ms, value)
        while self._window and self._window[0][0] < timestamp_ms - self._settings.median_ms:
            self._window.popleft()
        if math.isnan(value):
            return NAN
        self._window.append((timestamp_ms, value))
        return self._low_pass(timestamp_ms, median([sample for _, sample in self._window]))

    def _low_pass(self, timestamp_ms: int, value: float) -> float:
        elapsed_ms = timestamp_ms - self._smooth_ms
        if math.isnan(self._smooth) or elapsed_ms > 10 * self._settings.low_pass_ms:
            self._smooth = value
        else:
            weight = elapsed_ms / (elapsed_ms + self._settings.low_pass_ms)
            self._smooth += weight * (value - self._smooth)
        self._smooth_ms = timestamp_ms
        return self._smooth
