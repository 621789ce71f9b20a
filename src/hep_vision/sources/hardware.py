"""Decoding by a graphics processor, where this machine has one that does it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoStream
    from av.codec.hwaccel import HWAccel

_DEVICES: Final = ("videotoolbox", "cuda", "d3d11va", "vaapi", "qsv")
"""In order of preference; of those for one platform the maker's own comes first."""

_MEAN_DIFFERENCE: Final = 2.0
"""Of 255. Decoders agree to the bit, so only rounding in the scaler may differ, which came to 0.5
between ways of scaling; a picture that is turned or in other colours differs by tens. Own
judgement."""


def accelerators() -> "Iterator[HWAccel]":
    """Yield what may decode here; whether it does is known once a file was opened with it."""
    from av.codec.hwaccel import HWAccel, hwdevices_available

    built_in = set(hwdevices_available())
    for device in _DEVICES:
        if device in built_in:
            yield HWAccel(device, allow_software_fallback=False)


def is_used(stream: "VideoStream") -> bool:
    """Whether a stream is really decoded by the device it was opened with."""
    return bool(stream.codec_context.is_hwaccel)


def agree(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures are the same but for rounding."""
    if one.shape != other.shape:
        return False
    return float(np.abs(one.astype(np.int16) - other).mean()) <= _MEAN_DIFFERENCE
