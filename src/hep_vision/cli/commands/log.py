"""``hep-vision log``: what was done, session by session."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    THERAPIST,
    opened_log,
)

if TYPE_CHECKING:
    from hep_vision.store.records import SessionRow

log = typer.Typer(no_args_is_help=True, help="List, show and correct logged sessions.")
app.add_typer(log, name="log", rich_help_panel=THERAPIST)


class ExportFormat(StrEnum):
    """Form of an export."""

    CSV = "csv"
    JSON = "json"


@log.command("list")
def list_sessions(
    ctx: typer.Context,
    exercise: Annotated[str | None, typer.Option(help="Only this exercise.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
) -> None:
    """List sessions, newest first."""
    from rich.markup import escape
    from rich.table import Table

    from hep_vision.cli.show import console

    with opened_log(ctx) as opened:
        rows = opened.sessions(exercise_id=exercise, limit=limit)
    if not rows:
        console.print("No sessions yet. `hep-vision analyze VIDEO --exercise ID` logs one.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("session", min_width=8, no_wrap=True)
    for heading in ("began", "exercise", "counted", "held s", "flagged", "source"):
        table.add_column(heading, overflow="ellipsis", no_wrap=True)
    in_sittings = any(row.header.set_number is not None for row in rows)
    if in_sittings:
        table.add_column("set", no_wrap=True)
    for row in rows:
        counts = row.counts
        held = f"{counts.held_ms / 1000:.1f}" if counts.holds else ""
        began = row.header.started_at[:16].replace("T", " ")
        name = escape(Path(row.header.source.path).name)
        table.add_row(
            row.session_id[:8],
            began,
            row.header.exercise_id,
            _count_cell(row),
            held,
            str(counts.flagged),
            name,
            *([str(row.header.set_number or "")] if in_sittings else []),
        )
    console.print(table)
    if any(row.doubtful for row in rows):
        console.print("?: uncertain, counting again another way gave another number.")
    if any(row.corrections for row in rows):
        console.print("->: corrected by hand.")


def _count_cell(row: "SessionRow") -> str:
    if row.corrected_count is not None:
        return f"{row.measured_count} -> {row.corrected_count}"
    return f"{row.counts.counted} ?" if row.doubtful else str(row.counts.counted)


@log.command("show")
def show_session(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(help="Session id, or enough of its beginning.")],
) -> None:
    """Show one session with every repetition, as JSON."""
    import json

    from hep_vision.exports.log_export import session_document

    with opened_log(ctx) as opened:
        typer.echo(json.dumps(session_document(opened.session(session)), indent=1))


@log.command("correct")
def correct_session(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(help="Session id, or enough of its beginning.")],
    count: Annotated[
        int,
        typer.Argument(
            min=0, max=100_000, help="The right number of repetitions, or of timed holds."
        ),
    ],
    note: Annotated[str | None, typer.Option(help="Why, in your own words.")] = None,
) -> None:
    """Enter the right count of a session by hand; what was measured is kept beside it."""
    from hep_vision.app.correct import correct_count

    with opened_log(ctx) as opened:
        row = correct_count(opened, session, count, note)
    typer.echo(f"Session {row.session_id[:8]}: measured {row.measured_count}, by hand {count}.")


@log.command("read")
def read_message(
    ctx: typer.Context,
    sitting: Annotated[str, typer.Argument(help="Sitting id, or enough of its beginning.")],
    by: Annotated[str | None, typer.Option(help="Who read it, in your own words.")] = None,
) -> None:
    """Print the message of a sitting and mark it as read: it leaves the inbox and `concerns`."""
    from hep_vision.app.booking import now
    from hep_vision.cli.show import printable
    from hep_vision.store.records import MessageReading

    with opened_log(ctx) as opened:
        row = opened.sittings.mark_read(sitting, MessageReading(now(), by))
    for line in (row.message or "").splitlines():
        typer.echo(printable(line))
    typer.echo(f"Sitting {row.sitting_id[:8]}: the message is marked as read.")


@log.command("export", hidden=True)
def export_log(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Argument(help="File to write; - for the terminal.")] = None,
    output_format: Annotated[
        ExportFormat, typer.Option("--format", "-f", help="One row per repetition, or sessions.")
    ] = ExportFormat.CSV,
    exercise: Annotated[str | None, typer.Option(help="Only this exercise.")] = None,
) -> None:
    """Export the log as one CSV (a row per repetition) or JSON; `hep-vision export` gives all."""
    import sys

    from hep_vision.exports.log_export import export_csv, export_json

    write = export_csv if output_format is ExportFormat.CSV else export_json
    to_file = out if out is not None and str(out) != "-" else None
    with opened_log(ctx) as opened:
        write(opened.details(exercise_id=exercise), to_file or sys.stdout)
    if to_file is not None:
        typer.echo(f"Written to {to_file}.")
