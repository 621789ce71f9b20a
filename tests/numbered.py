"""Pictures that say which they are: the places of two white squares are the digits of a number."""

from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
PLACES: Final = 16
SIZE_PX: Final = (160, 48)
_STEP: Final = SIZE_PX[0] // PLACES


def numbered(number: int) -> Picture:
    """Return a dark picture whose number is told by two squares, 0..255."""
    picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), 30, np.uint8)
    for row, place in enumerate(divmod(number, PLACES)):
        picture[24 * row : 24 * row + 24, _STEP * place : _STEP * (place + 1)] = 250
    return picture


def number_of(picture: Picture) -> int:
    """Return the number of a picture, after a codec."""
    columns = picture.mean(axis=2).reshape(2, 24, PLACES, _STEP).mean(axis=(1, 3))
    high, low = columns.argmax(axis=1).tolist()
    return PLACES * high + low


def decoded(path: Path) -> list[tuple[float, Picture]]:
    """Return the pictures of a video with their times, ms."""
    with av.open(str(path)) as container:
        return [
            (1000 * float(frame.time or 0.0), frame.to_ndarray(format="rgb24").astype(np.uint8))
            for frame in container.decode(video=0)
        ]
