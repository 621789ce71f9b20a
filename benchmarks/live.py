"""Measure how a live session keeps up: what is shown how late, and what half an hour costs.

    python -m benchmarks.live [--clip sample_videos/squat_side.mp4] [--window] [--clips]

The first part plays a 640x480 video of 30 pictures a second in place of a camera, in real time,
with the pose model, the counter and the log of a real session; only the voice is a stop-watch. Its
display takes the pictures and drops them, or is the real window. With ``--clips`` every repetition
is beyond a limit and becomes a clip, far more than a patient's session has. The second part replays
the landmarks of the first as fast as it can, as if half an hour went by, and looks at the memory.
"""

import argparse
import gc
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

# Before av, else the window waits without end; see hep_vision.exports.video.
import cv2

# isort: split
import av
import numpy as np
from rich.console import Console
from rich.table import Table

from hep_vision import __version__
from hep_vision.app import live
from hep_vision.app.analyse import Model, find_model
from hep_vision.app.booking import now
from hep_vision.app.clip_encoder import ClipEncoder, ClipJob, write_clip
from hep_vision.app.eye import Eye, Glance
from hep_vision.app.frame_ring import FrameRing
from hep_vision.app.live import Display, LiveMeter, LiveParts, clock_ms, run_live
from hep_vision.app.live_book import LiveBook
from hep_vision.app.live_clips import LiveClips
from hep_vision.app.live_plan import Asked, plan_sets, to_plain
from hep_vision.coach.canvas import Picture
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.stages import Happening, SetEnded, Watched
from hep_vision.coach.window import Window
from hep_vision.core.clips import ClipPolicy, ClipScope
from hep_vision.core.targets import Targets
from hep_vision.core.types import PoseFrame, Rep, RepStatus
from hep_vision.pose.looking_again import LookingAgain
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import CameraState, open_camera
from hep_vision.sources.video_file import VideoFile
from hep_vision.store.sessions import SessionLog

SIZE_PX: Final = (640, 480)
FPS: Final = 30
LATENCY_GOAL_MS: Final = 60
SAMPLE: Final = Path(__file__).parents[1] / "sample_videos" / "squat_side.mp4"
EXERCISE: Final = "squat"

_STANDS_S: Final = 8
_DRAWN_EVERY: Final = 10
_PICTURE_EVERY: Final = 30
_SETTLED_MINUTE: Final = 5


