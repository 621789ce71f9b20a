"""Where a drawn figure is: on a mat, on a chair, at a wall, on a step, with its arms at ease.

What is there is read off the exercise: its posture at rest, its position and its equipment.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from hep_vision.core import mannequin
from hep_vision.core.definition import Angles, ExerciseDefinition, Limb, Motion
from hep_vision.core.landmarks import Landmark
from hep_vision.core.mannequin import Part
from hep_vision.core.types import FloatArray, Side

SEATED_DEG: Final = 60.0
LYING: Final = ("supine", "prone", "side_lying", "quadruped")
_FOOT: Final = ("HEEL", "FOOT_INDEX")
ARMS: Final = ("shoulder", "elbow")
_AT_EASE_DEG: Final = 10.0
_BENT_DEG: Final = 20.0
_ON_THIGHS_DEG: Final = 65.0
_LIES_DEG: Final = 65.0


# -- arms at ease ---------------------------------------------------------------------------------


def arms_at_ease(motion: Motion) -> Motion:
    """Return a movement with its arms at ease, where they are free and it names none of theirs.

    An arm of the bare figure goes stiffly with its trunk.
    """
    named = {*motion.rest, *motion.goal, *motion.via}
    rest = eased(motion.rest)
    if Limb.ARMS not in motion.free or not rest or any(name.startswith(ARMS) for name in named):
        return motion
    at_goal = {**motion.rest, **motion.goal}
    if sits(motion.rest) and sits({**at_goal, "knee": 90.0}):
        at_goal["knee"] = 90.0  # a leg that is straightened does not make the hands leave it
    faults = {
        id: (_hanging(angles["trunk"]) if "trunk" in angles else {}) | dict(angles)
        for id, angles in motion.faults.items()
    }
    return replace(
        motion,
        rest=rest | dict(motion.rest),
        goal=eased(at_goal) | dict(motion.goal),
        via=(_hanging(motion.via["trunk"]) if "trunk" in motion.via else {}) | dict(motion.via),
        faults=faults,
    )


def eased(posture: Mapping[str, Angles]) -> dict[str, Angles]:
    """Return the angles of arms that hang, or lie on the thighs of who sits; none for who lies."""
    if abs(_one(posture.get("trunk", 0.0))) > _LIES_DEG or posture.get("roll"):
        return {}
    elbow = _ON_THIGHS_DEG if sits(posture) else _BENT_DEG
    arms: dict[str, Angles] = {"shoulder_out": _AT_EASE_DEG, "elbow": elbow}
    return _hanging(posture.get("trunk", 0.0)) | arms


def _hanging(trunk: Angles) -> dict[str, Angles]:
    return {"shoulder": _one(trunk) + _AT_EASE_DEG}


def _one(angle: Angles) -> float:
    return angle[0] if isinstance(angle, tuple) else angle


# -- at a wall ------------------------------------------------------------------------------------


def at_wall(moving: FloatArray, rest: FloatArray) -> FloatArray:
    """Lean figures (T, 33, 3) so that what is at the wall at rest stays there, on their feet.

    Hands stay at the wall; a back does not go into it.
    """
    hands = _hands_at_wall(rest)
    names = ("INDEX",) if hands else ("HIP", "SHOULDER")
    rows = [Landmark[f"{each}_{name}"] for name in names for each in ("LEFT", "RIGHT")]
    if hands:
        off_m = rest[rows, 0].max() - moving[:, rows, 0].max(axis=1)
    else:
        off_m = np.maximum(0.0, rest[rows, 0].min() - moving[:, rows, 0].min(axis=1))
    height = moving[..., 1] / moving[:, rows, 1].min(axis=1)[:, None]
    leant = moving.copy()
    leant[..., 0] += off_m[:, None] * np.clip(height, 0.0, 1.0)
    return leant


def _hands_at_wall(rest: FloatArray) -> bool:
    """Return whether the hands of a figure (33, 3) reach far beyond its feet."""
    hands, toes = (rest[Landmark[f"LEFT_{name}"], 0] for name in ("INDEX", "FOOT_INDEX"))
    return bool(hands > toes + 0.1)


# -- surroundings ---------------------------------------------------------------------------------


def sits(posture: Mapping[str, Angles]) -> bool:
    """Return whether a posture is that of somebody on a chair."""

    def least(name: str) -> float:
        value = posture.get(name, 0.0)
        return min(value) if isinstance(value, tuple) else value

    upright = abs(least("trunk")) < SEATED_DEG and not least("roll")
    return upright and min(least("hip"), least("knee")) > SEATED_DEG


def surroundings(
    exercise: ExerciseDefinition, moving: FloatArray, turn_deg: float, side: Side, floor_y: float
) -> tuple[Part, ...]:
    """Return what a figure is drawn on: floor, mat, chair, step and wall.

    Args:
        exercise: What is done.
        moving: (T, 33, 3) the sound movement, from rest to goal.
        turn_deg: How far the figure is turned, see `mannequin.turn_of`.
        side: The side that works.
        floor_y: Height of what the body rests on, metres downwards.
    """
    low, high = mannequin.extent_m(mannequin.body_parts(moving, turn_deg, frozenset()))
    flat = mannequin.mirrored(moving, turn_deg)
    facing = 0.0 if mannequin.is_frontal(turn_deg) else -float(np.sign(turn_deg))
    parts: list[Part] = []
    motion = exercise.motion
    if motion is not None and sits(motion.rest):
        x, y = flat[0, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
        parts.append(mannequin.chair(x, y + mannequin.TRUNK_M / 2, floor_y, facing))
    if needs(exercise, "step") and side is not Side.BOTH:
        parts += _step(flat, side, floor_y)
    if needs(exercise, "clear wall") and facing:
        parts.append(mannequin.wall(_wall_x(moving[0], flat, facing), low[1] - 0.1, floor_y))
    ground_y = floor_y
    if exercise.position in LYING:
        parts.append(mannequin.mat(low[0] - 0.02, high[0] + 0.02, floor_y))
        ground_y += 0.05
    margin = max(0.15, (1.1 - float(high[0] - low[0])) / 2)
    return (mannequin.floor_line(low[0] - margin, high[0] + margin, ground_y), *parts)


def needs(exercise: ExerciseDefinition, thing: str) -> bool:
    """Return whether the equipment names a thing first: a "Step of 10 cm", a "Clear wall"."""
    return any(item.lower().startswith(thing) for item in exercise.equipment)


def _step(flat: FloatArray, side: Side, floor_y: float) -> list[Part]:
    foot = flat[0, [Landmark[f"{side.name}_{name}"] for name in _FOOT]]
    top_y = float(foot[:, 1].max()) + mannequin.FOOT_M / 2
    if floor_y - top_y < 0.05:
        return []
    low_x, high_x = float(foot[:, 0].min()) - 0.14, float(foot[:, 0].max()) + 0.14
    return [mannequin.step(low_x, high_x, top_y, floor_y)]


def _wall_x(rest: FloatArray, flat: FloatArray, facing: float) -> float:
    """Return where the wall is: at the hands that reach beyond the feet, or else at the back."""

    def ahead(*names: str) -> FloatArray:
        rows = [Landmark[f"{each}_{name}"] for name in names for each in ("LEFT", "RIGHT")]
        return np.asarray(facing * flat[0, rows, 0])

    if _hands_at_wall(rest):
        return facing * (float(ahead("INDEX").max()) + mannequin.HAND_M / 2 + 0.025)
    return facing * (float(ahead("HIP", "SHOULDER").min()) - mannequin.TRUNK_M / 2 - 0.025)
