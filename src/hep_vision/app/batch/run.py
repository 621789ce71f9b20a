"""Run a batch: see what is left to do, have it done, keep each outcome, write the tables.

    summary = run_batch(listed, wanted, partial(spread, processes=4), watch)

The folder of a batch holds ``journal.sqlite3`` (what has been done), ``tracks`` (landmarks by
content), ``csv`` and ``parquet`` (the tables) and ``overlays``. A kill at any moment loses only
what was under way. Landmarks are estimated once for each file and model; what follows from them is
judged again, unless the run resumes an earlier one that asked the same.
"""

import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from hep_vision.app.batch.by_program import book
from hep_vision.app.batch.journal import Entry, Journal
from hep_vision.app.batch.judging import Job, Outcome, Overlays, failure, judge, landmarks_of
from hep_vision.app.batch.manifest import Listed
from hep_vision.app.batch.planning import OVERLAYS, Planned, Planner, Settled, Wanted
from hep_vision.app.filmed import Booking
from hep_vision.app.workers import Done, Progress, Report
from hep_vision.errors import (
    ClusterError,
    ExitCode,
    ExportError,
    HepVisionError,
    SourceOpenError,
)
from hep_vision.exports.batch_tables import BATCH_TABLES
from hep_vision.exports.columns import Row
from hep_vision.exports.table_files import check_place, write_csv, write_parquet
from hep_vision.sources.track_store import file_sha256
from hep_vision.store.locations import make_private_folder

JOURNAL: Final = "journal.sqlite3"
TRACKS: Final = "tracks"
_WRITERS: Final = {"csv": write_csv, "parquet": write_parquet}

_LASTING: Final = frozenset(
    {ExitCode.OK, ExitCode.USAGE, ExitCode.INPUT_UNUSABLE, ExitCode.NOT_RECOGNISED}
)
"""Outcomes that are the same again as long as neither file nor question change."""


class Spread(Protocol):
    """As `hep_vision.app.workers.spread`, here or on other machines."""

    def __call__(
        self,
        work: "Callable[[tuple[Job, ...], Report], tuple[Outcome, ...]]",
        items: "Sequence[tuple[Job, ...]]",
        *,
        progress: Progress,
    ) -> "Generator[Done[tuple[Outcome, ...]]]":
        """Yield what became of each item; no work goes on once it is closed."""
        ...


