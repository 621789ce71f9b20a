"""One session as the therapist sees it: what was counted, the replay, the curve, and the flags.

Everything that changes something is a form, so it works without a script; the script moves table,
curve and replay together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, JSONResponse
from starlette.responses import RedirectResponse, Response

from hep_vision.app.correct import correct_count
from hep_vision.app.session_replay import Replay, Replays
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, Hold, Rep, RepStatus, Severity, Side
from hep_vision.errors import ClipError, NotThereError, StoreError
from hep_vision.store.records import SessionDetail
from hep_vision.store.review_records import ClipRow, Finding, Verdict
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_body import body
from hep_vision.web.pages.review_curve import draw, numbers, scale_of
from hep_vision.web.pages.review_message import MessageView, message_of
from hep_vision.web.pages.review_shared import (
    SHORT_ID,
    Names,
    clock,
    exact_words,
    session_of,
    value_words,
    when,
)

router = APIRouter(prefix="/review", include_in_schema=False)

LONGEST_PART_MS: Final = 120_000
"""How much of the landmarks is given at once."""
MOST_COUNT: Final = 9_999
MOST_EVENTS: Final = 10**6
LONGEST_MS: Final = 10**10
LONGEST_NOTE: Final = 2_000
_STATUS: Final = {
    RepStatus.COUNTED: "counted",
    RepStatus.PARTIAL: "partial",
    RepStatus.REJECTED: "not counted",
    RepStatus.OPEN: "cut off",
}


@dataclass(frozen=True, slots=True)
class FlagView:
    """A deviation, and what was said of it."""

    ordinal: int
    check_id: str
    name: str
    severity: Severity
    what: str
    at_ms: int
    at: str
    finding: Finding | None
    note: str


@dataclass(frozen=True, slots=True)
class RepView:
    """A line of the table."""

    ordinal: int
    number: str
    side: str
    status: str
    reason: str
    start_ms: int
    end_ms: int
    at: str
    reached: str
    tempo: str
    flags: tuple[FlagView, ...]


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip that can be played, or why it cannot."""

    clip_id: str
    start_ms: int
    end_ms: int
    rep: int
    blurred: bool
    problem: str


@router.get("/sessions/{session_id}")
def show(desk: TheDesk, role: TheRole, request: Request, session_id: str) -> Response:
    """Show a session."""
    replay = replays_of(request, desk).of(session_of(desk, session_id))
    return session_page(desk, role, replay)


def session_page(desk: Desk, role: Any, replay: Replay, problem: str = "") -> Response:
    """Return the page of a session; with a problem, what was sent is not taken."""
    detail, names = replay.detail, Names(desk)
    row = detail.row
    rows = tuple(session_rows(desk, replay, names))
    clips = [_clip(desk, one) for one in desk.log.clips.rows(row.session_id)]
    scale = scale_of([replay])
    header = row.header
    return page(
        "review_session.html.j2",
        role,
        400 if problem else 200,
        row=row,
        short_id=row.session_id[:SHORT_ID],
        name=names.exercise(header.exercise_id),
        when=when(desk, header.started_at),
        summary=summary_of(detail),
        sitting=_sitting(desk, detail),
        message=_message(desk, detail),
        rows=rows,
        sided=any(one.side != "both" for one in rows),
        flags=[flag for one in rows for flag in one.flags],
        not_checked=_not_checked(detail, names),
        clips=[one for one in clips if not one.problem],
        notes=[
            *filter(None, [replay.problem, *_notes(replay)]),
            *(one.problem for one in clips if one.problem),
        ],
        drawn=None if scale is None else draw(replay, scale),
        aims=_aims(replay),
        has_frames=replay.frames is not None,
        begin_ms=0 if replay.frames is None else int(replay.frames.timestamp_ms[0]),
        end_ms=0 if replay.frames is None else int(replay.frames.timestamp_ms[-1]),
        noun="holds" if detail.holds else "repetitions",
        corrections=[
            (one.count, when(desk, one.corrected_at), one.note or "") for one in row.corrections
        ],
        others=_others(desk, detail),
        problem=problem,
        findings=tuple(Finding),
    )


