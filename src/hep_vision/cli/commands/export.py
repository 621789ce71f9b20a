"""``hep-vision export``: the log for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import ANALYST, opened_log, resolved_data_dir, span_of


@app.command(rich_help_panel=ANALYST)
def export(  # noqa: PLR0913 -- one parameter for each option
    ctx: typer.Context,
    output_format: Annotated[
        str, typer.Option("--format", "-f", help="csv, fhir, json, mot, parquet or trc.")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write, or file (json, fhir).", show_default="by the format"),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="First day, such as 2026-03-01, or a moment.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day, or a moment that is out again.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="Only this exercise.")] = None,
    patient: Annotated[
        str | None, typer.Option(help="Only what was done by the programs of this alias.")
    ] = None,
    session: Annotated[
        list[str] | None,
        typer.Option(help="Only this session, by enough of its id; may be given again."),
    ] = None,
    measures: Annotated[
        bool, typer.Option("--measures", help="Also every measure at every frame; this is big.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a file that is not an export, too.")
    ] = False,
) -> None:
    """Export the log in an open format.

    csv, parquet and json are tables, fhir is an HL7 FHIR R4 bundle; trc and mot are the landmarks
    and the joint angles of each session, for OpenSim.
    """
    from hep_vision.app.export import FORMATS, Export
    from hep_vision.cli.show import count_progress
    from hep_vision.store.selection import Selection

    if output_format not in FORMATS:
        raise typer.BadParameter(f"--format {output_format}: expected one of {', '.join(FORMATS)}.")
    wanted = FORMATS[output_format]
    place = out or Path(wanted.place)
    times = span_of(since, until)
    data_dir = resolved_data_dir(ctx)
    with opened_log(ctx) as log:
        ids = tuple(log.session(one).row.session_id for one in session or ())
        selection = Selection(*times, exercise, patient, ids)
        total = log.count_chosen(selection)
        with count_progress("Export", total) as advance:
            wanted.write(
                Export(
                    log,
                    selection,
                    data_dir / "exercises",
                    measures,
                    replace,
                    lambda line: typer.echo(line, err=True),
                    advance,
                ),
                place,
            )
    if not total:
        why = "The log is empty" if selection.everything else "No session is of that kind"
        typer.echo(f"{why}: nothing but headings to write.", err=True)
    typer.echo(f"Written to {place}: {total} {'session' if total == 1 else 'sessions'}.")
