"""``hep-vision exercises``: the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    THERAPIST,
    SideChoice,
    TableOrJson,
    chosen_side,
    resolved_data_dir,
)
from hep_vision.errors import DemonstrationError, ExerciseSpecError, ExitCode

exercises = typer.Typer(no_args_is_help=True, help="List, show and check exercises.")
app.add_typer(exercises, name="exercises", rich_help_panel=THERAPIST)


@exercises.command("list")
def list_exercises(ctx: typer.Context) -> None:
    """List every exercise."""
    from rich.table import Table

    from hep_vision.cli.show import console
    from hep_vision.exercises.loading import exercise_ids, find_exercise

    own = resolved_data_dir(ctx) / "exercises"
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "name", "counts", "camera"):
        table.add_column(heading)
    for exercise_id in exercise_ids(own):
        found = find_exercise(exercise_id, own)
        kind = found.kind.replace("_", " ")
        table.add_row(found.id, found.name, kind, found.camera.view)
    console.print(table)


@exercises.command("show")
def show_exercise(
    ctx: typer.Context,
    exercise: Annotated[str, typer.Argument(help="Exercise id or file.")],
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw rest, goal and faults to this file (.png, .svg)."),
    ] = None,
) -> None:
    """Show one exercise: how it is done, counted and checked."""
    from rich.table import Table

    from hep_vision.cli.show import console
    from hep_vision.core.form import check_views
    from hep_vision.core.measures import MEASURES
    from hep_vision.exercises.loading import find_exercise

    found = find_exercise(exercise, resolved_data_dir(ctx) / "exercises")
    console.print(f"[bold]{found.name}[/bold] ({found.id}, revision {found.revision})")
    console.print(found.purpose)
    console.print(f"\n{found.setup}")
    for step, text in enumerate(found.steps, start=1):
        console.print(f"  {step}. {text}")
    console.print(f"\nCamera: {found.camera.placement}")
    dose = f"{found.dose.sets} x {found.dose.reps}"
    hold = f", hold {found.dose.hold_ms / 1000:g} s" if found.dose.hold_ms else ""
    console.print(f"Usual dose: {dose}{hold}. A therapist decides.")
    if (reported := found.reported) is None:
        console.print("Not judged by the camera: timed with a timer, reported by the person.\n")
    else:
        console.print(
            f"Measured: {reported.measure.replace('_', ' ')}, rest {reported.rest:g}, "
            f"goal {reported.goal:g}, safety limit {reported.limit:g} "
            f"{MEASURES[reported.measure].unit}\n"
        )
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "flagged when", "from", "basis"):
        table.add_column(heading, overflow="fold")
    for check in found.checks:
        views = check_views(check)
        seen_from = "any view" if len(views) > 2 else ", ".join(views) or "no camera"
        rule = f"{check.measure} {check.operator} {check.threshold:g}"
        table.add_row(check.id, rule, seen_from, check.confidence.replace("_", " "))
    if found.checks:
        console.print(table)
    for caution in found.precautions:
        console.print(f"Take care: {caution}")
    if picture is not None:
        from hep_vision.reports.motion import draw_motion

        draw_motion(picture, found)
        console.print(f"Picture: {picture}")


@exercises.command("demo")
def demo(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    exercise: Annotated[str, typer.Argument(help="Exercise id or file.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="File to write: .mp4, .gif, .svg (moving) or .png (stills). An .mp4 with the name "
            "of the exercise, in this folder, if not given."
        ),
    ] = None,
    side: Annotated[
        SideChoice | None, typer.Option(help="The side that works, and is named in the picture.")
    ] = None,
    reps: Annotated[
        int | None,
        typer.Option(min=1, max=20, help="How often it is done; .gif and .svg go on without end."),
    ] = None,
    fault: Annotated[
        str | None,
        typer.Option(
            metavar="CHECK",
            help="The form check shown as 'not like this', or none; the gravest if not given.",
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Width and height in pixels, as 1280x720.")
    ] = None,
) -> None:
    """Draw a figure that does an exercise, beside the usual fault, for a handout or a page."""
    from hep_vision.app.demo import write_demonstration
    from hep_vision.core.demonstration import demonstrate
    from hep_vision.exercises.loading import find_exercise

    found = find_exercise(exercise, resolved_data_dir(ctx) / "exercises")
    shown = demonstrate(found, chosen_side(side), fault)
    path = out or Path(f"{found.id}.mp4")
    size_px = None if size is None else _size_px(size)
    write_demonstration(shown, path, reps=reps, size_px=size_px, side_given=side is not None)
    typer.echo(f"Demonstration: {path}")


def _size_px(text: str) -> tuple[int, int]:
    width, by, height = text.lower().partition("x")
    if not (by and width.isdecimal() and height.isdecimal()):
        raise DemonstrationError(f"--size: '{text}' is not a size; write it as 1280x720.")
    return int(width), int(height)


@exercises.command("recognise")
def recognise_recording(
    ctx: typer.Context,
    recording: Annotated[Path, typer.Argument(help="Video, or landmark track (.npz).")],
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="Table or JSON.")
    ] = TableOrJson.TABLE,
) -> None:
    """Find out which exercise a recording shows; nothing is counted or booked."""
    from functools import partial

    from hep_vision.app.analyse import TRACK_SUFFIX, find_model, read_landmarks
    from hep_vision.app.recognise import known_exercises, not_recognised, recognise
    from hep_vision.cli.show import batch_progress, console, recognised_lines, show_ranking

    data_dir = resolved_data_dir(ctx)
    among = known_exercises(data_dir / "exercises")
    is_track = recording.suffix.lower() == TRACK_SUFFIX
    pose_model = None if is_track else find_model(model, data_dir)
    with batch_progress([recording]) as progress:
        track = read_landmarks(recording, pose_model, partial(progress, 0))
    found = recognise(track, among)
    if output_format is TableOrJson.JSON:
        import json

        from hep_vision.exports.analysis_json import recognised_document

        typer.echo(json.dumps(recognised_document(found), indent=1))
    else:
        for line in recognised_lines(found):
            console.print(line, markup=False)
        show_ranking(found)
    if found.best is None:
        typer.echo(f"hep-vision: {not_recognised(recording, found)}", err=True)
        raise typer.Exit(ExitCode.NOT_RECOGNISED)


@exercises.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(help="Exercise files (.toml) to check.")],
) -> None:
    """Check exercise files and name every problem with its file and key."""
    from hep_vision.exercises.loading import validate_file

    problems: list[str] = []
    for path in files:
        try:
            found = validate_file(path)
        except ExerciseSpecError as error:
            found = [str(error)]
        problems += found
        if not found:
            typer.echo(f"{path}: sound")
    for line in problems:
        typer.echo(line, err=True)
    if problems:
        raise typer.Exit(ExitCode.USAGE)


@exercises.command("schema")
def schema() -> None:
    """Print the JSON Schema of an exercise file, for editors."""
    import json

    from hep_vision.exercises.schema import exercise_schema

    typer.echo(json.dumps(exercise_schema(), indent=2))
