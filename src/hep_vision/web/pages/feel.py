"""How it felt, told later: the pain of the next morning, effort, and words for the therapist."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from hep_vision.app.feel import Feeling, exercises_of, sitting_told_of, tell
from hep_vision.coach.asking import LONGEST_MESSAGE
from hep_vision.core.types import ReportKind
from hep_vision.errors import ExerciseSpecError, FeelingError
from hep_vision.program.schedule import local_day
from hep_vision.reports.handout_words import day_in_words
from hep_vision.store.records import HIGHEST_REPORT, SittingRow
from hep_vision.web.access import Role
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page

router = APIRouter(include_in_schema=False)

_ASKED: Final = (
    (ReportKind.PAIN_NEXT_MORNING, "Pain on the morning after", "no pain", "worst pain"),
    (ReportKind.PAIN_AFTER, "Pain after it", "no pain", "worst pain"),
    (ReportKind.EFFORT, "How hard it was", "no effort", "hardest ever"),
)


@router.get("/feel")
def ask(desk: TheDesk, role: TheRole) -> Response:
    """Ask how the last exercises felt."""
    try:
        row = sitting_told_of(desk.log, desk.patient, None)
    except FeelingError:
        return page("feel.html.j2", role, row=None, told=False, advice=[])
    return _form(desk, role, row, told=False, advice=[])


@router.post("/feel")
def take(  # noqa: PLR0913 -- one parameter per question
    desk: TheDesk,
    role: TheRole,
    pain_next_morning: Annotated[int | None, Form()] = None,
    pain_after: Annotated[int | None, Form()] = None,
    effort: Annotated[int | None, Form()] = None,
    exercise: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
) -> Response:
    """Keep what was told, and say what follows from it."""
    row = sitting_told_of(desk.log, desk.patient, None)
    given = (
        (ReportKind.PAIN_NEXT_MORNING, pain_next_morning),
        (ReportKind.PAIN_AFTER, pain_after),
        (ReportKind.EFFORT, effort),
    )
    scores = tuple((kind, value) for kind, value in given if value is not None)
    words = message.strip() or None
    if not scores and words is None:
        return _form(desk, role, row, told=False, advice=["Nothing was said, so nothing was kept."])
    # Words are about the whole sitting; an exercise alone asks for a score.
    feeling = Feeling(scores, exercise or None if scores else None, words)
    advice = tell(desk.log, row, feeling, desk.find, desk.clock().isoformat())
    kept = desk.log.sittings.sitting(row.sitting_id)
    return _form(desk, role, kept, told=True, advice=[one.words for one in advice[-1:]])


def _form(desk: Desk, role: Role, row: SittingRow, *, told: bool, advice: list[str]) -> Response:
    began = datetime.fromisoformat(row.started_at)
    return page(
        "feel.html.j2",
        role,
        row=row,
        day=day_in_words(local_day(began, desk.zone)),
        questions=[(str(kind), words, lowest, highest) for kind, words, lowest, highest in _ASKED],
        scale=range(HIGHEST_REPORT + 1),
        exercises=[(one, _name(desk, one)) for one in exercises_of(row)],
        longest=LONGEST_MESSAGE,
        told=told,
        advice=advice,
    )


def _name(desk: Desk, exercise_id: str) -> str:
    try:
        return desk.find(exercise_id).name
    except ExerciseSpecError:
        return exercise_id  # removed since
