"""What a therapist reads before a review, beside the totals of `hep_vision.store.practice`.

    with SessionLog.open(data_dir(None, environ)) as log:
        words = log.review.told(Stretch(program_id, since, before))

Each question is one statement, also over years.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from hep_vision.core.types import Deviation, RepStatus
from hep_vision.program.review import CorrectedSet, Example, SeenSet, Told
from hep_vision.store.database import Database
from hep_vision.store.practice import sessions_of, versions_of
from hep_vision.store.queries import total
from hep_vision.store.records import utc_stamp
from hep_vision.store.schema import (
    StoredCorrection,
    StoredDeviation,
    StoredHold,
    StoredRep,
    StoredSession,
    StoredSitting,
    StoredTrackingLoss,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is looked at.

    Attributes:
        program_id: What was done by any version of this program; None looks at all of the log.
        since: First moment; see `utc_stamp`.
        before: The moment after the last.
    """

    program_id: str | None
    since: str
    before: str

    def sessions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions on a session."""
        return (
            *sessions_of(self.program_id, self.since),
            StoredSession.started_at < utc_stamp(self.before),
        )


class ReviewLog:
    """What is read before a review; got from `SessionLog.review`, and usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, stretch: Stretch) -> list[Told]:
        """Return messages and reasons to stop, in the order of the sittings."""
        query = (
            select(StoredSitting.started_at, StoredSitting.message, StoredSitting.stop_reason)
            .where(
                StoredSitting.started_at >= utc_stamp(stretch.since),
                StoredSitting.started_at < utc_stamp(stretch.before),
                or_(StoredSitting.message.is_not(None), StoredSitting.stop_reason.is_not(None)),
            )
            .order_by(StoredSitting.started_at, StoredSitting.key)
        )
        if stretch.program_id is not None:
            mine = versions_of(stretch.program_id)
            query = query.where(StoredSitting.program_version_key.in_(mine))
        return [Told(datetime.fromisoformat(at), *words) for at, *words in self._rows(query)]

    def examples(self, stretch: Stretch) -> dict[tuple[str, str], Example]:
        """Return the furthest example of each deviation, by the ids of exercise and check.

        Of examples that are alike the newest is returned. Only repetitions that counted, and
        holds, are looked at.
        """
        both = union_all(
            _flagged_in(StoredRep, stretch, StoredRep.status == RepStatus.COUNTED),
            _flagged_in(StoredHold, stretch),
        ).subquery()
        columns = both.c
        furthest = func.row_number().over(
            partition_by=(columns.exercise_id, columns.check),
            order_by=(columns.beyond.desc(), columns.started_at.desc(), columns.key),
        )
        shown = [each for each in columns if each.name not in ("beyond", "key")]
        ranked = select(*shown, furthest.label("place")).subquery()
        found = {}
        first = select(ranked).where(ranked.c.place == 1)
        for row in self._rows(first.order_by(ranked.c.exercise_id, ranked.c.check)):
            exercise_id, at, number, held, view, track_file, *values, _ = row
            deviation = Deviation(*values)
            found[exercise_id, deviation.id] = Example(
                exercise_id,
                datetime.fromisoformat(at),
                number,
                bool(held),
                view,
                deviation,
                track_file,
            )
        return found

    def seen(self, stretch: Stretch) -> list[SeenSet]:
        """Return how well each set was seen, in the order they were begun."""
        lost = (
            select(
                StoredTrackingLoss.session_key,
                total(StoredTrackingLoss.end_ms - StoredTrackingLoss.start_ms).label("lost_ms"),
            )
            .group_by(StoredTrackingLoss.session_key)
            .subquery()
        )
        corrected = select(StoredCorrection.key).where(
            StoredCorrection.session_key == StoredSession.key
        )
        query = (
            select(
                StoredSession.started_at,
                StoredSession.exercise_id,
                StoredSession.view,
                StoredSession.view_ok,
                StoredSession.detected_ratio,
                func.coalesce(lost.c.lost_ms, 0),
                StoredSession.uncertain.is_(True) & ~corrected.exists(),
                StoredSession.track_file,
                StoredSession.hep_vision_version,
                StoredSession.mediapipe_version,
                StoredSession.model_name,
            )
            .join(lost, lost.c.session_key == StoredSession.key, isouter=True)
            .where(*stretch.sessions())
            .order_by(StoredSession.started_at, StoredSession.key)
        )
        return [SeenSet(datetime.fromisoformat(at), *values) for at, *values in self._rows(query)]

    def corrected(self, stretch: Stretch) -> list[CorrectedSet]:
        """Return the sets whose count was entered by hand, in the order they were begun."""
        newest = (
            select(func.max(StoredCorrection.key))
            .where(StoredCorrection.session_key == StoredSession.key)
            .correlate(StoredSession)
            .scalar_subquery()
        )
        query = (
            select(
                StoredSession.started_at,
                StoredSession.exercise_id,
                _number_of(StoredRep, StoredRep.status == RepStatus.COUNTED),
                _number_of(StoredHold),
                StoredCorrection.count,
                StoredCorrection.note,
            )
            .join(StoredCorrection, StoredCorrection.key == newest)
            .where(*stretch.sessions())
            .order_by(StoredSession.started_at, StoredSession.key)
        )
        return [
            CorrectedSet(datetime.fromisoformat(at), exercise_id, reps or holds, entered, note)
            for at, exercise_id, reps, holds, entered, note in self._rows(query)
        ]

    def _rows(self, query: Select[*tuple[Any, ...]]) -> list[Any]:
        with self._database.reading() as session:
            return list(session.execute(query))


_BEYOND: Final = case(
    # Of a bound to both sides the log holds the one above zero.
    (
        and_(
            StoredDeviation.threshold > 0,
            StoredDeviation.value < -StoredDeviation.threshold,
        ),
        -StoredDeviation.value - StoredDeviation.threshold,
    ),
    else_=func.abs(StoredDeviation.value - StoredDeviation.threshold),
)
"""How far beyond its threshold a deviation went."""
_DEVIATION: Final = (
    StoredDeviation.id,
    StoredDeviation.rep,
    StoredDeviation.side,
    StoredDeviation.severity,
    StoredDeviation.start_ms,
    StoredDeviation.end_ms,
    StoredDeviation.value,
    StoredDeviation.threshold,
    StoredDeviation.unit,
    StoredDeviation.cue,
)
"""In the order of the fields of `Deviation`."""


def _flagged_in(
    table: type[StoredRep] | type[StoredHold], stretch: Stretch, *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Select the deviations of repetitions, or of holds, each with its session.

    One after the other: where a deviation may belong to either, no database begins with the
    sessions, and all of the log is read.
    """
    owner = StoredDeviation.rep_key if table is StoredRep else StoredDeviation.hold_key
    return (
        select(
            StoredSession.exercise_id,
            StoredSession.started_at,
            StoredSession.set_number,
            literal(table is StoredHold).label("held"),
            StoredSession.view,
            StoredSession.track_file,
            StoredDeviation.id.label("check"),
            *_DEVIATION[1:],
            _BEYOND.label("beyond"),
            StoredDeviation.key.label("key"),
        )
        .select_from(StoredSession)
        .join(table, table.session_key == StoredSession.key)
        .join(StoredDeviation, owner == table.key)
        .where(*stretch.sessions(), *conditions)
    )


def _number_of(
    table: type[StoredRep] | type[StoredHold], *conditions: ColumnElement[bool]
) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(table.session_key == StoredSession.key, *conditions)
        .correlate(StoredSession)
        .scalar_subquery()
    )
