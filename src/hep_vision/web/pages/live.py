"""The live session on a page: the picture, what can be pressed, and the questions as forms."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hep_vision.app.live_session import KEPT, LiveOptions, follow_today
from hep_vision.program.spec import PainAsk
from hep_vision.web.desk import TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.live import BOUNDARY, LiveSession, TheRoom
from hep_vision.web.live_words import keys_of_answer, keys_of_mark

router = APIRouter(include_in_schema=False)

_NAMED: Final = ("space", "enter", "escape", "backspace", "left", "right")
_SCALE: Final = range(11)


def _settled(request: Request, session: LiveSession, keys: list[str]) -> Response:
    """Press keys; where a whole page is loaded next, it shows what they have done."""
    session.display.press(keys)
    if request.headers.get("sec-fetch-mode") == "navigate":
        session.display.settle()
    return RedirectResponse("/live", 303)


@router.post("/live/start")
def start(desk: TheDesk, room: TheRoom) -> Response:
    """Begin what is due; while a session runs, show that one."""
    if room.running is None:
        follows, today = follow_today(
            desk.log, desk.patient, desk.data_dir, desk.clock(), desk.zone
        )
        if follows is None or today.version is None:
            return RedirectResponse("/", 303)
        program = today.version.program
        options = LiveOptions(
            follows,
            desk.data_dir,
            room.camera,
            zones=program.zones,
            ask_each=program.pain_ask is PainAsk.EACH_EXERCISE,
            database=desk.log.place.url,
        )
        room.start(options)
    return RedirectResponse("/live", 303)


@router.get("/live")
def live(room: TheRoom, role: TheRole) -> Response:
    """Show the session that runs, or how the last one ended."""
    session = room.session
    if session is None:
        return RedirectResponse("/", 303)
    if session.over:
        result = session.result
        # A page has the history beside it.
        lines = () if result is None else [line for line in result.lines if line != KEPT]
        return page("live_end.html.j2", role, lines=lines, problem=session.problem)
    return page("live.html.j2", role, told=session.display.told, scale=_SCALE)


@router.get("/live/stream")
async def stream(room: TheRoom) -> Response:
    """Send pictures for as long as the session lasts."""
    session = room.session
    if session is None:
        return Response(status_code=404)
    kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
    return _Watching(session, StreamingResponse(session.pictures(), media_type=kind))


@router.get("/live/events")
async def events(room: TheRoom) -> Response:
    """Tell what is shown and said whenever it changes."""
    session = room.session
    if session is None:
        return Response(status_code=204)  # which tells a browser not to ask again
    return _Watching(session, StreamingResponse(session.events(), media_type="text/event-stream"))


@router.get("/live/form")
def form(room: TheRoom, role: TheRole) -> Response:
    """Show what can be pressed, or answered, now."""
    session = room.running
    if session is None:
        return Response(status_code=204)
    return page("live_form.html.j2", role, told=session.display.told, scale=_SCALE)


@router.post("/live/key")
def key(request: Request, room: TheRoom, key: Annotated[str, Form(max_length=20)]) -> Response:
    """Press a key."""
    session = room.running
    if session is not None and (key in _NAMED or (len(key) == 1 and key.isprintable())):
        return _settled(request, session, ["space" if key == " " else key])
    return RedirectResponse("/live", 303)


@router.post("/live/answer")
def answer(
    request: Request,
    room: TheRoom,
    asked: Annotated[str, Form()],
    answer: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "answer",
) -> Response:
    """Answer a question, skip it, or mark an answer; one that is not asked any more is dropped."""
    session = room.running
    if session is not None and session.display.told.form == asked:
        told = session.display.told
        # Nothing chosen is no wish to skip: there is a button for that.
        given = "" if do == "skip" else answer
        if do == "mark":
            return _settled(request, session, keys_of_mark(told, given))
        if do == "skip" or given or told.question == "writing":
            return _settled(request, session, keys_of_answer(told, given))
    return RedirectResponse("/live", 303)


@router.post("/live/voice")
def voice(room: TheRoom, where: Annotated[str, Form(max_length=20)]) -> Response:
    """Let the browser speak, or the machine."""
    session = room.running
    if session is not None:
        session.display.speaks_in_browser = where == "browser"
    return RedirectResponse("/live", 303)


class _Watching(Response):
    """An answer without end, which is watched for as long as it is sent."""

    def __init__(self, session: LiveSession, stream: StreamingResponse) -> None:
        super().__init__()
        self._session = session
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and be there meanwhile."""
        with self._session.display.watched():
            await self._stream(scope, receive, send)
