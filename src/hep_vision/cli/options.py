"""Options and values that several commands share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from hep_vision.core.clips import ClipPolicy
    from hep_vision.core.types import Side
    from hep_vision.store.locations import LogPlace
    from hep_vision.store.sessions import SessionLog

PATIENT: Final = "For patients"
THERAPIST: Final = "For therapists"
ANALYST: Final = "For analysts"
UPKEEP: Final = "Upkeep"


class TableOrJson(StrEnum):
    """For people, or for programs."""

    TABLE = "table"
    JSON = "json"


class SideChoice(StrEnum):
    """The person's own side."""

    LEFT = "left"
    RIGHT = "right"


SideOption = Annotated[
    SideChoice | None,
    typer.Option(help="The person's side that works; found by itself when not given."),
]

ONE_PATIENT: Final = "For one patient"
BY_PROGRAM: Final = "By a home exercise program"

TargetsOption = Annotated[
    Path | None,
    typer.Option(help="File with what is set for this patient.", rich_help_panel=ONE_PATIENT),
]
AsBeforeOption = Annotated[
    bool,
    typer.Option(
        "--as-before",
        help="Take the usual range from the last sessions in the log, which must all be of "
        "this person.",
        rich_help_panel=ONE_PATIENT,
    ),
]

PatientOption = Annotated[
    str | None,
    typer.Option("--patient", help="Alias in the program; not needed where there is only one."),
]
UntilOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day.", show_default="today"),
]


class ClipChoice(StrEnum):
    """Which flagged repetitions become clips."""

    SERIOUS = "serious"
    REPEATED = "repeated"
    EVERY = "every"


CLIPS: Final = "Clips of flagged repetitions"
ClipsOfOption = Annotated[
    ClipChoice,
    typer.Option(
        help="serious: what may harm; repeated: also what keeps coming back; every: all flags.",
        rich_help_panel=CLIPS,
    ),
]
BlurOption = Annotated[
    bool,
    typer.Option(
        "--blur-faces", help="Hide faces in the clips that are kept.", rich_help_panel=CLIPS
    ),
]


def clip_policy(choice: ClipChoice) -> "ClipPolicy":
    """Return what is worth a clip, as the core knows it."""
    from hep_vision.core.clips import ClipPolicy, ClipScope

    return ClipPolicy(ClipScope(choice))


def chosen_side(side: str | None) -> "Side | None":
    """Return the side as the core knows it."""
    from hep_vision.core.types import Side

    return Side(side) if side is not None else None


def resolved_data_dir(ctx: typer.Context) -> Path:
    """Return the folder of the log, from ``--data-dir``, the environment or the platform."""
    from hep_vision.store.locations import data_dir

    return data_dir(ctx.obj.data_dir, os.environ)


def log_place(ctx: typer.Context) -> "LogPlace":
    """Return where the log is: in the database of ``--database``, else in the data folder."""
    from hep_vision.store.locations import LogPlace

    return LogPlace(resolved_data_dir(ctx), ctx.obj.database)


@contextmanager
def opened_log(ctx: typer.Context) -> "Iterator[SessionLog]":
    """Open the log of `log_place` for as long as the block lasts; no command opens it itself."""
    from hep_vision.store.sessions import SessionLog

    with SessionLog.open(log_place(ctx)) as opened:
        yield opened
