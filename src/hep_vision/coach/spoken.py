"""What the live session says and sounds, as plain values."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Urgency(Enum):
    """What may be said when, from what can be lost to what cannot.

    Praise waits for everything else. Counts and cues take their turn in the order in which they
    came. Safety interrupts all of them, and is the only kind that is never dropped.
    """

    PRAISE = "praise"
    COUNT = "count"
    CUE = "cue"
    SAFETY = "safety"


class Sound(StrEnum):
    """What a short sound stands for."""

    REP = "rep"
    HOLD_REACHED = "hold_reached"
    SET_DONE = "set_done"
    COUNTDOWN = "countdown"
    GO = "go"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Saying:
    """One line to be spoken; it is on the screen, too."""

    words: str
    urgency: Urgency
