"""Draw the figure: how to stand, sit or lie before a set, and whatever else it shows."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from hep_vision.coach.canvas import Picture, Point, draw_disc, draw_lines, draw_polygon, lay_over
from hep_vision.coach.palette import CALM, FAINT, INK, SKY, VERMILION, WHITE, Rgb
from hep_vision.coach.screens import Stance
from hep_vision.core import mannequin
from hep_vision.core.definition import Angles, Motion
from hep_vision.core.figure import movement_m
from hep_vision.core.landmarks import Landmark
from hep_vision.core.mannequin import Limb, Part, Role
from hep_vision.core.scene import ARMS, eased, sits
from hep_vision.core.types import FloatArray, Side, View

LEAST_HALF_M: Final = 0.75
"""Small postures are not drawn larger than this allows, so that all figures are of a size."""
OUTLINE_M: Final = 0.014
OUTLINED_MORE: Final = 1.7
"""The outline of what works is wider: colour alone would not do."""

_ON_DARK: Final[Mapping[Role, Rgb]] = {
    Role.GROUND: FAINT,
    Role.FURNITURE: FAINT,
    Role.FAR: FAINT,
    Role.NEAR: CALM,
    Role.WORKING: SKY,
    Role.TRUNK: CALM,
    Role.HEAD: WHITE,
    Role.EYE: INK,
    Role.MARK: VERMILION,
}

_Fixed = tuple[tuple[str, Angles], ...]
_Key = tuple[View, Side, _Fixed, str]
_NOTHING: Final = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the figure's metres are in a picture: an origin in pixels, and pixels a metre."""

    origin_px: Point
    scale: float

    def px(self, points_m: FloatArray) -> FloatArray:
        """Return pixels of (..., 2) metres."""
        return np.asarray(points_m * self.scale + np.asarray(self.origin_px))


def draw_parts(
    picture: Picture, parts: Iterable[Part], moment: int, place: Place, colours: Mapping[Role, Rgb]
) -> None:
    """Draw a figure, or what is around it, as it is at one of its moments."""
    for part in parts:
        if part.outlined:
            grown = OUTLINE_M * (OUTLINED_MORE if part.role is Role.WORKING else 1.0)
            _draw(picture, part, moment, place, INK, max(1.0, grown * place.scale))
        _draw(picture, part, moment, place, colours[part.role], 0.0)


def _draw(
    picture: Picture, part: Part, moment: int, place: Place, colour: Rgb, grown_px: float
) -> None:
    for stroke in part.strokes:
        # What stands still has one moment.
        points = place.px(stroke.points_m[min(moment, len(stroke.points_m) - 1)])
        if len(points) > 1 and not np.ptp(points, axis=0).any():
            continue
        width = stroke.width_m * place.scale + 2.0 * grown_px
        if len(points) == 1:
            draw_disc(picture, points[0], width / 2.0, colour)
        elif stroke.closed:
            draw_polygon(picture, points, colour, max(1, round(width)))
        else:
            draw_lines(picture, [points], colour, max(1, round(width)))


def draw_stance(picture: Picture, stance: Stance, centre: Point, radius_px: float) -> None:
    """Draw the figure inside a circle; the side that counts is bright."""
    # Drawn once: it stays for as long as somebody gets ready, and each picture waits for it.
    figure, mask = _drawn(_key(stance), radius_px)
    half = figure.shape[0] // 2
    lay_over(picture, figure, mask, round(centre[0]) - half, round(centre[1]) - half)


@lru_cache(maxsize=4)
def _drawn(key: _Key, radius_px: float) -> tuple[Picture, Picture]:
    """Return the figure on black, with room for what hangs over its circle, and where it is."""
    half = max(1, math.ceil(1.2 * radius_px))
    figure: Picture = np.full((2 * half, 2 * half, 3), _NOTHING, np.uint8)
    _draw_figure(figure, key, (half, half), radius_px)
    mask = np.where((figure != _NOTHING).any(axis=2), 255, 0).astype(np.uint8)
    return figure, mask


def _draw_figure(picture: Picture, key: _Key, centre: Point, radius_px: float) -> None:
    parts = _stance_parts(*key)
    low, high = mannequin.extent_m(parts[1:])
    half_m = max(float(np.hypot(*(high - low))) / 2.0, LEAST_HALF_M)
    scale = radius_px / half_m
    middle = (low + high) / 2.0 * scale
    place = Place((centre[0] - float(middle[0]), centre[1] - float(middle[1])), scale)
    draw_parts(picture, parts, 0, place, _ON_DARK)


def _key(stance: Stance) -> _Key:
    motion = stance.motion or Motion(goal={})
    rest = dict(motion.rest) | dict(motion.start)
    if not any(name.startswith(ARMS) for name in rest):
        rest |= eased(rest)
    return stance.view, stance.side, tuple(sorted(rest.items())), motion.anchor


def _stance_parts(view: View, side: Side, rest: _Fixed, anchor: str) -> tuple[Part, ...]:
    """Return the floor, a chair if need be, and the figure."""
    motion = Motion(goal={}, rest=dict(rest), anchor=anchor)
    points = movement_m(motion, np.zeros(1), side)
    turn_deg = mannequin.turn_of(view, side)
    working = frozenset() if side is Side.BOTH else frozenset({(side, Limb.ARM), (side, Limb.LEG)})
    body = mannequin.body_parts(points, turn_deg, working)
    low, high = mannequin.extent_m(body)
    floor = mannequin.floor_line(float(low[0]) - 0.1, float(high[0]) + 0.1, float(high[1]))
    if not sits(dict(rest)):
        return floor, *body
    hips = mannequin.mirrored(points[0, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]], turn_deg)
    x, y = hips.mean(axis=0)
    facing = 0.0 if mannequin.is_frontal(turn_deg) else -float(np.sign(turn_deg))
    chair = mannequin.chair(float(x), float(y) + mannequin.TRUNK_M / 2, float(high[1]), facing)
    return floor, chair, *body
