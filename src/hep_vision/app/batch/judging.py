"""What is done with one recording of a batch, in whatever process or on whatever machine.

A `Job` goes there and an `Outcome` comes back; both are plain, and the outcome depends on nothing
but the recording and what the job says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self
from uuid import NAMESPACE_URL, uuid5

from hep_vision.app.analyse import (
    TRACK_SUFFIX,
    Analysis,
    Model,
    Task,
    analyse,
    estimate,
    session_header,
)
from hep_vision.app.filmed import Booking, Recording
from hep_vision.app.recognise import known_exercises, not_recognised, recognise
from hep_vision.app.workers import Report
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.targets import Targets
from hep_vision.core.types import Hold, Rep, RepStatus, Side
from hep_vision.errors import ExitCode, HepVisionError, NotRecognisedError
from hep_vision.exports import tables
from hep_vision.exports.batch_tables import FAILURES, RECORDINGS, FailedRecording, ListedRecording
from hep_vision.exports.columns import Row
from hep_vision.sources.film_date import film_date
from hep_vision.sources.track_store import StoredTrack, TrackStore, file_sha256, track_key
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings
from hep_vision.store.records import (
    LoggedEvent,
    SessionCounts,
    SessionDetail,
    SessionRow,
    SessionStatus,
    TrackingQuality,
    escaped,
    utc_stamp,
)

_STEM: Final = 50
"""Characters of a recording's name that are kept in that of its overlay: 200 bytes at most."""

_NOTES: Final = [column.name for column in RECORDINGS.columns].index("notes")


