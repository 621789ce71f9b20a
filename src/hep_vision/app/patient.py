"""What is known of a patient before a set: the targets, and how far the person usually moves."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hep_vision.app.analyse import Model, Progress, read_landmarks
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.targets import Targets, objections
from hep_vision.core.types import PoseFrame, Side
from hep_vision.errors import CalibrationError, SourceError, TargetsError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exercises.targets_file import key_of, read_targets
from hep_vision.sources.recorded import read_track
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import SessionRow, SessionStatus
from hep_vision.store.sessions import SessionLog

_FEWEST_REPS: Final = 2
_SESSIONS: Final = 3
_OPTIONS: Final = {"hold_ms": "--hold"}
_COUNTED: Final = (Kind.REPETITION, Kind.REPETITION_WITH_HOLD)


def find_targets(
    exercise: ExerciseDefinition, file: Path | None, options: Targets, own_dir: Path
) -> tuple[Targets | None, tuple[str, ...]]:
    """Return the targets for an exercise, and what a person must know of them.

    Args:
        exercise: As the catalogue has it.
        file: A file of targets, or None.
        options: What was given beside it; it goes before the file.
        own_dir: Folder with exercise files of one's own.

    Raises:
        TargetsError: The file is malformed, or a target does not go with the exercise.
    """
    filed, notes = Targets(), tuple[str, ...]()
    if file is not None:
        found = read_targets(
            file, lambda name: exercise if name == exercise.id else find_exercise(name, own_dir)
        )
        filed = found.get(exercise.id, filed)
        if exercise.id not in found:
            notes = (f"{file.name} sets nothing for {exercise.id}: the catalogue's values hold.",)
    if options.empty:
        return (None if filed.empty else filed), notes
    measure = exercise.reported.measure if exercise.reported else None
    targets = options.over(Targets(measure=measure)).over(filed)
    for objection in objections(exercise, targets):
        name = objection.field
        ours = getattr(options, name) is not None or file is None
        key = f"{file}: {exercise.id}.{key_of(name, exercise)}"
        where = _OPTIONS.get(name, f"--{name}") if ours else key
        raise TargetsError(f"{where}: {objection.what}.")
    return targets, notes


def calibrate(
    path: Path,
    exercise: ExerciseDefinition,
    side: Side | None,
    model: Model | None,
    progress: Progress | None = None,
    *,
    reading: ReadSettings = READ_AS_USUAL,
) -> PersonalRange:
    """Return the usual range of a person from a recording of a few supervised repetitions.

    Args:
        path: A video, or a landmark track.
        exercise: As it is prescribed.
        side: The prescribed side, or None.
        model: Pose model; None for a track.
        progress: Called with the share done, 0..1.
        reading: How a video is read.

    Raises:
        CalibrationError: It does not show two repetitions.
        SourceError, ModelError, PoseEstimationError: The recording cannot be used.
    """
    if exercise.kind not in _COUNTED:
        raise CalibrationError(
            f"{exercise.id} is not counted, so there is no range to learn: leave --calibration out."
        )
    track = read_landmarks(path, model, progress, reading=reading)
    ranges = _ranges(track.poses(), exercise, side)
    if len(ranges) < _FEWEST_REPS:
        counted = f"{len(ranges)} repetition" + ("s" if len(ranges) != 1 else "")
        raise CalibrationError(
            f"{path}: {counted} of {exercise.id} counted; a calibration needs {_FEWEST_REPS} "
            "or more: record them again, or leave it out."
        )
    return PersonalRange.learnt_from(ranges, f"calibration {path.name}")


def range_before(
    place: Path | LogPlace, exercise: ExerciseDefinition, side: Side | None
) -> tuple[PersonalRange | None, tuple[str, ...]]:
    """Return the usual range in the last sessions of an exercise and side, and what to tell.

    Stored landmarks are counted again, so that a changed exercise or program changes all of them
    alike. Sessions whose count is in doubt, or that never ended, are left out.

    Raises:
        StoreError: The log cannot be read.
    """
    wanted = side or exercise.side or Side.BOTH
    ranges: list[SignalRange] = []
    used: list[str] = []
    with SessionLog.open(place) as log:
        rows = log.sessions(exercise_id=exercise.id, status=SessionStatus.FINISHED)
    for row in rows:
        if len(used) == _SESSIONS:
            break
        found = _ranges_of(row, exercise, wanted)
        if found:
            ranges += found
            used.append(row.session_id[:8])
    if len(ranges) < _FEWEST_REPS:
        of_side = "" if wanted is Side.BOTH else f" with the {wanted} side"
        return None, (
            f"No earlier session of {exercise.id}{of_side} to begin with: the usual range is "
            "learnt from this set.",
        )
    return PersonalRange.learnt_from(ranges, f"sessions {', '.join(used)}"), ()


def _ranges_of(
    row: SessionRow, exercise: ExerciseDefinition, side: Side
) -> tuple[SignalRange, ...]:
    if row.track_path is None or row.header.side is not side or row.doubtful:
        return ()
    try:
        poses = read_track(row.track_path).poses()
        return _ranges(poses, exercise, side)
    except SourceError:
        return ()  # a damaged track is no reason not to exercise today


def _ranges(
    poses: Iterable[PoseFrame], exercise: ExerciseDefinition, side: Side | None
) -> tuple[SignalRange, ...]:
    engine = ExerciseEngine(exercise, side)
    engine.replay(poses)
    return engine.ranges
