"""Strokes and lettering on an RGB picture, in place; positions are pixels, x right, y down.

Text is TrueType through OpenCV, with degree sign, umlauts and the rest of Latin, and is always
light on a shaded ground. What falls outside the picture is cut off.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hep_vision.coach.palette import INK, WHITE, Rgb

Picture = NDArray[np.uint8]
Point = tuple[float, float]

SHADE_OPACITY: Final = 0.75
"""Keeps white text at a contrast above 7:1 even on a white wall."""

CAP_HEIGHT_EM: Final = 0.76
LINE_EM: Final = 1.2
SMALLEST_TEXT_PX: Final = 7
LARGE_TEXT_PX: Final = 96
MEASURED_TEXT_PX: Final = 512
SUBPIXEL_BITS: Final = 4


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    def part(self, top: float, bottom: float, left: float = 0.0, right: float = 1.0) -> "Box":
        """Return what lies between these shares of its height and width."""
        x, y = self.x + round(left * self.width), self.y + round(top * self.height)
        width = self.x + round(right * self.width) - x
        return Box(x, y, width, self.y + round(bottom * self.height) - y)

    def inset(self, margin: int) -> "Box":
        """Return the box without a margin all round."""
        width, height = self.width - 2 * margin, self.height - 2 * margin
        return Box(self.x + margin, self.y + margin, width, height)

    @property
    def centre(self) -> Point:
        """Return its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


# Text


def write(  # noqa: PLR0913 -- what, where and how
    picture: Picture,
    text: str,
    box: Box,
    size_px: int,
    colour: Rgb = WHITE,
    *,
    bold: bool = False,
    centred: bool = True,
) -> None:
    """Write text in the middle of a box, wrapped and if need be shrunk to fit.

    The box holds whole lines; a single line may rise and hang over it by what capitals do not use.
    """
    size, lines = fit(text, box.width, box.height, size_px, bold=bold)
    y = box.centre[1] - (len(lines) - 1) * LINE_EM * size / 2
    for line in lines:
        glyphs = lettering(line, size, colour, bold=bold)
        x = box.x + (box.width - glyphs.shape[1]) / 2 if centred else box.x
        paste(picture, glyphs, round(x), round(y - glyphs.shape[0] / 2))
        y += LINE_EM * size


def write_on_paper(  # noqa: PLR0913 -- what, where and how
    picture: Picture,
    text: str,
    box: Box,
    size_px: int,
    colour: Rgb = INK,
    *,
    bold: bool = False,
    centred: bool = True,
) -> None:
    """Write dark text on a light ground; otherwise as `write`."""
    ground = _within(picture, box)
    if ground.size:
        # Lettering is light on dark: written on the negative, it is dark on light.
        negative = 255 - ground
        light = (255 - colour[0], 255 - colour[1], 255 - colour[2])
        inside = Box(min(box.x, 0), min(box.y, 0), box.width, box.height)
        write(negative, text, inside, size_px, light, bold=bold, centred=centred)
        ground[:] = 255 - negative


@lru_cache(maxsize=256)
def fit(
    text: str, width: int, height: int, size_px: int, *, bold: bool = False
) -> tuple[int, tuple[str, ...]]:
    """Return the largest size up to ``size_px`` at which the text fits a box, and its lines.

    A no-break space holds its words together. Text that fits at no readable size keeps the
    smallest one.
    """
    size = max(size_px, SMALLEST_TEXT_PX)
    while True:
        lines = wrap(text, width, size, bold=bold)
        tall = ((len(lines) - 1) * LINE_EM + CAP_HEIGHT_EM) * size
        if size <= SMALLEST_TEXT_PX or (
            _widest(lines, size, bold=bold) <= width and tall <= height
        ):
            return size, _balance(text, lines, size, bold=bold)
        size = max(SMALLEST_TEXT_PX, min(size - 1, round(0.94 * size)))


def lettering_width(lines: Sequence[str], size_px: int, *, bold: bool = False) -> int:
    """Return the width of the widest of some lines."""
    return _widest(lines, size_px, bold=bold)


