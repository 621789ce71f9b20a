"""The command line: parse, call the app, map errors to exit codes.

Heavy libraries are imported inside the commands, so that ``--help`` starts at once.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hep_vision import NOT_A_DEVICE, __version__
from hep_vision.errors import ExitCode, HepVisionError

app = typer.Typer(
    name="hep-vision",
    help=(
        "Count repetitions, time holds and check the form of home exercises, from a camera.\n\n"
        f"Everything stays on this machine. {NOT_A_DEVICE}"
    ),
    epilog=(
        "Exit codes: 0 ok, 1 analysis failed, 2 usage, 3 input unusable, 4 log unusable, "
        "5 exercise not recognised."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What stands before the command; the context of every command holds it."""

    data_dir: Path | None
    database: str | None = field(repr=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hep-vision {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            envvar="HEP_VISION_DATA_DIR",
            help="Folder of the log and of fetched models.",
            show_default="the platform's data folder",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            envvar="HEP_VISION_DATABASE",
            help="Database of a server for the log; see docs/database.md.",
            metavar="URL",
            show_default="a file in the data folder",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep what every command needs."""
    ctx.obj = GlobalOptions(data_dir, database or None)


def run() -> NoReturn:
    """Run the command line; the entry point of ``hep-vision``."""
    from hep_vision.cli import commands  # noqa: F401 -- registers the commands

    try:
        app(standalone_mode=True)
    except HepVisionError as error:
        typer.echo(f"hep-vision: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except KeyboardInterrupt:
        typer.echo("hep-vision: stopped.", err=True)
        sys.exit(130)
    sys.exit(ExitCode.OK)


if __name__ == "__main__":
    run()
