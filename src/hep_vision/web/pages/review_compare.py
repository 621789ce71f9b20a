"""Two sessions of an exercise side by side, their curves on the same scale."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from hep_vision.app.session_replay import Replay
from hep_vision.core.types import RepStatus
from hep_vision.store.records import SessionDetail
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_curve import Drawn, Scale, draw, scale_of
from hep_vision.web.pages.review_session import RepView, replays_of, session_rows, summary_of
from hep_vision.web.pages.review_shared import Names, session_of, value_words, when

router = APIRouter(prefix="/review/compare", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two."""

    session_id: str
    when: str
    summary: str
    reached: str
    seconds: str
    flags: str
    rows: tuple[RepView, ...]
    drawn: Drawn | None
    problem: str


@router.get("")
def compare(desk: TheDesk, role: TheRole, request: Request, a: str, b: str) -> Response:
    """Show two sessions."""
    details = [session_of(desk, one) for one in (a, b)]
    exercises = {one.row.header.exercise_id for one in details}
    if len(exercises) > 1:
        both = " and ".join(sorted(exercises))
        line = f"These are two exercises, {both}: choose two sessions of one."
        return page("message.html.j2", role, 400, line=line)
    replays = [replays_of(request, desk).of(one) for one in details]
    scale, names = scale_of(replays), Names(desk)
    views = {one.row.tracking.view for one in details if one.row.tracking is not None}
    return page(
        "review_compare.html.j2",
        role,
        name=names.exercise(exercises.pop()),
        halves=[_half(desk, one, scale, names) for one in replays],
        views=sorted(views) if len(views) > 1 else [],
    )


def _half(desk: Desk, replay: Replay, scale: Scale | None, names: Names) -> Half:
    detail = replay.detail
    rows = tuple(session_rows(desk, replay, names))
    flags = dict.fromkeys(flag.name for row in rows for flag in row.flags)
    many = {name: sum(flag.name == name for row in rows for flag in row.flags) for name in flags}
    return Half(
        detail.row.session_id,
        when(desk, detail.row.header.started_at),
        summary_of(detail),
        _reached(replay, detail),
        _seconds(detail),
        ", ".join(f"{name.lower()} {number}" for name, number in many.items()) or "none",
        rows,
        None if scale is None else draw(replay, scale),
        replay.problem,
    )


def _reached(replay: Replay, detail: SessionDetail) -> str:
    counted = [one for one in detail.reps if one.status is RepStatus.COUNTED]
    peaks = [one.peak_deg for one in counted if one.peak_deg is not None]
    if not peaks or not replay.curves:
        return "-"
    errors = [one.uncertainty_deg for one in counted if one.uncertainty_deg is not None]
    mean = sum(peaks) / len(peaks)
    return value_words(mean, replay.curves[0].unit, max(errors) if errors else None)


def _seconds(detail: SessionDetail) -> str:
    counted = [one for one in detail.reps if one.status is RepStatus.COUNTED]
    if not counted:
        return "-"
    up, hold, down = (
        sum(getattr(one, part) for one in counted) / len(counted) / 1000
        for part in ("concentric_ms", "hold_ms", "eccentric_ms")
    )
    return f"{up:.1f} / {hold:.1f} / {down:.1f}"
