"""The phase machine: finds excursions of one scalar away from rest and back.

It knows nothing of exercises. The signal grows with effort; what counts as rest and as a full
excursion is learnt from the person as the set goes, so the same machine follows a full squat and a
quarter one.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from hep_vision.core.smoothing import NAN
from hep_vision.core.types import Phase


@dataclass(frozen=True, slots=True)
class PhaseSettings:
    """Shares are of the reference excursion; see ``docs/counting.md`` for how they were chosen.

    Attributes:
        minimum_rom: Smallest excursion that can be a repetition, in the signal's unit.
        start_share: Excursion that opens a repetition.
        return_share: Share of the climb that must be given back to close it.
        usual_share: Share of the person's usual excursion that a repetition must reach.
        partial_share: Share of the reference from which a short excursion is reported as partial.
        attempts_before_usual: Attempts after which the usual excursion is trusted.
        attempts_remembered: Attempts the usual excursion is the median of.
        dwell_ms: Time a threshold must stay crossed.
        max_gap_ms: Longest gap in the signal that a repetition survives.
        max_rep_ms: Longest repetition, time held still at the extreme left out.
        rest_memory_ms: Time in which the rest level may creep up to a raised one.
    """

    minimum_rom: float
    max_rep_ms: int
    start_share: float = 0.35
    return_share: float = 0.60
    usual_share: float = 0.55
    partial_share: float = 0.5
    attempts_before_usual: int = 3
    attempts_remembered: int = 5
    dwell_ms: int = 60
    max_gap_ms: int = 1_500
    rest_memory_ms: float = 4_000.0


@dataclass(frozen=True, slots=True)
class Excursion:
    """A climb away from rest, closed by a return, a loss of tracking, or the end.

    Attributes:
        start_ms: Last moment near rest.
        peak_ms: Moment of the extreme.
        close_ms: Moment the return was certain.
        rest: Signal level at rest.
        peak: Signal level at the extreme.
        reference_rom: The excursion a repetition needed at that moment.
        set_rom: What it would have needed by this set alone.
        ending: ``returned``, ``lost``, ``timeout`` or ``open``.
    """

    start_ms: int
    peak_ms: int
    close_ms: int
    rest: float
    peak: float
    reference_rom: float
    set_rom: float
    ending: str

    @property
    def rom(self) -> float:
        """Range of the excursion in the signal's unit."""
        return self.peak - self.rest


LONGEST_HOLD_MS: Final = 60_000
"""Longest time at the extreme of one repetition; a wall sit is a hold, sitting down is not."""
_LONGEST_ONSET_MS: Final = 400
_HELD_SHARE: Final = 0.25
_INNER_SWING_SHARE: Final = 0.6
_INNER_AGREEMENT_SHARE: Final = 0.25
_EXPECTED_WEIGHT: Final = 2
"""Attempts that the expected excursion stands for: three of the set's own outvote it."""


