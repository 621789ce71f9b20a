"""Whether a repetition looks like its exercise: shape, not size.

One scalar cannot tell a side lunge from a step. So the change of the whole body from rest to the
extreme, seen from the camera, is laid over the change that the exercise's `Motion` would show from
there. The expected change may be smaller or larger: a patient who goes a third of the way moves
in the same direction. What is left over, in proportion to what was expected, is the mismatch.

The person may stand anywhere about the estimated turn to the camera, because that estimate is
rough; may be larger or smaller than the trunk makes believe, which a camera sees shortened; and
may work with either side unless the movement says which.

Five things speak against a repetition: a change that does not fit, a start from another posture,
hips that wander more than the exercise moves them, a body that does not come back with the limb
that is counted, and a movement so small that anything could be it. None of them has to be large;
together they are the length of a vector. See ``docs/counting.md`` for what that does to the counts.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import Limb, Motion
from hep_vision.core.figure import SHOULDER_HALF_M, TRUNK_M, movement_m, seen_from
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import SHAPE_PARTS, SIDES
from hep_vision.core.orientation import Orientation
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import FloatArray, Side

SHAPE: Final = tuple(f"{part}_{way}" for part in SHAPE_PARTS for way in ("across", "above"))
"""The measures that draw the whole body in the picture; heights grow upwards."""

LARGEST_MISMATCH: Final = 1.2
LARGEST_DISTANCE: Final = 1.0
LARGEST_TRAVEL: Final = 0.3
LARGEST_REMAINDER: Final = 1.0
SMALL_EFFORT: Final = 0.6
"""Of a movement this small nothing else may be off; the smallest that counts is 1."""
CLEARLY_ALIKE: Final = 0.6
"""Strangeness up to which a repetition counts alone; above, a second one must follow soon."""
FAMILIAR_SHARE: Final = 1.4
"""How much further the limit reaches in a set that has shown to be the exercise: people tire."""
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
_USUAL_REMAINDER: Final = 0.4
"""A repetition ends when 60 % of the counted range has been given back."""
_SHOULDERS_RATIO: Final = 2.0 * SHOULDER_HALF_M / TRUNK_M
"""Width of the shoulders in trunk lengths; a trunk towards the camera makes them look wider."""
_WIDEST_SHOULDERS_RATIO: Final = 1.4
"""Wider, the trunk is seen at half its length or less, and lengths in trunks say nothing."""
_DISTANCE_WEIGHT: Final = 0.3
_FEWEST_LANDMARKS: Final = 3


@dataclass(frozen=True, slots=True)
class Look:
    """How a repetition looks beside its exercise; NaN where too little of the body was seen.

    Attributes:
        mismatch: Root mean square of the change that does not fit over the change that does.
        distance: Root mean square distance from the posture at rest, in trunk lengths.
        travel: How far the hips went sideways beyond what the exercise moves them, in trunk
            lengths.
        remainder: How far the body was from where it began when the counted limb was back, over
            the change that fits; what a repetition still lacks then is taken off.
    """

    mismatch: float
    distance: float
    travel: float
    remainder: float

    def strangeness(self, effort: float) -> float:
        """Return how unlike the exercise it is: up to 1 it may be a repetition.

        Args:
            effort: Excursion over the smallest that counts.
        """
        # What is not known is never evidence.
        return float(np.sqrt(np.nansum(np.square([*self._parts(), SMALL_EFFORT / effort]))))

    @property
    def reason(self) -> str:
        """What speaks most against it, in plain words."""
        return _REASONS[int(np.argmax(np.nan_to_num(self._parts())))]

    def _parts(self) -> tuple[float, ...]:
        return (
            self.mismatch / LARGEST_MISMATCH,
            self.distance / LARGEST_DISTANCE,
            self.travel / LARGEST_TRAVEL,
            self.remainder / LARGEST_REMAINDER,
        )


_REASONS: Final = (
    "the body moved in another way",
    "it began from another posture",
    "the hips wandered",
    "the body did not come back",
)


class Likeness:
    """Compares repetitions of one exercise with its motion.

    Args:
        motion: How the whole body moves.
        in_turns: The sides take turns, so the one that does not work is on a way of its own.
    """

    def __init__(self, motion: Motion, *, in_turns: bool = False) -> None:
        self._rest, self._change, self._travel = _templates_of(motion)
        self._in_turns = in_turns
        self._weight = np.ones((len(SHAPE_PARTS), 2))
        for limb in motion.free:
            self._weight[[SHAPE_PARTS.index(part) for part in _LIMB_PARTS[limb]]] = 0.0

    def look(
        self,
        rest: FloatArray,
        peak: FloatArray,
        stance: Orientation,
        side: Side = Side.BOTH,
        *,
        back: FloatArray | None = None,
        travel: float = 0.0,
    ) -> Look:
        """Return how alike a repetition is.

        Args:
            rest: (len(SHAPE), 2) the measures of `SHAPE` by side before the repetition.
            peak: The same at its extreme.
            stance: How the person stood to the camera.
            side: The side that works, where sides take turns.
            back: The same as ``rest`` when the repetition ended; None if it did not return.
            travel: How far the hips ranged across the picture, in trunk lengths.
        """
        left_over = 0.0 if back is None else _points(back - rest)
        rest, peak = _points(rest), _points(peak)
        seen = np.isfinite(rest + peak + left_over).all(axis=-1)
        weight = np.where(seen, self._weight_of(side), 0.0)
        if weight.sum() < _FEWEST_LANDMARKS or _shoulders(rest) > _WIDEST_SHOULDERS_RATIO:
            return self._way_alone(rest, travel)
        weight = (weight / weight.sum())[..., None]
        rest, change, left_over = (np.nan_to_num(x) for x in (rest, peak - rest, left_over))
        turned = _turns(stance)
        standard, expected = self._rest[:, turned], self._change[:, turned]
        scale = _ratio(_sum(weight * standard * rest), _sum(weight * rest**2))
        scale = np.clip(scale, 1.0 / _LARGEST_RESIZING, _LARGEST_RESIZING)
        resizing = scale[..., *_EACH]
        size = _sum(weight * expected**2)
        share = _ratio(_sum(weight * expected * change * resizing), size)
        share = np.clip(share, 0.0, _LARGEST_SHARE)
        unfit = change * resizing - share[..., *_EACH] * expected
        fitting = _SLACK_RATIO + share * np.sqrt(size)
        mismatch = np.sqrt(_sum(weight * unfit**2)) / fitting
        distance = np.sqrt(_sum(weight * (rest * resizing - standard) ** 2))
        best = np.unravel_index(np.argmin(mismatch + _DISTANCE_WEIGHT * distance), mismatch.shape)
        remainder = scale[best] * np.sqrt(_sum(weight * left_over**2)) / fitting[best]
        shortened = min(float(scale[best]), _SHOULDERS_RATIO / _shoulders(rest))
        wandered = travel * shortened - self._travel[:, turned][best]
        return Look(
            float(mismatch[best]),
            float(distance[best]),
            max(0.0, float(wandered)),
            max(0.0, float(remainder) - _USUAL_REMAINDER),
        )

    def _way_alone(self, rest: FloatArray, travel: float) -> Look:
        """Return what the way of the hips says where the shape says nothing."""
        shortened = min(1.0, _SHOULDERS_RATIO / _shoulders(rest))
        return Look(NAN, NAN, max(0.0, travel * shortened - float(self._travel.max())), NAN)

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


_KNOWN: Final[dict[str, tuple[FloatArray, FloatArray, FloatArray]]] = {}
"""Templates by the motion as it is written, as its mappings cannot be keys; they never change."""
_MOST_KNOWN: Final = 128


def _templates_of(motion: Motion) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the templates of a motion, read-only; drawn once, as every set begins with them."""
    written = repr(motion)
    if written not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        drawn = _templates(motion, _sides_of(motion))
        for array in drawn:
            array.flags.writeable = False
        _KNOWN[written] = drawn
    return _KNOWN[written]


