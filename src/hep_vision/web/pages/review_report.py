"""The report for the next visit, as a file to keep or print."""

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.report import Asked, review_of
from hep_vision.errors import NotThereError
from hep_vision.reports.report import report
from hep_vision.web.desk import TheDesk

router = APIRouter(prefix="/review/report", include_in_schema=False)


@router.get("")
def download(desk: TheDesk, program: str = "") -> Response:
    """Send the report of a patient; a file, because it brings its own style and no page does."""
    rows = desk.log.programs.newest()
    named = [row for row in rows if row.ref.program_id == program]
    if program and not named:
        raise NotThereError("This program is not in the log. Programs shows what there is.")
    patient = named[0].patient if named else None
    asked = Asked(patient, None, desk.today, desk.zone)
    text = report(review_of(desk.log, asked, desk.find, desk.data_dir))
    return Response(
        text,
        media_type="text/html; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="report.html"'},
    )
