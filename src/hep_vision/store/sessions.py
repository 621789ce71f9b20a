"""The log of sessions: written as they happen, read back as plain values.

    with SessionLog.open(data_dir(None, environ)) as log:
        writer = log.begin(header)
        for event in events:
            writer.record(event)          # on the disk when it returns
        writer.finish(ended_at, tracking)
        print(log.session(writer.session_id).reps)

A session may be a set of a sitting, see `hep_vision.store.sittings`. A killed process loses the
repetition under way and nothing else; its session stays ``running``. Several processes may write at
once. Every method raises `StoreError`, one line, when the log cannot be read or written.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, selectinload

from hep_vision.core.audit import Audit
from hep_vision.core.types import Event, PhaseChange, RepTick
from hep_vision.store.clips import ClipLog
from hep_vision.store.database import Database
from hep_vision.store.feelings import FeelingLog
from hep_vision.store.inbox import InboxLog
from hep_vision.store.locations import (
    TRACKS_NAME,
    LogPlace,
    make_private_file,
    make_private_folder,
    store_errors,
)
from hep_vision.store.mapping import events_of, stored_event, stored_session
from hep_vision.store.paged import PagedLog
from hep_vision.store.practice import PracticeLog
from hep_vision.store.programs import ProgramLog
from hep_vision.store.queries import (
    batches,
    find_id,
    newest_sessions_first,
    session_rows,
    sitting_key,
)
from hep_vision.store.records import (
    Correction,
    SessionDetail,
    SessionHeader,
    SessionRow,
    SessionStatus,
    TrackingQuality,
    escaped,
    utc_stamp,
)
from hep_vision.store.review import ReviewLog
from hep_vision.store.schema import (
    StoredCorrection,
    StoredHold,
    StoredRep,
    StoredSession,
)
from hep_vision.store.selection import Selection, chosen_sessions
from hep_vision.store.sittings import SittingLog, new_uuid
from hep_vision.store.verdicts import VerdictLog

BUSY_TIMEOUT_MS: Final = 10_000
_SAFE_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{7,63}")


class SessionWriter:
    """Writes one session; got from `SessionLog.begin`."""

    def __init__(self, database: Database, folder: Path, session_id: str, key: int) -> None:
        self._database = database
        self._folder = folder
        self._key = key
        self._next_ordinal = 0
        self.session_id = session_id

    @property
    def track_path(self) -> Path:
        """Where the landmark track of this session belongs; see `keep_track`."""
        return self._folder / _track_file(self.session_id)

    def record(self, event: Event) -> None:
        """Commit a repetition, hold or loss of tracking; other events are not kept."""
        if isinstance(event, RepTick | PhaseChange):
            return
        stored = stored_event(event)
        stored.session_key = self._key
        stored.ordinal = self._next_ordinal
        with self._database.writing() as session:
            session.add(stored)
        self._next_ordinal += 1

    def keep_track(self, write: Callable[[Path], None]) -> Path:
        """Have ``write`` save the landmark track as ``.npz``, then give it its name and owner.

        ``write`` gets a temporary path; the track appears whole or not at all.

        Returns:
            The path it has now.
        """
        path = self.track_path
        partial = path.with_name(f".{self.session_id}.partial.npz")
        with store_errors(path):
            make_private_folder(path.parent)
            try:
                make_private_file(partial)
                write(partial)
                make_private_file(partial)  # ``write`` may have put another file there
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
        self._update(track_file=_track_file(self.session_id))
        return path

    def keep_audit(self, audit: Audit) -> None:
        """Keep what a second count came to, beside the repetitions."""
        self._update(recount=audit.recount, uncertain=audit.uncertain)

    def finish(self, ended_at: str, tracking: TrackingQuality) -> None:
        """Mark the session as complete."""
        self._end(SessionStatus.FINISHED, ended_at, None, tracking)

    def interrupt(
        self, ended_at: str, reason: str | None = None, tracking: TrackingQuality | None = None
    ) -> None:
        """Mark the session as stopped before its end, by the person or the system."""
        self._end(SessionStatus.INTERRUPTED, ended_at, reason, tracking)

    def fail(self, ended_at: str, reason: str, tracking: TrackingQuality | None = None) -> None:
        """Mark the session as ended by an error, of which ``reason`` is the line shown."""
        self._end(SessionStatus.FAILED, ended_at, reason, tracking)

    def discard(self) -> None:
        """Remove the session, its events and its track, as if it had never begun."""
        with self._database.writing() as session:
            session.execute(delete(StoredSession).where(StoredSession.key == self._key))
        with store_errors(self.track_path):
            self.track_path.unlink(missing_ok=True)

    def _end(
        self,
        status: SessionStatus,
        ended_at: str,
        reason: str | None,
        tracking: TrackingQuality | None,
    ) -> None:
        reason = None if reason is None else escaped(reason)  # it may name a file
        quality = dataclasses.asdict(tracking) if tracking else {}
        self._update(status=status, status_reason=reason, ended_at=utc_stamp(ended_at), **quality)

    def _update(self, **values: object) -> None:
        with self._database.writing() as session:
            session.execute(
                update(StoredSession).where(StoredSession.key == self._key).values(values)
            )


class SessionLog:
    """One log; open it in the process that uses it.

    Attributes:
        place: Where it is.
    """

    def __init__(
        self, database: Database, place: LogPlace, new_id: Callable[[], str] = new_uuid
    ) -> None:
        self._database = database
        self._folder = place.folder
        self.place = place
        self._new_id = new_id

    @classmethod
    def open(
        cls,
        place: Path | LogPlace,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        new_id: Callable[[], str] = new_uuid,
    ) -> Self:
        """Open a log; a folder is created for its owner only if it is not there.

        Args:
            place: Where it is; a folder alone is that of a log in a file. A command of ours asks
                `hep_vision.cli.options.log_place`, so that a database that was named is used.
            busy_timeout_ms: How long to wait while another process writes.
            new_id: Gives the ids of new sessions and sittings; random ones by default.

        Raises:
            StoreError: The folder, the file or the server cannot be used, or there is no log.
            SchemaTooNewError: A newer version of this program wrote it.
        """
        place = LogPlace.of(place)
        return cls(Database.at(place, busy_timeout_ms), place, new_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the log."""
        self._database.close()

    @property
    def database_name(self) -> str:
        """Which file or which database of a server holds its rows; never with a password."""
        return self._database.name

    @property
    def sittings(self) -> SittingLog:
        """The sittings of this log; closed with it."""
        return SittingLog(self._database, self._folder, self._new_id)

    @property
    def feelings(self) -> FeelingLog:
        """How exercising felt, by this log; closed with it."""
        return FeelingLog(self._database)

    @property
    def programs(self) -> ProgramLog:
        """The home exercise programs of this log; closed with it."""
        return ProgramLog(self._database)

    @property
    def inbox(self) -> InboxLog:
        """What a therapist looks through; closed with it."""
        return InboxLog(self._database)

    @property
    def practice(self) -> PracticeLog:
        """What was practised, in totals; closed with it."""
        return PracticeLog(self._database)

    @property
    def review(self) -> ReviewLog:
        """What is read before a review, beside the totals; closed with it."""
        return ReviewLog(self._database)

    @property
    def clips(self) -> ClipLog:
        """The clips of this log; closed with it."""
        return ClipLog(self._database, self._folder)

    @property
    def verdicts(self) -> VerdictLog:
        """What people say of what was flagged; closed with it."""
        return VerdictLog(self._database)

    @property
    def paged(self) -> PagedLog:
        """The sessions and sittings of this log a page at a time; closed with it."""
        return PagedLog(self._database, self._folder, self._load)

    def begin(self, header: SessionHeader, session_id: str | None = None) -> SessionWriter:
        """Enter a session as ``running``.

        Args:
            header: What is known so far.
            session_id: Letters, digits and dashes, unique; a new UUID by default.

        Raises:
            StoreError: There is no sitting of the id in the header.
        """
        session_id = session_id or self._new_id()
        if not _SAFE_ID.fullmatch(session_id):
            raise ValueError(f"{session_id!r}: expected 8 to 64 letters, digits and dashes")
        with self._database.writing() as session:
            stored = stored_session(header, session_id)
            if header.sitting_id is not None:
                stored.sitting_key = sitting_key(session, header.sitting_id)
            session.add(stored)
            session.flush()
            key = stored.key
        return SessionWriter(self._database, self._folder, session_id, key)

    def sessions(
        self,
        *,
        exercise_id: str | None = None,
        status: SessionStatus | None = None,
        limit: int | None = None,
    ) -> list[SessionRow]:
        """Return the sessions, newest first."""
        with self._database.reading() as session:
            query = newest_sessions_first(exercise_id, status).limit(limit)
            found = session.scalars(query.options(selectinload(StoredSession.corrections))).all()
            return session_rows(session, found, self._folder)

    def details(
        self,
        *,
        exercise_id: str | None = None,
        status: SessionStatus | None = None,
        limit: int | None = None,
    ) -> Iterator[SessionDetail]:
        """Yield the sessions with their events, newest first, a batch at a time."""
        with self._database.reading() as session:
            keys = session.scalars(
                newest_sessions_first(exercise_id, status)
                .with_only_columns(StoredSession.key)
                .limit(limit)
            ).all()
        for batch in batches(keys):
            with self._database.reading() as session:
                details = self._load(session, StoredSession.key.in_(batch))
            yield from details

    def count_chosen(self, selection: Selection) -> int:
        """Return how many sessions `chosen` yields."""
        with self._database.reading() as session:
            keys = chosen_sessions(selection).order_by(None).subquery()
            return session.scalar(select(func.count()).select_from(keys)) or 0

    def chosen(self, selection: Selection) -> Iterator[SessionDetail]:
        """Yield a part of the log with its events, oldest first, a batch at a time.

        Sessions that begin meanwhile are left out; of the others the present state is read.
        """
        with self._database.reading() as session:
            keys = session.scalars(chosen_sessions(selection)).all()
        for batch in batches(keys):
            with self._database.reading() as session:
                details = self._load(session, StoredSession.key.in_(batch))
            yield from reversed(details)

    def session(self, id_or_prefix: str) -> SessionDetail:
        """Return the session whose id is, or alone begins with, ``id_or_prefix``.

        Raises:
            StoreError: There is none, or more than one; the message names some.
        """
        with self._database.reading() as session:
            found = find_id(session, StoredSession, id_or_prefix)
            return self._load(session, StoredSession.id == found)[0]

    def has_track(self, session_id: str) -> bool:
        """Return whether landmarks were kept of the session of this whole id."""
        query = select(StoredSession.track_file).where(StoredSession.id == session_id)
        with self._database.reading() as session:
            return session.scalar(query) is not None

    def correct(self, id_or_prefix: str, correction: Correction) -> SessionRow:
        """Enter a count by hand; what was measured and what was entered before stays.

        Returns:
            The session as it is now.

        Raises:
            StoreError: As for `session`.
        """
        with self._database.writing() as session:
            found = find_id(session, StoredSession, id_or_prefix)
            stored = session.scalars(select(StoredSession).where(StoredSession.id == found)).one()
            stored.corrections.append(StoredCorrection(**dataclasses.asdict(correction)))
            session.flush()
            return session_rows(session, [stored], self._folder)[0]

    def _load(self, session: Session, which: ColumnElement[bool]) -> list[SessionDetail]:
        query = (
            newest_sessions_first()
            .where(which)
            .options(
                selectinload(StoredSession.reps).selectinload(StoredRep.deviations),
                selectinload(StoredSession.holds).selectinload(StoredHold.deviations),
                selectinload(StoredSession.losses),
                selectinload(StoredSession.corrections),
            )
        )
        found = session.scalars(query).all()
        rows = session_rows(session, found, self._folder)
        return [
            SessionDetail(row, events_of(stored)) for row, stored in zip(rows, found, strict=True)
        ]


def _track_file(session_id: str) -> str:
    return f"{TRACKS_NAME}/{session_id}.npz"