class PhaseMachine:
    """Hysteresis with dwell round an adapting rest level; feed it every sample in time order."""

    def __init__(self, settings: PhaseSettings) -> None:
        self.settings = settings
        self.phase = Phase.REST
        self.reference_rom = settings.minimum_rom
        """Excursion that counts as a repetition for this person now."""
        self.set_rom = settings.minimum_rom
        """The same by the attempts of this set alone; it decides what is an attempt at all."""
        self._expected_rom = NAN
        self._attempts: deque[float] = deque(maxlen=settings.attempts_remembered)
        self._attempt_count = 0
        self._last_ms: int | None = None
        self._value = NAN
        self._rest = NAN
        self._near_rest_ms = 0
        self._crossed_ms: int | None = None
        self._start_ms = 0
        self.onset_ms = 0
        """When the excursion under way began to leave rest."""
        self._held_ms = 0
        self._peak = NAN
        self._peak_ms = 0
        self._turns = _TurningPoints()

    @property
    def progress(self) -> float:
        """Present excursion over the reference; NaN while unknown."""
        return (self._value - self._rest) / self.reference_rom

    def expect(self, rom: float) -> None:
        """Say what this person usually does, in the signal's unit; NaN = unknown.

        Repetitions are judged by it from the first, until the set's own attempts outvote it: who
        can do less today than usual is counted again from the third or fourth attempt. Where an
        attempt begins and ends does not depend on it, so that no expectation makes the machine
        blind to small ones.
        """
        self._expected_rom = rom
        self._refer()

    def update(self, timestamp_ms: int, value: float) -> list[Excursion]:
        """Take in one sample (NaN = unknown) and return the excursions it closes."""
        closed = []
        if self._last_ms is not None and timestamp_ms - self._last_ms > self.settings.max_gap_ms:
            closed = self._lose()
        if math.isnan(value):
            return closed
        elapsed_ms = 0 if self._last_ms is None else timestamp_ms - self._last_ms
        self._last_ms, self._value = timestamp_ms, value
        if self.phase in (Phase.REST, Phase.LOST):
            self._at_rest(timestamp_ms, value, elapsed_ms)
            return closed
        return closed + self._away(timestamp_ms, value, elapsed_ms)

    def finish(self) -> list[Excursion]:
        """End the stream: a repetition under way is open."""
        if self.phase in (Phase.REST, Phase.LOST) or self._last_ms is None:
            return []
        return [self._excursion(self._last_ms, "open")]

    def _lose(self) -> list[Excursion]:
        lost = (
            []
            if self.phase in (Phase.REST, Phase.LOST)
            else [self._excursion(self._last_ms or 0, "lost")]
        )
        self.phase, self._rest, self._crossed_ms, self._last_ms = Phase.LOST, NAN, None, None
        return lost

    def _at_rest(self, timestamp_ms: int, value: float, elapsed_ms: int) -> None:
        self.phase = Phase.REST
        if math.isnan(self._rest):
            self._rest, self._near_rest_ms = value, timestamp_ms
        elif value <= self._rest:
            self._rest = value
        else:
            self._rest += (value - self._rest) * elapsed_ms / self.settings.rest_memory_ms
        climb = value - self._rest
        if climb <= 0.12 * self.set_rom:
            self._near_rest_ms = timestamp_ms
        if climb <= self.settings.start_share * self.set_rom:
            self._crossed_ms = None
        elif self._crossed_ms is None:
            self._crossed_ms = timestamp_ms
        elif timestamp_ms - self._crossed_ms >= self.settings.dwell_ms:
            self._leave_rest(timestamp_ms, value)

    def _leave_rest(self, timestamp_ms: int, value: float) -> None:
        self.phase = Phase.CONCENTRIC
        self._start_ms, self._held_ms = self._near_rest_ms, 0
        # A smooth movement takes as long to the level of near rest as from there to the start's.
        climb_ms = (self._crossed_ms or timestamp_ms) - self._near_rest_ms
        self.onset_ms = self._near_rest_ms - min(climb_ms, _LONGEST_ONSET_MS)
        self._peak, self._peak_ms, self._crossed_ms = value, timestamp_ms, None
        self._turns = _TurningPoints()

    def _away(self, timestamp_ms: int, value: float, elapsed_ms: int) -> list[Excursion]:
        if value > self._peak:
            self._peak, self._peak_ms, self._crossed_ms = value, timestamp_ms, None
        climb, fall = self._peak - self._rest, self._peak - value
        if timestamp_ms > self._peak_ms and fall < _HELD_SHARE * climb:
            self._held_ms += elapsed_ms
        self.phase = (
            Phase.PEAK
            if fall < 0.1 * climb and climb >= self.reference_rom
            else Phase.CONCENTRIC
            if timestamp_ms == self._peak_ms or fall < 0.1 * climb
            else Phase.ECCENTRIC
        )
        self._turns.update(timestamp_ms, value, _INNER_SWING_SHARE * self.set_rom)
        if fall < self.settings.return_share * climb:
            self._crossed_ms = None
        elif self._crossed_ms is None:
            self._crossed_ms = timestamp_ms
        elif timestamp_ms - self._crossed_ms >= self.settings.dwell_ms:
            return [self._close(timestamp_ms, value, "returned")]
        inner = self._inner_repetitions(timestamp_ms)
        if inner:
            return inner
        held_ms = min(self._held_ms, LONGEST_HOLD_MS)
        if timestamp_ms - self._start_ms - held_ms > self.settings.max_rep_ms + 2_000:
            return [self._close(timestamp_ms, value, "timeout")]
        return []

    def _inner_repetitions(self, timestamp_ms: int) -> list[Excursion]:
        """Recognise a rest level that was wrong: repetitions that never come down to it.

        A glitch, a step closer or a different stance can leave the rest level too low. Two inner
        valleys of one level, with a full swing between them, show where rest really is.
        """
        turns = self._turns.confirmed
        if len(turns) < 4:  # peak, valley, peak, valley
            return []
        (_, first_peak), (v1_ms, v1), (p_ms, p), (v2_ms, v2) = turns[-4:]
        swing = p - max(v1, v2)
        agrees = abs(v1 - v2) <= _INNER_AGREEMENT_SHARE * swing
        if not agrees or min(swing, first_peak - v1) < 0.8 * self.set_rom:
            return []
        needed = self.reference_rom, self.set_rom
        first = Excursion(self._start_ms, turns[-4][0], v1_ms, v1, first_peak, *needed, "returned")
        second = Excursion(v1_ms, p_ms, v2_ms, (v1 + v2) / 2, p, *needed, "returned")
        for excursion in (first, second):
            self._remember(excursion)
        self._rest, self._start_ms, self._held_ms = min(v1, v2), v2_ms, 0
        self.onset_ms = v2_ms
        # The climb after the second valley is already under way.
        self._peak, self._peak_ms = self._value, timestamp_ms
        self.phase = Phase.CONCENTRIC
        self._turns = _TurningPoints()
        return [first, second]

    def _close(self, timestamp_ms: int, value: float, ending: str) -> Excursion:
        excursion = self._excursion(timestamp_ms, ending)
        self._remember(excursion)
        # The return still goes on: rest follows it down, and people who do not come back fully
        # start their next repetition from where they turned.
        self.phase, self._rest, self._crossed_ms = Phase.REST, value, None
        self._near_rest_ms = timestamp_ms
        return excursion

    def _remember(self, excursion: Excursion) -> None:
        if excursion.rom >= self.settings.minimum_rom:
            self._attempts.append(excursion.rom)
            self._attempt_count += 1
        self._refer()

    def _refer(self) -> None:
        """Work out what a repetition needs from now on."""
        if self._attempt_count >= self.settings.attempts_before_usual:
            self.set_rom = self._needed(self._attempts)
        self.reference_rom = self.set_rom
        if not math.isnan(self._expected_rom):
            known = [*[self._expected_rom] * _EXPECTED_WEIGHT, *self._attempts]
            self.reference_rom = self._needed(known[-self.settings.attempts_remembered :])

    def _needed(self, attempts: Iterable[float]) -> float:
        usual = self.settings.usual_share * median(attempts)
        return max(self.settings.minimum_rom, usual)

    def _excursion(self, close_ms: int, ending: str) -> Excursion:
        return Excursion(
            self._start_ms,
            self._peak_ms,
            close_ms,
            self._rest,
            self._peak,
            self.reference_rom,
            self.set_rom,
            ending,
        )


class _TurningPoints:
    """Zigzag of a signal: peaks and valleys confirmed by a swing of a given size."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[int, float]] = []
        self._extreme: tuple[int, float] | None = None
        self._rising = True

    def update(self, timestamp_ms: int, value: float, swing: float) -> None:
        if self._extreme is None:
            self._extreme = (timestamp_ms, value)
            return
        beyond = value - self._extreme[1] if self._rising else self._extreme[1] - value
        if beyond > 0.0:
            self._extreme = (timestamp_ms, value)
        elif -beyond >= swing:
            self.confirmed.append(self._extreme)
            self._extreme, self._rising = (timestamp_ms, value), not self._rising
