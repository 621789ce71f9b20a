"""Measure how long questions to a long log take, in a file and in a database of a server.

    python -m benchmarks.log --sessions 100000 [--database URL] [--data-dir DIR] [--rounds 5]

Both get the same rows, made up by `benchmarks.years`; what is filled already is measured as it is.
Each question is asked in this process, through one open log as pages keep it, first of the one and
then of the other, so that whatever else the machine does falls on both. Starting the program is not
in the times; `benchmarks.years` measures that.
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.years import fill
from rich.console import Console
from rich.table import Table

from hep_vision.app.export import FORMATS, Export
from hep_vision.app.program import finder
from hep_vision.app.report import Asked, write_report
from hep_vision.errors import ExitCode, HepVisionError
from hep_vision.store.locations import LogPlace
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog

YEARS: Final = 5
_EXPORT_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        name: As the table calls it.
        ask: Asks it of a log, with a folder for files.
        times: How often, in each round.
    """

    name: str
    ask: Callable[[SessionLog, Path], object]
    times: int = 1


def main() -> int:
    """Fill, measure, and return the exit code."""
    options = _options()
    console, errors = Console(), Console(stderr=True)
    try:
        with tempfile.TemporaryDirectory() as own:
            folder = options.data_dir or Path(own)
            places = {"SQLite": LogPlace(folder / "file")}
            if options.database is not None:
                places["PostgreSQL"] = LogPlace(folder / "server", options.database)
            for name, place in places.items():
                _fill(name, place, options, errors)
            console.print(measure(places, options))
    except HepVisionError as error:
        errors.print(f"log: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)
    return int(ExitCode.OK)


def _fill(name: str, place: LogPlace, options: argparse.Namespace, console: Console) -> None:
    with SessionLog.open(place) as log:
        there = log.count_chosen(Selection())
    if not there:
        began_s = time.perf_counter()
        there = fill(
            place,
            YEARS * 365,
            options.until,
            seed=options.seed,
            sessions=options.sessions,
            console=console,
        )
        console.print(f"{name}: filled in {time.perf_counter() - began_s:.0f} s")
    console.print(f"{name}: {there} sessions")


def questions(until: date, *, whole: bool) -> list[Question]:
    """Return what is asked of a log up to the day before ``until``."""
    since = datetime(until.year, until.month, until.day, tzinfo=UTC) - timedelta(days=_EXPORT_DAYS)
    found = [
        Question("list, 20 newest", lambda log, _: log.sessions(limit=20), 20),
        Question(
            "list, of one exercise",
            lambda log, _: log.sessions(exercise_id="mini_squat", limit=20),
            20,
        ),
        Question("show, by the beginning of its id", _show, 20),
        Question(
            f"export of {_EXPORT_DAYS} days, Parquet",
            lambda log, folder: _export(log, folder, Selection(since=since.isoformat())),
        ),
        Question(
            "report of six weeks",
            lambda log, folder: write_report(
                log,
                Asked(None, None, until - timedelta(days=1), UTC),
                finder(folder),
                folder,
                folder / "report.html",
            ),
        ),
    ]
    if whole:
        found.append(
            Question("export of everything, Parquet", lambda log, at: _export(log, at, Selection()))
        )
    return found


def _show(log: SessionLog, _folder: Path) -> None:
    middle = log.sessions(limit=100)[-1].session_id
    log.session(middle[:8])


def _export(log: SessionLog, folder: Path, selection: Selection) -> None:
    FORMATS["parquet"].write(Export(log, selection, folder, replace=True), folder / "out")


def measure(places: dict[str, LogPlace], options: argparse.Namespace) -> Table:
    """Return the table of times."""
    table = Table(title="Milliseconds, median and 95th percentile", box=None)
    table.add_column("question")
    for name in places:
        for heading in ("median", "p95"):
            table.add_column(f"{name}\n{heading}", justify="right")
    table.add_column("asked", justify="right")
    with tempfile.TemporaryDirectory() as folder:
        logs = {name: SessionLog.open(place) for name, place in places.items()}
        for question in questions(options.until, whole=options.whole):
            times: dict[str, list[float]] = {name: [] for name in logs}
            for log in logs.values():
                question.ask(log, Path(folder))  # what is read for the first time is another matter
            for _ in range(options.rounds * question.times):
                for name, log in logs.items():
                    began_s = time.perf_counter()
                    question.ask(log, Path(folder))
                    times[name].append(1000.0 * (time.perf_counter() - began_s))
            cells = [f"{value:.1f}" for one in times.values() for value in (median(one), _p95(one))]
            table.add_row(question.name, *cells, str(options.rounds * question.times))
        for log in logs.values():
            log.close()
    return table


def _p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times of what users ask of a long log.")
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--database", help="URL of an empty database of a server")
    parser.add_argument("--data-dir", type=Path, help="keep the logs there")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="export everything, too: minutes")
    parser.add_argument(
        "--until",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        help="the day after the last sitting; today by default",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
