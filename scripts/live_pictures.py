"""Make the pictures of the live session: screenshots of the real window on a virtual display.

python scripts/live_pictures.py

Needs Xvfb and a small window manager (on Debian and Ubuntu: xvfb openbox). A sample clip stands for
the camera, with its first picture held for as long as getting ready takes.
"""

import math
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from PIL import ImageGrab

from hep_vision.app.analyse import find_model
from hep_vision.app.eye import Eye
from hep_vision.app.live import LiveParts, clock_ms, run_live
from hep_vision.app.live_book import LiveBook
from hep_vision.app.live_plan import Asked, plan_sets
from hep_vision.coach.canvas import Picture
from hep_vision.coach.screens import (
    Choice,
    Countdown,
    GettingReady,
    Paused,
    Rest,
    Scale,
    Screen,
    Summary,
    Working,
    Writing,
)
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.stages import Look, Shown
from hep_vision.coach.voice import SilentVoice
from hep_vision.coach.window import Window
from hep_vision.errors import HepVisionError
from hep_vision.pose.looking_again import LookingAgain
from hep_vision.pose.mediapipe_tasks import MediaPipePeople, MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import open_camera
from hep_vision.sources.video_file import VideoFile

CHECKOUT: Final = Path(__file__).resolve().parents[1]
SAMPLES: Final = CHECKOUT / "sample_videos"
PICTURES: Final = CHECKOUT / "docs" / "pictures"
_LEAD_IN_S: Final = 9.0
_FPS: Final = 20
_FAULTY_MS: Final = (5_550, 10_150)
"""A repetition of the squat with a fault: a cue is given when it was seen twice."""
_SCREEN: Final = "1280x720x24"
_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: when it is taken, and which keys follow it."""

    name: str
    when: Callable[[Screen], bool]
    keys: tuple[str, ...] = ()


def _scale(question: str, value: int | None) -> Callable[[Screen], bool]:
    def fits(screen: Screen) -> bool:
        return isinstance(screen, Scale) and question in screen.question and screen.value == value

    return fits


def _counted(count: int) -> Callable[[Screen], bool]:
    return lambda screen: isinstance(screen, Working) and screen.overlay.count == count


SQUATS: Final = (
    Shot("", _scale("pain", None), ("2",)),
    Shot("live_pain", _scale("pain", 2), ("enter",)),
    Shot("live_ready", lambda s: isinstance(s, GettingReady) and s.holding_share > 0.5),
    Shot("live_countdown", lambda s: isinstance(s, Countdown) and s.seconds == 2),
    Shot(
        "live_set",
        lambda s: isinstance(s, Working) and s.overlay.count == 1 and s.overlay.progress > 0.6,
    ),
    Shot("live_cue", lambda s: isinstance(s, Working) and s.overlay.severity is not None),
    Shot("", _counted(3), ("space",)),
    Shot("live_pause", lambda s: isinstance(s, Paused), ("space",)),
    Shot("", lambda s: isinstance(s, Working), ("n",)),
    Shot("live_rest", lambda s: isinstance(s, Rest), ("escape",)),
    Shot("live_stop", lambda s: isinstance(s, Choice), ("2",)),
    Shot("", _scale("pain", None), ("4",)),
    Shot("live_pain_after", _scale("pain", 4), ("enter",)),
    Shot("", _scale("hard", None), ("5", "enter")),
    Shot("", lambda s: isinstance(s, Writing), tuple("My left knee clicked.")),
    Shot("live_note", lambda s: isinstance(s, Writing) and len(s.text) > 10, ("enter",)),
    Shot("live_summary", lambda s: isinstance(s, Summary), ("space",)),
)
HOLD: Final = (
    Shot(
        "live_hold",
        lambda s: isinstance(s, Working) and (s.overlay.hold_ms or 0) > 4_000,
        ("n",),
    ),
)


class Watched(Sitting):
    """A sitting whose last screen can be looked at."""

    shown: Shown | None = None

    def step(self, look: Look) -> Shown:
        """Go on, and remember what is shown."""
        self.shown = super().step(look)
        return self.shown


class Photographed:
    """The real window, with somebody who takes pictures of it and presses keys."""

    def __init__(self, window: Window, sitting: Watched, shots: tuple[Shot, ...]) -> None:
        self._window = window
        self._sitting = sitting
        self._shots = list(shots)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height to draw at."""
        return self._window.size_px

    @property
    def closed(self) -> bool:
        """Whether all pictures are taken."""
        return not self._shots or self._window.closed

    def show(self, picture: Picture) -> list[str]:
        """Show it; take a picture of the screen where one is due."""
        keys = self._window.show(picture)
        shown = self._sitting.shown
        if not self._shots or shown is None or not self._shots[0].when(shown.screen):
            return keys
        shot = self._shots.pop(0)
        if shot.name:
            self._window.show(picture)  # the window shows a picture with the next one
            grab = ImageGrab.grab(xdisplay=os.environ["DISPLAY"])
            path = PICTURES / f"{shot.name}.png"
            grab.quantize(200).save(path, optimize=True)
            path.chmod(0o644)
            sys.stdout.write(f"{path.relative_to(CHECKOUT)}\n")
        return [*keys, *("space" if key == " " else key for key in shot.keys)]


