"""Counting repetitions: from measures to excursions, verdicts, tempo and form.

    measures -> signal -> phase machine -> excursion -> guards -> repetition -> form checks

An excursion is judged the moment its return is certain (`RepTick`), and finished as a `Rep` when
the return has ended, so that its end, its tempo and its form are known.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hep_vision.core.definition import (
    CheckPhase,
    Combine,
    CompletesAt,
    CountSignal,
    Direction,
    ExerciseDefinition,
    RepValue,
)
from hep_vision.core.form import Judged, judge_form
from hep_vision.core.history import History, Moment
from hep_vision.core.likeness import (
    FAMILIAR_FROM,
    FAMILIAR_SHARE,
    LARGEST_DISTANCE,
    LARGEST_MISMATCH,
    SHAPE,
    Likeness,
)
from hep_vision.core.measures import MEASURES, SIDES
from hep_vision.core.orientation import Orientation
from hep_vision.core.phases import LONGEST_HOLD_MS, Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.reps import (
    Poses,
    RepTiming,
    failed_guard,
    median_pose,
    poses_of,
    rest_window,
    side_values,
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

TRAVEL: Final = "position_x"
"""The measure of moving across the picture; every repetition exercise needs it."""
_JUMP_PER_S: Final = 15.0
_RETURN_STILL_MS: Final = 300
_RETURN_LIMIT_MS: Final = 4_000
_BOTH_SIDES_SHARE: Final = 0.6
_BEFORE_ALL_MS: Final = -(10**12)
_STILL: Final = (Phase.REST, Phase.LOST)


@dataclass(frozen=True, slots=True)
class _Verdict:
    status: RepStatus
    reason: str | None


@dataclass(slots=True)
class _Pending:
    """An excursion whose return is still going on."""

    excursion: Excursion
    verdict: _Verdict
    side: Side
    view: View
    poses: Poses
    lowest: float
    lowest_ms: int
    index: int | None = None


class _Channel:
    """One signal, of one side or of both, with its filter, phase machine and past."""

    def __init__(
        self, signal: CountSignal, side: Side | None, max_rep_ms: int, measure_count: int
    ) -> None:
        self.signal = signal
        self.side = side
        """The side that it follows alone, if it does."""
        self.settings = FilterSettings(signal.minimum_rom, _JUMP_PER_S * signal.minimum_rom)
        self.filter = SignalFilter(self.settings)
        self.machine = PhaseMachine(PhaseSettings(signal.minimum_rom, max_rep_ms))
        self.history = History(2 * max_rep_ms + LONGEST_HOLD_MS, measure_count)
        self.pending: _Pending | None = None
        self.last_end_ms = _BEFORE_ALL_MS
        """End of the last repetition, or the first moment of the stream."""


class RepetitionCounter:
    """Counts one exercise in a stream of moments.

    Args:
        definition: The exercise.
        index: Row of each measure in a moment.
        side: The prescribed side, or None to follow the person.
    """

    def __init__(
        self, definition: ExerciseDefinition, index: dict[str, int], side: Side | None
    ) -> None:
        self.definition = definition
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
        self._view = View.UNKNOWN
        self._stance = Orientation(NAN, View.UNKNOWN, NAN, NAN)
        self._likeness = (
            None
            if definition.motion is None
            else Likeness(
                definition.motion,
                in_turns=any(signal.combine is Combine.EACH for signal in definition.count),
            )
        )
        self._shape = [index[name] for name in SHAPE if self._likeness is not None]

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
        return events + self._note_phase(moment.timestamp_ms, active)

    def finish(self) -> list[Event]:
        """End the stream: complete what can be completed, report what is open."""
        events: list[Event] = []
        active = self._active(self._view)
        for channel in self._channels:
            if channel.pending is not None:
                events += self._complete(channel)
            if channel in active:
                for excursion in channel.machine.finish():
                    events += self._finish_open(channel, excursion)
        return events

    def _active(self, view: View) -> list[_Channel]:
        """Return the channels of the first signal that fits the view: one, or one of each side."""
        fitting = [channel for channel in self._channels if view in channel.signal.views]
        return [channel for channel in fitting if channel.signal is fitting[0].signal]

    def _close(
        self, channel: _Channel, excursion: Excursion, timestamp_ms: int, active: bool
    ) -> list[Event]:
        events = self._complete(channel) if channel.pending is not None else []
        if not active or self._is_told(channel, excursion):
            return events
        if excursion.rom < channel.machine.settings.partial_share * excursion.reference_rom:
            return events
        pending = self._judge(channel, excursion)
        self._last_peak_ms[channel.side] = excursion.peak_ms
        channel.pending = pending
        if pending.verdict.status is RepStatus.COUNTED:
            events.append(self._count(pending, timestamp_ms))
        return events

    def _is_told(self, channel: _Channel, excursion: Excursion) -> bool:
        """Whether another signal has told of this movement, before the view changed."""
        return excursion.start_ms < self._last_peak_ms.get(channel.side, _BEFORE_ALL_MS)

    def _judge(self, channel: _Channel, excursion: Excursion) -> _Pending:
        poses = poses_of(channel.history, excursion.start_ms, excursion.peak_ms, excursion.close_ms)
        side = channel.side or self._working_side(channel.signal, poses)
        verdict = self._verdict(channel, excursion, poses, side)
        return _Pending(
            excursion, verdict, side, self._view, poses, excursion.peak, excursion.close_ms
        )

    def _verdict(
        self, channel: _Channel, excursion: Excursion, poses: Poses, side: Side
    ) -> _Verdict:
        if excursion.ending == "lost":
            return _Verdict(RepStatus.REJECTED, "tracking lost")
        if excursion.ending == "timeout":
            return _Verdict(RepStatus.REJECTED, "did not return")
        guard = failed_guard(
            self.definition.guards, self._index, poses, self._view, side, excursion.rom
        )
        if guard is not None:
            return _Verdict(RepStatus.REJECTED, f"another movement: {guard.why}")
        unlike = self._unlike(poses, side)
        if unlike is not None:
            return _Verdict(RepStatus.REJECTED, f"another movement: {unlike}")
        if self._travelled(channel, excursion):
            return _Verdict(RepStatus.REJECTED, "another movement: moved across the picture")
        if excursion.close_ms - excursion.start_ms < self.definition.timing.min_rep_ms:
            return _Verdict(RepStatus.REJECTED, "too fast to be a repetition")
        if excursion.rom < excursion.reference_rom:
            return _Verdict(RepStatus.PARTIAL, _partial_reason(channel, excursion))
        return _Verdict(RepStatus.COUNTED, None)

    def _unlike(self, poses: Poses, side: Side) -> str | None:
        """Return why the whole body does not look like the exercise, or None."""
        if self._likeness is None:
            return None
        rest, peak = poses.rest[self._shape], poses.peak[self._shape]
        look = self._likeness.look(rest, peak, self._stance, side)
        reach = FAMILIAR_SHARE if self.counted >= FAMILIAR_FROM else 1.0
        # NaN compares false: unknown is never evidence.
        if look.distance > reach * LARGEST_DISTANCE:
            return "it began from another posture"
        if look.mismatch > reach * LARGEST_MISMATCH:
            return "the body moved in another way"
        return None

    def _travelled(self, channel: _Channel, excursion: Excursion) -> bool:
        limit = self.definition.max_travel_ratio
        if limit is None:
            return False
        start_ms, end_ms = excursion.start_ms, excursion.close_ms
        ends = poses_of(channel.history, start_ms, end_ms, end_ms)
        travel_px = abs(float(ends.change[self._index[TRAVEL], 0]))
        # NaN compares false: unknown is never evidence.
        return travel_px > limit * self._stance.scale_px

    def _working_side(self, signal: CountSignal, poses: Poses) -> Side:
        if self.definition.side is Side.BOTH:
            return Side.BOTH
        if self.definition.side_measure is not None:
            effort = poses.change[self._index[self.definition.side_measure]]
        else:
            change = poses.change[self._index[signal.measure]]
            effort = change if signal.direction is Direction.INCREASE else -change
        left, right = (float(value) for value in np.nan_to_num(effort, nan=-np.inf))
        if min(left, right) >= _BOTH_SIDES_SHARE * max(left, right) > 0.0:
            return Side.BOTH
        return Side.LEFT if left > right else Side.RIGHT

    def _follow_return(self, channel: _Channel, at_ms: int, value: float) -> list[Event]:
        pending = channel.pending
        if pending is None:
            return []
        if value < pending.lowest:
            pending.lowest, pending.lowest_ms = value, at_ms
        settled = at_ms - pending.lowest_ms >= _RETURN_STILL_MS
        left_again = channel.machine.phase not in _STILL
        late = at_ms - pending.excursion.close_ms > _RETURN_LIMIT_MS
        return self._complete(channel) if settled or left_again or late else []

    def _complete(self, channel: _Channel) -> list[Event]:
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
        channel.last_end_ms = timing.end_ms
        return [self._rep(channel, pending, timing)]

    def _rep(self, channel: _Channel, pending: _Pending, timing: RepTiming) -> Rep:
        counted = pending.verdict.status is RepStatus.COUNTED
        peak, rom, uncertainty = self._reported(channel, pending, timing)
        rep = Rep(
            index=pending.index,
            side=pending.side,
            start_ms=timing.start_ms,
            peak_ms=timing.peak_ms,
            end_ms=timing.end_ms,
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
            CheckPhase.EFFORT: (timing.start_ms, timing.top_end_ms),
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
            pending.poses.rest,
            self._rep_values(rep, channel.signal, pending.poses),
        )
        form = judge_form(self.definition.checks, self._index, judged)
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
            if to_goal * (reported.goal - reported.rest) > 0.0:
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
        self, channel: _Channel, pending: _Pending, timing: RepTiming
    ) -> tuple[float | None, float | None, float | None]:
        """Return peak, range and uncertainty of the reported measure; None where not shown."""
        reported = self.definition.shown
        info = MEASURES[reported.measure]
        if pending.view not in info.views:
            return None, None, None
        row = self._index[reported.measure]
        window = channel.history.window(timing.start_ms, timing.end_ms + 1)
        column = side_values(window.measures[:, row, :], pending.side)
        still = median_pose(rest_window(channel.history, timing.start_ms).measures)
        rest = float(side_values(still[row][None, :], pending.side)[0])
        known = column[np.isfinite(column)]
        if not len(known) or np.isnan(rest):
            return None, None, None
        share = 97.0 if reported.direction is Direction.INCREASE else 3.0
        peak = float(np.percentile(known, share))
        # Facing image right, the right side is the near one; a limb behind the body is guessed.
        far = Side.LEFT if self._stance.facing > 0.0 else Side.RIGHT
        hidden = pending.view is View.SIDE and pending.side is far
        doubled = 2.0 if pending.view is View.OBLIQUE or hidden else 1.0
        return round(peak, 2), round(peak - rest, 2), doubled * info.uncertainty

    def _finish_open(self, channel: _Channel, excursion: Excursion) -> list[Event]:
        if self._is_told(channel, excursion) or excursion.rom < excursion.reference_rom:
            return []
        pending = self._judge(channel, excursion)
        done = self.definition.completes_at is CompletesAt.PEAK
        events: list[Event] = []
        if pending.verdict.status is RepStatus.COUNTED and done:
            events.append(self._count(pending, excursion.close_ms))
        elif pending.verdict.status is RepStatus.COUNTED:
            pending.verdict = _Verdict(RepStatus.OPEN, "the recording ended inside it")
        else:
            return []
        channel.pending = pending
        return events + self._complete(channel)

    def _count(self, pending: _Pending, timestamp_ms: int) -> RepTick:
        self.counted += 1
        pending.index = self.counted
        self.side = pending.side
        return RepTick(timestamp_ms, self.counted, pending.side)

    def _note_phase(self, timestamp_ms: int, active: list[_Channel]) -> list[Event]:
        phases = [channel.machine.phase for channel in active] or [Phase.REST]
        phase = next((phase for phase in phases if phase not in _STILL), phases[0])
        if phase is self.phase:
            return []
        self.phase = phase
        return [PhaseChange(timestamp_ms, self.side, phase)]


def _partial_reason(channel: _Channel, excursion: Excursion) -> str:
    minimum = channel.machine.settings.minimum_rom
    if excursion.reference_rom > minimum:
        return "far below the usual range of this set"
    return "below the smallest range that counts"
