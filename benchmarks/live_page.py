"""The live page beside the window: pictures a second, how late they are, and what slows them down.

    python -m benchmarks.live_page [--rounds 3] [--seconds 25] [--ways window,page,...]
    python -m benchmarks.live_page --encoder     # what a clip costs, by itself

Each session is held in a process of its own, as the commands hold it, before the same video in
place of a camera. Every picture drawn carries the time at which the camera gave it, as blocks of
black and white; whoever gets the picture reads it there and compares it with the clock. The ways:

    window    the real window, on a screen that nobody sees (needs Xvfb)
    page      the stream of the page, read over HTTP by this process
    clips     the same, while every repetition becomes a clip
    desk      the same, while a therapist's browser walks the review desk and saves, in a loop
    browser   the page in Chromium, read from what it paints (once, in the last round)

The ways take turns in rounds. What is said of two of them is the ratio within a round, with the
least and the most of all rounds; nothing else can be compared between machines or busy hours.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

# Before av, which others bring along; see hep_vision.exports.video.
import cv2
import numpy as np
from benchmarks import live as rendered
from benchmarks import years
from rich.console import Console
from rich.table import Table

from hep_vision.app import live, live_session
from hep_vision.app.clip_encoder import ClipJob, write_clip
from hep_vision.app.eye import Eye, Glance
from hep_vision.app.frame_ring import KeptFrame
from hep_vision.app.live_plan import Asked
from hep_vision.app.live_session import Equipment, LiveOptions, hold_session
from hep_vision.coach.canvas import Picture
from hep_vision.coach.window import Window
from hep_vision.core.clips import ClipPolicy, ClipScope
from hep_vision.sources.video_file import VideoFile
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.live import LiveRoom
from hep_vision.web.server import LOOPBACK, create_app, free_socket, serve

WAYS: Final = ("window", "page", "clips", "desk", "browser")
STALL_MS: Final = 1_000.0
"""A longer gap between two pictures is a stall (own judgement: people notice a second)."""
_BITS, _BLOCK_PX = 24, 12
_WRAP_MS: Final = 1 << _BITS
_BAND: Final = slice(720 - _BLOCK_PX, 720)
_SETTLES_S: Final = 2.0
_POLL_MS: Final = 200
_SCREEN: Final = "1280x720x24"
_DAYS: Final = 365
_COST_SECONDS: Final = 3


# -- the time in a picture ------------------------------------------------------------------------


def write_time(picture: Picture, stamp_ms: int) -> None:
    """Write a time into the lower left corner of a picture."""
    bits = (stamp_ms % _WRAP_MS) >> np.arange(_BITS) & 1
    row = np.repeat(bits * 255, _BLOCK_PX).astype(np.uint8)
    picture[-_BLOCK_PX:, : row.size] = row[None, :, None]


def read_time(row: Any) -> int:
    """Return the time of a row of grey values through the blocks."""
    values = np.asarray(row, float)[_BLOCK_PX // 2 :: _BLOCK_PX][:_BITS]
    return int(((values > 127) << np.arange(_BITS)).sum())


@dataclass
class Arrivals:
    """When pictures came, and when the camera had given them; ms of the same clock."""

    at_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    last: int = -1

    def add(self, stamp_ms: int, at_ms: float) -> None:
        """Note a picture; one that shows no newer moment of the camera is none."""
        late_ms = (at_ms - stamp_ms) % _WRAP_MS
        if stamp_ms in (self.last, 0) or late_ms > _WRAP_MS / 2:
            return
        self.last = stamp_ms
        self.at_ms.append(at_ms)
        self.late_ms.append(late_ms)

    def settled(self) -> "Measured":
        """Return what is left without the first seconds."""
        begin_ms = self.at_ms[0] + 1000 * _SETTLES_S if self.at_ms else 0.0
        kept = [(at, late) for at, late in zip(self.at_ms, self.late_ms, strict=True)
                if at >= begin_ms]  # fmt: skip
        at_ms = [at for at, _ in kept]
        if len(at_ms) < 2:
            raise SystemExit("live_page: nothing came.")
        gaps = np.diff(at_ms)
        late = np.array([one for _, one in kept])
        return Measured(
            (len(at_ms) - 1) / (at_ms[-1] - at_ms[0]) * 1000,
            float(np.median(late)), float(np.percentile(late, 95)), float(gaps.max()),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """One session: pictures a second, how late (median and 95 %), the longest gap, ms."""

    fps: float
    late_ms: float
    late95_ms: float
    gap_ms: float
    note: str = ""


# -- the side that shows --------------------------------------------------------------------------


def stamp_what_is_drawn() -> None:
    """Have every picture that is drawn carry the time of the camera's newest."""
    newest = [0]
    draw = live.draw_screen

    class Stamping(Eye):
        def take(self, timeout_s: float) -> list[Glance]:
            glances = super().take(timeout_s)
            if glances:
                newest[0] = glances[-1].frame.timestamp_ms
            return glances

    def drawn(*arguments: Any, **options: Any) -> Picture:
        picture = draw(*arguments, **options)
        write_time(picture, newest[0])
        return picture

    live_session.Eye = Stamping  # type: ignore[misc]
    live.draw_screen = drawn


