"""Programs and days on a terminal: tables that fit 80 columns, and no blame for what is left."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.table import Table

from hep_vision.cli.show import console
from hep_vision.core.measures import MEASURES
from hep_vision.program.schedule import Due
from hep_vision.program.spec import WEEK, Prescription, Program, Works
from hep_vision.program.today import Today
from hep_vision.reports.day_words import (
    Name,
    clock,
    day_in_short,
    names_in_words,
    needed_in_words,
    occasion_in_words,
    review_in_words,
    row_in_words,
    short_date,
    tally_in_words,
    week_of,
)
from hep_vision.reports.handout_words import short_day

if TYPE_CHECKING:
    from hep_vision.core.definition import ExerciseDefinition

_SIDES: Final = {Works.LEFT: "left", Works.RIGHT: "right", Works.EACH: "each", Works.NONE: ""}


def show_program(
    program: Program, version: int | None, find: "Callable[[str], ExerciseDefinition]"
) -> None:
    """Print a whole program."""
    number = "" if version is None else f", version {version}"
    console.print(f"[bold]Program of {escape(program.patient)}[/bold]{number}")
    console.print(
        f"By {escape(program.therapist)}, from {short_date(program.start)}, review "
        f"{short_date(program.review)} {program.review.year}."
    )
    for goal in program.goals:
        console.print(f"Goal: {escape(goal)}")
    table = Table(box=None, pad_edge=False)
    for heading in ("exercise", "dose", "side", "when", "with"):
        table.add_column(heading, overflow="fold")
    for one in program.exercises:
        name = find(one.exercise_id).name
        table.add_row(escape(name), dose(one), _SIDES[one.works], _when(one), escape(one.load))
    console.print(table)
    for line in _remarks(program, find):
        console.print(escape(line))


def _remarks(program: Program, find: "Callable[[str], ExerciseDefinition]") -> Iterator[str]:
    for one in program.exercises:
        name = find(one.exercise_id).name
        if set_for := _targets(one):
            yield f"{name}: {set_for}."
        for caution in one.precautions:
            yield f"Take care ({name}): {caution}"
    for caution in program.precautions:
        yield f"Take care: {caution}"
    zones = program.zones
    yield f"Pain from {zones.amber_from}: go gently. From {zones.red_from}: stop and rest."


def _targets(one: Prescription) -> str:
    targets = one.targets
    if targets is None or targets.measure is None:
        return ""
    unit = "°" if MEASURES[targets.measure].unit == "deg" else ""
    values = (
        ("goal", targets.goal),
        ("smallest range", targets.minimum),
        ("limit", targets.limit),
    )
    return ", ".join(f"{word} {value:g}{unit}" for word, value in values if value is not None)


def dose(one: Prescription) -> str:
    """Return "2 x 10, hold 5 s, 2-1-3"."""
    parts = [f"{one.sets} x {one.reps}"]
    parts += [f"hold {one.hold_ms / 1000:g} s"] if one.hold_ms else []
    if one.tempo is not None:
        spans = (one.tempo.out_ms, one.tempo.hold_ms, one.tempo.back_ms)
        parts.append("-".join(f"{span / 1000:g}" for span in spans))
    return ", ".join(parts)


def _when(one: Prescription) -> str:
    days = "daily" if one.days == WEEK else " ".join(day.capitalize() for day in one.days)
    if one.times:
        return f"{days} {', '.join(clock(at) for at in one.times)}"
    return days if one.times_per_day == 1 else f"{days}, {one.times_per_day} x a day"


# -- today ----------------------------------------------------------------------------------------


def show_today(today: Today, name: Name) -> None:
    """Print what is due, done and left on a day, and what comes next."""
    console.print(f"[bold]{short_date(today.day)}: {day_in_short(today)}[/bold]")
    if today.times:
        console.print(_table(today.times, name))
    for line in _what_now(today, name):
        console.print(escape(line))


def _table(times: Sequence[Due], name: Name) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("exercise", "dose", "side", "when"):
        table.add_column(heading, overflow="fold")
    for heading in ("due", "done", "left"):
        table.add_column(heading, justify="right")
    for due in times:
        one = due.prescription
        table.add_row(
            escape(name(one.exercise_id)),
            dose(one),
            _SIDES[one.works],
            ", ".join(clock(at) for at in one.times) or _often(one.times_per_day),
            str(due.sets_due),
            str(due.sets_done),
            str(due.sets_left),
        )
    return table


def _often(times: int) -> str:
    return "" if times == 1 else f"{times} x a day"


def _what_now(today: Today, name: Name) -> Iterator[str]:
    if today.now:
        yield f"Now: {names_in_words([one.prescription.exercise_id for one in today.now], name)}."
    if needed := needed_in_words(today):
        yield f"You need: {needed}."
    if today.to_begin:
        yield "Begin with: hep-vision live --program today"
    if today.following is not None:
        yield f"Next: {occasion_in_words(today.following, today, name)}."
    if week := week_of(today):
        days = (f"{short_day(one.day)} {tally_in_words(one, today.day)}" for one in week)
        yield f"This week: {', '.join(days)}."
    yield from filter(None, (row_in_words(today), review_in_words(today)))