@router.get("/sessions/{session_id}/landmarks")
def landmarks(
    desk: TheDesk,
    request: Request,
    session_id: str,
    start_ms: Annotated[int, Query(ge=0, le=LONGEST_MS)] = 0,
    end_ms: Annotated[int | None, Query(ge=0, le=LONGEST_MS)] = None,
) -> Response:
    """Return the body in each picture of a part, for the script that draws it."""
    replay = replays_of(request, desk).of(session_of(desk, session_id))
    last_ms = start_ms + LONGEST_PART_MS
    last_ms = last_ms if end_ms is None else min(end_ms, last_ms)
    return JSONResponse(body(replay, start_ms, last_ms))


@router.get("/sessions/{session_id}/curve")
def curve(desk: TheDesk, request: Request, session_id: str) -> Response:
    """Return the curves as numbers, for the script that reads the value at a moment."""
    replay = replays_of(request, desk).of(session_of(desk, session_id))
    return JSONResponse(numbers(replay))


@router.get("/clips/{clip_id}.mp4")
def clip(desk: TheDesk, clip_id: str) -> Response:
    """Send a clip, in parts where the browser asks for parts."""
    try:
        row = desk.log.clips.row(clip_id)
        if row.clip_id == clip_id:  # enough of its beginning is for a terminal
            return FileResponse(desk.log.clips.path(row), media_type="video/mp4")
    except ClipError as error:
        raise NotThereError(str(error)) from error
    except StoreError:
        pass
    raise NotThereError("This clip is not in the log: it was deleted, or never kept.")


