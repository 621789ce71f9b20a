"""Sessions, sittings and landmark tracks."""

from typing import Any

from hep_vision.core.types import ReportKind, RepStatus, Severity, Side, StopReason, View
from hep_vision.store.records import SessionStatus, SourceKind
from hep_vision.web.models.shared import Document, Moment, Reference


class SessionExercise(Document):
    """The exercise of a session."""

    id: str
    """Id of the exercise."""
    revision: int
    """Revision of the exercise file that judged it."""


class Targets(Document):
    """What was set for the patient in this session."""

    goal: float | None
    """Value of the measure that is aimed at, in unit; null is the exercise's own."""
    minimum: float | None
    """Smallest range from rest that counts, in unit; null is the exercise's own."""
    limit: float | None
    """Safety maximum, in unit; null is the exercise's own."""
    hold_ms: int | None
    """Time to hold, in milliseconds; null is the exercise's own."""
    side: Side | None
    """Side that works; null is the exercise's own."""
    measure: str | None
    """The measure that the values are of; null is the one that the exercise shows."""
    unit: str | None
    """Unit of goal, minimum and limit: deg, or ratio of trunk length."""


class UsualRange(Document):
    """How far the person usually goes."""

    measure: str
    """The measure that was counted."""
    view: View
    """Where it was seen from."""
    side: Side
    """The side that was followed alone, or both."""
    rom: float
    """Size of the usual excursion, in the unit of the measure."""


class PersonalRange(Document):
    """The usual range that was known beforehand."""

    origin: str
    """Where it comes from, in words."""
    usual: list[UsualRange]
    """One range for each signal, view and side."""


class SessionSource(Document):
    """Where the landmarks came from."""

    kind: SourceKind
    """A webcam, a video, or a landmark track."""
    path: str
    """The file as the person named it, or the number of the camera."""
    size_bytes: int | None
    """Length of the file in bytes; null where it was not known."""
    sha256: str | None
    """Checksum of the file, in hexadecimal; null where it was not known."""
    width: int | None
    """Width of the picture as shown, in pixels; null where it was not known."""
    height: int | None
    """Height of the picture as shown, in pixels; null where it was not known."""
    duration_ms: int | None
    """Length by the file, in milliseconds; null where it was not known."""
    frames: int | None
    """Number of pictures that were looked at; null for a session without an end."""


class SessionSeen(Document):
    """How well the person was seen."""

    detected_ratio: float | None
    """Share of the pictures in which a person was found, 0 to 1; null where it is not known."""
    view: View | None
    """How the trunk was turned towards the camera; null for a session without an end."""
    view_ok: bool | None
    """Whether the exercise can be judged from there; null for a session without an end."""


class Lost(Document):
    """A span in which the landmarks needed were not seen."""

    start_ms: int
    """Begin, in milliseconds of the recording."""
    end_ms: int
    """End, in milliseconds of the recording, not included."""


class SessionTracking(SessionSeen):
    """How well the person was seen, and when not."""

    lost: list[Lost]
    """Spans in which the landmarks needed were not seen."""


class CountedBySide(Document):
    """The counted repetitions by the side that worked."""

    left: int
    """Number of counted repetitions of the left side."""
    right: int
    """Number of counted repetitions of the right side."""
    both: int
    """Number of counted repetitions of both sides together."""


class Counts(Document):
    """Totals of a session."""

    counted: int
    """Number of repetitions that counted."""
    partial: int
    """Number of repetitions that fell short."""
    rejected: int
    """Number of movements that were not taken for a repetition."""
    open: int
    """Number of repetitions that the end of the session cut off."""
    by_side: CountedBySide
    """The counted ones by the side that worked."""
    flagged: int
    """Number of counted repetitions with a deviation."""
    holds: int
    """Number of timed holds."""
    held_ms: int
    """Time in which the posture of the holds was right, in milliseconds."""


