"""Progress on a terminal: one table that fits 80 columns, and a few lines under it."""

from collections.abc import Callable, Iterator

from rich.markup import escape
from rich.table import Table

from hep_vision.cli.show import console
from hep_vision.program.milestones import in_words
from hep_vision.program.overview import Progress
from hep_vision.program.progress import DayFeeling
from hep_vision.reports.progress_words import (
    change_words,
    days_in_words,
    empty_in_words,
    goal_in_words,
    range_in_words,
    sets_in_words,
    side_words,
    work_in_words,
)


def show_progress(progress: Progress) -> None:
    """Print progress for the patient; suggestions are for the therapist and not in it."""
    whose = "" if progress.patient is None else f" of {escape(progress.patient)}"
    console.print(f"[bold]Progress{whose}[/bold], {progress.since} to {progress.until}")
    if progress.empty:
        console.print(empty_in_words(progress))
    for line in _lines(progress):
        console.print(escape(line))
    if not progress.empty:
        console.print(_work_table(progress))
        if any(one.courses for one in progress.exercises):
            console.print(_range_table(progress))
            console.print("One camera: only what was seen from the same side is compared.")
    for line in _under(progress):
        console.print(escape(line))


def _lines(progress: Progress) -> Iterator[str]:
    if progress.adherence is not None and progress.adherence.days_due:
        yield f"{sets_in_words(progress.adherence)}."
        yield f"{days_in_words(progress.adherence)}."
    if progress.days_in_a_row > 1:
        yield f"{progress.days_in_a_row} days in a row, rest days left out."


def _work_table(progress: Progress) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("exercise", overflow="fold")
    for heading in ("sets", "done", "in good form"):
        table.add_column(heading, justify="right")
    for name, *cells in work_in_words(progress):
        table.add_row(escape(name), *cells)
    return table


def _range_table(progress: Progress) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("range", overflow="fold")
    for heading in ("side", "last", "goal", "since the first days"):
        table.add_column(heading)
    for one in progress.exercises:
        for course in one.courses:
            table.add_row(
                escape(one.name),
                side_words(course.side),
                range_in_words(course),
                goal_in_words(course),
                change_words(course),
            )
    return table


def _under(progress: Progress) -> Iterator[str]:
    for name, value in _PAIN:
        said = [score for day in progress.feeling if (score := value(day)) is not None]
        if said:
            yield f"{name}, the last days: {', '.join(str(score) for score in said[-7:])} of 10."
    names = {one.exercise_id: one.name for one in progress.exercises}
    for milestone in progress.milestones[-3:]:
        words = in_words(milestone, names.get(milestone.exercise_id, milestone.exercise_id))
        yield f"{milestone.day}: {words}"
    if progress.uncertain:
        count = len(progress.uncertain)
        noun = "set is" if count == 1 else "sets are"
        yield f"The count of {count} {noun} uncertain: hep-vision log list shows which."


_PAIN: tuple[tuple[str, Callable[[DayFeeling], int | None]], ...] = (
    ("Pain before", lambda day: day.before),
    ("Pain after", lambda day: day.after),
    ("Pain the next morning", lambda day: day.next_morning),
    ("Effort", lambda day: day.effort),
)
