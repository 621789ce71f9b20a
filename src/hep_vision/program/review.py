"""What a therapist reads before a review, beside the totals: words, examples, and what was seen."""

from dataclasses import dataclass
from datetime import datetime

from hep_vision.core.types import Deviation, StopReason, View


@dataclass(frozen=True, slots=True)
class Told:
    """What the patient said of a sitting in words, or by ending it early.

    Attributes:
        at: When the sitting began, with its offset from UTC.
        message: To the therapist, in the patient's words; None where there is none.
        stop_reason: Why it was ended early, where that was said.
    """

    at: datetime
    message: str | None
    stop_reason: StopReason | None


@dataclass(frozen=True, slots=True)
class Example:
    """The repetition or hold that went furthest beyond the threshold of a check.

    Attributes:
        exercise_id: Id of the exercise.
        at: When its set began, with its offset from UTC.
        set_number: The place of the set in its sitting; None for a recording by itself.
        held: Whether it is a hold.
        view: Where the camera saw it from; None where nobody knows.
        deviation: What was seen.
        track_file: The landmarks of its set, below the folder of the log; None where none are kept.
    """

    exercise_id: str
    at: datetime
    set_number: int | None
    held: bool
    view: View | None
    deviation: Deviation
    track_file: str | None


@dataclass(frozen=True, slots=True)
class SeenSet:
    """How well the camera saw one set, and with what it was judged.

    Attributes:
        at: When it began, with its offset from UTC.
        exercise_id: Id of the exercise.
        view: Where it was seen from; None where nobody knows.
        view_ok: Whether the exercise can be judged from there; None where nobody knows.
        detected_ratio: Share of the pictures in which a person was found; None where unknown.
        lost_ms: Time in which the landmarks needed were not seen.
        uncertain: Whether a second count came to another number, and nobody looked.
        track_file: As for `Example`.
        hep_vision: Version that judged it.
        mediapipe: Version of MediaPipe; None where a landmark track was read.
        model: Name of the pose model; None likewise.
    """

    at: datetime
    exercise_id: str
    view: View | None
    view_ok: bool | None
    detected_ratio: float | None
    lost_ms: int
    uncertain: bool
    track_file: str | None
    hep_vision: str
    mediapipe: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class CorrectedSet:
    """A set whose count was entered by hand.

    Attributes:
        at: When it began, with its offset from UTC.
        exercise_id: Id of the exercise.
        measured: What the camera counted.
        entered: What was entered last.
        note: In the person's words; None where there are none.
    """

    at: datetime
    exercise_id: str
    measured: int
    entered: int
    note: str | None
