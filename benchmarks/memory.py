"""Show that the memory of an analysis does not grow with the length of the video.

    python -m benchmarks.memory CLIP [--minutes 1 10] [--stand-in]

The clip is repeated, without coding it anew, into videos of each length in a temporary folder;
each is analysed and booked as ``hep-vision analyze`` does, in a process of its own, whose peak
memory is reported. The peak at each tenth of the way shows whether it grows.

An hour of inference takes half an hour. With ``--stand-in`` MediaPipe sees the first pictures only,
so that it is loaded and has its memory; after them the landmarks of the clip are played again and
again. Everything else is as always.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import Task, analyse, find_model, read_landmarks
from hep_vision.core.types import PoseFrame
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose import mediapipe_tasks
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL
from hep_vision.sources.base import Frame
from hep_vision.sources.recorded import LandmarkTrack, read_track, write_track
from hep_vision.store.sessions import SessionLog

GOAL_MB = 500
_SEEN_BY_MEDIAPIPE = 60
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Peak:
    """Pictures that were looked at, and the peak in MB at each tenth of the way."""

    frames: int
    mb: list[float]


class Replayed:
    """Landmarks of a track, over and over; a `PoseEstimator`."""

    def __init__(self, track: LandmarkTrack, model_path: Path) -> None:
        self._poses = list(track.poses())
        self._mediapipe = MediaPipePose(model_path)
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._mediapipe.close()

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        """Return the next pose of the track, with the time of this frame."""
        pose = self._poses[self._count % len(self._poses)]
        self._count += 1
        if self._count <= _SEEN_BY_MEDIAPIPE:
            self._mediapipe.estimate_pose(frame, image_size_px)
        return replace(pose, timestamp_ms=frame.timestamp_ms)


def run(video: Path, exercise: str, track_path: Path | None) -> Peak:
    """Do what is measured, in this process."""
    if track_path is not None:
        track = read_track(track_path)
        mediapipe_tasks.MediaPipePose = lambda path: Replayed(track, path)  # type: ignore[assignment, misc]
    peaks_mb: list[float] = []

    def look(share: float) -> None:
        if share >= (len(peaks_mb) + 1) / _TENTHS:
            peaks_mb.append(round(_peak_mb(), 1))

    task = Task(video, find_exercise(exercise), model=find_model(DEFAULT_MODEL, Path()))
    with tempfile.TemporaryDirectory() as folder, SessionLog.open(Path(folder)) as log:
        found = analyse(task, log=log, progress=look)
    return Peak(found.tracking.frames, [*peaks_mb, round(_peak_mb(), 1)])


def repeat_clip(clip: Path, output: Path, minutes: float) -> None:
    """Write the packets of ``clip`` again and again until ``minutes`` are full."""
    with av.open(str(clip)) as source, av.open(str(output), "w") as target:
        original = source.streams.video[0]
        copy = target.add_stream_from_template(original)
        length_ticks = original.duration
        if not length_ticks or not original.time_base:
            sys.exit(f"{clip} does not say how long it is; use another clip.")
        repeats = math.ceil(60 * minutes / (length_ticks * original.time_base))
        for shift_ticks in range(0, repeats * length_ticks, length_ticks):
            source.seek(0)
            for packet in source.demux(original):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts += shift_ticks
                packet.dts += shift_ticks
                packet.stream = copy
                target.mux(packet)


def measure(video: Path, exercise: str, track_path: Path | None) -> Peak:
    """Analyse ``video`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", str(video), "--exercise", exercise]
    command += ["--child", str(track_path or "")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Peak(*json.loads(done.stdout))


def main() -> None:
    """Print the peak memory for each length."""
    parser = argparse.ArgumentParser(description="Measure peak memory by length of video.")
    parser.add_argument("clip", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--exercise", default="squat")
    parser.add_argument("--stand-in", action="store_true", help="do not estimate every picture")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        track_path = Path(arguments.child) if arguments.child else None
        peak = run(arguments.clip, arguments.exercise, track_path)
        sys.stdout.write(json.dumps([peak.frames, peak.mb]))
        return
    table = Table("minutes", "pictures", "MB by tenths of the way", "peak, MB")
    with tempfile.TemporaryDirectory() as folder:
        track_path = None
        if arguments.stand_in:
            track_path = Path(folder, "clip.npz")
            model = find_model(DEFAULT_MODEL, Path())
            write_track(track_path, read_landmarks(arguments.clip, model))
        for minutes in arguments.minutes:
            video = Path(folder, f"{minutes:g}.mp4")
            repeat_clip(arguments.clip, video, minutes)
            peak = measure(video, arguments.exercise, track_path)
            tenths = " ".join(f"{mb:.0f}" for mb in islice(peak.mb, _TENTHS))
            table.add_row(f"{minutes:g}", f"{peak.frames:,}", tenths, f"{peak.mb[-1]:.0f}")
            video.unlink()
    console = Console()
    console.print(table)
    console.print(f"goal: at most {GOAL_MB} MB")


def _peak_mb() -> float:
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


if __name__ == "__main__":
    main()
