"""A simulated patient does a home exercise program for some weeks, before the real engine.

    python -m benchmarks.month --data-dir DIR [--days 30] [--seed 1] [--start 2026-01-05]

Makes a log as a live session would: a program in two versions, sittings with their sets, landmark
tracks, second counts, pain, effort and messages, with simulated dates. ``truth.json`` beside it
says what the patient meant to do. The same seed gives the same log. The patient is a stick figure:
agreement says nothing about patients.
"""

import argparse
import json
import os
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from benchmarks.month.body import Performed, SetTask, perform
from benchmarks.month.life import Life, SittingTask, live
from rich.console import Console
from rich.progress import track as progress

from hep_vision import __version__
from hep_vision.app.analyse import Model
from hep_vision.app.live_book import LiveBook
from hep_vision.app.live_plan import to_plain
from hep_vision.app.program import import_program
from hep_vision.coach.stages import SetBegan, SetEnded, Stopped, Told, Watched, Wrote
from hep_vision.core.types import ReportKind
from hep_vision.errors import HepVisionError, StoreError
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.locations import DATABASE_NAME
from hep_vision.store.records import ProgramRef, SelfReport
from hep_vision.store.sessions import SessionLog
from hep_vision.store.sittings import SittingWriter

TRUTH: Final = "truth.json"
_CAMERA: Final = "a simulated patient"
_NOBODY: Final = Model("none, a stick figure", Path(), "0" * 64)
_QUESTION: Final = timedelta(seconds=8)
_CHANGE: Final = timedelta(seconds=20)
_MORNING: Final = time(7, 40)


class Clock:
    """Simulated time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> str:
        """Return the present moment as the log takes it."""
        return self.moment.isoformat()

    def passes(self, span: timedelta) -> None:
        """Let time pass."""
        self.moment += span


def main() -> int:
    """Make a log and return the exit code."""
    options = _options()
    console = Console(stderr=True)
    try:
        life = live(options.start, options.days, options.seed)
        truth = simulate(life, options.data_dir, options.seed, jobs=options.jobs, console=console)
    except HepVisionError as error:
        console.print(f"month: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)
    sets = sum(len(sitting["sets"]) for sitting in truth["sittings"])
    console.print(
        f"{len(truth['sittings'])} sittings with {sets} sets in {options.data_dir}; "
        f"the truth is in {options.data_dir / TRUTH}.",
        soft_wrap=True,
    )
    return 0


def simulate(
    life: Life, folder: Path, seed: int, *, jobs: int = 1, console: Console | None = None
) -> dict[str, Any]:
    """Live through it, book it in a new log, and return the truth, which is written beside it.

    Raises:
        StoreError: There is a log in the folder already, or it cannot be written.
    """
    if (folder / DATABASE_NAME).exists():
        raise StoreError(f"{folder} holds a log already: name a new folder with --data-dir.")
    ids = _ids(seed)
    sittings = []
    with SessionLog.open(folder, new_id=ids) as log:
        refs = _enter(log, life, ids)
        tasks = [task for sitting in life.sittings for task in sitting.sets]
        performed = _performed(tasks, jobs)
        shown = progress(
            life.sittings,
            "A simulated month",
            console=console or Console(quiet=True),
            transient=True,
        )
        for sitting in shown:
            sets = [next(performed) for _ in sitting.sets]
            sittings.append(_hold(log, sitting, sets, refs[sitting.version - 1]))
    truth = {
        "seed": seed,
        "missed": [day.isoformat() for day in life.missed],
        "sittings": sittings,
    }
    (folder / TRUTH).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth


def _ids(seed: int) -> Callable[[], str]:
    chance = random.Random(seed)
    return lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _enter(log: SessionLog, life: Life, ids: Callable[[], str]) -> list[ProgramRef]:
    program_id = ids()
    return [
        import_program(
            log, text.encode(), "the program", find_exercise, moment.isoformat(), program_id
        ).row.ref
        for moment, text in life.versions
    ]


def _performed(tasks: list[SetTask], jobs: int) -> Iterator[Performed]:
    """Yield each set in its order, done in this process or in several."""
    if jobs == 1:
        yield from map(perform, tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(perform, tasks)


def _hold(
    log: SessionLog, sitting: SittingTask, sets: list[Performed], program: ProgramRef
) -> dict[str, Any]:
    clock = Clock(sitting.began)
    writer = log.sittings.begin(to_plain(sitting.planned), clock(), __version__, program)
    book = LiveBook(log, writer, _CAMERA, _NOBODY, clock)
    clock.passes(_QUESTION)
    book.note(Told(ReportKind.PAIN_BEFORE, sitting.pain_before))
    for index, (task, performed) in enumerate(zip(sitting.sets, sets, strict=True)):
        name = task.planned.exercise.id
        names = [one.planned.exercise.id for one in sitting.sets]
        if name not in names[:index]:
            _tell(writer, ReportKind.PAIN_BEFORE, sitting.pains[name][0], clock, name)
        _book_set(book, task, performed, clock)
        if name not in names[index + 1 :]:
            clock.passes(_QUESTION)
            _tell(writer, ReportKind.PAIN_AFTER, sitting.pains[name][1], clock, name)
        clock.passes(timedelta(milliseconds=task.planned.rest_ms) + _CHANGE)
    if sitting.stopped is not None:
        book.note(Stopped(sitting.stopped))
    for report, value in (
        (ReportKind.PAIN_AFTER, sitting.pain_after),
        (ReportKind.EFFORT, sitting.effort),
    ):
        clock.passes(_QUESTION)
        book.note(Told(report, value))
    if sitting.message is not None:
        book.note(Wrote(sitting.message))
    book.close(complete=sitting.stopped is None)
    if book.problem is not None:
        raise StoreError(book.problem)
    if sitting.next_morning is not None:
        morning = datetime.combine(sitting.began.date() + timedelta(days=1), _MORNING, UTC)
        report = SelfReport(ReportKind.PAIN_NEXT_MORNING, sitting.next_morning, morning.isoformat())
        log.sittings.report(writer.sitting_id, report)
    return _truth(writer.sitting_id, sitting, sets, program)


def _tell(writer: SittingWriter, kind: ReportKind, value: int, clock: Clock, name: str) -> None:
    writer.report(SelfReport(kind, value, clock(), name))


def _book_set(book: LiveBook, task: SetTask, performed: Performed, clock: Clock) -> None:
    began = clock.moment
    book.note(SetBegan(task.planned))
    for pose, (state, events) in zip(performed.track.poses(), performed.steps, strict=False):
        book.note(Watched(pose, events, state))
        clock.moment = began + timedelta(milliseconds=pose.timestamp_ms)
    book.note(SetEnded(performed.end_events, performed.outcome))


def _truth(
    sitting_id: str, sitting: SittingTask, sets: list[Performed], program: ProgramRef
) -> dict[str, Any]:
    return {
        "id": sitting_id,
        "day": sitting.began.date().isoformat(),
        "version": program.number,
        "pain_before": sitting.pain_before,
        "pain_after": sitting.pain_after,
        "pain_next_morning": sitting.next_morning,
        "effort": sitting.effort,
        "exercise_pain": sitting.pains,
        "stopped": None if sitting.stopped is None else str(sitting.stopped),
        "message": sitting.message,
        "sets": [performed.truth for performed in sets],
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the log of a simulated patient.")
    parser.add_argument("--data-dir", type=Path, required=True, help="a folder without a log")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 1, 5))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
