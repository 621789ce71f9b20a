"""A figure with the volume of a body, and what it sits, stands or lies on, as strokes.

A drawing is a list of parts from back to front; a part is rounded strokes of one role, in metres
in the plane of the picture (x right, y down). Whoever draws it chooses colours, and may draw all
strokes of a part wider first, which gives it an outline. The picture is that of a mirror: the
person's left is on the left, so that whoever faces it copies without thinking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hep_vision.core.figure import seen_from
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, Side, View

TURN_DEG: Final = {View.FRONT: 0.0, View.UNKNOWN: 0.0, View.OBLIQUE: 45.0, View.SIDE: 90.0}
"""How far the figure turns for a view; own judgement for the oblique one."""

THIGH_M: Final = 0.12
SHANK_M: Final = 0.092
FOOT_M: Final = 0.055
UPPER_ARM_M: Final = 0.085
FOREARM_M: Final = 0.068
HAND_M: Final = 0.06
TRUNK_M: Final = 0.19
TRUNK_EDGE_M: Final = 0.10
HEAD_M: Final = 0.105
NECK_M: Final = 0.085
"""Widths of the body (of the head its radius), drawn slim so that joints stay to be seen."""

_ARM_WIDTHS: Final = {"ELBOW": UPPER_ARM_M, "WRIST": FOREARM_M, "INDEX": HAND_M}
_FRONTAL: Final = 0.3
"""Sine of the turn below which neither side is in front of the other."""
_FACING_M: Final = 0.05
_TRUNK: Final = ("LEFT_SHOULDER", "RIGHT_SHOULDER", "RIGHT_HIP", "LEFT_HIP")
_EYES: Final = ("LEFT_EYE_OUTER", "RIGHT_EYE_OUTER")


class Role(StrEnum):
    """What a part is, for whoever chooses its colour."""

    GROUND = "ground"
    FURNITURE = "furniture"
    FAR = "far"
    NEAR = "near"
    WORKING = "working"
    TRUNK = "trunk"
    HEAD = "head"
    EYE = "eye"
    MARK = "mark"


class Limb(StrEnum):
    """The parts of the body that may be the ones that work."""

    ARM = "arm"
    LEG = "leg"
    TRUNK = "trunk"


Working = frozenset[tuple[Side, Limb]]
"""The limbs that an exercise is about; the trunk goes with both sides."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A rounded line, through time; of one point it is a disc, closed it is filled.

    Attributes:
        points_m: (T, K, 2) metres.
        width_m: How thick it is.
    """

    points_m: FloatArray
    width_m: float
    closed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Strokes that are drawn as one."""

    role: Role
    strokes: tuple[Stroke, ...]
    outlined: bool = True


def turn_of(view: View, side: Side) -> float:
    """Return how far the figure turns, in degrees, so that its working side is seen well.

    From the side it is the nearer one: whoever turns their left side to a mirror faces right in
    it. Obliquely it is the farther one, so that an arm between forward and sideways is not seen
    end-on.
    """
    nearer = Side.RIGHT if view is View.OBLIQUE else Side.LEFT
    return TURN_DEG[view] * (-1.0 if side is nearer else 1.0)


def mirrored(points_m: FloatArray, turn_deg: float) -> FloatArray:
    """Return the picture plane (..., 2), as in a mirror, of (..., 3) metres."""
    return seen_from(points_m, turn_deg) * [-1.0, 1.0]


def towards_camera(points_m: FloatArray, turn_deg: float) -> FloatArray:
    """Return how far (...,) metres each point lies towards the camera."""
    turn = np.radians(turn_deg)
    return np.asarray(np.cos(turn) * points_m[..., 0] - np.sin(turn) * points_m[..., 2])


def is_frontal(turn_deg: float) -> bool:
    """Return whether neither side of the body hides the other."""
    return abs(float(np.sin(np.radians(turn_deg)))) < _FRONTAL


