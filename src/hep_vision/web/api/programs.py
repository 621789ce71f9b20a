"""Programs, the present day, progress, what to consider, the calendar, and exercises."""

import pathlib
from datetime import time
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from hep_vision.app.program import program_of, reminders_of, today_of
from hep_vision.app.progress import Span, progress_of
from hep_vision.exercises.loading import exercise_ids
from hep_vision.exercises.schema import exercise_schema
from hep_vision.exports.calendar import calendar_bytes
from hep_vision.exports.exercise_json import exercise_document, exercise_line
from hep_vision.exports.program_json import program_document, today_document
from hep_vision.exports.progress_json import progress_document
from hep_vision.store.records import ProgramVersionRow
from hep_vision.web.access import Role
from hep_vision.web.api.answers import (
    USUAL_PAGE,
    Cursor,
    Day,
    Limit,
    answer,
    get,
    listing,
    part,
    span_of,
    tagged,
)
from hep_vision.web.api.people import Patient, alias_for, for_therapist, program_for
from hep_vision.web.api.problems import RefusedError
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.models import programs as models
from hep_vision.web.models.progress import Progress
from hep_vision.web.models.shared import Listing

router = APIRouter()

_ANYTIME: Final = "09:00"
_ALARM_MIN: Final = 10
_DAY_MIN: Final = 24 * 60
_HIGHEST_VERSION: Final = 1_000_000

ProgramId = Annotated[str, Path(description="Whole id of a program.", max_length=64)]
Version = Annotated[int, Path(description="Number of the version.", ge=1, le=_HIGHEST_VERSION)]
ExerciseId = Annotated[str, Path(description="Id of an exercise.", max_length=100)]


