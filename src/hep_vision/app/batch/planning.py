"""What is to be done with each recording of a batch, and what its outcome depends on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hep_vision import __version__
from hep_vision.app.analyse import TRACK_SUFFIX, Model
from hep_vision.app.batch.by_program import booking_in
from hep_vision.app.batch.journal import FileState
from hep_vision.app.batch.judging import Job, Outcome, Overlays, failure, settings
from hep_vision.app.batch.manifest import Listed
from hep_vision.app.filmed import Booking
from hep_vision.app.recognise import AUTO
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.errors import ExerciseSpecError, ExitCode, HepVisionError, SourceOpenError
from hep_vision.exercises.loading import exercise_ids, find_exercise
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings
from hep_vision.store.locations import LogPlace

OVERLAYS: Final = "overlays"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a whole batch.

    Attributes:
        out: Folder of the results.
        tracks: Folder of the landmark tracks; several batches may share one.
        place: Where the log is; exercise files of one's own are in its folder.
        model: Pose model; None where there are landmark tracks only.
        resume: Whether outcomes of an earlier run are taken as they are where nothing changed.
        overlays: See `Overlays`.
        reading: How videos are read.
    """

    out: Path
    tracks: Path
    place: LogPlace
    model: Model | None
    resume: bool = False
    overlays: Overlays = Overlays.NONE
    reading: ReadSettings = READ_AS_USUAL


@dataclass(frozen=True, slots=True)
class Planned:
    """A recording that is worth working on.

    Attributes:
        entry_id: Names the recording and what was asked of it.
        job: What is to be done.
        file: Its file as it is now.
        key: Names what the outcome depends on beside the file.
        booking: How it counts as done by the program, or None.
    """

    entry_id: str
    job: Job
    file: FileState
    key: str
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A recording of which the outcome is known without any work."""

    entry_id: str
    outcome: Outcome


class Planner:
    """Plans the recordings of one batch.

    Args:
        wanted: What is asked of the batch.
        known_sha256: Gives the checksum of a file that was read before; empty where none was.
    """

    def __init__(self, wanted: Wanted, known_sha256: Callable[[FileState], str]) -> None:
        self._wanted = wanted
        self._known_sha256 = known_sha256
        self._own_dir = wanted.place.folder / "exercises"
        self._exercises: dict[str, ExerciseDefinition] = {}
        self._digests: dict[str, str] = {}

    def plan(self, listed: Listed) -> Planned | Settled:
        """Return what is to be done with one recording."""
        entry_id = _entry_id(listed)
        try:
            return self._planned(listed, entry_id)
        except HepVisionError as error:
            return Settled(
                entry_id, failure(listed.recording, listed.name, str(error), error.exit_code)
            )

    def _planned(self, listed: Listed, entry_id: str) -> Planned | Settled:
        recording, wanted = listed.recording, self._wanted
        if listed.problem:
            unclear = failure(recording, listed.name, listed.problem, ExitCode.USAGE)
            return Settled(entry_id, unclear)
        file = _state(listed)
        job = Job(
            recording,
            listed.name,
            None,
            None if recording.path.suffix.lower() == TRACK_SUFFIX else wanted.model,
            wanted.tracks,
            self._own_dir,
            recording.side,
            filmed_at=recording.recorded_at,
            sha256=self._known_sha256(file),
            overlays=wanted.overlays,
            overlay_folder=wanted.out / OVERLAYS,
            reading=wanted.reading,
        )
        booking = None
        if recording.program:
            booking = booking_in(wanted.place, recording, datetime.now(UTC), job.sha256)
            job = job.by_program(booking)
        elif recording.exercise is None:
            raise ExerciseSpecError(
                f"{listed.name}: which exercise is it? Say so with --exercise or in the table; "
                f"{AUTO} recognises it."
            )
        elif recording.exercise != AUTO:
            job = job.counted_as(self._exercise(recording.exercise))
        return Planned(entry_id, job, file, self._key(job), booking)

    def _exercise(self, name: str) -> ExerciseDefinition:
        if name not in self._exercises:
            self._exercises[name] = find_exercise(name, self._own_dir)
        return self._exercises[name]

    def _key(self, job: Job) -> str:
        """Return a digest of all that the outcome depends on beside the file."""
        parts = [
            __version__,
            job.model.sha256 if job.model else "",
            settings(job.model, job.reading) if job.model else {},
            self._exercise_digest(job.exercise),
            str(job.side),
            repr(job.targets),
            str(job.filmed_at),
            job.overlays,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _exercise_digest(self, exercise: ExerciseDefinition | None) -> str:
        name = AUTO if exercise is None else exercise.id
        if exercise is None and AUTO in self._digests:
            return self._digests[AUTO]
        if exercise is None:
            every = [repr(self._exercise(one)) for one in exercise_ids(self._own_dir)]
            self._digests[name] = _digest("\n".join(every))
            return self._digests[name]
        return _digest(repr(exercise))


def _state(listed: Listed) -> FileState:
    # Whoever opens a pipe waits for somebody who writes into it.
    path = listed.recording.path
    file = FileState.of(path)
    if file is None:
        raise SourceOpenError(f"{listed.name} does not exist; check the name and the folder.")
    if not path.is_file():
        raise SourceOpenError(
            f"{listed.name} is no file; in a table, name each recording, and a folder beside it."
        )
    return file


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()


def _entry_id(listed: Listed) -> str:
    recording = listed.recording
    parts = [
        str(recording.path),
        listed.name,
        listed.problem,
        recording.exercise,
        recording.side,
        recording.patient,
        recording.program,
        str(recording.recorded_at),
    ]
    return _digest(json.dumps(parts))