@router.post("/sessions/{session_id}/verdicts")
def decide(
    desk: TheDesk,
    session_id: str,
    ordinal: Annotated[int, Form(ge=0, le=MOST_EVENTS)],
    check_id: Annotated[str, Form()],
    finding: Annotated[Finding, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """Keep what the therapist says of one flag."""
    detail = session_of(desk, session_id)
    moment = desk.clock().isoformat()
    words = " ".join(note.split())[:LONGEST_NOTE]
    try:
        desk.log.verdicts.decide(
            detail.row.session_id, Verdict(ordinal, check_id, finding, moment, words)
        )
    except StoreError as error:
        if ordinal < len(detail.events) and check_id in _checks_at(detail, ordinal):
            raise
        raise NotThereError(str(error)) from error
    return RedirectResponse(
        f"/review/sessions/{session_id}?at={ordinal}#flag-{ordinal}-{check_id}", 303
    )


@router.post("/sessions/{session_id}/count")
def correct(
    desk: TheDesk,
    role: TheRole,
    request: Request,
    session_id: str,
    count: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Enter the right count beside the measured one."""
    detail = session_of(desk, session_id)
    text = count.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_COUNT))):
        replay = replays_of(request, desk).of(detail)
        line = f"'{text}' is not a count: write a whole number from 0 to {MOST_COUNT}."
        return session_page(desk, role, replay, line)
    words = " ".join(note.split())[:LONGEST_NOTE] or None
    correct_count(desk.log, detail.row.session_id, int(text), words)
    return RedirectResponse(f"/review/sessions/{session_id}#count", 303)


def replays_of(request: Request, desk: Desk) -> Replays:
    """Return the replays that this server keeps at hand."""
    state = request.app.state
    if not hasattr(state, "replays"):
        state.replays = Replays(desk.find)
    replays: Replays = state.replays
    return replays


def _checks_at(detail: SessionDetail, ordinal: int) -> set[str]:
    event = detail.events[ordinal]
    return {one.id for one in event.deviations} if isinstance(event, Rep | Hold) else set()


# -- the table ------------------------------------------------------------------------------------


def session_rows(desk: Desk, replay: Replay, names: Names) -> Iterator[RepView]:
    """Yield the lines of the table, with what was said of each flag."""
    detail = replay.detail
    said = {
        (one.ordinal, one.check_id): one
        for one in desk.log.verdicts.of_session(detail.row.session_id)
    }
    unit = _unit(replay)
    for ordinal, event in enumerate(detail.events):
        if not isinstance(event, Rep | Hold):
            continue
        flags = tuple(
            _flag(ordinal, one, names.check(detail.row.header.exercise_id, one.id), said)
            for one in event.deviations
        )
        side = "both" if event.side is Side.BOTH else str(event.side)
        if isinstance(event, Hold):
            lasted = (event.end_ms - event.start_ms) / 1000
            yield RepView(
                ordinal, str(event.index), side, "held", "", event.start_ms, event.end_ms,
                clock(event.start_ms), f"{event.counted_ms / 1000:.1f} s",
                f"{lasted:.1f} s in all", flags,
            )  # fmt: skip
            continue
        parts = (event.concentric_ms, event.hold_ms, event.eccentric_ms)
        yield RepView(
            ordinal,
            str(event.index or "-"),
            side,
            _STATUS[event.status],
            event.reason or "",
            event.start_ms,
            event.end_ms,
            clock(event.start_ms),
            value_words(event.peak_deg, unit, event.uncertainty_deg),
            " / ".join(f"{part / 1000:.1f}" for part in parts),
            flags,
        )


def _flag(
    ordinal: int, one: Deviation, name: str, said: dict[tuple[int, str], Verdict]
) -> FlagView:
    verdict = said.get((ordinal, one.id))
    unit = {"deg": "°", "s": " s", "percent": " %", "ratio": ""}.get(one.unit, f" {one.unit}")
    digits = 0 if one.unit in ("deg", "percent") else 2
    what = f"{one.value:.{digits}f}{unit}, flagged from {one.threshold:g}{unit}"
    return FlagView(
        ordinal, one.id, name, one.severity, what, (one.start_ms + one.end_ms) // 2,
        clock(one.start_ms), None if verdict is None else verdict.finding,
        "" if verdict is None else verdict.note or "",
    )  # fmt: skip


def _unit(replay: Replay) -> str:
    exercise = replay.exercise
    return (
        ""
        if exercise is None or exercise.reported is None
        else (MEASURES[exercise.reported.measure].unit)
    )


def summary_of(detail: SessionDetail) -> str:
    """Return what a session came to: "5 counted, 1 partial"."""
    counts = detail.row.counts
    if detail.holds:
        return f"{counts.holds} held, {counts.held_ms / 1000:.1f} s in all"
    parts = [f"{counts.counted} counted"]
    for number, word in (
        (counts.partial, "partial"),
        (counts.rejected, "not counted"),
        (counts.open, "cut off"),
    ):
        parts += [f"{number} {word}"] if number else []
    return ", ".join(parts)


def _notes(replay: Replay) -> Iterator[str]:
    row = replay.detail.row
    if row.status_reason:
        yield f"The session was not finished: {row.status_reason}."
    if row.tracking is not None and not row.tracking.view_ok:
        yield f"Seen from the {row.tracking.view}, from where this exercise cannot be judged well."
    exercise = replay.exercise
    if exercise is not None and exercise.revision != row.header.exercise_revision:
        yield (
            f"Judged by revision {row.header.exercise_revision} of the exercise; the curve is "
            f"drawn by revision {exercise.revision}."
        )
    if row.doubtful and row.audit is not None:
        yield f"The count is uncertain: a second count came to {row.audit.recount}."


def _not_checked(detail: SessionDetail, names: Names) -> list[str]:
    events: tuple[Rep | Hold, ...] = (*detail.reps, *detail.holds)
    checks = dict.fromkeys(check for one in events for check in one.not_checked)
    return [names.check(detail.row.header.exercise_id, one).lower() for one in checks]


def _aims(replay: Replay) -> str:
    lines, unit = replay.lines, _unit(replay)
    if lines is None:
        return ""
    least = (
        "" if lines.minimum is None else f"smallest {exact_words(round(lines.minimum, 2), unit)}"
    )
    aims = [least, f"goal {exact_words(lines.goal, unit)}"]
    return ", ".join([*filter(None, aims), f"limit {exact_words(lines.limit, unit)}"])


def _sitting(desk: Desk, detail: SessionDetail) -> tuple[str, int] | None:
    header = detail.row.header
    if header.sitting_id is None:
        return None
    return header.sitting_id, header.set_number or 0


def _message(desk: Desk, detail: SessionDetail) -> MessageView | None:
    sitting_id = detail.row.header.sitting_id
    if sitting_id is None:
        return None
    return message_of(desk, desk.log.sittings.sitting(sitting_id), detail.row.session_id)


def _others(desk: Desk, detail: SessionDetail) -> list[tuple[str, str]]:
    """Return other sessions of the exercise to compare with, newest first."""
    own = detail.row.session_id
    found = desk.log.inbox.sessions_of(detail.row.header.exercise_id, 21)
    return [(session_id, when(desk, at)) for session_id, at in found if session_id != own]


def _clip(desk: Desk, row: ClipRow) -> ClipView:
    problem = ""
    try:
        desk.log.clips.path(row)
    except ClipError as error:
        problem = str(error)
    clip = row.clip
    return ClipView(row.clip_id, clip.start_ms, clip.end_ms, clip.rep, clip.blurred, problem)