def body_parts(points_m: FloatArray, turn_deg: float, working: Working) -> tuple[Part, ...]:
    """Return the body from back to front.

    Args:
        points_m: (T, 33, 3) the figure through time; what is in front is decided by the first.
        turn_deg: See `turn_of`.
        working: The limbs that are highlighted.
    """
    flat = mirrored(points_m, turn_deg)
    towards = towards_camera(points_m, turn_deg)
    far = _far_side(towards[0], working, turn_deg)
    near = Side.RIGHT if far is Side.LEFT else Side.LEFT
    aside = abs(float(np.sin(np.radians(turn_deg))))
    trunk = (
        _neck(flat),
        Part(
            Role.WORKING if (Side.BOTH, Limb.TRUNK) in working else Role.TRUNK,
            (Stroke(_at(flat, *_TRUNK), _trunk_width(aside), closed=True),),
        ),
        *_head(flat, towards),
    )
    behind = tuple(_limb(flat, far, limb, working, hidden=True) for limb in (Limb.LEG, Limb.ARM))
    before = tuple(_limb(flat, near, limb, working, hidden=False) for limb in (Limb.LEG, Limb.ARM))
    if is_frontal(turn_deg):
        both = [_limb(flat, far, limb, working, hidden=False) for limb in (Limb.LEG, Limb.ARM)]
        return (*trunk, both[0], before[0], both[1], before[1])
    return (*behind, *trunk, *before)


def _far_side(towards: FloatArray, working: Working, turn_deg: float) -> Side:
    if is_frontal(turn_deg):
        # Nothing hides anything, so what works is drawn over the rest.
        works = {side for side, _ in working}
        return Side.RIGHT if works == {Side.LEFT} else Side.LEFT
    left_is_far = towards[Landmark.LEFT_HIP] < towards[Landmark.RIGHT_HIP]
    return Side.LEFT if left_is_far else Side.RIGHT


def _limb(flat: FloatArray, side: Side, limb: Limb, working: Working, *, hidden: bool) -> Part:
    def line(*names: str) -> FloatArray:
        return _at(flat, *(f"{side.name}_{name}" for name in names))

    if limb is Limb.LEG:
        strokes = (
            Stroke(line("ANKLE", "HEEL", "FOOT_INDEX"), FOOT_M, closed=True),
            Stroke(line("KNEE", "ANKLE"), SHANK_M),
            Stroke(line("HIP", "KNEE"), THIGH_M),
        )
    else:
        strokes = (
            Stroke(line("WRIST", "INDEX"), HAND_M),
            Stroke(line("ELBOW", "WRIST"), FOREARM_M),
            Stroke(line("SHOULDER", "ELBOW"), UPPER_ARM_M),
        )
    works = (side, limb) in working
    return Part(Role.WORKING if works else Role.FAR if hidden else Role.NEAR, strokes)


def _trunk_width(aside: float) -> float:
    return TRUNK_EDGE_M + (TRUNK_M - TRUNK_EDGE_M) * aside


def _neck(flat: FloatArray) -> Part:
    shoulders = _middle(flat, "SHOULDER")
    line = np.concatenate([shoulders, _middle(flat, "EAR")], axis=1)
    return Part(Role.HEAD, (Stroke(line, NECK_M),))


def _head(flat: FloatArray, towards: FloatArray) -> tuple[Part, ...]:
    ears = _middle(flat, "EAR")
    nose = ears + 0.95 * (_at(flat, "NOSE") - ears)
    head = Part(Role.HEAD, (Stroke(nose, 0.05), Stroke(ears, 2.0 * HEAD_M)))
    # Eyes show that somebody faces the camera; from the side the nose shows the way.
    facing = towards[0, Landmark.NOSE] - towards[0, [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]].mean()
    if facing <= _FACING_M:
        return (head,)
    eyes = tuple(Stroke(_at(flat, name), 0.034) for name in _EYES)
    return head, Part(Role.EYE, eyes, outlined=False)


def _at(flat: FloatArray, *names: str) -> FloatArray:
    return flat[:, [Landmark[name] for name in names]]


def _middle(flat: FloatArray, part: str) -> FloatArray:
    return np.asarray(_at(flat, f"LEFT_{part}", f"RIGHT_{part}").mean(axis=1, keepdims=True))


def floor_height_m(points_m: FloatArray, turn_deg: float, *, arms_bear: bool) -> float:
    """Return the height of the floor under a figure (33, 3), from what lies lowest.

    Args:
        points_m: The figure, at rest.
        turn_deg: See `turn_of`.
        arms_bear: Whether arms may rest on the floor; those that are held as one likes do not.
    """
    trunk = _trunk_width(abs(float(np.sin(np.radians(turn_deg)))))
    widths = {"SHOULDER": trunk, "HIP": trunk, "KNEE": SHANK_M, "ANKLE": SHANK_M}
    widths |= {"HEEL": FOOT_M, "FOOT_INDEX": FOOT_M, "EAR": 2.0 * HEAD_M}
    if arms_bear:
        widths |= _ARM_WIDTHS
    return min(
        float(_pair(points_m, name)[..., 1].min()) - width / 2 for name, width in widths.items()
    )


