"""The live session: camera, eye, sitting, window, voice and log, put together.

One loop in the main thread, where windows must be: take what the eye saw, step the sitting, book,
speak, draw. The camera grabs and the eye looks in threads of their own, so a slow screen loses
pictures and never delays them.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from hep_vision.app.eye import Eye, Glance
from hep_vision.app.live_book import LiveBook
from hep_vision.coach.canvas import Picture
from hep_vision.coach.screens import GettingReady, Screen
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.stage import draw_screen
from hep_vision.coach.stages import CameraTrouble, KeyHelp, Look, Shown
from hep_vision.coach.voice import Voice
from hep_vision.sources.camera import CameraState, LiveCamera

_WAIT_S: Final = 0.03
"""How long the loop waits for a picture before it redraws: keys and clocks go on without one."""


def clock_ms() -> int:
    """Return monotonic milliseconds."""
    return time.monotonic_ns() // 1_000_000


Watch = Callable[[Screen, KeyHelp], None]
"""Is told what is shown, and which keys mean something there, before it is drawn."""


def watch_nothing(screen: Screen, keys: KeyHelp) -> None:
    """Watch nothing: the window shows it all."""


class Display(Protocol):
    """What the loop needs of a window."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height to draw at."""
        ...

    @property
    def closed(self) -> bool:
        """Whether the patient closed it."""
        ...

    def show(self, picture: Picture) -> list[str]:
        """Show a picture; return the keys pressed since the last one."""
        ...


@dataclass(slots=True)
class LiveMeter:
    """How the loop did, for the benchmark and for doctor.

    Attributes:
        latencies_ms: From grab to screen, of each new picture shown.
        shown: Screens drawn.
        dropped: Pictures of the camera that nobody looked at.
    """

    latencies_ms: list[int] = field(default_factory=list)
    shown: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class LiveParts:
    """Everything the loop runs with."""

    camera: LiveCamera
    eye: Eye
    display: Display
    voice: Voice
    book: LiveBook
    clock: Callable[[], int] = clock_ms
    watch: Watch = watch_nothing


def run_live(sitting: Sitting, parts: LiveParts) -> LiveMeter:
    """Run a sitting to its end, or until the window is closed.

    Raises:
        PoseEstimationError, ModelError, SourceError: The eye or the camera failed for good; what
            was done so far is booked.
        KeyboardInterrupt: Ctrl-C was pressed; what was done so far is booked.
    """
    meter = LiveMeter()
    loop = _Loop(sitting, parts, meter)
    with _interrupted_between_steps() as interrupted:
        try:
            while not loop.step() and not interrupted():
                pass
        finally:
            loop.end()
    return meter


@contextmanager
def _interrupted_between_steps() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back until the block ends: in the middle of booking, it would book twice.

    Yields:
        Whether it was pressed.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed.is_set():
        raise KeyboardInterrupt


class _Loop:
    def __init__(self, sitting: Sitting, parts: LiveParts, meter: LiveMeter) -> None:
        self._sitting = sitting
        self._parts = parts
        self._meter = meter
        self._keys: Sequence[str] = ()
        self._newest: Glance | None = None
        self._over = False
        self._complete = False

    def step(self) -> bool:
        """Go round once; return whether the sitting is over."""
        parts = self._parts
        # Asked before the glances are taken: the eye may hand on the last one in between.
        is_over = parts.camera.state is CameraState.ENDED and parts.eye.idle
        glances = parts.eye.take(_WAIT_S)
        if glances:
            self._newest = glances[-1]
        shown = self._sitting.step(
            Look(
                parts.clock(),
                [glance.seen for glance in glances],
                self._keys,
                _trouble(parts.camera),
                ended=is_over and not glances,
            )
        )
        for happening in shown.happened:
            parts.book.note(happening)
        parts.book.tend()
        self._speak(shown)
        parts.eye.counts_people = isinstance(shown.screen, GettingReady)
        parts.watch(shown.screen, shown.keys)
        self._keys = parts.display.show(self._draw(shown))
        if glances:
            self._meter.latencies_ms.append(parts.clock() - glances[-1].frame.timestamp_ms)
        self._meter.shown += 1
        self._complete = shown.over
        self._over = shown.over or parts.display.closed
        return self._over

    def end(self) -> None:
        """Book what is still open; also after an error or Ctrl-C."""
        for happening in self._sitting.stop():
            self._parts.book.note(happening)
        self._parts.book.close(complete=self._complete)
        self._meter.dropped = self._parts.camera.dropped

    def _draw(self, shown: Shown) -> Picture:
        rgb = self._newest.frame.rgb if self._newest is not None else None
        return draw_screen(
            shown.screen,
            rgb,
            shown.pose,
            self._parts.display.size_px,
            key_help=shown.keys,
            help_open=shown.help_open,
        )

    def _speak(self, shown: Shown) -> None:
        voice = self._parts.voice
        if voice.muted is not shown.muted:
            voice.muted = shown.muted
        for sound in shown.sounds:
            voice.tick(sound)
        for saying in shown.sayings:
            voice.say(saying.words, saying.urgency)


def _trouble(camera: LiveCamera) -> CameraTrouble | None:
    line = camera.trouble
    if line is None:
        return None
    what, _, advice = line.partition(": ")
    return CameraTrouble(what, advice[:1].upper() + advice[1:])
