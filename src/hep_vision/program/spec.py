"""A home exercise program as plain values: who, why, from when, and what on which days."""

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Final

from hep_vision.core.pain import PainZones
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side


class Weekday(StrEnum):
    """Days of the week, as in a program file."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


WEEK: Final = tuple(Weekday)
"""All days, in their order; the index is that of `date.weekday`."""


class Works(StrEnum):
    """Which side of the person works; none where both do, or where they take turns."""

    LEFT = "left"
    RIGHT = "right"
    EACH = "each"
    NONE = "none"


class PainAsk(StrEnum):
    """When the pain after exercise is asked for."""

    EACH_EXERCISE = "each_exercise"
    SITTING = "sitting"


_SIDES: Final = {
    Works.LEFT: (Side.LEFT,),
    Works.RIGHT: (Side.RIGHT,),
    Works.EACH: (Side.LEFT, Side.RIGHT),
    Works.NONE: (Side.BOTH,),
}


@dataclass(frozen=True, slots=True)
class Prescription:
    """One exercise of a program.

    Attributes:
        exercise_id: Id of the exercise.
        sets: Sets on each side that works, each time.
        reps: Repetitions of a set, or holds where holds are timed.
        days: Days of the week, in their order.
        times_per_day: How often on such a day.
        times: When, by the patient's clock, ascending; empty leaves it to the patient.
        hold_ms: How long to hold; None takes the exercise's own.
        rest_ms: Rest between sets; None takes the exercise's own.
        tempo: The pace to follow, or None.
        works: Which side works.
        targets: Goal, minimum, limit, hold and side as set; None for the catalogue's values.
        load: Weight, band or other equipment, in plain words; empty for none.
        precautions: What to take care of in this exercise.
        sources: Where the dose comes from.
    """

    exercise_id: str
    sets: int
    reps: int
    days: tuple[Weekday, ...]
    times_per_day: int = 1
    times: tuple[time, ...] = ()
    hold_ms: int | None = None
    rest_ms: int | None = None
    tempo: Tempo | None = None
    works: Works = Works.NONE
    targets: Targets | None = None
    load: str = ""
    precautions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the sides in their order: one, left and right, or both together."""
        return _SIDES[self.works]


@dataclass(frozen=True, slots=True)
class Program:
    """What a therapist prescribes for one patient.

    Attributes:
        patient: Alias, as written; never part of a path.
        therapist: Who prescribed it.
        start: First day.
        review: Day on which therapist and patient look at it again; nothing ends there.
        exercises: In the order in which they are done.
        goals: In plain words.
        precautions: What to take care of throughout.
        zones: Limits of the pain rule.
        pain_ask: When the pain after exercise is asked for.
    """

    patient: str
    therapist: str
    start: date
    review: date
    exercises: tuple[Prescription, ...]
    goals: tuple[str, ...] = ()
    precautions: tuple[str, ...] = ()
    zones: PainZones = field(default_factory=PainZones)
    pain_ask: PainAsk = PainAsk.EACH_EXERCISE
