"""What went wrong, as problem+json (RFC 9457): a status and one plain line."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hep_vision.errors import (
    ClipError,
    HepVisionError,
    MessageChangedError,
    ProgramError,
    SourceError,
    UnknownExerciseError,
)

PROBLEM_JSON: Final = "application/problem+json"
_MEANINGS: Final = {
    400: "The request cannot be read.",
    401: "Nobody was let in: the token or the cookie is missing, or of another server.",
    403: "This is not for the patient, or did not come from a page of hep-vision.",
    404: "There is no such thing in the log.",
    409: "The log is not in a state that allows it.",
    413: "That is too much at once.",
    416: "There is no such part of the file.",
    422: "A part of the request is malformed.",
    503: "The log cannot be read or written at the moment.",
}


class RefusedError(Exception):
    """Ends a request with a problem.

    Attributes:
        status: HTTP status.
        line: One plain line.
    """

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


def problem(status: int, line: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that says what went wrong.

    Args:
        status: HTTP status.
        line: One plain line that says what is wrong, and what to do.
        headers: Further headers.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": line,
    }
    more = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(json.dumps(body), status, {**more, **(headers or {})}, PROBLEM_JSON)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the description says of these statuses, and of those that any request may get."""
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": _MEANINGS[status], "content": {PROBLEM_JSON: shape}}
        for status in sorted({401, 422, 503, *statuses})
    }


def tell_problems(api: FastAPI) -> None:
    """Have every error of ``api`` answered by a problem."""

    @api.exception_handler(RefusedError)
    def refused(_request: Request, error: RefusedError) -> Response:
        return problem(error.status, error.line)

    @api.exception_handler(HepVisionError)
    def told(_request: Request, error: HepVisionError) -> Response:
        return problem(_status(error), str(error))

    @api.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> Response:
        return problem(422, _line(error))

    @api.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> Response:
        return http_problem(error)


def http_problem(error: HTTPException) -> Response:
    """Return the answer to what no route takes."""
    line = _LINES.get(error.status_code, f"{error.detail}.")
    return problem(error.status_code, line, error.headers)


_LINES: Final = {
    400: "The request cannot be read: send JSON in UTF-8.",
    404: "There is nothing at this address; /api lists what there is.",
    405: "This cannot be done at this address; /api lists what can.",
}


def _status(error: HepVisionError) -> int:
    if isinstance(error, UnknownExerciseError | SourceError | ClipError):
        return 404
    return 409 if isinstance(error, ProgramError | MessageChangedError) else 503


def _line(error: RequestValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    what = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {what[:1].lower()}{what[1:]}."
