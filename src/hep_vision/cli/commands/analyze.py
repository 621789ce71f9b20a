"""``hep-vision analyze``: count, time and check recorded exercise."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import ANALYST, SideOption, chosen_side, resolved_data_dir
from hep_vision.errors import ExitCode

if TYPE_CHECKING:
    from hep_vision.app.analyse import Task
    from hep_vision.app.batch import Result


class OutputFormat(StrEnum):
    """What is printed."""

    TABLE = "table"
    JSON = "json"


@app.command(rich_help_panel=ANALYST)
def analyze(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    videos: Annotated[
        list[Path], typer.Argument(help="Videos, landmark tracks (.npz), or folders of them.")
    ],
    exercise: Annotated[
        str,
        typer.Option("--exercise", "-e", help="Exercise id, or the path of an exercise file."),
    ],
    side: SideOption = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", "-f", help="What to print.")
    ] = OutputFormat.TABLE,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Write a video with everything drawn on it (one recording only)."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Write a plot, .png or .svg (one recording only).")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write one row per repetition and hold.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Recordings to analyse at once.")
    ] = 1,
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    no_log: Annotated[bool, typer.Option("--no-log", help="Book nothing in the log.")] = False,
) -> None:
    """Count repetitions, time holds and check the form in recordings."""
    from hep_vision.app.batch import analyse_many, find_recordings
    from hep_vision.cli.show import batch_progress

    data_dir = resolved_data_dir(ctx)
    recordings = find_recordings(videos)
    if len(recordings) > 1 and (overlay or plot):
        raise typer.BadParameter("--overlay and --plot take one recording.")
    tasks = _tasks(recordings, exercise, side, data_dir, model, overlay)
    results: list[Result] = []
    with batch_progress([task.path for task in tasks]) as progress:
        for result in analyse_many(
            tasks, jobs=jobs, log_dir=None if no_log else data_dir, progress=progress
        ):
            results.append(result)
    _write_files(results, plot, csv)
    _print(results, output_format)
    code = _exit_code(results)
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _tasks(
    recordings: Sequence[Path],
    exercise: str,
    side: str | None,
    data_dir: Path,
    model: str,
    overlay: Path | None,
) -> "list[Task]":
    from hep_vision.app.analyse import TRACK_SUFFIX, Task, find_model
    from hep_vision.exercises.loading import find_exercise

    definition = find_exercise(exercise, data_dir / "exercises")
    is_track = [path.suffix.lower() == TRACK_SUFFIX for path in recordings]
    pose_model = None if all(is_track) else find_model(model, data_dir)
    return [
        Task(path, definition, chosen_side(side), None if track else pose_model, overlay)
        for path, track in zip(recordings, is_track, strict=True)
    ]


def _write_files(results: "Sequence[Result]", plot: Path | None, csv: Path | None) -> None:
    if plot is not None and results[0].analysis is not None:
        from hep_vision.app.output import write_plot

        write_plot(results[0].analysis, plot)
    if csv is not None:
        from hep_vision.app.output import write_csv

        write_csv([result.analysis for result in results if result.analysis is not None], csv)


def _print(results: "Sequence[Result]", output_format: OutputFormat) -> None:
    from hep_vision.cli.show import show_results

    for result in results:
        if result.problem is not None:
            typer.echo(f"hep-vision: {result.problem}", err=True)
    if output_format is OutputFormat.TABLE:
        show_results([result.analysis for result in results if result.analysis is not None])
        return
    import json

    from hep_vision.app.output import document

    documents = [document(result.analysis) for result in results if result.analysis is not None]
    if documents or len(results) > 1:
        typer.echo(json.dumps(documents[0] if len(results) == 1 else documents, indent=1))


def _exit_code(results: "Sequence[Result]") -> ExitCode:
    """Return the code of the first recording that failed; the others are done all the same."""
    return next((r.exit_code for r in results if r.exit_code is not ExitCode.OK), ExitCode.OK)