class Overlays(StrEnum):
    """Of which recordings a video with everything drawn on it is made."""

    NONE = "none"
    FLAGGED = "flagged"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Job:
    """One recording and what is asked of it.

    Attributes:
        recording: The recording, its path in full.
        name: How it was named.
        exercise: What it is counted as; None where it is to be recognised.
        model: Pose model, for a video.
        tracks: Folder of the landmark tracks.
        own_dir: Folder with exercise files of one's own.
        side: The prescribed side, or None.
        targets: What ``exercise`` was prescribed with, or None.
        filmed_at: When it was filmed; None goes by the file.
        sha256: Checksum of the file, where it is known already.
        overlays: See `Overlays`.
        overlay_folder: Where those go.
        reading: How a video is read.
    """

    recording: Recording
    name: str
    exercise: ExerciseDefinition | None
    model: Model | None
    tracks: Path
    own_dir: Path
    side: Side | None = None
    targets: Targets | None = None
    filmed_at: datetime | None = None
    sha256: str = ""
    overlays: Overlays = Overlays.NONE
    overlay_folder: Path = Path()
    reading: ReadSettings = READ_AS_USUAL

    def counted_as(self, exercise: ExerciseDefinition) -> Self:
        """Return the job for an exercise that is known."""
        return replace(self, exercise=exercise)

    def by_program(self, booking: Booking) -> Self:
        """Return the job as the program prescribes it."""
        first = booking.plan[0]
        return replace(
            self,
            exercise=first.exercise,
            side=booking.side,
            targets=first.targets,
            filmed_at=booking.filmed.at,
            sha256=booking.sha256,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording.

    Attributes:
        rows: Rows of the tables of a batch, by the name of the table.
        sha256: Checksum of the file; empty where it could not be read.
        exit_code: That of `analyze` for this recording alone.
        frames: How many frames were looked at.
        estimated: Whether its pictures were read, because its landmarks were not kept yet.
    """

    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    sha256: str = ""
    exit_code: ExitCode = ExitCode.OK
    frames: int = 0
    estimated: bool = False

    @property
    def failed(self) -> bool:
        """Whether there are no results."""
        return FAILURES.name in self.rows

    def with_notes(self, notes: tuple[str, ...]) -> Self:
        """Return it with more of what a person must know."""
        rows = [list(row) for row in self.rows[RECORDINGS.name]]
        for row in rows:
            row[_NOTES] = [*row[_NOTES], *notes]
        return replace(self, rows={**self.rows, RECORDINGS.name: rows})


def judge(job: Job, report: Report) -> Outcome:
    """Analyse one recording; what is wrong with it is its outcome."""
    sha256 = job.sha256
    try:
        sha256 = sha256 or file_sha256(job.recording.path)
        return _judged(replace(job, sha256=sha256), report)
    except HepVisionError as error:
        return failure(job.recording, job.name, str(error), error.exit_code, sha256=sha256)


def failure(
    recording: Recording, name: str, reason: str, exit_code: ExitCode, *, sha256: str = ""
) -> Outcome:
    """Return the outcome of a recording without results."""
    listed = replace(_listed(recording, name, recording.recorded_at), sha256=sha256 or None)
    found = [
        RECORDINGS.row(listed),
        FAILURES.row(FailedRecording(listed, reason, int(exit_code))),
    ]
    return Outcome(_by_table(found), sha256, exit_code)


def settings(model: Model, reading: ReadSettings) -> dict[str, str]:
    """Return what the landmarks of a video depend on beside the file and the model."""
    return {"mediapipe": _mediapipe_version(), "model": model.name, "reading": reading.key}


@cache
def _mediapipe_version() -> str:
    return version("mediapipe")  # reads a file each time


def _judged(job: Job, report: Report) -> Outcome:
    seen = _Frames(report)
    stored, key, estimated = landmarks_of(job, seen.progress)
    exercise, confidence = job.exercise, None
    if exercise is None:
        stored = stored or estimate(job.recording.path, None)
        exercise, confidence = _recognised(job, stored)
    task = Task(
        job.recording.path,
        exercise,
        job.side,
        job.model,
        targets=job.targets,
        landmarks=stored,
        reading=job.reading,
    )
    analysis = analyse(task, progress=None if estimated else seen.progress)
    filmed_at = job.filmed_at or film_date(job.recording.path).at
    detail = _detail(analysis, job, filmed_at, key)
    listed = replace(
        _listed(job.recording, job.name, filmed_at),
        session_id=detail.row.session_id,
        confidence=confidence,
        sha256=job.sha256,
        track=detail.row.track_path.name if detail.row.track_path else None,
        notes=(*analysis.remarks, *analysis.warnings),
    )
    rows = [RECORDINGS.row(listed), *tables.session_rows(detail)]
    _draw(job, task, analysis, detail.row.session_id)
    return Outcome(_by_table(rows), job.sha256, ExitCode.OK, seen.count, estimated)


def _recognised(job: Job, stored: StoredTrack) -> tuple[ExerciseDefinition, float]:
    """Return the exercise that is seen, and how sure that is.

    Raises:
        NotRecognisedError: It is none, or it cannot be told which.
    """
    among = known_exercises(job.own_dir)
    found = recognise(stored.track, among)
    if found.best is None:
        raise NotRecognisedError(not_recognised(Path(job.name), found))
    return among[found.best.exercise_id], found.confidence


def landmarks_of(
    job: Job, progress: Callable[[float], None] | None = None
) -> tuple[StoredTrack | None, str | None, bool]:
    """Return the landmarks of a video, their key, and whether its pictures had to be read.

    Raises:
        SourceError, ModelError, PoseEstimationError, ExportError: They cannot be estimated or kept.
    """
    path, model = job.recording.path, job.model
    if path.suffix.lower() == TRACK_SUFFIX or model is None:
        return None, None, False
    key = track_key(job.sha256, model.sha256, settings(model, job.reading))
    store = TrackStore(job.tracks)
    stored = store.find(key)
    if stored is not None:
        return stored, key, False
    stored = estimate(path, model, progress, reading=job.reading)
    store.keep(key, stored)
    return stored, key, True


def _draw(job: Job, task: Task, analysis: Analysis, session_id: str) -> None:
    """Write the overlay, if it is wanted; the landmarks are not estimated again for it."""
    wanted = job.overlays is Overlays.ALL or (
        job.overlays is Overlays.FLAGGED and bool(analysis.summary.deviations)
    )
    if wanted and task.landmarks is not None:
        name = f"{job.recording.path.stem[:_STEM]}-{session_id[:8]}.mp4"
        analyse(replace(task, overlay=job.overlay_folder / name))


@dataclass(slots=True)
class _Frames:
    """Counts frames on their way past the progress."""

    report: Report
    count: int = 0

    def progress(self, share: float) -> None:
        self.count += 1
        self.report(share, self.count)


def _listed(recording: Recording, name: str, filmed_at: datetime | None) -> ListedRecording:
    return ListedRecording(
        name,
        recording.exercise,
        recording.side.value if recording.side else None,
        recording.patient,
        recording.program,
        utc_stamp(filmed_at.isoformat()) if filmed_at else None,
    )


def _detail(analysis: Analysis, job: Job, filmed_at: datetime, key: str | None) -> SessionDetail:
    """Return an analysis as the log would hold it."""
    task = analysis.task
    # The same for the same recording judged in the same way, so that a second run has the same.
    recording = job.recording
    asked = (
        job.name,
        job.sha256,
        task.definition.id,
        task.side or "",
        task.targets or "",
        recording.exercise or "",
        recording.patient or "",
        recording.program,
        recording.recorded_at or "",
    )
    session_id = str(uuid5(NAMESPACE_URL, escaped("\n".join(str(one) for one in asked))))
    tracking = analysis.tracking
    ended_at = filmed_at + timedelta(milliseconds=analysis.duration_ms)
    row = SessionRow(
        session_id,
        session_header(task, analysis.info, filmed_at.isoformat(), job.sha256),
        SessionStatus.FINISHED,
        None,
        utc_stamp(ended_at.isoformat()),
        TrackingQuality(tracking.frames, tracking.detected_ratio, tracking.view, tracking.view_ok),
        _counts(analysis),
        TrackStore(job.tracks).path(key) if key else None,
        analysis.audit,
    )
    logged = tuple(one for one in analysis.events if isinstance(one, LoggedEvent))
    return SessionDetail(row, logged)


def _counts(analysis: Analysis) -> SessionCounts:
    found = analysis.summary
    counted = [
        one for one in analysis.events if isinstance(one, Rep) and one.status is RepStatus.COUNTED
    ]
    return SessionCounts(
        found.counted,
        found.partial,
        found.rejected,
        found.open,
        found.by_side[Side.LEFT],
        found.by_side[Side.RIGHT],
        found.by_side[Side.BOTH],
        sum(bool(one.deviations) for one in counted),
        sum(isinstance(one, Hold) for one in analysis.events),
        found.held_ms,
    )


def _by_table(rows: Iterable[Row]) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    for row in rows:
        values = [escaped(one) if isinstance(one, str) else one for one in row.values]
        found.setdefault(row.table.name, []).append(values)
    return found
