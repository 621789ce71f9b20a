"""Timed holds: the clock runs while the posture is right, and only then."""

import math
from collections import deque
from dataclasses import dataclass
from statistics import mean
from typing import Final

import numpy as np

from hep_vision.core.definition import CheckPhase, Condition, ExerciseDefinition, RepValue
from hep_vision.core.form import Judged, extreme_of, judge_form, judge_limit, reported_error
from hep_vision.core.history import History, Moment, Window
from hep_vision.core.reps import median_pose, side_values
from hep_vision.core.signal import weighted_mean
from hep_vision.core.types import Event, FloatArray, Hold, Phase, PhaseChange, Side, View

_DWELL_MS: Final = 500
_MAX_GAP_MS: Final = 1_500
_RATE_WINDOW_MS: Final = 600
_LONGEST_HOLD_MS: Final = 600_000
_BEGINNING_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class HoldSpan:
    """A stretch in which the posture was held; ``counted_ms`` leaves lapses out."""

    start_ms: int
    end_ms: int
    counted_ms: int


class HoldMachine:
    """Starts when every condition is met for a dwell, ends when one is missed for as long."""

    def __init__(
        self, conditions: tuple[Condition, ...], index: dict[str, int], minimum_ms: int
    ) -> None:
        self._conditions = conditions
        self._index = index
        self._minimum_ms = minimum_ms
        self._rates = [_Rate() for _ in conditions]
        self._last_ms: int | None = None
        self._start_ms: int | None = None
        self._since_ms: int | None = None
        self._last_right_ms = 0
        self._counted_ms = 0

    @property
    def holding(self) -> bool:
        """Whether the clock runs."""
        return self._start_ms is not None

    @property
    def counted_ms(self) -> int:
        """Time on the clock of the hold under way; 0 while there is none."""
        return self._counted_ms if self.holding else 0

    def update(
        self, timestamp_ms: int, measures: FloatArray, weights: FloatArray, view: View
    ) -> list[HoldSpan]:
        """Take in one moment and return the hold it ends, if any.

        Args:
            timestamp_ms: Media time.
            measures: (M, 2) measures by side; NaN = unknown.
            weights: (M, 2) how well each is seen, 0..1.
            view: The present view.
        """
        right = self._right(timestamp_ms, measures, weights, view)
        elapsed_ms = 0 if self._last_ms is None else timestamp_ms - self._last_ms
        self._last_ms = timestamp_ms
        if elapsed_ms > _MAX_GAP_MS:
            self._since_ms = None  # nothing is known of the time between
        ended = self._end_if_lapsed(timestamp_ms, right)
        if not self.holding:
            self._wait(timestamp_ms, right)
        elif right:
            self._counted_ms += elapsed_ms
            self._last_right_ms = timestamp_ms
        return ended

    def finish(self) -> list[HoldSpan]:
        """End the stream; a hold under way ends with it."""
        return self._end() if self._start_ms is not None else []

    def _wait(self, timestamp_ms: int, right: bool | None) -> None:
        if not right:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = timestamp_ms
        elif timestamp_ms - self._since_ms >= _DWELL_MS:
            self._start_ms, self._last_right_ms = self._since_ms, timestamp_ms
            self._counted_ms = timestamp_ms - self._since_ms

    def _end_if_lapsed(self, timestamp_ms: int, right: bool | None) -> list[HoldSpan]:
        patience_ms = _DWELL_MS if right is False else _MAX_GAP_MS
        lapsed = self.holding and timestamp_ms - self._last_right_ms > patience_ms
        return self._end() if lapsed else []

    def _end(self) -> list[HoldSpan]:
        start_ms, self._start_ms, self._since_ms = self._start_ms, None, None
        if start_ms is None or self._last_right_ms - start_ms < self._minimum_ms:
            return []
        return [HoldSpan(start_ms, self._last_right_ms, self._counted_ms)]

    def _right(
        self, timestamp_ms: int, measures: FloatArray, weights: FloatArray, view: View
    ) -> bool | None:
        """Return whether the posture is right; None where that cannot be seen.

        To begin, every condition must be seen. A hold that runs goes on while what is still seen
        of it is right: feet that leave the picture are no evidence that a plank has ended.
        """
        answers = [
            self._met(condition, rate, timestamp_ms, measures, weights)
            for condition, rate in zip(self._conditions, self._rates, strict=True)
            if view in condition.views
        ]
        if not answers or False in answers:
            return False
        if None not in answers or (self.holding and True in answers):
            return True
        return None

    def _met(
        self,
        condition: Condition,
        rate: "_Rate",
        timestamp_ms: int,
        measures: FloatArray,
        weights: FloatArray,
    ) -> bool | None:
        row = self._index[condition.measure]
        value = weighted_mean(measures[row], weights[row])
        if math.isnan(value):
            return None
        margin = condition.margin if self.holding else 0.0
        low = condition.minimum is None or value >= condition.minimum - margin
        high = condition.maximum is None or value <= condition.maximum + margin
        return low and high and self._steady(condition, rate.update(timestamp_ms, value))

    def _steady(self, condition: Condition, rate_per_s: float) -> bool:
        if condition.max_rate_per_s is None:
            return True
        return rate_per_s <= condition.max_rate_per_s * (2.0 if self.holding else 1.0)


