"""What all answers of the interface for programs share: tags, pages, days, addresses.

The tag of an answer is a checksum of its text. A program that kept an answer sends the tag along
(``If-None-Match``), and gets 304 and no text as long as nothing has changed.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator, WithJsonSchema
from starlette.responses import Response

from hep_vision.program.schedule import moment_of
from hep_vision.store.paged import Place
from hep_vision.store.records import utc_stamp
from hep_vision.web.api.problems import RefusedError, problems
from hep_vision.web.desk import Desk

LARGEST_PAGE: Final = 200
USUAL_PAGE: Final = 50
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAMP: Final = re.compile(r"[0-9TZ:.-]{0,40}")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9000
_HIGHEST_KEY: Final = 2**63 - 1
_JSON: Final = "application/json"


def _day(text: object) -> object:
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ValueError("expected a day as 2026-03-02")
    return text


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day as ``2026-03-02``, and nothing else that could be taken for one."""
Limit = Annotated[
    int, Query(ge=1, le=LARGEST_PAGE, description="How many lines a page holds at most.")
]
Cursor = Annotated[
    str | None, Query(description="Where the page before ended; taken from its next.")
]


def get(
    router: APIRouter, path: str, model: Any, *statuses: int, **more: Any
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return a decorator that answers GET, and HEAD with the same headers.

    Args:
        router: Where to.
        path: The address.
        model: What the answer holds, for the description.
        statuses: What else may be answered, see `problems`.
        more: As for `APIRouter.get`.
    """

    def decorate(endpoint: Callable[..., Response]) -> Callable[..., Response]:
        responses = problems(*statuses) | more.pop("responses", {})
        summary = (endpoint.__doc__ or "").partition("\n")[0]
        described = {"summary": summary, "description": more.pop("description", summary)}
        router.get(path, response_model=model, responses=responses, **described, **more)(endpoint)
        router.add_api_route(
            path, endpoint, methods=["HEAD"], response_model=None, include_in_schema=False
        )
        return endpoint

    return decorate


def answer(
    request: Request, document: object, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a document as JSON, or 304 if the one who asks has it already."""
    return tagged(request, json.dumps(document, allow_nan=False).encode(), _JSON, headers)


def tagged(
    request: Request, content: bytes, media: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return content with its tag, or 304 if the one who asks has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    found = {"ETag": tag, **(headers or {})}
    if unchanged(request, tag):
        return Response(None, 304, found)
    return Response(content, 200, found, media)


def unchanged(request: Request, tag: str) -> bool:
    """Return whether the one who asks has what this tag is of."""
    kept = request.headers.get("if-none-match", "")
    tags = [one.strip().removeprefix("W/") for one in kept.split(",")]
    return kept.strip() == "*" or tag in tags


def listing(request: Request, items: Iterable[object], last: Place | None) -> Response:
    """Return a page of a list, with the address of the next one."""
    following = None
    if last is not None:
        asked = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
        query = urlencode([*asked, ("cursor", _written(last))])
        following = f"{request.scope['root_path']}{_path(request)}?{query}"
    headers = {} if following is None else {"Link": f'<{following}>; rel="next"'}
    return answer(request, {"items": list(items), "next": following}, headers)


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope["root_path"])


def part(
    items: Sequence[Any], limit: int, cursor: str | None
) -> tuple[Sequence[Any], Place | None]:
    """Return a page of what is at hand as a whole, in its order, and where it ends."""
    after = place(cursor)
    begin = after.key if after is not None else 0
    end = begin + limit
    return items[begin:end], Place("", end) if end < len(items) else None


def place(cursor: str | None) -> Place | None:
    """Return where a page begins; None at the first.

    Raises:
        RefusedError: Nothing of ours wrote it.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        started_at, key = json.loads(base64.b64decode(padded, b"-_", validate=True))
        if _STAMP.fullmatch(started_at) and type(key) is int and 0 <= key <= _HIGHEST_KEY:
            return Place(started_at, key)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise RefusedError(422, "cursor: take it from the next of a page, as it is there.")


def _written(last: Place) -> str:
    text = json.dumps([last.started_at, last.key]).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def begin_of(desk: Desk, day: date | None) -> str | None:
    """Return the moment at which a day of the patient's begins, as the log writes it."""
    if day is None:
        return None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:  # no offset leads out of the calendar
        return datetime.combine(day, time()).isoformat(timespec="milliseconds") + "Z"
    return utc_stamp(moment_of(day, time(), desk.zone).isoformat())


def end_of(desk: Desk, day: date | None) -> str | None:
    """Return the moment at which a day of the patient's is over, likewise."""
    if day is None or day.year > _LAST_YEAR:
        return None
    return begin_of(desk, day + timedelta(days=1))


def span_of(desk: Desk, since: date | None, until: date | None) -> tuple[date | None, date]:
    """Return the days asked for, up to the present one, and none before there were cameras."""
    first = date(_FIRST_YEAR, 1, 1)
    last = max(min(until or desk.today, desk.today), first)
    return None if since is None else min(max(since, first), last), last
