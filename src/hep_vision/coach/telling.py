"""Lines of text below each other, each behind an icon of its own."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from hep_vision.coach.canvas import (
    LINE_EM,
    SMALLEST_TEXT_PX,
    Box,
    Picture,
    Point,
    lettering_width,
    wrap,
    wrap_evenly,
    write,
)
from hep_vision.coach.palette import WHITE, Rgb

Icon = Callable[[Picture, Point, float], None]

ICON_EM: Final = 1.15
ICON_GAP_EM: Final = 0.55


class Line(NamedTuple):
    """Something said, behind its icon."""

    words: str
    icon: Icon | None = None
    colour: Rgb = WHITE
    bold: bool = False


def tell(
    picture: Picture, lines: Sequence[Line], box: Box, size_px: int, gap_em: float = 0.6
) -> None:
    """Write lines from the middle of a box outwards, all in one size, shrunk until they fit."""
    if not lines:
        return
    bold = tuple(line.bold for line in lines)
    words = tuple(line.words for line in lines)
    icons = any(line.icon for line in lines)
    size, wrapped = _arranged(words, bold, icons, box.width, box.height, size_px, gap_em)
    heights = [max(len(rows), 1) * LINE_EM * size for rows in wrapped]
    y = box.centre[1] - (sum(heights) + gap_em * size * (len(lines) - 1)) / 2
    aside = _aside(size) if icons else 0
    for line, rows, height in zip(lines, wrapped, heights, strict=True):
        if line.icon:
            radius = ICON_EM * size / 2
            line.icon(picture, (box.x + radius, y + LINE_EM * size / 2), radius)
        for row in rows:
            place = Box(box.x + aside, round(y), box.width, round(LINE_EM * size))
            write(picture, row, place, size, line.colour, bold=line.bold, centred=False)
            y += LINE_EM * size
        y += gap_em * size + height - len(rows) * LINE_EM * size


def height_px(lines: Sequence[Line], width: int, size_px: int, gap_em: float = 0.6) -> int:
    """Return the height that lines of this width need at their full size."""
    room = width - (_aside(size_px) if any(line.icon for line in lines) else 0)
    rows = sum(len(wrap(line.words, room, size_px, bold=line.bold)) for line in lines)
    return round((rows * LINE_EM + gap_em * (len(lines) - 1)) * size_px)


def _aside(size_px: int) -> int:
    return round((ICON_EM + ICON_GAP_EM) * size_px)


@lru_cache(maxsize=64)
def _arranged(  # noqa: PLR0913 -- everything that the arrangement depends on
    words: tuple[str, ...],
    bold: tuple[bool, ...],
    icons: bool,
    width: int,
    height: int,
    size_px: int,
    gap_em: float,
) -> tuple[int, tuple[tuple[str, ...], ...]]:
    size = max(size_px, SMALLEST_TEXT_PX)
    while True:
        room = width - (_aside(size) if icons else 0)
        wrapped = tuple(
            wrap_evenly(w, room, size, bold=b) for w, b in zip(words, bold, strict=True)
        )
        tall = (sum(map(len, wrapped)) * LINE_EM + gap_em * (len(words) - 1)) * size
        wide = max(
            lettering_width(rows, size, bold=b) for rows, b in zip(wrapped, bold, strict=True)
        )
        if size <= SMALLEST_TEXT_PX or (tall <= height and wide <= room):
            return size, wrapped
        size = max(SMALLEST_TEXT_PX, min(size - 1, round(0.96 * size)))
