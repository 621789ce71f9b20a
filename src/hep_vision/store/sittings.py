"""The log of sittings: one time in front of the camera, of several sets one after the other.

    with SessionLog.open(data_dir(None, environ)) as log:
        sitting = log.sittings.begin(plan, started_at, version)
        sitting.report(SelfReport(ReportKind.PAIN_BEFORE, 2, moment))
        writer = log.begin(header)            # with sitting_id and set_number
        ...
        sitting.finish(ended_at)

Each call is on the disk when it returns. A killed process leaves its sitting ``running``, where
`SittingLog.unfinished` finds it and `SittingLog.resume` takes it up again. Every method raises
`StoreError`, one line, when the log cannot be read or written.
"""

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session, selectinload

from hep_vision.core.types import StopReason
from hep_vision.errors import MessageChangedError
from hep_vision.store.database import Database
from hep_vision.store.mapping import sitting_row
from hep_vision.store.programs import version_key
from hep_vision.store.queries import batches, find_id, newest_first, session_rows, sitting_key
from hep_vision.store.records import (
    MessageReading,
    ProgramRef,
    SelfReport,
    SessionStatus,
    SittingRow,
    escaped,
    utc_stamp,
)
from hep_vision.store.schema import (
    StoredMessageReading,
    StoredProgramVersion,
    StoredSelfReport,
    StoredSession,
    StoredSitting,
)
from hep_vision.store.selection import Selection, chosen_sittings

PROGRAM_ENDED: Final = "the program was ended"


def new_uuid() -> str:
    """Return a random id, for a sitting or a session."""
    return str(uuid.uuid4())


class SittingWriter:
    """Writes one sitting; got from `SittingLog.begin` or `SittingLog.resume`."""

    def __init__(self, database: Database, sitting_id: str, key: int) -> None:
        self._database = database
        self._key = key
        self.sitting_id = sitting_id

    def report(self, report: SelfReport) -> None:
        """Keep what the patient says; of several of a kind the last holds, and none is lost."""
        with self._database.writing() as session:
            session.add(_stored_report(report, self._key))

    def say(self, message: str) -> None:
        """Keep a message to the therapist, in place of an earlier one; an empty one removes it."""
        self._update(message=escaped(message) or None)

    def finish(self, ended_at: str) -> None:
        """Mark the sitting as complete; a reason it was stopped for earlier stays."""
        self._update(status=SessionStatus.FINISHED, ended_at=utc_stamp(ended_at))

    def stop(self, ended_at: str, reason: StopReason | None) -> None:
        """Mark the sitting as ended before its plan was done.

        Args:
            ended_at: The moment; see `utc_stamp`.
            reason: What the patient said; None where nobody said why, which leaves a reason
                given earlier as it is.
        """
        why = {} if reason is None else {"stop_reason": StopReason(reason)}
        self._update(status=SessionStatus.INTERRUPTED, ended_at=utc_stamp(ended_at), **why)

    def _update(self, **values: object) -> None:
        with self._database.writing() as session:
            session.execute(
                update(StoredSitting).where(StoredSitting.key == self._key).values(values)
            )


