"""The clips of the log: files that are whole and the owner's only, each with its checksum.

    draft = log.clips.draft()
    ...                                       # write the MP4 there
    row = log.clips.add(session_id, clip, draft)
    path = log.clips.path(row)                # checked against what was kept

A clip is a file ``clips/<uuid>.mp4`` and a row. The name follows from the id and from nothing that
is read elsewhere, so no row can point outside the folder. The file is there before its row and goes
after it: a process killed in between leaves a file without a row, which is no clip, and which the
next clean-up removes.
"""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.orm import Session

from hep_vision.errors import ClipError, StoreError
from hep_vision.store.database import Database
from hep_vision.store.locations import (
    CLIPS_NAME,
    close_to_others,
    make_private_folder,
    store_errors,
)
from hep_vision.store.paged import Page, Place, done_by
from hep_vision.store.queries import batches, begins_with, find_id
from hep_vision.store.records import utc_stamp
from hep_vision.store.review_records import ClipRow, ClipState, Finding, NewClip, Pruned
from hep_vision.store.schema import StoredClip, StoredSession, StoredSitting, StoredVerdict
from hep_vision.store.selection import Selection, chosen_sessions
from hep_vision.store.verdicts import holding

STRAY_AFTER: Final = timedelta(hours=1)
"""A file without a row that was written to since then may belong to a session under way."""

_SAFE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHUNK: Final = 1 << 20
_FAULTS: Final = {
    ClipState.MISSING: "is missing: {} was moved or deleted.",
    ClipState.DAMAGED: "is damaged: {} is not the file that was kept.",
    ClipState.UNREADABLE: "cannot be read: check the permissions of {}.",
}


