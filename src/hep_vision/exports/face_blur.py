"""Hide faces in pictures: a few flat squares where the head is, or may be."""

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from hep_vision.core.face import Box

CELLS: Final = 4
"""Squares along the longer side of a region: what is left of a face is sixteen colours, of which
hair, skin and background take most."""

WHOLE_CELLS: Final = 8
"""Likewise for a whole picture in which nobody knows where the head is."""


def hide(
    rgb: NDArray[np.uint8],
    regions: Iterable[Box] | None,
    source_size_px: tuple[int, int] | None,
) -> NDArray[np.uint8]:
    """Return a copy of a picture with regions pixelated.

    Args:
        rgb: (H, W, 3) uint8, at any scale of the source picture.
        regions: Boxes in pixels of the source picture; None hides all of it.
        source_size_px: Width and height of the source picture; None hides all of it, too.
    """
    hidden = rgb.copy()
    height, width = rgb.shape[:2]
    if regions is None or source_size_px is None:
        _pixelate(hidden, WHOLE_CELLS)
        return hidden
    scale = np.array([width / source_size_px[0], height / source_size_px[1]] * 2)
    for box in regions:
        low = np.floor(np.array(box) * scale)[:2].clip(0, (width, height)).astype(int)
        high = np.ceil(np.array(box) * scale)[2:].clip(0, (width, height)).astype(int)
        part = hidden[low[1] : high[1], low[0] : high[0]]
        if part.size:
            _pixelate(part, CELLS)
    return hidden


def _pixelate(part: NDArray[np.uint8], cells: int) -> None:
    """Pixelate in place."""
    height, width = part.shape[:2]
    cell = max(1.0, max(height, width) / cells)
    across, down = max(1, round(width / cell)), max(1, round(height / cell))
    few = cv2.resize(np.ascontiguousarray(part), (across, down), interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST)
