"""``hep-vision live``: exercise in front of the camera."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    CLIPS,
    PATIENT,
    AsBeforeOption,
    BlurOption,
    ClipChoice,
    ClipsOfOption,
    TargetsOption,
    clip_policy,
    log_place,
    opened_log,
    resolved_data_dir,
)
from hep_vision.errors import ExitCode

if TYPE_CHECKING:
    from hep_vision.app.live_plan import Asked
    from hep_vision.app.live_session import Follows
    from hep_vision.core.pain import PainZones
    from hep_vision.core.tempo import Tempo
    from hep_vision.store.locations import LogPlace

DOSE: Final = "What to do"


class Sides(StrEnum):
    """The person's own side."""

    LEFT = "left"
    RIGHT = "right"
    EACH = "each"


class ProgramDay(StrEnum):
    """Which day of the program is done."""

    TODAY = "today"


class VoiceLevel(StrEnum):
    """How much is heard."""

    SILENT = "silent"
    TICKS = "ticks"
    COUNTS = "counts"
    FULL = "full"


@app.command(rich_help_panel=PATIENT)
def live(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", "-e", help="Exercise id, or the path of an exercise file."),
    ] = None,
    program: Annotated[
        ProgramDay | None,
        typer.Option("--program", help="Do what your program asks for now; see: today."),
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option("--patient", help="Whose program, where there are several."),
    ] = None,
    sets: Annotated[
        int | None, typer.Option(min=1, max=20, help="Sets, on each side.", rich_help_panel=DOSE)
    ] = None,
    reps: Annotated[
        int | None,
        typer.Option(min=1, max=200, help="Repetitions, or holds.", rich_help_panel=DOSE),
    ] = None,
    hold: Annotated[
        float | None, typer.Option(min=0, max=600, help="Seconds to hold.", rich_help_panel=DOSE)
    ] = None,
    side: Annotated[
        Sides | None,
        typer.Option(
            help="The side that works; each: every set on both. Found by itself when not given.",
            rich_help_panel=DOSE,
        ),
    ] = None,
    rest: Annotated[
        float | None,
        typer.Option(min=0, max=600, help="Seconds of rest between sets.", rich_help_panel=DOSE),
    ] = None,
    tempo: Annotated[
        str | None,
        typer.Option(help="Pace to follow, seconds out-hold-back: 2-1-3.", rich_help_panel=DOSE),
    ] = None,
    targets: TargetsOption = None,
    as_before: AsBeforeOption = False,
    camera: Annotated[
        str,
        typer.Option(help="Camera number, device, address, or a video played in its place."),
    ] = "0",
    voice: Annotated[VoiceLevel, typer.Option(help="How much is heard.")] = VoiceLevel.FULL,
    window: Annotated[
        bool, typer.Option("--window", help="A window instead of the full screen.")
    ] = False,
    questions: Annotated[bool, typer.Option(help="Ask for pain, effort and a note.")] = True,
    resume: Annotated[
        bool | None,
        typer.Option(
            "--resume/--fresh",
            help="Go on with a session that was cut off, or do not.",
            show_default="ask",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
    no_log: Annotated[bool, typer.Option("--no-log", help="Book nothing in the log.")] = False,
    clips: Annotated[
        bool,
        typer.Option(
            "--clips/--no-clips",
            help="Keep clips of what is flagged on this machine, or landmarks alone.",
            rich_help_panel=CLIPS,
        ),
    ] = True,
    clips_of: ClipsOfOption = ClipChoice.REPEATED,
    blur_faces: BlurOption = False,
) -> None:
    """Exercise in front of the camera: it counts, times, and says one thing at a time."""
    from hep_vision.app.live_session import LiveOptions, hold_session
    from hep_vision.core.pain import PainZones
    from hep_vision.core.tempo import Tempo

    data_dir = resolved_data_dir(ctx)
    try:
        pace = Tempo.parse(tempo) if tempo is not None else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--tempo") from error
    dose = _Dose(sets, reps, _ms(hold), side, _ms(rest), pace)
    asked: Asked | Follows | None = None
    zones, ask_each = PainZones(), False
    if program is not None:
        _refuse_beside_program(dose, exercise, targets, as_before=as_before, no_log=no_log)
        asked, zones, ask_each = _due_now(ctx, patient)
        if asked is None:
            return
    elif patient is not None:
        raise typer.BadParameter("goes with --program today", param_hint="--patient")
    elif exercise is not None:
        asked = _asked(exercise, dose, targets, log_place(ctx), as_before=as_before)
    if clips and not no_log:
        typer.echo("What is flagged is kept as short clips, on this computer alone (--no-clips).")
    result = hold_session(
        LiveOptions(
            asked,
            data_dir,
            camera,
            model,
            str(voice),
            full_screen=not window,
            ask=questions,
            resume=resume,
            keep=not no_log,
            clips=clip_policy(clips_of) if clips else None,
            blur_faces=blur_faces,
            zones=zones,
            ask_each=ask_each,
            database=log_place(ctx).url,
        )
    )
    for line in result.lines:
        typer.echo(line)
    if result.problem is not None:
        typer.echo(f"hep-vision: {result.problem}", err=True)
        raise typer.Exit(ExitCode.STORE_UNUSABLE)


@dataclass(frozen=True, slots=True)
class _Dose:
    """What was said of the dose on the command line."""

    sets: int | None
    reps: int | None
    hold_ms: int | None
    side: Sides | None
    rest_ms: int | None
    tempo: "Tempo | None"


def _refuse_beside_program(
    dose: _Dose, exercise: str | None, targets: Path | None, *, as_before: bool, no_log: bool
) -> None:
    given = (exercise, targets, *(getattr(dose, field.name) for field in fields(dose)))
    if as_before or any(value is not None for value in given):
        raise typer.BadParameter(
            "the program says what is done, and how much; leave the other options out",
            param_hint="--program",
        )
    if no_log:
        raise typer.BadParameter(
            "what is done must be in the log to count; leave --no-log out", param_hint="--program"
        )


def _due_now(ctx: typer.Context, patient: str | None) -> "tuple[Follows | None, PainZones, bool]":
    """Return what the program asks for; None, and a word to the patient, where it asks nothing.

    Returns:
        What is to be done, the pain zones, and whether each exercise is asked about.
    """
    from datetime import UTC, datetime

    from hep_vision.app.live_session import follow_today
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder
    from hep_vision.cli.show_program import show_today
    from hep_vision.core.pain import PainZones
    from hep_vision.program.spec import PainAsk

    data_dir = resolved_data_dir(ctx)
    find = finder(data_dir)
    with opened_log(ctx) as log:
        follows, today = follow_today(log, patient, data_dir, datetime.now(UTC), MachineZone())
    if follows is None or today.version is None:
        show_today(today, lambda exercise_id: find(exercise_id).name)
        return None, PainZones(), False
    program = today.version.program
    cautions = [each for one in today.to_begin for each in one.prescription.precautions]
    for caution in dict.fromkeys((*program.precautions, *cautions)):
        typer.echo(f"Take care: {caution}")
    return follows, program.zones, program.pain_ask is PainAsk.EACH_EXERCISE


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)


