"""What people do at home between their exercises, as movements of the whole figure.

None of it is an exercise, so no exercise of the catalogue may count anything. A few contain one
real repetition of something, such as standing up from a chair: each says of which exercises, how
many at most, and why. How fast and how far people do it is own judgement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from courses import Key, Manner, Value, moving
from hep_vision.core import figure
from hep_vision.core.types import PoseFrame, View
from synthetic import Camera, Flaws, Motion, record


def manner(seed: int) -> Manner:
    """Return a manner drawn at random; the same for the same seed."""
    rng = np.random.default_rng(seed)
    return Manner(rng.uniform(0.8, 1.25), rng.uniform(0.8, 1.15), bool(rng.integers(2)), seed)


@dataclass(frozen=True, slots=True)
class Movement:
    """Something that people do and that is no exercise.

    Attributes:
        keys: Its course, for a manner.
        really: Exercises of which it contains real repetitions, and how many at most.
        why: What these are.
    """

    name: str
    keys: Callable[[Manner], Sequence[Key]]
    really: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


def film(
    movement: Movement, view: View, how: Manner, *, fps: float = 15.0, noise_ratio: float = 0.01
) -> list[PoseFrame]:
    """Return the landmarks of a movement from a camera that sees its start from ``view``."""
    camera = Camera(view=view, faces_right=how.seed % 2 == 0)
    flaws = Flaws(noise_ratio=noise_ratio, seed=how.seed)
    return record(motion(movement, how), camera, fps=fps, flaws=flaws)


def motion(movement: Movement, how: Manner) -> Motion:
    """Return the figure of a movement over time; true repetitions are in ``really``."""
    return moving(movement.keys(how), how)


# -- postures that recur: the working side is the right one ---------------------------------------

ARMS_DOWN: Final[dict[str, Value]] = {
    "shoulder": 0.0, "shoulder_out": 4.0, "shoulder_turn": 0.0, "elbow": 12.0
}  # fmt: skip
UPRIGHT: Final[dict[str, Value]] = {"trunk": 0.0, "trunk_side": 0.0, "hip": 0.0, "knee": 3.0}
HANDS_ON_THIGHS: Final[dict[str, Value]] = {
    "shoulder": 28.0, "shoulder_out": 6.0, "shoulder_turn": -15.0, "elbow": 55.0
}  # fmt: skip


def _bent(lean_deg: float, knee_deg: float) -> dict[str, Value]:
    """Stand bent, the hips behind the feet by what balances the trunk: up to 13 cm."""
    lean, half_knee = np.radians(lean_deg), np.radians(knee_deg / 2.0)
    back = 0.13 * np.sin(lean) / (figure.THIGH_M + figure.SHANK_M)
    thigh_deg = knee_deg / 2.0 + float(np.degrees(np.arcsin(back / np.cos(half_knee))))
    return {"trunk": lean_deg, "knee": knee_deg, "hip": lean_deg + thigh_deg}


def _sat(lean_deg: float = 8.0) -> dict[str, Value]:
    return {"trunk": lean_deg, "hip": 86.0 + lean_deg, "knee": 88.0}


def _one(working: float, other: float = 0.0) -> tuple[float, float]:
    return (working, other)


# -- walking, turning -----------------------------------------------------------------------------


def _walking_across(how: Manner) -> list[Key]:
    pace = 0.95 * how.size
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0, "pace": pace}),
        (4.3, {}),
        (5.0, {"pace": 0.25}),
        (6.3, {"heading": 180.0}),
        (7.0, {"pace": pace}),
        (11.0, {}),
    ]


def _walking_on_the_spot(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0}),
        (1.0, {}),
        (1.8, {"tread": 27.0 * how.size}),
        (9.0, {}),
        (9.8, {"tread": 0.0}),
        (11.0, {}),
    ]


def _turning_round(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0}),
        (1.5, {}),
        (4.0, {"heading": 180.0, "elbow": _one(30.0, 20.0)}),
        (5.5, {}),
        (8.5, {"heading": 360.0, "elbow": 12.0}),
        (9.5, {}),
        (10.5, {"heading": 270.0}),
        (12.0, {"heading": 360.0}),
    ]


def _walking_about(how: Manner) -> list[Key]:
    pace = 0.8 * how.size
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0, "pace": pace}),
        (2.0, {"heading": 20.0}),
        (3.2, {"heading": 130.0, "pace": 0.5 * pace}),
        (5.0, {"pace": pace}),
        (6.2, {"pace": 0.0, "shoulder": _one(35.0), "elbow": _one(60.0, 12.0)}),
        (7.4, {"trunk": 12.0, "hip": 10.0}),
        (8.4, {"trunk": 0.0, "hip": 0.0, **ARMS_DOWN}),
        (9.6, {"heading": 250.0, "pace": 0.6 * pace}),
        (11.6, {"pace": pace}),
        (12.8, {"heading": 360.0}),
        (14.0, {"pace": 0.0}),
    ]


def _marching_impatiently(how: Manner) -> list[Key]:
    arms: dict[str, Value] = {"shoulder": 15.0, "shoulder_out": 25.0, "elbow": 80.0}
    lift = 38.0 * how.size
    return [
        (0.0, {**ARMS_DOWN}),
        (1.5, {}),
        (2.5, {**arms, "shoulder_turn": -50.0}),
        (3.5, {}),
        (3.95, {"feet": 0.0, "hip": _one(lift), "knee": _one(1.4 * lift, 3.0)}),
        (4.4, {"hip": 0.0, "knee": 3.0}),
        (4.85, {"hip": _one(0.0, lift), "knee": _one(3.0, 1.4 * lift)}),
        (5.3, {"hip": 0.0, "knee": 3.0}),
        (7.0, {"trunk_side": 4.0}),
        (8.5, {**ARMS_DOWN, "trunk_side": 0.0}),
        (9.5, {}),
    ]


# -- down and up again ----------------------------------------------------------------------------


def _sitting_down_and_standing_up(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN}),
        (1.5, {}),
        (2.4, {"trunk": 32.0, "hip": 66.0, "knee": 55.0, "shoulder": 20.0}),
        (3.3, {**_sat(), **HANDS_ON_THIGHS}),
        (5.0, {**_sat(2.0)}),
        (7.0, {**_sat(10.0)}),
        (7.9, {"trunk": 38.0, "hip": 110.0, "knee": 82.0}),
        (9.0, {**UPRIGHT, **ARMS_DOWN}),
        (10.5, {}),
    ]


def _picking_up(how: Manner) -> list[Key]:
    lean, knee = 78.0 * how.size, 45.0 * how.size
    hand: dict[str, Value] = {"shoulder": _one(lean + 8.0, 30.0), "elbow": _one(10.0, 40.0)}
    return [
        (0.0, {**ARMS_DOWN}),
        (2.0, {}),
        (3.5, {**_bent(lean, knee), **hand}),
        (4.3, {}),
        (5.7, {**UPRIGHT, "shoulder": _one(20.0), "elbow": _one(80.0, 12.0)}),
        (8.0, {"elbow": _one(95.0, 40.0)}),
        (9.0, {**ARMS_DOWN}),
        (10.0, {}),
    ]


def _kneeling_down(how: Manner) -> list[Key]:
    half: dict[str, Value] = {"trunk": 12.0, "hip": _one(12.0, 92.0), "knee": _one(92.0, 88.0)}
    support: dict[str, Value] = {"shoulder": _one(10.0, 35.0), "elbow": _one(20.0, 50.0)}
    return [
        (0.0, {**ARMS_DOWN}),
        (1.5, {}),
        (3.3, {**half, **support, "feet": 0.5}),
        (4.5, {"trunk": 4.0, "hip": 4.0, "knee": 92.0, "feet": 0.0, **HANDS_ON_THIGHS}),
        (6.0, {"trunk": 22.0, "hip": 22.0, "shoulder": _one(50.0, 20.0), "elbow": 30.0}),
        (7.2, {"trunk": 4.0, "hip": 4.0, **HANDS_ON_THIGHS}),
        (8.4, {**half, **support, "feet": 0.5}),
        (10.0, {**UPRIGHT, **ARMS_DOWN, "feet": 1.0}),
        (11.0, {}),
    ]


def _lying_down_and_up(how: Manner) -> list[Key]:
    kneel: dict[str, Value] = {"trunk": 8.0, "hip": 8.0, "knee": 92.0, "feet": 0.0}
    fours: dict[str, Value] = {
        "trunk": 78.0, "hip": 84.0, "knee": 92.0, "shoulder": 80.0, "elbow": 10.0
    }  # fmt: skip
    aside: dict[str, Value] = {
        "trunk": 20.0, "trunk_side": 25.0, "hip": 80.0, "knee": 95.0, "shoulder": _one(30.0, 20.0)
    }  # fmt: skip
    flat: dict[str, Value] = {
        "trunk": -88.0, "trunk_side": 0.0, "hip": 8.0, "knee": 14.0, **ARMS_DOWN
    }  # fmt: skip
    half: dict[str, Value] = {"trunk": 15.0, "hip": _one(15.0, 95.0), "knee": _one(92.0, 88.0)}
    return [
        (0.0, {**ARMS_DOWN}),
        (1.2, {}),
        (2.8, {**half, "feet": 0.4}),
        (3.8, kneel),
        (5.2, fours),
        (6.6, {**aside, "elbow": 15.0}),
        (8.4, flat),
        (10.5, {"elbow": 30.0}),
        (12.3, {**aside, "elbow": 20.0}),
        (13.8, fours),
        (15.2, kneel),
        (16.4, {**half, "feet": 0.4, **HANDS_ON_THIGHS}),
        (18.2, {**UPRIGHT, **ARMS_DOWN, "feet": 1.0}),
        (19.2, {}),
    ]


# -- with the hands -------------------------------------------------------------------------------


def _reaching(how: Manner) -> list[Key]:
    high = 112.0 * how.size
    return [
        (0.0, {**ARMS_DOWN}),
        (1.5, {}),
        (2.4, {"shoulder": _one(70.0), "elbow": _one(70.0, 14.0)}),
        (3.2, {"shoulder": _one(high, -4.0), "elbow": _one(18.0, 14.0), "trunk_side": -5.0}),
        (4.2, {}),
        (5.0, {"shoulder": _one(50.0), "elbow": _one(95.0, 14.0), "trunk_side": 0.0}),
        (6.0, {**ARMS_DOWN}),
        (7.5, {}),
        (8.6, {"shoulder_out": _one(62.0, 8.0), "elbow": _one(25.0, 14.0), "trunk_side": 14.0}),
        (9.4, {}),
        (10.6, {**ARMS_DOWN, "trunk_side": 0.0}),
        (11.5, {}),
    ]


def _reaching_for_the_laptop(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0}),
        (1.0, {"pace": 0.0}),
        (1.8, {"pace": 0.6}),
        (2.8, {"pace": 0.0, "feet": 1.0}),
        (3.6, {**_bent(30.0 * how.size, 10.0), "shoulder": _one(62.0, 20.0),
               "elbow": _one(35.0, 30.0)}),
        (4.6, {"elbow": _one(50.0, 30.0)}),
        (5.2, {"shoulder": _one(66.0, 20.0), "elbow": _one(30.0, 30.0)}),
        (6.2, {"elbow": _one(45.0, 30.0)}),
        (7.2, {**UPRIGHT, **ARMS_DOWN}),
        (7.8, {"pace": -0.5, "feet": 0.0}),
        (9.0, {"pace": 0.0}),
        (10.5, {}),
    ]  # fmt: skip


def _scratching(how: Manner) -> list[Key]:
    head: dict[str, Value] = {
        "shoulder": _one(62.0), "shoulder_out": _one(45.0, 4.0),
        "shoulder_turn": _one(20.0, 0.0), "elbow": _one(138.0, 12.0),
    }  # fmt: skip
    rubs: list[Key] = [
        (2.6 + 0.35 * k, {"elbow": _one(128.0 if k % 2 else 142.0, 12.0)}) for k in range(6)
    ]
    thigh: dict[str, Value] = {
        **_bent(11.0, 6.0), "shoulder": _one(32.0), "elbow": _one(20.0, 12.0)
    }  # fmt: skip
    return [
        (0.0, {**ARMS_DOWN}),
        (1.2, {}),
        (2.2, head),
        *rubs,
        (5.6, {**ARMS_DOWN}),
        (6.6, {}),
        (7.4, thigh),
        (7.8, {"elbow": _one(34.0, 12.0)}),
        (8.2, {"elbow": _one(20.0, 12.0)}),
        (8.6, {"elbow": _one(34.0, 12.0)}),
        (9.6, {**UPRIGHT, **ARMS_DOWN}),
        (10.5, {}),
    ]


def _stretching(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN}),
        (1.2, {}),
        (2.4, {"shoulder": 95.0, "shoulder_out": 30.0, "elbow": 95.0, "trunk": -3.0}),
        (3.8, {"shoulder": 158.0 * how.size**0.3, "shoulder_out": 18.0, "elbow": 30.0,
               "trunk": -9.0, "hip": -6.0}),
        (5.0, {"trunk_side": 12.0}),
        (6.4, {"trunk_side": -10.0}),
        (7.4, {"trunk_side": 0.0, "shoulder": 60.0, "shoulder_out": 75.0, "elbow": 60.0}),
        (8.8, {**UPRIGHT, **ARMS_DOWN}),
        (10.0, {}),
    ]  # fmt: skip


def _ball_play(how: Manner) -> list[Key]:
    """Bounce a ball, catch it, throw it, catch it again."""
    bounces = [
        (1.5 + 0.45 * k, {"shoulder": _one(8.0 if k % 2 else 24.0),
                          "elbow": _one(42.0 if k % 2 else 85.0, 30.0)})
        for k in range(8)
    ]  # fmt: skip
    catch: dict[str, Value] = {"shoulder": 42.0, "shoulder_turn": -12.0, "elbow": 72.0}
    return [
        (0.0, {**ARMS_DOWN}),
        (1.0, {**_bent(14.0, 18.0), "shoulder": _one(20.0), "elbow": _one(70.0, 30.0)}),
        *bounces,
        (5.6, {**UPRIGHT, **catch, "trunk": 4.0}),
        (6.2, {"shoulder": 30.0, "elbow": 105.0, "trunk": -4.0, "hip": -4.0}),
        (6.6, {"shoulder": 78.0 * how.size, "elbow": 15.0, "trunk": 12.0, "hip": 10.0}),
        (7.6, {"shoulder": 55.0, "elbow": 35.0, "trunk": 2.0, "hip": 2.0}),
        (8.3, {**catch, "shoulder_out": 10.0, "knee": 14.0, "hip": 10.0}),
        (9.2, {"elbow": 85.0, "shoulder": 25.0, "knee": 4.0, "hip": 2.0}),
        (10.4, {**UPRIGHT, **ARMS_DOWN}),
        (11.2, {}),
    ]


def _putting_on_a_jacket(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN}),
        (1.0, {}),
        (2.0, {"shoulder": 45.0, "elbow": 75.0, "shoulder_turn": -15.0}),
        (3.2, {"shoulder": _one(60.0, 40.0), "elbow": _one(20.0, 95.0), "trunk_side": 4.0}),
        (4.4, {"shoulder": _one(25.0, 55.0), "shoulder_out": _one(30.0, 25.0),
               "elbow": _one(70.0, 120.0)}),
        (5.6, {"shoulder": _one(20.0, -38.0), "shoulder_out": _one(10.0, 28.0),
               "elbow": _one(85.0, 45.0), "trunk_side": -6.0, "trunk": 8.0, "hip": 6.0}),
        (6.8, {"shoulder": _one(30.0, 30.0), "shoulder_out": _one(15.0, 45.0),
               "elbow": _one(100.0, 35.0)}),
        (7.8, {"shoulder": 35.0, "shoulder_out": 18.0, "elbow": 118.0, "shoulder_turn": -25.0,
               "trunk": 2.0, "trunk_side": 0.0, "hip": 0.0}),
        (8.6, {"shoulder": 12.0, "elbow": 88.0, "shoulder_turn": -35.0, "trunk": 10.0,
               "hip": 8.0}),
        (9.8, {"shoulder": 25.0, "elbow": 105.0}),
        (11.0, {**UPRIGHT, **ARMS_DOWN}),
        (12.0, {}),
    ]  # fmt: skip


def _dancing(how: Manner) -> list[Key]:
    """Shift the weight from leg to leg, the arms going along."""
    rng = np.random.default_rng(how.seed)
    keys: list[Key] = [(0.0, {**ARMS_DOWN, "feet": 0.5}), (0.8, {"elbow": 60.0})]
    for beat in range(18):
        to_left = beat % 2 == 0
        soft, firm = rng.uniform(18.0, 32.0), rng.uniform(4.0, 12.0)
        arm = rng.uniform(10.0, 45.0) * how.size
        reach = rng.uniform(5.0, 25.0)
        keys.append(
            (1.4 + 0.55 * beat, {
                "knee": (soft, firm) if to_left else (firm, soft),
                "hip": (0.6 * soft, 0.6 * firm) if to_left else (0.6 * firm, 0.6 * soft),
                "trunk_side": 7.0 if to_left else -7.0,
                "shoulder": (arm, -0.3 * arm) if to_left else (-0.3 * arm, arm),
                "shoulder_out": (reach, 8.0) if to_left else (8.0, reach),
                "elbow": (95.0, 65.0) if to_left else (65.0, 95.0),
                "heading": rng.uniform(-25.0, 25.0),
            })
        )  # fmt: skip
    return [*keys, (12.0, {**UPRIGHT, **ARMS_DOWN, "heading": 0.0}), (13.0, {})]


def _gestures(how: Manner, since_s: float, count: int) -> list[Key]:
    """The hands talk along before the belly, now one, now both."""
    rng = np.random.default_rng(how.seed)
    keys: list[Key] = []
    at_s = since_s
    for _ in range(count):
        at_s += float(rng.uniform(0.45, 1.1))
        hand, both = how.size * rng.uniform(0.4, 1.0), rng.random() < 0.5
        other = hand if both else 0.15
        keys.append(
            (at_s, {
                "shoulder": _one(42.0 * hand, 42.0 * other),
                "shoulder_out": _one(8.0 + 18.0 * rng.random(), 8.0),
                "shoulder_turn": _one(rng.uniform(-35.0, 20.0), -20.0),
                "elbow": _one(100.0 * hand, 12.0 + 85.0 * other),
                "trunk": rng.uniform(-2.0, 5.0),
            })
        )  # fmt: skip
    return keys


def _talking(how: Manner) -> list[Key]:
    talk = _gestures(how, 1.0, 12)
    end_s = talk[-1][0]
    return [(0.0, {**ARMS_DOWN}), (1.0, {}), *talk, (end_s + 1.0, {**ARMS_DOWN, "trunk": 0.0})]


def _talking_seated(how: Manner) -> list[Key]:
    lean = 6.0
    talk = [
        (at_s, {**angles, "trunk": lean, "hip": 86.0 + lean})
        for at_s, angles in _gestures(how, 1.2, 11)
    ]
    end_s = talk[-1][0]
    start = {**_sat(lean), **HANDS_ON_THIGHS}
    return [(0.0, start), (1.2, {}), *talk, (end_s + 1.0, HANDS_ON_THIGHS), (end_s + 2.0, {})]


def _fidgeting(how: Manner) -> list[Key]:
    """Shift on the chair, cross an ankle, rub the knees, look to the floor."""
    return [
        (0.0, {**_sat(4.0), **HANDS_ON_THIGHS}),
        (1.5, {}),
        (2.3, {"trunk_side": 7.0, "roll": 4.0}),
        (3.2, {"trunk_side": -5.0, "roll": -2.0}),
        (4.0, {"trunk_side": 0.0, "roll": 0.0, "knee": _one(70.0, 88.0)}),
        (4.8, {"knee": _one(96.0, 80.0), "hip_out": _one(8.0)}),
        (5.6, {"knee": 88.0, "hip_out": 0.0, "shoulder": 36.0, "elbow": 40.0}),
        (6.3, {"shoulder": 26.0, "elbow": 58.0}),
        (7.0, {"shoulder": 36.0, "elbow": 40.0}),
        (7.8, {**_sat(20.0 * how.size), "elbow": 62.0}),
        (9.2, {**_sat(2.0), **HANDS_ON_THIGHS}),
        (10.0, {"hip_out": 12.0}),
        (10.8, {"hip_out": 3.0}),
        (12.0, {}),
    ]


def _drinking(how: Manner) -> list[Key]:
    to_glass: dict[str, Value] = {
        "shoulder": _one(52.0, 28.0), "elbow": _one(35.0, 55.0), "shoulder_turn": -10.0
    }  # fmt: skip
    to_mouth: dict[str, Value] = {
        "shoulder": _one(62.0, 28.0), "elbow": _one(125.0, 55.0), "shoulder_out": _one(14.0, 6.0)
    }  # fmt: skip
    return [
        (0.0, {**_sat(4.0), **HANDS_ON_THIGHS}),
        (1.5, {}),
        (2.5, {**to_glass, **_sat(12.0)}),
        (3.2, {}),
        (4.4, {**to_mouth, **_sat(2.0)}),
        (6.0, {"shoulder": _one(70.0, 28.0), "trunk": -2.0, "hip": 84.0}),
        (7.2, {**to_glass, **_sat(12.0)}),
        (8.4, {**HANDS_ON_THIGHS, **_sat(4.0)}),
        (9.5, {}),
    ]


def _phone_to_the_ear(how: Manner) -> list[Key]:
    return [
        (0.0, {**ARMS_DOWN, "feet": 0.0}),
        (1.5, {}),
        (2.3, {"shoulder": _one(8.0), "elbow": _one(85.0, 12.0)}),
        (3.4, {}),
        (4.4, {"shoulder": _one(38.0), "shoulder_out": _one(28.0, 4.0),
               "elbow": _one(142.0, 12.0)}),
        (5.6, {"heading": 25.0, "trunk_side": 3.0}),
        (8.0, {"heading": -15.0, "elbow": _one(140.0, 40.0), "trunk_side": 0.0}),
        (9.4, {"heading": 0.0, "shoulder": _one(8.0), "shoulder_out": 4.0,
               "elbow": _one(85.0, 12.0)}),
        (10.5, {**ARMS_DOWN}),
        (11.5, {}),
    ]  # fmt: skip


# -- what they are --------------------------------------------------------------------------------

_SITTING: Final = dict.fromkeys(("sit_to_stand", "squat", "mini_squat", "hip_hinge"), 1)
_BENDING: Final = dict.fromkeys(("hip_hinge", "squat", "mini_squat"), 1)
_KNEELING: Final = dict.fromkeys(
    ("static_lunge", "forward_lunge", "reverse_lunge_knee_drive", "squat", "mini_squat"), 2
)

MOVEMENTS: Final = {
    movement.name: movement
    for movement in (
        Movement("walking across and back", _walking_across),
        Movement("walking on the spot", _walking_on_the_spot),
        Movement("turning round", _turning_round),
        Movement("walking about the room", _walking_about),
        Movement(
            "marching impatiently",
            _marching_impatiently,
            {"standing_march": 2, "high_knees": 2},
            "two steps with a lifted knee are two steps of a march",
        ),
        Movement(
            "sitting down and standing up",
            _sitting_down_and_standing_up,
            _SITTING,
            "one sit-to-stand; down and up is the bend of a squat, and its lean that of a hinge",
        ),
        Movement(
            "picking something up",
            _picking_up,
            _BENDING,
            "one bend of hips and knees with the feet in place",
        ),
        Movement(
            "kneeling down and up",
            _kneeling_down,
            _KNEELING,
            "down by one knee and up by it: at most two lunges, or deep bends",
        ),
        Movement(
            "lying down and getting up",
            _lying_down_and_up,
            {**_KNEELING, "sit_up": 1},
            "kneeling as above; rising from the back to sitting is a sit-up",
        ),
        Movement("reaching", _reaching),
        Movement(
            "reaching for the laptop",
            _reaching_for_the_laptop,
            {"hip_hinge": 1},
            "one bend of the hips by a third of a hinge, the knees nearly straight",
        ),
        Movement("scratching", _scratching),
        Movement("stretching", _stretching),
        Movement("ball play", _ball_play),
        Movement("putting on a jacket", _putting_on_a_jacket),
        Movement("dancing", _dancing),
        Movement("talking with gestures", _talking),
        Movement("talking seated", _talking_seated),
        Movement("fidgeting on a chair", _fidgeting),
        Movement("drinking seated", _drinking),
        Movement("phone to the ear", _phone_to_the_ear),
    )
}
