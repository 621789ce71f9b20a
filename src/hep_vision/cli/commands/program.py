"""``hep-vision program`` and ``today``: what is to be done at home."""

import json
import sys
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    PATIENT,
    THERAPIST,
    PatientOption,
    SideChoice,
    TableOrJson,
    chosen_side,
    opened_log,
    resolved_data_dir,
)
from hep_vision.errors import ExitCode, ProgramError

if TYPE_CHECKING:
    from hep_vision.app.program import Imported
    from hep_vision.store.records import ProgramVersionRow

program = typer.Typer(no_args_is_help=True, help="Write, check, enter and show home programs.")
app.add_typer(program, name="program", rich_help_panel=THERAPIST)

_WEEKS: Final = 6  # conditioning programmes last 4-6 weeks (AAOS_PROG)
_ANYTIME: Final = time(9)
_ALARM_MIN: Final = 10
_DAY_MIN: Final = 24 * 60
_DATE: Final = ["%Y-%m-%d"]


class ProgramFormat(StrEnum):
    """How a program is shown."""

    TABLE = "table"
    JSON = "json"
    TOML = "toml"


@program.command("new")
def new(  # noqa: PLR0913 -- one parameter per option
    template: Annotated[
        str | None, typer.Argument(help="Template to begin with; without one, they are listed.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; named after the template.")
    ] = None,
    patient: Annotated[str | None, typer.Option(help="Alias of the patient.")] = None,
    therapist: Annotated[str | None, typer.Option(help="Who adapts it.")] = None,
    side: Annotated[
        SideChoice | None, typer.Option(help="The side concerned, where the template has one.")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=_DATE, help="First day.", show_default="today"),
    ] = None,
    review: Annotated[
        datetime | None,
        typer.Option(
            formats=_DATE, help="Day of the review.", show_default=f"{_WEEKS} weeks later"
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Write a program file from a template, for a therapist to adapt."""
    from hep_vision.files import private_draft
    from hep_vision.program.templates import Blanks, asks_for_side, filled_in, template_names

    if template is None:
        typer.echo("Templates, each to be adapted by a therapist:")
        for name in template_names():
            typer.echo(f"  {name}")
        return
    first = start.date() if start is not None else datetime.now(UTC).astimezone().date()
    last = review.date() if review is not None else first + timedelta(weeks=_WEEKS)
    text = filled_in(template, Blanks(first, last, patient, therapist, chosen_side(side)))
    place = out if out is not None else Path(f"{template}.toml")
    if place.exists() and not replace:
        raise ProgramError(f"{place}: there already; give another --out, or --replace it.")
    with private_draft(place, "the program") as draft:
        draft.write_text(text, encoding="utf-8")
    typer.echo(f"Written: {place}")
    typer.echo("To be adapted by a therapist: dose, days, goals and precautions.")
    if asks_for_side(template) and side is None:
        typer.echo('It is for one side: put left or right in place of "SIDE".')
    typer.echo(f"Then: hep-vision program validate {place}")


@program.command("validate")
def validate(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Program files (.toml) to check.")],
) -> None:
    """Check program files and name every problem with its file and key."""
    from hep_vision.app.program import finder
    from hep_vision.program.loading import validate_file

    find = finder(resolved_data_dir(ctx))
    problems: list[str] = []
    for path in files:
        try:
            found = validate_file(path, find)
        except ProgramError as error:
            found = [str(error)]
        problems += found
        if not found:
            typer.echo(f"{path}: sound")
    for line in problems:
        typer.echo(line, err=True)
    if problems:
        raise typer.Exit(ExitCode.USAGE)


@program.command("import")
def import_file(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Program file (.toml).")],
) -> None:
    """Enter a program into the log: as a new version if it changed, from now on."""
    from hep_vision.app.booking import now
    from hep_vision.app.program import finder, import_program
    from hep_vision.program.loading import read_file

    data_dir = resolved_data_dir(ctx)
    with opened_log(ctx) as log:
        done = import_program(log, read_file(file), str(file), finder(data_dir), now())
    _say_imported(done)


def _say_imported(done: "Imported") -> None:
    number, patient = done.row.ref.number, done.program.patient
    if not done.is_new:
        typer.echo(f"Nothing changed: version {number} of the program of {patient} still holds.")
        return
    typer.echo(f"Version {number} of the program of {patient} holds from now on.")


@program.command("show")
def show(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A program file; without one, what is in the log.")
    ] = None,
    patient: PatientOption = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="An earlier version, by its number.")
    ] = None,
    output_format: Annotated[
        ProgramFormat, typer.Option("--format", "-f", help="Table, JSON, or the file itself.")
    ] = ProgramFormat.TABLE,
) -> None:
    """Show a program: a file, or the version that holds now."""
    from hep_vision.app.program import finder
    from hep_vision.program.loading import read_program

    data_dir = resolved_data_dir(ctx)
    data, shown, number = _text(ctx, file, patient, version)
    if output_format is ProgramFormat.TOML:
        typer.echo(data.decode("utf-8-sig", errors="replace"), nl=False)
        return
    find = finder(data_dir)
    found = read_program(data, shown, find)
    if output_format is ProgramFormat.JSON:
        from hep_vision.exports.program_json import program_document

        typer.echo(json.dumps(program_document(found, number), indent=1))
    else:
        from hep_vision.cli.show_program import show_program

        show_program(found, number, find)


def _text(
    ctx: typer.Context, file: Path | None, patient: str | None, version: int | None
) -> tuple[bytes, str, int | None]:
    """Return the text of a file, or of a version in the log, what to call it, and its number."""
    from hep_vision.program.loading import read_file

    if file is not None:
        return read_file(file), str(file), None
    row = _row(ctx, patient, version)
    number = row.ref.number
    return row.plan.encode("utf-8"), f"version {number} of the program", number


def _row(ctx: typer.Context, patient: str | None, version: int | None) -> "ProgramVersionRow":
    from hep_vision.app.program import newest_version

    with opened_log(ctx) as log:
        newest = newest_version(log, patient)
        if version is None:
            return newest
        for row in log.programs.versions(newest.ref.program_id):
            if row.ref.number == version:
                return row
    raise ProgramError(
        f"There is no version {version}; the newest is {newest.ref.number}. "
        "`hep-vision program history` shows all."
    )


@program.command("print")
def print_handout(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A program file; without one, what is in the log.")
    ] = None,
    patient: PatientOption = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="An earlier version, by its number.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Page to write.")] = Path("handout.html"),
) -> None:
    """Write a program as a page to print: figures, doses in words, boxes to tick."""
    from hep_vision.app.handout import write_handout
    from hep_vision.app.program import finder

    data_dir = resolved_data_dir(ctx)
    data, shown, number = _text(ctx, file, patient, version)
    write_handout(data, shown, number, finder(data_dir), out)
    what = "" if number is None else f", version {number}"
    typer.echo(f"Written: {out}{what}")
    typer.echo("Open it in a browser and print it, on A4 or Letter. It names the patient.")


@program.command("edit")
def edit(ctx: typer.Context, patient: PatientOption = None) -> None:
    """Change the program in your editor ($EDITOR); what is sound becomes a new version."""
    from hep_vision.app.booking import now
    from hep_vision.app.program import finder, import_program
    from hep_vision.app.program_edit import edit_program

    data_dir = resolved_data_dir(ctx)
    find = finder(data_dir)
    row = _row(ctx, patient, None)
    text = edit_program(row.plan, data_dir, find, _ask_again)
    if text is None:
        typer.echo(f"Nothing changed: version {row.ref.number} still holds.")
        return
    with opened_log(ctx) as log:
        _say_imported(
            import_program(log, text.encode(), "the program", find, now(), row.ref.program_id)
        )


def _ask_again(problems: list[str]) -> bool:
    for line in problems:
        typer.echo(line, err=True)
    if not sys.stdin.isatty():
        return False
    try:
        return typer.confirm("Go on editing?", default=True)
    except typer.Abort:
        typer.echo(err=True)
        return False


@program.command("history")
def history(ctx: typer.Context, patient: PatientOption = None) -> None:
    """List the versions of a program, newest first, and how much was done by each."""
    from collections import Counter

    from rich.table import Table

    from hep_vision.app.program import newest_version
    from hep_vision.cli.show import console

    with opened_log(ctx) as log:
        newest = newest_version(log, patient)
        rows = log.programs.versions(newest.ref.program_id)
        done = Counter(one.program for one in log.programs.sittings(newest.ref.program_id))
    table = Table(box=None, pad_edge=False)
    for heading in ("version", "holds from", "until", "sittings"):
        table.add_column(heading)
    ends = [*(_minute(row.valid_from) for row in rows[1:]), "now"]
    for row, end in reversed(list(zip(rows, ends, strict=True))):
        number = str(row.ref.number)
        table.add_row(number, _minute(row.valid_from), end, str(done[row.ref]))
    console.print(table)
    console.print("See one with: hep-vision program show --version NUMBER")


@program.command("calendar")
def calendar(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    patient: PatientOption = None,
    out: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("exercises.ics"),
    alarm: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=_DAY_MIN,
            metavar="MINUTES",
            help="How long before the time the calendar rings.",
            show_default=str(_ALARM_MIN),
        ),
    ] = None,
    no_alarm: Annotated[
        bool, typer.Option("--no-alarm", help="The calendar stays silent.")
    ] = False,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--time",
            formats=["%H:%M"],
            metavar="HH:MM",
            help="When to do what the program gives no time for.",
            show_default=f"{_ANYTIME:%H:%M}",
        ),
    ] = None,
    names: Annotated[
        bool,
        typer.Option("--names", help="Name the exercises; without it only the times are told."),
    ] = False,
) -> None:
    """Write the exercise times until the review as a calendar file (.ics) for a phone."""
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder, reminders_of
    from hep_vision.exports.calendar import export_calendar

    if no_alarm and alarm is not None:
        raise ProgramError("--alarm and --no-alarm contradict each other; give one of them.")
    data_dir = resolved_data_dir(ctx)
    find, anytime = finder(data_dir), _ANYTIME if at is None else at.time()
    with opened_log(ctx) as log:
        found = reminders_of(log, patient, find, anytime, datetime.now(UTC), MachineZone())
    before_min = None if no_alarm else _ALARM_MIN if alarm is None else alarm
    export_calendar(found, out, find, alarm_min=before_min, names=names)
    typer.echo(f"Written: {out}, version {found.version} until the review on {found.review}.")
    typer.echo("Open it with your calendar; after a change of the program write and open it again.")


def _minute(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}"


@app.command("today", rich_help_panel=PATIENT)
def today(
    ctx: typer.Context,
    patient: PatientOption = None,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="Table or JSON.")
    ] = TableOrJson.TABLE,
) -> None:
    """Show what your program asks for today: due, done, left, and next."""
    from hep_vision.app.feel import morning_due
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder, today_of

    data_dir = resolved_data_dir(ctx)
    find = finder(data_dir)
    now, zone = datetime.now(UTC), MachineZone()
    with opened_log(ctx) as log:
        found, ref = today_of(log, patient, find, now, zone)
        asks_for_morning = morning_due(log, ref.program_id, now, zone) is not None
    if output_format is TableOrJson.JSON:
        from hep_vision.exports.program_json import today_document

        typer.echo(json.dumps(today_document(found), indent=1))
    else:
        from hep_vision.cli.show_program import show_today

        show_today(found, lambda exercise_id: find(exercise_id).name)
        if asks_for_morning:
            typer.echo("How is the pain this morning, after last time? Tell it, for 2 of 10, with:")
            typer.echo("  hep-vision feel --morning 2")