@lru_cache(maxsize=256)
def lettering(text: str, size_px: int, colour: Rgb = WHITE, *, bold: bool = False) -> Picture:
    """Return one line of text on black, read-only, with its capitals in the middle."""
    scale = 1 if size_px > LARGE_TEXT_PX else 2
    size = scale * size_px
    growth = round(_stroke_em(bold=bold) * size / 2)
    width, height = _text_width(text, size_px, bold=bold), round(1.4 * size_px)
    baseline = round((height * scale + CAP_HEIGHT_EM * size) / 2)
    mask: NDArray[np.uint8] = np.zeros((height * scale, width * scale), np.uint8)
    cv2.putText(mask, text, (scale + growth, baseline), WHITE, _face(), size)
    # The font has one weight: a heavier one is its outline grown, by turns into an octagon.
    for step in range(growth):
        shape = cv2.MORPH_RECT if step % 2 else cv2.MORPH_CROSS
        cv2.dilate(mask, cv2.getStructuringElement(shape, (3, 3)), dst=mask)
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    # What is drawn is narrower than it measures, by more at small sizes: cut, it can be centred.
    used = np.flatnonzero(small.any(axis=0))
    if used.size:
        small = small[:, max(int(used[0]) - 1, 0) : int(used[-1]) + 2]
    glyphs: Picture = (small[:, :, None] * np.array(colour, np.uint16) // 255).astype(np.uint8)
    glyphs.setflags(write=False)
    return glyphs


def paste(picture: Picture, glyphs: Picture, x: int, y: int) -> None:
    """Lay light text over a shaded ground."""
    top, left = max(y, 0), max(x, 0)
    ground = picture[top : max(y + glyphs.shape[0], 0), left : max(x + glyphs.shape[1], 0)]
    if ground.size:
        dy, dx = top - y, left - x
        text = glyphs[dy : dy + ground.shape[0], dx : dx + ground.shape[1]]
        # The lighter of the two: antialiased edges then need no blending.
        ground[:] = cv2.max(ground, text)


def lay_over(picture: Picture, layer: Picture, mask: Picture, x: int, y: int) -> None:
    """Lay something drawn before over the picture, where its (H, W) mask is not 0."""
    top, left = max(-y, 0), max(-x, 0)
    ground = _within(picture, Box(x, y, layer.shape[1], layer.shape[0]))
    if ground.size:
        place = np.s_[top : top + ground.shape[0], left : left + ground.shape[1]]
        cv2.copyTo(layer[place], mask[place], dst=ground)


def wrap_evenly(text: str, width: int, size_px: int, *, bold: bool = False) -> tuple[str, ...]:
    """Return the lines of `wrap`, as even in length as their number allows."""
    return _balance(text, wrap(text, width, size_px, bold=bold), size_px, bold=bold)


def wrap(text: str, width: int, size_px: int, *, bold: bool = False) -> tuple[str, ...]:
    """Return the lines of a text at one size; a word wider than the width has its own."""
    lines: list[str] = []
    # A dot between two parts ends a line and begins none.
    for word in text.replace(" · ", "\N{NO-BREAK SPACE}· ").split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _text_width(longer, size_px, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def _balance(text: str, lines: tuple[str, ...], size_px: int, *, bold: bool) -> tuple[str, ...]:
    """Even out the lines, so that no word is left alone on the last."""
    width = _widest(lines, size_px, bold=bold)
    while len(lines) > 1:
        width -= size_px // 2 + 1
        narrower = wrap(text, width, size_px, bold=bold)
        if len(narrower) > len(lines) or _widest(narrower, size_px, bold=bold) > width:
            break
        lines = narrower
    return lines


def _widest(lines: Sequence[str], size_px: int, *, bold: bool) -> int:
    return max(_text_width(line, size_px, bold=bold) for line in lines)


def _text_width(text: str, size_px: int, *, bold: bool) -> int:
    return math.ceil((_width_em(text) + _stroke_em(bold=bold)) * size_px) + 2


@lru_cache(maxsize=1024)
def _width_em(text: str) -> float:
    return sum(map(_advance_em, text))


@lru_cache(maxsize=512)
def _advance_em(letter: str) -> float:
    # The font rounds every letter down to whole pixels, so a small size measures long lines short
    # by a letter. Measured once, large; the bar makes a space count.
    return (_measured_px(letter + "|") - _measured_px("|")) / MEASURED_TEXT_PX


def _measured_px(text: str) -> int:
    x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _face(), MEASURED_TEXT_PX)
    return int(x + width)


def _stroke_em(*, bold: bool) -> float:
    return 0.06 if bold else 0.02


def _face() -> cv2.FontFace:
    # "uni" has a plain zero; "sans" strikes it through, and a count of 10 reads as a diameter.
    face = cv2.FontFace("uni")
    return face if face.getName() else cv2.FontFace("sans")


# Strokes


def blacken(picture: Picture, box: Box) -> None:
    """Fill a box with ink."""
    if box.width > 0 and box.height > 0:
        corner = (box.x + box.width - 1, box.y + box.height - 1)
        cv2.rectangle(picture, (box.x, box.y), corner, INK, cv2.FILLED)


def shade(picture: Picture, box: Box, opacity: float = SHADE_OPACITY) -> None:
    """Darken a box so that white text reads on it, with the picture still to be seen."""
    ground = _within(picture, box)
    if ground.size:
        ground[:] = _shaded(ground, opacity)


def shade_disc(picture: Picture, centre: Point, radius_px: float) -> None:
    """Darken a disc as `shade` does a box."""
    x, y = math.floor(centre[0] - radius_px), math.floor(centre[1] - radius_px)
    side = math.ceil(2 * radius_px) + 1
    ground = _within(picture, Box(x, y, side, side))
    if ground.size:
        mask: Picture = np.zeros((*ground.shape[:2], 1), np.uint8)
        middle = (centre[0] - max(x, 0), centre[1] - max(y, 0))
        draw_disc(mask, middle, radius_px, WHITE)
        cv2.copyTo(_shaded(ground, SHADE_OPACITY), mask, dst=ground)


def _shaded(ground: Picture, opacity: float) -> Picture:
    dark = cv2.convertScaleAbs(ground, alpha=1 - opacity, beta=0)
    cv2.add(dark, np.array([*INK, 0.0]) * opacity, dst=dark)
    return np.asarray(dark, np.uint8)


def _within(picture: Picture, box: Box) -> Picture:
    return picture[max(box.y, 0) : box.y + box.height, max(box.x, 0) : box.x + box.width]


def draw_frame(picture: Picture, box: Box, colour: Rgb, thickness_px: int) -> None:
    """Draw the outline of a box, its middle line on the edge."""
    right, bottom = box.x + box.width, box.y + box.height
    line = [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom), (box.x, box.y)]
    draw_lines(picture, [line], colour, thickness_px)


