"""The live session on a page: one at a time, in a thread of its own, watched by browsers.

    room = LiveRoom()
    room.start(options)               # again while one runs: that one goes on
    room.session.display.press(["space"])
    room.close()                      # ends it and books what was done

The thread draws as fast as it can and knows of nobody; what watches takes the newest picture when
it has sent the one before, so a slow browser loses pictures and delays none.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Final, Self

import cv2
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from hep_vision.app.live_session import Equipment, LiveOptions, LiveResult, hold_session
from hep_vision.coach.canvas import Picture
from hep_vision.coach.screens import Message, Paused, Screen, Working
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.stages import KeyHelp
from hep_vision.coach.voice import Voice
from hep_vision.errors import HepVisionError
from hep_vision.web.live_words import Told, told

SIZE_PX: Final = (1280, 720)
PAUSES_S: Final = 4.0
"""A set pauses when nobody has watched for so long: longer than loading the page again takes."""
ENDS_S: Final = 60.0
"""The session ends when nobody has watched for so long."""
MOST_KEYS: Final = 1_200
"""Waiting keys; a note is at most 500 letters long, and may take the place of another."""
SETTLES_S: Final = 1.0
"""How long an answer to a pressed button waits at most for what it does."""
_FPS: Final = 15.0
"""Pictures a second that are sent."""
_TELLS_S: Final = 0.1
_BEAT_S: Final = 1.0
"""So often something is sent even where nothing changed: else nobody notices who has left."""
_QUALITY: Final = 80
_ENDS_WITHIN_S: Final = 15.0
_SAYINGS: Final = 4
_BROKEN: Final = "Something went wrong here. What was done until then is kept."
_OPENING: Final = Message("One moment", "The camera is being opened.")


class Bell:
    """Wakes what waits in event loops, from any thread."""

    def __init__(self) -> None:
        self._heard: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """Give an event that is set at every ring, in the loop that runs."""
        listener = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._heard.add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._heard.discard(listener)

    def ring(self) -> None:
        """Wake all."""
        with self._lock:
            listeners = list(self._heard)
        for loop, event in listeners:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(event.set)


class PageDisplay:
    """The display of a live session that browsers watch; see `hep_vision.app.live.Display`.

    Args:
        clock: Monotonic seconds.
    """

    size_px = SIZE_PX

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.closed = False
        self.bell = Bell()
        self.speaks_in_browser = False
        self._clock = clock
        self._lock = threading.Condition()
        self._keys: deque[str] = deque(maxlen=MOST_KEYS)
        self._number = 0
        self._picture: tuple[int, Picture] | None = None
        self._jpeg: tuple[int, bytes] = (0, b"")
        self._screen: Screen = _OPENING
        self._help: KeyHelp = ()
        self._sayings: deque[tuple[int, str]] = deque(maxlen=_SAYINGS)
        self._said = 0
        self._watchers = 0
        self._left_s = clock()
        self._paused_alone = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True
        self.bell.ring()

    # The session's side, in its thread

    def watch(self, screen: Screen, keys: KeyHelp) -> None:
        """Take in what is shown; see `hep_vision.app.live.Watch`."""
        self._screen, self._help = screen, keys

    def show(self, picture: Picture) -> list[str]:
        """Keep a picture, which nobody may change any more; return the keys pressed."""
        with self._lock:
            self._number += 1
            self._picture = (self._number, picture)
            keys = list(self._keys)
            self._keys.clear()
            alone_s = 0.0 if self._watchers else self._clock() - self._left_s
            self._lock.notify_all()
        self.bell.ring()
        if alone_s >= ENDS_S:
            self.closed = True
        if alone_s >= PAUSES_S and isinstance(self._screen, Working) and not self._paused_alone:
            self._paused_alone = True
            keys.append("space")
        elif isinstance(self._screen, Paused) or not alone_s:
            self._paused_alone = False
        return keys

    def said(self, words: str) -> None:
        """Note what is being said."""
        with self._lock:
            self._said += 1
            self._sayings.append((self._said, words))
        self.bell.ring()

    # The browsers' side

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Be there: a session that nobody watches pauses, and ends."""
        with self._lock:
            self._watchers += 1
        try:
            yield
        finally:
            with self._lock:
                self._watchers -= 1
                self._left_s = self._clock()

    def press(self, keys: list[str]) -> None:
        """Press keys, all of them before the next picture."""
        with self._lock:
            self._keys.extend(keys)

    def settle(self, within_s: float = SETTLES_S) -> None:
        """Wait until the keys pressed so far have done what they do."""
        with self._lock:
            # They are taken with one picture, and shown with the next.
            number = self._number + 2
            self._lock.wait_for(lambda: self.closed or self._number >= number, within_s)

    @property
    def told(self) -> Told:
        """What is shown, in words."""
        return told(self._screen, self._help)

    @property
    def state(self) -> dict[str, object]:
        """What is shown and said, as JSON values."""
        with self._lock:
            said = [list(one) for one in self._sayings]
        return self.told.to_plain() | {"said": said, "browser": self.speaks_in_browser}

    def jpeg(self) -> tuple[int, bytes]:
        """Return the newest picture and its number; 0 before the first."""
        held = self._picture
        if held is None:
            return 0, b""
        number, picture = held
        if self._jpeg[0] != number:
            bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            self._jpeg = (number, encoded.tobytes())
        return self._jpeg


class PageVoice:
    """The machine's voice, or the browser's in its place; never both.

    Args:
        machine: The machine's voice.
        display: Where the browser takes from what is said.
    """

    def __init__(self, machine: Voice, display: PageDisplay) -> None:
        self._machine = machine
        self._display = display

    @property
    def muted(self) -> bool:
        """Whether nothing is heard."""
        return self._machine.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._machine.muted = muted

    @property
    def available(self) -> bool:
        """Whether the machine's voice can be heard."""
        return self._machine.available

    @property
    def problem(self) -> str | None:
        """Why it cannot."""
        return self._machine.problem

    def say(self, words: str, urgency: Urgency) -> None:
        """Say this, where the patient wants to hear it."""
        if not self._display.speaks_in_browser:
            self._machine.say(words, urgency)
        if not self._machine.muted:
            self._display.said(words)

    def tick(self, kind: Sound) -> None:
        """Play this on the machine."""
        self._machine.tick(kind)

    def close(self) -> None:
        """Fall silent."""
        self._machine.close()


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
