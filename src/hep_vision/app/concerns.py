"""From the log to what a therapist has to see first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from hep_vision.app.feel import program_of_patient
from hep_vision.app.program import FindExercise, program_by
from hep_vision.core.pain import PainZones
from hep_vision.program.concerns import Concern, Exercised, Faulty, Said, Sat, concerns
from hep_vision.store.feelings import FeltSitting, SeenExercise
from hep_vision.store.records import ProgramRef
from hep_vision.store.sessions import SessionLog

_LOOK_BACK: Final = timedelta(days=60)
"""How far before the first day asked for a rise, or a row of sittings, may begin."""


def concerns_of(
    log: SessionLog, patient: str | None, since: datetime, find: FindExercise
) -> list[Concern]:
    """Return what has to be seen of a patient, the most urgent first.

    Where the log holds several programs, only what was done by that of the patient is looked at;
    otherwise all sittings are.

    Args:
        log: The log.
        patient: Whose, by the alias in the program; None where there is one program, or none.
        since: Only what was told or done from this moment on, with its offset from UTC. Of messages
            only those that nobody has marked as read.
        find: Gives an exercise by its id.

    Raises:
        ProgramError: It is not clear whose is meant.
        StoreError: The log cannot be read.
    """
    program_id = program_of_patient(log, patient)
    begin = max(since, datetime.min.replace(tzinfo=UTC) + _LOOK_BACK) - _LOOK_BACK
    rows = log.feelings.since(begin.isoformat(), program_id)
    zones = _zones(log, rows, find)
    return concerns([_sat(row, zones) for row in rows], since)


def _zones(
    log: SessionLog, rows: Iterable[FeltSitting], find: FindExercise
) -> dict[ProgramRef, PainZones]:
    found = {}
    for ref in dict.fromkeys(row.program for row in rows if row.program is not None):
        program = program_by(log, ref, find)
        if program is not None:
            found[ref] = program.zones
    return found


def _sat(row: FeltSitting, zones: dict[ProgramRef, PainZones]) -> Sat:
    sat = Sat(
        row.sitting_id,
        datetime.fromisoformat(row.started_at),
        tuple(
            Said(one.kind, one.value, datetime.fromisoformat(one.reported_at), one.exercise_id)
            for one in row.reports
        ),
        tuple(_exercised(one) for one in row.exercises),
        row.stop_reason,
        row.message,
    )
    held = None if row.program is None else zones.get(row.program)
    return sat if held is None else replace(sat, zones=held)


def _exercised(seen: SeenExercise) -> Exercised:
    faulty = tuple(
        Faulty(one.check_id, one.severity, one.counted, one.total) for one in seen.deviations
    )
    return Exercised(seen.exercise_id, seen.counted, faulty, seen.doubtful)
