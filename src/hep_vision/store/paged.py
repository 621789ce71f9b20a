"""The log a page at a time, newest first, for what asks again and again.

    page = log.paged.sessions(Which(exercise_id="squat"), 50)
    page = log.paged.sessions(Which(exercise_id="squat"), 50, page.last)

A page goes on behind the place at which the one before ended, not behind a number of lines. So what
is logged in between is never seen twice, and nothing is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, select, tuple_
from sqlalchemy.orm import Session, selectinload

from hep_vision.store.database import Database
from hep_vision.store.mapping import sitting_row
from hep_vision.store.queries import newest_first, session_rows
from hep_vision.store.records import (
    LoggedSet,
    SessionDetail,
    SessionRow,
    SessionStatus,
    SittingRow,
)
from hep_vision.store.schema import StoredProgramVersion, StoredSession, StoredSitting

_Row = TypeVar("_Row")
_Table = type[StoredSession] | type[StoredSitting]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the moment at which its last line began, and its key."""

    started_at: str
    key: int


@dataclass(frozen=True, slots=True)
class Page(Generic[_Row]):
    """Lines of the log.

    Attributes:
        rows: Newest first.
        last: Where they end; None where nothing older is left.
    """

    rows: tuple[_Row, ...]
    last: Place | None


@dataclass(frozen=True, slots=True)
class Which:
    """What is wanted; None wants all.

    Attributes:
        exercise_id: Id of the exercise; of sessions only.
        status: How far it got.
        since: Begun at this moment or later; see `utc_stamp`.
        before: Begun earlier than this moment; likewise.
        program_id: Done by a version of this program.
        sitting_id: Sets of this sitting; of sessions only.
    """

    exercise_id: str | None = None
    status: SessionStatus | None = None
    since: str | None = None
    before: str | None = None
    program_id: str | None = None
    sitting_id: str | None = None


@dataclass(frozen=True, slots=True)
class SittingLine:
    """A sitting, of whose sets it is only said which they are and how far they got."""

    row: SittingRow
    sets: tuple[LoggedSet, ...]


class PagedLog:
    """The log a page at a time; got from `SessionLog.paged`, and usable as long as that."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        load: Callable[[Session, ColumnElement[bool]], list[SessionDetail]],
    ) -> None:
        self._database = database
        self._folder = folder
        self._load = load

    def sessions(self, which: Which, limit: int, after: Place | None = None) -> Page[SessionRow]:
        """Return sessions with their totals, those that began last first.

        Args:
            which: Which of them.
            limit: How many at most.
            after: Where the page before ended; None begins with the newest.
        """
        query = newest_first(StoredSession).where(*_wanted(StoredSession, which, after))
        if which.exercise_id is not None:
            query = query.where(StoredSession.exercise_id == which.exercise_id)
        if which.sitting_id is not None:
            key = select(StoredSitting.key).where(StoredSitting.id == which.sitting_id)
            query = query.where(StoredSession.sitting_key == key.scalar_subquery())
        query = query.options(selectinload(StoredSession.corrections)).limit(limit + 1)
        with self._database.reading() as session:
            found = session.scalars(query).all()
            rows = session_rows(session, found[:limit], self._folder)
        return Page(tuple(rows), _last(found, limit))

    def session(self, session_id: str, program_id: str | None = None) -> SessionDetail | None:
        """Return the session with this whole id; None where there is none.

        Args:
            session_id: Its id.
            program_id: Only if it was done by this program.
        """
        conditions = [StoredSession.id == session_id]
        if program_id is not None:
            conditions.append(done_by(StoredSession, program_id))
        with self._database.reading() as session:
            key = session.scalar(select(StoredSession.key).where(*conditions))
            found = [] if key is None else self._load(session, StoredSession.key == key)
        return found[0] if found else None

    def sittings(self, which: Which, limit: int, after: Place | None = None) -> Page[SittingLine]:
        """Return sittings, those that began last first; arguments as for `sessions`."""
        query = newest_first(StoredSitting).where(*_wanted(StoredSitting, which, after))
        told = selectinload(StoredSitting.reports), selectinload(StoredSitting.readings)
        query = query.options(*told).limit(limit + 1)
        with self._database.reading() as session:
            found = session.scalars(query).all()
            sets = _sets(session, [one.key for one in found[:limit]])
            rows = tuple(
                SittingLine(sitting_row(one, ()), tuple(sets[one.key])) for one in found[:limit]
            )
        return Page(rows, _last(found, limit))

    def has_sitting(self, sitting_id: str, program_id: str | None = None) -> bool:
        """Return whether there is a sitting with this whole id; arguments as for `session`."""
        conditions = [StoredSitting.id == sitting_id]
        if program_id is not None:
            conditions.append(done_by(StoredSitting, program_id))
        with self._database.reading() as session:
            return session.scalar(select(StoredSitting.key).where(*conditions)) is not None


def _wanted(table: _Table, which: Which, after: Place | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.status is not None:
        conditions.append(table.status == which.status)
    if which.since is not None:
        conditions.append(table.started_at >= which.since)
    if which.before is not None:
        conditions.append(table.started_at < which.before)
    if which.program_id is not None:
        conditions.append(done_by(table, which.program_id))
    if after is not None:
        conditions.append(tuple_(table.started_at, table.key) < (after.started_at, after.key))
    return conditions


def done_by(table: _Table, program_id: str) -> ColumnElement[bool]:
    """Tell of a session or a sitting whether it was done by a version of this program."""
    # A question to each line, not a list of all lines of the program: a page is a few of them, and
    # the newest are found in their order.
    version = select(StoredProgramVersion.key).where(
        StoredProgramVersion.program_id == program_id,
        StoredProgramVersion.key == StoredSitting.program_version_key,
    )
    if table is StoredSitting:
        return exists(version.correlate(StoredSitting))
    mine = select(StoredSitting.key).where(
        StoredSitting.key == StoredSession.sitting_key, exists(version.correlate(StoredSitting))
    )
    return exists(mine.correlate(StoredSession))


def _sets(session: Session, keys: Sequence[int]) -> dict[int, list[LoggedSet]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            StoredSession.sitting_key,
            StoredSession.exercise_id,
            StoredSession.side,
            StoredSession.started_at,
            StoredSession.status,
            StoredSession.set_number,
            StoredSession.id,
        )
        .where(StoredSession.sitting_key.in_(keys))
        .order_by(StoredSession.key)
    )
    found: dict[int, list[LoggedSet]] = defaultdict(list)
    for sitting_key, *one in session.execute(query):
        found[sitting_key].append(LoggedSet(*one))
    return found


def _last(found: Sequence[StoredSession] | Sequence[StoredSitting], limit: int) -> Place | None:
    if len(found) <= limit:
        return None
    return Place(found[limit - 1].started_at, found[limit - 1].key)
