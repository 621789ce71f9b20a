"""What the size and the rate of a video cost: ``python -m benchmarks.speed --sizes CLIP``.

The clip is coded anew in each size (`benchmarks.speed_clips`). All contenders see the whole of the
same file and take turns within each round; what is compared is compared round by round, and the
median told. Loading the model is not counted.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import av
from benchmarks.speed_clips import SIZES, Size, code_anew
from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import Task, analyse, find_model
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.model_file import DEFAULT_MODEL
from hep_vision.stages import DECODE, INFERENCE, WAIT, Profile, StageTime

CPU_GOAL = 1.05
SPEED_GOALS = {"480p30": 1.0, "1080p30": 1.0, "1080p60": 2.0, "2160p30": 2.0}

Measured = tuple[float, float]
"""Seconds of wall and of processor time."""


@dataclass
class Rounds:
    """What was measured of one size.

    Attributes:
        decoding: Decoding every picture in one thread, and nothing else.
        inference: MediaPipe alone, on the pictures that are looked at, in memory and scaled.
        ours: ``hep-vision analyze --no-log``, all of it but loading.
        tutorial: OpenCV read, convert, detect at full size, draw; every picture.
        profiles: What ours took, by stage.
    """

    decoding: list[Measured] = field(default_factory=list)
    inference: list[Measured] = field(default_factory=list)
    ours: list[Measured] = field(default_factory=list)
    tutorial: list[Measured] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)

    def cpu_ratio(self) -> float:
        """Processor time of ours over that of decoding and inference by themselves."""
        return median(
            ours[1] / (decoding[1] + inference[1])
            for ours, decoding, inference in zip(
                self.ours, self.decoding, self.inference, strict=True
            )
        )

    def speed_ratio(self) -> float:
        """How many times as fast ours is as the tutorial's loop."""
        pairs = zip(self.ours, self.tutorial, strict=True)
        return median(tutorial[0] / ours[0] for ours, tutorial in pairs)


def compare_sizes(clip: Path, names: list[str], frames: int, repeat: int) -> None:
    """Measure each size and print a table, the goals, and where the time goes."""
    task = Task(
        clip,
        find_exercise("shoulder_abduction_raise"),
        model=find_model(DEFAULT_MODEL, Path()),
        profiled=True,
    )
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            if names and size.name not in names:
                continue
            video = code_anew(clip, size, Path(folder), frames)
            rounds = _measure(replace(task, path=video), frames, repeat)
            _report(console, size, rounds, frames)
            video.unlink()


def _measure(task: Task, frames: int, repeat: int) -> Rounds:
    from benchmarks.speed import mediapipe_alone, opencv_loop

    video, rounds = task.path, Rounds()
    turns: list[Callable[[], None]] = [
        lambda: rounds.decoding.append(_decode(video)),
        lambda: rounds.inference.append(_run(mediapipe_alone, video, frames)),
        lambda: rounds.profiles.append(_analyse(task)),
        lambda: rounds.tutorial.append(_run(opencv_loop, video, frames)),
    ]
    for number in range(repeat):
        # Another goes first in each round, so that no place in the order is favoured.
        first = number % len(turns)
        for turn in turns[first:] + turns[:first]:
            turn()
    rounds.ours = [(one.wall_ms / 1000, one.cpu_ms / 1000) for one in rounds.profiles]
    return rounds


def _decode(video: Path) -> Measured:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count, stream.codec_context.thread_type = 1, "NONE"
        began = perf_counter(), process_time()
        for _ in container.decode(stream):
            pass
        return perf_counter() - began[0], process_time() - began[1]


def _run(prepare: Callable[[Path, int], object], video: Path, frames: int) -> Measured:
    with prepare(video, frames) as run:  # type: ignore[attr-defined]
        began = perf_counter(), process_time()
        run()
        return perf_counter() - began[0], process_time() - began[1]


def _analyse(task: Task) -> Profile:
    profile = analyse(task).profile
    assert profile is not None
    return profile


def _report(console: Console, size: Size, rounds: Rounds, frames: int) -> None:
    looked_at = rounds.profiles[0].frames
    table = Table(title=f"{size.name}: {frames} pictures, {looked_at} looked at")
    for heading in ("contender", "pictures/s", "video s/s", "CPU ms/picture"):
        table.add_column(heading, justify="left" if heading == "contender" else "right")
    for name, measured in (
        ("decoding alone, one thread", rounds.decoding),
        ("MediaPipe alone, in memory, those looked at", rounds.inference),
        ("hep-vision analyze", rounds.ours),
        ("OpenCV read, detect at full size, draw", rounds.tutorial),
    ):
        rate = frames / median(wall_s for wall_s, _ in measured)
        cpu_ms = 1000 * median(cpu_s for _, cpu_s in measured) / frames
        table.add_row(name, f"{rate:.1f}", f"{rate / size.rate_hz:.2f}", f"{cpu_ms:.2f}")
    console.print(table)
    console.print(f"CPU, analyze / both alone: {rounds.cpu_ratio():.3f} (goal: {CPU_GOAL})")
    goal = SPEED_GOALS[size.name]
    console.print(f"speed, analyze / OpenCV loop: {rounds.speed_ratio():.2f} (goal: above {goal})")
    shares = ", ".join(
        f"{name} {cpu_ms:.2f}" for name, cpu_ms in _stages(rounds.profiles, looked_at).items()
    )
    console.print(f"CPU ms for each picture that is looked at: {shares}\n")


def _stages(profiles: list[Profile], looked_at: int) -> dict[str, float]:
    """Return the median processor time of each stage, for a picture that is looked at."""

    def of(name: str) -> float:
        found: list[StageTime] = [
            one for each in profiles for one in each.stages if one.name == name
        ]
        return median(one.cpu_ms for one in found) / looked_at

    names = [one.name for one in profiles[0].stages]
    order = [DECODE, INFERENCE, *(name for name in names if name not in (DECODE, INFERENCE, WAIT))]
    return {name: of(name) for name in (*order, WAIT)}
