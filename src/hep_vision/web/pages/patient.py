"""The patient's first page: what is due, one large button, and how the week stands."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.program import today_of
from hep_vision.core.demonstration import demonstrate
from hep_vision.core.types import Side
from hep_vision.program.schedule import Due
from hep_vision.program.spec import Works
from hep_vision.program.today import Today
from hep_vision.reports.day_words import (
    clock,
    day_in_short,
    needed_in_words,
    occasion_in_words,
    review_in_words,
    row_in_words,
    tally_in_words,
    week_of,
)
from hep_vision.reports.demo_svg import start_and_goal_svg
from hep_vision.reports.handout_words import day_in_words, dose_in_words, short_day, side_in_words
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.live import TheRoom
from hep_vision.web.pictures import svg

router = APIRouter(include_in_schema=False)

_REST: Final = "Rest is part of the program: your body builds up on these days."
_DONE: Final = "Everything for today is done. Enjoy the rest of your day."
_SOME: Final = "You have begun already. Whenever you are ready, go on from there."
_BEGIN: Final = "A few minutes are enough. Begin whenever it suits you."
_LATER: Final = "Nothing has to be done right now."


@router.get("/")
def today(desk: TheDesk, role: TheRole, room: TheRoom) -> Response:
    """Show what is due today."""
    if not desk.log.programs.newest():
        return page("no_program.html.j2", role)
    found, _ = today_of(desk.log, desk.patient, desk.find, desk.clock(), desk.zone)
    begins = [one.prescription.exercise_id for one in found.to_begin]
    program = None if found.version is None else found.version.program
    return page(
        "today.html.j2",
        role,
        patient="" if program is None else program.patient,
        day=day_in_words(found.day),
        short=day_in_short(found),
        word=_kind_word(found),
        start=_start(found, is_running=room.running is not None),
        cards=[_card(desk, due, begins) for due in found.times],
        week=[
            (short_day(one.day), tally_in_words(one, found.day), one.day == found.day, _dot(one))
            for one in week_of(found)
        ],
        needed=needed_in_words(found),
        cautions=_cautions(found),
        row=row_in_words(found),
        review=review_in_words(found),
        following=(
            occasion_in_words(found.following, found, lambda each: desk.find(each).name)
            if found.following is not None
            else ""
        ),
    )


@router.get("/figures/{exercise_id}.svg")
def figure(desk: TheDesk, exercise_id: str, side: Side | None = None) -> Response:
    """Draw an exercise at its start and at its goal."""
    return svg(start_and_goal_svg(demonstrate(desk.find(exercise_id), side)), keep=True)


@dataclass(frozen=True, slots=True)
class _Card:
    """One exercise of the day; ``figure`` is empty where nobody has said how it moves."""

    name: str
    dose: str
    side: str
    times: str
    state: str
    done: bool
    waits: bool
    figure: str


def _start(found: Today, *, is_running: bool) -> str:
    """Return what the one button says; nothing where there is nothing to begin."""
    if is_running:
        return "Back to your session"
    return "Start" if found.to_begin else ""


def _card(desk: Desk, due: Due, begins: list[str]) -> _Card:
    one = due.prescription
    exercise = desk.find(one.exercise_id)
    return _Card(
        exercise.name,
        dose_in_words(one, exercise),
        side_in_words(one, exercise),
        ", ".join(clock(at) for at in one.times),
        _state(due),
        due.complete,
        not due.complete and one.exercise_id not in begins,
        "" if exercise.motion is None else _figure(one.exercise_id, one.works, exercise.side),
    )


def _figure(exercise_id: str, works: Works, own_side: Side | None) -> str:
    named = works in (Works.LEFT, Works.RIGHT) and own_side is None
    return f"/figures/{exercise_id}.svg{f'?side={works}' if named else ''}"


def _state(due: Due) -> str:
    if due.complete:
        return "Done"
    if not due.sets_done:
        return "1 set to do" if due.sets_due == 1 else f"{due.sets_due} sets to do"
    return f"{due.sets_done} of {due.sets_due} sets done"


def _dot(one: object) -> str:
    """Return the class of a day's dot, for its colour; its words say the same."""
    for state in ("rest", "complete"):
        if getattr(one, state):
            return state
    return "open"


def _cautions(found: Today) -> list[str]:
    if found.version is None or not found.to_begin:
        return []
    own = [each for one in found.to_begin for each in one.prescription.precautions]
    return list(dict.fromkeys((*found.version.program.precautions, *own)))


def _kind_word(found: Today) -> str:
    if found.complete:
        return _DONE
    if not found.times:
        return _REST
    if not found.to_begin:
        return _LATER
    return _SOME if any(one.sets_done for one in found.times) else _BEGIN
