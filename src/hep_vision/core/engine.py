"""The exercise engine: poses in, events out, one pass, the same live and recorded.

    pose -> orientation, measures -> signal -> phase machine -> excursion
         -> guards -> repetition -> form checks -> events

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
    Kind,
    RepValue,
)
from hep_vision.core.form import Judged, judge_form
from hep_vision.core.history import History
from hep_vision.core.holds import HoldMachine, HoldSpan, weighted_mean
from hep_vision.core.measures import MEASURES, PLACES, fill_missing_plane, measure_pose
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.phases import Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.reps import (
    Poses,
    RepTiming,
    failed_guard,
    median_pose,
    poses_of,
    rest_window,
    time_excursion,
)
from hep_vision.core.signal import VISIBLE, VisibilityTracker, combine_sides
from hep_vision.core.smoothing import NAN, FilterSettings, SignalFilter
from hep_vision.core.types import (
    Event,
    FloatArray,
    Hold,
    Phase,
    PhaseChange,
    PoseFrame,
    Rep,
    RepStatus,
    RepTick,
    Side,
    TrackingLost,
    View,
)

_JUMP_PER_S: Final = 15.0
_RETURN_STILL_MS: Final = 300
_RETURN_LIMIT_MS: Final = 4_000
_BOTH_SIDES_SHARE: Final = 0.6
_LOST_AFTER_MS: Final = 1_500
_TRAVEL: Final = "position_x"
_BEFORE_ALL_MS: Final = -(10**12)


@dataclass(frozen=True, slots=True)
class EngineState:
    """What a screen shows of the engine at one moment.

    Attributes:
        phase: Phase of the repetition under way.
        counted: Repetitions so far.
        progress: Present excursion over the one that counts; NaN = unknown.
        value: Reported measure of the side at work; NaN = unknown.
        left_right: The same by side.
        side: Side that is prescribed, or worked in the last repetition.
        view: Where the camera stands.
        measured: Whether the movement that is counted can be seen.
        holding_ms: Time on the clock of a timed hold.
    """

    phase: Phase
    counted: int
    progress: float
    value: float
    left_right: tuple[float, float]
    side: Side
    view: View
    measured: bool
    holding_ms: int


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


class _Counter:
    """One signal with its filter, phase machine and past."""

    def __init__(self, signal: CountSignal, max_rep_ms: int, measure_count: int) -> None:
        self.signal = signal
        self.settings = FilterSettings(signal.minimum_rom, _JUMP_PER_S * signal.minimum_rom)
        self.filter = SignalFilter(self.settings)
        self.machine = PhaseMachine(PhaseSettings(signal.minimum_rom, max_rep_ms))
        self.history = History(2 * max_rep_ms + 10_000, measure_count)
        self.pending: _Pending | None = None
        self.last_end_ms = _BEFORE_ALL_MS
        """End of the last repetition, or the first moment of the stream."""


class ExerciseEngine:
    """Counts, times and judges one exercise in one stream of poses."""

    def __init__(self, definition: ExerciseDefinition, side: Side | None = None) -> None:
        self.definition = definition
        self._side = side if side in (Side.LEFT, Side.RIGHT) else None
        self._names = _measures_needed(definition)
        self._index = {name: row for row, name in enumerate(self._names)}
        self._places = [row for name, row in self._index.items() if name in PLACES]
        self._orientation = OrientationTracker()
        self._visibility = VisibilityTracker(self._names)
        self._counters = [
            _Counter(signal, definition.timing.max_rep_ms, len(self._names))
            for signal in definition.count
        ]
        self._hold_machine = HoldMachine(definition.hold, self._index, definition.timing.min_rep_ms)
        self._hold_history = History(600_000, len(self._names))
        self._counted = 0
        self._holds = 0
        self._last_peak_ms = _BEFORE_ALL_MS
        self._phase = Phase.REST
        self._scale_px = NAN
        self._seen_ms: int | None = None
        self._last_ms: int | None = None
        self._value = NAN
        self._left_right = (NAN, NAN)
        self._value_side = side or definition.side or Side.BOTH
        self._measured = False
        self._view = View.UNKNOWN

    # -- stream ---------------------------------------------------------------------------------

    def process(self, pose: PoseFrame) -> list[Event]:
        """Take in one pose, in time order, and return the events it completes."""
        image_px, world_m = fill_missing_plane(pose.image_px, pose.world_m)
        orientation = self._orientation.update(pose.timestamp_ms, image_px)
        weights = self._visibility.update(pose.timestamp_ms, pose.visibility)
        measures = measure_pose(
            self._names,
            image_px,
            world_m,
            np.asarray(orientation.scale_px),
            np.asarray(orientation.facing),
        )
        measures[~(weights >= VISIBLE)] = np.nan
        if np.isnan(pose.image_px).all():
            measures[self._places] = np.nan
        self._view, self._scale_px = orientation.view, orientation.scale_px
        self._show(measures, weights)
        if self.definition.kind is Kind.TIMED_HOLD:
            events = self._process_hold(pose.timestamp_ms, measures, weights, orientation)
        else:
            events = self._process_reps(pose.timestamp_ms, measures, weights, orientation)
        return events + self._note_sight(pose.timestamp_ms)

    def finish(self) -> list[Event]:
        """End the stream: complete what can be completed, report what is open."""
        events: list[Event] = []
        if self._last_ms is not None:
            events += self._lost_until(self._last_ms)
        if self.definition.kind is Kind.TIMED_HOLD:
            return [*events, *(self._hold(span) for span in self._hold_machine.finish())]
        active = self._active_counter(self._view)
        for counter in self._counters:
            if counter.pending is not None:
                events += self._complete(counter)
            if counter is active:
                for excursion in counter.machine.finish():
                    events += self._finish_open(counter, excursion)
        return events

    def _note_sight(self, timestamp_ms: int) -> list[Event]:
        events = self._lost_until(timestamp_ms) if self._measured else []
        if self._measured:
            self._seen_ms = timestamp_ms
        self._last_ms = timestamp_ms
        return events

    def _lost_until(self, timestamp_ms: int) -> list[Event]:
        """Report a long span without sight that ends now; nothing is lost before it was seen."""
        if self._seen_ms is None or timestamp_ms - self._seen_ms <= _LOST_AFTER_MS:
            return []
        return [TrackingLost(self._seen_ms, timestamp_ms)]

    @property
    def state(self) -> EngineState:
        """What to show now."""
        active = self._active_counter(self._view)
        progress = active.machine.progress if active and self._measured else NAN
        return EngineState(
            self._phase,
            self._counted,
            progress,
            self._value,
            self._left_right,
            self._value_side,
            self._view,
            self._measured,
            self._hold_machine.counted_ms,
        )

    # -- repetitions ----------------------------------------------------------------------------

    def _process_reps(
        self, timestamp_ms: int, measures: FloatArray, weights: FloatArray, stance: Orientation
    ) -> list[Event]:
        events: list[Event] = []
        active = self._active_counter(stance.view)
        self._measured = False
        for counter in self._counters:
            if counter.last_end_ms == _BEFORE_ALL_MS:
                counter.last_end_ms = timestamp_ms
            row = self._index[counter.signal.measure]
            raw = combine_sides(counter.signal, measures[row], weights[row], self._side)
            value = counter.filter.update(timestamp_ms, raw)
            if counter is active:
                self._measured = not math.isnan(raw)
            # The filter's delay is known, so the signal is booked when it happened.
            at_ms = timestamp_ms - counter.settings.delay_ms
            counter.history.append(timestamp_ms, value, measures, stance.view)
            for excursion in counter.machine.update(at_ms, value):
                events += self._close(counter, excursion, timestamp_ms, active is counter)
            events += self._follow_return(counter, at_ms, value)
        return events + self._note_phase(timestamp_ms, active)

    def _active_counter(self, view: View) -> _Counter | None:
        for counter in self._counters:
            if view in counter.signal.views:
                return counter
        return None

    def _close(
        self, counter: _Counter, excursion: Excursion, timestamp_ms: int, active: bool
    ) -> list[Event]:
        events = self._complete(counter) if counter.pending is not None else []
        if not active or excursion.start_ms < self._last_peak_ms:
            return events
        if excursion.rom < counter.machine.settings.partial_share * excursion.reference_rom:
            return events
        pending = self._judge(counter, excursion)
        self._last_peak_ms = excursion.peak_ms
        counter.pending = pending
        if pending.verdict.status is RepStatus.COUNTED:
            events.append(self._count(pending, timestamp_ms))
        return events

    def _judge(self, counter: _Counter, excursion: Excursion) -> _Pending:
        poses = poses_of(counter.history, excursion.start_ms, excursion.peak_ms, excursion.close_ms)
        side = self._working_side(counter.signal, poses)
        verdict = self._verdict(counter, excursion, poses, side)
        return _Pending(
            excursion, verdict, side, self._view, poses, excursion.peak, excursion.close_ms
        )

    def _verdict(
        self, counter: _Counter, excursion: Excursion, poses: Poses, side: Side
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
        if self._travelled(counter, excursion):
            return _Verdict(RepStatus.REJECTED, "another movement: moved across the picture")
        if excursion.close_ms - excursion.start_ms < self.definition.timing.min_rep_ms:
            return _Verdict(RepStatus.REJECTED, "too fast to be a repetition")
        if excursion.rom < excursion.reference_rom:
            return _Verdict(RepStatus.PARTIAL, _partial_reason(counter, excursion))
        return _Verdict(RepStatus.COUNTED, None)

    def _travelled(self, counter: _Counter, excursion: Excursion) -> bool:
        limit = self.definition.max_travel_ratio
        if limit is None:
            return False
        start_ms, end_ms = excursion.start_ms, excursion.close_ms
        ends = poses_of(counter.history, start_ms, end_ms, end_ms)
        travel_px = abs(float(ends.change[self._index[_TRAVEL], 0]))
        return travel_px > limit * self._scale_px  # NaN compares false: unknown is never evidence

    def _working_side(self, signal: CountSignal, poses: Poses) -> Side:
        if self._side is not None:
            return self._side
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

    def _follow_return(self, counter: _Counter, at_ms: int, value: float) -> list[Event]:
        pending = counter.pending
        if pending is None:
            return []
        if value < pending.lowest:
            pending.lowest, pending.lowest_ms = value, at_ms
        settled = at_ms - pending.lowest_ms >= _RETURN_STILL_MS
        left_again = counter.machine.phase not in (Phase.REST, Phase.LOST)
        late = at_ms - pending.excursion.close_ms > _RETURN_LIMIT_MS
        return self._complete(counter) if settled or left_again or late else []

    def _complete(self, counter: _Counter) -> list[Event]:
        pending, counter.pending = counter.pending, None
        if pending is None:
            return []
        excursion = pending.excursion
        until_ms = max(pending.lowest_ms, excursion.close_ms) + 1
        delay_ms = counter.settings.delay_ms
        window = counter.history.window(counter.last_end_ms + delay_ms, until_ms + delay_ms)
        time_ms = window.timestamp_ms - delay_ms
        timing = time_excursion(excursion, time_ms, window.signal, counter.last_end_ms)
        counter.last_end_ms = timing.end_ms
        return [self._rep(counter, pending, timing)]

    def _rep(self, counter: _Counter, pending: _Pending, timing: RepTiming) -> Rep:
        counted = pending.verdict.status is RepStatus.COUNTED
        peak, rom, uncertainty = self._reported(counter, pending, timing)
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
        return self._with_form(rep, counter, pending, timing) if counted else rep

    def _with_form(self, rep: Rep, counter: _Counter, pending: _Pending, timing: RepTiming) -> Rep:
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
            counter.history.window(timing.start_ms - 500, timing.end_ms + 500),
            spans,
            pending.poses.rest,
            self._rep_values(rep, counter.signal, pending.poses),
        )
        form = judge_form(self.definition.checks, self._index, judged)
        return replace(rep, deviations=form.deviations, not_checked=form.not_checked)

    def _rep_values(self, rep: Rep, signal: CountSignal, poses: Poses) -> dict[RepValue, float]:
        values: dict[RepValue, float] = {
            RepValue.EFFORT_MS: float(rep.concentric_ms),
            RepValue.RETURN_MS: float(rep.eccentric_ms),
            RepValue.HOLD_MS: float(rep.hold_ms),
        }
        reported = self.definition.reported
        if rep.peak_deg is not None and rep.rom_deg is not None:
            rest = rep.peak_deg - rep.rom_deg
            if reported.goal != rest:
                values[RepValue.GOAL_SHARE] = rep.rom_deg / (reported.goal - rest)
        change = np.abs(poses.change[self._index[signal.measure]])
        if rep.side is Side.BOTH and np.isfinite(change).all() and change.max() > 0.0:
            difference = 100.0 * float(abs(change[0] - change[1]) / change.max())
            values[RepValue.LEFT_RIGHT_DIFFERENCE] = difference
        return values

    def _reported(
        self, counter: _Counter, pending: _Pending, timing: RepTiming
    ) -> tuple[float | None, float | None, float | None]:
        """Return peak, range and uncertainty of the reported measure; None where not shown."""
        reported = self.definition.reported
        info = MEASURES[reported.measure]
        if pending.view not in info.views:
            return None, None, None
        row = self._index[reported.measure]
        window = counter.history.window(timing.start_ms, timing.end_ms + 1)
        column = _side_values(window.measures[:, row, :], pending.side)
        still = median_pose(rest_window(counter.history, timing.start_ms).measures)
        rest = float(_side_values(still[row][None, :], pending.side)[0])
        known = column[np.isfinite(column)]
        if not len(known) or np.isnan(rest):
            return None, None, None
        share = 97.0 if reported.direction is Direction.INCREASE else 3.0
        peak = float(np.percentile(known, share))
        doubled = 2.0 if pending.view is View.OBLIQUE else 1.0
        return round(peak, 2), round(peak - rest, 2), doubled * info.uncertainty

    def _finish_open(self, counter: _Counter, excursion: Excursion) -> list[Event]:
        if excursion.start_ms < self._last_peak_ms or excursion.rom < excursion.reference_rom:
            return []
        pending = self._judge(counter, excursion)
        done = self.definition.completes_at is CompletesAt.PEAK
        events: list[Event] = []
        if pending.verdict.status is RepStatus.COUNTED and done:
            events.append(self._count(pending, excursion.close_ms))
        elif pending.verdict.status is RepStatus.COUNTED:
            pending.verdict = _Verdict(RepStatus.OPEN, "the recording ended inside it")
        else:
            return []
        counter.pending = pending
        return events + self._complete(counter)

    def _count(self, pending: _Pending, timestamp_ms: int) -> RepTick:
        self._counted += 1
        pending.index = self._counted
        self._value_side = pending.side
        return RepTick(timestamp_ms, self._counted, pending.side)

    def _note_phase(self, timestamp_ms: int, active: _Counter | None) -> list[Event]:
        phase = active.machine.phase if active else Phase.REST
        if phase is self._phase:
            return []
        self._phase = phase
        return [PhaseChange(timestamp_ms, self._side or self.definition.side or Side.BOTH, phase)]

    # -- holds ----------------------------------------------------------------------------------

    def _process_hold(
        self, timestamp_ms: int, measures: FloatArray, weights: FloatArray, stance: Orientation
    ) -> list[Event]:
        self._hold_history.append(timestamp_ms, NAN, measures, stance.view)
        self._measured = not math.isnan(self._value)
        spans = self._hold_machine.update(timestamp_ms, measures, weights, stance.view)
        phase = Phase.PEAK if self._hold_machine.holding else Phase.REST
        events: list[Event] = [self._hold(span) for span in spans]
        if phase is not self._phase:
            self._phase = phase
            events.append(PhaseChange(timestamp_ms, Side.BOTH, phase))
        return events

    def _hold(self, span: HoldSpan) -> Hold:
        self._holds += 1
        window = self._hold_history.window(span.start_ms, span.end_ms)
        judged = Judged(
            self._holds,
            Side.BOTH,
            self._view,
            window,
            {CheckPhase.HOLD: (span.start_ms, span.end_ms)},
            np.full((len(self._names), 2), np.nan),
            {RepValue.HOLD_MS: float(span.counted_ms)},
        )
        form = judge_form(self.definition.checks, self._index, judged)
        side = self._side or self.definition.side or Side.BOTH
        return Hold(
            self._holds,
            side,
            span.start_ms,
            span.end_ms,
            span.counted_ms,
            form.deviations,
            form.not_checked,
        )

    def _show(self, measures: FloatArray, weights: FloatArray) -> None:
        row = self._index[self.definition.reported.measure]
        left, right = self._left_right = (float(measures[row, 0]), float(measures[row, 1]))
        if self._value_side is Side.BOTH:
            self._value = weighted_mean(measures[row], weights[row])
        else:
            self._value = left if self._value_side is Side.LEFT else right


def _measures_needed(definition: ExerciseDefinition) -> tuple[str, ...]:
    names = [
        *(signal.measure for signal in definition.count),
        *(guard.measure for guard in definition.guards),
        *(condition.measure for condition in definition.hold),
        *(check.measure for check in definition.checks if check.measure in MEASURES),
        definition.reported.measure,
        definition.side_measure or _TRAVEL,
        _TRAVEL,
    ]
    return tuple(dict.fromkeys(names))


def _side_values(values: FloatArray, side: Side) -> FloatArray:
    """Return the (T,) column of a side from (T, 2), or the mean of the known sides."""
    if side is not Side.BOTH:
        return values[:, 0 if side is Side.LEFT else 1]
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _partial_reason(counter: _Counter, excursion: Excursion) -> str:
    minimum = counter.machine.settings.minimum_rom
    if excursion.reference_rom > minimum:
        return "far below the usual range of this set"
    return "below the smallest range that counts"
