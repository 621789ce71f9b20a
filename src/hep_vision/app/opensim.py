"""The motion of logged sessions as files of OpenSim."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hep_vision.errors import ExerciseSpecError, ExportError, SourceError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.opensim import write_mot, write_trc
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import SessionRow


class MotionFormat(StrEnum):
    """A file of OpenSim, and its suffix."""

    TRC = "trc"
    MOT = "mot"


@dataclass(frozen=True, slots=True)
class MotionExport:
    """What became of one session.

    Attributes:
        session_id: The session.
        exercise_id: The exercise it was.
        path: The file; None where none was written.
        problem: Why not, in one line.
    """

    session_id: str
    exercise_id: str
    path: Path | None = None
    problem: str | None = None


def export_motion(
    rows: Iterable[SessionRow],
    folder: Path,
    motion_format: MotionFormat,
    own_dir: Path,
    *,
    even: bool = True,
) -> Iterator[MotionExport]:
    """Write ``<session id>.trc`` or ``.mot`` for every session that has landmarks.

    A session that cannot be written is left out with its reason; the others are written.

    Args:
        rows: Sessions of the log.
        folder: Where the files go.
        motion_format: Landmarks or joint angles.
        own_dir: Folder with exercise files of one's own, for the angles of an exercise.
        even: See `hep_vision.exports.opensim.write_trc`.

    Yields:
        What became of each session, in their order.
    """
    for row in rows:
        out = folder / f"{row.session_id}.{motion_format}"
        yield _exported(row, out, motion_format, own_dir, even)


def _exported(
    row: SessionRow,
    out: Path,
    motion_format: MotionFormat,
    own_dir: Path,
    even: bool,
) -> MotionExport:
    session_id, exercise_id = row.session_id, row.header.exercise_id
    if row.track_path is None:
        return MotionExport(session_id, exercise_id, problem="no landmarks were kept")
    try:
        track = read_track(row.track_path)
        if motion_format is MotionFormat.TRC:
            write_trc(track, out, even=even)
        else:
            try:
                exercise = find_exercise(exercise_id, own_dir)
            except ExerciseSpecError:  # gone or broken since: the standard angles need none
                exercise = None
            write_mot(track, exercise, out, even=even)
    except (SourceError, ExportError) as error:
        return MotionExport(session_id, exercise_id, problem=str(error))
    return MotionExport(session_id, exercise_id, out)
