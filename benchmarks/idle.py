"""What would come of estimating no pose while nothing moves in the picture.

    python -m benchmarks.idle CLIPS TRACKS

CLIPS is a folder of videos, TRACKS one with their landmark tracks (the same names, ``.npz``) and a
``truth.json`` that names the exercise of each. A picture is idle where no cell of a small grey copy
differs from that of the last picture whose pose was estimated by more than a threshold; its pose is
taken over. The events are compared with those of all poses. See ``docs/decisions``.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.types import Event, PoseFrame, Rep, RepStatus
from hep_vision.exercises.loading import catalogue
from hep_vision.sources.recorded import read_track
from hep_vision.sources.video_file import ReadSettings, VideoFile

CELLS = (64, 36)
THRESHOLDS = (1, 2, 4, 8)
"""Of 255, in the mean of a cell of about ten pixels."""

Cells = NDArray[np.int16]


def small(video: Path) -> Iterator[Cells]:
    """Yield the grey cells of each picture."""
    with VideoFile(video, ReadSettings(max_rate_hz=None)) as source:
        for frame in source:
            cells = cv2.resize(frame.rgb, CELLS, interpolation=cv2.INTER_AREA)
            yield cv2.cvtColor(cells, cv2.COLOR_RGB2GRAY).astype(np.int16)


def held(poses: list[PoseFrame], pictures: list[Cells], threshold: int) -> tuple[list, int]:
    """Return the poses with those of idle pictures taken over, and how many those are."""
    result: list[PoseFrame] = []
    last, idle = 0, 0
    for index, pose in enumerate(poses):
        still = index and np.abs(pictures[index] - pictures[last]).max() <= threshold
        if still:
            idle += 1
            pose = replace(poses[last], timestamp_ms=pose.timestamp_ms)
        else:
            last = index
        result.append(pose)
    return result, idle


def events_of(exercise: str, poses: list[PoseFrame]) -> list[Event]:
    """Return what the engine makes of the poses."""
    engine = ExerciseEngine(catalogue()[exercise])
    found = [event for pose in poses for event in engine.process(pose)]
    return [*found, *engine.finish()]


def counted(events: list[Event]) -> int:
    """Return the number of counted repetitions."""
    return sum(isinstance(one, Rep) and one.status is RepStatus.COUNTED for one in events)


def main() -> None:
    """Print, for each threshold, how much would be saved and what would change."""
    parser = argparse.ArgumentParser(description="Measure what skipping idle pictures changes.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("tracks", type=Path)
    arguments = parser.parse_args()
    cases = json.loads((arguments.tracks / "truth.json").read_text(encoding="utf-8"))
    totals = {threshold: [0, 0, 0, 0] for threshold in THRESHOLDS}
    frames = clips = 0
    for case in cases:
        exercise = case.get("exercise_id")
        track, video = arguments.tracks / case["file"], arguments.clips / f"{case['slug']}.mp4"
        if not track.exists() or not video.exists():
            continue
        exercise = exercise if exercise in catalogue() else "squat"
        poses, pictures = list(read_track(track).poses()), list(small(video))
        if len(poses) != len(pictures):
            continue
        clips, frames = clips + 1, frames + len(poses)
        plain = events_of(exercise, poses)
        for threshold, total in totals.items():
            changed, idle = held(poses, pictures, threshold)
            events = events_of(exercise, changed)
            total[0] += idle
            total[1] += events != plain
            total[2] += counted(events) != counted(plain)
            total[3] += [type(one) for one in events] != [type(one) for one in plain]
    table = Table(
        "threshold", "idle pictures", "events differ", "their kinds differ", "count differs",
        title=f"{clips} clips, {frames:,} pictures",
    )  # fmt: skip
    for threshold, (idle, differ, count, kinds) in totals.items():
        table.add_row(str(threshold), f"{idle / frames:.1%}", str(differ), str(kinds), str(count))
    Console().print(table)


if __name__ == "__main__":
    main()
