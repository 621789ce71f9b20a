"""What a live session draws on and speaks through when browsers watch it.

The session's thread gives the newest picture, screen and words; browsers take them when they can,
and leave the keys that they press.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Self

import cv2

from hep_vision.coach.canvas import Picture
from hep_vision.coach.screens import Message, Paused, Screen, Working
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.stages import KeyHelp
from hep_vision.coach.voice import Voice
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
_QUALITY: Final = 80
_SAYINGS: Final = 4
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
