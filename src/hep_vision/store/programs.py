"""The log of home exercise programs: every version that held, and what was done by each.

    with SessionLog.open(data_dir(None, environ)) as log:
        row, is_new = log.programs.enter(text, "A. B.", moment)
        log.sittings.begin(plan, moment, version, row.ref)

A version holds from its moment until that of the next one of the same program. It has no end of
its own, so versions cannot overlap, and none is ever changed: a sitting keeps the version it was
done by. The log does not look into a plan; it compares its text.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, select, update
from sqlalchemy.orm import Session

from hep_vision.core.types import Side
from hep_vision.errors import StaleVersionError, StoreError
from hep_vision.store.database import Database
from hep_vision.store.queries import counted_by_side, holds_by_side
from hep_vision.store.records import (
    BookedRecording,
    LoggedSet,
    LoggedSitting,
    ProgramRef,
    ProgramVersionRow,
    SessionStatus,
    SourceKind,
    escaped,
    utc_stamp,
)
from hep_vision.store.schema import (
    StoredMessageReading,
    StoredProgramVersion,
    StoredSelfReport,
    StoredSession,
    StoredSitting,
    StoredToldMilestone,
)
from hep_vision.store.selection import Selection, chosen_versions


class ProgramLog:
    """The programs in the log; got from `SessionLog.programs`, and usable as long as that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(
        self,
        plan: str,
        patient: str,
        moment: str,
        program_id: str | None = None,
        based_on: int | None = None,
    ) -> tuple[ProgramVersionRow, bool]:
        """Enter a program as a new version, unless it is what holds already.

        Args:
            plan: Its text.
            patient: The alias in it. Without ``program_id`` the program whose newest version has
                this alias goes on, and a new one begins where there is none.
            moment: From when it holds; see `utc_stamp`.
            program_id: The program that goes on, whatever the alias.
            based_on: The number of the version that was changed; None takes whatever holds.

        Returns:
            The newest version, and whether it is new.

        Raises:
            StaleVersionError: Another version holds by now than ``based_on``.
            StoreError: The newest version holds from a later moment: this machine's clock was put
                back.
        """
        plan, patient, stamp = escaped(plan), escaped(patient), utc_stamp(moment)
        with self._database.writing() as session:
            if program_id is None:
                program_id = _id_of(session, patient) or str(uuid.uuid4())
            newest = _newest(session, program_id)
            if newest is not None and newest.plan == plan:
                return _row(newest), False
            if based_on is not None and (newest is None or newest.number != based_on):
                holds = "none" if newest is None else f"version {newest.number}"
                raise StaleVersionError(
                    f"This was made from version {based_on}, and by now {holds} holds: nothing was "
                    "saved. Put both together, and save again."
                )
            if newest is not None and stamp <= newest.valid_from:
                raise StoreError(
                    f"Version {newest.number} of this program holds from {newest.valid_from}, and "
                    f"it is {stamp} by this machine's clock: set the clock, and try again."
                )
            stored = StoredProgramVersion(
                program_id=program_id,
                number=newest.number + 1 if newest is not None else 1,
                patient=patient,
                valid_from=stamp,
                plan=plan,
                created_at=stamp,
            )
            session.add(stored)
            session.flush()
            return _row(stored), True

    def newest(self) -> list[ProgramVersionRow]:
        """Return the newest version of each program, the one entered last first."""
        with self._database.reading() as session:
            found = [_row(stored) for stored in _newest_of_each(session)]
        return sorted(found, key=lambda row: row.valid_from, reverse=True)

    def versions(self, program_id: str) -> list[ProgramVersionRow]:
        """Return every version of a program, in their order."""
        query = (
            select(StoredProgramVersion)
            .where(StoredProgramVersion.program_id == program_id)
            .order_by(StoredProgramVersion.number)
        )
        with self._database.reading() as session:
            return [_row(stored) for stored in session.scalars(query)]

    def chosen(self, selection: Selection) -> list[ProgramVersionRow]:
        """Return every version of the patient's programs, in the order they were entered."""
        with self._database.reading() as session:
            return [_row(stored) for stored in session.scalars(chosen_versions(selection))]

    def current(self, program_id: str, moment: str) -> ProgramVersionRow | None:
        """Return the version that held at a moment; None before the first.

        Args:
            program_id: The program.
            moment: See `utc_stamp`.
        """
        stamp = utc_stamp(moment)
        held = [row for row in self.versions(program_id) if row.valid_from <= stamp]
        return held[-1] if held else None

    def sittings(self, program_id: str, since: str | None = None) -> list[LoggedSitting]:
        """Return what was done by any version of a program, in the order it was begun.

        Args:
            program_id: The program.
            since: Only sittings begun at this moment or later; see `utc_stamp`.
        """
        mine = StoredProgramVersion.program_id == program_id
        if since is not None:
            mine = and_(mine, StoredSitting.started_at >= utc_stamp(since))
        with self._database.reading() as session:
            rows = session.execute(_sets_of(mine)).all()
            keys = [row.key for row in rows if row.follows]
            counted, held = counted_by_side(session, keys), holds_by_side(session, keys)
            sets: dict[int, list[LoggedSet]] = defaultdict(list)
            for row in rows:
                sets[row.sitting_key].append(
                    LoggedSet(
                        row.exercise_id,
                        row.side,
                        row.started_at,
                        row.status,
                        row.set_number or 0,
                        row.id,
                        counted.get(row.key, {}),
                        tuple(held.get(row.key, ())),
                    )
                )
            return [
                LoggedSitting(
                    row.id,
                    row.started_at,
                    row.status,
                    row.plan,
                    tuple(sets[row.key]),
                    ProgramRef(program_id, row.number),
                )
                for row in session.execute(_sittings_of(mine))
            ]

    def tell(self, program_id: str, milestones: Iterable[str], moment: str) -> list[str]:
        """Mark milestones as told to the patient, and return those that were not before.

        Of several processes that ask at once each gets a milestone of its own, or none.

        Args:
            program_id: The program.
            milestones: Their keys.
            moment: When; see `utc_stamp`.
        """
        stamp, table = utc_stamp(moment), StoredToldMilestone
        with self._database.writing() as session:
            told = set(
                session.scalars(select(table.milestone).where(table.program_id == program_id))
            )
            new = [key for key in dict.fromkeys(milestones) if key not in told]
            session.add_all(
                table(program_id=program_id, milestone=key, told_at=stamp) for key in new
            )
        return new

    def booked(
        self, program_id: str, sha256: str, exercise_id: str, side: Side
    ) -> BookedRecording | None:
        """Return what was booked first from this very file for this exercise, if anything was.

        Args:
            program_id: The program.
            sha256: Checksum of the file.
            exercise_id: Id of the exercise.
            side: Side that was asked for. The left and the right of one recording are two things;
                both, which follows the person, is the same as either.
        """
        with self._database.reading() as session:
            found = _booked(session, program_id, sha256, exercise_id, side)
            return _recording(found[0]) if found else None

    def book(
        self,
        session_id: str,
        program: ProgramRef,
        plan: Mapping[str, Any],
        ended_at: str,
        version: str,
        *,
        again: bool = False,
    ) -> tuple[BookedRecording, bool]:
        """Make a session that stands alone the one set of a finished sitting, all or nothing.

        Args:
            session_id: The whole id of the session; its beginning is that of the sitting.
            program: The version that it was done by.
            plan: What was prescribed, in values that JSON knows.
            ended_at: Moment the recording ended; see `utc_stamp`.
            version: Version of hep-vision.
            again: Take back an earlier booking of the same file, see `booked`: its session stands
                alone from then on, and what the patient said of it is kept with the new one.

        Returns:
            What is booked, and whether it is this session; else it is the earlier one of this file.

        Raises:
            StoreError: There is no such session or version.
        """
        with self._database.writing() as session:
            stored = session.scalar(select(StoredSession).where(StoredSession.id == session_id))
            if stored is None:
                raise StoreError(f"No session {session_id!r} in the log.")
            earlier = []
            if stored.source_sha256 is not None:
                wanted = (stored.source_sha256, stored.exercise_id, stored.side)
                earlier = _booked(session, program.program_id, *wanted)
            if earlier and not again:
                return _recording(earlier[0]), False
            sitting = StoredSitting(
                id=str(uuid.uuid4()),
                started_at=stored.started_at,
                ended_at=utc_stamp(ended_at),
                status=SessionStatus.FINISHED,
                plan=dict(plan),
                hep_vision_version=version,
                program_version_key=version_key(session, program),
            )
            session.add(sitting)
            session.flush()
            _take_back(session, [one.sitting_key for one in earlier], sitting)
            stored.sitting_key, stored.set_number = sitting.key, 1
            stored.ended_at = sitting.ended_at
            return BookedRecording(sitting.id, session_id, stored.started_at), True