def above_floor(points_m: FloatArray, floor_m: float) -> FloatArray:
    """Return figures (T, 33, 3) that lie with head and arms on the floor, not in it.

    The figure's head is in line with its trunk; that of a person who lies turns up.
    """
    lifted = points_m.copy()
    sunk_m = np.maximum(0.0, floor_m + HEAD_M - _pair(points_m, "EAR")[..., 1].mean(axis=1))
    lifted[:, : Landmark.LEFT_SHOULDER, 1] += sunk_m[:, None]
    for name, width in _ARM_WIDTHS.items():
        at = _pair(lifted, name)[..., 1]
        np.maximum(at, floor_m + width / 2, out=at)
    return lifted


def _pair(points_m: FloatArray, name: str) -> FloatArray:
    """Return a view of the left and the right one of a landmark, (..., 2, 3)."""
    left, right = Landmark[f"LEFT_{name}"], Landmark[f"RIGHT_{name}"]
    pair: FloatArray = points_m[..., left : right + 1 : right - left, :]
    return pair


# -- extents and surroundings ---------------------------------------------------------------------


def extent_m(parts: Iterable[Part]) -> tuple[FloatArray, FloatArray]:
    """Return the (2,) top left and bottom right corner of everything, at all times."""
    lows, highs = [], []
    for part in parts:
        for stroke in part.strokes:
            lows.append(stroke.points_m.min(axis=(0, 1)) - stroke.width_m / 2)
            highs.append(stroke.points_m.max(axis=(0, 1)) + stroke.width_m / 2)
    return np.min(lows, axis=0), np.max(highs, axis=0)


def still(role: Role, lines: Iterable[Iterable[tuple[float, float]]], width_m: float) -> Part:
    """Return a part that never moves, of open lines."""
    strokes = tuple(Stroke(np.array([list(line)], np.float64), width_m) for line in lines)
    return Part(role, strokes, outlined=False)


def floor_line(low_x: float, high_x: float, floor_y: float) -> Part:
    """Return the floor that everything stands on, its upper edge at a height."""
    y = floor_y + 0.01
    return still(Role.GROUND, [[(low_x, y), (high_x, y)]], 0.02)


def mat(low_x: float, high_x: float, floor_y: float) -> Part:
    """Return a mat that lies on the floor, its upper side at ``floor_y``."""
    y = floor_y + 0.025
    return still(Role.FURNITURE, [[(low_x, y), (high_x, y)]], 0.05)


def wall(x: float, top_y: float, floor_y: float) -> Part:
    """Return a wall seen from its edge."""
    return still(Role.FURNITURE, [[(x, top_y), (x, floor_y)]], 0.05)


def step(low_x: float, high_x: float, top_y: float, floor_y: float) -> Part:
    """Return a box to step on."""
    top, low = top_y + 0.02, floor_y - 0.01
    corners = [(low_x, top), (high_x, top), (high_x, low), (low_x, low)]
    box = Stroke(np.array([corners], np.float64), 0.03, closed=True)
    return Part(Role.FURNITURE, (box,), outlined=False)


def chair(x: float, seat_y: float, floor_y: float, facing: float) -> Part:
    """Return a chair.

    Args:
        x: Where the hips are.
        seat_y: Height of its seat.
        floor_y: Height of the floor.
        facing: 1 or -1 when it is seen from the side and faces that way, 0 from the front.
    """
    y = seat_y + 0.02
    if facing:
        back, front = x - 0.22 * facing, x + 0.24 * facing
        lines = [
            [(back - 0.04 * facing, y - 0.44), (back, y)],
            [(back, y), (front, y)],
            [(back, y), (back, floor_y)],
            [(front, y), (front, floor_y)],
        ]
    else:
        left, right = x - 0.29, x + 0.29
        lines = [
            [(left, floor_y), (left, y - 0.42), (right, y - 0.42), (right, floor_y)],
            [(left, y), (right, y)],
        ]
    return still(Role.FURNITURE, lines, 0.04)
