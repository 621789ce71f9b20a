"""The exercise engine: poses in, events out, one pass, the same live and recorded.

    pose -> orientation, measures -> repetition counter or hold timer -> events

It knows what every exercise needs of a pose; what counts is decided in
`hep_vision.core.repetitions` and `hep_vision.core.holds`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.history import Moment
from hep_vision.core.holds import HoldTimer, SelfTimed
from hep_vision.core.likeness import SHAPE
from hep_vision.core.measures import (
    MEASURES,
    PLACES,
    all_unknown,
    fill_missing_plane,
    measure_pose,
)
from hep_vision.core.orientation import OrientationTracker
from hep_vision.core.patient import PatientLock
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.repetitions import RepetitionCounter
from hep_vision.core.signal import VISIBLE, VisibilityTracker, weighted_mean
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import Event, Phase, PoseFrame, Side, TrackingLost, View
from hep_vision.core.verdict import TRAVEL

_LOST_AFTER_MS: Final = 1_500
_WORK: Final[dict[Kind, type[HoldTimer | SelfTimed]]] = {
    Kind.TIMED_HOLD: HoldTimer,
    Kind.SELF_TIMED: SelfTimed,
}
"""What does the work of a kind that has no repetitions."""


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
        waiting: A first repetition was seen that counts once another one like it follows.
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
    waiting: bool


class ExerciseEngine:
    """Counts, times and judges one exercise in one stream of poses.

    Args:
        definition: The exercise.
        side: The prescribed side; None or both follows the person.
        personal: What the person usually does; None learns it from the set alone.
    """

    def __init__(
        self,
        definition: ExerciseDefinition,
        side: Side | None = None,
        personal: PersonalRange | None = None,
    ) -> None:
        self.definition = definition
        self._names = measures_needed(definition)
        self._index = {name: row for row, name in enumerate(self._names)}
        self._places = [row for name, row in self._index.items() if name in PLACES]
        self._lock = PatientLock()
        self._orientation = OrientationTracker()
        self._visibility = VisibilityTracker(self._names)
        side = None if side is Side.BOTH else side
        self._work: RepetitionCounter | HoldTimer | SelfTimed = (
            _WORK[definition.kind](definition, self._index, side)
            if definition.kind in _WORK
            else RepetitionCounter(definition, self._index, side, personal)
        )
        self._moment: Moment | None = None
        self._pose: PoseFrame | None = None
        self._seen_ms: int | None = None

    def process(self, pose: PoseFrame) -> list[Event]:
        """Take in one pose, in time order, and return the events it completes."""
        self._pose = self._lock.follow(pose)
        self._moment = self._measure(self._pose)
        events = self._work.process(self._moment)
        return events + self._note_sight(pose.timestamp_ms)

    def finish(self) -> list[Event]:
        """End the stream: complete what can be completed, report what is open."""
        lost = self._lost_until(self._moment.timestamp_ms) if self._moment else []
        return lost + self._work.finish()

    @property
    def pose(self) -> PoseFrame | None:
        """The last pose as it was judged: unseen where it was someone else's; None before any."""
        return self._pose

    @property
    def measured(self) -> dict[str, tuple[float, float]]:
        """Every measure that the exercise reads, left and right, in the last pose; NaN = unknown.

        Empty before any pose.
        """
        if self._moment is None:
            return {}
        values = self._moment.measures.tolist()
        return {
            name: (left, right) for name, (left, right) in zip(self._names, values, strict=True)
        }

    @property
    def ranges(self) -> tuple[SignalRange, ...]:
        """How far each counted repetition went; what a `PersonalRange` is learnt from."""
        return tuple(self._work.ranges) if isinstance(self._work, RepetitionCounter) else ()

    @property
    def state(self) -> EngineState:
        """What to show now."""
        work, moment = self._work, self._moment
        return EngineState(
            work.phase,
            work.counted,
            work.progress,
            self._shown_value(),
            self._left_right(),
            work.side,
            moment.stance.view if moment else View.UNKNOWN,
            work.measured,
            work.holding_ms,
            work.waiting,
        )

    def _measure(self, pose: PoseFrame) -> Moment:
        image_px, world_m = fill_missing_plane(pose.image_px, pose.world_m)
        stance = self._orientation.update(pose.timestamp_ms, image_px)
        weights = self._visibility.update(pose.timestamp_ms, pose.visibility)
        measures = measure_pose(
            self._names,
            image_px,
            world_m,
            np.asarray(stance.scale_px),
            np.asarray(stance.facing),
        )
        measures[~(weights >= VISIBLE)] = np.nan
        if all_unknown(pose.image_px):
            measures[self._places] = np.nan
        return Moment(pose.timestamp_ms, measures, weights, stance)

    def _note_sight(self, timestamp_ms: int) -> list[Event]:
        events = self._lost_until(timestamp_ms) if self._work.measured else []
        if self._work.measured:
            self._seen_ms = timestamp_ms
        return events

    def _lost_until(self, timestamp_ms: int) -> list[Event]:
        """Report a long span without sight that ends now; nothing is lost before it was seen."""
        if self._seen_ms is None or timestamp_ms - self._seen_ms <= _LOST_AFTER_MS:
            return []
        return [TrackingLost(self._seen_ms, timestamp_ms)]

    def _left_right(self) -> tuple[float, float]:
        reported = self.definition.reported
        if self._moment is None or reported is None:
            return NAN, NAN
        left, right = self._moment.measures[self._index[reported.measure]]
        return float(left), float(right)

    def _shown_value(self) -> float:
        reported = self.definition.reported
        if self._moment is None or reported is None:
            return NAN
        if self._work.side is not Side.BOTH:
            return self._left_right()[0 if self._work.side is Side.LEFT else 1]
        row = self._index[reported.measure]
        return weighted_mean(self._moment.measures[row], self._moment.weights[row])


def measures_needed(definition: ExerciseDefinition) -> tuple[str, ...]:
    """Return the measures that an exercise is judged by, each once, those that count first."""
    names = [
        *(signal.measure for signal in definition.count),
        *(guard.measure for guard in definition.guards),
        *(condition.measure for condition in definition.hold),
        *(check.measure for check in definition.checks if check.measure in MEASURES),
        definition.reported.measure if definition.reported else TRAVEL,
        definition.side_measure or TRAVEL,
        TRAVEL,
        *(SHAPE if definition.motion is not None and definition.count else ()),
    ]
    return tuple(dict.fromkeys(names))
