"""Whether an excursion is a repetition: its guards, its looks, its way, its pace and its range."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Combine, CountSignal, Direction, ExerciseDefinition
from hep_vision.core.likeness import (
    CLEARLY_ALIKE,
    FAMILIAR_FROM,
    FAMILIAR_SHARE,
    SHAPE,
    Likeness,
    Look,
)
from hep_vision.core.orientation import Orientation
from hep_vision.core.phases import Excursion
from hep_vision.core.reps import Poses, failed_guard
from hep_vision.core.types import RepStatus, Side

TRAVEL: Final = "position_x"
"""The measure of moving across the picture; every repetition exercise needs it."""
_BOTH_SIDES_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an excursion is, and why it does not count; ``reason`` is None where it does.

    Attributes:
        doubtful: It may be a repetition, but is not clear enough to be the first of a set.
    """

    status: RepStatus
    reason: str | None
    doubtful: bool = False


ALONE: Final = Verdict(
    RepStatus.REJECTED, "another movement: done once, and not clearly this exercise"
)
TOO_SMALL: Final = "below the smallest range that counts"


class Judge:
    """Judges the excursions of one exercise.

    Args:
        definition: The exercise.
        index: Row of each measure in a moment.
    """

    def __init__(self, definition: ExerciseDefinition, index: dict[str, int]) -> None:
        self._definition = definition
        self._index = index
        in_turns = any(signal.combine is Combine.EACH for signal in definition.count)
        motion = definition.motion
        self._likeness = Likeness(motion, in_turns=in_turns) if motion is not None else None
        self._shape = [index[name] for name in SHAPE if self._likeness is not None]

    def working_side(self, signal: CountSignal, poses: Poses) -> Side:
        """Return the side that moved, or both where neither moved much more than the other."""
        if self._definition.side is Side.BOTH:
            return Side.BOTH
        if self._definition.side_measure is not None:
            effort = poses.change[self._index[self._definition.side_measure]]
        else:
            change = poses.change[self._index[signal.measure]]
            effort = change if signal.direction is Direction.INCREASE else -change
        left, right = (float(value) for value in np.nan_to_num(effort, nan=-np.inf))
        if min(left, right) >= _BOTH_SIDES_SHARE * max(left, right) > 0.0:
            return Side.BOTH
        return Side.LEFT if left > right else Side.RIGHT

    def verdict(
        self,
        excursion: Excursion,
        poses: Poses,
        side: Side,
        stance: Orientation,
        minimum_rom: float,
        *,
        counted: int,
    ) -> Verdict:
        """Return what an excursion is.

        Args:
            excursion: What the phase machine found.
            poses: The body before it, at its extreme and at its end.
            side: The side that worked.
            stance: How the person stands to the camera.
            minimum_rom: The smallest excursion that can be a repetition.
            counted: Repetitions counted before.
        """
        if excursion.ending == "lost":
            return Verdict(RepStatus.REJECTED, "tracking lost")
        if excursion.ending == "timeout":
            return Verdict(RepStatus.REJECTED, "did not return")
        guards, view = self._definition.guards, stance.view
        guard = failed_guard(guards, self._index, poses, view, side, excursion.rom)
        if guard is not None:
            return Verdict(RepStatus.REJECTED, f"another movement: {guard.why}")
        look = self._look(poses, side, stance, returned=excursion.ending == "returned")
        # A partial one is told by its range, not by its looks.
        strangeness = look.strangeness(max(1.0, excursion.rom / minimum_rom)) if look else 0.0
        reach = FAMILIAR_SHARE if counted >= FAMILIAR_FROM else 1.0
        if look is not None and strangeness > reach:
            return Verdict(RepStatus.REJECTED, f"another movement: {look.reason}")
        if self._travelled(poses, stance):
            return Verdict(RepStatus.REJECTED, "another movement: moved across the picture")
        if excursion.close_ms - excursion.start_ms < self._definition.timing.min_rep_ms:
            return Verdict(RepStatus.REJECTED, "too fast to be a repetition")
        if excursion.rom < excursion.reference_rom:
            return Verdict(RepStatus.PARTIAL, _partial_reason(excursion, minimum_rom))
        return Verdict(RepStatus.COUNTED, None, doubtful=self._is_doubtful(strangeness, poses))

    def _is_doubtful(self, strangeness: float, poses: Poses) -> bool:
        """Whether it is not clear enough to be the first of a set.

        Guards pass what is unknown, so of a body that was not seen before it they say nothing.
        """
        unseen = bool(self._shape) and bool(np.isnan(poses.rest[self._shape]).all())
        return strangeness > CLEARLY_ALIKE or unseen

    def _look(
        self, poses: Poses, side: Side, stance: Orientation, *, returned: bool
    ) -> Look | None:
        """Return how the whole body looks beside the exercise's motion; None without one."""
        if self._likeness is None:
            return None
        return self._likeness.look(
            poses.rest[self._shape],
            poses.peak[self._shape],
            stance,
            side,
            back=poses.back[self._shape] if returned else None,
            travel=float(poses.spread[self._index[TRAVEL], 0]) / stance.scale_px,
        )

    def _travelled(self, poses: Poses, stance: Orientation) -> bool:
        limit = self._definition.max_travel_ratio
        if limit is None:
            return False
        row = self._index[TRAVEL]
        travel_px = abs(float(poses.back[row, 0] - poses.rest[row, 0]))
        # NaN compares false: unknown is never evidence.
        return travel_px > limit * stance.scale_px


def _partial_reason(excursion: Excursion, minimum_rom: float) -> str:
    if excursion.rom >= excursion.set_rom:
        return "far below this person's usual range"
    if excursion.set_rom > minimum_rom:
        return "far below the usual range of this set"
    return TOO_SMALL
