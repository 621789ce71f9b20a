"""Count hard cases, and recordings if given, with the counter and with common methods.

python -m benchmarks.accuracy [--data FOLDER ...] [--write docs/accuracy.md]
"""

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy.extras import ASSUMED_INFERENCE_MS, coordinates_table, cost_us
from benchmarks.accuracy.hard_cases import hard_cases
from benchmarks.accuracy.runs import Run, recordings, run_hard_cases, run_recordings, usual_jobs
from benchmarks.accuracy.tables import (
    Block,
    accuracy_table,
    cost_table,
    filled,
    hard_case_summary,
    hard_case_table,
    negative_table,
    show,
    wrong_count_table,
)
from rich.console import Console
from rich.progress import track as progress

from hep_vision.errors import HepVisionError


def main() -> None:
    """Print the tables, and write them into a page if one is named."""
    options = _options()
    console, messages = Console(), Console(stderr=True)
    try:
        blocks = _hard_cases(options, console, messages)
        if options.data:
            blocks += _recordings(options, console, messages)
        if options.write is not None:
            page = options.write.read_text(encoding="utf-8")
            options.write.write_text(filled(page, blocks), encoding="utf-8")
    except (HepVisionError, OSError, ValueError) as error:
        sys.exit(f"benchmarks.accuracy: {error}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", help="folders with truth.json, of tracks or videos"
    )
    parser.add_argument("--write", type=Path, help="page whose marked tables are replaced")
    parser.add_argument("--jobs", type=int, default=usual_jobs(), help="recordings at a time")
    parser.add_argument(
        "--inference-ms",
        type=float,
        help="measured time to estimate one pose (benchmarks/speed.py); "
        f"{ASSUMED_INFERENCE_MS:g} is assumed",
    )
    return parser.parse_args()


def _hard_cases(options: argparse.Namespace, console: Console, messages: Console) -> list[Block]:
    cases = list(hard_cases())
    runs = list(
        progress(
            run_hard_cases(cases, options.jobs),
            "hard cases",
            total=len(cases),
            console=messages,
            transient=True,
        )
    )
    measured = options.inference_ms is not None
    blocks = [
        hard_case_table(runs),
        hard_case_summary(runs),
        wrong_count_table(runs),
        coordinates_table(),
        cost_table(
            cost_us(),
            options.inference_ms if measured else ASSUMED_INFERENCE_MS,
            "measured" if measured else "assumed",
        ),
    ]
    for block in blocks:
        show(block, console)
    return blocks


def _recordings(options: argparse.Namespace, console: Console, messages: Console) -> list[Block]:
    wanted, unknown = recordings(options.data)
    runs: list[Run] = []
    counted = run_recordings(wanted, options.jobs)
    for result in progress(
        counted, "recordings", total=len(wanted), console=messages, transient=True
    ):
        if isinstance(result, str):
            messages.print(result, highlight=False)
        else:
            runs += result
    tables = (accuracy_table(runs), negative_table(runs))
    blocks = [block for block in tables if block is not None]
    for block in blocks:
        show(block, console)
    console.print(f"left out: {unknown} recordings of exercises that are not counted here")
    return blocks


if __name__ == "__main__":
    main()
