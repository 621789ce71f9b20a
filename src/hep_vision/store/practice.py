"""What was practised, in totals: what progress and adherence are worked out from, fast over years.

    with SessionLog.open(data_dir(None, environ)) as log:
        sets = log.practice.sets(program_id, since="2026-09-01T00:00:00Z")
        said = log.practice.said(program_id)

Totals follow from the rows of the log whenever they are asked for. The database adds them up: five
years of daily sessions are some 200,000 repetitions, of which the few best of each set leave it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, literal, select

from hep_vision.core.targets import Targets
from hep_vision.core.types import RepStatus, Severity
from hep_vision.program.performed import BEST_REPS, Felt, PerformedSet, SideRange
from hep_vision.store.database import Database
from hep_vision.store.queries import total
from hep_vision.store.records import SessionStatus, utc_stamp
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

_MATTERS: Final = (Severity.WARN, Severity.STOP)


class PracticeLog:
    """What was practised; got from `SessionLog.practice`, and usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sets(
        self,
        program_id: str | None = None,
        *,
        since: str | None = None,
        exercise_id: str | None = None,
    ) -> list[PerformedSet]:
        """Return sets in the order they were begun, without those under way.

        Args:
            program_id: Those done by any version of this program; None returns all of the log.
            since: Only those begun at this moment or later; see `utc_stamp`.
            exercise_id: Only those of this exercise.
        """
        which = sessions_of(program_id, since, exercise_id)
        with self._database.reading() as session:
            found = session.execute(_sessions(which)).all()
            totals: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
            for query in (_rep_totals(which), _hold_totals(which)):
                for row in session.execute(query):
                    totals[row.session_key].append(row)
            flags: dict[int, dict[str, int]] = defaultdict(dict)
            for table, owner in ((StoredRep, _REP_OWNER), (StoredHold, _HOLD_OWNER)):
                for key, check, count in session.execute(_flags(table, owner, which)):
                    flags[key][check] = flags[key].get(check, 0) + count
            peaks: dict[int, dict[Any, list[tuple[float, float]]]] = defaultdict(dict)
            for key, side, peak, uncertainty in session.execute(_best_peaks(which)):
                peaks[key].setdefault(side, []).append((peak, uncertainty))
        return [_performed(row, totals[row.key], flags[row.key], peaks[row.key]) for row in found]

    def said(self, program_id: str | None = None, *, since: str | None = None) -> list[Felt]:
        """Return what the patient said of pain and effort, in the order of the sittings.

        Of several answers to one question the last holds, and it alone is returned.

        Args:
            program_id: As for `sets`.
            since: Only of sittings begun at this moment or later.
        """
        query = (
            select(
                StoredSitting.id,
                StoredSitting.started_at,
                StoredSelfReport.kind,
                StoredSelfReport.exercise_id,
                StoredSelfReport.value,
            )
            .join(StoredSelfReport, StoredSelfReport.sitting_key == StoredSitting.key)
            .order_by(StoredSitting.started_at, StoredSitting.key, StoredSelfReport.key)
        )
        if program_id is not None:
            query = query.where(StoredSitting.program_version_key.in_(versions_of(program_id)))
        if since is not None:
            query = query.where(StoredSitting.started_at >= utc_stamp(since))
        with self._database.reading() as session:
            last = {
                (sitting_id, kind, exercise_id): Felt(
                    datetime.fromisoformat(started_at), kind, value, sitting_id, exercise_id
                )
                for sitting_id, started_at, kind, exercise_id, value in session.execute(query)
            }
        return list(last.values())


_REP_OWNER: Final = StoredDeviation.rep_key == StoredRep.key
_HOLD_OWNER: Final = StoredDeviation.hold_key == StoredHold.key
_COUNTED: Final = StoredRep.status == RepStatus.COUNTED


def versions_of(program_id: str) -> Select[int]:
    """Select the keys of all versions of a program."""
    return select(StoredProgramVersion.key).where(StoredProgramVersion.program_id == program_id)


