"""Books a live sitting as it happens; a log that cannot be written never stops the patient."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from hep_vision import __version__
from hep_vision.app.analyse import Model
from hep_vision.app.booking import SessionBook, now
from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.stages import Happening, SetBegan, SetEnded, Stopped, Told, Watched, Wrote
from hep_vision.core.audit import Audit
from hep_vision.core.definition import Kind
from hep_vision.core.types import Event, ReportKind, Side
from hep_vision.errors import ExportError, StoreError
from hep_vision.store.records import (
    ModelRecord,
    SelfReport,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog, SessionWriter
from hep_vision.store.sittings import SittingWriter

ENDED_BY_PATIENT: Final = "ended by the patient"
"""Why a set is interrupted that was left before everything was done."""


class LiveBook:
    """Takes the happenings of a sitting into the log.

    Args:
        log: The log, or None to keep nothing.
        writer: Where the sitting itself is booked; None exactly where ``log`` is.
        camera: What stands for the camera, as the person named it.
        model: The pose model in use.
        before: Id of the sitting that the pain of the next morning is about; None where it is
            not asked for.
    """

    def __init__(
        self,
        log: SessionLog | None,
        writer: SittingWriter | None,
        camera: str,
        model: Model,
        before: str | None = None,
    ) -> None:
        self._before = before
        self._log = log
        self._writer = writer
        self._camera = camera
        self._model = model
        self._plan: PlannedSet | None = None
        self._book: SessionBook | None = None
        self._unsaved: list[Callable[[], None]] = []
        self._stopped = False
        self.problem: str | None = None

    @property
    def saved(self) -> bool:
        """Whether something was booked, and all of it."""
        return self._writer is not None and not self._unsaved

    def note(self, happening: Happening) -> None:
        """Take in what happened; what cannot be written now is tried again with the next."""
        match happening:
            case SetBegan(plan):
                self._plan, self._book = plan, None
            case Watched():
                self._watched(happening)
            case SetEnded():
                self._set_ended(happening)
            case Told(report, value, exercise_id):
                self._told(SelfReport(report, value, now(), exercise_id))
            case Wrote(text):
                self._with_writer(lambda w: w.say(text))
            case Stopped(reason):
                self._stopped = True
                self._with_writer(lambda w: w.stop(now(), reason))

    def close(self, *, complete: bool) -> None:
        """End the sitting: as done, or as stopped for no reason that was given."""
        if complete and not self._stopped:
            self._with_writer(lambda w: w.finish(now()))
        elif not self._stopped:
            self._with_writer(lambda w: w.stop(now(), None))
        self._save()

    def _told(self, said: SelfReport) -> None:
        if said.kind is not ReportKind.PAIN_NEXT_MORNING:
            self._with_writer(lambda w: w.report(said))
        elif self._log is not None and self._before is not None:
            log, before = self._log, self._before
            self._later(lambda: _done(log.sittings.report(before, said)))

    def _watched(self, watched: Watched) -> None:
        if self._book is None and self._plan is not None:
            size_px = watched.pose.image_size_px
            side = None if self._plan.side is Side.BOTH else self._plan.side
            writer = self._begin(self._plan, size_px)
            self._book = SessionBook(self._plan.exercise, side, size_px, writer)
        if self._book is not None:
            self._book.take(watched.pose, watched.state, watched.events)

    def _set_ended(self, ended: SetEnded) -> None:
        book, self._book, self._plan = self._book, None, None
        if book is None:
            return
        book.add(ended.events)
        if not book.events:
            book.abandon()
            return
        track = book.track
        reason = None if ended.outcome.complete else ENDED_BY_PATIENT
        book.close(track, book.audit(track), reason=reason)

    def _begin(self, plan: PlannedSet, size_px: tuple[int, int]) -> "_Patient | None":
        if self._log is None or self._writer is None or plan.exercise.kind is Kind.SELF_TIMED:
            return None
        log = self._log
        source = SourceRecord(
            SourceKind.WEBCAM, self._camera, width_px=size_px[0], height_px=size_px[1]
        )
        header = SessionHeader(
            plan.exercise.id,
            plan.exercise.revision,
            plan.side if plan.side is not Side.BOTH else plan.exercise.side or Side.BOTH,
            source,
            now(),
            __version__,
            version("mediapipe"),
            ModelRecord(self._model.name, self._model.sha256),
            plan.targets,
            plan.personal,
            sitting_id=self._writer.sitting_id,
            set_number=plan.place,
        )
        return _Patient(lambda: log.begin(header), self._later)

    def _with_writer(self, write: Callable[[SittingWriter], None]) -> None:
        if self._writer is not None:
            writer = self._writer
            self._later(lambda: write(writer))

    def _later(self, write: Callable[[], None]) -> None:
        self._unsaved.append(write)
        self._save()

    def _save(self) -> None:
        """Write what waits, in its order, as far as it goes."""
        try:
            while self._unsaved:
                self._unsaved[0]()
                self._unsaved.pop(0)
            self.problem = None
        except (StoreError, ExportError) as error:  # the latter of the landmarks, a file beside it
            self.problem = str(error)


class _Patient:
    """A session's writer that waits for the disk instead of failing.

    Args:
        begin: Enters the session; called with the first thing written.
        later: Takes what is to be written, in order, and writes it when it can.
    """

    def __init__(
        self, begin: Callable[[], SessionWriter], later: Callable[[Callable[[], None]], None]
    ) -> None:
        self._begin = begin
        self._later = later
        self._real: SessionWriter | None = None
        later(self._enter)

    def record(self, event: Event) -> None:
        """Commit an event."""
        self._later(lambda: self._writer.record(event))

    def keep_track(self, write: Callable[[Path], None]) -> None:
        """Keep the landmarks."""
        self._later(lambda: _done(self._writer.keep_track(write)))

    def keep_audit(self, audit: Audit) -> None:
        """Keep a second count."""
        self._later(lambda: self._writer.keep_audit(audit))

    def finish(self, ended_at: str, tracking: TrackingQuality) -> None:
        """Mark the session as complete."""
        self._later(lambda: self._writer.finish(ended_at, tracking))

    def interrupt(
        self, ended_at: str, reason: str | None = None, tracking: TrackingQuality | None = None
    ) -> None:
        """Mark the session as stopped before its end."""
        self._later(lambda: self._writer.interrupt(ended_at, reason, tracking))

    def discard(self) -> None:
        """Remove the session."""
        self._later(lambda: self._writer.discard())

    def _enter(self) -> None:
        self._real = self._begin()

    @property
    def _writer(self) -> SessionWriter:
        if self._real is None:
            raise RuntimeError("the session was not entered")  # its turn comes first
        return self._real


def _done(_: object) -> None:
    """Drop a value."""
