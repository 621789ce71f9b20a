"""``hep-vision batch``: thousands of recordings into open tables."""

import os
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    ANALYST,
    DEFAULT_MAX_FPS,
    HardwareDecoding,
    HardwareOption,
    MaxFpsOption,
    SideOption,
    TableOrJson,
    chosen_side,
    log_place,
    read_settings,
)
from hep_vision.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hep_vision.app.analyse import Model
    from hep_vision.app.batch.manifest import Listed
    from hep_vision.app.batch.run import Spread, Summary

_INTERRUPTED = 130
"""As shells say it of what Ctrl-C ended."""


class OverlayChoice(StrEnum):
    """Of which recordings a video with everything drawn on it is made."""

    NONE = "none"
    FLAGGED = "flagged"
    ALL = "all"


@app.command(rich_help_panel=ANALYST)
def batch(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUTS...",
            help="Videos, landmark tracks (.npz), folders, patterns such as 'clinic/**/*.mp4', or "
            "a CSV or Parquet table with the columns path, exercise, side, patient, program, "
            "recorded_at.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    exercise: Annotated[
        str | None,
        typer.Option(
            "--exercise",
            "-e",
            help="Where a table does not say it: exercise id, the path of an exercise file, or "
            "auto to recognise it.",
        ),
    ] = None,
    side: SideOption = None,
    program: Annotated[
        bool,
        typer.Option(
            "--program", help="Where a table does not say it: count as done by the program."
        ),
    ] = False,
    patient: Annotated[
        str | None, typer.Option(help="Where a table does not say it: alias in the program.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Processes; with 1, a file that crashes it stops all.",
            show_default="one per core, at least 2",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Have the workers of a Dask cluster do it: tcp://HOST:8786, or tls://HOST:8786 "
            "beyond a network that you trust. Videos are not sent there; the workers must see "
            "them under the same path.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with an earlier run: what is done and unchanged is kept."
        ),
    ] = False,
    overlay: Annotated[
        OverlayChoice,
        typer.Option(help="Which recordings to draw as videos with everything on them."),
    ] = OverlayChoice.NONE,
    tracks: Annotated[
        Path | None,
        typer.Option(
            help="Folder of landmark tracks, which several batches may share.",
            show_default="tracks in --out",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    max_fps: MaxFpsOption = DEFAULT_MAX_FPS,
    hardware_decoding: HardwareOption = HardwareDecoding.OFF,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="How the summary is printed.")
    ] = TableOrJson.TABLE,
) -> None:
    """Analyse many recordings into CSV and Parquet tables.

    A file that cannot be used is a row of the table of failures and stops nothing. A run that was
    killed goes on with --resume. Landmarks are kept by the content of the videos, so that a second
    run, with other exercises or sides, reads no picture again.
    """
    from hep_vision.app.batch.judging import Overlays
    from hep_vision.app.batch.manifest import read_inputs
    from hep_vision.app.batch.planning import Wanted
    from hep_vision.app.batch.run import TRACKS, run_batch
    from hep_vision.app.filmed import Recording
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.cli.show_batch import batch_watch

    if scheduler is not None:
        _check_scheduler(scheduler, jobs)
    place = log_place(ctx)
    given = Recording(Path(), exercise, chosen_side(side), patient, program)
    kept = (tracks or out / TRACKS).absolute()
    listing = read_inputs(inputs, given, MachineZone(), not_in=(out, kept))
    for note in listing.notes:
        typer.echo(f"Note: {note}", err=True)
    wanted = Wanted(
        out.absolute(),
        kept,
        place,
        _model(listing.listed, model, place.folder),
        resume,
        Overlays(overlay),
        read_settings(max_fps, hardware_decoding),
    )
    with _spread_over(scheduler, jobs) as spread_over, batch_watch(len(listing.listed)) as watch:
        try:
            summary = run_batch(listing.listed, wanted, spread_over, watch)
        except KeyboardInterrupt:
            typer.echo(
                f"hep-vision: stopped; what was done by then is in {out}, and --resume goes on.",
                err=True,
            )
            raise typer.Exit(_INTERRUPTED) from None
    _show(summary, out, output_format)
    if summary.failed:
        raise typer.Exit(ExitCode.ANALYSIS_FAILED)


def _check_scheduler(address: str, jobs: int | None) -> None:
    if not address.startswith(("tcp://", "tls://")):
        raise typer.BadParameter(
            f"'{address}' is no address of a scheduler; give it like tcp://host:8786.",
            param_hint="'--scheduler'",
        )
    if jobs is not None:
        raise typer.BadParameter(
            "with --scheduler the workers there do the work; how many there are is said where "
            "they are started.",
            param_hint="'--jobs'",
        )


@contextmanager
def _spread_over(scheduler: str | None, jobs: int | None) -> "Iterator[Spread]":
    """Give who works while the block lasts: processes of this machine, or a cluster."""
    if scheduler is None:
        from hep_vision.app.workers import spread

        yield partial(spread, processes=jobs or max(os.cpu_count() or 1, 2))
        return
    from hep_vision.app.cluster import connected, spread_over_cluster

    with connected(scheduler) as client:
        yield partial(spread_over_cluster, scheduler=client)


def _model(listed: "Sequence[Listed]", name: str, data_dir: Path) -> "Model | None":
    """Return the pose model, unless nothing but landmark tracks is to be analysed."""
    from hep_vision.app.analyse import TRACK_SUFFIX, find_model

    videos = any(one.recording.path.suffix.lower() != TRACK_SUFFIX for one in listed)
    return find_model(name, data_dir) if videos else None


def _show(summary: "Summary", out: Path, output_format: TableOrJson) -> None:
    plain: dict[str, Any] = {
        "recordings": summary.recordings,
        "failed": summary.failed,
        "kept": summary.kept,
        "estimated": summary.estimated,
        "frames": summary.frames,
        "out": str(out),
    }
    if output_format is TableOrJson.JSON:
        import json

        typer.echo(json.dumps(plain, indent=1))
        return
    done = summary.recordings - summary.failed
    typer.echo(f"{done} of {summary.recordings} recordings analysed.")
    if summary.kept:
        typer.echo(f"Kept as they were from an earlier run: {summary.kept}")
    typer.echo(f"Tables: {out / 'csv'} and {out / 'parquet'}")
    if summary.failed:
        typer.echo(f"Without results: {summary.failed}; why is in {out / 'csv' / 'failures.csv'}")