def _sittings_of(mine: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # Columns, not objects: five years of sittings are asked for whenever somebody looks at today.
    return (
        select(
            StoredSitting.key,
            StoredProgramVersion.number,
            StoredSitting.id,
            StoredSitting.started_at,
            StoredSitting.status,
            StoredSitting.plan,
        )
        .join(StoredProgramVersion, StoredSitting.program_version_key == StoredProgramVersion.key)
        .where(mine)
        .order_by(StoredSitting.started_at, StoredSitting.key)
    )


def _sets_of(mine: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            StoredSession.sitting_key,
            StoredSession.exercise_id,
            StoredSession.side,
            StoredSession.started_at,
            StoredSession.status,
            StoredSession.set_number,
            StoredSession.id,
            StoredSession.key,
            # A recording may show both sides, one after the other.
            and_(
                StoredSession.side == Side.BOTH, StoredSession.source_kind != SourceKind.WEBCAM
            ).label("follows"),
        )
        .join(StoredSitting, StoredSession.sitting_key == StoredSitting.key)
        .join(StoredProgramVersion, StoredSitting.program_version_key == StoredProgramVersion.key)
        .where(mine)
        .order_by(StoredSession.key)
    )


def version_key(session: Session, ref: ProgramRef) -> int:
    """Return the key of a version.

    Raises:
        StoreError: There is none.
    """
    key = session.scalar(
        select(StoredProgramVersion.key).where(
            StoredProgramVersion.program_id == ref.program_id,
            StoredProgramVersion.number == ref.number,
        )
    )
    if key is None:
        raise StoreError(f"No version {ref.number} of program {ref.program_id} is in the log.")
    return key


