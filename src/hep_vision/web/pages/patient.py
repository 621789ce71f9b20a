"""The patient's pages: what is due, one large button, and how it went."""

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.program import today_of
from hep_vision.web.desk import TheDesk, TheRole
from hep_vision.web.html import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(desk: TheDesk, role: TheRole) -> Response:
    """Show what is due today."""
    if not desk.log.programs.newest():
        return page("no_program.html.j2", role)
    found, _ = today_of(desk.log, desk.patient, desk.find, desk.clock(), desk.zone)
    names = {
        one.prescription.exercise_id: desk.find(one.prescription.exercise_id).name
        for one in found.times
    }
    return page("today.html.j2", role, today=found, names=names)