def draw_lines(picture: Picture, lines: ArrayLike, colour: Rgb, thickness_px: int) -> None:
    """Draw open lines: (N, K, 2) for N lines of K points each; N may be 0."""
    points = _fixed(lines)
    if points.size:
        cv2.polylines(
            picture, list(points), False, colour, thickness_px, cv2.LINE_AA, SUBPIXEL_BITS
        )


def dashes(lines: NDArray[np.float64], period_px: float) -> NDArray[np.float64]:
    """Cut (N, 2, 2) lines into (M, 2, 2) dashes, each followed by a gap of its own length."""
    pieces = [np.empty((0, 2, 2))]
    for start, end in lines:
        count = max(1, math.ceil(float(np.hypot(*(end - start))) / period_px))
        at = (np.arange(count)[:, None] + np.array([0.0, 0.5])) / count
        pieces.append(start + at[:, :, None] * (end - start))
    return np.concatenate(pieces)


def draw_disc(picture: Picture, centre: ArrayLike, radius_px: float, colour: Rgb) -> None:
    """Draw a filled circle."""
    x, y = _fixed(centre)
    radius = max(0, round(radius_px * (1 << SUBPIXEL_BITS)))
    cv2.circle(picture, (int(x), int(y)), radius, colour, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)


def draw_polygon(picture: Picture, corners: ArrayLike, colour: Rgb, outline_px: int = 0) -> None:
    """Draw a filled shape from its (K, 2) corners, or grow it by an outline of its own colour."""
    points = [_fixed(corners)]
    cv2.fillPoly(picture, points, colour, cv2.LINE_AA, SUBPIXEL_BITS)
    if outline_px:
        cv2.polylines(picture, points, True, colour, outline_px, cv2.LINE_AA, SUBPIXEL_BITS)


def draw_arc(
    picture: Picture, centre: Point, radius_px: float, turns: float, colour: Rgb, thickness_px: int
) -> None:
    """Draw an arc clockwise from the top; 1 turn is a whole ring, 0 draws nothing."""
    if turns > 0:
        steps = max(1, round(72 * turns))
        points = [around(centre, radius_px, turns * k / steps) for k in range(steps + 1)]
        draw_lines(picture, [points], colour, thickness_px)


def around(centre: Point, radius_px: float, turns: float) -> Point:
    """Return the point at a clock position: 0 turns is up, and it goes clockwise."""
    angle = 2 * math.pi * turns
    return centre[0] + radius_px * math.sin(angle), centre[1] - radius_px * math.cos(angle)


def _fixed(points: ArrayLike) -> NDArray[np.int32]:
    """Return pixel positions as OpenCV's fixed-point numbers."""
    return np.rint(np.asarray(points, np.float64) * (1 << SUBPIXEL_BITS)).astype(np.int32)
