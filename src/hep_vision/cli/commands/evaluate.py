"""``hep-vision evaluate``: measure the counter where the truth is known."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import ANALYST, resolved_data_dir

if TYPE_CHECKING:
    from rich.table import Table

    from hep_vision.app.evaluate import Case, Outcome
    from hep_vision.core.definition import ExerciseDefinition
    from hep_vision.core.evaluation import Score


@app.command(rich_help_panel=ANALYST)
def evaluate(
    ctx: typer.Context,
    truth_dir: Annotated[
        Path, typer.Argument(help="Folder with a truth.json, or CLIP.truth.json files.")
    ],
    exercise: Annotated[
        list[str] | None, typer.Option("--exercise", "-e", help="Only these exercises.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Recordings to analyse at once.")
    ] = min(2, os.cpu_count() or 1),
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    as_json: Annotated[bool, typer.Option("--json", help="Print every score as JSON.")] = False,
) -> None:
    """Compare counts, intervals, holds and flags with a truth, exercise by exercise."""
    from hep_vision.app.analyse import TRACK_SUFFIX, find_model
    from hep_vision.app.evaluate import definitions_for, read_cases
    from hep_vision.app.evaluate import evaluate as measure
    from hep_vision.cli.show import count_progress
    from hep_vision.exercises.loading import catalogue, find_exercise

    data_dir = resolved_data_dir(ctx)
    definitions = (
        {name: find_exercise(name, data_dir / "exercises") for name in exercise}
        if exercise
        else catalogue()
    )
    cases = read_cases(truth_dir)
    known = [case for case in cases if definitions_for(case, definitions)]
    needs_model = any(case.path.suffix != TRACK_SUFFIX for case in known)
    pose_model = find_model(model, data_dir) if needs_model else None
    with count_progress("evaluating", len(known)) as done:
        outcomes = list(measure(known, definitions, pose_model, jobs=jobs, done=done))
    outcomes.sort(key=lambda outcome: outcome.case.truth.name)
    if as_json:
        _print_json(outcomes)
    else:
        _print_tables(outcomes, cases, definitions)


def _print_json(outcomes: "Sequence[Outcome]") -> None:
    import dataclasses
    import json

    rows = [dataclasses.asdict(score) for outcome in outcomes for score in outcome.scores]
    typer.echo(json.dumps(rows, indent=1))


def _print_tables(
    outcomes: "Sequence[Outcome]",
    cases: "Sequence[Case]",
    definitions: "dict[str, ExerciseDefinition]",
) -> None:
    from hep_vision.cli.show import console

    positive = [s for o in outcomes if o.case.truth.exercise_id for s in o.scores]
    negative = [s for o in outcomes if o.case.truth.exercise_id is None for s in o.scores]
    console.print(_positive_table(positive))
    if negative:
        console.print(_negative_table(negative))
    _print_flags(positive)
    _print_misses([*positive, *negative])
    for outcome in outcomes:
        if outcome.problem is not None:
            console.print(f"Not analysed: {outcome.case.truth.name}: {outcome.problem}")
    missing: dict[str, int] = defaultdict(int)
    for case in cases:
        exercise_id = case.truth.exercise_id
        if exercise_id is not None and exercise_id not in definitions:
            missing[exercise_id] += 1
    if missing:
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(missing.items()))
        console.print(f"Not in the catalogue: {listed}.")


def _by_exercise(scores: "Sequence[Score]") -> "dict[str, list[Score]]":
    grouped: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        grouped[score.exercise_id].append(score)
    return dict(sorted(grouped.items()))


def _positive_table(scores: "Sequence[Score]") -> "Table":
    from rich.table import Table

    from hep_vision.core.evaluation import add_up

    table = Table(box=None, pad_edge=False, title="Recordings of an exercise")
    table.add_column("exercise")
    for heading in ("n", "exact", "within 1", "MAE", "interval F1", "bounds ms", "hold error s"):
        table.add_column(heading, justify="right")
    groups = _by_exercise(scores)
    if len(groups) > 1:
        groups["all"] = list(scores)
    for name, group in groups.items():
        totals = add_up(group)
        f1 = totals.interval_f1
        holds = [s.hold_error_ms for s in group if s.hold_error_ms is not None]
        table.add_row(
            name,
            str(totals.cases),
            f"{totals.exact_share:.2f}",
            f"{totals.within_one_share:.2f}",
            f"{totals.mean_relative_error:.3f}",
            "" if f1 is None else f"{f1:.2f}",
            _bounds_cell(totals.median_boundary_error_ms),
            _hold_cell(holds),
        )
    return table


def _bounds_cell(errors_ms: tuple[float, float] | None) -> str:
    return "" if errors_ms is None else f"{errors_ms[0]:.0f} / {errors_ms[1]:.0f}"


def _hold_cell(holds: "Sequence[int]") -> str:
    if not holds:
        return ""
    worst = max(holds)
    return "missed" if worst >= 1_000_000 else f"{worst / 1000:.1f}"


def _negative_table(scores: "Sequence[Score]") -> "Table":
    from rich.table import Table

    from hep_vision.core.evaluation import add_up

    table = Table(box=None, pad_edge=False, title="Recordings of something else")
    table.add_column("analysed as")
    for heading in ("runs", "right", "false counts"):
        table.add_column(heading, justify="right")
    groups = _by_exercise(scores)
    groups["all"] = list(scores)
    for name, group in groups.items():
        totals = add_up(group)
        table.add_row(
            name, str(totals.cases), f"{totals.exact_share:.2f}", str(totals.false_counts)
        )
    return table


def _print_flags(scores: "Sequence[Score]") -> None:
    from hep_vision.cli.show import console

    hit = sum(len(score.flags_hit) for score in scores)
    missed = [f"{score.name}: {flag}" for score in scores for flag in score.flags_missed]
    false = [f"{score.name}: {flag}" for score in scores for flag in score.flags_false]
    if not (hit or missed or false):
        return
    console.print(f"Planted faults: {hit} flagged, {len(missed)} missed, {len(false)} false flags.")
    for label, lines in (("missed", missed), ("false flag", false)):
        for line in lines:
            console.print(f"  {label}: {line}")


def _print_misses(scores: "Sequence[Score]") -> None:
    from hep_vision.cli.show import console

    for score in scores:
        if not score.right:
            low, high = score.acceptable
            truth = str(low) if low == high else f"{low}-{high}"
            note = f" ({score.note})" if score.note else ""
            console.print(
                f"  {score.name} as {score.exercise_id}: {score.counted}, true {truth}{note}"
            )
