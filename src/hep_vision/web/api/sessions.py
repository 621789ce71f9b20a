"""Sessions and sittings."""

import pathlib
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from hep_vision.exports.log_export import session_document, session_line
from hep_vision.exports.sitting_json import sitting_document, sitting_line
from hep_vision.exports.track_json import track_document
from hep_vision.sources.recorded import read_track
from hep_vision.store.paged import Which
from hep_vision.store.records import Correction, SessionDetail, SessionStatus
from hep_vision.web.access import Role
from hep_vision.web.api.answers import (
    USUAL_PAGE,
    Cursor,
    Day,
    Limit,
    answer,
    begin_of,
    end_of,
    get,
    listing,
    place,
    tagged,
)
from hep_vision.web.api.people import Patient, for_therapist, scope_for
from hep_vision.web.api.problems import RefusedError, problems
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.models import sessions as models
from hep_vision.web.models.shared import Listing

router = APIRouter()

_NPZ: Final = "application/vnd.hep-vision.track+zip"
_LARGEST_COUNT: Final = 100_000
LONGEST_NOTE: Final = 1_000

SessionId = Annotated[str, Path(description="Whole id of a session.", max_length=64)]
SittingId = Annotated[str, Path(description="Whole id of a sitting.", max_length=64)]
Since = Annotated[Day | None, Query(description="First day on which it began, the patient's.")]
Until = Annotated[Day | None, Query(description="Last day on which it began, the patient's.")]
Status = Annotated[SessionStatus | None, Query(description="How far it got.")]


def _whole(value: object) -> object:
    """Refuse what only could be taken for a number; 5.0 is one in JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a whole number")
    return value


class NewCorrection(BaseModel):
    """The right count of a session."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    count: Annotated[int, Field(ge=0, le=_LARGEST_COUNT), BeforeValidator(_whole)]
    """Number of repetitions, or of holds in an exercise that times holds."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None
    """Why, in your own words."""


@get(router, "/sessions", Listing[models.SessionLine], 403, 404, 409)
def sessions(  # noqa: PLR0913 -- one parameter per filter
    request: Request,
    desk: TheDesk,
    role: TheRole,
    exercise: Annotated[str | None, Query(description="Id of the exercise.")] = None,
    status: Status = None,
    since: Since = None,
    until: Until = None,
    patient: Patient = None,
    sitting: Annotated[str | None, Query(description="Id of the sitting.")] = None,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List sessions, those that began last first."""
    which = Which(
        exercise,
        status,
        begin_of(desk, since),
        end_of(desk, until),
        scope_for(desk, role, patient),
        sitting,
    )
    page = desk.log.paged.sessions(which, limit, place(cursor))
    return listing(request, map(session_line, page.rows), page.last)


@get(router, "/sessions/{session_id}", models.Session, 404, 409)
def session(request: Request, desk: TheDesk, role: TheRole, session_id: SessionId) -> Response:
    """Show a session with every repetition."""
    return answer(request, session_document(session_of(desk, role, session_id)))


@get(router, "/sessions/{session_id}/track", models.Track, 404, 409)
def track(request: Request, desk: TheDesk, role: TheRole, session_id: SessionId) -> Response:
    """Show the landmark track of a session, as numbers rounded to four decimals."""
    path = track_path_of(session_of(desk, role, session_id))
    return answer(request, track_document(session_id, read_track(path)))


@get(
    router,
    "/sessions/{session_id}/track.npz",
    None,
    404,
    409,
    responses={
        200: {
            "description": "The file; docs/json.md says what is in it.",
            "content": {_NPZ: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def track_file(request: Request, desk: TheDesk, role: TheRole, session_id: SessionId) -> Response:
    """Give the landmark track of a session, as the file that it is."""
    path = session_of(desk, role, session_id).row.track_path
    try:
        content = None if path is None else path.read_bytes()
    except OSError:
        content = None
    if content is None:
        raise RefusedError(404, _NO_TRACK)
    name = f'attachment; filename="{session_id}.npz"'
    return tagged(request, content, _NPZ, {"Content-Disposition": name})


@router.post(
    "/sessions/{session_id}/corrections",
    status_code=201,
    response_model=models.Session,
    responses=problems(400, 403, 404, 409, 413),
    summary="Enter the right count of a session.",
    description="What was measured, and what was entered before, stays. For the therapist alone.",
)
def correct(
    request: Request, desk: TheDesk, role: TheRole, session_id: SessionId, new: NewCorrection
) -> Response:
    """Enter the right count of a session."""
    for_therapist(role)
    session_of(desk, role, session_id)
    desk.log.correct(session_id, Correction(new.count, desk.clock().isoformat(), new.note))
    made = answer(request, session_document(session_of(desk, role, session_id)))
    made.status_code = 201
    made.headers["Location"] = f"{request.scope['root_path']}/sessions/{session_id}"
    return made


@get(router, "/sittings", Listing[models.SittingLine], 403, 404, 409)
def sittings(  # noqa: PLR0913 -- one parameter per filter
    request: Request,
    desk: TheDesk,
    role: TheRole,
    status: Status = None,
    since: Since = None,
    until: Until = None,
    patient: Patient = None,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List sittings, those that began last first, with what the patient said."""
    which = Which(
        status=status,
        since=begin_of(desk, since),
        before=end_of(desk, until),
        program_id=scope_for(desk, role, patient),
    )
    page = desk.log.paged.sittings(which, limit, place(cursor))
    return listing(request, (sitting_line(one.row, one.sets) for one in page.rows), page.last)


@get(router, "/sittings/{sitting_id}", models.Sitting, 404, 409)
def sitting(request: Request, desk: TheDesk, role: TheRole, sitting_id: SittingId) -> Response:
    """Show a sitting with its plan, and what each set came to."""
    if not desk.log.paged.has_sitting(sitting_id, scope_for(desk, role, None)):
        raise RefusedError(404, "There is no such sitting; /api/v1/sittings lists all.")
    return answer(request, sitting_document(desk.log.sittings.sitting(sitting_id)))


def session_of(desk: Desk, role: Role, session_id: str) -> SessionDetail:
    """Return a session that is for who asks.

    Raises:
        RefusedError: There is none.
    """
    found = desk.log.paged.session(session_id, scope_for(desk, role, None))
    if found is None:
        raise RefusedError(404, "There is no such session; /api/v1/sessions lists all.")
    return found


def track_path_of(detail: SessionDetail) -> pathlib.Path:
    """Return where the landmark track of a session is.

    Raises:
        RefusedError: None was kept.
    """
    if detail.row.track_path is None:
        raise RefusedError(404, _NO_TRACK)
    return detail.row.track_path


_NO_TRACK: Final = "No landmark track was kept of this session."
