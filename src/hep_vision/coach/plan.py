"""What is to be done in a sitting: one set after the other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.personal import PersonalRange
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Event, Hold, Rep, RepStatus, Side

HOLD_SHARE: Final = 0.9
"""A hold that ends this near its goal is done: the clock starts a moment after the posture."""


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """One set.

    Attributes:
        exercise: As it is prescribed, targets applied.
        side: The side that works; both follows the person.
        number: Which of the sets of this exercise, from 1.
        of: How many there are, both sides counted.
        reps: Repetitions, or holds where holds are timed.
        hold_ms: How long to hold; 0 for no hold.
        rest_ms: Rest after it.
        targets: What the exercise was prescribed with; None for the catalogue's values.
        personal: What the person usually does, or None.
        tempo: The pace to follow, or None.
        already: Repetitions or holds done before the sitting was interrupted.
        place: Where it stands among all sets of the sitting, from 1.
    """

    exercise: ExerciseDefinition
    side: Side
    number: int
    of: int
    reps: int
    hold_ms: int
    rest_ms: int
    targets: Targets | None = None
    personal: PersonalRange | None = None
    tempo: Tempo | None = None
    already: int = 0
    place: int = 1

    @property
    def setting(self) -> str:
        """Return "Set 2 of 3 · left side"; empty where there is nothing to tell apart."""
        parts = [f"Set {self.number} of {self.of}"] if self.of > 1 else []
        parts += [f"{self.side} side"] if self.side is not Side.BOTH else []
        return " · ".join(parts)

    @property
    def label(self) -> str:
        """Return "Squat · set 2 · left side"."""
        parts = [self.exercise.name]
        parts += [f"set {self.number}"] if self.of > 1 else []
        parts += [f"{self.side} side"] if self.side is not Side.BOTH else []
        return " · ".join(parts)

    @property
    def timed(self) -> bool:
        """Whether the clock alone says how much was done."""
        return self.exercise.kind in (Kind.TIMED_HOLD, Kind.SELF_TIMED)

    @property
    def left(self) -> int:
        """Repetitions or holds that are still to do."""
        return max(0, self.reps - self.already)

    def done_in(self, events: Iterable[Event], side: Side | None = None) -> int:
        """Return how many repetitions counted, or how many holds came near enough to their goal.

        Args:
            events: What the engine found; without a goal a hold is done when it ends.
            side: Only those of this side; None takes all.
        """
        found = [one for one in events if isinstance(one, Rep | Hold) and side in (None, one.side)]
        if not self.timed:
            return sum(isinstance(one, Rep) and one.status is RepStatus.COUNTED for one in found)
        goal_ms = HOLD_SHARE * self.hold_ms
        return sum(isinstance(one, Hold) and one.counted_ms >= goal_ms for one in found)


def sets_of(first: PlannedSet, sets: int, sides: Iterable[Side]) -> tuple[PlannedSet, ...]:
    """Return all sets of an exercise: for each set number, one on each side.

    Args:
        first: What every set is like.
        sets: Number of sets on each side.
        sides: Sides in their order; one of them, or left and right.
    """
    order = [side for _ in range(sets) for side in sides]
    return tuple(
        replace(first, side=side, number=number, of=len(order), place=number)
        for number, side in enumerate(order, 1)
    )