class ClipLog:
    """The clips of one log; got from `SessionLog.clips`, and usable as long as that."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder / CLIPS_NAME

    def draft(self) -> Path:
        """Return a new path to write a clip to; what is left there is cleaned up later.

        Raises:
            StoreError: The folder cannot be made.
        """
        with store_errors(self._folder):
            make_private_folder(self._folder)
        return self._folder / f".{uuid.uuid4()}.part.mp4"

    def add(self, session_id: str, clip: NewClip, draft: Path) -> ClipRow:
        """Take a finished draft into the log.

        Args:
            session_id: Whole id of its session.
            clip: What it shows.
            draft: From `draft`; gone afterwards, also after an error.

        Raises:
            StoreError: There is no such session, it has a clip of that repetition, or the disk or
                the log refuses it.
        """
        clip_id = str(uuid.uuid4())
        path = self._named(clip_id)
        try:
            with store_errors(draft):
                close_to_others(draft)
                _reach_disk(draft)
                row = ClipRow(clip_id, session_id, clip, _sha256(draft), draft.stat().st_size)
                draft.replace(path)
            self._insert(row)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return row

    def rows(self, session: str | None = None) -> list[ClipRow]:
        """Return the clips, newest first; of one session in the order of its repetitions.

        Args:
            session: Id of a session, or enough of its beginning; None returns all.

        Raises:
            StoreError: There is no such session, or more than one.
        """
        with self._database.reading() as reading:
            query = _clips().order_by(StoredClip.created_at.desc(), StoredClip.key.desc())
            if session is not None:
                found = find_id(reading, StoredSession, session)
                query = _clips().where(StoredSession.id == found).order_by(StoredClip.ordinal)
            return [_row(stored, owner) for stored, owner in reading.execute(query)]

    def page(
        self, limit: int, after: Place | None = None, program_id: str | None = None
    ) -> Page[ClipRow]:
        """Return clips, those that were kept last first.

        Args:
            limit: How many at most.
            after: Where the page before ended; None begins with the newest.
            program_id: Only of sessions that were done by this program.
        """
        place = tuple_(StoredClip.created_at, StoredClip.key)
        query = _clips().order_by(StoredClip.created_at.desc(), StoredClip.key.desc())
        if program_id is not None:
            query = query.where(done_by(StoredSession, program_id))
        if after is not None:
            query = query.where(place < (after.started_at, after.key))
        with self._database.reading() as reading:
            found = reading.execute(query.limit(limit + 1)).all()
        rows = tuple(_row(stored, owner) for stored, owner in found[:limit])
        if len(found) <= limit:
            return Page(rows, None)
        last = found[limit - 1][0]
        return Page(rows, Place(last.created_at, last.key))

    def chosen(self, selection: Selection) -> Iterator[ClipRow]:
        """Yield the clips of a part of the log, by session, oldest first, a batch at a time."""
        with self._database.reading() as reading:
            keys = reading.scalars(chosen_sessions(selection)).all()
        for batch in batches(keys):
            query = _clips().where(StoredClip.session_key.in_(batch))
            query = query.order_by(StoredSession.started_at, StoredSession.key, StoredClip.ordinal)
            with self._database.reading() as reading:
                rows = [_row(stored, owner) for stored, owner in reading.execute(query)]
            yield from rows

    def row(self, id_or_prefix: str) -> ClipRow:
        """Return the clip whose id is, or alone begins with, ``id_or_prefix``.

        Raises:
            StoreError: There is none, or more than one.
        """
        with self._database.reading() as reading:
            found = reading.execute(
                _clips().where(begins_with(StoredClip.id, id_or_prefix)).limit(2)
            ).all()
            if len(found) != 1:
                what = "More than one clip" if found else "No clip"
                raise StoreError(f"{what} begins with {id_or_prefix!r}: see hep-vision clips list.")
            return _row(*found[0])

    def path(self, row: ClipRow) -> Path:
        """Return where a clip is, once it is sure that it is the one that was kept.

        Raises:
            ClipError: It is missing, cannot be read, or is another file by now.
        """
        path, state = self._named(row.clip_id), self.state(row)
        if state is not ClipState.WHOLE:
            what = f"The clip {row.clip_id[:8]} of session {row.session_id[:8]}"
            raise ClipError(f"{what} {_FAULTS[state].format(path)}")
        return path

    def state(self, row: ClipRow) -> ClipState:
        """Return whether the file of a clip is there, and is the one that was kept."""
        try:
            path = self._named(row.clip_id)
            if path.stat().st_size != row.size_bytes or _sha256(path) != row.sha256:
                return ClipState.DAMAGED
        except (FileNotFoundError, ClipError):
            return ClipState.MISSING
        except OSError:
            return ClipState.UNREADABLE
        return ClipState.WHOLE

    def verify(self) -> list[str]:
        """Return a line about each clip that is missing or damaged, oldest first."""
        problems = []
        for row in reversed(self.rows()):
            try:
                self.path(row)
            except ClipError as error:
                problems.append(str(error))
        return problems

    def delete(self, row: ClipRow) -> None:
        """Delete a clip; what was measured and what was said of it stays."""
        with self._database.writing() as writing:
            writing.execute(delete(StoredClip).where(StoredClip.id == row.clip_id))
        path = self._named(row.clip_id)
        with store_errors(path):
            path.unlink(missing_ok=True)

    def keep_within(
        self,
        moment: datetime,
        *,
        budget_bytes: int | None = None,
        retention: timedelta | None = None,
    ) -> Pruned:
        """Delete clips that are too old, then as many as the budget asks for, then stray files.

        Those whose flags were all dismissed go first, then those that somebody has looked at, then
        the others; of each kind the oldest. A clip that nobody has looked at stays where the
        patient wrote to the therapist at the end of its sitting: it may be what the message is
        about. So a budget can be exceeded.

        Args:
            moment: The present, with its offset from UTC.
            budget_bytes: What all clips together may take; None is no limit.
            retention: How long a clip is kept; None is for ever.

        Raises:
            StoreError: The log or the folder cannot be read or written.
        """
        with self._database.reading() as reading:
            in_order = _deletion_order(reading)
        oldest = "" if retention is None else utc_stamp((moment - retention).isoformat())
        going = [row for row, may_go in in_order if may_go and row.clip.created_at < oldest]
        gone = {row.clip_id for row in going}
        total = sum(row.size_bytes for row, _ in in_order if row.clip_id not in gone)
        for row, may_go in in_order:
            if budget_bytes is None or total <= budget_bytes:
                break
            if may_go and row.clip_id not in gone:
                going.append(row)
                total -= row.size_bytes
        for row in going:
            self.delete(row)
        return Pruned(tuple(going), self._sweep(moment), total)

    def _sweep(self, moment: datetime) -> int:
        """Remove files that no row names and that nobody is writing; return how many."""
        known = {self._named(row.clip_id).name for row in self.rows()}
        swept = 0
        with store_errors(self._folder):
            if not self._folder.is_dir():
                return 0
            for path in self._folder.iterdir():
                ours = path.suffix == ".mp4" and path.is_file()
                if not ours or path.name in known:
                    continue
                if path.stat().st_mtime < (moment - STRAY_AFTER).timestamp():
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept

    def _insert(self, row: ClipRow) -> None:
        clip = row.clip
        with self._database.writing() as writing:
            owner = writing.scalar(
                select(StoredSession.key).where(StoredSession.id == row.session_id)
            )
            if owner is None:
                raise StoreError(f"No session {row.session_id!r} in the log: the clip is not kept.")
            there = select(StoredClip.key).where(
                StoredClip.session_key == owner, StoredClip.ordinal == clip.ordinal
            )
            if writing.scalar(there) is not None:
                raise StoreError(f"Session {row.session_id[:8]} has that clip already.")
            writing.add(
                StoredClip(
                    id=row.clip_id,
                    session_key=owner,
                    ordinal=clip.ordinal,
                    rep=clip.rep,
                    check_ids=list(clip.checks),
                    start_ms=clip.start_ms,
                    end_ms=clip.end_ms,
                    sha256=row.sha256,
                    size_bytes=row.size_bytes,
                    width_px=clip.width_px,
                    height_px=clip.height_px,
                    fps=clip.fps,
                    blurred=clip.blurred,
                    created_at=clip.created_at,
                )
            )

    def _named(self, clip_id: str) -> Path:
        if not _SAFE_ID.fullmatch(clip_id):
            raise ClipError(f"{clip_id!r} is no name of a clip: the log was changed by hand.")
        return self._folder / f"{clip_id}.mp4"


def _clips() -> Select[StoredClip, str]:
    return select(StoredClip, StoredSession.id).join(
        StoredSession, StoredClip.session_key == StoredSession.key
    )


def _row(stored: StoredClip, session_id: str) -> ClipRow:
    clip = NewClip(
        ordinal=stored.ordinal,
        rep=stored.rep,
        checks=tuple(stored.check_ids),
        start_ms=stored.start_ms,
        end_ms=stored.end_ms,
        width_px=stored.width_px,
        height_px=stored.height_px,
        fps=stored.fps,
        blurred=stored.blurred,
        created_at=stored.created_at,
    )
    return ClipRow(stored.id, session_id, clip, stored.sha256, stored.size_bytes)


def _deletion_order(session: Session) -> Sequence[tuple[ClipRow, bool]]:
    """Return all clips in the order they may go, each with whether it may go at all."""
    owners = select(StoredClip.session_key)
    said = holding(
        session.scalars(
            select(StoredVerdict)
            .where(StoredVerdict.session_key.in_(owners))
            .order_by(StoredVerdict.key)
        )
    )
    query = (
        select(StoredClip, StoredSession.id, StoredSitting.message)
        .join(StoredSession, StoredClip.session_key == StoredSession.key)
        .join(StoredSitting, StoredSession.sitting_key == StoredSitting.key, isouter=True)
        .order_by(StoredClip.created_at, StoredClip.key)
    )
    ranked = []
    for stored, session_id, message in session.execute(query):
        found = [
            said.get((stored.session_key, stored.ordinal, check)) for check in stored.check_ids
        ]
        reviewed = all(each in (Finding.CONFIRMED, Finding.DISMISSED) for each in found)
        dismissed = all(each is Finding.DISMISSED for each in found)
        rank = 0 if dismissed else 1 if reviewed else 2
        ranked.append((rank, _row(stored, session_id), reviewed or not message))
    ranked.sort(key=lambda item: item[0])
    return [(row, may_go) for _, row, may_go in ranked]


def _reach_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)  # Windows flushes what may be written only
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
