"""``hep-vision rescore``: kept landmarks judged again, and what that would change."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    ANALYST,
    GoalOption,
    HoldOption,
    LimitOption,
    MinimumOption,
    TableOrJson,
    TargetsOption,
    opened_log,
    resolved_data_dir,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hep_vision.app.rejudge import Change
    from hep_vision.app.rescore import Otherwise
    from hep_vision.core.targets import Targets

_MOST_SHOWN = 20


@app.command(rich_help_panel=ANALYST)
def rescore(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(help="--out of a batch.", show_default="the log"),
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(
            "--exercise", "-e", help="Only this exercise, by id or as a changed exercise file."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="First day, such as 2026-03-01, or a moment.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day, or a moment that is out again.")
    ] = None,
    targets: TargetsOption = None,
    goal: GoalOption = None,
    minimum: MinimumOption = None,
    limit: LimitOption = None,
    hold: HoldOption = None,
    tracks: Annotated[
        Path | None,
        typer.Option(
            help="Folder of landmark tracks of the batch.", show_default="tracks in its folder"
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes.", show_default="one per core"),
    ] = None,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="What is printed.")
    ] = TableOrJson.TABLE,
) -> None:
    """Judge all kept landmarks again and print what would change; nothing is written.

    By itself, with the exercises as they are now. Give a changed exercise file or other targets to
    see what those would make of every session.
    """
    from hep_vision.app.rejudge import Question, rejudge
    from hep_vision.app.rescore import of_batch, since_then
    from hep_vision.cli.show import count_progress
    from hep_vision.core.targets import Targets
    from hep_vision.store.selection import Selection

    data_dir = resolved_data_dir(ctx)
    begin, end = span_of(since, until)
    hold_ms = None if hold is None else round(1000 * hold)
    otherwise = _otherwise(
        exercise, targets, Targets(goal, minimum, limit, hold_ms), data_dir / "exercises"
    )
    if folder is not None:
        found = list(of_batch(folder, tracks or folder / "tracks", (begin, end), otherwise))
    else:
        only = otherwise.exercise.id if otherwise.exercise else None
        with opened_log(ctx) as log:
            found = list(since_then(log, Selection(begin, end, only), otherwise))
    questions = [one for one in found if isinstance(one, Question)]
    changes = [one for one in found if not isinstance(one, Question)]
    frames, begun_s = 0, time.monotonic()
    with count_progress("Judge again", len(questions)) as advance:
        for answer in rejudge(questions, processes=jobs or os.cpu_count() or 1, progress=advance):
            changes.append(answer.change)
            frames += answer.frames
    _show(changes, frames, time.monotonic() - begun_s, output_format)


def _otherwise(
    exercise: str | None, targets: Path | None, options: "Targets", own_dir: Path
) -> "Otherwise":
    from hep_vision.app.patient import find_targets
    from hep_vision.app.rescore import Otherwise
    from hep_vision.exercises.loading import find_exercise

    if exercise is None:
        if targets is not None or not options.empty:
            raise typer.BadParameter(
                "targets are of one exercise; say which", param_hint="--exercise"
            )
        return Otherwise(own_dir)
    definition = find_exercise(exercise, own_dir)
    asked, notes = find_targets(definition, targets, options, own_dir)
    for note in notes:
        typer.echo(f"Note: {note}", err=True)
    return Otherwise(own_dir, definition, asked)


def _show(
    changes: "Sequence[Change]", frames: int, passed_s: float, output_format: TableOrJson
) -> None:
    if output_format is TableOrJson.JSON:
        import dataclasses
        import json

        plain: dict[str, Any] = {
            "sessions": len(changes),
            "frames": frames,
            "seconds": round(passed_s, 3),
            "changes": [dataclasses.asdict(one) for one in changes],
        }
        typer.echo(json.dumps(plain, indent=1))
        return
    from hep_vision.cli.show_changes import show_changed, show_totals

    if not changes:
        typer.echo("No session of that kind was kept.")
        return
    show_totals(changes)
    different = [one for one in changes if one.differs or one.problem]
    show_changed(different, _MOST_SHOWN, marks_logged=False)
    differ = sum(one.differs for one in changes)
    typer.echo(
        f"{differ} of {len(changes)} sessions would be judged differently. Nothing was written."
    )
    rate = frames / max(passed_s, 1e-3)
    typer.echo(f"{frames} frames in {passed_s:.1f} s: {rate:.0f} frames/s")
