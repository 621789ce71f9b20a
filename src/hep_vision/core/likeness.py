"""Whether a repetition looks like its exercise: shape, not size.

One scalar cannot tell a side lunge from a step. So the change of the whole body from rest to the
extreme, seen from the camera, is laid over the change that the exercise's `Motion` would show from
there. The expected change may be smaller or larger: a patient who goes a third of the way moves
in the same direction. What is left over, in proportion to what was expected, is the mismatch.

The person may stand anywhere about the estimated turn to the camera, because that estimate is
rough, and may work with either side unless the movement says which.
"""

from typing import Final

import numpy as np

from hep_vision.core.definition import Limb, Motion
from hep_vision.core.figure import TRUNK_M, movement_m, seen_from
from hep_vision.core.measures import SHAPE_PARTS
from hep_vision.core.orientation import Orientation
from hep_vision.core.types import FloatArray, Side

SHAPE: Final = tuple(f"{part}_{way}" for part in SHAPE_PARTS for way in ("across", "above"))
"""The measures that draw the whole body in the picture; heights grow upwards."""

_LIMB_PARTS: Final = {Limb.ARMS: ("elbow", "wrist"), Limb.LEGS: ("knee", "ankle")}
_TURN_STEP_DEG: Final = 15
_TURNS_DEG: Final = np.arange(0, 360, _TURN_STEP_DEG)
_TURN_TOLERANCE_DEG: Final = 30.0
_LARGEST_SCALE: Final = 1.6
_SLACK_RATIO: Final = 0.12
"""What landmarks move by themselves, in trunk lengths; keeps small movements from being judged."""
_REST_WEIGHT: Final = 0.3
_FEWEST_LANDMARKS: Final = 3


class Likeness:
    """Compares repetitions of one exercise with its motion.

    Args:
        motion: How the whole body moves.
        side: The side that works, if the exercise or its prescription fixes one; else None.
    """

    def __init__(self, motion: Motion, side: Side | None) -> None:
        sides = (side,) if side is not None else (Side.LEFT, Side.RIGHT, Side.BOTH)
        self._rest, self._change = _templates(motion, sides)
        self._weight = np.ones((len(SHAPE_PARTS), 2))
        for limb in motion.free:
            self._weight[[SHAPE_PARTS.index(part) for part in _LIMB_PARTS[limb]]] = 0.0

    def mismatch(self, rest: FloatArray, peak: FloatArray, stance: Orientation) -> float:
        """Return how unlike the exercise a change is; 0 is its very shape.

        Args:
            rest: (len(SHAPE), 2) the measures of `SHAPE` by side before the repetition.
            peak: The same at its extreme.
            stance: How the person stood to the camera.

        Returns:
            Root mean square of what does not fit over what does, free limbs left out; NaN where
            too little of the body was seen.
        """
        rest, peak = _points(rest), _points(peak)
        weight = np.where(np.isfinite(rest + peak).all(axis=-1), self._weight, 0.0)
        total = weight.sum()
        if total < _FEWEST_LANDMARKS:
            return float("nan")
        weight = (weight / total)[..., None]
        rest, change = np.nan_to_num(rest), np.nan_to_num(peak - rest)
        turned = _turns(stance)
        expected = self._change[:, turned]
        size = _sum(weight * expected**2)
        scale = np.clip(_sum(weight * expected * change) / np.maximum(size, 1e-9), 0, None)
        scale = np.minimum(scale, _LARGEST_SCALE)
        left_over = np.sqrt(_sum(weight * (change - scale[..., None, None, None] * expected) ** 2))
        mismatch = left_over / (_SLACK_RATIO + scale * np.sqrt(size))
        away = np.sqrt(_sum(weight * (rest - self._rest[:, turned]) ** 2))
        best = np.unravel_index(np.argmin(mismatch + _REST_WEIGHT * away), mismatch.shape)
        return float(mismatch[best])


def _templates(motion: Motion, sides: tuple[Side, ...]) -> tuple[FloatArray, FloatArray]:
    """Return rest and change of every side and turn, (sides, turns, parts, 2 sides, 2) each."""
    rows = [_row(part) for part in SHAPE_PARTS]
    looks = []
    for side in sides:
        body = movement_m(motion, np.array([0.0, 1.0]), side) / TRUNK_M
        body = body - body[:, _row("hip")].mean(axis=1)[:, None]
        turned = [seen_from(body[:, rows], float(turn)) * (1.0, -1.0) for turn in _TURNS_DEG]
        looks.append(np.stack(turned))
    both = np.stack(looks)
    return both[:, :, 0], both[:, :, 1] - both[:, :, 0]


def _row(part: str) -> list[int]:
    from hep_vision.core.landmarks import Landmark

    left = Landmark[f"LEFT_{part.upper()}"].value
    return [left, left + 1]


def _points(measures: FloatArray) -> FloatArray:
    """Return (parts, sides, 2): across and above, from the measures of `SHAPE`."""
    return np.moveaxis(measures.reshape(len(SHAPE_PARTS), 2, 2), 1, 2)


def _sum(values: FloatArray) -> FloatArray:
    return np.asarray(values.sum(axis=(-3, -2, -1)))


def _turns(stance: Orientation) -> FloatArray:
    """Return which turns the person may have had to the camera, (turns,) bool."""
    if np.isnan(stance.turn_deg):
        return np.ones(len(_TURNS_DEG), dtype=bool)
    turn = stance.turn_deg
    right, left = (turn, 180.0 - turn), (360.0 - turn, 180.0 + turn)
    likely = right if stance.facing == 1.0 else left if stance.facing == -1.0 else right + left
    apart = np.abs((_TURNS_DEG[:, None] - np.array(likely) + 180.0) % 360.0 - 180.0)
    return np.asarray((apart <= _TURN_TOLERANCE_DEG).any(axis=1))
