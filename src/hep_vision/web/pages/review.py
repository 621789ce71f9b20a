"""The therapist's inbox: what needs eyes first and why, then everything, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.inbox import Attention, attention
from hep_vision.core.types import ReportKind
from hep_vision.errors import NotThereError
from hep_vision.program.concerns import Kind
from hep_vision.store.inbox import SeenSet, SeenTime
from hep_vision.store.records import SessionStatus
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages import (
    review_checks,
    review_compare,
    review_exercises,
    review_message,
    review_patient,
    review_programs,
    review_report,
    review_rescore,
    review_session,
)
from hep_vision.web.pages.review_message import checksum, message_of
from hep_vision.web.pages.review_shared import Names, when

router = APIRouter(prefix="/review", include_in_schema=False)

PAGE_ROWS: Final = 25
SPANS_DAYS: Final = (7, 14, 60)
_DAYS: Final = 14
_KINDS: Final = {
    Kind.RED_PAIN: "Red pain",
    Kind.STOPPED_FOR_PAIN: "Stopped for pain",
    Kind.RISING_PAIN: "Pain is rising",
    Kind.NOT_SETTLED: "Pain not settled",
    Kind.OVER_LIMIT: "Beyond the limit",
    Kind.SAME_DEVIATION: "The same again",
    Kind.MESSAGE: "Message",
    Kind.UNCERTAIN_COUNT: "Uncertain count",
}
_STATUS: Final = {
    SessionStatus.RUNNING: "under way, or never ended",
    SessionStatus.INTERRUPTED: "not finished",
    SessionStatus.FAILED: "failed",
}
_KIND_WORDS: Final = {
    ReportKind.PAIN_BEFORE: "Pain before",
    ReportKind.PAIN_AFTER: "Pain after",
    ReportKind.PAIN_NEXT_MORNING: "Pain the next morning",
    ReportKind.EFFORT: "Effort",
}


@dataclass(frozen=True, slots=True)
class First:
    """A line of what comes first; of a message, where it is marked as read, and its checksum."""

    kind: str
    grave: bool
    sentence: str
    when: str
    patient: str
    address: str
    read: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list of everything."""

    when: str
    address: str
    what: str
    patient: str
    why: tuple[str, ...]


@router.get("")
def inbox(desk: TheDesk, role: TheRole, days: int = _DAYS, number: int = 1) -> Response:
    """Show what needs eyes first, and a page of everything."""
    days = days if days in SPANS_DAYS else _DAYS
    names = Names(desk)
    first = attention(desk.log, desk.clock() - timedelta(days=days), desk.find)
    count = desk.log.inbox.count()
    pages = max(1, -(-count // PAGE_ROWS))
    number = min(max(1, number), pages)
    rows = desk.log.inbox.page(PAGE_ROWS, (number - 1) * PAGE_ROWS)
    return page(
        "review_inbox.html.j2",
        role,
        first=[_first(desk, one, names) for one in first],
        days=days,
        spans=SPANS_DAYS,
        rows=[_line(desk, one, names) for one in rows],
        number=number,
        pages=pages,
        count=count,
    )


@router.get("/sittings/{sitting_id}")
def sitting(desk: TheDesk, role: TheRole, sitting_id: str) -> Response:
    """Show a sitting: its sets, what was said, and the message."""
    if not desk.log.inbox.has_sitting(sitting_id):
        raise NotThereError(
            "This sitting is not in the log: it was removed, or the address is wrong. The inbox "
            "shows what there is."
        )
    found, names = desk.log.sittings.sitting(sitting_id), Names(desk)
    return page(
        "review_sitting.html.j2",
        role,
        sitting=found,
        when=when(desk, found.started_at),
        message=message_of(desk, found),
        state=_STATUS.get(found.status, ""),
        said=[
            (
                _KIND_WORDS[one.kind],
                names.exercise(one.exercise_id) if one.exercise_id else "the whole sitting",
                one.value,
                when(desk, one.reported_at),
            )
            for one in found.reports
        ],
        sets=[(one, names.exercise(one.session.header.exercise_id)) for one in found.sets],
    )


def _first(desk: Desk, one: Attention, names: Names) -> First:
    told = one.kind is Kind.MESSAGE  # in the patient's own words
    sentence = one.sentence if told else names.in_words(one.sentence, one.exercise_id)
    return First(
        _KINDS[one.kind],
        one.kind in (Kind.RED_PAIN, Kind.STOPPED_FOR_PAIN, Kind.OVER_LIMIT),
        sentence,
        when(desk, one.at),
        one.patient or "",
        f"/review/sittings/{one.sitting_id}"
        if one.sitting_id
        else f"/review/sessions/{one.session_id}",
        (f"/review/sittings/{one.sitting_id}/read", checksum(one.message)) if one.message else None,
    )


def _line(desk: Desk, time: SeenTime, names: Names) -> Line:
    address = (
        f"/review/sittings/{time.sitting_id}"
        if time.sitting_id
        else f"/review/sessions/{time.sets[0].session_id}"
    )
    what = ", ".join(_done(time.sets, names)) or "nothing was done"
    return Line(when(desk, time.started_at), address, what, time.patient or "", _why(time, names))


def _done(sets: Sequence[SeenSet], names: Names) -> list[str]:
    counts: dict[str, list[str]] = {}
    for one in sets:
        number = one.counted if one.corrected is None else one.corrected
        counts.setdefault(one.exercise_id, []).append(str(number))
    return [f"{names.exercise(one)} {' + '.join(numbers)}" for one, numbers in counts.items()]


def _why(time: SeenTime, names: Names) -> tuple[str, ...]:
    """Return what there is to see in it, a few words each."""
    found = []
    if time.pain_after is not None:
        found.append(f"pain {time.pain_after} after")
    if time.stop_reason is not None:
        found.append(f"stopped: {time.stop_reason}")
    if time.message:
        found.append("message, read" if time.message_read else "message")
    flags: dict[tuple[str, str], int] = {}
    for one in time.sets:
        for check, number in one.flags.items():
            key = one.exercise_id, check
            flags[key] = flags.get(key, 0) + number
    found += [
        f"{names.check(*key).lower()} {number} times" if number > 1 else names.check(*key).lower()
        for key, number in sorted(flags.items(), key=lambda item: -item[1])
    ]
    if any(one.uncertain for one in time.sets):
        found.append("count uncertain")
    status = {one.status for one in time.sets} & set(_STATUS)
    found += [_STATUS[one] for one in status]
    return tuple(found)


router_of_all = APIRouter()
for _part in (
    router,
    review_message.router,
    review_session.router,
    review_programs.router,
    review_patient.router,
    review_rescore.router,
    review_exercises.router,
    review_compare.router,
    review_checks.router,
    review_report.router,
):
    router_of_all.include_router(_part)
