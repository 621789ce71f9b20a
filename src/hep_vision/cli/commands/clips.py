"""``hep-vision clips``: clips of flagged repetitions: list, judge, export, check, clean up."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import (
    THERAPIST,
    TableOrJson,
    opened_log,
)
from hep_vision.errors import ExitCode

if TYPE_CHECKING:
    from datetime import timedelta

    from hep_vision.store.review_records import ClipRow

clips = typer.Typer(
    no_args_is_help=True, help="List, judge, export and check clips of flagged repetitions."
)
app.add_typer(clips, name="clips", rich_help_panel=THERAPIST)

_UNITS: Final = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
SessionArgument = Annotated[
    str, typer.Argument(help="Session id, or enough of its beginning.", show_default=False)
]


class Judged(StrEnum):
    """What a person finds of what was flagged."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"


@clips.command("list")
def list_clips(
    ctx: typer.Context,
    session: Annotated[str | None, typer.Option(help="Only of this session.")] = None,
    output_format: Annotated[
        TableOrJson, typer.Option("--format", "-f", help="What to print.")
    ] = TableOrJson.TABLE,
) -> None:
    """List clips, newest first; of one session in the order of its repetitions."""
    with opened_log(ctx) as opened:
        rows = opened.clips.rows(session)
        if output_format is TableOrJson.JSON:
            import json

            from hep_vision.exports.clip_json import clip_document

            found = [clip_document(row, opened.clips.state(row)) for row in rows]
            typer.echo(json.dumps(found, indent=1))
            return
    _show(rows)


def _show(rows: "list[ClipRow]") -> None:
    from rich.markup import escape
    from rich.table import Table

    from hep_vision.cli.show import console

    if not rows:
        console.print("No clips. `hep-vision live` keeps some where repetitions are flagged.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("clip", "session"):
        table.add_column(heading, min_width=8, no_wrap=True)
    for heading in ("kept", "rep", "s", "MB", "faces", "flagged"):
        table.add_column(heading, no_wrap=True, overflow="ellipsis")
    for row in rows:
        clip = row.clip
        table.add_row(
            row.clip_id[:8],
            row.session_id[:8],
            clip.created_at[:16].replace("T", " "),
            str(clip.rep),
            f"{(clip.end_ms - clip.start_ms) / 1000:.1f}",
            f"{row.size_bytes / 1e6:.1f}",
            "hidden" if clip.blurred else "seen",
            escape(" ".join(clip.checks)),
        )
    console.print(table)


@clips.command("judge")
def judge_clip(
    ctx: typer.Context,
    clip: Annotated[str, typer.Argument(help="Clip id, or enough of its beginning.")],
    finding: Annotated[Judged, typer.Argument(help="Whether it was flagged rightly.")],
    note: Annotated[str | None, typer.Option(help="Why, in your own words.")] = None,
) -> None:
    """Say whether what a clip shows was flagged rightly; what was said before is kept."""
    from hep_vision.app.booking import now
    from hep_vision.store.review_records import Finding, Verdict

    with opened_log(ctx) as opened:
        row = opened.clips.row(clip)
        for check in row.clip.checks:
            verdict = Verdict(row.clip.ordinal, check, Finding(finding), now(), note)
            opened.verdicts.decide(row.session_id, verdict)
    typer.echo(f"Clip {row.clip_id[:8]}, {' '.join(row.clip.checks)}: {finding}.")


@clips.command("export")
def export_clips(
    ctx: typer.Context,
    session: SessionArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    blur: Annotated[bool, typer.Option("--blur/--no-blur", help="Hide faces.")] = True,
) -> None:
    """Write the clips of a session for somebody else, faces hidden, landmarks beside them."""
    from hep_vision.app.clips import export_clips

    with opened_log(ctx) as opened:
        written = export_clips(opened, session, out, blurs=blur)
    for path in written:
        typer.echo(f"Written to {path}.")
    if not written:
        typer.echo("This session has no clips; see which have with: hep-vision clips list")
    elif blur:
        typer.echo("Faces are hidden by the patient's landmarks: look at each before you share it.")


@clips.command("verify")
def verify_clips(ctx: typer.Context) -> None:
    """Check that every clip is there and is the file that was kept."""
    with opened_log(ctx) as opened:
        count, problems = len(opened.clips.rows()), opened.clips.verify()
    for problem in problems:
        typer.echo(f"hep-vision: {problem}", err=True)
    typer.echo(f"Clips: {count}, missing or damaged: {len(problems)}.")
    if problems:
        raise typer.Exit(ExitCode.STORE_UNUSABLE)


@clips.command("prune")
def prune_clips(
    ctx: typer.Context,
    budget: Annotated[
        str | None, typer.Option(help="What all clips may take, as 500MB or 2GB.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Delete what is older, as 90d or 12w.")
    ] = None,
) -> None:
    """Delete clips: dismissed ones first, then those looked at, the oldest of each first.

    Without options the limits are those that live sessions keep, 2GB and 90d.
    """
    from hep_vision.app.clip_room import BUDGET_BYTES, RETENTION, prune_clips

    limits = (_bytes(budget), _age(older_than))
    if limits == (None, None):
        limits = (BUDGET_BYTES, RETENTION)
    with opened_log(ctx) as opened:
        pruned = prune_clips(opened, *limits)
    strays = f", and {pruned.swept} left-over files" if pruned.swept else ""
    typer.echo(
        f"Deleted {len(pruned.deleted)} clips{strays}; "
        f"those left take {pruned.kept_bytes / 1e6:.1f} MB."
    )


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?) ?([kmgt]?b?)", text.strip().lower())
    if found is None or (found[2] and found[2] not in _UNITS):
        raise typer.BadParameter("expected a size such as 500MB or 2GB", param_hint="--budget")
    return round(float(found[1]) * _UNITS[found[2]])


def _age(text: str | None) -> "timedelta | None":
    from datetime import timedelta

    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,5}) ?([dw])", text.strip().lower())
    if found is None:
        raise typer.BadParameter("expected a time such as 90d or 12w", param_hint="--older-than")
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))
