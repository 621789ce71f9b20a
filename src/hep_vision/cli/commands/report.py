"""``hep-vision report``: one page for the next visit."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    THERAPIST,
    PatientOption,
    UntilOption,
    opened_log,
    resolved_data_dir,
)


@app.command("report", rich_help_panel=THERAPIST)
def report(
    ctx: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day, as 2026-11-24.",
            show_default="six weeks back, or the start of the program",
        ),
    ] = None,
    until: UntilOption = None,
    patient: PatientOption = None,
    out: Annotated[Path, typer.Option("--out", help="Page to write.")] = Path("report.html"),
) -> None:
    """Write a page for the next visit: what to look at first, doses, range, pain, form, words."""
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder
    from hep_vision.app.report import Asked, write_report
    from hep_vision.program.schedule import local_day

    data_dir, zone = resolved_data_dir(ctx), MachineZone()
    today = local_day(datetime.now(UTC), zone)
    first = since.date() if since is not None else None
    last = min(until.date(), today) if until is not None else today
    if first is not None and first > last:
        why = "is still to come" if first > today else f"is after {last}"
        raise typer.BadParameter(f"{first} {why}.", param_hint="--since")
    asked = Asked(patient, first, last, zone)
    with opened_log(ctx) as log:
        progress = write_report(log, asked, finder(data_dir), data_dir, out).progress
    typer.echo(f"Written: {out}, {progress.since} to {progress.until}.")
    typer.echo("Open it in a browser, and print it or save it as PDF there. It is health data.")
