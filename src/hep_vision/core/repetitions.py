"""Counting repetitions: from measures to excursions, verdicts, tempo and form.

    measures -> signal -> phase machine -> excursion -> verdict -> repetition -> form checks

An excursion is judged the moment its return is certain (`RepTick`), and finished as a `Rep` when
the return has ended, so that its end, its tempo and its form are known.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hep_vision.core.definition import (
    CheckPhase,
    CompletesAt,
    CountSignal,
    Direction,
    ExerciseDefinition,
    RepValue,
)
from hep_vision.core.form import Judged, extreme_of, judge_form, judge_limit, reported_error
from hep_vision.core.history import History, Moment
from hep_vision.core.measures import SIDES
from hep_vision.core.orientation import Orientation
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.phases import LONGEST_HOLD_MS, Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.reps import (
    Poses,
    RepTiming,
    median_pose,
    poses_of,
    rest_window,
    side_values,
    still_window,
    time_excursion,
)
from hep_vision.core.signal import combine_sides, followed_sides
from hep_vision.core.smoothing import NAN, FilterSettings, SignalFilter
from hep_vision.core.types import (
    Event,
    FloatArray,
    Phase,
    PhaseChange,
    Rep,
    RepStatus,
    RepTick,
    Side,
    View,
)
from hep_vision.core.verdict import ALONE, TOO_SMALL, Judge, Verdict

_JUMP_PER_S: Final = 15.0
_SHARED_PAUSE_MS: Final = 500
"""A pause up to this long belongs half to each of two repetitions, as in published labels; of one
that is longer less and less, and nothing of twice as long a one, which is a rest."""
_TOLD_SHARE: Final = 0.5
"""Uncertainty over the way to the goal up to which the camera tells how much of it was gone."""
_RETURN_LIMIT_MS: Final = 4_000
_BEFORE_ALL_MS: Final = -(10**12)
_STILL: Final = (Phase.REST, Phase.LOST)
_LONGEST_DOUBT_MS: Final = 8_000
"""A movement that comes again this soon is done on purpose, whatever it looks like."""
_LARGEST_RATIO: Final = 3.0


@dataclass(slots=True)
class _Pending:
    """An excursion whose return is still going on."""

    excursion: Excursion
    verdict: Verdict
    side: Side
    view: View
    poses: Poses
    lowest: float
    lowest_ms: int
    moved: SignalRange
    index: int | None = None
    still: FloatArray | None = None
    """(M, 2) measures before it, once its bounds are known."""
    rep: Rep | None = None
    """What it came to, while it waits for another one like it."""


class _Channel:
    """One signal, of one side or of both, with its filter, phase machine and past."""

    def __init__(
        self, signal: CountSignal, side: Side | None, max_rep_ms: int, measure_count: int
    ) -> None:
        self.signal = signal
        self.side = side
        """The side that it follows alone, if it does."""
        jump = signal.minimum_rom if signal.jump is None else signal.jump
        self.settings = FilterSettings(jump, _JUMP_PER_S * jump)
        self.filter = SignalFilter(self.settings)
        self.machine = PhaseMachine(PhaseSettings(signal.minimum_rom, max_rep_ms))
        self.history = History(2 * max_rep_ms + LONGEST_HOLD_MS, measure_count)
        self.pending: _Pending | None = None
        self.last_end_ms = _BEFORE_ALL_MS
        """When the last repetition came to rest, or the first moment of the stream."""
        self.lent_ms = 0
        """How much of the pause before it belongs to the next repetition."""


class RepetitionCounter:
    """Counts one exercise in a stream of moments.

    Args:
        definition: The exercise.
        index: Row of each measure in a moment.
        side: The prescribed side, or None to follow the person.
        personal: What the person usually does, or None to learn it from the set alone.
    """

    def __init__(
        self,
        definition: ExerciseDefinition,
        index: dict[str, int],
        side: Side | None,
        personal: PersonalRange | None = None,
    ) -> None:
        self.definition = definition
        self.ranges: list[SignalRange] = []
        """How far the counted signal went in each counted repetition."""
        self._personal = personal
        self.counted = 0
        self.phase = Phase.REST
        self.measured = False
        self.side = side or definition.side or Side.BOTH
        self._index = index
        self._channels = [
            _Channel(signal, followed, definition.timing.max_rep_ms, len(index))
            for signal in definition.count
            for followed in followed_sides(signal, side)
        ]
        self._last_peak_ms: dict[Side | None, int] = {}
        self._last_change: dict[str, FloatArray] = {}
        self._doubted: _Pending | None = None
        """A first repetition that is not clearly one, until another one like it follows."""
        self._view = View.UNKNOWN
        self._stance = Orientation(NAN, View.UNKNOWN, NAN, NAN)
        self._judge = Judge(definition, index)

    @property
    def waiting(self) -> bool:
        """Whether a first repetition waits for another one like it before it counts."""
        return self._doubted is not None

    @property
    def progress(self) -> float:
        """Present excursion over the one that counts; NaN = unknown."""
        if not self.measured:
            return NAN
        shares = [channel.machine.progress for channel in self._active(self._view)]
        return max((share for share in shares if not math.isnan(share)), default=NAN)

    @property
    def holding_ms(self) -> int:
        """No clock runs here."""
        return 0

    def process(self, moment: Moment) -> list[Event]:
        """Take in one moment, in time order, and return the events it completes."""
        events: list[Event] = []
        if moment.stance.view is not self._view:
            self._expect(moment.stance.view)
        self._view, self._stance = moment.stance.view, moment.stance
        active = self._active(self._view)
        self.measured = False
        for channel in self._channels:
            if channel.last_end_ms == _BEFORE_ALL_MS:
                channel.last_end_ms = moment.timestamp_ms
            row = self._index[channel.signal.measure]
            raw = combine_sides(
                channel.signal, moment.measures[row], moment.weights[row], channel.side
            )
            value = channel.filter.update(moment.timestamp_ms, raw)
            if channel in active:
                self.measured |= not math.isnan(raw)
            # The filter's delay is known, so the signal is booked when it happened.
            at_ms = moment.timestamp_ms - channel.settings.delay_ms
            channel.history.append(moment.timestamp_ms, value, moment.measures, self._view)
            for excursion in channel.machine.update(at_ms, value):
                events += self._close(channel, excursion, moment.timestamp_ms, channel in active)
            events += self._follow_return(channel, at_ms, value)
        events += self._give_up_doubted(moment.timestamp_ms, active)
        return events + self._note_phase(moment.timestamp_ms, active)

    def finish(self) -> list[Event]:
        """End the stream: complete what can be completed, report what is open."""
        events: list[Event] = []
        active = self._active(self._view)
        for channel in self._channels:
            events += self._complete(channel)
            if channel in active:
                for excursion in channel.machine.finish():
                    events += self._finish_open(channel, excursion)
        return events + self._dismiss_doubted()

    def _expect(self, view: View) -> None:
        if self._personal is None:
            return
        for channel in self._channels:
            side = channel.side or Side.BOTH
            channel.machine.expect(self._personal.rom(channel.signal.measure, view, side))

    def _active(self, view: View) -> list[_Channel]:
        """Return the channels of the first signal that fits the view: one, or one of each side."""
        fitting = [channel for channel in self._channels if view in channel.signal.views]
        return [channel for channel in fitting if channel.signal is fitting[0].signal]

    def _close(
        self, channel: _Channel, excursion: Excursion, timestamp_ms: int, active: bool
    ) -> list[Event]:
        events = self._complete(channel, excursion.start_ms)
        if not active or self._is_told(channel, excursion):
            return events
        if excursion.rom < channel.machine.settings.partial_share * excursion.set_rom:
            return events
        pending = self._judged(channel, excursion)
        self._last_peak_ms[channel.side] = excursion.peak_ms
        channel.pending = pending
        if pending.verdict.status is RepStatus.COUNTED:
            events += self._admit(pending, timestamp_ms)
        return events

    def _admit(self, pending: _Pending, timestamp_ms: int) -> list[Event]:
        """Count a repetition, and the doubted one before it if the two are alike."""
        doubted = self._doubted
        events: list[Event] = []
        if doubted is not None and _are_of_one_set(doubted.excursion, pending.excursion):
            self._doubted = None
            events.append(self._count(doubted, timestamp_ms))
            if doubted.rep is not None:
                events.append(_numbered(doubted.rep, self.counted))
        else:
            events += self._dismiss_doubted()
        if pending.verdict.doubtful and not self.counted:
            self._doubted = pending
            return events
        return [*events, self._count(pending, timestamp_ms)]

    def _give_up_doubted(self, timestamp_ms: int, active: list[_Channel]) -> list[Event]:
        """Dismiss a doubted repetition when no other one has begun in time."""
        if self._doubted is None or any(c.machine.phase not in _STILL for c in active):
            return []
        waited_ms = timestamp_ms - self._doubted.excursion.close_ms
        return self._dismiss_doubted() if waited_ms > _LONGEST_DOUBT_MS else []

    def _dismiss_doubted(self) -> list[Event]:
        doubted, self._doubted = self._doubted, None
        if doubted is None:
            return []
        doubted.verdict = ALONE
        if doubted.rep is None:
            return []
        return [
            replace(
                doubted.rep,
                status=ALONE.status,
                reason=ALONE.reason,
                deviations=(),
                not_checked=(),
            )
        ]

    def _is_told(self, channel: _Channel, excursion: Excursion) -> bool:
        """Whether another signal has told of this movement, before the view changed."""
        return excursion.start_ms < self._last_peak_ms.get(channel.side, _BEFORE_ALL_MS)

    def _judged(self, channel: _Channel, excursion: Excursion) -> _Pending:
        poses = poses_of(channel.history, excursion.start_ms, excursion.peak_ms, excursion.close_ms)
        side = channel.side or self._judge.working_side(channel.signal, poses)
        smallest = channel.machine.settings.minimum_rom
        verdict = self._judge.verdict(
            excursion, poses, side, self._stance, smallest, counted=self.counted
        )
        signal, followed = channel.signal.measure, channel.side or Side.BOTH
        pending = _Pending(
            excursion,
            verdict,
            side,
            self._view,
            poses,
            excursion.peak,
            excursion.close_ms,
            SignalRange(signal, self._view, followed, excursion.rom),
        )
        if verdict.status is RepStatus.COUNTED and self._falls_short(channel, pending):
            pending.verdict = Verdict(RepStatus.PARTIAL, TOO_SMALL)
        return pending

    def _falls_short(self, channel: _Channel, pending: _Pending) -> bool:
        """Whether what is shown went less far than it must, where something else is counted."""
        reported = self.definition.shown
        if reported.minimum is None or channel.signal.measure == reported.measure:
            return False
        span_ms = pending.excursion.start_ms, pending.excursion.close_ms
        _, rom, _ = self._reported(channel, pending, *span_ms)
        towards = 1.0 if reported.direction is Direction.INCREASE else -1.0
        return rom is not None and towards * rom < reported.minimum

    def _follow_return(self, channel: _Channel, at_ms: int, value: float) -> list[Event]:
        pending = channel.pending
        if pending is None:
            return []
        if value < pending.lowest:
            pending.lowest, pending.lowest_ms = value, at_ms
        if channel.machine.phase not in _STILL:
            return self._complete(channel, channel.machine.onset_ms)
        settled = at_ms - pending.lowest_ms >= 2 * _SHARED_PAUSE_MS
        late = at_ms - pending.excursion.close_ms > _RETURN_LIMIT_MS
        return self._complete(channel) if settled or late else []

    def _complete(self, channel: _Channel, next_start_ms: int | None = None) -> list[Event]:
        pending, channel.pending = channel.pending, None
        if pending is None:
            return []
        excursion = pending.excursion
        until_ms = max(pending.lowest_ms, excursion.close_ms) + 1
        delay_ms = channel.settings.delay_ms
        # The end given to the repetition before may lie beyond a quick one that follows it.
        since_ms = min(channel.last_end_ms, excursion.start_ms)
        window = channel.history.window(since_ms + delay_ms, until_ms + delay_ms)
        time_ms = window.timestamp_ms - delay_ms
        timing = time_excursion(excursion, time_ms, window.signal, channel.last_end_ms)
        still = still_window(channel.history, timing.start_ms, channel.last_end_ms)
        pending.still = median_pose(still.measures)
        channel.last_end_ms = timing.end_ms
        start_ms = timing.start_ms - channel.lent_ms
        pause_ms = math.inf if next_start_ms is None else max(0, next_start_ms - timing.end_ms)
        channel.lent_ms = round(max(0.0, min(pause_ms, 2 * _SHARED_PAUSE_MS - pause_ms)) / 2)
        bounds = start_ms, timing.end_ms + channel.lent_ms
        rep = self._rep(channel, pending, timing, bounds)
        if pending is not self._doubted:
            return [rep]
        pending.rep = rep
        return []

    def _rep(
        self,
        channel: _Channel,
        pending: _Pending,
        timing: RepTiming,
        bounds: tuple[int, int],
    ) -> Rep:
        counted = pending.verdict.status is RepStatus.COUNTED
        peak, rom, uncertainty = self._reported(channel, pending, timing.start_ms, timing.end_ms)
        rep = Rep(
            index=pending.index,
            side=pending.side,
            start_ms=bounds[0],
            peak_ms=timing.peak_ms,
            end_ms=bounds[1],
            status=pending.verdict.status,
            reason=pending.verdict.reason,
            peak_deg=peak,
            rom_deg=rom,
            uncertainty_deg=uncertainty,
            concentric_ms=timing.concentric_ms,
            eccentric_ms=timing.eccentric_ms,
            hold_ms=timing.hold_ms,
        )
        return self._with_form(rep, channel, pending, timing) if counted else rep

    def _with_form(self, rep: Rep, channel: _Channel, pending: _Pending, timing: RepTiming) -> Rep:
        spans = {
            CheckPhase.EFFORT: (timing.start_ms, timing.near_top_ms),
            CheckPhase.PEAK: (timing.top_start_ms, timing.top_end_ms),
            CheckPhase.RETURN: (timing.top_end_ms, timing.end_ms),
            CheckPhase.REP: (timing.start_ms, timing.end_ms),
            CheckPhase.HOLD: (timing.top_start_ms, timing.top_end_ms),
        }
        judged = Judged(
            rep.index or 0,
            pending.side,
            pending.view,
            channel.history.window(timing.start_ms - 500, timing.end_ms + 500),
            spans,
            pending.poses.rest if pending.still is None else pending.still,
            self._rep_values(rep, channel.signal, pending.poses),
        )
        form = judge_form(self.definition.checks, self._index, judged)
        form += judge_limit(self.definition.shown, judged, rep.peak_deg, rep.uncertainty_deg)
        return replace(rep, deviations=form.deviations, not_checked=form.not_checked)

    def _rep_values(self, rep: Rep, signal: CountSignal, poses: Poses) -> dict[RepValue, float]:
        values: dict[RepValue, float] = {
            RepValue.EFFORT_MS: float(rep.concentric_ms),
            RepValue.RETURN_MS: float(rep.eccentric_ms),
            RepValue.HOLD_MS: float(rep.hold_ms),
        }
        reported = self.definition.shown
        if rep.peak_deg is not None and rep.rom_deg is not None:
            to_goal = reported.goal - (rep.peak_deg - rep.rom_deg)
            # Who rests beyond the goal (a crunch with the legs up) has no share of the way to it.
            told = (rep.uncertainty_deg or 0.0) <= _TOLD_SHARE * abs(to_goal)
            if told and to_goal * (reported.goal - reported.rest) > 0.0:
                values[RepValue.GOAL_SHARE] = rep.rom_deg / to_goal
        change = self._change_of_both(rep.side, signal.measure, poses)
        if np.isfinite(change).all() and change.max() > 0.0:
            difference = 100.0 * float(abs(change[0] - change[1]) / change.max())
            values[RepValue.LEFT_RIGHT_DIFFERENCE] = difference
        return values

    def _change_of_both(self, side: Side, measure: str, poses: Poses) -> FloatArray:
        """Return how far (left, right) went; the last time, for the side that does not work."""
        change: FloatArray = np.abs(poses.change[self._index[measure]])
        if side is Side.BOTH:
            return change
        last = self._last_change.setdefault(measure, np.full(2, np.nan))
        working = SIDES.index(side)
        last[working] = change[working]
        return last

    def _reported(
        self, channel: _Channel, pending: _Pending, start_ms: int, end_ms: int
    ) -> tuple[float | None, float | None, float | None]:
        """Return peak, range and uncertainty of the reported measure; None where not shown."""
        reported = self.definition.shown
        if reported_error(self.definition, pending.view) is None:
            return None, None, None
        row = self._index[reported.measure]
        window = channel.history.window(start_ms, end_ms + 1).measures[:, row, :]
        side, hidden = self._shown_side(pending, window)
        column = side_values(window, side)
        still = pending.still
        if still is None:
            still = median_pose(rest_window(channel.history, start_ms).measures)
        rest = float(side_values(still[row][None, :], side)[0])
        known = column[np.isfinite(column)]
        if not len(known) or np.isnan(rest):
            return None, None, None
        peak = extreme_of(known, reported.direction)
        size = max(abs(peak), abs(rest))
        error = reported_error(self.definition, pending.view, hidden=hidden, size=size)
        return round(peak, 2), round(peak - rest, 2), None if error is None else round(error, 3)

    def _shown_side(self, pending: _Pending, values: FloatArray) -> tuple[Side, bool]:
        """Return the side to report of (T, 2) values, and whether the body hides it.

        Seen from the side, what both limbs seem to do is told by the near one: the far one is
        guessed, often as a copy of it.
        """
        if pending.view is not View.SIDE or np.isnan(self._stance.facing):
            return pending.side, False
        # Facing image right, the right side is the near one.
        near = Side.RIGHT if self._stance.facing > 0.0 else Side.LEFT
        if pending.side is not Side.BOTH:
            return pending.side, pending.side is not near
        seen = np.isfinite(side_values(values, near)).any()
        return near if seen else Side.BOTH, False

    def _finish_open(self, channel: _Channel, excursion: Excursion) -> list[Event]:
        if self._is_told(channel, excursion) or excursion.rom < excursion.reference_rom:
            return []
        pending = self._judged(channel, excursion)
        done = self.definition.completes_at is CompletesAt.PEAK
        events: list[Event] = []
        if pending.verdict.status is RepStatus.COUNTED and done:
            events += self._admit(pending, excursion.close_ms)
        elif pending.verdict.status is RepStatus.COUNTED:
            pending.verdict = Verdict(RepStatus.OPEN, "the recording ended inside it")
        else:
            return []
        channel.pending = pending
        return events + self._complete(channel)

    def _count(self, pending: _Pending, timestamp_ms: int) -> RepTick:
        self.counted += 1
        pending.index = self.counted
        self.ranges.append(pending.moved)
        self.side = pending.side
        return RepTick(timestamp_ms, self.counted, pending.side)

    def _note_phase(self, timestamp_ms: int, active: list[_Channel]) -> list[Event]:
        phases = [channel.machine.phase for channel in active] or [Phase.REST]
        phase = next((phase for phase in phases if phase not in _STILL), phases[0])
        if phase is self.phase:
            return []
        self.phase = phase
        return [PhaseChange(timestamp_ms, self.side, phase)]


def _are_of_one_set(first: Excursion, second: Excursion) -> bool:
    """Whether the second follows soon and is of about the same size."""
    soon = second.start_ms - first.close_ms <= _LONGEST_DOUBT_MS
    return soon and 1.0 / _LARGEST_RATIO <= second.rom / first.rom <= _LARGEST_RATIO


def _numbered(rep: Rep, index: int) -> Rep:
    deviations = tuple(replace(deviation, rep=index) for deviation in rep.deviations)
    return replace(rep, index=index, deviations=deviations)
