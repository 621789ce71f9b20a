"""What goes into the log and comes out of it, as plain values.

Nothing here knows of a database. Events are those of `hep_vision.core.types`. Moments are UTC
stamps as text, ``2026-03-01T09:30:00.000Z``, and come from the caller: the log has no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from hep_vision.core.audit import Audit
from hep_vision.core.personal import PersonalRange
from hep_vision.core.targets import Targets
from hep_vision.core.types import Hold, Rep, ReportKind, Side, StopReason, TrackingLost, View

LoggedEvent = Rep | Hold | TrackingLost
HIGHEST_REPORT: Final = 10  # a numeric rating scale from 0, none, to 10, the worst imaginable


class SourceKind(StrEnum):
    """Where the landmarks of a session came from."""

    WEBCAM = "webcam"
    VIDEO = "video"
    TRACK = "track"


class SessionStatus(StrEnum):
    """How far a session, or a whole sitting, got.

    ``running`` is also what one keeps whose process was killed.
    """

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


def utc_stamp(text: str) -> str:
    """Return an ISO 8601 moment in the one form the log keeps, which sorts as text.

    Raises:
        ValueError: It is not a moment, or does not say its offset from UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(f"{text}: expected a moment with its offset from UTC, such as a final Z")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def escaped(text: str) -> str:
    r"""Return ``text`` with what is not text, as in odd file names, as ``\udcNN`` escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The source of a session; ``None`` is what was not known when it began.

    Attributes:
        kind: Webcam, video file or landmark track.
        path: As the person named it, `escaped`.
        size_bytes: Length of the file.
        width_px: Width of the picture as shown, at full size.
        height_px: Height likewise.
        duration_ms: Length by the container.
        sha256: Checksum of the file, in hexadecimal.
    """

    kind: SourceKind
    path: str
    size_bytes: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", escaped(self.path))


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The pose model that found the landmarks."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What is known of a session when it begins.

    Attributes:
        exercise_id: Id of the exercise.
        exercise_revision: Revision of the exercise file that judged it.
        side: Side that was asked for.
        source: Where the frames came from.
        started_at: Moment it began; see `utc_stamp`.
        hep_vision_version: Version that judged it.
        mediapipe_version: None where a landmark track was read.
        model: None where a landmark track was read.
        targets: What was set for the patient; None where the catalogue's values held.
        personal: The usual range it began with; None where it was learnt from the set.
        sitting_id: The sitting that it is a set of; None where it stands alone.
        set_number: Its number in that sitting, from 1; the same again where a set is repeated.

    Raises:
        ValueError: The moment is none, or the set of a sitting has no number from 1.
    """

    exercise_id: str
    exercise_revision: int
    side: Side
    source: SourceRecord
    started_at: str
    hep_vision_version: str
    mediapipe_version: str | None = None
    model: ModelRecord | None = None
    targets: Targets | None = None
    personal: PersonalRange | None = None
    sitting_id: str | None = None
    set_number: int | None = None

    def __post_init__(self) -> None:
        # A number alone is right: it outlives the sitting.
        if self.set_number is None and self.sitting_id is not None:
            raise ValueError(f"sitting {self.sitting_id}: expected the number of the set")
        if self.set_number is not None and self.set_number < 1:
            raise ValueError(f"set {self.set_number}: expected a number from 1")
        object.__setattr__(self, "started_at", utc_stamp(self.started_at))


@dataclass(frozen=True, slots=True)
class TrackingQuality:
    """How well the person was seen over a whole session.

    Attributes:
        frame_count: Frames looked at.
        detected_ratio: Share of them in which a person was found; None when there was no frame.
        view: How the trunk was turned towards the camera.
        view_ok: Whether the exercise can be judged from there.
    """

    frame_count: int
    detected_ratio: float | None
    view: View
    view_ok: bool


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """Totals over what is logged so far.

    Attributes:
        counted: Repetitions that counted.
        partial: Repetitions that fell short.
        rejected: Excursions that were not taken for a repetition.
        open: Repetitions that the end of the session cut off.
        counted_left: Of the counted, those of the left side.
        counted_right: Likewise of the right side.
        counted_both: Likewise of both sides together.
        flagged: Of the counted, those with a form deviation.
        holds: Timed holds.
        held_ms: Time of all holds in which the posture was right.
    """

    counted: int = 0
    partial: int = 0
    rejected: int = 0
    open: int = 0
    counted_left: int = 0
    counted_right: int = 0
    counted_both: int = 0
    flagged: int = 0
    holds: int = 0
    held_ms: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says the right count is.

    Attributes:
        count: Repetitions, or holds in an exercise that times holds.
        corrected_at: Moment it was entered; see `utc_stamp`.
        note: In the person's words, `escaped`; None where there are none.
    """

    count: int
    corrected_at: str
    note: str | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"{self.count}: expected a count of 0 or more")
        object.__setattr__(self, "corrected_at", utc_stamp(self.corrected_at))
        object.__setattr__(self, "note", escaped(self.note) if self.note else None)


