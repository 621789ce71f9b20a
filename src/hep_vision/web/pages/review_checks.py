"""How often each check was right, by what the therapist said of its flags, over time."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hep_vision.app.checks import check_histories
from hep_vision.store.review_records import CheckPrecision
from hep_vision.web.desk import TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_shared import Names

router = APIRouter(prefix="/review/checks", include_in_schema=False)

FEW: Final = 10
"""With fewer decided flags a share says little (own judgement), and is shown in brackets."""


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check over all months, and month by month."""

    exercise: str
    check: str
    exercise_id: str
    whole: CheckPrecision
    months: tuple[tuple[str, CheckPrecision], ...]


@router.get("")
def checks(desk: TheDesk, role: TheRole) -> Response:
    """Show the precision of each check."""
    names = Names(desk)
    views = [
        CheckView(
            names.exercise(one.whole.exercise_id),
            names.check(one.whole.exercise_id, one.whole.check_id),
            one.whole.exercise_id,
            one.whole,
            one.months,
        )
        for one in check_histories(desk.log)
    ]
    return page("review_checks.html.j2", role, views=views, share=_share)


def _share(one: CheckPrecision) -> str:
    if one.precision is None:
        return "-"
    text = f"{100 * one.precision:.0f} %"
    return f"({text})" if one.confirmed + one.dismissed < FEW else text
