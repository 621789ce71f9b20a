"""What a recording has to say for each exercise: counted with every one that could be in it.

The landmarks are measured once for all exercises. What cannot be in the recording is left out by
its cheapest sign: the trunk lies where the exercise stands, no view from which it is counted, or
the counted joint never moves far enough. The others are counted by the parts that the engine is
made of, and the body in each repetition is laid over the exercise's `Motion` once more, with the
limbs that the exercise leaves free.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import Combine, CountSignal, Direction, ExerciseDefinition, Kind
from hep_vision.core.engine import measures_needed
from hep_vision.core.figure import TRUNK_M, body_m, posture_at
from hep_vision.core.history import Moment
from hep_vision.core.holds import HoldTimer
from hep_vision.core.landmarks import Landmark
from hep_vision.core.likeness import SHAPE, Likeness
from hep_vision.core.measures import PLACES, fill_missing_plane, measure_pose
from hep_vision.core.orientation import OrientationTracker
from hep_vision.core.patient import PatientLock
from hep_vision.core.repetitions import RepetitionCounter
from hep_vision.core.signal import VISIBLE, VisibilityTracker
from hep_vision.core.types import Event, FloatArray, Hold, PoseFrame, Rep, RepStatus, Side

STEP_MS: Final = 60
"""Poses that follow sooner are left out: 15 a second are enough to count, and cost half of 30."""
_STILL_MS: Final = 200
"""To either side of a moment: how far a landmark goes in that time says whether somebody moves."""
_MOVES_RATIO: Final = 0.12
"""In trunk lengths in 0.4 s; landmarks of a person at rest wander less."""
_REST_MS: Final = 250
_PEAK_MS: Final = 100
_TILT_MARGIN_DEG: Final = 40.0
"""How far the trunk may be from where the figure has it, all the time: tilt of camera and pelvis
of 15 degrees, and what an oblique view shortens."""
_ROOM_SHARE: Final = 0.8
"""Of the smallest range that counts; below it in the whole recording nothing can count."""
_LIES_SHARE: Final = 0.3
"""Of the time; people come from and go to other postures."""
_FEW_MOMENTS: Final = 3
_STRANGE: Final = 0.5
"""Stands for a likeness that cannot be told."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What counting a recording as one exercise came to.

    Numbers of the repetitions are medians over those counted, NaN where there are none or the
    exercise says nothing of how the body moves.

    Attributes:
        counted: Repetitions, or holds of a timed one.
        left_out: Excursions that were rejected, partial or open.
        covered: Share of the time in which the body moved that lies in counted repetitions; of a
            hold, the share of the time in which somebody is seen.
        mismatch: `hep_vision.core.likeness.Look.mismatch`.
        mismatch_whole: The same with the limbs that the exercise leaves free.
        distance: `hep_vision.core.likeness.Look.distance`.
        twin: How unlike a repetition is to the one that it is most like, over its own size.
        held_ms: Time on the clock of a hold.
        moving: Of a hold, the share of its time in which the body moves.
    """

    definition: ExerciseDefinition
    counted: int
    left_out: int
    covered: float
    mismatch: float = np.nan
    mismatch_whole: float = np.nan
    distance: float = np.nan
    twin: float = np.nan
    held_ms: int = 0
    moving: float = np.nan


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A recording, measured once for all exercises.

    Attributes:
        time_ms: (T,) media time.
        moments: What the engine knows at each.
        index: Row of each measure in a moment.
        shape: (T, len(SHAPE), 2) the measures of `SHAPE`; NaN = not seen.
        moves: (T,) whether any part of the body moves.
        seen: (T,) whether a trunk is seen.
    """

    time_ms: FloatArray
    moments: tuple[Moment, ...]
    index: dict[str, int]
    shape: FloatArray
    moves: NDArray[np.bool_]
    seen: NDArray[np.bool_]

    def of(self, measure: str) -> FloatArray:
        """Return one measure by side, (T, 2)."""
        return np.array([moment.measures[self.index[measure]] for moment in self.moments])

    def pose_in(self, start_ms: float, end_ms: float) -> FloatArray:
        """Return the middle of the shapes in a span, (len(SHAPE), 2); NaN where unseen."""
        inside = self.shape[(self.time_ms >= start_ms) & (self.time_ms <= end_ms)]
        return _median(inside) if len(inside) else np.full((len(SHAPE), 2), np.nan)


