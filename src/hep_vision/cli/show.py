"""Results on a terminal: tables that fit 80 columns, the answer first, paths last."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from hep_vision.core.definition import Kind
from hep_vision.core.form import OVER_LIMIT, OVER_LIMIT_NAME
from hep_vision.core.summary import about
from hep_vision.core.types import Hold, Rep, RepStatus, Side
from hep_vision.sources.film_date import DateOrigin
from hep_vision.stages import StageTime

if TYPE_CHECKING:
    from hep_vision.app.analyse import Analysis
    from hep_vision.core.recognition import Recognition
    from hep_vision.stages import Profile

console: Final = Console(highlight=False)
error_console: Final = Console(stderr=True, highlight=False)

_MARKS: Final = {
    RepStatus.COUNTED: "counted",
    RepStatus.PARTIAL: "partial",
    RepStatus.REJECTED: "not counted",
    RepStatus.OPEN: "cut off",
}

_SAID_BY: Final = {
    DateOrigin.GIVEN: "as you say",
    DateOrigin.RECORDING: "as the recording says",
    DateOrigin.FILE: "the date of the file",
}


@contextmanager
def batch_progress(paths: Sequence[Path]) -> Iterator[Callable[[int, float], None]]:
    """Show a bar with the time left, on standard error; give the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=error_console, transient=True, disable=not error_console.is_terminal
    ) as bar:
        name = escape(paths[0].name) if len(paths) == 1 else f"{len(paths)} recordings"
        task = bar.add_task(name, total=float(len(paths)))
        done = [0.0] * len(paths)

        def move(index: int, share: float) -> None:
            done[index] = max(done[index], share)
            bar.update(task, completed=sum(done))

        yield move


@contextmanager
def count_progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of ``total`` are done, on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=error_console, transient=True, disable=not error_console.is_terminal
    ) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def show_results(analyses: "Sequence[Analysis]") -> None:
    """Print one recording in full, several as a table."""
    if len(analyses) == 1:
        _show_one(analyses[0])
    elif analyses:
        _show_many(analyses)


def show_profiles(analyses: "Sequence[Analysis]") -> None:
    """Print where the time of each recording went."""
    for analysis in analyses:
        if analysis.profile is not None:
            _show_profile(analysis.profile)


def _show_profile(profile: "Profile") -> None:
    frames = max(1, profile.frames)
    table = Table("stage", title=f"{profile.frames} pictures in {profile.wall_ms / 1000:.1f} s")
    for heading in ("wall, ms each", "share", "processor, ms each", "share"):
        table.add_column(heading, justify="right")
    whole = StageTime("all", profile.wall_ms, profile.cpu_ms)
    for one in (*profile.stages, whole):
        table.add_row(
            one.name,
            f"{one.wall_ms / frames:.2f}",
            f"{one.wall_ms / profile.wall_ms:.0%}",
            f"{one.cpu_ms / frames:.2f}",
            f"{one.cpu_ms / profile.cpu_ms:.0%}",
        )
    console.print(table)


def _show_one(analysis: "Analysis") -> None:
    definition, summary = analysis.task.definition, analysis.summary
    if definition.kind is Kind.SELF_TIMED:
        total = "not judged"
    elif definition.kind is Kind.TIMED_HOLD:
        total = f"{summary.holds} held, {summary.held_ms / 1000:.1f} s in all"
    else:
        total = f"{summary.counted} counted"
        for count, word in (
            (summary.partial, "partial"),
            (summary.rejected, "not counted"),
            (summary.open, "cut off by the end"),
        ):
            total += f", {count} {word}" if count else ""
    _show_recognised(analysis)
    console.print(f"[bold]{escape(definition.name)}: {total}[/bold]{_sides(analysis)}")
    for line in (*analysis.remarks, *analysis.warnings):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    for line in _set_for_patient(analysis):
        console.print(escape(line))
    rows = [event for event in analysis.events if isinstance(event, Rep | Hold)]
    if rows:
        console.print(_event_table(analysis, rows))
    names = {check.id: check.name for check in definition.checks} | {OVER_LIMIT: OVER_LIMIT_NAME}
    unjudged = [name.lower() for check, name in names.items() if summary.not_checked.get(check)]
    if unjudged:
        console.print(f"Not checked from this camera position: {escape(', '.join(unjudged))}.")
    if analysis.session_id is not None:
        console.print(f"Logged as session {analysis.session_id[:8]}.")
    for line in _booked(analysis):
        console.print(escape(line))
    _show_how_to_correct([analysis])


def _show_recognised(analysis: "Analysis") -> None:
    if analysis.task.recognised is not None:
        for line in recognised_lines(analysis.task.recognised):
            console.print(escape(line))


def recognised_lines(found: "Recognition") -> list[str]:
    """Return what a recording was taken for, how surely, and what else it could be."""
    best = found.best
    if best is None:
        return []
    lines = [f"Recognised as {best.name} ({best.exercise_id}), {found.confidence:.0%} sure."]
    if best.alike:
        lines.append(f"One camera does not tell it from: {', '.join(best.alike)}.")
    others = [one for one in found.proposals[1:] if one.exercise_id not in best.alike]
    if others:
        named = ", ".join(f"{one.exercise_id} ({one.confidence:.0%})" for one in others[:2])
        lines.append(f"Next: {named}. If it is wrong, say which it is with --exercise.")
    return lines


