"""Recordings of a batch on their way to another machine and back, as plain bytes.

    with terms_of(pieces) as terms:                                     # here
        parcel = packed(jobs, terms, tracks_seen=False)
        returned = open_parcel(judge_all, parcel, report, scratch)      # there
        outcomes = unpacked(returned, jobs)                             # here

The other machine finds a recording under the same path, and the pose model by its name and
checksum in its own place. Landmark tracks and overlays lie where they would lie here if that
folder is in sight there, which a file with a name that nobody guesses proves; otherwise they
travel, known landmarks out and new ones back. Exercises of one's own always travel.
"""

import os
import platform
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hep_vision import __version__
from hep_vision.app.analyse import Model, find_model
from hep_vision.app.batch.judging import Job, Outcome, Overlays, failure, settings
from hep_vision.app.workers import Report
from hep_vision.errors import ExitCode, ExportError, HepVisionError, ModelError
from hep_vision.files import private_draft
from hep_vision.sources.track_store import TrackStore, file_sha256, track_key
from hep_vision.sources.video_file import READ_AS_USUAL
from hep_vision.store.locations import data_dir

_EXERCISE_FILES: Final = "*.toml"


@dataclass(frozen=True, slots=True)
class Terms:
    """What all parcels of one batch have in common.

    Attributes:
        tracks: Folder of the landmark tracks.
        overlay_folder: Folder of the overlays.
        proof: Name of an empty file that lies in both of them.
        versions: What must be the same there, by name.
        model: Name and checksum of the pose model; None where there are landmark tracks only.
        tracks_kept: Whether there were landmark tracks before the batch began.
    """

    tracks: Path
    overlay_folder: Path
    proof: str
    versions: dict[str, str]
    model: tuple[str, str] | None
    tracks_kept: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """Recordings on their way out.

    Attributes:
        terms: See `Terms`.
        jobs: What is to be done.
        sizes_bytes: Length of each recording as it is seen here; None where it is gone.
        tracks: Landmark tracks that are known, by key.
        exercises: Exercise files of one's own, by name.
    """

    terms: Terms
    jobs: tuple[Job, ...]
    sizes_bytes: tuple[int | None, ...]
    tracks: dict[str, bytes]
    exercises: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back.

    Attributes:
        outcomes: Of each recording.
        tracks: Landmark tracks that were made where their folder is out of sight, by key.
        overlays: Likewise, by name.
    """

    outcomes: tuple[Outcome, ...]
    tracks: dict[str, bytes] = field(default_factory=dict)
    overlays: dict[str, bytes] = field(default_factory=dict)


# -- here ------------------------------------------------------------------------------------------


@contextmanager
def terms_of(pieces: Sequence[tuple[Job, ...]]) -> Iterator[Terms]:
    """Give the terms of a batch while the block lasts.

    Raises:
        ExportError: Its folders cannot be written to.
    """
    first = pieces[0][0]
    model = next((job.model for jobs in pieces for job in jobs if job.model is not None), None)
    terms = Terms(
        first.tracks,
        first.overlay_folder,
        f".in-sight-{secrets.token_hex(16)}",
        versions(model),
        (model.name, model.sha256) if model else None,
        next(first.tracks.glob("??/*.npz"), None) is not None,
    )
    proofs = [terms.tracks / terms.proof]
    if first.overlays is not Overlays.NONE:
        proofs.append(terms.overlay_folder / terms.proof)
    try:
        for proof in proofs:
            _write(proof, b"", "the mark of the folder")
        yield terms
    finally:
        for proof in proofs:
            proof.unlink(missing_ok=True)


def versions(model: Model | None) -> dict[str, str]:
    """Return what must be the same everywhere for outcomes to be the same."""
    python = ".".join(platform.python_version_tuple()[:2])
    found = settings(model, READ_AS_USUAL) if model is not None else {}
    return {"hep-vision": __version__, "Python": python, **found}


def packed(jobs: tuple[Job, ...], terms: Terms, *, tracks_seen: bool) -> Parcel:
    """Return recordings as they are sent.

    Args:
        jobs: The recordings.
        terms: Those of the batch.
        tracks_seen: Whether the folder of landmark tracks is in sight wherever this may go.
    """
    tracks: dict[str, bytes] = {}
    if terms.tracks_kept and not tracks_seen:
        jobs = tuple(map(_with_checksum, jobs))
        tracks = {key: content for job in jobs for key, content in _known_track(job)}
    exercises: dict[str, bytes] = {}
    if any(job.exercise is None for job in jobs):
        exercises = _contents(jobs[0].own_dir, _EXERCISE_FILES)
    sizes_bytes = tuple(_size_bytes(job.recording.path) for job in jobs)
    return Parcel(terms, jobs, sizes_bytes, tracks, exercises)


def unpacked(returned: Returned, terms: Terms) -> tuple[Outcome, ...]:
    """Put what came back in its place, and return the outcomes.

    Raises:
        ExportError: It cannot be written.
    """
    store = TrackStore(terms.tracks)
    for key, content in returned.tracks.items():
        path = store.path(key)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ExportError(
                f"cannot make {path.parent}: {error.strerror}. Choose another folder."
            ) from error
        _write(path, content, "the landmark track")
    for name, content in returned.overlays.items():
        _write(terms.overlay_folder / name, content, "the overlay")
    return returned.outcomes


def _with_checksum(job: Job) -> Job:
    try:
        return job if job.sha256 else replace(job, sha256=file_sha256(job.recording.path))
    except HepVisionError:
        return job  # whoever is to work on it says so


def _known_track(job: Job) -> Iterator[tuple[str, bytes]]:
    if job.model is None or not job.sha256:
        return
    key = track_key(job.sha256, job.model.sha256, settings(job.model, job.reading))
    with suppress(OSError):  # not there
        yield key, TrackStore(job.tracks).path(key).read_bytes()


def _size_bytes(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _write(path: Path, content: bytes, what: str) -> None:
    with private_draft(path, what) as draft:
        draft.write_bytes(content)


def _contents(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


# -- there -----------------------------------------------------------------------------------------


def contrary(wanted: dict[str, str], model: tuple[str, str] | None) -> str:
    """Return why outcomes of this machine would not be those of the other; or nothing.

    Args:
        wanted: `versions` of the other machine.
        model: Name and checksum of its pose model.
    """
    here = versions(Model(model[0], Path(), model[1]) if model else None)
    for name, version in wanted.items():
        if here.get(name) != version:
            return f"{socket.gethostname()} has {name} {here.get(name)}, not {version}"
    try:
        if model is not None and _model(model[0]).sha256 != model[1]:
            return f"{socket.gethostname()} has another pose model '{model[0]}' than this machine"
    except ModelError as error:
        return f"{socket.gethostname()}: {str(error).rstrip('.')}"
    return ""


def tracks_in_sight(terms: Terms) -> bool:
    """Whether the folder of landmark tracks is seen from this machine and may be written to."""
    return _in_sight(terms.tracks, terms.proof)


def open_parcel(
    work: Callable[[tuple[Job, ...], Report], tuple[Outcome, ...]],
    parcel: Parcel,
    report: Report,
    scratch: Path,
) -> Returned:
    """Have the recordings of a parcel worked on.

    Args:
        work: What is done with them.
        parcel: The recordings.
        report: Takes how far that is.
        scratch: Folder for what lies here only until it is sent.
    """
    with TemporaryDirectory(prefix="hep-vision-", dir=scratch) as name:
        there = _Folders(Path(name), parcel)
        unseen = [_out_of_sight(*one) for one in zip(parcel.jobs, parcel.sizes_bytes, strict=True)]
        jobs = tuple(
            there.placed(job)
            for job, fault in zip(parcel.jobs, unseen, strict=True)
            if fault is None
        )
        judged = iter(work(jobs, report))
        outcomes = tuple(next(judged) if fault is None else fault for fault in unseen)
        return Returned(outcomes, there.new_tracks(), there.overlays())


class _Folders:
    """Where things lie on this machine, for one parcel."""

    def __init__(self, scratch: Path, parcel: Parcel) -> None:
        terms = parcel.terms
        self._sent = parcel.tracks
        self._own_tracks = None if tracks_in_sight(terms) else scratch / "tracks"
        seen = _in_sight(terms.overlay_folder, terms.proof)
        self._own_overlays = None if seen else scratch / "overlays"
        self._exercises = scratch / "exercises"
        self._exercises.mkdir()
        for name, content in parcel.exercises.items():
            (self._exercises / name).write_bytes(content)
        if self._own_overlays is not None:
            self._own_overlays.mkdir()
        if self._own_tracks is not None:
            for key, content in parcel.tracks.items():
                path = TrackStore(self._own_tracks).path(key)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def placed(self, job: Job) -> Job:
        """Return a job with the folders and the model of this machine."""
        return replace(
            job,
            tracks=self._own_tracks or job.tracks,
            overlay_folder=self._own_overlays or job.overlay_folder,
            own_dir=self._exercises,
            model=_model(job.model.name) if job.model else None,
        )

    def new_tracks(self) -> dict[str, bytes]:
        """Return the landmarks that were made here and are to be kept elsewhere, by key."""
        if self._own_tracks is None:
            return {}
        found = self._own_tracks.glob("??/*.npz")
        contents = {path.stem: path.read_bytes() for path in found}
        return {key: one for key, one in contents.items() if self._sent.get(key) != one}

    def overlays(self) -> dict[str, bytes]:
        """Return the overlays that were made here and belong elsewhere, by name."""
        return _contents(self._own_overlays, "*") if self._own_overlays is not None else {}


def _in_sight(folder: Path, proof: str) -> bool:
    return (folder / proof).is_file() and os.access(folder, os.W_OK)


@cache
def _model(name: str) -> Model:
    return find_model(name, data_dir(None, os.environ))


def _out_of_sight(job: Job, size_bytes: int | None) -> Outcome | None:
    """Return the outcome of a recording that is not here as it is where it was sent from."""
    path = job.recording.path
    here = _size_bytes(path)
    if here == size_bytes:
        return None
    found = "does not see" if here is None else "has another file as"
    reason = (
        f"{job.name}: {socket.gethostname()} {found} {path}; the workers need the recordings "
        "under the same path as this machine."
    )
    # Not of the recording's making, so that the next run tries it again.
    return failure(job.recording, job.name, reason, ExitCode.ANALYSIS_FAILED)
