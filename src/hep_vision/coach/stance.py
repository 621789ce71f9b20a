"""Draw the figure that shows how to stand, sit or lie before a set, as in a mirror."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from hep_vision.coach.canvas import Picture, Point, draw_disc, draw_lines, draw_polygon
from hep_vision.coach.palette import CALM, FAINT, INK, SKY, WHITE, Rgb
from hep_vision.coach.screens import Stance
from hep_vision.core.definition import Angles, Motion
from hep_vision.core.figure import movement_m, seen_from
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, Side, View

TURN_DEG: Final = {View.FRONT: 0.0, View.UNKNOWN: 0.0, View.OBLIQUE: 45.0, View.SIDE: 90.0}
LEAST_HALF_M: Final = 0.75
"""Small postures are not drawn larger than this allows, so that all figures are of a size."""
LIMB_M: Final = 0.085
TRUNK_M: Final = 0.17
HEAD_M: Final = 0.115
SEATED_DEG: Final = 60.0
SEAT_HALF_M: Final = 0.22

_LEG: Final = ("HIP", "KNEE", "ANKLE", "FOOT_INDEX")
_ARM: Final = ("SHOULDER", "ELBOW", "WRIST")
_TRUNK: Final = ("LEFT_SHOULDER", "RIGHT_SHOULDER", "RIGHT_HIP", "LEFT_HIP")

_AT_EASE: Final[Mapping[str, Angles]] = {"shoulder": 10.0, "shoulder_out": 10.0, "elbow": 20.0}
"""Arms that an exercise says nothing about hang as they do, off the trunk."""

_Fixed = tuple[tuple[str, Angles], ...]


def draw_stance(picture: Picture, stance: Stance, centre: Point, radius_px: float) -> None:
    """Draw the figure inside a circle; the side that counts is bright."""
    points, towards, seated = _stance_m(*_key(stance))
    low, high = points.min(axis=0), points.max(axis=0)
    half_m = max(float(np.hypot(*(high - low))) / 2.0 + LIMB_M, LEAST_HALF_M)
    scale = radius_px / half_m
    at_px = (points - (low + high) / 2.0) * scale + centre
    limb = max(2, round(LIMB_M * scale))
    floor = float(at_px[:, 1].max()) + limb / 2 + 1
    _draw_floor(picture, at_px, floor, scale)
    if seated:
        _draw_seat(picture, at_px, floor, scale)
    far = Side.LEFT if towards[Landmark.LEFT_HIP] < towards[Landmark.RIGHT_HIP] else Side.RIGHT
    near = Side.RIGHT if far is Side.LEFT else Side.LEFT
    aside = stance.view is View.SIDE
    _draw_limbs(picture, at_px, far, _colour(stance, far, far=aside), limb)
    trunk = at_px[[Landmark[name] for name in _TRUNK]]
    broad = max(limb, round((TRUNK_M if aside else LIMB_M) * scale))
    draw_polygon(picture, trunk, INK, broad + max(2, limb // 3))
    draw_polygon(picture, trunk, CALM, broad)
    _draw_head(picture, at_px, towards, scale)
    _draw_limbs(picture, at_px, near, _colour(stance, near, far=False), limb)


def _colour(stance: Stance, side: Side, *, far: bool) -> Rgb:
    if side is stance.side:
        return SKY
    return FAINT if far else CALM if stance.side is not Side.BOTH else WHITE


def _key(stance: Stance) -> tuple[View, Side, _Fixed, str, bool]:
    motion = stance.motion or Motion(goal={})
    rest = dict(motion.rest) | dict(motion.start)
    if not any(name.startswith(("shoulder", "elbow")) for name in rest):
        rest |= _AT_EASE
    return stance.view, stance.side, tuple(sorted(rest.items())), motion.anchor, _sits(rest)


def _sits(rest: Mapping[str, Angles]) -> bool:
    def least(name: str) -> float:
        value = rest.get(name, 0.0)
        return min(value) if isinstance(value, tuple) else value

    upright = abs(least("trunk")) < SEATED_DEG and not least("roll")
    return upright and min(least("hip"), least("knee")) > SEATED_DEG


@lru_cache(maxsize=16)
def _stance_m(
    view: View, side: Side, rest: _Fixed, anchor: str, seated: bool
) -> tuple[FloatArray, FloatArray, bool]:
    """Return (33, 2) metres as in a mirror, (33,) metres towards the camera, and whether seated."""
    motion = Motion(goal={}, rest=dict(rest), anchor=anchor)
    points = movement_m(motion, np.zeros(1), side)[0]
    # A turn to the right of the picture shows the person's right side.
    turn_deg = TURN_DEG[view] * (-1.0 if side is Side.LEFT else 1.0)
    turn = np.radians(turn_deg)
    towards = np.cos(turn) * points[:, 0] - np.sin(turn) * points[:, 2]
    flat = seen_from(points, turn_deg) * [-1.0, 1.0]
    return flat, towards, seated


def _draw_limbs(picture: Picture, at_px: FloatArray, side: Side, colour: Rgb, limb: int) -> None:
    for names in (_LEG, _ARM):
        line = at_px[[Landmark[f"{side.name}_{name}"] for name in names]]
        draw_lines(picture, [line], INK, limb + max(2, limb // 3))
        draw_lines(picture, [line], colour, limb)


def _draw_head(picture: Picture, at_px: FloatArray, towards: FloatArray, scale: float) -> None:
    ears = at_px[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]].mean(axis=0)
    nose = at_px[Landmark.NOSE] - ears
    draw_disc(picture, ears + 1.05 * nose, 0.04 * scale, WHITE)
    draw_disc(picture, ears, HEAD_M * scale, WHITE)
    # Eyes show that somebody faces the camera; from the side the nose shows the way.
    facing = towards[Landmark.NOSE] - towards[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]].mean()
    if facing > 0.05:
        for name in ("LEFT_EYE_OUTER", "RIGHT_EYE_OUTER"):
            draw_disc(picture, at_px[Landmark[name]], 0.018 * scale, INK)


def _draw_floor(picture: Picture, at_px: FloatArray, floor: float, scale: float) -> None:
    middle = (float(at_px[:, 0].min()) + float(at_px[:, 0].max())) / 2
    half = max(0.45 * scale, float(np.ptp(at_px[:, 0])) / 2 + 0.1 * scale)
    line = [(middle - half, floor), (middle + half, floor)]
    draw_lines(picture, [line], FAINT, max(1, round(0.02 * scale)))


def _draw_seat(picture: Picture, at_px: FloatArray, floor: float, scale: float) -> None:
    x, y = at_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    top, half, line = y + 0.1 * scale, SEAT_HALF_M * scale, max(2, round(0.04 * scale))
    draw_lines(picture, [[(x - half, top), (x + half, top)]], FAINT, line)
    legs = [[(x + way * half, top), (x + way * half, floor)] for way in (-1, 1)]
    draw_lines(picture, legs, FAINT, line)
