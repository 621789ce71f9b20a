"""Whose log is asked for, and who asks.

A log may hold the programs of several patients. The therapist sees all of them; a patient sees
their own, and of a log with one program everything.
"""

from typing import Annotated

from fastapi import Query

from hep_vision.app.program import newest_version
from hep_vision.store.records import ProgramVersionRow
from hep_vision.web.access import Role
from hep_vision.web.api.problems import RefusedError
from hep_vision.web.desk import Desk

Patient = Annotated[
    str | None,
    Query(description="Alias of the patient; needed where the log holds several programs."),
]


def program_for(desk: Desk, role: Role, patient: str | None) -> ProgramVersionRow:
    """Return the version that holds for a patient.

    Args:
        desk: What is worked with.
        role: Who asks.
        patient: The alias asked for, or None.

    Raises:
        RefusedError: There is none, or it is not for who asks.
        ProgramError: It is not clear whose is meant.
    """
    rows = desk.log.programs.newest()
    wanted = patient if patient is not None else desk.patient
    if role is Role.PATIENT and wanted not in (None, _own(desk, rows)):
        raise RefusedError(403, "This is of another patient.")
    if not rows or (wanted is not None and wanted not in [row.patient for row in rows]):
        raise RefusedError(404, "There is no such program; hep-vision program import enters one.")
    return newest_version(desk.log, wanted)


def alias_for(desk: Desk, role: Role, patient: str | None) -> str | None:
    """Return whose progress is meant; None where the log holds no program. As `program_for`."""
    if patient is None and desk.patient is None and not desk.log.programs.newest():
        return None
    return program_for(desk, role, patient).patient


def scope_for(desk: Desk, role: Role, patient: str | None) -> str | None:
    """Return the program whose sessions are meant; None for all. As `program_for`."""
    rows = desk.log.programs.newest()
    if patient is None and (len(rows) < 2 or (role is Role.THERAPIST and desk.patient is None)):
        return None
    return program_for(desk, role, patient).ref.program_id


def for_therapist(role: Role) -> None:
    """Let nobody else through.

    Raises:
        RefusedError: It is a patient.
    """
    if role is not Role.THERAPIST:
        raise RefusedError(403, "This is for the therapist: hep-vision open --therapist.")


def _own(desk: Desk, rows: list[ProgramVersionRow]) -> str | None:
    if desk.patient is not None:
        return desk.patient
    return rows[0].patient if len(rows) == 1 else None