@dataclass(slots=True)
class Summary:
    """What a batch came to.

    Attributes:
        recordings: How many there are.
        failed: How many are without results.
        kept: How many were taken from an earlier run as they are.
        estimated: Of how many the pictures were read in this run.
        frames: How many frames were looked at in this run.
    """

    recordings: int = 0
    failed: int = 0
    kept: int = 0
    estimated: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how a batch goes on.

    Attributes:
        planned: Takes the bytes of each piece of work that is left to do.
        progress: Takes the position of a piece, the share of it that is done, and its frames.
        told: Takes each outcome; the summary has it already.
    """

    planned: Callable[[Sequence[int], Summary], None] = lambda _sizes, _summary: None
    progress: Progress = lambda _index, _share, _frames: None
    told: Callable[[Outcome, Summary], None] = lambda _outcome, _summary: None


def run_batch(
    listed: Sequence[Listed], wanted: Wanted, spread_over: Spread, watch: Watch
) -> Summary:
    """Run a batch to its end.

    Raises:
        StoreError: The journal cannot be used, or another batch is at work in the folder.
        ClusterError: The machines that do the work are lost; what they did is kept.
        ExportError: A folder cannot be made, or the tables cannot be written.
    """
    _make_folders(wanted)
    for name in _WRITERS:
        check_place(BATCH_TABLES, wanted.out / name)
    with Journal(wanted.out / JOURNAL) as journal:
        _tidy(wanted.out)
        run = _Run(journal, wanted, watch)
        try:
            run.work_off(listed, spread_over)
        except (KeyboardInterrupt, ClusterError):
            run.write_tables()
            raise
        run.write_tables()
        return run.summary


def _make_folders(wanted: Wanted) -> None:
    overlays = [wanted.out / OVERLAYS] if wanted.overlays is not Overlays.NONE else []
    for folder in (wanted.out, wanted.tracks, *overlays):
        try:
            make_private_folder(folder)
        except OSError as error:
            raise ExportError(
                f"cannot make {folder}: {error.strerror}. Choose a folder that you may write to."
            ) from error


def _tidy(out: Path) -> None:
    """Remove drafts of tables that a kill left behind; who has the journal is alone here."""
    for name in _WRITERS:
        for ending in ("part", "old"):
            for left in out.glob(f".{name}.*.{ending}"):
                shutil.rmtree(left, ignore_errors=True)


def judge_all(jobs: tuple[Job, ...], report: Report) -> tuple[Outcome, ...]:
    """Judge several recordings, one after the other."""
    before = 0
    outcomes = []
    for place, job in enumerate(jobs):

        def passed_on(share: float, frames: int, place: int = place, before: int = before) -> None:
            report((place + share) / len(jobs), before + frames)

        outcomes.append(judge(job, passed_on))
        before += outcomes[-1].frames
    return tuple(outcomes)


class _Run:
    """One run over one folder."""

    def __init__(self, journal: Journal, wanted: Wanted, watch: Watch) -> None:
        self._journal = journal
        self._wanted = wanted
        self._watch = watch
        self._ids: list[str] = []
        self._planned: dict[str, Planned] = {}
        self._settled: dict[str, Outcome] = {}
        self.summary = Summary()

    def work_off(self, listed: Sequence[Listed], spread_over: Spread) -> None:
        """Do what is left to do."""
        self.summary.recordings = len(listed)
        pieces = _same_content_together(self._left(listed))
        sizes = [sum(one.file.size_bytes for one in piece) for piece in pieces]
        self._watch.planned(sizes, self.summary)
        alone = self._spread(pieces, spread_over)
        # Whoever kills a process takes the others with its content along: each by itself, then.
        self._spread([(one,) for one in alone], spread_over)

    def _left(self, listed: Sequence[Listed]) -> Iterator[Planned]:
        """Yield what is left to do; what needs no work, or has no hope, is settled here."""
        wanted = self._wanted
        planner = Planner(wanted, self._journal.sha256)
        for one in listed:
            planned = planner.plan(one)
            self._ids.append(planned.entry_id)
            if isinstance(planned, Settled):
                self._settled[planned.entry_id] = planned.outcome
                self._tell(planned.outcome)
                continue
            self._planned[planned.entry_id] = planned
            earlier = self._journal.find(planned.entry_id) if wanted.resume else None
            if earlier is None or not _still_holds(earlier, planned):
                yield planned
                continue
            self.summary.kept += 1
            self.summary.failed += _outcome(earlier.outcome).failed

    def _spread(
        self, pieces: "Sequence[tuple[Planned, ...]]", spread_over: Spread
    ) -> list[Planned]:
        """Have pieces worked on; return those that must be tried each by itself."""
        work = [tuple(one.job for one in piece) for piece in pieces]
        again: list[Planned] = []
        with closing(spread_over(judge_all, work, progress=self._watch.progress)) as results:
            for done in results:
                piece = pieces[done.index]
                if done.value is not None:
                    for planned, outcome in zip(piece, done.value, strict=True):
                        self._keep(planned, outcome)
                elif len(piece) > 1:
                    again += piece
                else:
                    self._keep(piece[0], _stopped(piece[0].job, done.problem))
        return again

    def _keep(self, planned: Planned, outcome: Outcome) -> None:
        if planned.booking is not None and not outcome.failed:
            outcome = self._booked(planned.job, planned.booking, outcome)
        plain = {
            "rows": outcome.rows,
            "exit_code": int(outcome.exit_code),
            "frames": outcome.frames,
        }
        entry = Entry(planned.entry_id, planned.key, planned.file, outcome.sha256, plain)
        self._journal.keep(entry)
        self._tell(outcome)

    def _booked(self, job: Job, booking: Booking, outcome: Outcome) -> Outcome:
        """Have the program know of a recording; what prevents that is its outcome."""
        try:
            stored, _, _ = landmarks_of(replace(job, sha256=outcome.sha256))
            notes = book(booking, self._wanted.place, job.model, stored)
        except HepVisionError as error:
            return failure(
                job.recording, job.name, str(error), error.exit_code, sha256=outcome.sha256
            )
        return outcome.with_notes(notes)

    def _tell(self, outcome: Outcome) -> None:
        self.summary.failed += outcome.failed
        self.summary.estimated += outcome.estimated
        self.summary.frames += outcome.frames
        self._watch.told(outcome, self.summary)

    def write_tables(self) -> None:
        """Write what is known by now, in the order of the recordings."""
        for name, write in _WRITERS.items():
            write(BATCH_TABLES, self._rows(), self._wanted.out / name)

    def _rows(self) -> Iterator[Row]:
        for entry_id in self._ids:
            outcome = self._settled.get(entry_id)
            if outcome is None:
                entry, planned = self._journal.find(entry_id), self._planned.get(entry_id)
                if entry is None or planned is None or not _is_about(entry, planned):
                    continue  # stopped before it was its turn
                outcome = _outcome(entry.outcome)
            for table in BATCH_TABLES:
                for values in outcome.rows.get(table.name, ()):
                    yield Row(table, tuple(map(_value, values)))


def _stopped(job: Job, problem: str) -> Outcome:
    reason = f"{job.name}: the analysis {' '.join(problem.split())}."
    return failure(job.recording, job.name, reason, ExitCode.ANALYSIS_FAILED)


def _value(value: Any) -> object:
    return tuple(value) if isinstance(value, list) else value


def _outcome(plain: dict[str, Any]) -> Outcome:
    return Outcome(plain["rows"], exit_code=ExitCode(plain["exit_code"]), frames=plain["frames"])


def _still_holds(earlier: Entry, planned: Planned) -> bool:
    """Whether an earlier outcome is what would be found now."""
    return (
        _is_about(earlier, planned)
        and earlier.sha256 != ""  # else it could not be read, which may have been mended
        and ExitCode(earlier.outcome["exit_code"]) in _LASTING
    )


def _is_about(earlier: Entry, planned: Planned) -> bool:
    return earlier.key == planned.key and earlier.file == planned.file


def _same_content_together(planned: Iterable[Planned]) -> list[tuple[Planned, ...]]:
    """Put videos with the same content into one piece, of which one is estimated."""
    by_size: dict[int, list[Planned]] = {}
    for one in planned:
        by_size.setdefault(one.file.size_bytes, []).append(one)
    pieces: dict[object, list[Planned]] = {}
    for alike in by_size.values():
        for one in alike:
            known = one if len(alike) == 1 or one.job.model is None else _with_checksum(one)
            # Landmark tracks need no estimation, and those of one length may have one size.
            key = known.job.sha256 if known.job.model is not None else ""
            pieces.setdefault(key or known.entry_id, []).append(known)
    return [tuple(piece) for piece in pieces.values()]


def _with_checksum(planned: Planned) -> Planned:
    """Return it with the checksum of its file, unless that cannot be read: its outcome says so."""
    if planned.job.sha256:
        return planned
    try:
        sha256 = file_sha256(planned.job.recording.path)
    except SourceOpenError:
        return planned
    return replace(planned, job=replace(planned.job, sha256=sha256))
