"""A patient as the therapist sees them: what was done, how far it went, what to consider."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hep_vision.app.concerns import concerns_of
from hep_vision.app.progress import Span, progress_of
from hep_vision.errors import NotThereError
from hep_vision.program.overview import ExerciseProgress, Progress
from hep_vision.program.schedule import moment_of
from hep_vision.program.suggestions import SuggestionKind
from hep_vision.reports.progress_plot import PlotPart, described, progress_svg
from hep_vision.reports.progress_story import Story
from hep_vision.reports.progress_words import (
    change_words,
    days_in_words,
    form_in_words,
    goal_in_words,
    range_in_words,
    sets_in_words,
    side_words,
    total_in_words,
)
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.progress_kept import kept_progress
from hep_vision.web.pages.review_shared import Names

router = APIRouter(prefix="/review/patient", include_in_schema=False)

SPANS_DAYS: Final = (28, 90, 365)
"""How far back one can look; all years are asked for apart, because they take their time."""
_ALL: Final = 0
_SEEN_DAYS: Final = 28
"""How far back what is to be seen may lie."""
_SUGGESTED: Final = {
    SuggestionKind.EASE: "Consider easing off",
    SuggestionKind.SHOW_AGAIN: "Consider showing it again",
    SuggestionKind.LESS_OFTEN: "Consider fewer days",
    SuggestionKind.FURTHER_GOAL: "Consider a further goal",
    SuggestionKind.MORE: "Consider a little more",
}
_PLOTS: Final = {
    PlotPart.RANGE: "How far it went",
    PlotPart.WORK: "What was done",
    PlotPart.FORM: "How it was done",
    PlotPart.FEELING: "How it felt",
    PlotPart.CALENDAR: "Day by day",
}


@dataclass(frozen=True, slots=True)
class _Whose:
    """A program that can be looked at."""

    program_id: str
    patient: str


@router.get("")
def overview(
    desk: TheDesk,
    role: TheRole,
    request: Request,
    program: str = "",
    days: int = 90,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Show a patient's progress, with what to consider."""
    days = _span_days(days, every=every)
    everyone = [_Whose(row.ref.program_id, row.patient) for row in desk.log.programs.newest()]
    if len(everyone) > 1 and not program:
        return page("review_patients.html.j2", role, everyone=everyone)
    whose = _chosen(everyone, program)
    kept = kept_progress(request)
    found = kept.renewed((whose, days), desk.clock(), lambda: _progress(desk, whose, days))
    story, names = Story.of(found, desk.today), Names(desk)
    first = max(found.since, desk.today - timedelta(days=_SEEN_DAYS))
    since = moment_of(first, time(), desk.zone)
    seen = concerns_of(desk.log, whose.patient if whose else None, since, desk.find)
    return page(
        "review_patient.html.j2",
        role,
        whose=whose,
        everyone=everyone,
        found=found,
        days=days,
        spans=SPANS_DAYS,
        span=f"days={days}" if days else "all=1",
        lines=_lines(found),
        work=[(one, _form(found, one), total_in_words(one)) for one in found.exercises],
        ranges=[
            (
                one.name,
                side_words(course.side),
                range_in_words(course),
                goal_in_words(course),
                change_words(course),
            )
            for one in found.exercises
            for course in one.courses
        ],
        suggestions=[
            (_SUGGESTED[one.kind], names.exercise(one.exercise_id), one.evidence)
            for one in found.suggestions
        ],
        concerns=seen,
        plots=[]
        if found.empty
        else [(part, title, described(story, part)) for part, title in _PLOTS.items()],
    )


@router.get("/plots/{part}.svg")
def plot(
    desk: TheDesk,
    request: Request,
    part: str,
    program: str = "",
    days: int = 90,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Return one plot."""
    if part not in set(PlotPart):
        raise NotThereError("There is no such plot.")
    days = _span_days(days, every=every)
    everyone = [_Whose(row.ref.program_id, row.patient) for row in desk.log.programs.newest()]
    whose = _chosen(everyone, program)
    kept = kept_progress(request)
    found = kept.of((whose, days), desk.clock(), lambda: _progress(desk, whose, days))
    svg = progress_svg(Story.of(found, desk.today), PlotPart(part), part)
    return Response(svg, media_type="image/svg+xml")


def _span_days(days: int, *, every: bool) -> int:
    if every:
        return _ALL
    return days if days in SPANS_DAYS else SPANS_DAYS[1]


def _chosen(everyone: list[_Whose], program: str) -> _Whose | None:
    if not program:
        return everyone[0] if everyone else None
    for one in everyone:
        if one.program_id == program:
            return one
    raise NotThereError("This program is not in the log. Programs shows what there is.")


def _progress(desk: Desk, whose: _Whose | None, days: int) -> Progress:
    today = desk.today
    since = None if days == _ALL else today - timedelta(days=days - 1)
    patient = None if whose is None else whose.patient
    return progress_of(desk.log, patient, desk.find, Span(since, today), desk.zone)


def _lines(found: Progress) -> list[str]:
    lines = []
    if found.adherence is not None and found.adherence.days_due:
        lines += [f"{sets_in_words(found.adherence)}.", f"{days_in_words(found.adherence)}."]
    if found.days_in_a_row > 1:
        lines.append(f"{found.days_in_a_row} days in a row, rest days left out.")
    if found.program is not None:
        lines.append(_review(found.program.review, found.until))
    return lines


def _review(day: date, today: date) -> str:
    return f"The review {'was' if day < today else 'is'} on {day}."


def _form(found: Progress, one: ExerciseProgress) -> str:
    due = found.adherence.exercises if found.adherence else ()
    for prescribed in due:
        if prescribed.exercise_id == one.exercise_id:
            sets = prescribed.sets
            return f"{sets.completed} of {sets.due} sets, clean {form_in_words(prescribed.reps)}"
    return f"{sum(day.sets for day in one.work)} sets"
