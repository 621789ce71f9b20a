"""Clips of flagged repetitions and what people say of them, as plain values.

Moments are UTC stamps as text, as in `hep_vision.store.records`.
"""

from dataclasses import dataclass
from enum import StrEnum

from hep_vision.core.types import Deviation
from hep_vision.store.records import escaped, utc_stamp


class Finding(StrEnum):
    """What a person finds of a deviation that was flagged."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class NewClip:
    """What is known of a clip before it is in the log.

    Attributes:
        ordinal: Place of its repetition or hold among the events of the session, from 0.
        rep: Its number as people count, from 1.
        checks: Ids of the checks it was kept for.
        start_ms: Media time of its first picture.
        end_ms: Media time at which its last picture ends.
        width_px: Width of its pictures.
        height_px: Height likewise.
        fps: Pictures a second, on average.
        blurred: Whether faces are blurred in it.
        created_at: Moment it was kept; see `utc_stamp`.

    Raises:
        ValueError: It ends before it begins, or the moment is none.
    """

    ordinal: int
    rep: int
    checks: tuple[str, ...]
    start_ms: int
    end_ms: int
    width_px: int
    height_px: int
    fps: float
    blurred: bool
    created_at: str

    def __post_init__(self) -> None:
        if self.end_ms <= self.start_ms:
            raise ValueError(f"clip: expected an end after {self.start_ms} ms, got {self.end_ms}")
        object.__setattr__(self, "created_at", utc_stamp(self.created_at))

    def shows(self, flag: Deviation) -> bool:
        """Return whether a deviation of its repetition or hold is seen in it."""
        return flag.start_ms < self.end_ms and flag.end_ms > self.start_ms


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip in the log.

    Attributes:
        clip_id: UUID; names the file.
        session_id: The session it was cut from.
        clip: As it was given.
        sha256: Checksum of the file, in hexadecimal.
        size_bytes: Length of the file.
    """

    clip_id: str
    session_id: str
    clip: NewClip
    sha256: str
    size_bytes: int

    @property
    def file_name(self) -> str:
        """Name of the file in the folder of the clips."""
        return f"{self.clip_id}.mp4"


class ClipState(StrEnum):
    """How the file of a clip is found, measured against the checksum of what was kept."""

    WHOLE = "whole"
    MISSING = "missing"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a clean-up of the clips came to.

    Attributes:
        deleted: Clips that are gone, in the order they went.
        swept: Files that belonged to no clip and are gone.
        kept_bytes: Size of the clips that are left.
    """

    deleted: tuple[ClipRow, ...]
    swept: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of one deviation.

    Attributes:
        ordinal: Place of its repetition or hold among the events of the session, from 0.
        check_id: The check that flagged it.
        finding: Whether it is right.
        decided_at: Moment it was entered; see `utc_stamp`.
        note: In the person's words, `escaped`; None where there are none.
    """

    ordinal: int
    check_id: str
    finding: Finding
    decided_at: str
    note: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "decided_at", utc_stamp(self.decided_at))
        object.__setattr__(self, "note", escaped(self.note) if self.note else None)


@dataclass(frozen=True, slots=True)
class CheckPrecision:
    """How often a check was right, by those who looked.

    Attributes:
        exercise_id: The exercise.
        check_id: Its check.
        confirmed: Deviations found right.
        dismissed: Deviations found wrong.
        unsure: Deviations that could not be told.
    """

    exercise_id: str
    check_id: str
    confirmed: int
    dismissed: int
    unsure: int

    @property
    def precision(self) -> float | None:
        """Return confirmed / (confirmed + dismissed), 0..1; None where nobody decided."""
        decided = self.confirmed + self.dismissed
        return self.confirmed / decided if decided else None


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """One check.

    Attributes:
        whole: Over all months.
        months: Each month in which somebody decided, as ``2026-03`` (UTC), in their order.
    """

    whole: CheckPrecision
    months: tuple[tuple[str, CheckPrecision], ...]
