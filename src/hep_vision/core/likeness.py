"""Whether a repetition looks like its exercise: shape, not size.

One scalar cannot tell a side lunge from a step. So the change of the whole body from rest to the
extreme, seen from the camera, is laid over the change that the exercise's `Motion` would show from
there. The expected change may be smaller or larger: a patient who goes a third of the way moves
in the same direction. What is left over, in proportion to what was expected, is the mismatch.

The person may stand anywhere about the estimated turn to the camera, because that estimate is
rough; may be larger or smaller than the trunk makes believe, which a camera sees shortened; and
may work with either side unless the movement says which.

The limits were placed on the development recordings: of 2,146 excursions in recordings of the
exercise itself 96 % pass them, of the excursions in recordings of something else 49 % do. See
``docs/counting.md`` for what that does to the counts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import Limb, Motion
from hep_vision.core.figure import TRUNK_M, movement_m, seen_from
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import SHAPE_PARTS, SIDES
from hep_vision.core.orientation import Orientation
from hep_vision.core.types import FloatArray, Side

SHAPE: Final = tuple(f"{part}_{way}" for part in SHAPE_PARTS for way in ("across", "above"))
"""The measures that draw the whole body in the picture; heights grow upwards."""

LARGEST_MISMATCH: Final = 1.0
LARGEST_DISTANCE: Final = 0.9
FAMILIAR_SHARE: Final = 1.4
"""How much further the limits reach in a set that has shown to be the exercise: people tire."""
FAMILIAR_FROM: Final = 2
"""Repetitions counted in a set that show it."""

_LIMB_PARTS: Final = {Limb.ARMS: ("elbow", "wrist"), Limb.LEGS: ("knee", "ankle")}
_LIMBS: Final = tuple(part for parts in _LIMB_PARTS.values() for part in parts)
_TURN_STEP_DEG: Final = 15
_TURNS_DEG: Final = np.arange(0, 360, _TURN_STEP_DEG)
_TURN_TOLERANCE_DEG: Final = 30.0
_SHARES: Final = (0.35, 0.7, 1.0)
_LARGEST_SHARE: Final = 1.6
_LARGEST_RESIZING: Final = 1.7
_SLACK_RATIO: Final = 0.15
"""What landmarks move by themselves, in trunk lengths; keeps small movements from being judged."""
_DISTANCE_WEIGHT: Final = 0.3
_FEWEST_LANDMARKS: Final = 3


@dataclass(frozen=True, slots=True)
class Look:
    """How a repetition looks beside its exercise; NaN where too little of the body was seen.

    Attributes:
        mismatch: Root mean square of the change that does not fit over the change that does.
        distance: Root mean square distance from the posture at rest, in trunk lengths.
    """

    mismatch: float
    distance: float


class Likeness:
    """Compares repetitions of one exercise with its motion.

    Args:
        motion: How the whole body moves.
        in_turns: The sides take turns, so the one that does not work is on a way of its own.
    """

    def __init__(self, motion: Motion, *, in_turns: bool = False) -> None:
        self._rest, self._change = _templates(motion, _sides_of(motion))
        self._in_turns = in_turns
        self._weight = np.ones((len(SHAPE_PARTS), 2))
        for limb in motion.free:
            self._weight[[SHAPE_PARTS.index(part) for part in _LIMB_PARTS[limb]]] = 0.0

    def look(
        self, rest: FloatArray, peak: FloatArray, stance: Orientation, side: Side = Side.BOTH
    ) -> Look:
        """Return how alike a repetition is.

        Args:
            rest: (len(SHAPE), 2) the measures of `SHAPE` by side before the repetition.
            peak: The same at its extreme.
            stance: How the person stood to the camera.
            side: The side that works, where sides take turns.
        """
        rest, peak = _points(rest), _points(peak)
        seen = np.isfinite(rest + peak).all(axis=-1)
        weight = np.where(seen, self._weight_of(side), 0.0)
        if weight.sum() < _FEWEST_LANDMARKS:
            return Look(float("nan"), float("nan"))
        weight = (weight / weight.sum())[..., None]
        rest, change = np.nan_to_num(rest), np.nan_to_num(peak - rest)
        turned = _turns(stance)
        standard, expected = self._rest[:, turned], self._change[:, turned]
        resizing = _ratio(_sum(weight * standard * rest), _sum(weight * rest**2))
        resizing = np.clip(resizing, 1.0 / _LARGEST_RESIZING, _LARGEST_RESIZING)[..., *_EACH]
        size = _sum(weight * expected**2)
        share = _ratio(_sum(weight * expected * change * resizing), size)
        share = np.clip(share, 0.0, _LARGEST_SHARE)
        left_over = change * resizing - share[..., *_EACH] * expected
        mismatch = np.sqrt(_sum(weight * left_over**2)) / (_SLACK_RATIO + share * np.sqrt(size))
        distance = np.sqrt(_sum(weight * (rest * resizing - standard) ** 2))
        total = mismatch + _DISTANCE_WEIGHT * distance
        best = np.unravel_index(np.argmin(total), mismatch.shape)
        return Look(float(mismatch[best]), float(distance[best]))

    def _weight_of(self, side: Side) -> FloatArray:
        if not self._in_turns or side is Side.BOTH:
            return self._weight
        weight = self._weight.copy()
        other = 1 if side is Side.LEFT else 0
        weight[[SHAPE_PARTS.index(part) for part in _LIMBS], other] = 0.0
        return weight


_EACH: Final = (None, None, None)


def _sides_of(motion: Motion) -> tuple[Side, ...]:
    """Return who may work: both, or either side where the motion tells them apart.

    Two arms may also do together what one does; two legs that did would be another exercise.
    """
    angles = {**motion.rest, **motion.goal}
    told_apart = [name for name, angle in angles.items() if isinstance(angle, tuple)]
    if not told_apart:
        return (Side.BOTH,)
    arms_only = all(name.startswith(("shoulder", "elbow")) for name in told_apart)
    return (*SIDES, Side.BOTH) if arms_only else SIDES


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.asarray(above / np.maximum(below, 1e-9))


def _templates(motion: Motion, sides: tuple[Side, ...]) -> tuple[FloatArray, FloatArray]:
    """Return rest and change of every side, share and turn, (looks, turns, parts, 2 sides, 2).

    A third of the way up, an arm has gone another way than the straight one to the goal.
    """
    rows = [_row(part) for part in SHAPE_PARTS]
    rests, changes = [], []
    for side in sides:
        body = movement_m(motion, np.array([0.0, *_SHARES]), side) / TRUNK_M
        body = body - body[:, _row("hip")].mean(axis=1)[:, None]
        seen = [seen_from(body[:, rows], float(turn)) * (1.0, -1.0) for turn in _TURNS_DEG]
        rest, *others = np.stack(seen, axis=1)
        rests += [rest] * len(others)
        changes += [other - rest for other in others]
    return np.stack(rests), np.stack(changes)


def _row(part: str) -> list[int]:
    left = Landmark[f"LEFT_{part.upper()}"].value
    return [left, left + 1]


def _points(measures: FloatArray) -> FloatArray:
    """Return (parts, sides, 2): across and above, from the measures of `SHAPE`."""
    return np.moveaxis(measures.reshape(len(SHAPE_PARTS), 2, 2), 1, 2)


def _sum(values: FloatArray) -> FloatArray:
    return np.asarray(values.sum(axis=(-3, -2, -1)))


def _turns(stance: Orientation) -> NDArray[np.bool_]:
    """Return which turns the person may have had to the camera, (turns,) bool."""
    if np.isnan(stance.turn_deg):
        return np.ones(len(_TURNS_DEG), dtype=bool)
    turn = stance.turn_deg
    right, left = (turn, 180.0 - turn), (360.0 - turn, 180.0 + turn)
    likely = right if stance.facing == 1.0 else left if stance.facing == -1.0 else right + left
    apart = np.abs((_TURNS_DEG[:, None] - np.array(likely) + 180.0) % 360.0 - 180.0)
    return np.asarray((apart <= _TURN_TOLERANCE_DEG).any(axis=1))
