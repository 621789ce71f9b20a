"""The live session on a page: one at a time, in a thread of its own, watched by browsers.

    room = LiveRoom()
    room.start(options)               # again while one runs: that one goes on
    room.session.display.press(["space"])
    room.close()                      # ends it and books what was done

The thread draws as fast as it can and knows of nobody; what watches takes the newest picture when
it has sent the one before, so a slow browser loses pictures and delays none.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from hep_vision.app.live_session import Equipment, LiveOptions, LiveResult, hold_session
from hep_vision.errors import HepVisionError
from hep_vision.web.page_display import PageDisplay, PageVoice

_FPS: Final = 15.0
"""Pictures a second that are sent."""
_TELLS_S: Final = 0.1
_BEAT_S: Final = 1.0
"""So often something is sent even where nothing changed: else nobody notices who has left."""
_ENDS_WITHIN_S: Final = 15.0
_BROKEN: Final = "Something went wrong here. What was done until then is kept."


class LiveSession:
    """One live session: its display, its thread, and what came of it.

    Args:
        options: What is asked for.
        equipment: What it runs on, but for the display.
        hold: Holds the session; see `hold_session`.
        clock: Monotonic seconds, for how long nobody watches.
    """

    def __init__(
        self,
        options: LiveOptions,
        equipment: Equipment,
        hold: Callable[[LiveOptions, Equipment], LiveResult],
        clock: Callable[[], float],
    ) -> None:
        self.display = PageDisplay(clock)
        self.result: LiveResult | None = None
        self.problem: str | None = None
        self._over = threading.Event()
        display = self.display
        on_page = replace(
            equipment,
            open_window=lambda _: display,
            watch=display.watch,
            open_voice=lambda level, ms: PageVoice(equipment.open_voice(level, ms), display),
        )
        self._thread = threading.Thread(
            target=self._run, args=(hold, options, on_page), name="live session"
        )
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether it has ended, and everything of it is booked."""
        return self._over.is_set()

    def close(self) -> None:
        """End it, and wait until what was done is booked."""
        self.display.closed = True
        self._thread.join(_ENDS_WITHIN_S)

    def _run(
        self,
        hold: Callable[[LiveOptions, Equipment], LiveResult],
        options: LiveOptions,
        equipment: Equipment,
    ) -> None:
        self.problem = _BROKEN  # unless something else is known in the end
        try:
            self.result = hold(options, equipment)
            self.problem = self.result.problem
        except HepVisionError as error:
            self.problem = str(error)
        finally:
            self.display.closed = True
            self._over.set()
            self.display.bell.ring()

    # -- what browsers watch

    async def pictures(self) -> AsyncIterator[bytes]:
        """Yield the parts of a stream of JPEG pictures, each the newest when it is its turn."""
        yield _FIRST
        loop, sent = asyncio.get_running_loop(), 0
        with self.display.bell.heard() as rung:
            while not self.over:
                began_s = loop.time()
                await _wait(rung)
                number, jpeg = await run_in_threadpool(self.display.jpeg)
                if number:
                    sent = number
                    yield _part(jpeg)
                await asyncio.sleep(max(0.0, 1.0 / _FPS - (loop.time() - began_s)))
        number, jpeg = await run_in_threadpool(self.display.jpeg)
        if number > sent:
            yield _part(jpeg)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield what is shown and said, whenever it changes, as server-sent events."""
        loop, before = asyncio.get_running_loop(), ""
        told_s = loop.time()
        with self.display.bell.heard() as rung:
            while not self.over:
                state = json.dumps(self.display.state)
                if state != before:
                    before, told_s = state, loop.time()
                    yield f"data: {state}\n\n".encode()
                elif loop.time() - told_s > _BEAT_S:
                    told_s = loop.time()
                    yield b": here\n\n"
                await _wait(rung)
                await asyncio.sleep(_TELLS_S)
        yield b'data: {"ended": true}\n\n'


BOUNDARY: Final = "picture"
_FIRST: Final = f"--{BOUNDARY}\r\n".encode()


def _part(jpeg: bytes) -> bytes:
    """Return a picture with the boundary after it: browsers show it when they see its end."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n" + _FIRST


async def _wait(rung: asyncio.Event) -> bool:
    """Wait for a ring, but not for ever; return whether there was one."""
    try:
        await asyncio.wait_for(rung.wait(), _BEAT_S)
    except TimeoutError:
        return False
    rung.clear()
    return True


class LiveRoom:
    """Where live sessions are held, one at a time.

    Args:
        camera: Number, device, address, or a video played in its place.
        equipment: What they run on, but for the display.
        hold: Holds a session.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        camera: str = "0",
        equipment: Equipment | None = None,
        hold: Callable[[LiveOptions, Equipment], LiveResult] = hold_session,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.camera = camera
        self._equipment = equipment or Equipment()
        self._hold = hold
        self._clock = clock
        self._lock = threading.Lock()
        self._session: LiveSession | None = None
        self._closed = False

    @property
    def session(self) -> LiveSession | None:
        """The one that runs, or else the last; None before the first."""
        return self._session

    @property
    def running(self) -> LiveSession | None:
        """The one that runs."""
        held = self._session
        return None if held is None or held.over else held

    def start(self, options: LiveOptions) -> None:
        """Begin a session; while one runs, that one goes on."""
        with self._lock:
            if self.running is None and not self._closed:
                self._session = LiveSession(options, self._equipment, self._hold, self._clock)

    def close(self) -> None:
        """End what runs, and begin nothing more."""
        with self._lock:
            self._closed = True
        if (held := self._session) is not None:
            held.close()


def _room(request: Request) -> LiveRoom:
    room: LiveRoom = request.app.state.room
    return room


TheRoom = Annotated[LiveRoom, Depends(_room)]
