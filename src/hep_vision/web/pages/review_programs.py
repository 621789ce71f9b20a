"""Programs: every version, and a text editor that says beside the text what is wrong with it.

A form carries the number of the version that it was opened with. Where another holds by the time
it is sent, nothing is saved: the text stays in the form, and the version that holds is shown.
"""

import difflib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from hep_vision.app.program import import_program
from hep_vision.errors import NotThereError, ProgramError, StaleVersionError
from hep_vision.exercises.shape import Problem
from hep_vision.program.loading import parse_program
from hep_vision.store.records import ProgramVersionRow
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_shared import when

router = APIRouter(prefix="/review/programs", include_in_schema=False)

_EMPTY: Final = """patient = ""      # an alias, never a name
therapist = ""
start = {day}
review = {review}
goals = []

[[exercises]]
id = "squat"
sets = 2
reps = 8
days = ["mon", "wed", "fri"]
"""


@router.get("")
def programs(desk: TheDesk, role: TheRole) -> Response:
    """Show the programs."""
    rows = [
        (row, when(desk, row.valid_from), _problems(desk, row.plan))
        for row in desk.log.programs.newest()
    ]
    return page("review_programs.html.j2", role, rows=rows)


@router.get("/new")
def new(desk: TheDesk, role: TheRole) -> Response:
    """Show the editor with an outline."""
    today = desk.today
    month = today.month % 12 + 1
    review = today.replace(year=today.year + today.month // 12, month=month, day=min(today.day, 28))
    return _editor(desk, role, None, _EMPTY.format(day=today, review=review))


@router.post("/new")
def begin(desk: TheDesk, role: TheRole, text: Annotated[str, Form()] = "") -> Response:
    """Enter a new program."""
    program, problems = parse_program(_as_written(text).encode("utf-8", "replace"), desk.find)
    if program is not None and program.patient in {r.patient for r in desk.log.programs.newest()}:
        problems = [
            Problem("patient", f"there is a program of {program.patient} already: change that one")
        ]
    if problems:
        return _editor(desk, role, None, text, problems, status=400)
    return _save(desk, role, None, text, None)


@router.get("/{program_id}")
def program(
    desk: TheDesk, role: TheRole, program_id: str, saved: int = 0, number: int | None = None
) -> Response:
    """Show a program in the editor; ``number`` shows an earlier version instead."""
    versions = _versions(desk, program_id)
    if number is not None:
        return _earlier(desk, role, versions, number)
    return _editor(desk, role, versions, versions[-1].plan, saved=bool(saved))


@router.post("/{program_id}")
def change(
    desk: TheDesk,
    role: TheRole,
    program_id: str,
    text: Annotated[str, Form()] = "",
    based_on: Annotated[int, Form()] = 0,
) -> Response:
    """Save a new version, if it is sound and made from the one that holds."""
    versions = _versions(desk, program_id)
    problems = _problems(desk, text)
    if problems:
        return _editor(desk, role, versions, text, problems, based_on=based_on, status=400)
    return _save(desk, role, versions, text, based_on)


def _save(
    desk: Desk,
    role: Any,
    versions: list[ProgramVersionRow] | None,
    text: str,
    based_on: int | None,
) -> Response:
    data = _as_written(text).encode("utf-8", "replace")
    program_id = versions[-1].ref.program_id if versions else None
    try:
        moment = desk.clock().isoformat()
        done = import_program(desk.log, data, "it", desk.find, moment, program_id, based_on)
    except StaleVersionError as error:
        assert versions is not None
        newest = _versions(desk, versions[-1].ref.program_id)
        # What is saved next is made from the version that is shown beside it now.
        return _editor(
            desk, role, newest, text, [Problem("not saved", str(error))], status=409, stale=True
        )
    except ProgramError as error:
        return _editor(desk, role, versions, text, [Problem("", str(error))], status=400)
    return RedirectResponse(f"/review/programs/{done.row.ref.program_id}?saved=1", 303)


def _versions(desk: Desk, program_id: str) -> list[ProgramVersionRow]:
    versions = desk.log.programs.versions(program_id)
    if not versions:
        raise NotThereError("This program is not in the log. Programs shows what there is.")
    return versions


def _problems(desk: Desk, text: str) -> list[Problem]:
    return parse_program(_as_written(text).encode("utf-8", "replace"), desk.find)[1]


def _as_written(text: str) -> str:
    """Return text of a form, whose lines browsers end in their own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _editor(  # noqa: PLR0913 -- what a form can be in
    desk: Desk,
    role: Any,
    versions: list[ProgramVersionRow] | None,
    text: str,
    problems: list[Problem] | None = None,
    *,
    based_on: int | None = None,
    saved: bool = False,
    stale: bool = False,
    status: int = 200,
) -> Response:
    newest = versions[-1] if versions else None
    return page(
        "review_program.html.j2",
        role,
        status,
        newest=newest,
        versions=[(row, when(desk, row.valid_from)) for row in reversed(versions or [])],
        text=_as_written(text),
        lines=_as_written(text).count("\n") + 3,
        problems=problems or [],
        based_on=based_on if based_on is not None else newest.ref.number if newest else 0,
        saved=saved,
        holds=newest.plan if newest and stale else "",
    )


def _earlier(desk: Desk, role: Any, versions: list[ProgramVersionRow], number: int) -> Response:
    found = [row for row in versions if row.ref.number == number]
    if not found:
        raise NotThereError(f"This program has no version {number}.")
    before = [row for row in versions if row.ref.number == number - 1]
    changes = difflib.unified_diff(
        before[0].plan.splitlines() if before else [],
        found[0].plan.splitlines(),
        f"version {number - 1}",
        f"version {number}",
        lineterm="",
    )
    return page(
        "review_program_version.html.j2",
        role,
        row=found[0],
        when=when(desk, found[0].valid_from),
        changes="\n".join(changes) if before else "",
        is_newest=found[0] == versions[-1],
    )
