"""``hep-vision progress``: what was done, how far it went, and how it felt."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    PATIENT,
    PatientOption,
    TableOrJson,
    UntilOption,
    opened_log,
    resolved_data_dir,
)

_PLOTS: Final = (".png", ".svg")
_WEEKS: Final = 12


@app.command("progress", rich_help_panel=PATIENT)
def progress(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    exercise: Annotated[
        str | None, typer.Option("--exercise", "-e", help="Only this exercise.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day, as 2026-11-24.",
            show_default=f"{_WEEKS} weeks before the last",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Begin with the program, and list what was reached.")
    ] = False,
    until: UntilOption = None,
    patient: PatientOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it as well, as .png or .svg.", dir_okay=False)
    ] = None,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="Table or JSON.")
    ] = TableOrJson.TABLE,
) -> None:
    """Show what was done of the program, how far it went, and how it felt."""
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder
    from hep_vision.app.progress import Span, only_of, progress_of
    from hep_vision.program.schedule import local_day

    if plot is not None and plot.suffix.lower() not in _PLOTS:
        raise typer.BadParameter(f"{plot}: a plot ends in .png or .svg.", param_hint="--plot")
    data_dir, zone = resolved_data_dir(ctx), MachineZone()
    today = local_day(datetime.now(UTC), zone)
    last = min(until.date(), today) if until is not None else today
    first = since.date() if since is not None else last - timedelta(weeks=_WEEKS)
    span = Span(None if everything else first, last)
    with opened_log(ctx) as log:
        found = progress_of(log, patient, finder(data_dir), span, zone)
    found = found if exercise is None else only_of(found, exercise)
    if plot is not None:
        from hep_vision.reports.progress_plot import plot_progress
        from hep_vision.reports.progress_story import Story

        plot_progress(plot, Story.of(found, today), exercise)
    if output_format is TableOrJson.JSON:
        import json

        from hep_vision.exports.progress_json import progress_document

        typer.echo(json.dumps(progress_document(found), indent=1, allow_nan=False))
    else:
        from hep_vision.cli.show_progress import show_progress

        show_progress(found)
        if plot is not None:
            typer.echo(f"Drawn: {plot}")
