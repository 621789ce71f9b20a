"""Recognise everything and print who was taken for what.

python -m benchmarks.recognition FOLDER... [--every N] [--jobs N] [--write docs/recognition.md]
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks.accuracy.runs import usual_jobs
from benchmarks.recognition.runs import (
    EVERYDAY,
    FIGURE,
    Job,
    everyday_jobs,
    figure_jobs,
    frames_of,
    recorded_jobs,
)
from benchmarks.recognition.tables import Result, page
from rich.console import Console
from rich.progress import track as progress

from hep_vision.core.recognition import recognise_exercise
from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import catalogue

CHOSEN_ON: Final = (FIGURE, EVERYDAY, "ui_prmd")
BEGIN: Final = "<!-- tables: python -m benchmarks.recognition --write -->\n"
END: Final = "<!-- end of tables -->"
_SEED: Final = 2
"""The weights were chosen on the figure with the seeds 0 and 1."""
_EVERYDAY_SEED: Final = 5
"""The weights were chosen on everyday movements with the seed 0."""
_every: Final = cache(lambda: list(catalogue().values()))


def run(job: Job) -> Result:
    """Recognise one job."""
    return Result(job, recognise_exercise(frames_of(job), _every()))


def main() -> None:
    """Print the tables, and write them into a page if one is named."""
    given = _options()
    try:
        recorded = [
            job for folder in given.folders for job in recorded_jobs(folder)[:: given.every]
        ]
    except HepVisionError as error:
        sys.exit(f"benchmarks.recognition: {error}")
    jobs = recorded + (
        [] if given.recorded else figure_jobs([_SEED]) + everyday_jobs([_EVERYDAY_SEED])
    )
    pool = ProcessPoolExecutor(
        given.jobs, get_context("spawn"), initializer=os.nice, initargs=(10,)
    )
    with pool:
        found = progress(
            pool.map(run, jobs), total=len(jobs), console=Console(stderr=True), transient=True
        )
        tables = page(list(found), CHOSEN_ON)
    Console(highlight=False, soft_wrap=True).print(tables, markup=False)
    if given.write is not None:
        write(given.write, tables)


def write(path: Path, tables: str) -> None:
    """Put the tables between the marks of a page."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    path.write_text(before + BEGIN + "\n" + tables + "\n" + END + rest.split(END)[1], "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recognition", description="Which exercise is it?"
    )
    parser.add_argument("folders", type=Path, nargs="*", help="folders with a truth")
    parser.add_argument("--every", type=int, default=1, help="take each Nth recording only")
    parser.add_argument("--recorded", action="store_true", help="recordings alone, no figure")
    parser.add_argument("--jobs", type=int, default=usual_jobs(), help="processes to use")
    parser.add_argument("--write", type=Path, help="page whose marked tables are replaced")
    return parser.parse_args()


if __name__ == "__main__":
    main()