def sessions_of(
    program_id: str | None, since: str | None, exercise_id: str | None = None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a session; see `PracticeLog.sets`."""
    conditions = [StoredSession.status != SessionStatus.RUNNING]
    if program_id is not None:
        mine = select(StoredSitting.key).where(
            StoredSitting.program_version_key.in_(versions_of(program_id))
        )
        conditions.append(StoredSession.sitting_key.in_(mine))
    if since is not None:
        conditions.append(StoredSession.started_at >= utc_stamp(since))
    if exercise_id is not None:
        conditions.append(StoredSession.exercise_id == exercise_id)
    return tuple(conditions)


def _sessions(which: tuple[ColumnElement[bool], ...]) -> Select[*tuple[Any, ...]]:
    newest = (
        select(StoredCorrection.count)
        .where(StoredCorrection.session_key == StoredSession.key)
        .order_by(StoredCorrection.key.desc())
        .limit(1)
        .correlate(StoredSession)
        .scalar_subquery()
    )
    return (
        select(
            StoredSession.key,
            StoredSession.id,
            StoredSession.exercise_id,
            StoredSession.side,
            StoredSession.started_at,
            StoredSession.status,
            StoredSession.view,
            StoredSession.view_ok,
            StoredSession.targets,
            StoredSession.uncertain,
            StoredSession.set_number,
            StoredSitting.id.label("sitting_id"),
            StoredProgramVersion.number.label("version"),
            newest.label("corrected"),
        )
        .join(StoredSitting, StoredSession.sitting_key == StoredSitting.key, isouter=True)
        .join(
            StoredProgramVersion,
            StoredSitting.program_version_key == StoredProgramVersion.key,
            isouter=True,
        )
        .where(*which)
        .order_by(StoredSession.started_at, StoredSession.key)
    )


def _rep_totals(which: tuple[ColumnElement[bool], ...]) -> Select[*tuple[Any, ...]]:
    faulty = exists().where(_REP_OWNER, StoredDeviation.severity.in_(_MATTERS))
    tried = StoredRep.status.in_((RepStatus.COUNTED, RepStatus.PARTIAL))
    return (
        select(
            StoredRep.session_key,
            StoredRep.side,
            literal(0).label("held_ms"),
            _number_of(tried).label("tried"),
            _number_of(_COUNTED).label("counted"),
            _number_of(and_(_COUNTED, ~faulty)).label("clean"),
        )
        .join(StoredSession, StoredRep.session_key == StoredSession.key)
        .where(*which)
        .group_by(StoredRep.session_key, StoredRep.side)
        .order_by(StoredRep.session_key, StoredRep.side)
    )


def _hold_totals(which: tuple[ColumnElement[bool], ...]) -> Select[*tuple[Any, ...]]:
    faulty = exists().where(_HOLD_OWNER, StoredDeviation.severity.in_(_MATTERS))
    return (
        select(
            StoredHold.session_key,
            StoredHold.side,
            total(StoredHold.counted_ms).label("held_ms"),
            func.count().label("tried"),
            func.count().label("counted"),
            _number_of(~faulty).label("clean"),
        )
        .join(StoredSession, StoredHold.session_key == StoredSession.key)
        .where(*which)
        .group_by(StoredHold.session_key, StoredHold.side)
        .order_by(StoredHold.session_key, StoredHold.side)
    )


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _flags(
    table: type[StoredRep] | type[StoredHold],
    owner: ColumnElement[bool],
    which: tuple[ColumnElement[bool], ...],
) -> Select[*tuple[Any, ...]]:
    query = (
        select(table.session_key, StoredDeviation.id, func.count(table.key.distinct()))
        .join(StoredDeviation, owner)
        .join(StoredSession, table.session_key == StoredSession.key)
        .where(*which)
        .group_by(table.session_key, StoredDeviation.id)
        .order_by(table.session_key, StoredDeviation.id)
    )
    return query.where(_COUNTED) if table is StoredRep else query


def _best_peaks(which: tuple[ColumnElement[bool], ...]) -> Select[*tuple[Any, ...]]:
    place = func.row_number().over(
        partition_by=(StoredRep.session_key, StoredRep.side),
        order_by=(func.abs(StoredRep.rom_deg).desc().nulls_last(), StoredRep.ordinal),
    )
    ranked = (
        select(
            StoredRep.session_key,
            StoredRep.side,
            StoredRep.peak_deg,
            StoredRep.uncertainty_deg,
            place.label("place"),
        )
        .join(StoredSession, StoredRep.session_key == StoredSession.key)
        .where(
            *which,
            _COUNTED,
            StoredRep.peak_deg.is_not(None),
            StoredRep.uncertainty_deg.is_not(None),
        )
        .subquery()
    )
    return (
        select(ranked.c.session_key, ranked.c.side, ranked.c.peak_deg, ranked.c.uncertainty_deg)
        .where(ranked.c.place <= BEST_REPS)
        .order_by(ranked.c.session_key, ranked.c.side, ranked.c.place)
    )


def _performed(
    row: Row[*tuple[Any, ...]],
    totals: Sequence[Row[*tuple[Any, ...]]],
    flags: Mapping[str, int],
    peaks: Mapping[Any, list[tuple[float, float]]],
) -> PerformedSet:
    tried, counted = sum(one.tried for one in totals), sum(one.counted for one in totals)
    clean = sum(one.clean for one in totals)
    if row.corrected is not None:
        tried, counted = max(tried, row.corrected), row.corrected
    return PerformedSet(
        session_id=row.id,
        at=datetime.fromisoformat(row.started_at),
        exercise_id=row.exercise_id,
        side=row.side,
        sitting_id=row.sitting_id,
        set_number=row.set_number,
        finished=row.status is SessionStatus.FINISHED,
        version=row.version,
        view=row.view,
        targets=None if row.targets is None else Targets.from_plain(row.targets),
        tried=tried,
        counted=counted,
        clean=min(clean, counted) if row.view_ok else None,
        clean_by_side={one.side: one.clean for one in totals},
        held_ms=sum(one.held_ms for one in totals),
        flags=flags,
        ranges=tuple(
            SideRange(side, tuple(peak for peak, _ in best), max(error for _, error in best))
            for side, best in peaks.items()
        ),
        uncertain=bool(row.uncertain) and row.corrected is None,
    )