class SittingLog:
    """The sittings in the log; got from `SessionLog.sittings`, and usable as long as that."""

    def __init__(
        self, database: Database, folder: Path, new_id: Callable[[], str] = new_uuid
    ) -> None:
        self._database = database
        self._folder = folder
        self._new_id = new_id

    def begin(
        self,
        plan: Mapping[str, Any],
        started_at: str,
        version: str,
        program: ProgramRef | None = None,
    ) -> SittingWriter:
        """Enter a sitting as ``running``.

        Args:
            plan: What is to be done, in values that JSON knows; it comes back as it was.
            started_at: The moment; see `utc_stamp`.
            version: Version of hep-vision.
            program: The version of the home exercise program it follows, or None.

        Raises:
            ValueError: The plan is not made of JSON's values, or the moment is none.
            StoreError: That version is not in the log.
        """
        stored = StoredSitting(
            id=self._new_id(),
            started_at=utc_stamp(started_at),
            status=SessionStatus.RUNNING,
            plan=_plain(plan),
            hep_vision_version=version,
        )
        with self._database.writing() as session:
            if program is not None:
                stored.program_version_key = version_key(session, program)
            session.add(stored)
            session.flush()
            sitting_id, key = stored.id, stored.key
        return SittingWriter(self._database, sitting_id, key)

    def resume(self, sitting_id: str) -> SittingWriter:
        """Take a sitting up again, whatever it ended with; nothing that is logged is lost.

        Its sets that are still ``running`` become ``interrupted``, because their process is
        taken to be gone. The caller must know that: a process that still writes is not noticed.

        Args:
            sitting_id: As for `sitting`.

        Raises:
            StoreError: As for `sitting`.
        """
        with self._database.writing() as session:
            found = find_id(session, StoredSitting, sitting_id)
            key = sitting_key(session, found)
            session.execute(
                update(StoredSitting)
                .where(StoredSitting.key == key)
                .values(status=SessionStatus.RUNNING, ended_at=None)
            )
            session.execute(
                update(StoredSession)
                .where(
                    StoredSession.sitting_key == key,
                    StoredSession.status == SessionStatus.RUNNING,
                )
                .values(status=SessionStatus.INTERRUPTED, status_reason=PROGRAM_ENDED)
            )
        return SittingWriter(self._database, found, key)

    def report(self, id_or_prefix: str, report: SelfReport) -> SittingRow:
        """Keep what the patient says of a sitting later on, such as the next morning.

        The sitting stays as finished, or not, as it was.

        Returns:
            The sitting as it is now.

        Raises:
            StoreError: As for `sitting`.
        """
        with self._database.writing() as session:
            found = find_id(session, StoredSitting, id_or_prefix)
            session.add(_stored_report(report, sitting_key(session, found)))
        return self.sitting(found)

    def say(self, id_or_prefix: str, message: str) -> SittingRow:
        """Add to the message of a sitting later on, on a line of its own; none is lost.

        Args:
            id_or_prefix: As for `sitting`.
            message: In the patient's words.

        Returns:
            The sitting as it is now.

        Raises:
            StoreError: As for `sitting`.
        """
        with self._database.writing() as session:
            found = find_id(session, StoredSitting, id_or_prefix)
            query = select(StoredSitting.message).where(StoredSitting.id == found)
            parts = [session.scalar(query), escaped(message)]
            session.execute(
                update(StoredSitting)
                .where(StoredSitting.id == found)
                .values(message="\n".join(part for part in parts if part) or None)
            )
        return self.sitting(found)

    def mark_read(
        self, id_or_prefix: str, reading: MessageReading, message: str | None = None
    ) -> SittingRow:
        """Enter that somebody read the message of a sitting; read once, it stays as it is.

        Args:
            id_or_prefix: As for `sitting`.
            reading: Who and when.
            message: The words that were read; None takes those that are there now.

        Returns:
            The sitting as it is now.

        Raises:
            MessageChangedError: There is no message, or it has other words by now.
            StoreError: As for `sitting`.
        """
        with self._database.writing() as session:
            found = find_id(session, StoredSitting, id_or_prefix)
            stored = session.scalars(select(StoredSitting).where(StoredSitting.id == found)).one()
            if not stored.message:
                raise MessageChangedError(f"Sitting {found[:8]} has no message to be read.")
            if message not in (None, stored.message):
                raise MessageChangedError(
                    f"The message of sitting {found[:8]} has other words by now: read it again."
                )
            if all(one.message != stored.message for one in stored.readings):
                stored.readings.append(
                    StoredMessageReading(
                        message=stored.message, read_at=reading.read_at, read_by=reading.read_by
                    )
                )
        return self.sitting(found)

    def newest(self, program_id: str | None = None) -> SittingRow | None:
        """Return the sitting that began last; None where there is none.

        Args:
            program_id: Only those done by a version of this program; None takes all.
        """
        query = newest_first(StoredSitting)
        if program_id is not None:
            query = query.where(_follows(program_id))
        with self._database.reading() as session:
            rows = self._load(session, query.limit(1))
        return rows[0] if rows else None

    def unfinished(self, since: str, program_id: str | None = None) -> SittingRow | None:
        """Return the newest sitting that runs, or whose process was killed.

        Args:
            since: Sittings that began before this moment are over; see `utc_stamp`.
            program_id: Only those done by a version of this program; None takes all.
        """
        running = newest_first(StoredSitting).where(
            StoredSitting.status == SessionStatus.RUNNING,
            StoredSitting.started_at >= utc_stamp(since),
        )
        if program_id is not None:
            running = running.where(_follows(program_id))
        with self._database.reading() as session:
            rows = self._load(session, running.limit(1))
        return rows[0] if rows else None

    def rows(
        self, limit: int | None = None, *, offset: int = 0, program_id: str | None = None
    ) -> list[SittingRow]:
        """Return the sittings with their sets, newest first.

        Args:
            limit: At most so many; None for all.
            offset: How many of the newest are left out.
            program_id: Those done by this program alone; None for all.
        """
        query = newest_first(StoredSitting)
        if program_id is not None:
            query = query.join(
                StoredProgramVersion, StoredSitting.program_version_key == StoredProgramVersion.key
            ).where(StoredProgramVersion.program_id == program_id)
        with self._database.reading() as session:
            return self._load(session, query.limit(limit).offset(offset))

    def chosen(self, selection: Selection) -> Iterator[SittingRow]:
        """Yield a part of the log without the sets, oldest first, a batch at a time."""
        with self._database.reading() as session:
            keys = session.scalars(chosen_sittings(selection)).all()
        for batch in batches(keys):
            oldest_first = (
                select(StoredSitting)
                .where(StoredSitting.key.in_(batch))
                .order_by(StoredSitting.started_at, StoredSitting.key)
                .options(selectinload(StoredSitting.reports), selectinload(StoredSitting.readings))
            )
            with self._database.reading() as session:
                rows = [sitting_row(stored, ()) for stored in session.scalars(oldest_first)]
            yield from rows

    def sitting(self, id_or_prefix: str) -> SittingRow:
        """Return the sitting whose id is, or alone begins with, ``id_or_prefix``.

        Raises:
            StoreError: There is none, or more than one; the message names some.
        """
        with self._database.reading() as session:
            found = find_id(session, StoredSitting, id_or_prefix)
            return self._load(session, select(StoredSitting).where(StoredSitting.id == found))[0]

    def _load(self, session: Session, query: Select[StoredSitting]) -> list[SittingRow]:
        found: Sequence[StoredSitting] = session.scalars(
            query.options(
                selectinload(StoredSitting.reports),
                selectinload(StoredSitting.readings),
                selectinload(StoredSitting.sets).selectinload(StoredSession.corrections),
            )
        ).all()
        sets = iter(
            session_rows(session, [one for sitting in found for one in sitting.sets], self._folder)
        )
        return [sitting_row(stored, [next(sets) for _ in stored.sets]) for stored in found]


def _follows(program_id: str) -> ColumnElement[bool]:
    return StoredSitting.program_version_key.in_(
        select(StoredProgramVersion.key).where(StoredProgramVersion.program_id == program_id)
    )


def _stored_report(report: SelfReport, key: int) -> StoredSelfReport:
    return StoredSelfReport(sitting_key=key, **dataclasses.asdict(report))


def _plain(plan: Mapping[str, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(plan), allow_nan=False))
    except TypeError as error:
        raise ValueError(f"the plan is not made of JSON's values: {error}") from error
    if plain != plan:  # tuples, numbers as keys
        raise ValueError("the plan would not come back as it is: expected JSON's values only")
    return plain
