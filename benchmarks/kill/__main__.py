"""Kill a batch again and again, take it up each time, and see that nothing is lost or done twice.

    python -m benchmarks.kill [--recordings 1000] [--broken 0.03] [--kills 5] [--seed 1]

Short videos are cut out of the sample videos, small and slow, some of them twice and some broken.
One batch of them is left alone; another has its whole process group killed at random moments and is
taken up with --resume until it is done. Then all tables must be the same. The pose model runs for
real; what it makes of pictures that small does not matter here, only that it is the same twice.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.kill.recordings import make_recordings
from benchmarks.kill.runs import (
    Bench,
    Killed,
    Run,
    differences,
    killed_runs,
    rows_of,
    tracks_in,
    worked_on_twice,
)
from rich.console import Console
from rich.table import Table

from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL, locate

_SHARE_GOAL: Final = 0.01
_SHARE_FROM: Final = 1000
"""Of fewer, the start of Python is the most of it."""


def _load_s() -> float:
    """Return how long it takes to load the pose model once it was loaded before."""
    for _ in range(2):
        begun_s = time.monotonic()
        with MediaPipePose(locate(DEFAULT_MODEL, Path())):
            seconds = time.monotonic() - begun_s
    return seconds


def _told(name: str, run: Run) -> tuple[str, ...]:
    summary = run.summary or {}
    opened = "?" if run.opened is None else str(sum(run.opened.values()))
    return (
        name,
        f"{run.seconds:.1f}",
        str(run.journalled),
        str(summary.get("kept", "")),
        str(summary.get("estimated", "")),
        str(summary.get("failed", "")),
        opened,
        run.integrity,
    )


def main() -> None:
    """Run, kill, compare, and tell."""
    options = _options()
    console = Console()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="hep-vision-kill-"))
    try:
        if not _ran(options, folder, console):
            sys.exit(1)
    finally:
        if not options.keep and options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__)
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--broken", type=float, default=0.03, help="share that cannot be used")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="a new or empty folder to work in, which stays")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    return parser.parse_args()


def _ran(options: argparse.Namespace, folder: Path, console: Console) -> bool:
    chance = random.Random(options.seed)
    videos, undisturbed, killed = (folder / name for name in ("videos", "undisturbed", "killed"))
    videos.mkdir(parents=True)
    table = make_recordings(videos, options.recordings, options.broken, chance)
    bench = Bench(table, options.jobs, folder / "data")
    bench.console.log(
        f"{options.recordings} recordings in {folder}; loading the model: {_load_s():.2f} s"
    )
    alone = bench.run(undisturbed)
    bench.console.log(f"undisturbed: {alone.seconds:.1f} s")
    whole = len(tracks_in(undisturbed))
    nothing_new = bench.run(undisturbed)
    found = killed_runs(bench, killed, options.kills, chance, whole)
    shown = Table(
        "run",
        "s",
        "in journal",
        "kept",
        "estimated",
        "failed",
        "opens",
        "journal",
        title=f"{options.recordings} recordings, {options.jobs} processes",
    )
    shown.add_row(*_told("undisturbed", alone))
    shown.add_row(*_told("nothing new", nothing_new))
    for number, run in enumerate(found.runs, start=1):
        shown.add_row(*_told("to the end" if run.summary else f"killed {number}", run))
    console.print(shown)
    outs = undisturbed, killed
    return _verdict(console, outs, alone, nothing_new, found, options.jobs)


def _verdict(
    console: Console,
    outs: tuple[Path, Path],
    alone: Run,
    nothing_new: Run,
    killed: Killed,
    jobs: int,
) -> bool:
    different, compared = differences(*outs)
    rows = ", ".join(f"{count} {name}" for name, count in rows_of(outs[0]).items())
    kills = sum(run.summary is None for run in killed.runs)
    twice, most = worked_on_twice(killed.runs), jobs * kills
    share = nothing_new.seconds / alone.seconds
    opened = None if nothing_new.opened is None else sum(nothing_new.opened.values())
    codes = {run.code for run in (alone, nothing_new, killed.runs[-1])}
    checks = {
        f"{compared} tables are the same: {rows}": compared > 0 and not different,
        f"every journal is whole after {kills} kills": all(
            run.integrity == "ok" for run in killed.runs
        ),
        f"landmarks that were kept and made anew: {killed.remade}": killed.remade == 0,
        f"recordings begun twice: {_or_unknown(twice)}; under way at kills, at most: {most}": (
            twice is None or twice <= most
        ),
        f"a run with nothing new takes {share:.2%} of the first; goal: {_SHARE_GOAL:.0%}, from "
        f"{_SHARE_FROM} recordings on": share <= _SHARE_GOAL or alone.journalled < _SHARE_FROM,
        f"it opens recordings {_or_unknown(opened)} times": not opened,
        f"exit codes: {', '.join(map(str, sorted(codes)))}": len(codes) == 1,
    }
    for line, good in checks.items():
        console.print(f"{'ok  ' if good else 'FAIL'} {line}", highlight=False, soft_wrap=True)
    for name in different:
        console.print(f"     differs: {name}", highlight=False)
    return all(checks.values())


def _or_unknown(count: int | None) -> str:
    return "not measured" if count is None else str(count)


if __name__ == "__main__":
    main()