class _Rate:
    """How fast a value changes, by its means over the two halves of the last 0.6 seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float]] = deque()

    def update(self, timestamp_ms: int, value: float) -> float:
        self._samples.append((timestamp_ms, value))
        while self._samples[0][0] < timestamp_ms - _RATE_WINDOW_MS:
            self._samples.popleft()
        middle_ms = (self._samples[0][0] + timestamp_ms) / 2.0
        early = [sample for at_ms, sample in self._samples if at_ms <= middle_ms]
        late = [sample for at_ms, sample in self._samples if at_ms > middle_ms]
        span_s = (timestamp_ms - self._samples[0][0]) / 2000.0
        return abs(mean(late) - mean(early)) / span_s if late and span_s else 0.0


class SelfTimed:
    """Stands where a counter would, for what a camera cannot judge: it never says anything.

    Args:
        definition: The exercise.
        index: Row of each measure in a moment.
        side: The prescribed side, or None.
    """

    def __init__(
        self, definition: ExerciseDefinition, index: dict[str, int], side: Side | None
    ) -> None:
        self.definition = definition
        self.phase = Phase.REST
        self.measured = False
        self.counted = 0
        self.waiting = False
        self.side = side or definition.side or Side.BOTH
        self.progress = math.nan
        self.holding_ms = 0

    def process(self, moment: Moment) -> list[Event]:
        """Take in one moment and return no event."""
        return []

    def finish(self) -> list[Event]:
        """End the stream; there is nothing to complete."""
        return []


class HoldTimer:
    """Times and judges the holds of one exercise in a stream of moments.

    Args:
        definition: The exercise.
        index: Row of each measure in a moment.
        side: The prescribed side, or None.
    """

    def __init__(
        self, definition: ExerciseDefinition, index: dict[str, int], side: Side | None
    ) -> None:
        self.definition = definition
        self.phase = Phase.REST
        self.measured = False
        self.counted = 0
        self.waiting = False
        self.side = side or definition.side or Side.BOTH
        self.progress = math.nan
        self._index = index
        self._finds_side = self.side is Side.BOTH and definition.side is None
        self._machine = HoldMachine(definition.hold, index, definition.timing.min_rep_ms)
        self._history = History(_LONGEST_HOLD_MS, len(index))
        self._view = View.UNKNOWN

    @property
    def holding_ms(self) -> int:
        """Time on the clock of the hold under way."""
        return self._machine.counted_ms

    def process(self, moment: Moment) -> list[Event]:
        """Take in one moment, in time order, and return the events it completes."""
        self._view = moment.stance.view
        self._history.append(moment.timestamp_ms, math.nan, moment.measures, self._view)
        row = self._index[self.definition.shown.measure]
        self.measured = not math.isnan(weighted_mean(moment.measures[row], moment.weights[row]))
        spans = self._machine.update(
            moment.timestamp_ms, moment.measures, moment.weights, self._view
        )
        events: list[Event] = [self._hold(span) for span in spans]
        phase = Phase.PEAK if self._machine.holding else Phase.REST
        if phase is not self.phase:
            self.phase = phase
            events.append(PhaseChange(moment.timestamp_ms, self.side, phase))
        return events

    def finish(self) -> list[Event]:
        """End the stream; a hold under way ends with it."""
        return [self._hold(span) for span in self._machine.finish()]

    def _hold(self, span: HoldSpan) -> Hold:
        self.counted += 1
        window = self._history.window(span.start_ms, span.end_ms)
        if self._finds_side:
            self.side = self._larger_side(window)
        beginning = self._history.window(span.start_ms, span.start_ms + _BEGINNING_MS)
        judged = Judged(
            self.counted,
            self.side,
            self._view,
            window,
            {CheckPhase.HOLD: (span.start_ms, span.end_ms)},
            median_pose(beginning.measures),
            {RepValue.HOLD_MS: float(span.counted_ms)},
        )
        form = judge_form(self.definition.checks, self._index, judged)
        form += judge_limit(self.definition.shown, judged, *self._extreme(window))
        return Hold(
            self.counted,
            self.side,
            span.start_ms,
            span.end_ms,
            span.counted_ms,
            form.deviations,
            form.not_checked,
        )

    def _extreme(self, window: Window) -> tuple[float | None, float | None]:
        """Return the reported measure's extreme and its uncertainty; None where not shown."""
        reported = self.definition.shown
        values = side_values(window.measures[:, self._index[reported.measure], :], self.side)
        known = values[np.isfinite(values)]
        if reported_error(self.definition, self._view) is None or not len(known):
            return None, None
        extreme = extreme_of(known, reported.direction)
        error = reported_error(self.definition, self._view, size=extreme)
        return extreme, None if error is None else round(error, 3)

    def _larger_side(self, window: Window) -> Side:
        if self.definition.side_measure is None:
            return Side.BOTH
        row = self._index[self.definition.side_measure]
        left, right = median_pose(window.measures)[row].tolist()
        return Side.LEFT if left > right else Side.RIGHT if right > left else Side.BOTH
