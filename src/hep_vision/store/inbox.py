"""What a therapist looks through: sittings and single recordings, newest first, a page at a time.

    rows = log.inbox.page(limit=20, offset=0)      # some statements, however long the log is
    log.inbox.verdicts_by_month()

Plain columns: five years of daily sittings are some two thousand rows, of which one page is shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from hep_vision.core.types import ReportKind, RepStatus, Severity, StopReason
from hep_vision.store.database import Database
from hep_vision.store.queries import batches, is_message_read
from hep_vision.store.records import SessionStatus, utc_stamp
from hep_vision.store.review_records import CheckPrecision, Finding
from hep_vision.store.schema import (
    StoredCorrection,
    StoredDeviation,
    StoredHold,
    StoredProgramVersion,
    StoredRep,
    StoredSelfReport,
    StoredSession,
    StoredSitting,
    StoredVerdict,
)


@dataclass(frozen=True, slots=True)
class SeenSet:
    """One set, or one recording, in totals.

    Attributes:
        session_id: Its session.
        exercise_id: What was done.
        started_at: When it began.
        status: How far it got.
        counted: Repetitions, or holds.
        corrected: What somebody says the right count is; None where nobody did.
        uncertain: Whether the second count doubts it and nobody has looked.
        flags: Of each check, in how many repetitions or holds it was seen.
        stopping: Of these checks, those that may harm.
    """

    session_id: str
    exercise_id: str
    started_at: str
    status: SessionStatus
    counted: int
    corrected: int | None
    uncertain: bool
    flags: dict[str, int]
    stopping: frozenset[str]


@dataclass(frozen=True, slots=True)
class SeenTime:
    """A sitting, or a recording that belongs to none.

    Attributes:
        sitting_id: The sitting; None for a recording.
        started_at: When it began.
        patient: Alias in the program it followed; None where it followed none.
        stop_reason: Why it was ended early, where that was said.
        message: For the therapist.
        message_read: Whether somebody read it as it is now.
        pain_after: The worst that was told after it.
        sets: In the order they were begun.
    """

    sitting_id: str | None
    started_at: str
    patient: str | None
    stop_reason: StopReason | None
    message: str | None
    message_read: bool
    pain_after: int | None
    sets: tuple[SeenSet, ...]


@dataclass(frozen=True, slots=True)
class MonthOfCheck:
    """The verdicts on one check in one month, by the day on which it was decided."""

    month: str
    verdicts: CheckPrecision


class InboxLog:
    """What there is to look through; got from `SessionLog.inbox`, usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """Return how many sittings and single recordings there are."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(_times().subquery())) or 0

    def page(self, limit: int, offset: int = 0) -> list[SeenTime]:
        """Return sittings and single recordings, newest first.

        Args:
            limit: How many.
            offset: How many newer ones to leave out.
        """
        times = _times().subquery()
        query = select(times).order_by(*_newest_first(times))
        with self._database.reading() as session:
            found = session.execute(query.limit(limit).offset(offset)).all()
            return _seen(session, [(row.sitting, row.session) for row in found])

    def alone_since(self, moment: str, *, sittings: bool) -> list[SeenTime]:
        """Return what began at a moment or later and follows no program, newest first.

        Args:
            moment: See `utc_stamp`.
            sittings: Also sittings; otherwise recordings that belong to none alone.
        """
        stamp = utc_stamp(moment)
        times = _times().subquery()
        query = select(times).where(times.c.started_at >= stamp, ~times.c.follows)
        if not sittings:
            query = query.where(times.c.sitting.is_(None))
        query = query.order_by(*_newest_first(times))
        with self._database.reading() as session:
            found = session.execute(query).all()
            return _seen(session, [(row.sitting, row.session) for row in found])

    def has_session(self, session_id: str) -> bool:
        """Return whether there is a session of this whole id."""
        return self._has(StoredSession.id == session_id)

    def has_sitting(self, sitting_id: str) -> bool:
        """Return whether there is a sitting of this whole id."""
        return self._has(StoredSitting.id == sitting_id)

    def sessions_of(self, exercise_id: str, limit: int) -> list[tuple[str, str]]:
        """Return ids and beginnings of the sessions of an exercise, newest first."""
        query = (
            select(StoredSession.id, StoredSession.started_at)
            .where(
                StoredSession.exercise_id == exercise_id,
                StoredSession.status != SessionStatus.RUNNING,
            )
            .order_by(StoredSession.started_at.desc(), StoredSession.key.desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            return [(row.id, row.started_at) for row in session.execute(query)]

    def exercises(self) -> list[tuple[str, int]]:
        """Return every exercise that was done, with its number of sessions, most often first."""
        number = func.count()
        query = (
            select(StoredSession.exercise_id, number)
            .group_by(StoredSession.exercise_id)
            .order_by(number.desc(), StoredSession.exercise_id)
        )
        with self._database.reading() as session:
            return [(exercise_id, count) for exercise_id, count in session.execute(query)]

    def verdicts_by_month(self) -> list[MonthOfCheck]:
        """Return how often each check was right, by the month in which somebody decided.

        Of several verdicts on one deviation the last holds, and it alone is counted.
        """
        last = (
            select(func.max(StoredVerdict.key))
            .group_by(StoredVerdict.session_key, StoredVerdict.ordinal, StoredVerdict.check_id)
            .scalar_subquery()
        )
        month = func.substr(StoredVerdict.decided_at, 1, 7)
        query = (
            select(
                month, StoredSession.exercise_id, StoredVerdict.check_id,
                StoredVerdict.finding, func.count(),
            )
            .join(StoredSession, StoredVerdict.session_key == StoredSession.key)
            .where(StoredVerdict.key.in_(last))
            .group_by(
                month, StoredSession.exercise_id, StoredVerdict.check_id, StoredVerdict.finding
            )
            .order_by(month, StoredSession.exercise_id, StoredVerdict.check_id)
        )  # fmt: skip
        found: dict[tuple[str, str, str], dict[Finding, int]] = defaultdict(dict)
        with self._database.reading() as session:
            for at, exercise_id, check_id, finding, count in session.execute(query):
                found[at, exercise_id, check_id][finding] = count
        return [
            MonthOfCheck(
                at,
                CheckPrecision(
                    exercise_id,
                    check_id,
                    counts.get(Finding.CONFIRMED, 0),
                    counts.get(Finding.DISMISSED, 0),
                    counts.get(Finding.UNSURE, 0),
                ),
            )
            for (at, exercise_id, check_id), counts in found.items()
        ]

    def _has(self, which: ColumnElement[bool]) -> bool:
        with self._database.reading() as session:
            return session.scalar(select(literal(1)).where(which)) is not None


def _newest_first(times: Any) -> tuple[Any, ...]:
    # Of a sitting and a recording with the same key and moment the recording comes first.
    return times.c.started_at.desc(), times.c.place.desc(), times.c.session.desc().nulls_last()


def _times() -> Any:
    nothing: ColumnElement[Any] = cast(null(), BigInteger)
    sittings = select(
        StoredSitting.started_at.label("started_at"),
        StoredSitting.key.label("place"),
        StoredSitting.key.label("sitting"),
        nothing.label("session"),
        StoredSitting.program_version_key.is_not(None).label("follows"),
    )
    recordings = select(
        StoredSession.started_at, StoredSession.key, nothing, StoredSession.key, false()
    ).where(StoredSession.sitting_key.is_(None))
    return union_all(sittings, recordings)


_MATTERS: Final = (Severity.WARN, Severity.STOP)


def _seen(session: Session, places: Sequence[tuple[int | None, int | None]]) -> list[SeenTime]:
    """Return times in the order of ``places``: the key of a sitting, or of a recording."""
    sittings = [sitting for sitting, _ in places if sitting is not None]
    recordings = [recording for _, recording in places if recording is not None]
    sets: dict[tuple[int | None, int | None], list[SeenSet]] = defaultdict(list)
    for key, which in (("sitting", sittings), ("recording", recordings)):
        for batch in batches(which):
            column = StoredSession.sitting_key if key == "sitting" else StoredSession.key
            for owner, one in _sets(session, column, batch):
                sets[(owner, None) if key == "sitting" else (None, owner)].append(one)
    heads = {row.key: row for batch in batches(sittings) for row in session.execute(_heads(batch))}
    pain = dict(_pain(session, sittings))
    found = []
    for place in places:
        head = heads.get(place[0])
        own = tuple(sets[place])
        found.append(
            SeenTime(None, own[0].started_at, None, None, None, False, None, own)
            if head is None
            else SeenTime(
                head.id, head.started_at, head.patient, head.stop_reason, head.message,
                head.message_read, pain.get(head.key), own,
            )
        )  # fmt: skip
    return found


def _heads(keys: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            StoredSitting.key,
            StoredSitting.id,
            StoredSitting.started_at,
            StoredSitting.stop_reason,
            StoredSitting.message,
            is_message_read().label("message_read"),
            StoredProgramVersion.patient,
        )
        .join(
            StoredProgramVersion,
            StoredSitting.program_version_key == StoredProgramVersion.key,
            isouter=True,
        )
        .where(StoredSitting.key.in_(keys))
    )


def _pain(session: Session, keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    told = StoredSelfReport
    for batch in batches(keys):
        query = (
            select(told.sitting_key, told.exercise_id, told.value)
            .where(told.sitting_key.in_(batch), told.kind == ReportKind.PAIN_AFTER)
            .order_by(told.key)
        )
        last = {(row.sitting_key, row.exercise_id): row.value for row in session.execute(query)}
        worst: dict[int, int] = {}
        for (key, _), value in last.items():
            worst[key] = max(value, worst.get(key, 0))
        yield from worst.items()


def _sets(session: Session, owner: Any, keys: Sequence[int]) -> Iterator[tuple[int, SeenSet]]:
    corrected = (
        select(StoredCorrection.count)
        .where(StoredCorrection.session_key == StoredSession.key)
        .order_by(StoredCorrection.key.desc())
        .limit(1)
        .correlate(StoredSession)
        .scalar_subquery()
    )
    query = (
        select(
            owner.label("owner"),
            StoredSession.key,
            StoredSession.id,
            StoredSession.exercise_id,
            StoredSession.started_at,
            StoredSession.status,
            StoredSession.uncertain,
            corrected.label("corrected"),
        )
        .where(owner.in_(keys))
        .order_by(StoredSession.key)
    )
    rows = session.execute(query).all()
    counted, flags, stopping = _found(session, [row.key for row in rows])
    for row in rows:
        yield (
            row.owner,
            SeenSet(
                row.id,
                row.exercise_id,
                row.started_at,
                row.status,
                counted.get(row.key, 0),
                row.corrected,
                bool(row.uncertain) and row.corrected is None,
                flags.get(row.key, {}),
                frozenset(stopping.get(row.key, ())),
            ),
        )


def _found(
    session: Session, keys: Sequence[int]
) -> tuple[dict[int, int], dict[int, dict[str, int]], dict[int, set[str]]]:
    """Return counts, flags with their numbers, and the flags that may harm, by session key."""
    counted: dict[int, int] = defaultdict(int)
    flags: dict[int, dict[str, int]] = defaultdict(dict)
    stopping: dict[int, set[str]] = defaultdict(set)
    for batch in batches(keys):
        for key, number in _counts(session, batch):
            counted[key] += number
        for key, check, severity, number in _flags(session, batch):
            flags[key][check] = flags[key].get(check, 0) + number
            if severity is Severity.STOP:
                stopping[key].add(check)
    return counted, flags, stopping


def _counts(session: Session, keys: Sequence[int]) -> Iterable[Any]:
    for table, counts in (
        (StoredRep, StoredRep.status == RepStatus.COUNTED),
        (StoredHold, StoredHold.counted_ms > 0),
    ):
        yield from session.execute(
            select(table.session_key, func.count())
            .where(table.session_key.in_(keys), counts)
            .group_by(table.session_key)
        )


def _flags(session: Session, keys: Sequence[int]) -> Iterable[Any]:
    found = StoredDeviation
    for table, owner in ((StoredRep, found.rep_key), (StoredHold, found.hold_key)):
        yield from session.execute(
            select(table.session_key, found.id, found.severity, func.count(table.key.distinct()))
            .join(found, owner == table.key)
            .where(and_(table.session_key.in_(keys), found.severity.in_(_MATTERS)))
            .group_by(table.session_key, found.id, found.severity)
            .order_by(table.session_key, found.id, found.severity)
        )
