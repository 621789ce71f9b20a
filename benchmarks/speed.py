"""Compare the speed of this program's pipeline with MediaPipe alone and with common loops.

    python -m benchmarks.speed VIDEO [--frames N] [--repeat N] [--sizes [NAME ...]]

All contenders see the same first frames of the same video, take turns within each round, and are
compared by their medians, so that a busy machine slows them alike. Loading the model and opening
the video are not counted.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import av
import cv2
import mediapipe
from benchmarks.speed_sizes import compare_sizes
from rich.console import Console
from rich.table import Table

from hep_vision.core.engine import ExerciseEngine
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL, locate
from hep_vision.sources.base import Frame
from hep_vision.sources.recorded import TrackRecorder
from hep_vision.sources.video_file import MAX_SIDE_PX, VideoFile

MODEL = locate(DEFAULT_MODEL, Path())
EXERCISE = "shoulder_abduction_raise"
SPEED_GOAL = 0.85
CPU_GOAL = 1.15

Run = Callable[[], int]
"""Does the work that is measured and returns the number of frames it handled."""


@dataclass
class Contender:
    """One way to get from a video to landmarks, and what was measured of it."""

    name: str
    prepare: Callable[[Path, int], Any]
    frames_per_s: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def measure(self, video: Path, limit: int) -> None:
        """Run once over the first ``limit`` frames."""
        with self.prepare(video, limit) as run:
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            frames = run()
            cpu_s = time.process_time() - cpu_s
            wall_s = time.perf_counter() - wall_s
        self.frames_per_s.append(frames / wall_s)
        self.cpu_ms.append(1000 * cpu_s / frames)


@contextmanager
def mediapipe_alone(video: Path, limit: int) -> Iterator[Run]:
    """Detect on frames that are in memory already, scaled: the speed no pipeline can pass."""
    frames = _decoded_frames(video, limit)
    with _landmarker() as landmarker:

        def run() -> int:
            for frame in frames:
                landmarker.detect_for_video(_image(frame.rgb), frame.timestamp_ms)
            return len(frames)

        yield run


@contextmanager
def source_alone(video: Path, limit: int) -> Iterator[Run]:
    """Read the frames as the pipeline does, and do nothing with them."""
    with VideoFile(video) as source:
        yield lambda: sum(1 for _ in islice(source, limit))


@contextmanager
def source_and_pose(video: Path, limit: int) -> Iterator[Run]:
    """Read and estimate as the program does, up to the `PoseFrame`."""
    with VideoFile(video) as source, MediaPipePose(MODEL) as estimator:
        size_px = (source.info.width_px, source.info.height_px)

        def run() -> int:
            poses = (estimator.estimate_pose(frame, size_px) for frame in source)
            return sum(1 for _ in islice(poses, limit))

        yield run


@contextmanager
def opencv_loop(video: Path, limit: int) -> Iterator[Run]:
    """Read with OpenCV, convert, detect at full size, draw: the loop of most tutorials."""
    capture = cv2.VideoCapture(str(video))
    with _landmarker() as landmarker:

        def run() -> int:
            count = 0
            while count < limit:
                seen, picture = capture.read()
                if not seen:
                    break
                rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
                result = landmarker.detect_for_video(_image(rgb), count * 33)
                _draw(picture, result)
                count += 1
            return count

        yield run
    capture.release()


@contextmanager
def pyav_loop(video: Path, limit: int) -> Iterator[Run]:
    """Decode, scale with PyAV's defaults and detect, one after the other."""
    with av.open(str(video)) as container, _landmarker() as landmarker:
        stream = container.streams.video[0]
        scale = min(1.0, MAX_SIDE_PX / max(stream.width, stream.height))
        width_px, height_px = round(stream.width * scale), round(stream.height * scale)

        def run() -> int:
            count = 0
            for picture in islice(container.decode(stream), limit):
                rgb = picture.to_ndarray(format="rgb24", width=width_px, height=height_px)
                landmarker.detect_for_video(_image(rgb), count * 33)
                count += 1
            return count

        yield run


