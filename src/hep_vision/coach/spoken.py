"""What the live session says and sounds, as plain values."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Urgency(IntEnum):
    """What goes before what when two things are to be said."""

    COUNT = 1
    PRAISE = 2
    CUE = 3
    SAFETY = 4


class Sound(StrEnum):
    """Short sounds."""

    REP = "rep"
    HOLD = "hold"
    SET_DONE = "set_done"
    COUNTDOWN = "countdown"
    GO = "go"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Saying:
    """One line to be spoken; it is on the screen, too."""

    words: str
    urgency: Urgency