@get(router, "/programs", Listing[models.ProgramLine], 403, 404, 409)
def programs(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List programs by the version that holds, the one entered last first."""
    rows = desk.log.programs.newest()
    if role is Role.PATIENT and rows:
        rows = [program_for(desk, role, None)]
    page, last = part(rows, limit, cursor)
    return listing(request, [_line(row, None) for row in page], last)


@get(router, "/programs/{program_id}", models.Program, 403, 404, 409)
def program(request: Request, desk: TheDesk, role: TheRole, program_id: ProgramId) -> Response:
    """Show the version of a program that holds now."""
    return _shown(request, desk, _versions(desk, role, program_id)[-1])


@get(router, "/programs/{program_id}/versions", Listing[models.ProgramLine], 403, 404, 409)
def versions(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    program_id: ProgramId,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List the versions of a program, the newest first."""
    rows = _versions(desk, role, program_id)
    ends = [*(row.valid_from for row in rows[1:]), None]
    lines = [_line(row, end) for row, end in zip(rows, ends, strict=True)]
    page, last = part(lines[::-1], limit, cursor)
    return listing(request, page, last)


@get(router, "/programs/{program_id}/versions/{version}", models.Program, 403, 404, 409)
def version(
    request: Request, desk: TheDesk, role: TheRole, program_id: ProgramId, version: Version
) -> Response:
    """Show a version of a program."""
    return _shown(request, desk, _version(desk, role, program_id, version))


@get(
    router,
    "/programs/{program_id}/versions/{version}/toml",
    None,
    403,
    404,
    409,
    responses={
        200: {
            "description": "The file; docs/program.md says what is in it.",
            "content": {"application/toml": {"schema": {"type": "string"}}},
        }
    },
)
def version_file(
    request: Request, desk: TheDesk, role: TheRole, program_id: ProgramId, version: Version
) -> Response:
    """Give a version of a program, as the therapist wrote it."""
    row = _version(desk, role, program_id, version)
    return tagged(request, row.plan.encode(), "application/toml")


@get(router, "/today", models.Today, 403, 404, 409)
def today(request: Request, desk: TheDesk, role: TheRole, patient: Patient = None) -> Response:
    """Show what is due today: due, done, left, and next."""
    alias = program_for(desk, role, patient).patient
    found, _ = today_of(desk.log, alias, desk.find, desk.clock(), desk.zone)
    return answer(request, today_document(found))


@get(router, "/progress", Progress, 403, 404, 409)
def progress(  # noqa: PLR0913 -- one parameter per filter
    request: Request,
    desk: TheDesk,
    role: TheRole,
    exercise: Annotated[str | None, Query(description="Only this exercise.")] = None,
    since: Annotated[Day | None, Query(description="First day, the patient's.")] = None,
    until: Annotated[Day | None, Query(description="Last day; today if later.")] = None,
    patient: Patient = None,
) -> Response:
    """Show what was done of the program, how far it went, and how it felt."""
    alias = alias_for(desk, role, patient)
    span = Span(*span_of(desk, since, until))
    found = progress_of(desk.log, alias, desk.find, span, desk.zone)
    if exercise is not None:
        if exercise not in [one.exercise_id for one in found.exercises]:
            raise RefusedError(404, "There is nothing of this exercise in these days.")
        found = found.only(exercise)
    return answer(request, progress_document(found))


@get(router, "/suggestions", Listing[models.Suggestion], 403, 404, 409)
def suggestions(
    request: Request, desk: TheDesk, role: TheRole, patient: Patient = None
) -> Response:
    """List what a therapist may want to change by now, each with what speaks for it."""
    for_therapist(role)
    alias = alias_for(desk, role, patient)
    span = Span(desk.today, desk.today)  # suggestions look back by themselves
    found = progress_of(desk.log, alias, desk.find, span, desk.zone)
    lines = [
        {"kind": one.kind.value, "exercise": one.exercise_id, "evidence": list(one.evidence)}
        for one in found.suggestions
    ]
    return listing(request, lines, None)


@get(
    router,
    "/calendar.ics",
    None,
    403,
    404,
    409,
    responses={
        200: {
            "description": "The week of the program as a calendar (RFC 5545).",
            "content": {"text/calendar": {"schema": {"type": "string"}}},
        }
    },
)
def calendar(  # noqa: PLR0913 -- one parameter per option
    request: Request,
    desk: TheDesk,
    role: TheRole,
    patient: Patient = None,
    at: Annotated[
        str,
        Query(
            alias="time",
            pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
            description="When to do what the program gives no time for.",
        ),
    ] = _ANYTIME,
    alarm_min: Annotated[
        int,
        Query(ge=0, le=_DAY_MIN, description="Minutes before the time at which it rings."),
    ] = _ALARM_MIN,
    silent: Annotated[bool, Query(description="Whether it never rings.")] = False,
    names: Annotated[bool, Query(description="Whether exercises are named in it.")] = False,
) -> Response:
    """Give the week of the program until the review, for a calendar to remind of it."""
    alias = program_for(desk, role, patient).patient
    anytime = time.fromisoformat(at)
    found = reminders_of(desk.log, alias, desk.find, anytime, desk.clock(), desk.zone)
    alarm = None if silent else alarm_min
    return tagged(
        request,
        calendar_bytes(found, desk.find, alarm_min=alarm, names=names),
        "text/calendar",
    )


@get(router, "/exercises", Listing[models.ExerciseLine])
def exercises(
    request: Request, desk: TheDesk, limit: Limit = USUAL_PAGE, cursor: Cursor = None
) -> Response:
    """List the exercises, by their ids."""
    page, last = part(exercise_ids(_own(desk)), limit, cursor)
    return listing(request, [exercise_line(desk.find(one)) for one in page], last)


@get(router, "/exercises/{exercise_id}", models.Exercise, 404)
def exercise(request: Request, desk: TheDesk, exercise_id: ExerciseId) -> Response:
    """Show an exercise: how it is done, counted and checked."""
    if exercise_id not in exercise_ids(_own(desk)):  # nothing that could be taken for a path
        raise RefusedError(404, "There is no such exercise; /api/v1/exercises lists all.")
    return answer(request, exercise_document(desk.find(exercise_id)))


@get(
    router,
    "/schemas/exercise",
    None,
    responses={
        200: {
            "description": "A JSON Schema (draft 4).",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
def schema(request: Request) -> Response:
    """Give the shape of an exercise file, for an editor to complete and check it."""
    return answer(request, exercise_schema())


def _own(desk: Desk) -> pathlib.Path:
    return desk.data_dir / "exercises"


def _versions(desk: Desk, role: Role, program_id: str) -> list[ProgramVersionRow]:
    """Return the versions of a program, oldest first; there is at least one."""
    if role is Role.PATIENT and program_for(desk, role, None).ref.program_id != program_id:
        raise RefusedError(404, _NO_PROGRAM)
    rows = desk.log.programs.versions(program_id)
    if not rows:
        raise RefusedError(404, _NO_PROGRAM)
    return rows


def _version(desk: Desk, role: Role, program_id: str, number: int) -> ProgramVersionRow:
    for row in _versions(desk, role, program_id):
        if row.ref.number == number:
            return row
    raise RefusedError(404, "There is no such version of this program.")


def _shown(request: Request, desk: Desk, row: ProgramVersionRow) -> Response:
    return answer(request, program_document(program_of(row, desk.find), row.ref.number))


def _line(row: ProgramVersionRow, until: str | None) -> dict[str, object]:
    return {
        "program": row.ref.program_id,
        "version": row.ref.number,
        "patient": row.patient,
        "valid_from": row.valid_from,
        "valid_until": until,
    }


_NO_PROGRAM: Final = "There is no such program; /api/v1/programs lists all."
