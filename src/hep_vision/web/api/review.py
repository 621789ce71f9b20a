"""Clips, flags and what is said of them, what has to be seen first, and messages that were read."""

import re
from datetime import date, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response

from hep_vision.app.checks import check_histories
from hep_vision.app.concerns import concerns_of
from hep_vision.app.progress import Span, progress_of
from hep_vision.app.replay import clip_landmarks
from hep_vision.errors import ClipError, StoreError
from hep_vision.exports.clip_json import (
    check_document,
    clip_document,
    flag_documents,
    verdict_document,
)
from hep_vision.exports.concerns_json import concerns_document
from hep_vision.exports.sitting_json import sitting_document
from hep_vision.program.schedule import moment_of
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import MessageReading, SessionDetail
from hep_vision.store.review_records import ClipRow, ClipState, Finding, Verdict
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
    place,
    span_of,
    unchanged,
)
from hep_vision.web.api.people import Patient, alias_for, for_therapist, scope_for
from hep_vision.web.api.problems import RefusedError, problem, problems
from hep_vision.web.api.sessions import (
    LONGEST_NOTE,
    SessionId,
    SittingId,
    session_of,
    track_path_of,
)
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.models import review as models
from hep_vision.web.models.sessions import Sitting
from hep_vision.web.models.shared import Listing

router = APIRouter()

_MP4: Final = "video/mp4"
_SEEN_DAYS: Final = 28
"""As far as `hep-vision concerns` looks back."""
_MOST_EVENTS: Final = 10**6
_LONGEST_MESSAGE: Final = 100_000
_LONGEST_NAME: Final = 100
_ONE_RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))")

ClipId = Annotated[str, Path(description="Whole id of a clip.", max_length=64)]
Ordinal = Annotated[
    int,
    Path(
        description="Place of the repetition or hold among the events of the session, from 0.",
        ge=0,
        le=_MOST_EVENTS,
    ),
]
CheckId = Annotated[str, Path(description="Id of the check.", max_length=100)]


class NewVerdict(BaseModel):
    """What a person says of one flag."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    finding: Finding
    """Whether it is right."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None
    """Why, in your own words."""


class NewReading(BaseModel):
    """That somebody read a message."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    message: Annotated[str, Field(max_length=_LONGEST_MESSAGE)]
    """The message as it was read; 409 where it has other words by now."""
    by: Annotated[str, Field(max_length=_LONGEST_NAME)] | None = None
    """Who read it, in your own words."""


# -- clips -----------------------------------------------------------------------------------------


@get(router, "/clips", Listing[models.Clip], 403, 404, 409)
def clips(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    patient: Patient = None,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List clips, those that were kept last first."""
    page = desk.log.clips.page(limit, place(cursor), scope_for(desk, role, patient))
    return listing(request, (_clip(request, desk, row) for row in page.rows), page.last)