@contextmanager
def analyse_all(video: Path, limit: int) -> Iterator[Run]:
    """Count and check as ``hep-vision analyze --no-log`` does; stops after ``limit`` frames."""
    engine = ExerciseEngine(find_exercise(EXERCISE))
    recorder: TrackRecorder | None = None
    with VideoFile(video) as source, MediaPipePose(MODEL) as pose:
        size_px = (source.info.width_px, source.info.height_px)
        recorder = TrackRecorder(size_px)

        def run() -> int:
            frames = 0
            for frame in islice(source, limit):
                found = pose.estimate_pose(frame, size_px)
                engine.process(found)
                recorder.add(found)
                frames += 1
            engine.finish()
            return frames

        yield run


def main() -> None:
    """Measure all contenders and print one table."""
    parser = argparse.ArgumentParser(description="Compare the speed of the pipeline.")
    parser.add_argument("video", type=Path)
    parser.add_argument("--frames", type=int, default=300, help="frames of each run")
    parser.add_argument("--repeat", type=int, default=5, help="rounds")
    parser.add_argument(
        "--sizes", nargs="*", metavar="NAME", help="code VIDEO anew in each size and compare those"
    )
    arguments = parser.parse_args()
    if arguments.sizes is not None:
        compare_sizes(arguments.video, arguments.sizes, arguments.frames, arguments.repeat)
        return

    alone = Contender(f"a  MediaPipe alone, {MAX_SIDE_PX} px in memory", mediapipe_alone)
    ours = Contender("b  VideoFile + MediaPipePose", source_and_pose)
    source = Contender("   VideoFile alone", source_alone)
    whole = Contender("e  analyze: everything but overlay and log", analyse_all)
    others = [
        whole,
        Contender("c  OpenCV read, detect at full size, draw", opencv_loop),
        Contender("d  PyAV in one thread, default scaler", pyav_loop),
    ]
    contenders = [alone, ours, source, *others]
    for round_number in range(arguments.repeat):
        # Another goes first in each round, so that no place in the order is favoured.
        first = round_number % len(contenders)
        for contender in contenders[first:] + contenders[:first]:
            contender.measure(arguments.video, arguments.frames)
    _report(contenders, alone, whole, source)


def _report(
    contenders: list[Contender], alone: Contender, ours: Contender, source: Contender
) -> None:
    table = Table(title="Medians over all rounds")
    for heading in ("contender", "frames/s", "of a", "CPU ms/frame"):
        table.add_column(heading, justify="left" if heading == "contender" else "right")
    for contender in contenders:
        table.add_row(
            contender.name,
            f"{median(contender.frames_per_s):.1f}",
            f"{_speed_ratio(contender, alone):.2f}",
            f"{median(contender.cpu_ms):.2f}",
        )
    console = Console()
    console.print(table)
    cpu_ratio = median(
        together / (pose + reading)
        for together, pose, reading in zip(ours.cpu_ms, alone.cpu_ms, source.cpu_ms, strict=True)
    )
    console.print(f"speed, e / a: {_speed_ratio(ours, alone):.3f} (goal: at least {SPEED_GOAL})")
    console.print(f"CPU, e / (a + source alone): {cpu_ratio:.3f} (goal: at most {CPU_GOAL})")


def _speed_ratio(contender: Contender, reference: Contender) -> float:
    """Compare round by round: what else the machine did then slowed both."""
    pairs = zip(contender.frames_per_s, reference.frames_per_s, strict=True)
    return median(one / other for one, other in pairs)


def _decoded_frames(video: Path, limit: int) -> list[Frame]:
    with VideoFile(video) as source:
        return list(islice(source, limit))


def _landmarker() -> Any:
    tasks = mediapipe.tasks
    return tasks.vision.PoseLandmarker.create_from_options(
        tasks.vision.PoseLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(MODEL)),
            running_mode=tasks.vision.RunningMode.VIDEO,
        )
    )


def _image(rgb: Any) -> Any:
    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)


def _draw(picture: Any, result: Any) -> None:
    height_px, width_px = picture.shape[:2]
    for landmarks in result.pose_landmarks:
        for landmark in landmarks:
            centre = (int(landmark.x * width_px), int(landmark.y * height_px))
            cv2.circle(picture, centre, 4, (0, 255, 0), -1)


if __name__ == "__main__":
    main()
