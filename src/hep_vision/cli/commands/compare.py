"""``hep-vision compare``: repetitions beside the person's own good ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import THERAPIST, SideOption, chosen_side, resolved_data_dir

if TYPE_CHECKING:
    from hep_vision.app.compare import Comparison
    from hep_vision.core.form_quality import RepQuality
    from hep_vision.core.types import Rep

_SCHEMA = 1


@app.command(rich_help_panel=THERAPIST)
def compare(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    calibration: Annotated[
        Path, typer.Argument(help="Video or landmark track of the person's good repetitions.")
    ],
    recording: Annotated[Path, typer.Argument(help="Video or landmark track to compare.")],
    exercise: Annotated[
        str,
        typer.Option("--exercise", "-e", help="Exercise id, or the path of an exercise file."),
    ],
    reps: Annotated[
        int, typer.Option(min=2, help="How many repetitions, from the first, are the calibration.")
    ] = 3,
    side: SideOption = None,
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Show how much each repetition differs from the person's own good ones."""
    from hep_vision.app.analyse import TRACK_SUFFIX, Task, find_model
    from hep_vision.app.compare import compare_recordings
    from hep_vision.exercises.loading import find_exercise

    data_dir = resolved_data_dir(ctx)
    definition = find_exercise(exercise, data_dir / "exercises")
    tasks = []
    for path in (calibration, recording):
        is_track = path.suffix.lower() == TRACK_SUFFIX
        pose_model = None if is_track else find_model(model, data_dir)
        tasks.append(Task(path, definition, chosen_side(side), pose_model))
    found = compare_recordings(tasks[0], tasks[1], reps)
    if as_json:
        import json

        typer.echo(json.dumps(_document(found, calibration, recording, reps), indent=1))
    else:
        _print_table(found, reps)


def _document(found: "Comparison", calibration: Path, recording: Path, reps: int) -> dict[str, Any]:
    return {
        "schema": _SCHEMA,
        "exercise": {"id": found.definition.id, "revision": found.definition.revision},
        "calibration": {"path": str(calibration), "reps": reps},
        "source": {"path": str(recording)},
        "reps": [
            {
                "index": rep.index,
                "start_ms": rep.start_ms,
                "end_ms": rep.end_ms,
                "difference": one.difference,
                "clear": one.clear,
                "words": list(one.words),
                "distances": one.distances,
            }
            for rep, one in zip(found.reps, found.quality, strict=True)
        ],
    }


def _print_table(found: "Comparison", reps: int) -> None:
    from rich.markup import escape
    from rich.table import Table

    from hep_vision.cli.show import console
    from hep_vision.core.form_quality import CLEAR

    unlike = sum(one.clear for one in found.quality)
    total = len(found.quality)
    console.print(
        f"[bold]{escape(found.definition.name)}: {unlike} of {total} repetitions clearly unlike "
        f"the calibration[/bold]"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right")
    for heading in ("side", "time", "difference", "beside the calibration"):
        table.add_column(heading, overflow="fold")
    for rep, one in zip(found.reps, found.quality, strict=True):
        table.add_row(*_row(rep, one))
    if total:
        console.print(table)
    console.print(
        f"Difference from the first {reps} repetitions of the calibration: up to 1 is usual, "
        f"from {CLEAR} on it is clear. It says how alike they look, and nothing about health."
    )


def _row(rep: "Rep", one: "RepQuality") -> tuple[str, ...]:
    span = f"{rep.start_ms / 1000:.1f}-{rep.end_ms / 1000:.1f} s"
    if one.difference is None:
        return str(rep.index), rep.side, span, "-", "too little was seen"
    words = ", ".join(one.words) or ("a little of everything" if one.clear else "alike")
    return str(rep.index), rep.side, span, f"{one.difference:.1f}", words
