"""``hep-vision feel`` and ``concerns``: how it felt, and what a therapist has to see first."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    PATIENT,
    THERAPIST,
    PatientOption,
    TableOrJson,
    opened_log,
    resolved_data_dir,
)
from hep_vision.errors import FeelingError

if TYPE_CHECKING:
    from hep_vision.app.feel import Feeling
    from hep_vision.core.types import ReportKind
    from hep_vision.program.concerns import Concern
    from hep_vision.program.overview import Progress
    from hep_vision.store.records import SittingRow

_DAYS: Final = 28
_DATE: Final = ["%Y-%m-%d"]
_SCALE: Final = "0 to 10"


def _score(words: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar="N", help=f"{words}, {_SCALE}.")
    return option


@app.command("feel", rich_help_panel=PATIENT)
def feel(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    before: Annotated[int | None, _score("Pain before exercise")] = None,
    after: Annotated[int | None, _score("Pain after it")] = None,
    morning: Annotated[int | None, _score("Pain on the next morning")] = None,
    effort: Annotated[int | None, _score("How hard it was")] = None,
    exercise: Annotated[
        str | None, typer.Option(help="The exercise it is about; the whole sitting without.")
    ] = None,
    message: Annotated[str | None, typer.Option(help="Words for your therapist.")] = None,
    sitting: Annotated[
        str | None, typer.Option(metavar="ID", help="An earlier sitting; the last one without.")
    ] = None,
    patient: PatientOption = None,
) -> None:
    """Tell how your last exercises felt; without options it asks."""
    from hep_vision.app.booking import now
    from hep_vision.app.feel import Feeling, sitting_told_of, tell
    from hep_vision.app.program import finder
    from hep_vision.core.types import ReportKind

    given = (
        (ReportKind.PAIN_BEFORE, before),
        (ReportKind.PAIN_AFTER, after),
        (ReportKind.PAIN_NEXT_MORNING, morning),
        (ReportKind.EFFORT, effort),
    )
    scores = tuple((kind, value) for kind, value in given if value is not None)
    asks = not scores and message is None
    if asks and not sys.stdin.isatty():
        raise FeelingError(
            f"Say how it was with --before, --after, --morning, --effort ({_SCALE}) or --message."
        )
    data_dir = resolved_data_dir(ctx)
    with opened_log(ctx) as log:
        row = sitting_told_of(log, patient, sitting)
        feeling = _asked(row, exercise) if asks else Feeling(scores, exercise, message)
        if feeling is None:
            typer.echo("Nothing was kept.")
            return
        advice = tell(log, row, feeling, finder(data_dir), now())
    typer.echo(f"Thank you. Kept with your exercises of {_when(row.started_at)}.")
    if advice:
        typer.echo(advice[-1].words)


def _asked(row: "SittingRow", exercise: str | None) -> "Feeling | None":
    """Ask one thing after the other; None where nothing was told, or it was broken off."""
    from hep_vision.app.feel import Feeling, objections

    about = f" ({exercise})" if exercise is not None else ""
    typer.echo(f"Your exercises of {_when(row.started_at)}{about}. Enter alone skips a question.")
    scores: list[tuple[ReportKind, int]] = []
    try:
        for kind, question in _questions(row):
            value = _number(question)
            if value is not None:
                scores.append((kind, value))
        while True:
            text = typer.prompt("Words for your therapist", default="", show_default=False)
            wrong = objections(row, Feeling(message=text))
            if not wrong:
                break
            typer.echo(wrong[0])
    except typer.Abort:
        typer.echo()
        return None
    told = Feeling(tuple(scores), exercise if scores else None, text or None)
    return told if scores or text.strip() else None


def _questions(row: "SittingRow") -> "Iterator[tuple[ReportKind, str]]":
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.core.types import ReportKind
    from hep_vision.program.schedule import local_day

    pain = "0 is no pain, 10 the worst"
    began = datetime.fromisoformat(row.started_at)
    yield ReportKind.PAIN_BEFORE, f"How much pain did you have before? {pain}"
    yield ReportKind.PAIN_AFTER, f"How much pain did you have after? {pain}"
    if local_day(datetime.now(UTC), MachineZone()) > local_day(began, MachineZone()):
        yield ReportKind.PAIN_NEXT_MORNING, f"How was the pain the next morning? {pain}"
    yield ReportKind.EFFORT, "How hard was it? 0 is no effort, 10 the hardest ever"


def _number(question: str) -> int | None:
    while True:
        answer = typer.prompt(question, default="", show_default=False).strip()
        if not answer:
            return None
        if answer.isascii() and answer.isdigit() and int(answer) <= 10:
            return int(answer)
        typer.echo("A whole number from 0 to 10, please, or Enter alone.")


def _when(stamp: str) -> str:
    moment = datetime.fromisoformat(stamp).astimezone()
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


@app.command("concerns", rich_help_panel=THERAPIST)
def concerns(
    ctx: typer.Context,
    patient: PatientOption = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=_DATE, help="First day looked at.", show_default=f"{_DAYS} days back"),
    ] = None,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="Table or JSON.")
    ] = TableOrJson.TABLE,
) -> None:
    """Show what to look at first: pain, stops, rising pain, faults, messages."""
    from hep_vision.app.concerns import concerns_of
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.app.program import finder
    from hep_vision.app.progress import Span, progress_of

    today = datetime.now(UTC).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    begin = today - timedelta(days=_DAYS) if since is None else since.astimezone()
    data_dir = resolved_data_dir(ctx)
    find, zone = finder(data_dir), MachineZone()
    with opened_log(ctx) as log:
        found = concerns_of(log, patient, begin, find)
        span = Span(begin.date(), today.date())
        lately = progress_of(log, patient, find, span, zone)
    if output_format is TableOrJson.JSON:
        from hep_vision.exports.concerns_json import concerns_document

        document = concerns_document(found, begin, lately.suggestions)
        typer.echo(json.dumps(document, indent=1))
    else:
        _show(found, begin)
        _show_suggestions(lately)


def _show(found: "list[Concern]", begin: datetime) -> None:
    from rich.markup import escape
    from rich.table import Table

    from hep_vision.cli.show import console, printable

    day = f"{begin:%Y-%m-%d}"
    if not found:
        console.print(f"Nothing to look at first since {day}.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "when", "sitting"):
        table.add_column(heading, no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in found:
        table.add_row(
            str(one.kind).replace("_", " "),
            f"{one.at.astimezone():%Y-%m-%d}",
            one.evidence[-1].sitting_id[:8],
            escape(printable(one.sentence)),
        )
    console.print(table)
    console.print(f"Since {day}, the most urgent first. What was told and seen, not a diagnosis.")


def _show_suggestions(lately: "Progress") -> None:
    from rich.markup import escape

    from hep_vision.cli.show import console
    from hep_vision.reports.progress_words import SUGGESTED

    names = {one.exercise_id: one.name for one in lately.exercises}
    if lately.suggestions:
        console.print("[bold]To consider[/bold]; whether it is right, only you can tell.")
    for one in lately.suggestions:
        name = names.get(one.exercise_id, one.exercise_id)
        console.print(escape(f"{name}: {SUGGESTED[one.kind]}. {' '.join(one.evidence)}"))
