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
    from hep_vision.sources.video_file import ReadSettings
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
GoalOption = Annotated[
    float | None,
    typer.Option(help="Value to aim at, in the unit shown.", rich_help_panel=ONE_PATIENT),
]
MinimumOption = Annotated[
    float | None,
    typer.Option(help="Smallest range from rest that counts.", rich_help_panel=ONE_PATIENT),
]
LimitOption = Annotated[
    float | None,
    typer.Option(help="Safety maximum; beyond it is flagged.", rich_help_panel=ONE_PATIENT),
]
HoldOption = Annotated[
    float | None,
    typer.Option(help="Seconds to hold.", rich_help_panel=ONE_PATIENT),
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


MaxFpsOption = Annotated[
    str,
    typer.Option(
        "--max-fps",
        metavar="N|all",
        help="Pictures a second to look at, where a video has more.",
    ),
]
DEFAULT_MAX_FPS: Final = "30"


class HardwareDecoding(StrEnum):
    """Whether a graphics processor decodes videos."""

    OFF = "off"
    AUTO = "auto"


HardwareOption = Annotated[
    HardwareDecoding,
    typer.Option("--hardware-decoding", help="auto: by the graphics processor, where it can."),
]
ProfileOption = Annotated[
    bool, typer.Option("--profile", help="Tell what takes how long, for each stage.")
]


def read_settings(max_fps: str, decoding: HardwareDecoding) -> "ReadSettings":
    """Return how videos are read, as the sources know it."""
    from hep_vision.sources.video_file import ReadSettings

    hardware = decoding is HardwareDecoding.AUTO
    try:
        rate_hz = None if max_fps == "all" else float(max_fps)
        return ReadSettings(max_rate_hz=rate_hz, hardware=hardware)
    except ValueError as error:
        raise typer.BadParameter(
            f"{max_fps!r} is neither a number above 0 nor the word all", param_hint="--max-fps"
        ) from error


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


def span_of(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Return the first moment of ``--since`` and the first one after ``--until``; None is no bound.

    Raises:
        BadParameter: One is no moment, or they leave no time between them.
    """
    from hep_vision.app.export import end_moment, first_moment
    from hep_vision.app.machine_zone import MachineZone
    from hep_vision.store.records import utc_stamp

    found: list[str | None] = []
    for option, text, moment in (("since", since, first_moment), ("until", until, end_moment)):
        try:
            found.append(None if text is None else utc_stamp(moment(text, MachineZone())))
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(
                f"--{option} {text}: expected a day such as 2026-03-01, or a moment such as "
                "2026-03-01T08:00."
            ) from error
    begin, end = found
    if begin is not None and end is not None and begin >= end:
        raise typer.BadParameter(f"--since {since} and --until {until} leave no time between them.")
    return begin, end
