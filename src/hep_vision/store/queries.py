"""The questions to the tables that reading the log has in common."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FunctionFilter,
    Select,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from hep_vision.core.types import RepStatus, Side
from hep_vision.errors import StoreError
from hep_vision.store.mapping import session_row
from hep_vision.store.records import SessionCounts, SessionRow, SessionStatus
from hep_vision.store.schema import (
    StoredDeviation,
    StoredHold,
    StoredMessageReading,
    StoredRep,
    StoredSession,
    StoredSitting,
)

_BATCH: Final = 100
_LAST_CHARACTER: Final = "\U0010ffff"
_Found = TypeVar("_Found", StoredSession, StoredSitting)


def newest_sessions_first(
    exercise_id: str | None = None, status: SessionStatus | None = None
) -> Select[StoredSession]:
    """Select sessions, of this exercise and this status where they are given."""
    query = newest_first(StoredSession)
    if exercise_id is not None:
        query = query.where(StoredSession.exercise_id == exercise_id)
    if status is not None:
        query = query.where(StoredSession.status == status)
    return query


def newest_first(table: type[_Found]) -> Select[_Found]:
    """Select all of ``table``, those that began last first."""
    return select(table).order_by(table.started_at.desc(), table.key.desc())


def find_id(session: Session, table: type[_Found], id_or_prefix: str) -> str:
    """Return the id in ``table`` that is, or alone begins with, ``id_or_prefix``.

    Raises:
        StoreError: There is none, or more than one; the message names some.
    """
    exact = session.scalar(select(table.id).where(table.id == id_or_prefix))
    if exact is not None:
        return exact
    newest_ids = newest_first(table).with_only_columns(table.id)
    found = session.scalars(newest_ids.where(begins_with(table.id, id_or_prefix)).limit(4)).all()
    if len(found) != 1:
        newest = session.scalar(newest_ids.limit(1))
        raise StoreError(_which(table.__tablename__, id_or_prefix, found, newest))
    return found[0]


def begins_with(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a text begins with another, as written or in small letters.

    Bounds instead of LIKE, which is a question to the index in every database, and of which no
    database has its own opinion about capital letters.
    """
    return or_(
        *(
            and_(column >= start, column < start + _LAST_CHARACTER)
            for start in dict.fromkeys((prefix, prefix.lower()))
        )
    )


def total(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Return the sum of whole numbers as a whole number: some databases make it a decimal."""
    return cast(func.sum(column), BigInteger)


def sitting_key(session: Session, sitting_id: str) -> int:
    """Return the key of the sitting with this whole id.

    Raises:
        StoreError: There is none.
    """
    key = session.scalar(select(StoredSitting.key).where(StoredSitting.id == sitting_id))
    if key is None:
        raise StoreError(f"No sitting {sitting_id!r} in the log: begin one, or take its whole id.")
    return key


def is_message_read() -> ColumnElement[bool]:
    """Tell of a sitting whether somebody read its message as it is now."""
    return exists(
        select(StoredMessageReading.key)
        .where(
            StoredMessageReading.sitting_key == StoredSitting.key,
            StoredMessageReading.message == StoredSitting.message,
        )
        .correlate(StoredSitting)
    )


def _which(noun: str, wanted: str, found: Sequence[str], newest: str | None) -> str:
    if newest is None:
        none = "the log is empty" if noun == StoredSession.__tablename__ else "none is logged yet"
        return f"No {noun} {wanted!r}: {none}."
    if not found:
        return f"No {noun} begins with {wanted!r}: the newest is {newest}."
    some = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
    return f"More than one {noun} begins with {wanted!r}: give more of {some}."


def session_rows(
    session: Session, found: Sequence[StoredSession], folder: Path
) -> list[SessionRow]:
    """Return sessions with their totals, as lines of the log that lies in ``folder``."""
    counts = _counts(session, [stored.key for stored in found])
    return [session_row(stored, counts[stored.key], folder) for stored in found]


def batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ``keys`` in parts that one statement can ask for."""
    for start in range(0, len(keys), _BATCH):  # SQLite bounds the parameters of a statement
        yield keys[start : start + _BATCH]


def counted_by_side(session: Session, keys: Sequence[int]) -> dict[int, dict[Side, int]]:
    """Return the counted repetitions of sessions by side, without sides that have none."""
    found: dict[int, dict[Side, int]] = {}
    for batch in batches(keys):
        query = (
            select(StoredRep.session_key, StoredRep.side, func.count())
            .where(StoredRep.session_key.in_(batch), StoredRep.status == RepStatus.COUNTED)
            .group_by(StoredRep.session_key, StoredRep.side)
            .order_by(StoredRep.session_key, StoredRep.side)
        )
        for key, side, count in session.execute(query):
            found.setdefault(key, {})[side] = count
    return found


def holds_by_side(session: Session, keys: Sequence[int]) -> dict[int, list[tuple[Side, int]]]:
    """Return side and counted time of the holds of sessions, in their order."""
    found: dict[int, list[tuple[Side, int]]] = {}
    for batch in batches(keys):
        query = (
            select(StoredHold.session_key, StoredHold.side, StoredHold.counted_ms)
            .where(StoredHold.session_key.in_(batch))
            .order_by(StoredHold.ordinal)
        )
        for key, side, counted_ms in session.execute(query):
            found.setdefault(key, []).append((side, counted_ms))
    return found


def _counts(session: Session, keys: Sequence[int]) -> dict[int, SessionCounts]:
    counts = dict.fromkeys(keys, SessionCounts())
    for batch in batches(keys):
        for key, *totals in session.execute(_rep_totals(batch)):
            counts[key] = SessionCounts(*totals)
        for key, flagged in session.execute(_flagged(batch)):
            counts[key] = dataclasses.replace(counts[key], flagged=flagged)
        for key, holds, held_ms in session.execute(_hold_totals(batch)):
            counts[key] = dataclasses.replace(counts[key], holds=holds, held_ms=held_ms)
    return counts


def _rep_totals(keys: Sequence[int]) -> Select[*tuple[Any, ...]]:
    def reps(*conditions: ColumnElement[bool]) -> FunctionFilter[int]:
        return func.count().filter(*conditions)

    counted = StoredRep.status == RepStatus.COUNTED
    return (
        select(  # in the order of the fields of SessionCounts
            StoredRep.session_key,
            reps(counted),
            reps(StoredRep.status == RepStatus.PARTIAL),
            reps(StoredRep.status == RepStatus.REJECTED),
            reps(StoredRep.status == RepStatus.OPEN),
            reps(counted, StoredRep.side == Side.LEFT),
            reps(counted, StoredRep.side == Side.RIGHT),
            reps(counted, StoredRep.side == Side.BOTH),
        )
        .where(StoredRep.session_key.in_(keys))
        .group_by(StoredRep.session_key)
    )


def _flagged(keys: Sequence[int]) -> Select[*tuple[Any, ...]]:
    # By itself: whether there are deviations of each repetition is asked of the whole table by a
    # database that thinks it does many at once.
    return (
        select(StoredRep.session_key, func.count(StoredRep.key.distinct()))
        .join(StoredDeviation, StoredDeviation.rep_key == StoredRep.key)
        .where(StoredRep.session_key.in_(keys), StoredRep.status == RepStatus.COUNTED)
        .group_by(StoredRep.session_key)
    )


def _hold_totals(keys: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(StoredHold.session_key, func.count(), total(StoredHold.counted_ms))
        .where(StoredHold.session_key.in_(keys))
        .group_by(StoredHold.session_key)
    )