def measure_body(poses: Iterable[PoseFrame], definitions: Sequence[ExerciseDefinition]) -> Body:
    """Measure the patient in every pose, at most one in `STEP_MS`, for all of some exercises."""
    names = {name: None for one in definitions for name in measures_needed(_uncorrected(one))}
    wanted = tuple({**dict.fromkeys(SHAPE), "trunk_elevation": None, **names})
    lock, orientation, sight = PatientLock(), OrientationTracker(), VisibilityTracker(wanted)
    planes, depths, stances, weights, stamps = [], [], [], [], []
    for pose in _thinned(poses):
        pose = lock.follow(pose)
        image_px, world_m = fill_missing_plane(pose.image_px, pose.world_m)
        stances.append(orientation.update(pose.timestamp_ms, image_px))
        weights.append(sight.update(pose.timestamp_ms, pose.visibility))
        planes.append(image_px)
        depths.append(world_m)
        stamps.append((pose.timestamp_ms, bool(np.isnan(pose.image_px).all())))
    if not stamps:
        no, never = np.zeros(0), np.zeros(0, dtype=bool)
        return Body(no, (), {}, np.zeros((0, len(SHAPE), 2)), never, never)
    scale_px = np.array([stance.scale_px for stance in stances])
    facing = np.array([stance.facing for stance in stances])
    values = measure_pose(wanted, np.array(planes), np.array(depths), scale_px, facing)
    values[~(np.array(weights) >= VISIBLE)] = np.nan
    index = {name: row for row, name in enumerate(wanted)}
    placeless = np.array([without for _, without in stamps])
    for place in PLACES & index.keys():
        values[placeless, index[place]] = np.nan
    time_ms = np.array([at_ms for at_ms, _ in stamps], dtype=np.float64)
    moments = zip(stamps, values, weights, stances, strict=True)
    shape = values[:, : len(SHAPE)]
    return Body(
        time_ms,
        tuple(Moment(stamp[0], row, weight, stance) for stamp, row, weight, stance in moments),
        index,
        shape,
        _moves(time_ms, shape),
        np.asarray(np.isfinite(values[:, index["trunk_elevation"]]).any(axis=-1)),
    )


def _thinned(poses: Iterable[PoseFrame]) -> Iterable[PoseFrame]:
    last_ms = None
    for pose in poses:
        if last_ms is None or pose.timestamp_ms - last_ms >= STEP_MS:
            last_ms = pose.timestamp_ms
            yield pose


def _moves(time_ms: FloatArray, shape: FloatArray) -> NDArray[np.bool_]:
    """Return at which moments any landmark is on its way, by its means before and after."""
    before = np.searchsorted(time_ms, time_ms - _STILL_MS)
    after = np.minimum(np.searchsorted(time_ms, time_ms + _STILL_MS), len(time_ms) - 1)
    smooth = (np.roll(shape, 1, axis=0) + shape + np.roll(shape, -1, axis=0)) / 3.0
    if len(shape) > 1:
        smooth[[0, -1]] = shape[[0, -1]]
    way = np.nan_to_num(np.abs(smooth[after] - smooth[before]))
    return np.asarray(way.reshape(len(time_ms), -1).max(axis=1) > _MOVES_RATIO)


def _uncorrected(definition: ExerciseDefinition) -> ExerciseDefinition:
    """Return an exercise whose form is not judged, which costs more than the counting."""
    return replace(definition, checks=())


def possible(body: Body, definition: ExerciseDefinition) -> bool:
    """Whether an exercise can be in a recording at all, by posture, view and moving joints."""
    if definition.kind is Kind.SELF_TIMED or not body.seen.any():
        return False
    if not _lies_right(body, definition):
        return False
    if definition.kind is Kind.TIMED_HOLD:
        return True
    views = {moment.stance.view for moment in body.moments}
    signals = [signal for signal in definition.count if views & set(signal.views)]
    return any(_moves_enough(body, signal) for signal in signals)


