"""``hep-vision doctor``: is everything in place?"""

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import UPKEEP, log_place
from hep_vision.errors import ExitCode


@app.command(rich_help_panel=UPKEEP)
def doctor(ctx: typer.Context) -> None:
    """Check the model, the log, the disk, the speed, the cameras and the display."""
    from hep_vision.app.doctor import examine

    findings = examine(log_place(ctx))
    for finding in findings:
        mark = "ok  " if finding.sound else "LOOK"
        typer.echo(f"{mark} {finding.what}: {finding.result}")
    if not all(finding.sound for finding in findings if finding.needed):
        raise typer.Exit(ExitCode.ANALYSIS_FAILED)
