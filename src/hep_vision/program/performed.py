"""What was done and how it felt, as plain values: what progress is worked out from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hep_vision.core.targets import Targets
from hep_vision.core.types import ReportKind, Side, View

BEST_REPS: Final = 3
"""How many repetitions a range is the mean of: one alone may be chance (own judgement)."""


@dataclass(frozen=True, slots=True)
class SideRange:
    """How far the counted repetitions of one side went.

    Attributes:
        side: The side that worked.
        peaks: Of the repetitions with the largest range, at most `BEST_REPS`, in the unit of the
            exercise's reported measure.
        uncertainty: Half-width of the interval of one, in that unit.
    """

    side: Side
    peaks: tuple[float, ...]
    uncertainty: float


@dataclass(frozen=True, slots=True)
class PerformedSet:
    """One set, or a part of one that was taken up again.

    Attributes:
        session_id: Its id in the log.
        sitting_id: The sitting it belongs to, if any.
        set_number: Its place there.
        at: When it began, with its offset from UTC.
        exercise_id: Id of the exercise.
        side: The side asked for.
        finished: Whether it got to its end.
        version: Number of the version of the program; None where it followed none.
        view: Where the camera saw it from; None where nobody knows.
        targets: What was set for the patient then.
        tried: Repetitions or holds attempted, counted or not.
        counted: Those that count; what was entered by hand, where that was.
        clean: Of the counted, those without a deviation that matters; None where the form could
            not be judged from that view.
        clean_by_side: The same for each side that worked, with nothing entered by hand.
        held_ms: Time held.
        flags: In how many repetitions or holds each deviation was seen, by its id.
        ranges: How far it went, by side; none where the view does not show it.
        uncertain: Whether a second count came to another number, and nobody looked.
    """

    session_id: str
    at: datetime
    exercise_id: str
    side: Side = Side.BOTH
    sitting_id: str | None = None
    set_number: int | None = None
    finished: bool = True
    version: int | None = None
    view: View | None = None
    targets: Targets | None = None
    tried: int = 0
    counted: int = 0
    clean: int | None = None
    clean_by_side: Mapping[Side, int] = field(default_factory=dict)
    held_ms: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)
    ranges: tuple[SideRange, ...] = ()
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Felt:
    """What a patient said of pain or effort.

    Attributes:
        at: When the sitting began that it is about, with its offset from UTC.
        kind: What was asked.
        value: 0 to 10.
        sitting_id: That sitting.
        exercise_id: The exercise it is about; None for the whole sitting.
    """

    at: datetime
    kind: ReportKind
    value: int
    sitting_id: str = ""
    exercise_id: str | None = None