def show_ranking(found: "Recognition") -> None:
    """Print the exercises that a recording may show, the likeliest first."""
    if found.proposals:
        table = Table(box=None, pad_edge=False)
        for heading in ("exercise", "name", "share", "counted", "not told from"):
            table.add_column(heading, overflow="fold")
        for one in found.proposals:
            share, alike = f"{one.confidence:.0%}", ", ".join(one.alike)
            table.add_row(one.exercise_id, escape(one.name), share, str(one.counted), alike)
        console.print(table)


def _set_for_patient(analysis: "Analysis") -> list[str]:
    """Return what was set for the patient and known beforehand, a line each."""
    targets, personal = analysis.task.targets, analysis.task.personal
    lines = []
    if targets is not None:
        unit = "°" if analysis.trace.unit == "deg" else ""
        values = [
            f"{word} {value:g}{unit}"
            for word, value in (
                ("goal", targets.goal),
                ("smallest range", targets.minimum),
                ("limit", targets.limit),
            )
            if value is not None
        ]
        values += [] if targets.hold_ms is None else [f"hold {targets.hold_ms / 1000:g} s"]
        values += [] if targets.side is None else [f"side {targets.side}"]
        lines.append(f"Set for this patient: {', '.join(values)}.")
    if personal is not None:
        lines.append(f"Usual range known from {personal.origin}.")
    return lines


def _booked(analysis: "Analysis") -> list[str]:
    """Return as what a recording counts by the program, in one line; none where it does not."""
    booked, booking = analysis.booked, analysis.task.booking
    if booked is None or booking is None:
        return []
    noun = "holds" if booking.plan[0].timed else "repetitions"
    sides = [
        f"{'' if one.side is Side.BOTH else f'{one.side} side, '}{one.done} of {one.prescribed} "
        f"{noun}, {'done' if one.complete else 'begun'}"
        for one in booked.sides
    ]
    moment = booking.filmed.at.astimezone(booking.zone)
    return [
        f"Booked by version {booking.program.number} of the program of {booking.patient}: "
        f"{'; '.join(sides)}. Filmed {moment:%a %Y-%m-%d %H:%M}, "
        f"{_SAID_BY[booking.filmed.origin]}."
    ]


def _sides(analysis: "Analysis") -> str:
    by_side = analysis.summary.by_side
    if not (by_side[Side.LEFT] or by_side[Side.RIGHT]):
        return ""
    return " (" + ", ".join(f"{side} {n}" for side, n in by_side.items() if n) + ")"


def _event_table(analysis: "Analysis", rows: Sequence[Rep | Hold]) -> Table:
    unit = "" if analysis.trace.unit == "ratio" else "°"
    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right")
    for heading in ("side", "time", "up/hold/down", "peak", "range", "result"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        flags = ", ".join(deviation.id for deviation in row.deviations)
        if isinstance(row, Hold):
            clock = f"{row.counted_ms / 1000:.1f} s"
            table.add_row(str(row.index), row.side, _span(row), clock, "", "", flags or "held")
            continue
        tempo = "/".join(
            f"{part / 1000:.1f}" for part in (row.concentric_ms, row.hold_ms, row.eccentric_ms)
        )
        result = flags or row.reason or _MARKS[row.status]
        if row.status is not RepStatus.COUNTED:
            result = f"{_MARKS[row.status]}: {row.reason}" if row.reason else result
        table.add_row(
            str(row.index or "-"),
            row.side,
            _span(row),
            tempo,
            about(row.peak_deg, unit),
            about(row.rom_deg, unit),
            escape(result),
        )
    return table


def _span(row: Rep | Hold) -> str:
    return f"{row.start_ms / 1000:.1f}-{row.end_ms / 1000:.1f} s"


def _show_many(analyses: "Sequence[Analysis]") -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("recording", overflow="fold")
    for heading in ("counted", "partial", "other", "held s", "flagged"):
        table.add_column(heading, justify="right")
    table.add_column("view")
    for analysis in analyses:
        summary = analysis.summary
        counts = (
            ("-", "-", "-")
            if analysis.task.definition.kind is Kind.SELF_TIMED
            else (str(summary.counted), str(summary.partial), str(summary.rejected + summary.open))
        )
        table.add_row(
            escape(analysis.task.path.name),
            *counts,
            f"{summary.held_ms / 1000:.1f}" if summary.holds else "",
            str(len(summary.deviations)),
            analysis.tracking.view.value,
        )
    console.print(table)
    for analysis in analyses:
        for line in (*analysis.remarks, *analysis.warnings):
            console.print(
                f"[yellow]Note:[/yellow] {escape(analysis.task.path.name)}: {escape(line)}"
            )
        for line in _booked(analysis):
            console.print(f"{escape(analysis.task.path.name)}: {escape(line)}")
    _show_how_to_correct(analyses)


def _show_how_to_correct(analyses: "Sequence[Analysis]") -> None:
    for analysis in analyses:
        if analysis.audit is None or not analysis.audit.uncertain or analysis.session_id is None:
            continue
        name = f" of {escape(analysis.task.path.name)}" if len(analyses) > 1 else ""
        command = f"hep-vision log correct {analysis.session_id[:8]} COUNT"
        # Wrapped by the terminal, so that the command can be copied whole.
        console.print(f"If the count{name} is wrong: `{command}`", soft_wrap=True)


def printable(text: str) -> str:
    """Return somebody's words without what would move the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
