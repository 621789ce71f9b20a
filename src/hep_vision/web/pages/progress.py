"""What the patient has done, in words and in plots; suggestions are the therapist's alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from hep_vision.app.progress import Span, only_of, progress_of
from hep_vision.program.milestones import in_words
from hep_vision.program.overview import Progress
from hep_vision.reports.progress_plot import PlotPart, described, progress_svg
from hep_vision.reports.progress_story import Story
from hep_vision.reports.progress_story import in_words as day_words
from hep_vision.reports.progress_words import (
    change_words,
    days_in_words,
    measure_words,
    plain,
    sets_in_words,
    side_words,
    work_in_words,
)
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.progress_kept import kept_progress
from hep_vision.web.pictures import svg

router = APIRouter(include_in_schema=False)

_USUAL_DAYS: Final = 91
"""What is shown at first: as long as a program mostly lasts, and soon worked out however old the
log is (own judgement)."""
_ALL: Final = "all"
_SPANS: Final = (
    ("The last 4 weeks", 28),
    ("The last 3 months", _USUAL_DAYS),
    ("From the beginning", None),
)
_HEADINGS: Final = {
    PlotPart.RANGE: "How far it went",
    PlotPart.WORK: "What you did",
    PlotPart.FORM: "How well it went",
    PlotPart.FEELING: "How it felt",
    PlotPart.CALENDAR: "Day by day",
}
_MOST_MILESTONES: Final = 12


@router.get("/progress")
def progress(
    desk: TheDesk, role: TheRole, request: Request, exercise: str = "", since: str = ""
) -> Response:
    """Show what was done, how far it went and how it felt."""
    kept, begin = kept_progress(request), _begin(since, desk.today)
    whole = kept.renewed((desk.patient, begin), desk.clock(), lambda: _found(desk, begin))
    found = only_of(whole, exercise) if exercise else whole
    story = Story.of(found, desk.today)
    parts = [each for each in PlotPart if not (exercise and each is PlotPart.CALENDAR)]
    names = {one.exercise_id: one.name for one in whole.exercises}
    return page(
        "progress.html.j2",
        role,
        days=f"{day_words(found.since)} to {day_words(found.until)}",
        empty=found.empty,
        only=names.get(exercise, ""),
        lines=_lines(found),
        milestones=[
            (day_words(one.day), in_words(one, names.get(one.exercise_id, one.exercise_id)))
            for one in reversed(found.milestones[-_MOST_MILESTONES:])
        ],
        work=work_in_words(found),
        ranges=_ranges(found),
        plots=[_Plot.of(story, each, exercise, since) for each in parts],
        spans=[
            (words, _address("/progress", exercise, start), start == since)
            for words, days in _SPANS
            for start in [_start(days, desk.today)]
        ],
        exercises=[
            ("All exercises", _address("/progress", "", since), not exercise),
            *(
                (name, _address("/progress", each, since), each == exercise)
                for each, name in names.items()
            ),
        ],
    )


@router.get("/plots/{part}.svg")
def plot(
    desk: TheDesk, request: Request, part: PlotPart, exercise: str = "", since: str = ""
) -> Response:
    """Draw one part of the progress."""
    kept, begin = kept_progress(request), _begin(since, desk.today)
    found = kept.of((desk.patient, begin), desk.clock(), lambda: _found(desk, begin))
    story = Story.of(only_of(found, exercise) if exercise else found, desk.today)
    if exercise:
        story = story.of_exercise(exercise)
    return svg(progress_svg(story, part, str(part)))


@dataclass(frozen=True, slots=True)
class _Plot:
    """One plot: its heading, where it is, and the same in words."""

    heading: str
    address: str
    words: str

    @classmethod
    def of(cls, story: Story, part: PlotPart, exercise: str, since: str) -> "_Plot":
        shown = story.of_exercise(exercise) if exercise else story
        address = _address(f"/plots/{part}.svg", exercise, since)
        return cls(_HEADINGS[part], address, described(shown, part))


def _found(desk: Desk, begin: date | None) -> Progress:
    return progress_of(desk.log, desk.patient, desk.find, Span(begin, desk.today), desk.zone)


def _begin(text: str, today: date) -> date | None:
    """Return the first day of an address; None is the beginning, and what is no day the usual."""
    if text == _ALL:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today - timedelta(_USUAL_DAYS - 1)


def _start(days: int | None, today: date) -> str:
    """Return how an address says so many days: nothing for the usual ones."""
    if days is None:
        return _ALL
    return "" if days == _USUAL_DAYS else (today - timedelta(days - 1)).isoformat()


def _address(path: str, exercise: str, since: str) -> str:
    given = {name: value for name, value in (("exercise", exercise), ("since", since)) if value}
    return f"{path}?{urlencode(given)}" if given else path


def _lines(found: Progress) -> list[str]:
    lines = []
    if found.adherence is not None and found.adherence.days_due:
        lines += [f"{sets_in_words(found.adherence)}.", f"{days_in_words(found.adherence)}."]
    if found.days_in_a_row > 1:
        lines.append(f"{found.days_in_a_row} days in a row, rest days left out.")
    return lines


def _ranges(found: Progress) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            one.name,
            f"{measure_words(course.measure)}, {side_words(course.side)}",
            plain(course.days[-1].value, course.unit),
            plain(course.days[-1].goal, course.unit),
            change_words(course),
        )
        for one in found.exercises
        for course in one.courses
    ]
