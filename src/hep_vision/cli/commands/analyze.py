"""``hep-vision analyze``: count, time and check recorded exercise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    ANALYST,
    BY_PROGRAM,
    CLIPS,
    DEFAULT_MAX_FPS,
    ONE_PATIENT,
    AsBeforeOption,
    BlurOption,
    ClipChoice,
    ClipsOfOption,
    GoalOption,
    HardwareDecoding,
    HardwareOption,
    HoldOption,
    LimitOption,
    MaxFpsOption,
    MinimumOption,
    ProfileOption,
    SideOption,
    TargetsOption,
    chosen_side,
    clip_policy,
    log_place,
    opened_log,
    read_settings,
)
from hep_vision.errors import ExitCode

if TYPE_CHECKING:
    from hep_vision.app.analyse import Model, Task
    from hep_vision.app.analyse_many import Result, ToDo
    from hep_vision.core.clips import ClipPolicy
    from hep_vision.core.definition import ExerciseDefinition
    from hep_vision.core.personal import PersonalRange
    from hep_vision.core.targets import Targets
    from hep_vision.core.types import Side
    from hep_vision.sources.video_file import ReadSettings
    from hep_vision.store.locations import LogPlace


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
        str | None,
        typer.Option("--exercise", "-e", help="Exercise id, exercise file, or auto: find out."),
    ] = None,
    side: SideOption = None,
    program: Annotated[
        bool,
        typer.Option(
            "--program",
            help="Judge by your program, and count it as done on the day it was filmed.",
            rich_help_panel=BY_PROGRAM,
        ),
    ] = False,
    patient: Annotated[
        str | None,
        typer.Option(help="Whose program, where there are several.", rich_help_panel=BY_PROGRAM),
    ] = None,
    recorded_at: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="When it was filmed, such as 2026-11-24T09:30; the file says so when not given.",
            rich_help_panel=BY_PROGRAM,
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Book a file anew that is booked already, and take that back.",
            rich_help_panel=BY_PROGRAM,
        ),
    ] = False,
    targets: TargetsOption = None,
    goal: GoalOption = None,
    minimum: MinimumOption = None,
    limit: LimitOption = None,
    hold: HoldOption = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Recording of a few supervised repetitions, for the usual range.",
            rich_help_panel=ONE_PATIENT,
        ),
    ] = None,
    as_before: AsBeforeOption = False,
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
    max_fps: MaxFpsOption = DEFAULT_MAX_FPS,
    hardware_decoding: HardwareOption = HardwareDecoding.OFF,
    profile: ProfileOption = False,
    no_log: Annotated[bool, typer.Option("--no-log", help="Book nothing in the log.")] = False,
    clips: Annotated[
        bool,
        typer.Option(
            "--clips/--no-clips", help="Cut clips from the recording.", rich_help_panel=CLIPS
        ),
    ] = False,
    clips_of: ClipsOfOption = ClipChoice.REPEATED,
    blur_faces: BlurOption = False,
) -> None:
    """Count repetitions, time holds and check the form in recordings."""
    from hep_vision.app.analyse_many import Result, find_recordings
    from hep_vision.app.recognise import AUTO, unlabelled

    reading = read_settings(max_fps, hardware_decoding)
    place = log_place(ctx)
    recordings = find_recordings(videos)
    if len(recordings) > 1 and (overlay or plot):
        raise typer.BadParameter("--overlay and --plot take one recording.")
    if calibration is not None and as_before:
        raise typer.BadParameter("--calibration and --as-before: give one of them.")
    if clips and no_log:
        raise typer.BadParameter(
            "clips are kept in the log; leave --no-log out", param_hint="--clips"
        )
    known = _Patient(
        targets, (goal, minimum, limit, hold), chosen_side(side), calibration, as_before, reading
    )
    asked = _Program(exercise, chosen_side(side), patient, recorded_at, again)
    tasks: Sequence[ToDo | Result]
    if program:
        asked.refuse_beside(known, no_log=no_log)
        tasks = asked.tasks(ctx, recordings, model, overlay)
    elif exercise == AUTO:
        asked.refuse_without()
        known.refuse("targets and the usual range need one exercise, not auto", "--exercise")
        tasks = unlabelled(recordings, known.side, place.folder, model, overlay)
    else:
        asked.refuse_without()
        tasks = _tasks(recordings, asked.named, known, place, model, overlay)
    if clips:
        tasks = [_with_clips(task, clip_policy(clips_of), blur_faces) for task in tasks]
    tasks = [
        task if isinstance(task, Result) else replace(task, reading=reading, profiled=profile)
        for task in tasks
    ]
    results = _analysed(tasks, jobs, None if no_log else place)
    _write_files(results, plot, csv)
    _print(results, output_format)
    code = _exit_code(results)
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _analysed(
    tasks: "Sequence[ToDo | Result]", jobs: int, place: "LogPlace | None"
) -> "list[Result]":
    """Return a result for each task, in their order; what is one already stays."""
    from hep_vision.app.analyse_many import Result, analyse_many
    from hep_vision.cli.show import batch_progress

    to_do = [one for one in tasks if not isinstance(one, Result)]
    with batch_progress([task.path for task in to_do]) as progress:
        done = list(analyse_many(to_do, jobs=jobs, log_place=place, progress=progress))
    in_order = iter(done)
    return [one if isinstance(one, Result) else next(in_order) for one in tasks]


@dataclass(frozen=True, slots=True)
class _Program:
    """What was said of the program on the command line."""

    exercise: str | None
    side: "Side | None"
    patient: str | None
    recorded_at: str | None
    again: bool

    @property
    def named(self) -> str:
        if self.exercise is None:
            raise typer.BadParameter("is needed, unless --program says it", param_hint="--exercise")
        return self.exercise

    def refuse_without(self) -> None:
        options = {
            "--patient": self.patient,
            "--recorded-at": self.recorded_at,
            "--again": self.again or None,
        }
        for name, value in options.items():
            if value is not None:
                raise typer.BadParameter("goes with --program", param_hint=name)

    def refuse_beside(self, known: "_Patient", *, no_log: bool) -> None:
        if self.exercise == "auto":
            raise typer.BadParameter("--program and --exercise auto: give one of them.")
        why = "the program says what is prescribed; leave targets and the usual range out"
        known.refuse(why, "--program")
        if no_log:
            raise typer.BadParameter(
                "what is done must be in the log to count; leave --no-log out",
                param_hint="--program",
            )

    def tasks(
        self, ctx: typer.Context, recordings: Sequence[Path], model: str, overlay: Path | None
    ) -> "list[Task | Result]":
        from hep_vision.app.filmed import Recording
        from hep_vision.app.filmed_set import bookings_for, tasks_by_program
        from hep_vision.app.machine_zone import MachineZone
        from hep_vision.app.program import newest_version

        place, zone = log_place(ctx), MachineZone()
        moment = self._moment(zone)
        with opened_log(ctx) as log:
            newest_version(log, self.patient)  # said once, not for every recording
        bookings = bookings_for(
            [
                Recording(path, self.exercise, self.side, self.patient, True, moment)
                for path in recordings
            ],
            place,
            datetime.now(UTC),
            zone,
            again=self.again,
        )
        return tasks_by_program(bookings, place.folder, model, overlay)

    def _moment(self, zone: tzinfo) -> datetime | None:
        if self.recorded_at is None:
            return None
        try:
            moment = datetime.fromisoformat(self.recorded_at)
            local = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
            return local.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(
                f"{self.recorded_at!r} is no moment; write it like 2026-11-24T09:30",
                param_hint="--recorded-at",
            ) from error


def _with_clips(task: "ToDo | Result", policy: "ClipPolicy", blur_faces: bool) -> "ToDo | Result":
    from hep_vision.app.analyse import TRACK_SUFFIX
    from hep_vision.app.analyse_many import Result

    if isinstance(task, Result):
        return task

    if task.path.suffix.lower() == TRACK_SUFFIX:
        typer.echo(f"Note: {task.path} is a landmark track: no pictures, no clips.", err=True)
        return task
    return replace(task, clips=policy, blur_faces=blur_faces)


@dataclass(frozen=True, slots=True)
class _Patient:
    """What was said of the patient on the command line."""

    targets: Path | None
    values: tuple[float | None, float | None, float | None, float | None]
    side: "Side | None"
    calibration: Path | None
    as_before: bool
    reading: "ReadSettings"

    def refuse(self, why: str, option: str) -> None:
        given = (self.targets, self.calibration, *self.values)
        if self.as_before or any(value is not None for value in given):
            raise typer.BadParameter(why, param_hint=option)

    @property
    def options(self) -> "Targets":
        from hep_vision.core.targets import Targets

        goal, minimum, limit, hold_s = self.values
        hold_ms = None if hold_s is None else round(1000 * hold_s)
        return Targets(goal, minimum, limit, hold_ms)


def _tasks(
    recordings: Sequence[Path],
    exercise: str,
    patient: _Patient,
    place: "LogPlace",
    model: str,
    overlay: Path | None,
) -> "list[Task]":
    from hep_vision.app.analyse import TRACK_SUFFIX, Task, find_model
    from hep_vision.app.patient import find_targets
    from hep_vision.core.targets import prescribed
    from hep_vision.exercises.loading import find_exercise

    own_dir = place.folder / "exercises"
    definition = find_exercise(exercise, own_dir)
    asked, notes = find_targets(definition, patient.targets, patient.options, own_dir)
    if asked is not None:
        if patient.side is not None and asked.side is not None:
            asked = replace(asked, side=patient.side)
        definition = prescribed(definition, asked)
    side = patient.side or (asked.side if asked is not None else None)
    to_read = [*recordings, *([patient.calibration] if patient.calibration else [])]
    tracks_only = all(path.suffix.lower() == TRACK_SUFFIX for path in to_read)
    pose_model = None if tracks_only else find_model(model, place.folder)
    personal, more = _usual_range(patient, definition, side, place, pose_model)
    return [
        Task(
            path,
            definition,
            side,
            None if path.suffix.lower() == TRACK_SUFFIX else pose_model,
            overlay,
            asked,
            personal,
            (*notes, *more),
        )
        for path in recordings
    ]


def _usual_range(
    patient: _Patient,
    definition: "ExerciseDefinition",
    side: "Side | None",
    place: "LogPlace",
    model: "Model | None",
) -> "tuple[PersonalRange | None, tuple[str, ...]]":
    from hep_vision.app.patient import calibrate, range_before

    if patient.as_before:
        return range_before(place, definition, side)
    if patient.calibration is None:
        return None, ()
    from hep_vision.cli.show import batch_progress

    with batch_progress([patient.calibration]) as progress:
        usual = calibrate(
            patient.calibration,
            definition,
            side,
            model,
            partial(progress, 0),
            reading=patient.reading,
        )
    return usual, ()


def _write_files(results: "Sequence[Result]", plot: Path | None, csv: Path | None) -> None:
    if plot is not None and results[0].analysis is not None:
        from hep_vision.app.output import write_plot

        write_plot(results[0].analysis, plot)
    if csv is not None:
        from hep_vision.app.output import write_csv

        write_csv([result.analysis for result in results if result.analysis is not None], csv)


def _print(results: "Sequence[Result]", output_format: OutputFormat) -> None:
    from hep_vision.cli.show import show_profiles, show_results

    for result in results:
        if result.problem is not None:
            typer.echo(f"hep-vision: {result.problem}", err=True)
        elif result.clips is not None and result.analysis is not None:
            path = result.analysis.task.path
            typer.echo(f"{path}: clips kept: {result.clips}", err=True)
    if output_format is OutputFormat.TABLE:
        analyses = [result.analysis for result in results if result.analysis is not None]
        show_results(analyses)
        show_profiles(analyses)
        return
    import json

    from hep_vision.app.output import document

    documents = [document(result.analysis) for result in results if result.analysis is not None]
    if len(results) == 1 and not documents and _exit_code(results) is ExitCode.OK:
        typer.echo("null")  # booked already: there is nothing to tell, and nothing went wrong
    elif documents or len(results) > 1:
        typer.echo(json.dumps(documents[0] if len(results) == 1 else documents, indent=1))


def _exit_code(results: "Sequence[Result]") -> ExitCode:
    """Return the code of the first recording that failed; the others are done all the same."""
    return next((r.exit_code for r in results if r.exit_code is not ExitCode.OK), ExitCode.OK)
