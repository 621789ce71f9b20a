"""The exercise engine: poses in, events out, one pass, the same live and recorded.

    pose -> orientation, measures -> repetition counter or hold timer -> events

It knows what every exercise needs of a pose; what counts is decided in
`hep_vision.core.repetitions` and `hep_vision.core.holds`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
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
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.patient import PatientLock
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.repetitions import RepetitionCounter
from hep_vision.core.signal import VISIBLE, VisibilityTracker, weighted_mean
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import Event, FloatArray, Phase, PoseFrame, Side, TrackingLost, View
from hep_vision.core.verdict import TRAVEL

_LOST_AFTER_MS: Final = 1_500
_AT_ONCE: Final = 256
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


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A pose that was told from others and put right.

    Attributes:
        timestamp_ms: Media time.
        image_px: (33, 2) landmarks in the picture, or what stands in for them.
        world_m: (33, 3) likewise in metres.
        placed: Whether the place in the picture is known.
        weights: (M, 2) how well each measure is seen.
        stance: How large, turned and facing.
    """

    timestamp_ms: int
    image_px: FloatArray
    world_m: FloatArray
    placed: bool
    weights: FloatArray
    stance: Orientation


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
        (moment,) = self._measured([self._see(pose)])
        return self._judge(moment)

    def replay(self, poses: Iterable[PoseFrame]) -> list[Event]:
        """Take in a whole recording and return its events, those of its end included.

        They are those of `process` and `finish`, in half of the time: what needs no memory is
        computed for many poses at once.
        """
        events: list[Event] = []
        remaining = iter(poses)
        while seen := [self._see(pose) for pose in islice(remaining, _AT_ONCE)]:
            for moment in self._measured(seen):
                events += self._judge(moment)
        return events + self.finish()

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

    def _see(self, pose: PoseFrame) -> _Seen:
        """Take in one pose as far as it needs those before it."""
        self._pose = pose = self._lock.follow(pose)
        image_px, world_m = fill_missing_plane(pose.image_px, pose.world_m)
        stance = self._orientation.update(pose.timestamp_ms, image_px)
        weights = self._visibility.update(pose.timestamp_ms, pose.visibility)
        placed = not all_unknown(pose.image_px)
        return _Seen(pose.timestamp_ms, image_px, world_m, placed, weights, stance)

    def _measured(self, seen: Sequence[_Seen]) -> Iterator[Moment]:
        """Yield the poses with their measures."""
        measures = measure_pose(
            self._names,
            np.array([one.image_px for one in seen]),
            np.array([one.world_m for one in seen]),
            np.array([one.stance.scale_px for one in seen]),
            np.array([one.stance.facing for one in seen]),
        )
        weights = np.array([one.weights for one in seen])
        measures[~(weights >= VISIBLE)] = np.nan
        for one, values in zip(seen, measures, strict=True):
            if not one.placed:
                values[self._places] = np.nan
            yield Moment(one.timestamp_ms, values, one.weights, one.stance)

    def _judge(self, moment: Moment) -> list[Event]:
        self._moment = moment
        return self._work.process(moment) + self._note_sight(moment.timestamp_ms)

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
