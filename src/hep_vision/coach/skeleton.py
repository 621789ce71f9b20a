"""Draw the person that the camera sees: skeleton, the limb at work, what to move which way."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hep_vision.coach.canvas import (
    Box,
    Picture,
    Point,
    dashes,
    draw_disc,
    draw_lines,
    draw_polygon,
    lettering,
    paste,
    shade,
)
from hep_vision.coach.layout import Layout
from hep_vision.coach.palette import CALM, FAINT, INK, ORANGE, SKY, WHITE, Rgb
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.types import FloatArray, PoseFrame

Segment = tuple[Landmark, Landmark]

SEEN_VISIBILITY: Final = 0.5
"""A landmark that the model trusts less than this is not marked, and its segments are dashed."""


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """Landmarks in pixels of the picture drawn on; ``clear`` where the model trusts them."""

    at_px: FloatArray
    known: NDArray[np.bool_]
    clear: NDArray[np.bool_]

    @classmethod
    def of(cls, pose: PoseFrame, place: Box, *, mirror: bool) -> Self:
        """Return the landmarks of a pose whose picture fills ``place``."""
        size = np.array([place.width, place.height], dtype=np.float64)
        at_px = pose.image_px * (size / np.array(pose.image_size_px))
        if mirror:
            at_px[:, 0] = size[0] - 1 - at_px[:, 0]
        known = np.isfinite(at_px).all(axis=1)
        # OpenCV takes 32-bit coordinates: a landmark far outside keeps only its direction.
        at_px = np.clip(at_px, -2 * size, 3 * size) + np.array([place.x, place.y])
        return cls(at_px, known, known & (pose.visibility >= SEEN_VISIBILITY))

    def lines(self, segments: Sequence[Segment]) -> tuple[FloatArray, FloatArray]:
        """Return the (N, 2, 2) lines clearly seen, and those hardly seen."""
        ends = np.array(segments, dtype=np.intp).reshape(-1, 2)
        known, clear = self.known[ends].all(axis=1), self.clear[ends].all(axis=1)
        return self.at_px[ends[clear]], self.at_px[ends[known & ~clear]]


def draw_skeleton(
    picture: Picture,
    skeleton: Skeleton,
    layout: Layout,
    limb: Sequence[Segment] = (),
    deviating: Sequence[Segment] = (),
) -> None:
    """Draw the body thin and calm, the limb at work bright, what deviates thick and striped."""
    thin, bright, heavy = layout.px(0.005), max(2, layout.px(0.013)), max(4, layout.px(0.03))
    halo = layout.px(0.003)
    flagged = _undirected(deviating)
    limb = [s for s in limb if frozenset(s) not in flagged]
    special = flagged | _undirected(limb)
    calm = [s for s in BODY_EDGES if frozenset(s) not in special]
    for segments, colour, thickness in (
        (calm, CALM, thin),
        (limb, SKY, bright),
        (deviating, ORANGE, heavy),
    ):
        clear, doubtful = skeleton.lines(segments)
        # A dark halo lets a light line show on a light wall.
        draw_lines(picture, clear, INK, thickness + 2 * halo)
        draw_lines(picture, clear, colour, thickness)
        dashed = dashes(doubtful, 3.0 * thickness + 4)
        draw_lines(picture, dashed, FAINT, max(1, thickness // 2))
    core = dashes(skeleton.lines(deviating)[0], 2.0 * heavy)
    draw_lines(picture, core, INK, max(1, heavy // 4))
    _draw_joints(picture, skeleton, calm, CALM, thin)
    _draw_joints(picture, skeleton, (*limb, *deviating), WHITE, bright)


def _undirected(segments: Iterable[Segment]) -> set[frozenset[Landmark]]:
    return {frozenset(segment) for segment in segments}


def _draw_joints(
    picture: Picture, skeleton: Skeleton, segments: Iterable[Segment], colour: Rgb, radius_px: int
) -> None:
    for landmark in sorted({landmark for segment in segments for landmark in segment}):
        if skeleton.clear[landmark]:
            centre = skeleton.at_px[landmark]
            draw_disc(picture, centre, radius_px + max(1, radius_px // 2), INK)
            draw_disc(picture, centre, radius_px, colour)


def draw_correction(
    picture: Picture, skeleton: Skeleton, layout: Layout, landmark: Landmark, way: Point
) -> None:
    """Draw an arrow from a landmark the way (right, down on this picture) in which to move it."""
    length = math.hypot(*way)
    if not length > 0 or not skeleton.known[landmark]:
        return
    ahead = np.array(way) / length * layout.unit_px
    across = np.array([-ahead[1], ahead[0]])
    start = skeleton.at_px[landmark] + 0.045 * ahead
    neck = start + 0.07 * ahead
    head = [neck + 0.06 * ahead, neck + 0.045 * across, neck - 0.045 * across]
    for colour, halo in ((INK, 2 * layout.px(0.006)), (ORANGE, 0)):
        draw_lines(picture, [[start, neck]], colour, max(3, layout.px(0.022)) + halo)
        draw_polygon(picture, head, colour, halo)


def draw_value(
    picture: Picture,
    skeleton: Skeleton,
    layout: Layout,
    landmark: Landmark,
    text: str,
    arrow: Point | None = None,
) -> None:
    """Write a value beside its joint: away from the trunk, or else away from its arrow."""
    size, gap = layout.px(0.07), layout.px(0.04)
    glyphs = lettering(text, size, bold=True)
    width, height = glyphs.shape[1] + gap // 2, round(1.3 * size)
    x, y = skeleton.at_px[landmark]
    rightwards = bool(x >= skeleton.at_px[skeleton.known, 0].mean())
    if arrow is not None:
        rightwards = arrow[0] < 0
    free = layout.free
    left = x + gap if rightwards else x - gap - width
    box = Box(
        round(min(max(left, free.x), free.x + free.width - width)),
        round(min(max(y - height / 2, free.y), free.y + free.height - height)),
        width,
        height,
    )
    shade(picture, box)
    paste(picture, glyphs, box.x + gap // 4, box.y + (height - glyphs.shape[0]) // 2)