@dataclass(frozen=True, slots=True)
class ProgramRef:
    """One version of one home exercise program."""

    program_id: str
    number: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the log.

    Attributes:
        session_id: UUID; its first characters suffice wherever they are unique.
        header: As it was given at the beginning.
        status: How far it got.
        status_reason: Why it failed or was interrupted, if that was said.
        ended_at: None while it runs, and for ever if its process was killed.
        tracking: None where the session never got to its end.
        counts: Totals over the events logged.
        track_path: The landmark track, or None where none was kept.
        audit: The second count; None for a timed hold, a session without an end, an old log.
        corrections: Counts entered by hand, the latest last.
        program: The version of the program that it was done by; None where it followed none.
    """

    session_id: str
    header: SessionHeader
    status: SessionStatus
    status_reason: str | None
    ended_at: str | None
    tracking: TrackingQuality | None
    counts: SessionCounts
    track_path: Path | None
    audit: Audit | None = None
    corrections: tuple[Correction, ...] = ()
    program: ProgramRef | None = None

    @property
    def measured_count(self) -> int:
        """Repetitions counted, or holds in an exercise that times holds."""
        return self.counts.counted or self.counts.holds

    @property
    def corrected_count(self) -> int | None:
        """The count entered by hand last; None where nobody did."""
        return self.corrections[-1].count if self.corrections else None

    @property
    def doubtful(self) -> bool:
        """Whether the count is uncertain and nobody has looked yet."""
        return self.audit is not None and self.audit.uncertain and not self.corrections


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """A session with every event, in the order they were recorded."""

    row: SessionRow
    events: tuple[LoggedEvent, ...]

    @property
    def reps(self) -> tuple[Rep, ...]:
        """Repetitions of every status."""
        return tuple(event for event in self.events if isinstance(event, Rep))

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Timed holds."""
        return tuple(event for event in self.events if isinstance(event, Hold))

    @property
    def lost(self) -> tuple[TrackingLost, ...]:
        """Spans in which the landmarks needed were not seen."""
        return tuple(event for event in self.events if isinstance(event, TrackingLost))


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What a patient says of pain or effort, as a whole number from 0 to 10.

    Attributes:
        kind: What was asked.
        value: 0, none, to 10, the worst imaginable or all that is possible.
        reported_at: Moment it was said; see `utc_stamp`.
        exercise_id: The exercise it is about; None where it is about the whole sitting.

    Raises:
        ValueError: The value is none of the eleven, or the moment is none.
    """

    kind: ReportKind
    value: int
    reported_at: str
    exercise_id: str | None = None

    def __post_init__(self) -> None:
        if self.value not in range(HIGHEST_REPORT + 1):
            raise ValueError(f"{self.value}: expected a whole number from 0 to {HIGHEST_REPORT}")
        object.__setattr__(self, "reported_at", utc_stamp(self.reported_at))


@dataclass(frozen=True, slots=True)
class SittingSet:
    """One set of a sitting, which is a session of its own."""

    set_number: int
    session: SessionRow


@dataclass(frozen=True, slots=True)
class ProgramVersionRow:
    """A home exercise program as it held from one moment until its next version.

    Attributes:
        ref: Which program, and the number of the version, from 1.
        patient: The alias in it.
        valid_from: Moment from which it holds; see `utc_stamp`.
        plan: Its text, as the therapist wrote it.
        created_at: Moment it was entered.
    """

    ref: ProgramRef
    patient: str
    valid_from: str
    plan: str
    created_at: str


@dataclass(frozen=True, slots=True)
class LoggedSet:
    """One set of a sitting; ``set_number`` is its place there.

    Attributes:
        exercise_id: Id of the exercise.
        side: Side that was asked for; both follows the person.
        started_at: Moment it began.
        status: How far it got.
        set_number: Its place in the sitting, from 1.
        counted: Counted repetitions of each side that has any. Known of a recording that follows
            the person; empty otherwise, as it is then for the status to say what was done.
        held_ms: Side and time of each of its holds, likewise.
    """

    exercise_id: str
    side: Side
    started_at: str
    status: SessionStatus
    set_number: int
    session_id: str = ""
    counted: Mapping[Side, int] = field(default_factory=dict)
    held_ms: tuple[tuple[Side, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BookedRecording:
    """A recording that counts as done by a program."""

    sitting_id: str
    session_id: str
    started_at: str


@dataclass(frozen=True, slots=True)
class LoggedSitting:
    """A sitting and how far its sets got, without what was counted."""

    sitting_id: str
    started_at: str
    status: SessionStatus
    plan: Mapping[str, Any]
    sets: tuple[LoggedSet, ...]
    program: ProgramRef | None = None


@dataclass(frozen=True, slots=True)
class MessageReading:
    """That somebody read a message.

    Attributes:
        read_at: Moment it was entered; see `utc_stamp`.
        read_by: Who, in their own words, `escaped`; None where that was not said.
    """

    read_at: str
    read_by: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "read_at", utc_stamp(self.read_at))
        object.__setattr__(self, "read_by", escaped(self.read_by) if self.read_by else None)


@dataclass(frozen=True, slots=True)
class SittingRow:
    """One time in front of the camera: several sets, one after the other.

    Attributes:
        sitting_id: UUID; its first characters suffice wherever they are unique.
        started_at: Moment it began; see `utc_stamp`.
        ended_at: None while it runs, and where its process was killed.
        status: How far it got.
        plan: What was to be done, as the program that began it wrote it down.
        stop_reason: Why the patient stopped, where that was said last; it stays where the sitting
            was taken up again and finished.
        message: For the therapist, in the patient's words, `escaped`; None where there is none.
        hep_vision_version: Version that began it.
        reports: What the patient said of pain and effort, in the order it was entered.
        sets: The sets in the order they were begun.
        program: The version of the program it was done by; None where it followed none.
        reading: Who read the message as it is now, and when; None where nobody did, or where words
            were added since.
    """

    sitting_id: str
    started_at: str
    ended_at: str | None
    status: SessionStatus
    plan: Mapping[str, Any]
    stop_reason: StopReason | None
    message: str | None
    hep_vision_version: str
    reports: tuple[SelfReport, ...] = ()
    sets: tuple[SittingSet, ...] = ()
    program: ProgramRef | None = None
    reading: MessageReading | None = None

    def reported(self, kind: ReportKind, exercise_id: str | None = None) -> int | None:
        """Return what was said last of this kind, of one exercise or of the whole sitting.

        Returns:
            0 to 10, or None where nobody said anything.
        """
        said = [
            report.value
            for report in self.reports
            if (report.kind, report.exercise_id) == (kind, exercise_id)
        ]
        return said[-1] if said else None
