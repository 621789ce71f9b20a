"""Look at everything and print the tables; see `benchmarks.confusion`."""

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks.accuracy.runs import usual_jobs
from benchmarks.confusion.runs import (
    EVERYDAY,
    RECORDED,
    SYNTHETIC,
    Job,
    everyday_jobs,
    recorded_jobs,
    run,
    synthetic_jobs,
)
from benchmarks.confusion.tables import report_everyday, report_pairs
from rich.console import Console
from rich.progress import track as progress

from hep_vision.errors import HepVisionError


def main() -> None:
    """Print the tables."""
    given = _options()
    try:
        jobs = [job for source in given.only for job in _JOBS[source](given)]
    except HepVisionError as error:
        sys.exit(f"benchmarks.confusion: {error}")
    pool = ProcessPoolExecutor(
        given.jobs, get_context("spawn"), initializer=os.nice, initargs=(10,)
    )
    with pool:
        found = progress(
            pool.map(run, jobs), total=len(jobs), console=Console(stderr=True), transient=True
        )
        results = list(found)
    # Piped into a file there is no terminal whose width would matter.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    for source in given.only:
        mine = [one for one in results if one.job.source == source]
        if source == EVERYDAY:
            report_everyday(console, mine)
        elif mine:
            report_pairs(console, source, mine, given.worst)


_JOBS: Final[dict[str, Callable[[argparse.Namespace], list[Job]]]] = {
    SYNTHETIC: lambda given: synthetic_jobs(given.seeds),
    RECORDED: lambda given: [
        job for folder in given.folders for job in recorded_jobs(folder, quick=given.quick)
    ],
    EVERYDAY: lambda given: everyday_jobs(given.seeds),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.confusion", description="What else is counted."
    )
    parser.add_argument("folders", type=Path, nargs="*", help="folders with a truth")
    parser.add_argument("--quick", action="store_true", help="one seed, few recordings")
    parser.add_argument(
        "--only", action="append", choices=tuple(_JOBS), help="what to look at; all if not given"
    )
    parser.add_argument("--seeds", type=int, default=4, help="how often the figure does each")
    parser.add_argument("--worst", type=int, default=40, help="pairs to show")
    parser.add_argument("--jobs", type=int, default=usual_jobs(), help="processes to use")
    given = parser.parse_args()
    given.only = given.only or list(_JOBS)
    given.seeds = 1 if given.quick else given.seeds
    return given


if __name__ == "__main__":
    main()
