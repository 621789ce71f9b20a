"""What a therapist has to see first, read from the log in a few statements.

Plain columns instead of whole rows: five years of daily sittings are some hundred thousand
repetitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from hep_vision.core.types import RepStatus, Severity, StopReason
from hep_vision.store.database import Database
from hep_vision.store.queries import is_message_read
from hep_vision.store.records import ProgramRef, SelfReport, utc_stamp
from hep_vision.store.schema import (
    StoredCorrection,
    StoredDeviation,
    StoredHold,
    StoredProgramVersion,
    StoredRep,
    StoredSelfReport,
    StoredSession,
    StoredSitting,
)


@dataclass(frozen=True, slots=True)
class SeenDeviation:
    """How often one form deviation was seen in an exercise of a sitting.

    Attributes:
        check_id: Which deviation.
        severity: How much it matters.
        counted: Counted repetitions, and holds, that had it.
        total: Repetitions of every status, and holds, that had it.
    """

    check_id: str
    severity: Severity
    counted: int
    total: int


@dataclass(frozen=True, slots=True)
class SeenExercise:
    """One exercise of a sitting, over all its sets.

    Attributes:
        exercise_id: Which.
        counted: Counted repetitions, and holds.
        doubtful: Sets of which the count is uncertain and nobody has looked yet.
        deviations: The form deviations seen.
    """

    exercise_id: str
    counted: int = 0
    doubtful: int = 0
    deviations: tuple[SeenDeviation, ...] = ()


@dataclass(frozen=True, slots=True)
class FeltSitting:
    """A sitting with what the patient said, and what was seen of each exercise.

    ``message`` is None also where somebody read it.
    """

    sitting_id: str
    started_at: str
    program: ProgramRef | None
    stop_reason: StopReason | None
    message: str | None
    reports: tuple[SelfReport, ...]
    exercises: tuple[SeenExercise, ...]


class FeelingLog:
    """How exercising felt; got from `SessionLog.feelings`, and usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, moment: str, program_id: str | None = None) -> list[FeltSitting]:
        """Return the sittings that began at a moment or later, in their order.

        Args:
            moment: See `utc_stamp`.
            program_id: Only those done by a version of this program; None takes all.

        Raises:
            StoreError: The log cannot be read.
        """
        within = StoredSitting.started_at >= utc_stamp(moment)
        if program_id is not None:
            of_program = select(StoredProgramVersion.key).where(
                StoredProgramVersion.program_id == program_id
            )
            within = and_(within, StoredSitting.program_version_key.in_(of_program))
        with self._database.reading() as session:
            reports = _reports(session, within)
            exercises = _exercises(session, within)
            return [
                FeltSitting(
                    row.id,
                    row.started_at,
                    None if row.program_id is None else ProgramRef(row.program_id, row.number),
                    row.stop_reason,
                    row.message,
                    tuple(reports.get(row.key, ())),
                    tuple(exercises.get(row.key, ())),
                )
                for row in session.execute(_sittings(within))
            ]


_KEY: Final = StoredSession.sitting_key
_EXERCISE: Final = StoredSession.exercise_id


def _sittings(within: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            StoredSitting.key,
            StoredSitting.id,
            StoredSitting.started_at,
            StoredSitting.stop_reason,
            case((~is_message_read(), StoredSitting.message)).label("message"),
            StoredProgramVersion.program_id,
            StoredProgramVersion.number,
        )
        .outerjoin(
            StoredProgramVersion, StoredSitting.program_version_key == StoredProgramVersion.key
        )
        .where(within)
        .order_by(StoredSitting.started_at, StoredSitting.key)
    )


def _reports(session: Session, within: ColumnElement[bool]) -> dict[int, list[SelfReport]]:
    told = StoredSelfReport
    query = (
        select(told.sitting_key, told.kind, told.value, told.reported_at, told.exercise_id)
        .join(StoredSitting, told.sitting_key == StoredSitting.key)
        .where(within)
        .order_by(told.key)
    )
    found: dict[int, list[SelfReport]] = {}
    for key, kind, value, at, exercise in session.execute(query):
        found.setdefault(key, []).append(SelfReport(kind, value, at, exercise))
    return found


def _exercises(session: Session, within: ColumnElement[bool]) -> dict[int, list[SeenExercise]]:
    counted: dict[tuple[int, str], int] = {}
    for query in _counted(within):
        for key, exercise, count in session.execute(query):
            counted[key, exercise] = counted.get((key, exercise), 0) + count
    seen: dict[tuple[int, str], list[SeenDeviation]] = {}
    for query in _deviations(within):
        for key, exercise, *values in session.execute(query):
            seen.setdefault((key, exercise), []).append(SeenDeviation(*values))
    found: dict[int, list[SeenExercise]] = {}
    for key, exercise, doubtful in session.execute(_sets(within)):
        found.setdefault(key, []).append(
            SeenExercise(
                exercise,
                counted.get((key, exercise), 0),
                doubtful,
                tuple(seen.get((key, exercise), ())),
            )
        )
    return found


def _sets(within: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    looked_at = select(StoredCorrection.session_key)
    doubtful = and_(StoredSession.uncertain.is_(True), StoredSession.key.not_in(looked_at))
    return (
        select(_KEY, _EXERCISE, func.count().filter(doubtful))
        .join(StoredSitting, StoredSitting.key == _KEY)
        .where(within)
        .group_by(_KEY, _EXERCISE)
        .order_by(func.min(StoredSession.key))
    )


def _counted(within: ColumnElement[bool]) -> Iterator[Select[*tuple[Any, ...]]]:
    for table, counts in (
        (StoredRep, StoredRep.status == RepStatus.COUNTED),
        (StoredHold, StoredHold.counted_ms > 0),
    ):
        yield (
            select(_KEY, _EXERCISE, func.count())
            .join(StoredSitting, StoredSitting.key == _KEY)
            .join(table, table.session_key == StoredSession.key)
            .where(within, counts)
            .group_by(_KEY, _EXERCISE)
        )


def _deviations(within: ColumnElement[bool]) -> Iterator[Select[*tuple[Any, ...]]]:
    found = StoredDeviation
    for table, owner, counts in (
        (StoredRep, found.rep_key, StoredRep.status == RepStatus.COUNTED),
        (StoredHold, found.hold_key, StoredHold.counted_ms > 0),
    ):
        yield (
            select(
                _KEY,
                _EXERCISE,
                found.id,
                found.severity,
                func.count(table.key.distinct()).filter(counts),
                func.count(table.key.distinct()),
            )
            .join(StoredSitting, StoredSitting.key == _KEY)
            .join(table, table.session_key == StoredSession.key)
            .join(found, owner == table.key)
            .where(within)
            .group_by(_KEY, _EXERCISE, found.id, found.severity)
            .order_by(_KEY, _EXERCISE, found.id, found.severity)
        )
