"""The tables of a batch: those of the log about sessions, and two about the batch itself."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from hep_vision.exports.columns import Column, Kind, Table
from hep_vision.exports.tables import DEVIATIONS, HOLDS, LOSSES, REPS, SESSIONS


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """What was asked of a recording and what it led to.

    Attributes:
        path: As it was named.
        exercise: What was asked for: an id, ``auto``, or None.
        side: Likewise.
        patient: Alias, or None.
        program: Whether it counts as done by the program.
        recorded_at: When it was filmed, as an ISO 8601 moment in UTC; None where nobody knows.
        session_id: The session in the other tables; None where it failed.
        confidence: How sure the exercise was recognised, 0..1; None where it was told.
        sha256: Checksum of the file.
        track: Landmark track, from the folder of tracks; None where it failed.
        notes: What a person must know of it.
    """

    path: str
    exercise: str | None
    side: str | None
    patient: str | None
    program: bool
    recorded_at: str | None
    session_id: str | None = None
    confidence: float | None = None
    sha256: str | None = None
    track: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedRecording:
    """A recording without results.

    Attributes:
        recording: What was asked.
        reason: One line that says what is wrong and what to do.
        exit_code: What the command line would have ended with for this one alone.
    """

    recording: ListedRecording
    reason: str
    exit_code: int


def _column(
    name: str, kind: Kind, meaning: str, value: Callable[[Any], object] | None = None
) -> Column:
    return Column(name, kind, "", meaning, value or attrgetter(name))


_ASKED: Final = (
    ("path", Kind.TEXT, "the recording, as it was named"),
    ("exercise", Kind.TEXT, "exercise that was asked for; auto: recognise it"),
    ("side", Kind.TEXT, "side that was asked for: left or right"),
    ("patient", Kind.TEXT, "the alias in the program"),
    ("program", Kind.TRUTH, "it counts as done by the program"),
)
RECORDINGS: Final = Table(
    "recordings",
    "Every recording of the batch, in the order it was named.",
    (
        *(_column(*one) for one in _ASKED),
        _column("recorded_at", Kind.MOMENT, "when it was filmed"),
        _column("session_id", Kind.TEXT, "its session in the other tables; unknown: it failed"),
        _column("confidence", Kind.NUMBER, "how sure the exercise was recognised, 0 to 1"),
        _column("sha256", Kind.TEXT, "checksum of the file"),
        _column("track", Kind.TEXT, "its landmarks, a file in the folder of tracks"),
        _column("notes", Kind.TEXTS, "what a person must know of it"),
    ),
)
FAILURES: Final = Table(
    "failures",
    "Recordings without results.",
    (
        *(_column(*one, attrgetter(f"recording.{one[0]}")) for one in _ASKED),
        _column("reason", Kind.TEXT, "what is wrong and what to do"),
        _column("exit_code", Kind.WHOLE, "that of `analyze` for this recording alone"),
    ),
)

BATCH_TABLES: Final = (RECORDINGS, SESSIONS, REPS, HOLDS, DEVIATIONS, LOSSES, FAILURES)