def _lies_right(body: Body, definition: ExerciseDefinition) -> bool:
    """Whether the trunk is ever about as steep as in the exercise."""
    if definition.motion is None:
        return True
    way = np.linspace(0.0, 1.0, 5)
    figure = body_m(posture_at(definition.motion, way, _one_side(definition)), len(way))
    shoulders = figure[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], 1].mean(axis=1)
    steep = np.degrees(np.arcsin(np.clip(shoulders / TRUNK_M, -1.0, 1.0)))
    seen = np.abs(body.of("trunk_elevation")[body.seen, 0])
    low, high = np.abs(steep).min() - _TILT_MARGIN_DEG, np.abs(steep).max() + _TILT_MARGIN_DEG
    return bool(((seen >= low) & (seen <= high)).mean() >= _LIES_SHARE)


def _one_side(definition: ExerciseDefinition) -> Side:
    return Side.BOTH if definition.side is Side.BOTH else Side.LEFT


def _moves_enough(body: Body, signal: CountSignal) -> bool:
    values = body.of(signal.measure)
    if signal.combine is Combine.DIFFERENCE:
        values = np.abs(values[:, :1] - values[:, 1:])
    known = [column[np.isfinite(column)] for column in values.T]
    ranges = [np.ptp(np.percentile(one, (2, 98))) for one in known if len(one) >= _FEW_MOMENTS]
    return bool(ranges) and max(ranges) >= _ROOM_SHARE * signal.minimum_rom


def likeliest(
    body: Body, definitions: Sequence[ExerciseDefinition], most: int
) -> list[ExerciseDefinition]:
    """Return the exercises that are worth counting: timed holds, and those that look most alike.

    The body where the counted joint is far from rest is laid beside the body where it is at rest,
    as in one great repetition. One without a motion cannot be laid beside anything and stays.
    """
    counted = [one for one in definitions if one.kind is not Kind.TIMED_HOLD and one.motion]
    others = [one for one in definitions if one not in counted]
    first = sorted(counted, key=lambda one: _unlikeness(body, one))[:most]
    return others + first


def _unlikeness(body: Body, definition: ExerciseDefinition) -> float:
    assert definition.motion is not None
    likeness = Likeness(replace(definition.motion, faults={}))
    views = [moment.stance.view for moment in body.moments]
    found = [np.inf]
    for signal in definition.count:
        here = np.array([view in signal.views for view in views])
        for side, values in _side_signals(body, signal):
            known = here & np.isfinite(values)
            if known.sum() < _FEW_MOMENTS:
                continue
            low, high = np.percentile(values[known], (25, 90))
            at_rest, away = known & (values <= low), known & (values >= high)
            stance = body.moments[int(np.flatnonzero(away)[0])].stance
            rest, peak = _median(body.shape[at_rest]), _median(body.shape[away])
            look = likeness.look(rest, peak, stance, side)
            found.append(_STRANGE if np.isnan(look.mismatch) else look.mismatch + look.distance)
    return min(found)


def _side_signals(body: Body, signal: CountSignal) -> Iterator[tuple[Side, FloatArray]]:
    """Yield what could be counted of a measure, growing with effort: both sides and each."""
    sign = 1.0 if signal.direction is Direction.INCREASE else -1.0
    left, right = sign * body.of(signal.measure).T
    if signal.combine is Combine.DIFFERENCE:
        left, right = left - right, right - left
    else:
        yield Side.BOTH, (left + right) / 2.0
    yield Side.LEFT, left
    yield Side.RIGHT, right


