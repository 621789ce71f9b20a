"""What people say of deviations that were flagged, and how often each check was right by that.

    log.verdicts.decide(session_id, Verdict(4, "trunk_lean", Finding.DISMISSED, now))
    for each in log.verdicts.precision():
        print(each.check_id, each.precision)

Every verdict is kept; of several on one deviation the one entered last holds.
"""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hep_vision.errors import StoreError
from hep_vision.store.database import Database
from hep_vision.store.queries import find_id
from hep_vision.store.review_records import CheckPrecision, Finding, Verdict
from hep_vision.store.schema import (
    StoredDeviation,
    StoredHold,
    StoredRep,
    StoredSession,
    StoredVerdict,
)


class VerdictLog:
    """The verdicts of one log; got from `SessionLog.verdicts`, and usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, session: str, verdict: Verdict) -> None:
        """Enter what a person says; what was said before stays.

        Args:
            session: Id of the session, or enough of its beginning.
            verdict: What is said, of which deviation.

        Raises:
            StoreError: There is no such session or deviation.
        """
        with self._database.writing() as writing:
            found = find_id(writing, StoredSession, session)
            key = writing.scalars(select(StoredSession.key).where(StoredSession.id == found)).one()
            if not _is_flagged(writing, key, verdict):
                raise StoreError(
                    f"Session {found[:8]} has no flag {verdict.check_id!r} there: see what was "
                    f"flagged with: hep-vision log show {found[:8]}."
                )
            writing.add(
                StoredVerdict(
                    session_key=key,
                    ordinal=verdict.ordinal,
                    check_id=verdict.check_id,
                    finding=verdict.finding,
                    note=verdict.note,
                    decided_at=verdict.decided_at,
                )
            )

    def of_session(self, session: str) -> list[Verdict]:
        """Return all that was said of a session, in the order it was entered.

        Raises:
            StoreError: There is no such session, or more than one.
        """
        with self._database.reading() as reading:
            found = find_id(reading, StoredSession, session)
            query = (
                select(StoredVerdict)
                .join(StoredSession, StoredVerdict.session_key == StoredSession.key)
                .where(StoredSession.id == found)
                .order_by(StoredVerdict.key)
            )
            return [
                Verdict(row.ordinal, row.check_id, row.finding, row.decided_at, row.note)
                for row in reading.scalars(query)
            ]

    def precision(self, exercise_id: str | None = None) -> list[CheckPrecision]:
        """Return how often each check was right, by exercise and check.

        Args:
            exercise_id: Only of this exercise; None returns all.
        """
        query = (
            select(StoredVerdict, StoredSession.exercise_id)
            .join(StoredSession, StoredVerdict.session_key == StoredSession.key)
            .order_by(StoredVerdict.key)
        )
        if exercise_id is not None:
            query = query.where(StoredSession.exercise_id == exercise_id)
        with self._database.reading() as reading:
            found = reading.execute(query).all()
        exercise_of = {row.session_key: exercise for row, exercise in found}
        counts: dict[tuple[str, str], Counter[Finding]] = {}
        for (session_key, _, check), finding in holding(row for row, _ in found).items():
            counts.setdefault((exercise_of[session_key], check), Counter())[finding] += 1
        return [
            CheckPrecision(
                *which,
                confirmed=count[Finding.CONFIRMED],
                dismissed=count[Finding.DISMISSED],
                unsure=count[Finding.UNSURE],
            )
            for which, count in sorted(counts.items())
        ]


def holding(rows: Iterable[StoredVerdict]) -> dict[tuple[int, int, str], Finding]:
    """Return what holds of each deviation: session key, ordinal and check.

    Args:
        rows: Verdicts in the order they were entered.
    """
    return {(row.session_key, row.ordinal, row.check_id): row.finding for row in rows}


def _is_flagged(session: Session, key: int, verdict: Verdict) -> bool:
    return any(
        session.scalar(
            select(StoredDeviation.key)
            .join(table, owner == table.key)
            .where(
                table.session_key == key,
                table.ordinal == verdict.ordinal,
                StoredDeviation.id == verdict.check_id,
            )
            .limit(1)
        )
        is not None
        for table, owner in (
            (StoredRep, StoredDeviation.rep_key),
            (StoredHold, StoredDeviation.hold_key),
        )
    )