def main() -> int:
    """Make all pictures and return the exit code."""
    missing = [name for name in ("Xvfb", "openbox") if shutil.which(name) is None]
    if missing:
        sys.stderr.write(f"live_pictures: needs {' and '.join(missing)}; install xvfb openbox\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        with virtual_display(), TemporaryDirectory() as name, Window() as window:
            folder = Path(name)
            squats = Watched(plan_sets(Asked("squat", sets=2, reps=5), folder), ask=True)
            take(window, "squat_side", squats, SQUATS, folder, again_ms=_FAULTY_MS)
            hold = Watched(plan_sets(Asked("wall_sit", sets=1), folder), ask=False)
            take(window, "wall_sit_side", hold, HOLD, folder)
    except HepVisionError as error:
        sys.stderr.write(f"live_pictures: {error}\n")
        return int(error.exit_code)
    return 0


def take(
    window: Window,
    clip: str,
    sitting: Watched,
    shots: tuple[Shot, ...],
    folder: Path,
    again_ms: tuple[int, int] = (0, 0),
) -> None:
    """Run a sitting in front of a clip, of which a part is played twice, and take its pictures."""
    film = folder / f"{clip}.mp4"
    lengthen(SAMPLES / f"{clip}.mp4", film, again_ms)
    model = find_model(DEFAULT_MODEL, folder)
    with (
        open_camera(str(film), clock_ms) as camera,
        MediaPipePeople(model.path) as people,
        Eye(camera, lambda: LookingAgain(partial(MediaPipePose, model.path)), people.count) as eye,
    ):
        display = Photographed(window, sitting, shots)
        book = LiveBook(None, None, clip, model)
        run_live(sitting, LiveParts(camera, eye, display, SilentVoice(), book))


def lengthen(clip: Path, out: Path, again_ms: tuple[int, int]) -> None:
    """Write a clip whose first picture lasts as long as getting ready takes, as H.264."""
    import av  # after cv2, see hep_vision.exports.video

    with VideoFile(clip) as video, av.open(str(out), "w") as container:
        frames = list(video)
        height, width = frames[0].rgb.shape[:2]
        stream = container.add_stream("libx264", rate=_FPS, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, 1000)
        for at_ms, rgb in _lengthened(frames, again_ms):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            picture.pts, picture.time_base = at_ms, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _lengthened(frames: list[Frame], again_ms: tuple[int, int]) -> Iterator[tuple[int, Picture]]:
    step_ms = 1000 // _FPS
    lead_in_ms = round(1000 * _LEAD_IN_S)
    for at_ms in range(0, lead_in_ms, step_ms):
        yield at_ms, frames[0].rgb
    start_ms, end_ms = again_ms
    parts = ((0, end_ms, lead_in_ms), (start_ms, math.inf, lead_in_ms + end_ms - start_ms))
    for from_ms, to_ms, later_ms in parts if end_ms else ((0, math.inf, lead_in_ms),):
        for frame in frames:
            if from_ms <= frame.timestamp_ms < to_ms:
                yield later_ms + frame.timestamp_ms, frame.rgb


@contextmanager
def virtual_display() -> Iterator[None]:
    """Run a screen that nobody sees, with a window manager: without one nothing is full screen."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", _SCREEN, "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"
    os.environ.pop("WAYLAND_DISPLAY", None)
    manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    threading.Event().wait(1.0)  # until it manages windows; it says nothing when it does
    try:
        yield
    finally:
        manager.terminate()
        manager.wait(_WAIT_S)
        server.terminate()
        server.wait(_WAIT_S)


if __name__ == "__main__":
    sys.exit(main())
