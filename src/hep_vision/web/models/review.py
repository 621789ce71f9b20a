"""Clips, flags and what is said of them, and what a therapist has to see first."""

from typing import Annotated

from pydantic import Field

from hep_vision.program.concerns import Kind
from hep_vision.store.review_records import ClipState, Finding
from hep_vision.web.models.programs import Suggestion
from hep_vision.web.models.sessions import Deviation
from hep_vision.web.models.shared import Document, Moment


class Clip(Document):
    """Pictures of one flagged repetition or hold, and how to get them."""

    id: str
    """Id of the clip."""
    session: str
    """Id of its session."""
    sha256: str
    """Checksum of the file that was kept, in hexadecimal."""
    size_bytes: int
    """Length of the file in bytes."""
    ordinal: int
    """Place of its repetition or hold among the events of the session, from 0."""
    rep: int
    """Number of the repetition or hold, from 1."""
    checks: list[str]
    """Ids of the checks that it was kept for."""
    start_ms: int
    """Its first picture, in milliseconds of the recording."""
    end_ms: int
    """Where its last picture ends, in milliseconds of the recording."""
    width_px: int
    """Width of its pictures, in pixels."""
    height_px: int
    """Height of its pictures, in pixels."""
    fps: float
    """Pictures a second, on average."""
    blurred: bool
    """Whether faces are hidden in it."""
    created_at: Moment
    """Moment at which it was kept, UTC."""
    file: str
    """Name of the file in the folder clips of the log."""
    state: ClipState
    """Whether the file is the one that was kept, by its checksum."""
    video: str | None
    """Address of the MP4; null where the file is not the one that was kept."""
    landmarks: str | None
    """Address of its landmarks; null where the session kept none."""


class ClipFrame(Document):
    """The landmarks in one picture."""

    t_ms: int
    """Time from the start of the span, in milliseconds, as in the clip."""
    xy: list[tuple[float, float] | None]
    """For each landmark x to the right and y down, in pixels of image_size; null is not seen."""
    visibility: list[float | None]
    """For each landmark how sure the model is to see it, 0 to 1; null without a pose."""


class ClipLandmarks(Document):
    """The landmarks of a clip, as `hep-vision clips export` writes them."""

    schema_: Annotated[int, Field(alias="schema")]
    """Version of this document."""
    start_ms: int
    """Begin of the span, in milliseconds of the recording."""
    end_ms: int
    """End of the span, in milliseconds of the recording, not included."""
    image_size: tuple[int, int]
    """Width and height of the picture, in pixels; those of a clip may be smaller."""
    edges: list[tuple[int, int]]
    """Pairs of landmarks to draw a line between."""
    frames: list[ClipFrame]
    """Every picture of the span, in its order."""


class Verdict(Document):
    """What a person says of one flag."""

    finding: Finding
    """Whether it is right."""
    note: str | None
    """In the person's words; null where there are none."""
    decided_at: Moment
    """Moment at which it was entered, UTC."""


class Flag(Deviation):
    """A form deviation, with what holds of it."""

    ordinal: int
    """Place of its repetition or hold among the events of the session, from 0."""
    clip: str | None
    """Id of the clip that shows it; null where none was kept."""
    verdict: Verdict | None
    """What was said of it last; null where nobody said anything."""


class _Precision(Document):
    confirmed: int
    """Number of flags found right."""
    dismissed: int
    """Number of flags found wrong."""
    unsure: int
    """Number of flags that could not be told."""
    precision: float | None
    """confirmed / (confirmed + dismissed), 0 to 1; null where nobody decided."""


class CheckMonth(_Precision):
    """How often a check was right, by what was decided in one month."""

    month: Annotated[str, Field(pattern=r"^\d{4}-\d\d$", examples=["2026-03"])]
    """The month (UTC)."""


class Check(_Precision):
    """How often a check was right, by those who looked at its flags."""

    exercise: str
    """Id of the exercise."""
    check: str
    """Id of the check."""
    months: list[CheckMonth]
    """Month by month, in their order; months without a verdict are left out."""


class Evidence(Document):
    """One thing that a concern rests on."""

    sitting: str
    """Id of the sitting."""
    at: Moment
    """Moment at which it was told or done, UTC."""
    what: str
    """What it is, in a few words."""
    value: int | None
    """The score, or the number of repetitions or sets; null where there is no number."""


class Concern(Document):
    """One thing that a therapist has to see."""

    kind: Kind
    """Why."""
    at: Moment
    """Moment of the newest of its evidence, UTC."""
    exercise: str | None
    """Id of the exercise it is about; null where it is about the whole sitting."""
    sentence: str
    """What it is, in one sentence."""
    evidence: list[Evidence]
    """What it rests on, in time order."""


class Concerns(Document):
    """What a therapist has to see first, as `hep-vision concerns --format json` prints it."""

    schema_: Annotated[int, Field(alias="schema")]
    """Version of this document."""
    since: Moment
    """First moment that was looked at, UTC."""
    concerns: list[Concern]
    """The most urgent first, then the newest."""
    suggestions: list[Suggestion]
    """What to consider changing, with what speaks for it."""
