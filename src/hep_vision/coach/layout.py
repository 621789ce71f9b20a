"""Where the parts of the live picture are: a panel, and the free picture beside or below it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hep_vision.coach.canvas import Box

TALL_BELOW_ASPECT: Final = 1.15


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes in pixels; ``unit_px`` is the length that all sizes are fractions of."""

    unit_px: float
    panel: Box
    name: Box
    side: Box
    count: Box
    target: Box
    ring: Box
    word: Box
    free: Box

    def px(self, fraction: float) -> int:
        """Return a length in whole pixels, at least one."""
        return max(1, round(fraction * self.unit_px))


def is_tall(width: int, height: int) -> bool:
    """Return whether the parts are stacked and not side by side."""
    return width < TALL_BELOW_ASPECT * height


def unit_of(width: int, height: int) -> float:
    """Return the length in pixels that all sizes are fractions of: the height, if it is wide."""
    return min(float(height), 1.25 * width) if is_tall(width, height) else float(height)


@lru_cache(maxsize=16)
def layout_of(width: int, height: int, foot_px: int = 0) -> Layout:
    """Return the layout of a picture whose free part ends ``foot_px`` above the lower edge."""
    if is_tall(width, height):
        return _tall_layout(width, height, foot_px)
    return _wide_layout(width, height, foot_px)


def _wide_layout(width: int, height: int, foot_px: int) -> Layout:
    unit = unit_of(width, height)
    margin, panel = round(0.025 * unit), round(0.40 * unit)

    def row(top: float, bottom: float) -> Box:
        return Box(margin, round(top * unit), panel - 2 * margin, round((bottom - top) * unit))

    return Layout(
        unit_px=unit,
        panel=Box(0, 0, panel, height),
        name=row(0.015, 0.13),
        side=row(0.135, 0.25),
        count=row(0.30, 0.55),
        target=row(0.58, 0.65),
        ring=row(0.67, 0.88),
        word=row(0.895, 0.97),
        free=Box(panel, 0, width - panel, height - foot_px),
    )


def _tall_layout(width: int, height: int, foot_px: int) -> Layout:
    unit = unit_of(width, height)
    margin, panel = round(0.03 * unit), round(0.455 * unit)
    left, right = round(0.40 * width), round(0.30 * width)

    def box(x: int, breadth: int, top: float, bottom: float) -> Box:
        return Box(x, round(top * unit), breadth, round((bottom - top) * unit))

    middle = width - left - right - 3 * margin
    return Layout(
        unit_px=unit,
        panel=Box(0, 0, width, panel),
        name=box(margin, width - 2 * margin, 0.015, 0.085),
        side=box(margin, width - 2 * margin, 0.095, 0.155),
        count=box(margin, left, 0.185, 0.435),
        target=box(left + 2 * margin, middle, 0.21, 0.40),
        ring=box(width - margin - right, right, 0.185, 0.355),
        word=box(width - margin - right, right, 0.365, 0.44),
        free=Box(0, panel, width, height - panel - foot_px),
    )