def _templates(
    motion: Motion, sides: tuple[Side, ...]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return rest, change and way of the hips of every look and turn.

    A look is a side, a share of the way, and where it begins: the first of a set may begin from
    elsewhere, and a third of the way up, an arm has gone another way than the straight one to the
    goal. The shapes are (looks, turns, parts, 2 sides, 2) twice and (looks, turns). The hips may
    go as far as in any fault: a faulty repetition is a repetition.
    """
    rows = [_row(part) for part in SHAPE_PARTS]
    rests, changes, travels = [], [], []
    begun = [motion]
    if motion.start:
        begun.append(replace(motion, rest={**motion.rest, **motion.start}, via={}))
    for way, side in product(begun, sides):
        body, hips = _figure(way, side)
        seen = [seen_from(body[:, rows], float(turn)) * (1.0, -1.0) for turn in _TURNS_DEG]
        rest, *others = np.stack(seen, axis=1)
        rests += [rest] * len(others)
        changes += [other - rest for other in others]
        ways = [_across(hips)] + [_across(_figure(way, side, fault)[1]) for fault in way.faults]
        travels += list(np.max(ways, axis=0))
    return np.stack(rests), np.stack(changes), np.stack(travels)


def _figure(motion: Motion, side: Side, fault: str | None = None) -> tuple[FloatArray, FloatArray]:
    """Return the body from the middle of its hips and that middle, at rest and every share."""
    body = movement_m(motion, np.array([0.0, *_SHARES]), side, fault) / TRUNK_M
    hips = body[:, _row("hip")].mean(axis=1)[:, None]
    return body - hips, hips


def _across(hips: FloatArray) -> FloatArray:
    """Return how far the hips have gone across the picture, (shares, turns)."""
    seen = np.stack([seen_from(hips, float(turn))[:, 0, 0] for turn in _TURNS_DEG], axis=1)
    return np.asarray(np.abs(seen[1:] - seen[0]))


def _row(part: str) -> list[int]:
    left = Landmark[f"LEFT_{part.upper()}"].value
    return [left, left + 1]


def _points(measures: FloatArray) -> FloatArray:
    """Return (parts, sides, 2): across and above, from the measures of `SHAPE`."""
    return np.moveaxis(measures.reshape(len(SHAPE_PARTS), 2, 2), 1, 2)


def _shoulders(points: FloatArray) -> float:
    """Return how wide the shoulders are seen, at least a little, in trunk lengths."""
    left, right = points[SHAPE_PARTS.index("shoulder"), :, 0]
    return float(np.fmax(0.1, abs(left - right)))


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