def make_camera_clip(source: Path, target: Path, seconds: float) -> None:
    """Write a clip that stands still for a while, then shows the source again and again."""
    with VideoFile(source) as video:
        frames = list(video)
    pictures = [_letterboxed(frame.rgb) for frame in frames]
    stamps_ms = np.array([frame.timestamp_ms for frame in frames])
    length_ms = float(stamps_ms[-1] - stamps_ms[0]) + 1000 / FPS
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        for index in range(round(seconds * FPS)):
            since_ms = max(0.0, 1000 * (index / FPS - _STANDS_S)) % length_ms
            nearest = int(np.searchsorted(stamps_ms - stamps_ms[0], since_ms, side="right")) - 1
            frame = av.VideoFrame.from_ndarray(pictures[nearest], format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _letterboxed(rgb: Picture) -> Picture:
    width, height = SIZE_PX
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    inner = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.full((height, width, 3), 128, np.uint8)
    top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
    picture[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return picture


class StopWatchVoice:
    """Notes when something is to be heard."""

    muted = False
    available = True
    problem = None

    def __init__(self, clock: Callable[[], int]) -> None:
        self.ticks_ms: list[int] = []
        self.cues_ms: list[int] = []
        self._clock = clock

    def say(self, words: str, urgency: Urgency) -> None:
        """Note a cue or praise."""
        if urgency is not Urgency.COUNT:
            self.cues_ms.append(self._clock())

    def tick(self, kind: Sound) -> None:
        """Note the tick of a repetition."""
        if kind is Sound.REP:
            self.ticks_ms.append(self._clock())

    def close(self) -> None:
        """Do nothing."""


class NoDisplay:
    """Takes pictures as a window would."""

    size_px = (1280, 720)
    closed = False

    def show(self, picture: Picture) -> list[str]:
        """Take a picture."""
        return []


@dataclass
class Costs:
    """How long the drawing and the eye take, ms, and how late what is shown is.

    Attributes:
        newest_ms: Time of the picture taken last; None once it was shown.
        screen: Kind of screen drawn last.
        writing: Set while a clip is being written.
    """

    newest_ms: int | None = None
    screen: str = ""
    writing: threading.Event = field(default_factory=threading.Event)
    drawn: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waited: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)

    def draw(self, screen: Any, *arguments: Any, **options: Any) -> Picture:
        """Draw, with the time it takes."""
        began_s = time.perf_counter()
        picture = _DRAW(screen, *arguments, **options)
        self.screen = type(screen).__name__
        self.drawn[self.screen].append(1000 * (time.perf_counter() - began_s))
        return picture


class TimedDisplay:
    """A display, with how late each new picture is shown."""

    def __init__(self, inner: Display, costs: Costs) -> None:
        self._inner = inner
        self._costs = costs

    @property
    def size_px(self) -> tuple[int, int]:
        """Size to draw at."""
        return self._inner.size_px

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._inner.closed

    def show(self, picture: Picture) -> list[str]:
        """Show a picture."""
        keys = self._inner.show(picture)
        costs = self._costs
        if costs.newest_ms is not None:
            beside = " while a clip is written" if costs.writing.is_set() else ""
            costs.late[costs.screen + beside].append(clock_ms() - costs.newest_ms)
        return keys


class NotingBook(LiveBook):
    """Notes repetitions and glances as they are booked."""

    def __init__(self, *arguments: Any, clips: LiveClips | None = None) -> None:
        super().__init__(*arguments, clips=clips)
        self.reps: list[Rep] = []
        self.took_ms: dict[str, list[float]] = defaultdict(list)

    def note(self, happening: Happening) -> None:
        """Book, with the time it takes."""
        began_s = time.perf_counter()
        super().note(happening)
        kind = type(happening).__name__
        if isinstance(happening, Watched | SetEnded):
            found = [event for event in happening.events if isinstance(event, Rep)]
            self.reps += [rep for rep in found if rep.status is RepStatus.COUNTED]
            kind += " with a repetition" if found and kind == "Watched" else ""
        self.took_ms[kind].append(1000 * (time.perf_counter() - began_s))


_DRAW: Final = live.draw_screen


class TimedPose(MediaPipePose):
    """The pose model, with the time it takes."""

    costs: Costs

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        """Estimate."""
        self.costs.waited.append(clock_ms() - frame.timestamp_ms)
        began_s = time.perf_counter()
        pose = super().estimate_pose(frame, image_size_px)
        self.costs.looked.append(1000 * (time.perf_counter() - began_s))
        return pose


class KeepingEye(Eye):
    """Keeps the glances for the second part, with few of their pictures."""

    kept: list[Glance]
    costs: Costs

    def take(self, timeout_s: float) -> list[Glance]:
        """Take, and keep."""
        glances = super().take(timeout_s)
        self.costs.newest_ms = glances[-1].frame.timestamp_ms if glances else None
        for glance in glances:
            keeps = len(self.kept) % _PICTURE_EVERY == 0
            rgb = glance.frame.rgb if keeps else self.kept[-1].frame.rgb
            self.kept.append(replace(glance, frame=replace(glance.frame, rgb=rgb)))
        return glances


class TimedClips:
    """Writes clips, with the time of the wall and of the processor that each takes."""

    def __init__(self, writing: threading.Event) -> None:
        self._writing = writing
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.lengths_s: list[float] = []

    def write(self, job: ClipJob) -> None:
        """Write one."""
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        self._writing.set()
        write_clip(job)
        self._writing.clear()
        self.wall.append(1000 * (time.perf_counter() - wall_s))
        # Of one thread: the encoder is told to have no others.
        self.cpu.append(1000 * (time.thread_time() - cpu_s))
        self.lengths_s.append((job.frames[-1].timestamp_ms - job.frames[0].timestamp_ms) / 1000)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Return what was measured."""
        yield "clips written, seconds of them", f"{len(self.wall)}, {sum(self.lengths_s):.1f}"
        yield "writing a clip, ms", _spread(self.wall)
        yield "its processor time, ms", _spread(self.cpu)


class TimedRing(FrameRing):
    """Keeps pictures, with the time it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.took: list[float] = []
        self.most_bytes = 0

    def keep(self, frame: Frame) -> None:
        """Keep one."""
        began_s = time.perf_counter()
        super().keep(frame)
        self.took.append(1000 * (time.perf_counter() - began_s))
        self.most_bytes = max(self.most_bytes, self.bytes_kept)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Return what was measured."""
        if self.took:
            yield "keeping a picture, ms", f"{statistics.median(self.took):.2f} (median)"
            yield "pictures kept at most, MB", f"{self.most_bytes / (1 << 20):.0f}"


TOO_DEEP: Final = Targets(70.0, None, 80.0)


def play(
    clip: Path, *, window: bool, model: Model, clips: bool = False
) -> tuple[list[Glance], list[tuple[str, str]]]:
    """Hold a session in real time; return its glances, and what was measured."""
    costs = Costs()
    ring, written = TimedRing(), TimedClips(costs.writing)
    TimedPose.costs = KeepingEye.costs = costs
    live.draw_screen = costs.draw
    voice = StopWatchVoice(clock_ms)
    (plan,) = plan_sets(Asked(EXERCISE, sets=1, reps=200, targets=TOO_DEEP), Path())
    shown: AbstractContextManager[Display] = Window() if window else nullcontext(NoDisplay())
    with (
        tempfile.TemporaryDirectory() as folder,
        SessionLog.open(Path(folder)) as log,
        shown as display,
        open_camera(str(clip), clock_ms) as camera,
        KeepingEye(
            camera,
            lambda: LookingAgain(partial(TimedPose, model.path)),
            keep=ring.keep if clips else None,
        ) as eye,
    ):
        eye.kept = []
        writer = log.sittings.begin(to_plain([plan], EXERCISE), now(), __version__)
        cutting = None
        if clips:
            encoder = ClipEncoder(written.write)
            policy = ClipPolicy(ClipScope.EVERY, most=99)
            cutting = LiveClips(log.clips, ring, encoder, policy, blurs=False)
        book = NotingBook(log, writer, str(clip), model, clips=cutting)
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        sitting, timed = Sitting([plan], ask=False), TimedDisplay(display, costs)
        meter = run_live(sitting, LiveParts(camera, eye, timed, voice, book))
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    live.draw_screen = _DRAW
    return eye.kept, [
        *_flow(meter, wall_s, cpu_s),
        *_hearing(voice, book.reps),
        *_work(costs, book),
        *(("", line) for line in (cutting.lines if cutting else ())),
        *ring.rows(),
        *(written.rows() if clips else ()),
    ]


def _flow(meter: LiveMeter, wall_s: float, cpu_s: float) -> Iterator[tuple[str, str]]:
    late_ms = meter.latencies_ms
    yield "new pictures shown a second", f"{len(late_ms) / wall_s:.1f}"
    yield "screens drawn a second", f"{meter.shown / wall_s:.1f}"
    goal = f" (goal for 95 %: {LATENCY_GOAL_MS})"
    yield "grab to screen, ms, median / 95 %", f"{_spread(late_ms)}{goal}"
    total = len(late_ms) + meter.dropped
    yield "pictures dropped", f"{meter.dropped} of {total} ({meter.dropped / total:.0%})"
    yield "processor, share of one core", f"{cpu_s / wall_s:.0%} ({os.cpu_count()} cores)"


def _hearing(voice: StopWatchVoice, reps: Sequence[Rep]) -> Iterator[tuple[str, str]]:
    ends_ms = [rep.end_ms for rep in reps]
    ticks_ms = []
    for rep in reps:
        since = [tick for tick in voice.ticks_ms if tick >= rep.peak_ms]
        ticks_ms += [since[0] - rep.end_ms] if since else []
    yield "repetitions counted", str(len(reps))
    yield "tick after the end of the repetition, ms, median / 95 %", _spread(ticks_ms)
    cues_ms = []
    for cue_ms in voice.cues_ms:
        before = [end for end in ends_ms if end <= cue_ms]
        cues_ms += [cue_ms - before[-1]] if before else []
    yield "cue after the end of the repetition, ms, median / 95 %", _spread(cues_ms)


def _work(costs: Costs, book: NotingBook) -> Iterator[tuple[str, str]]:
    for name, late_ms in costs.late.items():
        yield f"grab to screen, {name}, ms", _spread(late_ms)
    yield "grab to pose model, ms", _spread(costs.waited)
    yield "pose model, ms a picture", _spread(costs.looked)
    for name, took_ms in costs.drawn.items():
        yield f"drawing {name}, ms", _spread(took_ms)
    for name, took_ms in book.took_ms.items():
        yield f"booking {name}, ms", _spread(took_ms)


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "none"
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * (len(ordered) - 1))]:.0f}"


class ReplayedEye:
    """Gives the same glances again and again, as far apart as they were seen."""

    idle = False
    counts_people = False

    def __init__(self, glances: Sequence[Glance], minutes: float) -> None:
        self.now_ms = 0
        self.memory_mb: list[float] = []
        self._glances = glances
        first, last = (glances[place].frame.timestamp_ms for place in (0, -1))
        self._lap_ms = last - first + 1000 // FPS
        self._end_ms = round(60_000 * minutes)
        self._index = 0

    def clock(self) -> int:
        """Return the time of the newest picture."""
        return self.now_ms

    def take(self, timeout_s: float) -> list[Glance]:
        """Return the glances until the next screen is drawn."""
        taken = []
        for _ in range(_DRAWN_EVERY):
            lap, place = divmod(self._index, len(self._glances))
            glance, first = self._glances[place], self._glances[0]
            self._index += 1
            since_ms = glance.frame.timestamp_ms - first.frame.timestamp_ms
            self.now_ms = lap * self._lap_ms + since_ms
            if self.now_ms >= 60_000 * len(self.memory_mb):
                gc.collect()
                self.memory_mb.append(_memory_mb())
            pose = replace(glance.seen.pose, timestamp_ms=self.now_ms)
            frame = replace(glance.frame, timestamp_ms=self.now_ms)
            taken.append(Glance(frame, replace(glance.seen, pose=pose)))
        return taken

    @property
    def closed(self) -> bool:
        """Whether the time is over: the window is closed then."""
        return self.now_ms >= self._end_ms


class ReplayedCamera:
    """A camera that always works."""

    state = CameraState.LIVE
    trouble = None
    dropped = 0


def soak(glances: Sequence[Glance], minutes: float, model: Model) -> list[tuple[str, str]]:
    """Let simulated minutes go by; return what they cost."""
    eye = ReplayedEye(glances, minutes)

    class Shown(NoDisplay):
        closed = property(lambda _: eye.closed)

    plan = plan_sets(Asked(EXERCISE, sets=200, reps=10, rest_ms=20_000), Path())
    sitting = Sitting(plan, ask=False)
    began_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, SessionLog.open(Path(folder)) as log:
        writer = log.sittings.begin(to_plain(plan, EXERCISE), now(), __version__)
        book = LiveBook(log, writer, "replayed", model)
        voice = StopWatchVoice(eye.clock)
        parts: Any = (ReplayedCamera(), eye, Shown(), voice, book, eye.clock)
        run_live(sitting, LiveParts(*parts))
    took_s = time.perf_counter() - began_s
    settled = min(_SETTLED_MINUTE, len(eye.memory_mb) - 1)
    growth_mb = eye.memory_mb[-1] - eye.memory_mb[settled]
    return [
        ("simulated minutes, and seconds they took", f"{minutes:g}, {took_s:.0f}"),
        ("sets done", str(len(sitting.lines))),
        (f"memory at minute {settled}, MB", f"{eye.memory_mb[settled]:.0f}"),
        (f"growth from minute {settled} to the last, MB", f"{growth_mb:+.1f}"),
    ]


def _memory_mb() -> float:
    """Return what the process holds now; its peak where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        import resource  # not on Windows

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


def main() -> None:
    """Measure both parts and print one table."""
    parser = argparse.ArgumentParser(description="Measure how a live session keeps up.")
    parser.add_argument("--clip", type=Path, default=SAMPLE)
    parser.add_argument("--seconds", type=float, default=45, help="of the first part")
    parser.add_argument("--minutes", type=float, default=30, help="of the second part; 0 skips it")
    parser.add_argument("--window", action="store_true", help="show it in the real window")
    parser.add_argument("--clips", action="store_true", help="make a clip of each repetition")
    arguments = parser.parse_args()
    model = find_model("full", Path())
    table = Table("what", "measured", title="A live session, 640x480, 30 pictures a second")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder, "camera.mp4")
        make_camera_clip(arguments.clip, clip, arguments.seconds)
        glances, rows = play(clip, window=arguments.window, model=model, clips=arguments.clips)
    for row in rows:
        table.add_row(*row)
    if arguments.minutes:
        table.add_section()
        for row in soak(_without_lead_in(glances), arguments.minutes, model):
            table.add_row(*row)
    Console().print(table)


def _without_lead_in(glances: Sequence[Glance]) -> list[Glance]:
    """Return the standing still and one round of movement, in few enough pictures to hold."""
    first_ms = glances[0].frame.timestamp_ms
    return [g for g in glances if 4_000 <= g.frame.timestamp_ms - first_ms < 24_000]


if __name__ == "__main__":
    main()