class Audit(Document):
    """A second, independent count."""

    recount: int
    """Number of repetitions that it found."""
    uncertain: bool
    """Whether that differs from what was counted by more than one."""


class Correction(Document):
    """The right count, as a person entered it."""

    count: int
    """Number of repetitions, or of holds in an exercise that times holds."""
    corrected_at: Moment
    """Moment at which it was entered, UTC."""
    note: str | None
    """Why, in the person's words; null where there are none."""


class Rep(Document):
    """A repetition of any status."""

    index: int | None
    """Number among the counted ones, from 1; null for all others."""
    side: Side
    """The side that worked."""
    start_ms: int
    """Rest is left, in milliseconds of the recording."""
    peak_ms: int
    """The extreme, in milliseconds of the recording."""
    end_ms: int
    """Rest is reached again, in milliseconds of the recording."""
    status: RepStatus
    """What became of it."""
    reason: str | None
    """Why it is not counted, in words; null if it is."""
    peak_deg: float | None
    """Extreme of the exercise's measure, in its unit; null where the view does not show it."""
    rom_deg: float | None
    """That minus the value at rest, in the unit of the measure; null likewise."""
    uncertainty_deg: float | None
    """Half-width of the interval to expect around both, in the unit of the measure."""
    concentric_ms: int
    """The way there, in milliseconds."""
    eccentric_ms: int
    """The way back, in milliseconds."""
    hold_ms: int
    """The stay in between, in milliseconds."""
    deviations: list[str]
    """Ids of the checks that flagged it."""
    not_checked: list[str]
    """Ids of the checks that view or tracking did not allow."""


class Hold(Document):
    """A timed hold."""

    index: int
    """Number of the hold, from 1."""
    side: Side
    """The side that worked."""
    start_ms: int
    """Begin, in milliseconds of the recording."""
    end_ms: int
    """End, in milliseconds of the recording."""
    counted_ms: int
    """Time in which the posture was right, in milliseconds."""
    deviations: list[str]
    """Ids of the checks that flagged it."""
    not_checked: list[str]
    """Ids of the checks that view or tracking did not allow."""


class Deviation(Document):
    """A form deviation."""

    id: str
    """Id of the check in the exercise file, or over_limit."""
    rep: int
    """Index of the repetition, or of the hold in an exercise that times holds."""
    side: Side
    """The side it was seen on."""
    severity: Severity
    """How much it matters."""
    start_ms: int
    """Begin, in milliseconds of the recording."""
    end_ms: int
    """End, in milliseconds of the recording."""
    value: float | None
    """The most deviating value, in unit; null where it is not a number."""
    threshold: float | None
    """The bound it crossed, in unit; null where it is not a number."""
    unit: str
    """Unit of value and threshold: deg, ratio, percent, ms or s."""
    cue: str
    """One line to the patient."""


class Versions(Document):
    """What judged the session."""

    hep_vision: str
    """Version of hep-vision."""
    mediapipe: str | None
    """Version of mediapipe; null where a landmark track was read."""
    model: str | None
    """Name of the pose model; null likewise."""
    model_sha256: str | None
    """Checksum of the pose model, in hexadecimal; null likewise."""


class _Session(Document):
    id: str
    """Id of the session."""
    status: SessionStatus
    """How far it got."""
    status_reason: str | None
    """Why it failed or was interrupted, if that was said."""
    started_at: Moment
    """Moment at which it began, UTC."""
    ended_at: Moment | None
    """Moment at which it ended, UTC; null while it runs, and where its process was killed."""
    sitting: str | None
    """Id of the sitting that it is a set of; null where it stands alone."""
    set_number: int | None
    """Number of the set in its sitting, from 1."""
    program: Reference | None
    """The version of the program that its sitting followed; null where it followed none."""
    exercise: SessionExercise
    """What was done."""
    side: Side
    """Side that was asked for."""
    targets: Targets | None
    """What was set for the patient; null where the exercise's own values held."""
    personal_range: PersonalRange | None
    """The usual range that was known beforehand; null where it was learnt from the set."""
    source: SessionSource
    """Where the landmarks came from."""
    track: str | None
    """Name of the landmark track's file; null where none was kept."""
    counts: Counts
    """Totals."""
    audit: Audit | None
    """A second count; null for timed holds, and where there is none."""
    corrected: int | None
    """The count that was entered by hand last; null where nobody did."""
    versions: Versions
    """What judged it."""


