"""What the patient did, one time after the other, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.program import newest_version
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.types import ReportKind, Side, StopReason
from hep_vision.errors import ExerciseSpecError, StoreError
from hep_vision.program.schedule import local_day
from hep_vision.reports.day_words import clock
from hep_vision.reports.handout_words import day_in_words
from hep_vision.store.records import SessionStatus, SittingRow, SittingSet
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 20
_REPORTS: Final = (
    (ReportKind.PAIN_BEFORE, "Pain before"),
    (ReportKind.PAIN_AFTER, "Pain after"),
    (ReportKind.PAIN_NEXT_MORNING, "Pain the next morning"),
    (ReportKind.EFFORT, "Effort"),
)
_STOPPED: Final = {
    StopReason.PAIN: "You stopped because of pain. That was right.",
    StopReason.TIRED: "You stopped when you were tired. That is fine.",
    StopReason.OTHER: "You stopped before the end. That is fine.",
}
_MOST_PAGES: Final = 10_000


@router.get("/history")
def history(desk: TheDesk, role: TheRole, p: str = "1") -> Response:
    """Show the times in front of the camera, newest first."""
    number = _number(p)
    program_id = _whose(desk)
    rows = desk.log.sittings.rows(A_PAGE + 1, offset=A_PAGE * (number - 1), program_id=program_id)
    return page(
        "history.html.j2",
        role,
        sittings=[_told(desk, row) for row in rows[:A_PAGE]],
        number=number,
        older=len(rows) > A_PAGE,
    )


@router.get("/history/{sitting_id}")
def sitting(desk: TheDesk, role: TheRole, sitting_id: str) -> Response:
    """Show one time in front of the camera."""
    try:
        row = desk.log.sittings.sitting(sitting_id)
    except StoreError:
        return _missing(role)
    program_id = _whose(desk)
    if program_id is not None and (row.program is None or row.program.program_id != program_id):
        return _missing(role)
    return page("sitting.html.j2", role, sitting=_told(desk, row))


def _missing(role: TheRole) -> Response:
    line = "There is no such session here; the page of the history lists those there are."
    return page("message.html.j2", role, 404, line=line)


@dataclass(frozen=True, slots=True)
class _Set:
    """One set: "Squat, left side", "10 of 10 repetitions", "8 of them clean"."""

    name: str
    done: str
    remark: str


@dataclass(frozen=True, slots=True)
class _Told:
    """One time in front of the camera, in words.

    Attributes:
        day: Of the patient's calendar.
        at: By the patient's clock.
        exercises: The names of what was done.
        sets: What each set came to.
        said: What was asked, and the answer.
        summary: One friendly sentence.
        stopped: Why it ended early, kindly; empty where it did not or nobody said.
    """

    sitting_id: str
    day: str
    at: str
    exercises: str
    sets: tuple[_Set, ...]
    said: tuple[tuple[str, str], ...]
    summary: str
    stopped: str
    message: str
    running: bool


def _told(desk: Desk, row: SittingRow) -> _Told:
    began = datetime.fromisoformat(row.started_at)
    sets = [_set(desk, one, row) for one in row.sets]
    names = dict.fromkeys(_name(_exercise(desk, one), one) for one in row.sets)
    return _Told(
        row.sitting_id,
        day_in_words(local_day(began, desk.zone)),
        clock(began.astimezone(desk.zone).time()),
        ", ".join(names),
        tuple(sets),
        tuple(
            (words, f"{value} of 10")
            for kind, words in _REPORTS
            if (value := row.reported(kind)) is not None
        ),
        _summary(row),
        "" if row.stop_reason is None else _STOPPED[row.stop_reason],
        row.message or "",
        row.status is SessionStatus.RUNNING,
    )


def _set(desk: Desk, one: SittingSet, row: SittingRow) -> _Set:
    exercise = _exercise(desk, one)
    header, counts = one.session.header, one.session.counts
    side = "" if header.side is Side.BOTH else f", {header.side} side"
    planned = _planned(row, one.set_number)
    corrected = one.session.corrected_count
    if exercise is not None and exercise.kind is Kind.TIMED_HOLD:
        done = f"{_counted(counts.holds, 'hold')}, {counts.held_ms / 1000:.0f} seconds"
    else:
        count = counts.counted if corrected is None else corrected
        of = f" of {planned}" if planned else ""
        done = f"{count}{of} repetition{'' if (planned or count) == 1 else 's'}"
    return _Set(f"{_name(exercise, one)}{side}", done, _remark(one))


def _remark(one: SittingSet) -> str:
    counts, tracking = one.session.counts, one.session.tracking
    if one.session.corrected_count is not None:
        return "counted again by hand"
    if one.session.doubtful:
        return "the count is not certain"
    if not counts.counted or tracking is None or not tracking.view_ok:
        return ""
    clean = counts.counted - counts.flagged
    return "all in good form" if clean == counts.counted else f"{clean} in good form"


def _summary(row: SittingRow) -> str:
    reps = sum(one.session.counts.counted for one in row.sets)
    held_s = round(sum(one.session.counts.held_ms for one in row.sets) / 1000)
    parts = [f"{_counted(reps, 'repetition')}"] if reps else []
    parts += [f"{_counted(held_s, 'second')} held"] if held_s else []
    if not parts:
        return "You were there, and that counts too."
    done = f"{_counted(len(row.sets), 'set')}, {' and '.join(parts)}."
    return f"Well done: {done}" if row.status is SessionStatus.FINISHED else f"You did {done}"


def _planned(row: SittingRow, place: int) -> int | None:
    sets: list[dict[str, Any]] = row.plan.get("sets", [])
    return next((one.get("reps") for one in sets if one.get("place") == place), None)


def _exercise(desk: Desk, one: SittingSet) -> ExerciseDefinition | None:
    try:
        return desk.find(one.session.header.exercise_id)
    except ExerciseSpecError:
        return None  # removed since: what was done stays


def _name(exercise: ExerciseDefinition | None, one: SittingSet) -> str:
    return one.session.header.exercise_id if exercise is None else exercise.name


def _whose(desk: Desk) -> str | None:
    """Return the program whose sittings are shown; None shows all where the log is one person's."""
    if desk.patient is None and len(desk.log.programs.newest()) < 2:
        return None
    return newest_version(desk.log, desk.patient).ref.program_id


def _number(text: str) -> int:
    return min(int(text), _MOST_PAGES) if text.isdecimal() and int(text[:9]) > 0 else 1


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
