"""The server of the pages: made for a desk, run on this machine's own address alone."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from hep_vision import __version__
from hep_vision.errors import ExitCode, HepVisionError
from hep_vision.web.access import Access, Role
from hep_vision.web.api.problems import http_problem, problem
from hep_vision.web.api.service import PREFIX, create_api, reference
from hep_vision.web.desk import Desk
from hep_vision.web.guard import ENTRY, Guard, is_for_programs
from hep_vision.web.html import page
from hep_vision.web.live import LiveRoom
from hep_vision.web.pages import feel, history, live, patient, program, progress, review

LOOPBACK: Final = "127.0.0.1"
_STATIC: Final = Path(__file__).with_name("static")
_HOME: Final = {Role.PATIENT: "/", Role.THERAPIST: "/review"}


def create_app(desk: Desk, access: Access, port: int, room: LiveRoom | None = None) -> ASGIApp:
    """Return the pages behind their guard.

    Args:
        desk: What they work with.
        access: Tokens and sessions.
        port: Where they are served; browsers must have asked for it.
        room: Where live sessions are held; by default before this machine's first camera.
    """
    app = FastAPI(title="hep-vision", version=__version__, openapi_url=None)
    app.state.desk = desk
    app.state.room = room or LiveRoom()
    cookie = f"hep_vision_{port}"

    @app.get(ENTRY, include_in_schema=False)
    def enter(token: str = "") -> Response:
        session = access.enter(token)
        if session is None:
            return refuse(401, _USED)
        role = access.role(session)
        assert role is not None
        answer = RedirectResponse(_HOME[role], 303)
        answer.set_cookie(cookie, session, httponly=True, samesite="strict")
        return answer

    for pages in (patient, progress, program, history, feel, live):
        app.include_router(pages.router)
    app.include_router(review.router_of_all)
    api = create_api(desk)
    app.include_router(reference(api))
    app.mount(PREFIX, api)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.exception_handler(HepVisionError)
    def told(request: Request, error: HepVisionError) -> Response:
        status = 404 if error.exit_code is ExitCode.USAGE else 503
        role = getattr(request.state, "role", None)
        return page("message.html.j2", role, status, line=str(error))

    @app.exception_handler(HTTPException)
    def not_here(request: Request, error: HTTPException) -> Response:
        if is_for_programs(request.scope["path"]):
            return http_problem(error)
        role = getattr(request.state, "role", None)
        line = _LINES.get(error.status_code, _NOT_HERE)
        return page("message.html.j2", role, error.status_code, line=line)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        role = getattr(request.state, "role", None)
        parts = [one["loc"] for one in error.errors()]
        if any(part[0] == "path" for part in parts):
            return page("message.html.j2", role, 422, line=_NOT_HERE)
        named = next((str(part[-1]) for part in parts if len(part) > 1), "the whole")
        return page("message.html.j2", role, 422, line=_MALFORMED.format(named))

    hosts = frozenset(f"{name}:{port}" for name in (LOOPBACK, "localhost"))
    return Guard(app, access, hosts, cookie, _refuse_as_asked)


def refuse(status: int, line: str) -> Response:
    """Return a page that says why nothing is shown."""
    return page("message.html.j2", None, status, line=line)


def _refuse_as_asked(status: int, line: str) -> ASGIApp:
    """Refuse with a page what asks for pages, and with a problem what asks for documents."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        made = problem if is_for_programs(scope["path"]) else refuse
        await made(status, line)(scope, receive, send)

    return answer


_NOT_HERE: Final = "There is no such page here. The links above lead to those there are."
_MALFORMED: Final = (
    "A part of this address or form cannot be read: {}. Nothing was changed. Go back and mend it, "
    "or take one of the links above."
)
_LINES: Final = {
    400: "What was sent cannot be read. Nothing was changed. Go back and send it again.",
    404: _NOT_HERE,
    405: "This cannot be done at this address. Nothing was changed. The links above lead on.",
}
_USED: Final = (
    "This address was used already, or it is too old. Open the pages again: hep-vision open."
)


def free_socket(port: int = 0) -> socket.socket:
    """Return a socket on this machine's own address; port 0 takes one that is free.

    Raises:
        OSError: The port is taken.
    """
    # Named as TCP, else answers wait for the acknowledgement of their headers, 40 ms.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.bind((LOOPBACK, port))
    except OSError:
        found.close()
        raise
    return found


def serve(
    app: ASGIApp,
    bound: socket.socket,
    when_ready: Callable[[], None],
    when_ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve until Ctrl-C.

    Args:
        app: As `create_app` gives it.
        bound: As `free_socket` gives it.
        when_ready: Called once it answers.
        when_ending: Called before the answers under way are waited for; ends those without end.
    """

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                when_ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await run_in_threadpool(when_ending)
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, date_header=False
    )
    Server(config).run(sockets=[bound])