@get(router, "/sessions/{session_id}/clips", Listing[models.Clip], 404, 409)
def clips_of_session(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    session_id: SessionId,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List the clips of a session, in the order of its repetitions."""
    session_of(desk, role, session_id)
    page, last = part(desk.log.clips.rows(session_id), limit, cursor)
    return listing(request, (_clip(request, desk, row) for row in page), last)


@get(router, "/clips/{clip_id}", models.Clip, 404, 409)
def clip(request: Request, desk: TheDesk, role: TheRole, clip_id: ClipId) -> Response:
    """Show what is known of a clip."""
    return answer(request, _clip(request, desk, _row(desk, role, clip_id)))


@get(
    router,
    "/clips/{clip_id}/video.mp4",
    None,
    404,
    409,
    416,
    description="Give the pictures of a clip, or a part of them: the header Range asks for one.",
    responses={
        200: {
            "description": "The file, H.264.",
            "content": {_MP4: {"schema": {"type": "string", "format": "binary"}}},
        },
        206: {
            "description": "The part that Range asked for.",
            "content": {_MP4: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
def clip_video(request: Request, desk: TheDesk, role: TheRole, clip_id: ClipId) -> Response:
    """Give the pictures of a clip."""
    row = _row(desk, role, clip_id)
    try:
        path = desk.log.clips.path(row)
    except ClipError as error:
        raise RefusedError(404, str(error)) from error
    tag = f'"{row.sha256[:32]}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    if unchanged(request, tag):
        return Response(None, 304, headers)
    first = _first_byte(request, tag, row.size_bytes)
    if first is None:
        # No range, several, or none that can be read: all of it is an answer to each of them.
        kept = [one for one in request.headers.raw if one[0] != b"range"]
        request.scope["headers"] = kept
    elif first >= row.size_bytes:
        size = {"Content-Range": f"bytes */{row.size_bytes}"}
        return problem(416, f"The clip has {row.size_bytes} bytes: ask for some of them.", size)
    return FileResponse(path, headers=headers, media_type=_MP4)


@get(router, "/clips/{clip_id}/landmarks", models.ClipLandmarks, 404, 409)
def landmarks(request: Request, desk: TheDesk, role: TheRole, clip_id: ClipId) -> Response:
    """Show the landmarks of a clip, picture by picture."""
    row = _row(desk, role, clip_id)
    track = read_track(track_path_of(session_of(desk, role, row.session_id)))
    return answer(request, clip_landmarks(track, row.clip.start_ms, row.clip.end_ms))


def _row(desk: Desk, role: Role, clip_id: str) -> ClipRow:
    try:
        row = desk.log.clips.row(clip_id)
        if row.clip_id == clip_id:  # enough of its beginning is for a terminal
            session_of(desk, role, row.session_id)
            return row
    except ClipError:
        raise
    except StoreError as error:
        raise RefusedError(404, _NO_CLIP) from error
    raise RefusedError(404, _NO_CLIP)


def _clip(request: Request, desk: Desk, row: ClipRow) -> dict[str, object]:
    address = f"{request.scope['root_path']}/clips/{row.clip_id}"
    state = desk.log.clips.state(row)
    return {
        **clip_document(row, state),
        "video": f"{address}/video.mp4" if state is ClipState.WHOLE else None,
        "landmarks": f"{address}/landmarks" if desk.log.has_track(row.session_id) else None,
    }


def _first_byte(request: Request, tag: str, size_bytes: int) -> int | None:
    """Return where the part that is asked for begins; None where all is to be given."""
    asked = _ONE_RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or request.headers.get("if-range", tag) != tag:
        return None
    first, last, ending = (None if one is None else int(one) for one in asked.groups())
    if first is None:
        return max(size_bytes - (ending or 0), 0)
    return first if last is None or first <= last else None


# -- flags, and what is said of them ---------------------------------------------------------------


@get(router, "/sessions/{session_id}/flags", Listing[models.Flag], 403, 404, 409)
def flags(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    session_id: SessionId,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List what was flagged in a session, with what was said of it last; for the therapist."""
    for_therapist(role)
    page, last = part(_flags(desk, session_of(desk, role, session_id)), limit, cursor)
    return listing(request, page, last)


@get(
    router,
    "/sessions/{session_id}/flags/{ordinal}/{check_id}/verdicts",
    Listing[models.Verdict],
    403,
    404,
    409,
)
def verdicts(  # noqa: PLR0913 -- whose, of what, and which page
    request: Request,
    desk: TheDesk,
    role: TheRole,
    session_id: SessionId,
    ordinal: Ordinal,
    check_id: CheckId,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List what was said of a flag, in the order it was entered: the last holds."""
    for_therapist(role)
    _flag(desk, session_of(desk, role, session_id), ordinal, check_id)
    said = [
        verdict_document(one)
        for one in desk.log.verdicts.of_session(session_id)
        if (one.ordinal, one.check_id) == (ordinal, check_id)
    ]
    page, last = part(said, limit, cursor)
    return listing(request, page, last)


@router.post(
    "/sessions/{session_id}/flags/{ordinal}/{check_id}/verdicts",
    status_code=201,
    response_model=models.Flag,
    responses=problems(400, 403, 404, 409, 413),
    summary="Confirm or dismiss a flag.",
    description="What was measured, and what was said before, stays. For the therapist alone.",
)
def decide(  # noqa: PLR0913 -- whose, of what, and what
    request: Request,
    desk: TheDesk,
    role: TheRole,
    session_id: SessionId,
    ordinal: Ordinal,
    check_id: CheckId,
    new: NewVerdict,
) -> Response:
    """Say whether a flag is right."""
    for_therapist(role)
    detail = session_of(desk, role, session_id)
    _flag(desk, detail, ordinal, check_id)
    moment = desk.clock().isoformat()
    desk.log.verdicts.decide(session_id, Verdict(ordinal, check_id, new.finding, moment, new.note))
    address = f"{request.scope['root_path']}/sessions/{session_id}/flags"
    return _made(
        answer(request, _flag(desk, detail, ordinal, check_id)),
        f"{address}/{ordinal}/{check_id}/verdicts",
    )


@get(router, "/checks", Listing[models.Check], 403)
def checks(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    exercise: Annotated[str | None, Query(description="Id of the exercise.")] = None,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """List how often each check was right by the verdicts on its flags; for the therapist."""
    for_therapist(role)
    page, last = part(check_histories(desk.log, exercise), limit, cursor)
    return listing(request, map(check_document, page), last)


def _flags(desk: Desk, detail: SessionDetail) -> list[dict[str, object]]:
    session_id = detail.row.session_id
    said = desk.log.verdicts.of_session(session_id)
    return list(flag_documents(detail, desk.log.clips.rows(session_id), said))


def _flag(desk: Desk, detail: SessionDetail, ordinal: int, check_id: str) -> dict[str, object]:
    for one in _flags(desk, detail):
        if (one["ordinal"], one["id"]) == (ordinal, check_id):
            return one
    raise RefusedError(404, "There is no such flag; /api/v1/sessions/ID/flags lists all.")


# -- what has to be seen first ---------------------------------------------------------------------


@get(router, "/concerns", models.Concerns, 403, 404, 409)
def concerns(
    request: Request,
    desk: TheDesk,
    role: TheRole,
    patient: Patient = None,
    since: Annotated[
        Day | None,
        Query(description="First day that is looked at, the patient's; 28 days back without."),
    ] = None,
) -> Response:
    """Show what to look at first, with what it rests on; for the therapist."""
    for_therapist(role)
    alias = alias_for(desk, role, patient)
    first, last = span_of(desk, since or desk.today - timedelta(days=_SEEN_DAYS), None)
    span = Span(first, last)
    begin = moment_of(first or date.min, time(), desk.zone)
    found = concerns_of(desk.log, alias, begin, desk.find)
    lately = progress_of(desk.log, alias, desk.find, span, desk.zone)
    return answer(request, concerns_document(found, begin, lately.suggestions))


@router.post(
    "/sittings/{sitting_id}/readings",
    status_code=201,
    response_model=Sitting,
    responses=problems(400, 403, 404, 409, 413),
    summary="Mark the message of a sitting as read.",
    description=(
        "It is no concern any more, and stays with its sitting. Words that the patient adds later "
        "are unread again. For the therapist alone."
    ),
)
def read(
    request: Request, desk: TheDesk, role: TheRole, sitting_id: SittingId, new: NewReading
) -> Response:
    """Enter that a message was read."""
    for_therapist(role)
    if not desk.log.paged.has_sitting(sitting_id, scope_for(desk, role, None)):
        raise RefusedError(404, "There is no such sitting; /api/v1/sittings lists all.")
    reading = MessageReading(desk.clock().isoformat(), new.by)
    row = desk.log.sittings.mark_read(sitting_id, reading, new.message)
    address = f"{request.scope['root_path']}/sittings/{sitting_id}"
    return _made(answer(request, sitting_document(row)), address)


def _made(made: Response, address: str) -> Response:
    made.status_code = 201
    made.headers["Location"] = address
    return made


_NO_CLIP: Final = "There is no such clip; /api/v1/clips lists all."
