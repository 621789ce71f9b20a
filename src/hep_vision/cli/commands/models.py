"""``hep-vision models``: the pose models on this machine."""

from typing import Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import UPKEEP, resolved_data_dir
from hep_vision.errors import ExitCode, ModelError, ModelMissingError

models = typer.Typer(no_args_is_help=True, help="List, fetch and verify pose models.")
app.add_typer(models, name="models", rich_help_panel=UPKEEP)


@models.command("list")
def list_models(ctx: typer.Context) -> None:
    """List the models and where they are."""
    from rich.table import Table

    from hep_vision.cli.show import console
    from hep_vision.pose import model_file

    folder = resolved_data_dir(ctx) / "models"
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "size", "on this machine"):
        table.add_column(heading, overflow="fold")
    for info in model_file.list_models():
        try:
            place = str(model_file.locate(info.name, folder))
        except ModelMissingError:
            place = f"no: hep-vision models fetch {info.name}"
        table.add_row(info.name, f"{info.size_bytes / 1e6:.1f} MB", place)
    console.print(table)


@models.command("fetch")
def fetch(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help="lite, full or heavy.")]
) -> None:
    """Download a model from its official address; an interrupted download goes on."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from hep_vision.cli.show import error_console
    from hep_vision.pose import model_file

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=error_console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        path = model_file.fetch(
            name,
            resolved_data_dir(ctx) / "models",
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(f"{name}: {path}")


@models.command("verify")
def verify(ctx: typer.Context) -> None:
    """Check every model on this machine against its checksum."""
    from hep_vision.pose import model_file

    damaged = False
    for info in model_file.list_models():
        try:
            path = model_file.locate(info.name, resolved_data_dir(ctx) / "models")
        except ModelMissingError:
            continue
        try:
            model_file.verify(path, info)
        except ModelError as error:
            damaged = True
            typer.echo(str(error), err=True)
        else:
            typer.echo(f"{info.name}: sound")
    if damaged:
        raise typer.Exit(ExitCode.INPUT_UNUSABLE)
