"""The patient's program: how each exercise goes, how much, and what to take care of."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from hep_vision.app.program import newest_version, program_of
from hep_vision.coach.pain import STOP_AT_ONCE
from hep_vision.core.pain import Zone
from hep_vision.program.spec import Program
from hep_vision.reports.handout import exercise_part, handout, pain_rule
from hep_vision.reports.handout_words import day_in_words
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page

router = APIRouter(include_in_schema=False)

_PAPER = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""The sheet to print brings its own style along, and may load nothing."""


@router.get("/program")
def program(desk: TheDesk, role: TheRole) -> Response:
    """Show the program that holds."""
    held = _held(desk)
    if held is None:
        return page("no_program.html.j2", role)
    says = held.says
    return page(
        "program.html.j2",
        role,
        program=says,
        number=held.number,
        start=day_in_words(says.start),
        review=day_in_words(says.review),
        exercises=[
            exercise_part(place, one, desk.find(one.exercise_id))
            for place, one in enumerate(says.exercises, 1)
        ],
        zones=[(_SIGNS[line.zone], line) for line in pain_rule(says.zones)],
        stop_at_once=STOP_AT_ONCE,
    )


@router.get("/program/handout")
def on_paper(desk: TheDesk, role: TheRole) -> Response:
    """Show the sheet to print."""
    held = _held(desk)
    if held is None:
        return page("no_program.html.j2", role)
    sheet = handout(held.says, held.number, desk.find)
    return HTMLResponse(sheet, headers={"Content-Security-Policy": _PAPER})


_SIGNS = {Zone.GREEN: "go", Zone.AMBER: "gently", Zone.RED: "stop"}
"""Classes of the lines of the pain rule; the words say the same."""


@dataclass(frozen=True, slots=True)
class _Held:
    number: int
    says: Program


def _held(desk: Desk) -> _Held | None:
    if not desk.log.programs.newest():
        return None
    row = newest_version(desk.log, desk.patient)
    return _Held(row.ref.number, program_of(row, desk.find))
