"""Analyse every sample video, book it in a log of its own, and compare with its truth.

python scripts/demo.py

Writes ``demo_output/``: the log, and the overlay video and the plot of one clip.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hep_vision.app.analyse import Analysis, Task, find_model
from hep_vision.app.analyse_many import Result, analyse_many
from hep_vision.app.evaluate import Case, read_cases
from hep_vision.app.output import write_plot
from hep_vision.core.definition import Kind
from hep_vision.core.evaluation import Score, score
from hep_vision.errors import HepVisionError, SourceOpenError
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.model_file import DEFAULT_MODEL

CHECKOUT: Final = Path(__file__).resolve().parents[1]
VIDEOS: Final = CHECKOUT / "sample_videos"
OUTPUT: Final = CHECKOUT / "demo_output"
LOG: Final = OUTPUT / "log"
SHOWN_CLIP: Final = "squat_side"


def main() -> int:
    """Run the demonstration and return the exit code."""
    console = Console(highlight=False)
    try:
        return demonstrate(console)
    except HepVisionError as error:
        console.print(f"demo: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)


def demonstrate(console: Console) -> int:
    """Analyse, compare, show; the code is that of the worst clip.

    Raises:
        HepVisionError: Nothing could be analysed, or nothing written.
    """
    cases = [case for case in read_cases(VIDEOS) if case.truth.exercise_id is not None]
    if not any(case.path.is_file() for case in cases):
        raise SourceOpenError(f"{VIDEOS}: no videos; render them with: make sample-videos")
    results = analyse_cases(cases)
    analysed = [
        (case, result.analysis)
        for case, result in zip(cases, results, strict=True)
        if result.analysis is not None
    ]
    console.print(comparison(analysed))
    for result in results:
        if result.problem is not None:
            console.print(f"demo: {result.problem}", markup=False, soft_wrap=True)
    for case, analysis in analysed:
        if case.path.stem == SHOWN_CLIP:
            write_plot(analysis, plot_path())
    show_what_next(console)
    return max(int(result.exit_code) for result in results)


def analyse_cases(cases: list[Case]) -> list[Result]:
    """Analyse all cases, one process per core, with a bar on standard error."""
    shutil.rmtree(OUTPUT, ignore_errors=True)  # or the log would hold every clip twice
    OUTPUT.mkdir()
    model = find_model(DEFAULT_MODEL, LOG)
    tasks = [
        Task(
            case.path,
            find_exercise(str(case.truth.exercise_id)),
            model=model,
            overlay=overlay_path() if case.path.stem == SHOWN_CLIP else None,
        )
        for case in cases
    ]
    shares = [0.0] * len(tasks)
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task(f"Analysing {len(tasks)} sample videos", total=len(tasks))

        def move(index: int, share: float) -> None:
            shares[index] = max(shares[index], share)
            bar.update(line, completed=sum(shares))

        jobs = min(os.cpu_count() or 1, len(tasks))
        return list(analyse_many(tasks, jobs=jobs, log_place=LOG, progress=move))


def comparison(analysed: list[tuple[Case, Analysis]]) -> Table:
    """Return the table of what was found beside what is true."""
    table = Table(box=None, pad_edge=False, caption="found of true; + flagged but not planted")
    table.add_column("clip", no_wrap=True)
    table.add_column("exercise")
    for heading in ("counted", "held (s)", "faults"):
        table.add_column(heading, justify="right")
    for case, analysis in analysed:
        found = score(case.truth, analysis.task.definition.id, analysis.events)
        table.add_row(
            case.path.stem,
            analysis.task.definition.name,
            counted(found) if analysis.task.definition.kind is not Kind.TIMED_HOLD else "",
            held(case, analysis),
            faults(found),
        )
    return table


def counted(found: Score) -> str:
    """Return the repetitions counted, of the true number or range, marked where wrong."""
    low, high = found.acceptable
    true = f"{low}" if low == high else f"{low}-{high}"
    return f"{found.counted} of {true}" + (f" ({found.error:+d})" if found.error else "")


def held(case: Case, analysis: Analysis) -> str:
    """Return the time held, of the true time, in seconds; empty for repetitions."""
    true_ms = sum(hold.end_ms - hold.start_ms for hold in case.truth.holds or ())
    if not (true_ms or analysis.summary.holds):
        return ""
    return f"{analysis.summary.held_ms / 1000:.1f} of {true_ms / 1000:.1f}"


def faults(found: Score) -> str:
    """Return the planted faults found, of those planted, and how many others were flagged."""
    hit, missed, others = found.flags_hit, found.flags_missed, found.flags_false
    return f"{len(hit)} of {len(hit) + len(missed)}" + (f" +{len(others)}" if others else "")


def overlay_path() -> Path:
    """Return where the overlay video goes."""
    return OUTPUT / f"{SHOWN_CLIP}.overlay.mp4"


def plot_path() -> Path:
    """Return where the plot goes."""
    return OUTPUT / f"{SHOWN_CLIP}.png"


def show_what_next(console: Console) -> None:
    """Say where the results are and what to try."""
    command = Path(sys.executable).with_name("hep-vision")
    for what, path in (("overlay", overlay_path()), ("plot", plot_path())):
        if path.is_file():
            console.print(f"{what:8}{shown(path)}", soft_wrap=True, markup=False)
    console.print(
        f"log     {shlex.quote(shown(command))} --data-dir {shlex.quote(shown(LOG))} log list",
        soft_wrap=True,
        markup=False,
    )


def shown(path: Path) -> str:
    """Return a path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    sys.exit(main())