def _newest_of_each(session: Session) -> list[StoredProgramVersion]:
    ascending = select(StoredProgramVersion).order_by(
        StoredProgramVersion.number, StoredProgramVersion.key
    )
    return list({stored.program_id: stored for stored in session.scalars(ascending)}.values())


def _id_of(session: Session, patient: str) -> str | None:
    named = [one for one in _newest_of_each(session) if one.patient == patient]
    return max(named, key=lambda one: one.valid_from).program_id if named else None


def _newest(session: Session, program_id: str) -> StoredProgramVersion | None:
    return session.scalars(
        select(StoredProgramVersion)
        .where(StoredProgramVersion.program_id == program_id)
        .order_by(StoredProgramVersion.number.desc())
        .limit(1)
    ).first()


def _row(stored: StoredProgramVersion) -> ProgramVersionRow:
    return ProgramVersionRow(
        ProgramRef(stored.program_id, stored.number),
        stored.patient,
        stored.valid_from,
        stored.plan,
        stored.created_at,
    )


def _booked(
    session: Session, program_id: str, sha256: str, exercise_id: str, side: Side
) -> list[StoredSession]:
    sittings = (
        select(StoredSitting.key)
        .join(StoredProgramVersion, StoredSitting.program_version_key == StoredProgramVersion.key)
        .where(StoredProgramVersion.program_id == program_id)
    )
    query = (
        select(StoredSession)
        .where(
            StoredSession.sitting_key.in_(sittings),
            StoredSession.source_sha256 == sha256,
            StoredSession.exercise_id == exercise_id,
        )
        .order_by(StoredSession.key)
    )
    found = session.scalars(query).all()
    return [one for one in found if one.side is side or Side.BOTH in (one.side, side)]


def _recording(stored: StoredSession) -> BookedRecording:
    return BookedRecording(stored.sitting_id or "", stored.id, stored.started_at)


def _take_back(
    session: Session, sitting_keys: Iterable[int | None], sitting: StoredSitting
) -> None:
    """Remove sittings of one recording each; what the patient said goes to another."""
    for key in {key for key in sitting_keys if key is not None}:
        said = update(StoredSelfReport).where(StoredSelfReport.sitting_key == key)
        session.execute(said.values(sitting_key=sitting.key))
        read = update(StoredMessageReading).where(StoredMessageReading.sitting_key == key)
        session.execute(read.values(sitting_key=sitting.key))
        message = select(StoredSitting.message).where(StoredSitting.key == key)
        sitting.message = session.scalar(message) or sitting.message
        session.execute(delete(StoredSitting).where(StoredSitting.key == key))