class NotingWindow(Window):
    """The real window, which notes when each picture is up."""

    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__()
        self._arrivals = arrivals

    def show(self, picture: Picture) -> list[str]:
        """Show a picture and note it."""
        keys = super().show(picture)
        grey = picture[-_BLOCK_PX // 2, : _BITS * _BLOCK_PX, 0]
        self._arrivals.add(read_time(grey), time.monotonic() * 1000)
        return keys


def options_of(way: str, clip: Path, data_dir: Path) -> LiveOptions:
    """Return what the session of a way is asked for."""
    asked = Asked(rendered.EXERCISE, sets=1, reps=200, targets=rendered.TOO_DEEP)
    clips = ClipPolicy(ClipScope.EVERY, most=99) if way == "clips" else None
    return LiveOptions(
        asked, data_dir, str(clip), ask=False, resume=False, voice="silent", clips=clips
    )


def show_window(clip: Path, data_dir: Path) -> None:
    """Hold a session in the window, and print what came of it."""
    arrivals = Arrivals()
    stamp_what_is_drawn()
    equipment = Equipment(open_window=lambda _: NotingWindow(arrivals))
    hold_session(options_of("window", clip, data_dir), equipment)
    print(json.dumps({"at_ms": arrivals.at_ms, "late_ms": arrivals.late_ms}))  # noqa: T201


def show_page(way: str, clip: Path, data_dir: Path) -> None:
    """Hold a session on the page, and print who may enter; ends when it is told to."""
    stamp_what_is_drawn()
    access, bound, written = Access(time.monotonic), free_socket(), []

    def noting(job: ClipJob) -> None:
        write_clip(job)
        written.append(job.frames[-1].timestamp_ms - job.frames[0].timestamp_ms)

    room = LiveRoom(str(clip), Equipment(write_clip=noting))
    port = bound.getsockname()[1]
    with SessionLog.open(data_dir) as log:

        def ready() -> None:
            tokens = [access.token(role) for role in (Role.PATIENT, Role.THERAPIST)]
            print(port, *tokens, flush=True)  # noqa: T201
            sys.stdin.readline()  # whoever watches is there
            room.start(options_of(way, clip, data_dir))

        def ending() -> None:
            room.close()
            print(f"{len(written)} clips, {sum(written) / 1000:.0f} s of them", flush=True)  # noqa: T201

        app = create_app(Desk(log, data_dir), access, port, room)
        serve(app, bound, lambda: threading.Thread(target=ready, daemon=True).start(), ending)


# -- the side that watches ------------------------------------------------------------------------


class Visitor:
    """A browser without a picture: one connection and one cookie."""

    def __init__(self, port: int, token: str) -> None:
        self.origin = f"http://{LOOPBACK}:{port}"
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
        self.connection.request("GET", f"/enter?token={token}")
        answer = self.connection.getresponse()
        answer.read()
        self.cookie = (answer.getheader("set-cookie") or "").split(";")[0]

    def get(self, path: str) -> str:
        """Return a page."""
        self.connection.request("GET", path, headers={"Cookie": self.cookie})
        return self._answered(path, 200)

    def post(self, path: str, **values: str) -> None:
        """Send a form."""
        body = urlencode(values)
        headers = {
            "Cookie": self.cookie,
            "Origin": self.origin,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", path, body, headers)
        self._answered(path, 303)

    def _answered(self, path: str, status: int) -> str:
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != status:
            raise SystemExit(f"live_page: {path} answers {answer.status}: {text[-400:]}")
        return text


def watch_stream(visitor: Visitor, arrivals: Arrivals, at_first: Callable[[], None]) -> None:
    """Read the stream to its end."""
    while True:  # until the session is there
        visitor.connection.request("GET", "/live/stream", headers={"Cookie": visitor.cookie})
        answer = visitor.connection.getresponse()
        if answer.status == 200:
            break
        answer.read()
        at_first()
        time.sleep(0.05)
    while line := answer.readline():
        if not line.lower().startswith(b"content-length:"):
            continue
        length = int(line.split(b":")[1])
        answer.readline()
        jpeg = answer.read(length)
        at_ms = time.monotonic() * 1000
        grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert grey is not None
        arrivals.add(read_time(grey[-_BLOCK_PX // 2, : _BITS * _BLOCK_PX]), at_ms)


@dataclass
class Walk:
    """A therapist who goes round the desk until told to stop."""

    visitor: Visitor
    over: threading.Event = field(default_factory=threading.Event)
    rounds: int = 0
    slowest_ms: float = 0.0
    problem: str = ""

    def __call__(self) -> None:
        """Walk."""
        try:
            while not self.over.is_set():
                self._round()
                self.rounds += 1
        except (SystemExit, OSError, http.client.HTTPException) as error:
            self.problem = repr(error)

    def _round(self) -> None:
        sitting = found(r'href="(/review/sittings/[^"]+)"', self._timed("/review"))
        session = found(r'href="(/review/sessions/[^"]+)"', self._timed(sitting))
        page = self._timed(session)
        flags = re.findall(r'name="ordinal" value="(\d+)"><input[^>]+value="(\w+)"', page)
        if flags:
            ordinal, check = flags[0]
            finding = ("confirmed", "dismissed")[self.rounds % 2]
            self.visitor.post(
                f"{session}/verdicts", ordinal=ordinal, check_id=check, finding=finding
            )
        program = found(r'href="(/review/programs/[0-9a-f-]+)"', self._timed("/review/programs"))
        text = self._timed(program)
        based_on = found(r'name="based_on" value="(\d+)"', text)
        written = unescape(found(r"(?s)<textarea[^>]*>\n?(.*?)</textarea>", text))
        changed = re.sub(r"Step \d+", f"Step {self.rounds + 1000}", written)
        self.visitor.post(program, text=changed, based_on=based_on)

    def _timed(self, path: str) -> str:
        began_s = time.perf_counter()
        text = self.visitor.get(path)
        self.slowest_ms = max(self.slowest_ms, 1000 * (time.perf_counter() - began_s))
        return text


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern that must be there."""
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"live_page: there is no {pattern}")
    return match[1]


def measure_page(way: str, clip: Path, data_dir: Path) -> Measured:
    """Hold a session on the page and watch it."""
    arrivals = Arrivals()
    with child(way, clip, data_dir) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port, patient, therapist = process.stdout.readline().split()
        begin = threading.Event()

        def started() -> None:
            if not begin.is_set():
                begin.set()
                process.stdin.write("go\n")
                process.stdin.flush()

        note = ""
        if way == "browser":
            watch_in_chromium(int(port), patient, arrivals, started)
        else:
            walk = Walk(Visitor(int(port), therapist)) if way == "desk" else None
            thread = threading.Thread(target=walk) if walk else None
            if thread:
                thread.start()
            watch_stream(Visitor(int(port), patient), arrivals, started)
            if walk and thread:
                walk.over.set()
                thread.join()
                if walk.problem:
                    raise SystemExit(f"live_page: the desk: {walk.problem}")
                note = f"{walk.rounds} rounds of the desk, slowest page {walk.slowest_ms:.0f} ms"
        process.terminate()
        said = process.stdout.read().strip()
        return replace(arrivals.settled(), note=said if way == "clips" else note)


def watch_in_chromium(
    port: int, token: str, arrivals: Arrivals, started: Callable[[], None]
) -> None:
    """Read what Chromium paints, at each of its frames."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(f"http://{LOOPBACK}:{port}/enter?token={token}")
        started()
        page.goto(f"http://{LOOPBACK}:{port}/live")
        while page.locator("#picture").count() == 0:
            page.goto(f"http://{LOOPBACK}:{port}/live")
        page.evaluate(_READ_PAINTED, [_BITS, _BLOCK_PX])
        apart_ms = datetime.now(UTC).timestamp() * 1000 - time.monotonic() * 1000
        seen: list[tuple[int, float]] = []
        with contextlib.suppress(Error):  # the page is replaced when the session is over
            while page.locator("#picture").count():
                seen += page.evaluate("() => window.seen.splice(0)")
                page.wait_for_timeout(_POLL_MS)
        for stamp_ms, wall_ms in seen:
            arrivals.add(stamp_ms, wall_ms - apart_ms)
        chromium.close()


_READ_PAINTED: Final = """([bits, block]) => {
  window.seen = [];
  const canvas = document.createElement("canvas");
  canvas.width = bits * block; canvas.height = 1;
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  const look = () => {
    const picture = document.getElementById("picture");
    if (picture && picture.naturalWidth) {
      ink.drawImage(picture, 0, picture.naturalHeight - block / 2, bits * block, 1,
                    0, 0, bits * block, 1);
      const row = ink.getImageData(0, 0, bits * block, 1).data;
      let stamp = 0;
      for (let bit = 0; bit < bits; bit += 1)
        if (row[4 * (bit * block + block / 2)] > 127) stamp += 2 ** bit;
      if (!window.seen.length || window.seen[window.seen.length - 1][0] !== stamp)
        window.seen.push([stamp, performance.timeOrigin + performance.now()]);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def measure_window(clip: Path, data_dir: Path) -> Measured:
    """Hold a session in the window."""
    with child("window", clip, data_dir) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read().splitlines()[-1])
    return Arrivals(told["at_ms"], told["late_ms"]).settled()


@contextmanager
def child(way: str, clip: Path, data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the side that shows in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.live_page", "--show", way]
    process = subprocess.Popen(
        [*command, "--clip", str(clip), "--data-dir", str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def screen() -> Iterator[None]:
    """Run a screen that nobody sees."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", _SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"
    os.environ.pop("WAYLAND_DISPLAY", None)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


# -- what a clip costs ----------------------------------------------------------------------------


def encoder_costs(clip: Path, repeats: int) -> Table:
    """Return what writing a clip costs, of one thread, by the camera's size."""
    table = Table(title=f"A clip of {_COST_SECONDS} s, {repeats} times each", box=None)
    for heading in ("camera", "kept as", "CPU s per s of clip", "least", "most", "keeping, ms"):
        table.add_column(heading, justify="right" if heading != "camera" else "left")
    with VideoFile(clip) as video:
        frames = [one for one in video if one.timestamp_ms < 1000 * _COST_SECONDS]
    for name, size_px, side_px in (
        ("640x480", (640, 480), 480),
        ("1920x1080", (1920, 1080), 480),
        ("640x480, kept whole", (640, 480), 4096),
        ("1920x1080, kept whole", (1920, 1080), 4096),
    ):
        kept, keeping_s = [], 0.0
        for one in frames:  # large pictures one at a time: together they are gigabytes
            sized = replace(one, rgb=cv2.resize(one.rgb, size_px))
            began_s = time.thread_time()
            kept.append(KeptFrame.of(sized, side_px))
            keeping_s += time.thread_time() - began_s
        costs = []
        with tempfile.TemporaryDirectory() as folder:
            for number in range(repeats):
                began_s = time.process_time()
                write_clip(ClipJob(tuple(kept), Path(folder, f"{number}.mp4")))
                costs.append((time.process_time() - began_s) / _COST_SECONDS)
        width, height = kept[0].size_px
        spread = [f"{one:.3f}" for one in (median(costs), min(costs), max(costs))]
        table.add_row(name, f"{width}x{height}", *spread, f"{1000 * keeping_s / len(kept):.2f}")
    return table


# -- all together ---------------------------------------------------------------------------------


def rounds_of(ways: list[str], rounds: int, clip: Path, folder: Path) -> dict[str, list[Measured]]:
    """Hold the sessions, way by way in turns."""
    measured: dict[str, list[Measured]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 == 0 else ways[::-1]:
            if way == "browser" and number < rounds - 1:
                continue
            data_dir = folder / f"{way}{number}"
            if way == "desk":
                years.fill(data_dir, _DAYS, datetime.now(UTC).date())
            found = measure_window(clip, data_dir) if way == "window" else measure_page(
                way, clip, data_dir
            )  # fmt: skip
            measured[way].append(found)
            Console(stderr=True).print(f"round {number + 1}, {way}: {found}", highlight=False)
    return measured


def table_of(measured: dict[str, list[Measured]]) -> Table:
    """Return medians, and ratios within the rounds."""
    table = Table(title="The live page beside the window", box=None)
    table.add_column("way")
    for heading in ("n", "pictures/s", "late ms", "95 %", "longest gap ms"):
        table.add_column(heading, justify="right")
    table.add_column("pictures, of")
    table.add_column("late, of")
    against = {"page": "window", "clips": "page", "desk": "page", "browser": "page"}
    for way, found in measured.items():
        cells = [
            f"{median(getattr(one, name) for one in found):.{digits}f}"
            for name, digits in (("fps", 1), ("late_ms", 0), ("late95_ms", 0))
        ]
        gap = f"{max(one.gap_ms for one in found):.0f}"
        gap += " stall" if max(one.gap_ms for one in found) > STALL_MS else ""
        other = measured.get(against.get(way, ""), [])
        ratios = [""] * 2
        if other:
            pairs = list(zip(found, other[-len(found) :], strict=False))
            ratios = [
                f"{against[way]}: {spread([getattr(a, name) / getattr(b, name) for a, b in pairs])}"
                for name in ("fps", "late_ms")
            ]
        table.add_row(way, str(len(found)), *cells, gap, *ratios)
    return table


def spread(ratios: list[float]) -> str:
    """Return the median of ratios, with the least and the most."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main() -> None:
    """Measure, or show for whoever measures."""
    parser = argparse.ArgumentParser(description="The live page beside the window.")
    parser.add_argument("--clip", type=Path, default=rendered.SAMPLE)
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--encoder", action="store_true", help="only what a clip costs")
    parser.add_argument("--show", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--data-dir", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.show == "window":
        show_window(arguments.clip, arguments.data_dir)
    elif arguments.show:
        show_page(arguments.show, arguments.clip, arguments.data_dir)
    elif arguments.encoder:
        Console().print(encoder_costs(arguments.clip, max(3, arguments.rounds)))
    else:
        ways = [way for way in WAYS if way in arguments.ways.split(",")]
        with tempfile.TemporaryDirectory() as name, screen():
            clip = Path(name, "camera.mp4")
            rendered.make_camera_clip(arguments.clip, clip, arguments.seconds)
            measured = rounds_of(ways, arguments.rounds, clip, Path(name))
        Console(width=140).print(table_of(measured))
        for way, found in measured.items():
            for note in filter(None, (one.note for one in found)):
                Console().print(f"{way}: {note}", highlight=False)


if __name__ == "__main__":
    main()
