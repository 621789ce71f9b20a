"""Measure the angle error on the sample videos, whose true angles are known for every frame.

    python benchmarks/angles.py [SAMPLE_VIDEOS]

For each joint and view: the mean absolute error of the image-plane measure against the angle of
the true joints projected into the picture, and against the true angle in three dimensions. Side
views are read on the near side, front views on both. A joint that moves less than ten degrees in
every clip of a view is left out. Agreement on a rendered figure says nothing about patients.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import Task, estimate_track, find_model
from hep_vision.core.measures import measure_pose
from hep_vision.core.orientation import OrientationTracker
from hep_vision.core.types import FloatArray
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import LandmarkTrack

JOINTS = ("knee_flexion", "hip_flexion", "elbow_flexion", "shoulder_elevation")
SIDES = ("left", "right")
MOVING_DEG = 10.0

Errors = dict[tuple[str, str], list[tuple[FloatArray, FloatArray]]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Angle error on the sample videos.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("sample_videos"))
    errors: Errors = defaultdict(list)
    for path in sorted(parser.parse_args().folder.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        compare(path.parent, truth, errors)
    report(errors)


def compare(folder: Path, truth: dict[str, Any], errors: Errors) -> None:
    """Add the errors of one clip."""
    task = Task(
        folder / truth["file"],
        find_exercise(truth["exercise_id"]),
        model=find_model("full", Path()),
    )
    track = estimate_track(task)
    measured = measure_track(track)
    near = np.nanmedian(track.visibility[:, [25, 26]], axis=0).argmax()
    for side, name in enumerate(SIDES):
        if truth["view"] == "side" and side != near:
            continue
        for row, joint in enumerate(JOINTS):
            projected = np.array(truth["projected_deg"][f"{name}_{joint}"])
            true = np.array(truth["angles_deg"][f"{name}_{joint}"])
            if np.ptp(projected) < MOVING_DEG:
                continue
            found = measured[:, row, side]
            pair = (np.abs(found - projected), np.abs(found - true))
            errors[(joint, truth["view"])].append(pair)


def measure_track(track: LandmarkTrack) -> FloatArray:
    """Return the joints' image-plane measures, (T, joints, 2)."""
    orientation = OrientationTracker()
    rows = []
    for pose in track.poses():
        stance = orientation.update(pose.timestamp_ms, pose.image_px)
        scale, facing = np.asarray(stance.scale_px), np.asarray(stance.facing)
        rows.append(measure_pose(JOINTS, pose.image_px, pose.world_m, scale, facing))
    return np.array(rows)


def report(errors: Errors) -> None:
    """Print one row for each joint and view."""
    table = Table(title="Mean absolute error of the image-plane angle, degrees")
    table.add_column("joint")
    table.add_column("view")
    for heading in ("clips", "to projected truth", "to 3-D truth"):
        table.add_column(heading, justify="right")
    for (joint, view), pairs in sorted(errors.items()):
        projected = np.concatenate([pair[0] for pair in pairs])
        true = np.concatenate([pair[1] for pair in pairs])
        table.add_row(
            joint,
            view,
            str(len(pairs)),
            f"{np.nanmean(projected):.1f}",
            f"{np.nanmean(true):.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
