"""A logged session to be looked at again: its landmarks, its curves and what was found in it.

    replay = replay_of(log.session(session_id), find)
    replay.curves, replay.frames, replay.problem

The log keeps what was judged, not the curve that it was judged by; that is worked out again from
the landmark track. What cannot be worked out any more is told in one line and left out.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.landmarks import LANDMARK_COUNT
from hep_vision.core.measures import MEASURES
from hep_vision.core.smallest import smallest_range
from hep_vision.core.targets import prescribed
from hep_vision.core.types import FloatArray, RepStatus, Side, Trace, View
from hep_vision.errors import ExerciseSpecError, SourceError, TargetsError
from hep_vision.sources.recorded import LandmarkTrack, read_track
from hep_vision.store.records import SessionDetail

FindExercise = Callable[[str], ExerciseDefinition]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The patient's body in every picture; whoever else was followed for a while is not seen.

    Attributes:
        timestamp_ms: (T,) media time, increasing.
        image_px: (T, 33, 2) right and down, in pixels; NaN = not seen.
        visibility: (T, 33) 0..1; NaN where there is no pose.
        size_px: Width and height of the picture.
    """

    timestamp_ms: FloatArray
    image_px: FloatArray
    visibility: FloatArray
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lines:
    """What a curve is compared with, in the unit of the reported measure.

    Attributes:
        goal: What is aimed at.
        minimum: The smallest repetition that counts, or where a hold begins; None where the
            exercise does not say it in this measure.
        limit: The safety maximum.
    """

    goal: float
    minimum: float | None
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A session to be looked at again.

    Attributes:
        detail: What the log holds.
        exercise: As it was prescribed; None where it is not at hand any more.
        frames: The landmarks; None where none can be read.
        curves: The reported measure of each side that worked; empty where nothing is known of it.
        lines: What the curves are compared with; None where nothing is measured.
        problem: In one line what is missing, and why; empty where nothing is.
    """

    detail: SessionDetail
    exercise: ExerciseDefinition | None
    frames: Frames | None
    curves: tuple[Trace, ...]
    lines: Lines | None
    problem: str


def replay_of(detail: SessionDetail, find: FindExercise) -> Replay:
    """Return a session to be looked at again.

    Args:
        detail: What the log holds of it.
        find: Gives an exercise by its id.
    """
    exercise, problem = _exercise(detail, find)
    track, missing = _track(detail)
    problem = " ".join(filter(None, (problem, missing)))
    lines = None if exercise is None else _lines(exercise)
    if track is None:
        return Replay(detail, exercise, None, (), lines, problem)
    if exercise is None:
        return Replay(detail, None, _unjudged(track), (), None, problem)
    frames, values = _judged(detail, exercise, track)
    unseen = _not_shown(detail, exercise)
    curves = () if unseen else _curves(detail, exercise, frames, values)
    return Replay(
        detail, exercise, frames, curves, lines, " ".join(filter(None, (problem, unseen)))
    )


def _not_shown(detail: SessionDetail, exercise: ExerciseDefinition) -> str:
    """Say why the reported measure has no curve; empty where it has one."""
    if exercise.reported is None:
        return "Nothing is measured in this exercise: there is no curve."
    tracking, measure = detail.row.tracking, exercise.reported.measure
    if tracking is None or tracking.view in (*MEASURES[measure].views, View.OBLIQUE, View.UNKNOWN):
        return ""
    name = measure.replace("_", " ")
    return f"Seen from the {tracking.view}, {name} does not show: there is no curve."


def _exercise(detail: SessionDetail, find: FindExercise) -> tuple[ExerciseDefinition | None, str]:
    header = detail.row.header
    try:
        exercise = find(header.exercise_id)
    except ExerciseSpecError:
        return None, f"The exercise {header.exercise_id} is not here any more: no curve is drawn."
    try:
        if header.targets is not None:
            exercise = prescribed(exercise, header.targets)
    except TargetsError:
        return (
            exercise,
            "The targets of this session do not fit the exercise as it is now.",
        )
    return exercise, ""


def _track(detail: SessionDetail) -> tuple[LandmarkTrack | None, str]:
    path = detail.row.track_path
    if path is None:
        return None, "No landmarks were kept of this session: there is nothing to replay."
    try:
        return read_track(path), ""
    except SourceError:
        return (
            None,
            "The landmarks of this session are missing or damaged: there is no replay.",
        )


def _lines(exercise: ExerciseDefinition) -> Lines | None:
    reported = exercise.reported
    if reported is None:
        return None
    if exercise.kind is Kind.TIMED_HOLD:
        entries = [one.minimum for one in exercise.hold if one.measure == reported.measure]
        return Lines(reported.goal, entries[0] if entries else None, reported.limit)
    least = reported.minimum or smallest_range(exercise)
    way = 1.0 if reported.goal >= reported.rest else -1.0
    return Lines(reported.goal, reported.rest + way * least if least else None, reported.limit)


def _unjudged(track: LandmarkTrack) -> Frames:
    return Frames(
        track.timestamp_ms.astype(np.float64),
        track.image_px.astype(np.float64),
        track.visibility.astype(np.float64),
        track.image_size_px,
    )


_BOTH: Final = 0
_COLUMN: Final = {Side.BOTH: _BOTH, Side.LEFT: 1, Side.RIGHT: 2}


def _judged(
    detail: SessionDetail, exercise: ExerciseDefinition, track: LandmarkTrack
) -> tuple[Frames, FloatArray]:
    """Return the frames as the engine sees them, and (T, 3) the value: at work, left, right."""
    header = detail.row.header
    engine = ExerciseEngine(exercise, header.side, header.personal)
    image = np.full((len(track), LANDMARK_COUNT, 2), np.nan)
    visibility = np.full((len(track), LANDMARK_COUNT), np.nan)
    values = np.full((len(track), 3), np.nan)
    for index, pose in enumerate(track.poses()):
        engine.process(pose)
        seen, state = engine.pose or pose, engine.state
        image[index], visibility[index] = seen.image_px, seen.visibility
        values[index] = (state.value, *state.left_right)
    stamps = track.timestamp_ms.astype(np.float64)
    return Frames(stamps, image, visibility, track.image_size_px), values


def _curves(
    detail: SessionDetail, exercise: ExerciseDefinition, frames: Frames, values: FloatArray
) -> tuple[Trace, ...]:
    """Return a curve for each side that worked by itself, or one for both together."""
    if exercise.reported is None:
        return ()
    measure = exercise.reported.measure
    worked = {one.side for one in detail.reps if one.status is RepStatus.COUNTED}
    worked |= {one.side for one in detail.holds}
    worked = worked or {one.side for one in detail.reps} or {detail.row.header.side}
    alone: list[Side] = [side for side in (Side.LEFT, Side.RIGHT) if side in worked]
    traces = []
    for side in alone or [Side.BOTH]:
        value = values[:, _COLUMN[side]]
        if np.isfinite(value).any():
            prefix = "" if side is Side.BOTH else f"{side} "
            label = prefix + measure.replace("_", " ")
            stamps = frames.timestamp_ms.astype(np.int64)
            traces.append(Trace(stamps, value, MEASURES[measure].unit, label))
    return tuple(traces)


class Replays:
    """Gives replays, and keeps the last few: working one out takes about a millisecond a picture.

    Args:
        find: Gives an exercise by its id.
    """

    def __init__(self, find: FindExercise) -> None:
        self._find = find
        self._kept: OrderedDict[str, tuple[object, Replay]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, detail: SessionDetail) -> Replay:
        """Return the replay of a session; worked out again where its track or exercise changed."""
        key = detail.row.session_id
        state = (_stamp(detail.row.track_path), _exercise(detail, self._find), detail.events)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] == state:
                self._kept.move_to_end(key)
                return replace(kept[1], detail=detail)
        found = replay_of(detail, self._find)
        with self._lock:
            self._kept[key] = (state, found)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


_KEPT: Final = 8


def _stamp(path: Path | None) -> int | None:
    try:
        return None if path is None else path.stat().st_mtime_ns
    except OSError:
        return None
