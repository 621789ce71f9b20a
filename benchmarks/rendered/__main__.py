"""Film a rendered person doing the catalogue, with planted faults, and judge it like a recording.

python -m benchmarks.rendered --cache FOLDER [EXERCISE ...]

Rendering everything takes about an hour of one core for each variant (numba is needed, see
sample_videos/README.md), and is kept in the folder; judging it again takes a minute. Agreement on
a rendered figure says nothing about patients.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from benchmarks.rendered.judging import Judged, judge
from benchmarks.rendered.plans import Scene, scenes
from benchmarks.rendered.tables import (
    form_table,
    range_table,
    summary_lines,
    untracked_table,
    view_table,
)
from benchmarks.rendered.turns import look_at, turns
from rich.console import Console
from rich.progress import track as progress

from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import catalogue, find_exercise

Task = TypeVar("Task")
Result = TypeVar("Result")


def main() -> None:
    """Print the tables."""
    options = _options()
    console = Console()
    try:
        names = options.exercises or sorted(catalogue())
        tasks: list[Scene] = [
            scene for name in names for scene in scenes(find_exercise(name), options.variants)
        ]
        judged = _all(partial(judge, cache_folder=options.cache), tasks, options.jobs)
        stances = (
            []
            if options.exercises
            else _all(
                partial(look_at, cache_folder=options.cache),
                list(turns(options.people)),
                options.jobs,
            )
        )
        if options.json is not None:
            _write(options.json, judged)
    except (HepVisionError, OSError) as error:
        sys.exit(f"benchmarks.rendered: {error}")
    for table in (
        form_table(judged),
        range_table(judged),
        view_table([one.stance for one in judged if one.stance], stances),
        untracked_table(judged),
    ):
        console.print(table)
    for line in summary_lines(judged, stances):
        console.print(line, highlight=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rendered", description=__doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="ids (default: all)")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps what is slow")
    parser.add_argument("--variants", type=int, default=2, help="people for each exercise and view")
    parser.add_argument("--people", type=int, default=6, help="people who turn for the view")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="scenes at a time")
    parser.add_argument("--json", type=Path, help="file for every repetition's judgement")
    return parser.parse_args()


def _all(work: Callable[[Task], Result], tasks: Sequence[Task], jobs: int) -> list[Result]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        console = Console(stderr=True)
        done = pool.map(work, tasks)
        return list(progress(done, "scenes", total=len(tasks), console=console, transient=True))


def _write(path: Path, judged: Sequence[Judged]) -> None:
    path.write_text(json.dumps([asdict(one) for one in judged], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