def _asked(
    exercise: str, dose: _Dose, file: Path | None, place: "LogPlace", *, as_before: bool
) -> "Asked":
    from hep_vision.app.live_plan import Asked
    from hep_vision.app.patient import find_targets, range_before
    from hep_vision.core.targets import Targets, prescribed
    from hep_vision.core.types import Side
    from hep_vision.exercises.loading import find_exercise

    own_dir = place.folder / "exercises"
    definition = find_exercise(exercise, own_dir)
    targets, notes = find_targets(definition, file, Targets(hold_ms=dose.hold_ms), own_dir)
    sides: tuple[Side, ...] = ()
    if dose.side is Sides.EACH:
        sides = (Side.LEFT, Side.RIGHT)
    elif dose.side is not None:
        sides = (Side(dose.side),)
    elif targets is not None and targets.side is not None and targets.side is not Side.BOTH:
        sides = (targets.side,)
    personal = None
    if as_before:
        prescription = prescribed(definition, targets) if targets is not None else definition
        side = sides[0] if len(sides) == 1 else None
        personal, more = range_before(place, prescription, side)
        notes = (*notes, *more)
    for note in notes:
        typer.echo(f"Note: {note}", err=True)
    return Asked(
        exercise,
        sides,
        dose.sets,
        dose.reps,
        dose.hold_ms,
        dose.rest_ms,
        dose.tempo,
        targets,
        personal,
    )
