"""Measure what a batch gains from processes, from kept landmarks and from being run again.

    python -m benchmarks.scale FOLDER [--exercise ID] [--recordings N] [--rounds N] [--jobs N]

FOLDER holds videos; with a ``truth.json`` each is analysed as the exercise it shows, otherwise as
``--exercise``. Every number is of the command line as its user runs it, start-up included. The
ways take turns within each round, and the medians of the rounds are compared, so that a busy
machine slows them alike.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse_many import find_recordings

_COMMAND = [sys.executable, "-c", "from hep_vision.cli.main import run; run()"]


@dataclass
class Timed:
    """One way to run, and what was measured of it in each round.

    Attributes:
        name: What was run.
        wall_s: Seconds by the clock.
        cpu_s: Seconds of all processes.
        frames: Frames looked at in one round.
    """

    name: str
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    frames: int = 0

    @property
    def frames_per_s(self) -> float:
        """Return the frames of a second by the clock."""
        return self.frames / median(self.wall_s)

    def run(self, *arguments: object) -> dict[str, Any]:
        """Run the command line once more and return what it prints."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun_s = time.perf_counter()
        ran = subprocess.run(
            [*_COMMAND, *map(str, arguments)],
            capture_output=True,
            check=False,
            text=True,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
        self.wall_s.append(time.perf_counter() - begun_s)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.cpu_s.append(used_s)
        if ran.returncode:
            raise SystemExit(f"{self.name} ended with {ran.returncode}: {ran.stderr}")
        told: dict[str, Any] = json.loads(ran.stdout)
        self.frames = told["frames"]
        return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exercise", default="squat")
    parser.add_argument("--recordings", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        manifest = work / "recordings.csv"
        count = _write_manifest(manifest, chosen.folder, chosen.exercise, chosen.recordings)
        ways = [_round(manifest, work, chosen.jobs) for _ in range(chosen.rounds)]
    merged = [_merged([one[place] for one in ways]) for place in range(len(ways[0]))]
    _print(merged, chosen.jobs, count)


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    pass


def _write_manifest(manifest: Path, folder: Path, exercise: str, most: int) -> int:
    truth = folder / "truth.json"
    shown = {}
    if truth.is_file():
        entries = json.loads(truth.read_text(encoding="utf-8"))
        shown = {one["file"]: one["exercise_id"] for one in entries if one.get("exercise_id")}
    paths = [path for path in find_recordings([folder]) if not shown or path.name in shown]
    paths = paths[:most]
    with manifest.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "exercise", "recorded_at"])
        rows.writerows(
            [path.absolute(), shown.get(path.name, exercise), "2026-01-01T08:00Z"] for path in paths
        )
    return len(paths)


def _round(manifest: Path, work: Path, jobs: int) -> list[Timed]:
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        shared = ["--data-dir", folder / "data"]
        alone, together = Timed("batch, 1 process"), Timed(f"batch, {jobs} processes")
        resumed, again = Timed("the same again, --resume"), Timed("the same again, judged anew")
        judged, judged_together = Timed("rescore, 1 process"), Timed(f"rescore, {jobs} processes")
        asked = ["--format", "json", "--jobs"]
        alone.run(*shared, "batch", manifest, "--out", folder / "1", *asked, 1)
        together.run(*shared, "batch", manifest, "--out", folder / "2", *asked, jobs)
        resumed.run(*shared, "batch", manifest, "--out", folder / "1", "--resume", *asked, 1)
        again.run(*shared, "batch", manifest, "--out", folder / "1", *asked, 1)
        judged.run(*shared, "rescore", folder / "1", *asked, 1)
        judged_together.run(*shared, "rescore", folder / "1", *asked, jobs)
    return [alone, together, resumed, again, judged, judged_together]


def _merged(rounds: Sequence[Timed]) -> Timed:
    whole = Timed(rounds[0].name, frames=rounds[0].frames)
    for one in rounds:
        whole.wall_s += one.wall_s
        whole.cpu_s += one.cpu_s
    return whole


def _print(ways: Sequence[Timed], jobs: int, recordings: int) -> None:
    console = Console(width=100)
    table = Table("way", "seconds", "CPU seconds", "frames", "frames/s", title="Scale")
    for way in ways:
        rate = f"{way.frames_per_s:.0f}" if way.frames else "-"
        table.add_row(
            way.name,
            f"{median(way.wall_s):.2f}",
            f"{median(way.cpu_s):.2f}",
            str(way.frames),
            rate,
        )
    console.print(table)
    alone, together, resumed, again, judged, judged_together = ways
    ratios = Table("ratio", "measured", "goal", title=f"{recordings} recordings")
    for name, value, goal in (
        (f"{jobs} processes over 1", _faster(alone, together), "at least 1.85"),
        ("unchanged, --resume, over the first run", _share(resumed, alone), "at most 0.01"),
        ("unchanged, judged anew, over the first run", _share(again, alone), ""),
        ("rescore over analysis, 1 process", judged.frames_per_s / alone.frames_per_s, "200"),
        (
            f"rescore over analysis, {jobs} processes",
            judged_together.frames_per_s / together.frames_per_s,
            "at least 200",
        ),
        ("rescore over analysis, CPU seconds", _cpu(alone) / _cpu(judged), "at least 200"),
    ):
        ratios.add_row(name, f"{value:.3f}" if value < 1 else f"{value:.2f}", goal)
    console.print(ratios)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    console.print(f"Largest process: {largest:.0f} MB (goal: at most 500)")


def _faster(slow: Timed, fast: Timed) -> float:
    return median(slow.wall_s) / median(fast.wall_s)


def _share(part: Timed, whole: Timed) -> float:
    return median(part.wall_s) / median(whole.wall_s)


def _cpu(way: Timed) -> float:
    return median(way.cpu_s) / way.frames


if __name__ == "__main__":
    main()