class SessionLine(_Session):
    """A session in a list, without its events."""

    tracking: SessionSeen
    """How well the person was seen."""


class Session(_Session):
    """A session with every event, as `hep-vision log show` prints it."""

    tracking: SessionTracking
    """How well the person was seen, and when not."""
    corrections: list[Correction]
    """Counts entered by hand, in the order of entry."""
    reps: list[Rep]
    """Repetitions of every status, in their order."""
    holds: list[Hold]
    """Timed holds, in their order."""
    deviations: list[Deviation]
    """Every form deviation, in the order of the repetitions."""


class Track(Document):
    """The landmarks of a session, as numbers."""

    session: str
    """Id of the session."""
    image_size: list[int]
    """Width and height of the picture, in pixels."""
    landmarks: list[str]
    """Names of the 33 landmarks in their order; left and right are the person's own."""
    timestamp_ms: list[int]
    """Time of each picture, in milliseconds of the recording."""
    image_px: list[list[list[float | None]]]
    """For each picture and landmark x to the right and y down, in pixels; null is not seen."""
    world_m: list[list[list[float | None]]]
    """For each picture and landmark x, y, z in metres from between the hips, y down; null is not
    known."""
    visibility: list[list[float | None]]
    """For each picture and landmark how sure the model is to see it, 0 to 1; null without a
    pose."""


class Report(Document):
    """What the patient said of pain or effort."""

    kind: ReportKind
    """What was asked."""
    value: int
    """A whole number from 0, none, to 10, the worst imaginable or all that is possible."""
    reported_at: Moment
    """Moment at which it was said, UTC."""
    exercise: str | None
    """Id of the exercise that it is about; null where it is about the whole sitting."""


class SittingSet(Document):
    """A set of a sitting."""

    set_number: int
    """Its number, from 1; the same again where a set was repeated."""
    session: str
    """Id of its session."""
    exercise: str
    """Id of its exercise."""
    side: Side
    """Side that was asked for."""
    status: SessionStatus
    """How far it got."""


class MessageRead(Document):
    """That somebody read a message."""

    read_at: Moment
    """Moment at which it was entered, UTC."""
    read_by: str | None
    """Who, in their own words; null where that was not said."""


class SittingLine(Document):
    """One time in front of the camera."""

    id: str
    """Id of the sitting."""
    status: SessionStatus
    """How far it got."""
    started_at: Moment
    """Moment at which it began, UTC."""
    ended_at: Moment | None
    """Moment at which it ended, UTC; null while it runs, and where its process was killed."""
    program: Reference | None
    """The version of the program it was done by; null where it followed none."""
    stop_reason: StopReason | None
    """Why the patient stopped, where that was said."""
    message: str | None
    """To the therapist, in the patient's words."""
    message_read: MessageRead | None
    """Who read the message as it is now, and when; null where nobody did, or where words were
    added since."""
    hep_vision: str
    """Version of hep-vision that began it."""
    reports: list[Report]
    """What the patient said, in the order it was entered; of several of a kind the last holds."""
    sets: list[SittingSet]
    """The sets, in the order they were begun."""


class Sitting(SittingLine):
    """One time in front of the camera, with its plan and what each set came to."""

    plan: dict[str, Any]
    """What was to be done, as the program that began it wrote it down; its keys may change."""
    sessions: list[SessionLine]
    """What each set came to, in the order they were begun."""
