"""``hep-vision exercises learn``, ``new`` and ``diff``: exercises of one's own."""

import math
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hep_vision.cli.commands.exercises import exercises
from hep_vision.cli.options import opened_log, resolved_data_dir

if TYPE_CHECKING:
    from hep_vision.core.definition import ExerciseDefinition
    from hep_vision.core.drafting import Taught


class WorkingSide(StrEnum):
    """Which side of the person works."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="File or folder to write to; your exercise folder if not given."),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Replace a file that is there.")]


# -- learn ----------------------------------------------------------------------------------------


@exercises.command("learn")
def learn(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    recording: Annotated[
        Path, typer.Argument(help="Video or landmark track (.npz) to learn from.")
    ],
    exercise_id: Annotated[str, typer.Option("--id", help="Id of the new exercise.")],
    name: Annotated[
        str | None, typer.Option(help="Its name; made from the id if left out.")
    ] = None,
    reps: Annotated[
        int, typer.Option(min=2, help="How many repetitions, from the first, demonstrate it.")
    ] = 3,
    side: Annotated[
        WorkingSide | None, typer.Option(help="The side that works; found by itself.")
    ] = None,
    out: OutOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw what was learned to this file (.png, .svg).")
    ] = None,
    replace: ReplaceOption = False,
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
) -> None:
    """Learn an exercise from a recording whose first repetitions demonstrate it."""
    from hep_vision.app.analyse import TRACK_SUFFIX, find_model
    from hep_vision.app.learn import learn_exercise, place_for, write_exercise
    from hep_vision.cli.show import batch_progress
    from hep_vision.core.types import Side

    data_dir = resolved_data_dir(ctx)
    _check_id(exercise_id)
    place = place_for(exercise_id, out, data_dir, replace=replace)
    is_track = recording.suffix.lower() == TRACK_SUFFIX
    with batch_progress([recording]) as move:
        taught = learn_exercise(
            recording,
            exercise_id,
            name or _spoken(exercise_id),
            reps,
            side=Side(side) if side is not None else None,
            model=None if is_track else find_model(model, data_dir),
            progress=lambda share: move(0, share),
        )
    write_exercise(taught.exercise, place)
    if plot is not None:
        from hep_vision.reports.lesson import draw_lesson

        draw_lesson(plot, taught)
    _say_learned(taught, place, plot)


def _say_learned(taught: "Taught", place: Path, plot: Path | None) -> None:
    from rich.markup import escape

    from hep_vision.app.learn import hides_catalogue
    from hep_vision.cli.show import console
    from hep_vision.core.drafting import SEEN
    from hep_vision.core.measures import MEASURES
    from hep_vision.core.summary import about

    lesson, exercise = taught.lesson, taught.exercise
    start_ms, end_ms = lesson.counted.span_ms
    count = len(lesson.counted.reps)
    console.print(
        f"[bold]{escape(exercise.name)}: learned from {count} repetitions[/bold] "
        f"({start_ms / 1000:.1f}-{end_ms / 1000:.1f} s), {SEEN[lesson.view]}"
    )
    reported = lesson.reported
    unit = "°" if MEASURES[reported.measure].unit == "deg" else ""
    console.print(
        f"Shown: {reported.measure.replace('_', ' ')}, rest {about(reported.rest, unit)}, goal "
        f"{about(reported.goal, unit)}, {'both sides' if exercise.side else 'one side'}, "
        f"{exercise.position}"
    )
    for signal in exercise.count:
        console.print(
            f"Counted from {', '.join(signal.views)}: {signal.measure.replace('_', ' ')}, "
            f"{signal.direction} by {signal.minimum_rom:g} {_unit(signal.measure)} or more"
        )
    console.print(f"With this file, {taught.counted} are counted in this recording.")
    if not taught.sure:
        console.print(
            "[yellow]Note:[/yellow] The counter does not find each demonstrated repetition once. "
            "Film the exercise again, from the front or the side, and pause at rest."
        )
    if hides_catalogue(exercise.id):
        console.print(
            f"[yellow]Note:[/yellow] The catalogue has {exercise.id}, too; yours goes before it."
        )
    console.print("One person's repetitions are no norm: read the file, and set dose and checks.")
    console.print(f"Written: {escape(str(place))}", soft_wrap=True)
    if plot is not None:
        console.print(f"Picture: {escape(str(plot))}", soft_wrap=True)


def _unit(measure: str) -> str:
    from hep_vision.core.measures import MEASURES

    return "degrees" if MEASURES[measure].unit == "deg" else "trunk lengths"


def _spoken(exercise_id: str) -> str:
    return exercise_id.replace("_", " ").strip().capitalize()


def _check_id(exercise_id: str) -> None:
    import re

    if not re.fullmatch(r"[a-z][a-z0-9_]*", exercise_id):
        raise typer.BadParameter(
            "an id is lower-case letters, digits and underscores, such as arm_circles",
            param_hint="--id",
        )


# -- new ------------------------------------------------------------------------------------------


class Movement(StrEnum):
    """Which joint moves which way, in plain words."""

    KNEE_BENDS = "knee_bends"
    KNEE_STRAIGHTENS = "knee_straightens"
    HIP_BENDS = "hip_bends"
    HIP_STRAIGHTENS = "hip_straightens"
    LEG_OUT = "leg_out"
    ELBOW_BENDS = "elbow_bends"
    ELBOW_STRAIGHTENS = "elbow_straightens"
    ARM_FORWARD = "arm_forward"
    ARM_BACK = "arm_back"
    ARM_OUT = "arm_out"
    TRUNK_FORWARD = "trunk_forward"
    TRUNK_UP = "trunk_up"
    TRUNK_SIDE = "trunk_side"


_MOVEMENTS: Final = {
    # movement: (measure, usual rest, usual goal)
    Movement.KNEE_BENDS: ("knee_flexion", 5, 90),
    Movement.KNEE_STRAIGHTENS: ("knee_flexion", 90, 5),
    Movement.HIP_BENDS: ("hip_flexion", 5, 80),
    Movement.HIP_STRAIGHTENS: ("hip_flexion", 50, 0),
    Movement.LEG_OUT: ("hip_abduction", 0, 30),
    Movement.ELBOW_BENDS: ("elbow_flexion", 10, 130),
    Movement.ELBOW_STRAIGHTENS: ("elbow_flexion", 90, 10),
    Movement.ARM_FORWARD: ("shoulder_flexion", 0, 90),
    Movement.ARM_BACK: ("shoulder_flexion", 0, -40),
    Movement.ARM_OUT: ("shoulder_abduction", 10, 90),
    Movement.TRUNK_FORWARD: ("trunk_lean_forward", 0, 40),
    Movement.TRUNK_UP: ("trunk_elevation", 0, 45),
    Movement.TRUNK_SIDE: ("trunk_lean_side", 0, 25),
}


class StartPosition(StrEnum):
    """How the person starts."""

    STANDING = "standing"
    SEATED = "seated"
    KNEELING = "kneeling"
    SUPINE = "supine"
    PRONE = "prone"


class CameraView(StrEnum):
    """Where the camera stands."""

    FRONT = "front"
    SIDE = "side"
    OBLIQUE = "oblique"


@exercises.command("new")
def new(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option(help="Name of the exercise.")] = None,
    exercise_id: Annotated[
        str | None, typer.Option("--id", help="Its id; made from the name if left out.")
    ] = None,
    movement: Annotated[
        Movement | None, typer.Option("--moves", help="Which joint moves which way.")
    ] = None,
    side: Annotated[
        WorkingSide | None,
        typer.Option(help="Both sides together, or one (left, right: whichever works is found)."),
    ] = None,
    position: Annotated[StartPosition | None, typer.Option(help="How the person starts.")] = None,
    view: Annotated[CameraView | None, typer.Option(help="Where the camera stands.")] = None,
    rest: Annotated[
        float | None, typer.Option(min=-360, max=360, help="Usual angle at rest, degrees.")
    ] = None,
    goal: Annotated[
        float | None, typer.Option(min=-360, max=360, help="Angle aimed at, degrees.")
    ] = None,
    reps: Annotated[int | None, typer.Option(min=1, max=1000, help="Repetitions of a set.")] = None,
    hold_s: Annotated[
        float | None, typer.Option("--hold", min=0, max=600, help="Seconds to hold.")
    ] = None,
    out: OutOption = None,
    replace: ReplaceOption = False,
) -> None:
    """Write a new exercise from a few questions; what is given as an option is not asked."""
    from hep_vision.app.learn import place_for, write_exercise
    from hep_vision.cli.show import console

    name = _answer("Name", name, None)
    exercise_id = exercise_id or _id_from(name)
    _check_id(exercise_id)
    place = place_for(exercise_id, out, resolved_data_dir(ctx), replace=replace)
    movement = Movement(_answer("Which joint moves which way", movement, "knee_bends", Movement))
    measure, usual_rest, usual_goal = _MOVEMENTS[movement]
    side = WorkingSide(_answer("Which side works", side, "both", WorkingSide))
    position = StartPosition(_answer("How do you start", position, "standing", StartPosition))
    view = CameraView(
        _answer("Where does the camera stand", view, _usual_view(measure), CameraView)
    )
    _check_view(measure, view)
    rest = _number("Degrees at rest", rest, usual_rest)
    goal = _number("Degrees at the goal", goal, usual_goal)
    if abs(goal - rest) < _SMALLEST_RANGE_DEG:
        raise typer.BadParameter(
            f"rest and goal are less than {_SMALLEST_RANGE_DEG:g} degrees apart",
            param_hint="--goal",
        )
    reps = round(_number("Repetitions of a set", reps, 10, least=1))
    hold_s = _number("Seconds to hold at the goal", hold_s, 0, least=0)
    exercise = _drafted(
        exercise_id, name, (measure, rest, goal), (side, position, view), (reps, hold_s)
    )
    write_exercise(exercise, place)
    console.print(f"Written: {place}", soft_wrap=True, markup=False)
    console.print(
        f"Try it: hep-vision analyze VIDEO --exercise {exercise_id}", soft_wrap=True, markup=False
    )


_LARGEST_NUMBER: Final = 1_000.0
_SMALLEST_RANGE_DEG: Final = 10.0
_MINIMUM_SHARE: Final = 0.3


def _answer(
    question: str, given: object, usual: object, choices: type[StrEnum] | None = None
) -> str:
    """Return what was given as an option, else ask until the answer fits.

    Without a terminal the usual answer is taken.
    """
    if given is not None:
        return str(given)
    if not sys.stdin.isatty():
        if usual is None:
            raise typer.BadParameter(
                "missing, and there is no terminal to ask", param_hint="--name"
            )
        return str(usual)
    names = [str(choice) for choice in choices or ()]
    if names:
        typer.echo(f"{question}? {', '.join(names)}")
    while True:
        answer = str(typer.prompt("  your choice" if names else question, default=usual)).strip()
        if answer and (not names or answer in names):
            return answer
        typer.echo("  Please type one of these words." if names else "  Please type something.")


def _number(question: str, given: float | None, usual: float, least: float = -360.0) -> float:
    """Return the number that was given, else ask until the answer is one."""
    while True:
        answer = _answer(question, given, f"{usual:g}")
        try:
            number = float(answer)
        except ValueError:
            number = math.nan
        if least <= number <= _LARGEST_NUMBER:
            return number
        typer.echo(f"  Please type a number, {least:g} or more.")


def _id_from(name: str) -> str:
    import re

    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _usual_view(measure: str) -> str:
    from hep_vision.core.measures import MEASURES

    return "side" if "side" in MEASURES[measure].views else "front"


def _check_view(measure: str, view: str) -> None:
    from hep_vision.core.measures import MEASURES

    views = MEASURES[measure].views
    if view not in views:
        raise typer.BadParameter(
            f"{measure.replace('_', ' ')} is not seen from there; choose {' or '.join(views)}",
            param_hint="--view",
        )


def _drafted(
    exercise_id: str,
    name: str,
    levels: tuple[str, float, float],
    stance: tuple[str, str, str],
    dose: tuple[int, float],
) -> "ExerciseDefinition":
    from hep_vision.core.definition import Combine, CountSignal
    from hep_vision.core.drafting import Outline, draft
    from hep_vision.core.lesson import Levels, Position
    from hep_vision.core.measures import MEASURES
    from hep_vision.core.types import Side, View

    shown, (side, position, view), (reps, hold_s) = Levels(*levels), stance, dose
    both = side == WorkingSide.BOTH
    signal = CountSignal(
        shown.measure,
        round(_MINIMUM_SHARE * abs(shown.goal - shown.rest), 1),
        MEASURES[shown.measure].views,
        Combine.MEAN if both else Combine.LARGER,
        shown.direction,
    )
    return draft(
        Outline(
            id=exercise_id,
            name=name,
            position=Position(position),
            side=Side.BOTH if both else None,
            view=View(view),
            signals=(signal,),
            reported=shown,
            reps=reps,
            hold_ms=round(1000 * hold_s),
        )
    )


# -- diff -----------------------------------------------------------------------------------------


@exercises.command("diff")
def diff(
    ctx: typer.Context,
    exercise: Annotated[
        str, typer.Argument(help="Changed exercise file, or id of the exercise as it is now.")
    ],
    session: Annotated[
        list[str] | None,
        typer.Option("--session", help="Only these sessions; all of the exercise if not given."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every difference as JSON.")
    ] = False,
) -> None:
    """Show what a changed exercise would change on logged sessions; nothing is written."""
    from hep_vision.app.rescore import rescore
    from hep_vision.cli.show_changes import show_changed
    from hep_vision.exercises.loading import find_exercise

    data_dir = resolved_data_dir(ctx)
    own_dir = data_dir / "exercises"
    changed = find_exercise(exercise, own_dir)
    with opened_log(ctx) as log:
        changes = rescore(log, changed, session or [], own_dir)
    if as_json:
        import dataclasses
        import json

        typer.echo(json.dumps([dataclasses.asdict(change) for change in changes], indent=1))
        return
    if not changes:
        typer.echo(
            f"No session of {changed.id} is logged. `hep-vision analyze VIDEO --exercise "
            f"{changed.id}` logs one."
        )
        return
    show_changed(changes)
    differ = sum(change.differs for change in changes)
    typer.echo(f"{differ} of {len(changes)} sessions would be judged differently.")
    if any(change.from_log for change in changes):
        typer.echo("(logged): the exercise that judged it has changed since; this is the log.")