def gather(body: Body, definition: ExerciseDefinition) -> Evidence:
    """Return what counting a recording as one exercise comes to."""
    definition = _uncorrected(definition)
    events = _events(body, definition)
    if definition.kind is Kind.TIMED_HOLD:
        return _held(body, definition, [one for one in events if isinstance(one, Hold)])
    reps = [one for one in events if isinstance(one, Rep)]
    counted = [rep for rep in reps if rep.status is RepStatus.COUNTED]
    left_out = len(reps) - len(counted)
    covered = _within(body, [(rep.start_ms, rep.end_ms) for rep in counted])
    share = float((covered & body.moves).sum() / max(1, body.moves.sum()))
    if not counted or definition.motion is None:
        return Evidence(definition, len(counted), left_out, share)
    looks = _looks(body, definition, counted)
    return Evidence(definition, len(counted), left_out, share, *looks, _twin(body, counted))


def _events(body: Body, definition: ExerciseDefinition) -> list[Event]:
    names = measures_needed(definition)
    rows = [body.index[name] for name in names]
    index = {name: row for row, name in enumerate(names)}
    work: HoldTimer | RepetitionCounter = (
        HoldTimer(definition, index, None)
        if definition.kind is Kind.TIMED_HOLD
        else RepetitionCounter(definition, index, None)
    )
    events: list[Event] = []
    for moment in body.moments:
        events += work.process(
            Moment(moment.timestamp_ms, moment.measures[rows], moment.weights[rows], moment.stance)
        )
    return events + work.finish()


def _within(body: Body, spans_ms: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(body.time_ms), dtype=bool)
    for start_ms, end_ms in spans_ms:
        inside |= (body.time_ms >= start_ms) & (body.time_ms <= end_ms)
    return inside


def _held(body: Body, definition: ExerciseDefinition, holds: Sequence[Hold]) -> Evidence:
    held = _within(body, [(hold.start_ms, hold.end_ms) for hold in holds])
    share = float((held & body.seen).sum() / max(1, body.seen.sum()))
    moving = float((held & body.moves).sum() / held.sum()) if held.any() else np.nan
    longest_ms = max((hold.counted_ms for hold in holds), default=0)
    return Evidence(definition, len(holds), 0, share, held_ms=longest_ms, moving=moving)


def _looks(
    body: Body, definition: ExerciseDefinition, reps: Sequence[Rep]
) -> tuple[float, float, float]:
    """Return mismatch, mismatch with the free limbs, and distance."""
    assert definition.motion is not None
    in_turns = any(signal.combine is Combine.EACH for signal in definition.count)
    own = Likeness(definition.motion, in_turns=in_turns)
    whole = Likeness(replace(definition.motion, free=()), in_turns=in_turns)
    seen = []
    for rep in reps:
        rest, peak = _rest_and_peak(body, rep)
        row = min(int(np.searchsorted(body.time_ms, rep.peak_ms)), len(body.moments) - 1)
        stance = body.moments[row].stance
        look, all_of_it = (one.look(rest, peak, stance, rep.side) for one in (own, whole))
        seen.append((look.mismatch, all_of_it.mismatch, look.distance))
    mismatch, mismatch_whole, distance = _median(np.array(seen)).tolist()
    return mismatch, mismatch_whole, distance


def _rest_and_peak(body: Body, rep: Rep) -> tuple[FloatArray, FloatArray]:
    rest = body.pose_in(rep.start_ms - _REST_MS, rep.start_ms + _PEAK_MS)
    return rest, body.pose_in(rep.peak_ms - _PEAK_MS, rep.peak_ms + _PEAK_MS)


def _twin(body: Body, reps: Sequence[Rep]) -> float:
    """Return how unlike a repetition is to its nearest other, over its own size; 1 if alone."""
    changes = [peak - rest for rest, peak in (_rest_and_peak(body, rep) for rep in reps)]
    if len(changes) < 2:
        return 1.0
    found = np.nan_to_num(np.array(changes)).reshape(len(changes), -1)
    apart = np.linalg.norm(found[:, None] - found[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    size = np.linalg.norm(found, axis=-1)
    return float(np.median(apart.min(axis=1) / np.maximum(size, 1e-9)))


def _median(values: FloatArray) -> FloatArray:
    """Return the median over the first axis of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    filled = np.where(known, values, np.inf)
    ordered = np.sort(filled, axis=0)
    count = known.sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, len(values) - 1)[None], axis=0)[0]
    return np.where(count > 0, (low + high) / 2.0, np.nan)
