"""Messages of patients on the therapist's pages, and that they were read.

A form carries a checksum of the words that it stood beside, so what the patient added meanwhile is
not taken for read.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from hep_vision.errors import MessageChangedError, NotThereError
from hep_vision.store.records import MessageReading, SittingRow
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_shared import session_of, when

router = APIRouter(prefix="/review/sittings", include_in_schema=False)

INBOX: Final = "inbox"
_LONGEST_NAME: Final = 100
_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message.

    Attributes:
        sitting_id: Its sitting.
        text: In the patient's words.
        seen: Checksum of these words.
        read: Who read it and when, in words; empty where nobody did.
        back: The session to go back to; empty for the sitting.
    """

    sitting_id: str
    text: str
    seen: str
    read: str
    back: str


def message_of(desk: Desk, sitting: SittingRow, back: str = "") -> MessageView | None:
    """Return the message of a sitting; None where there is none.

    Args:
        desk: What is worked with.
        sitting: The sitting.
        back: The session whose page it is shown on; empty for that of the sitting.
    """
    if not sitting.message:
        return None
    reading, read = sitting.reading, ""
    if reading is not None:
        by = f" by {reading.read_by}" if reading.read_by else ""
        read = f"Read{by}, {when(desk, reading.read_at)}."
    return MessageView(sitting.sitting_id, sitting.message, checksum(sitting.message), read, back)


def checksum(message: str) -> str:
    """Return what a form carries of a message."""
    return hashlib.sha256(message.encode()).hexdigest()


@router.post("/{sitting_id}/read")
def read(  # noqa: PLR0913 -- the fields of a form
    desk: TheDesk,
    role: TheRole,
    sitting_id: str,
    seen: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
    days: Annotated[int, Form()] = _DAYS,
) -> Response:
    """Mark a message as read."""
    if not desk.log.inbox.has_sitting(sitting_id):
        raise NotThereError("This sitting is not in the log: it was removed.")
    sitting = desk.log.sittings.sitting(sitting_id)
    if checksum(sitting.message or "") != seen:
        line = "The patient wrote more meanwhile, so nothing was marked: open the sitting again."
        return page("message.html.j2", role, 409, line=line)
    way_back = _way_back(desk, sitting_id, back, days)
    reader = " ".join(by.split())[:_LONGEST_NAME] or None
    reading = MessageReading(desk.clock().isoformat(), reader)
    try:
        desk.log.sittings.mark_read(sitting_id, reading, sitting.message)
    except MessageChangedError as error:
        return page("message.html.j2", role, 409, line=str(error))
    return RedirectResponse(way_back, 303)


def _way_back(desk: Desk, sitting_id: str, back: str, days: int) -> str:
    if back == INBOX:
        return f"/review?days={days}"
    if back:
        return f"/review/sessions/{session_of(desk, back).row.session_id}#message"
    return f"/review/sittings/{sitting_id}#message"
