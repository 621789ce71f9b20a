"""The clips of ``benchmarks.speed --sizes``: a filmed clip, coded anew as phones have it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from hep_vision.sources.base import Frame
from hep_vision.sources.video_file import ReadSettings, VideoFile

GRAIN = 3.0
"""Standard deviation of the noise of a sensor, of 255: without it a clip that was scaled up is
smoother, and faster to decode, than any that was filmed."""


@dataclass(frozen=True, slots=True)
class Size:
    """A size of video.

    Attributes:
        name: As people call it.
        short_side_px: The shorter side.
        rate_hz: Pictures a second.
        bit_rate: About what phones use, in bits a second.
    """

    name: str
    short_side_px: int
    rate_hz: int
    bit_rate: int


SIZES = (
    Size("480p30", 480, 30, 3_000_000),
    Size("1080p30", 1080, 30, 17_000_000),
    Size("1080p60", 1080, 60, 26_000_000),
    Size("2160p30", 2160, 30, 45_000_000),
)


def code_anew(clip: Path, size: Size, folder: Path, frames: int) -> Path:
    """Write the first frames of ``clip`` in another size and rate; H.264 without B frames.

    The pictures are those of the clip, each once, so at 60 a second the person is twice as fast.
    Most phones code without B frames, and nothing of such a video can be skipped in decoding.
    """
    path = folder / f"{size.name}.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=size.rate_hz, options={"preset": "ultrafast", "bf": "0", "g": "30"}
        )
        assert isinstance(stream, av.VideoStream)
        grain: _Grain | None = None
        for index, frame in enumerate(_pictures(clip, frames)):
            if grain is None:
                width_px, height_px = _scaled(frame.rgb.shape, size.short_side_px)
                stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
                stream.bit_rate = size.bit_rate
                grain = _Grain(width_px, height_px)
            picture = av.VideoFrame.from_ndarray(grain.over(frame.rgb), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, size.rate_hz)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def _pictures(clip: Path, frames: int) -> Iterator[Frame]:
    """Yield the clip, again and again until there are enough frames."""
    left = frames
    while left > 0:
        with VideoFile(clip, ReadSettings(max_side_px=4096, max_rate_hz=None)) as video:
            for frame in islice(video, left):
                left -= 1
                yield frame


def _scaled(shape: tuple[int, ...], short_side_px: int) -> tuple[int, int]:
    height_px, width_px = shape[:2]
    scale = short_side_px / min(height_px, width_px)
    return 2 * round(height_px * scale / 2), 2 * round(width_px * scale / 2)


class _Grain:
    """Noise that differs from picture to picture, cut from one larger picture of it."""

    _SPARE_PX = 64

    def __init__(self, width_px: int, height_px: int) -> None:
        self._random = np.random.default_rng(0)
        size = (height_px + self._SPARE_PX, width_px + self._SPARE_PX, 1)
        noise = self._random.normal(0.0, GRAIN, size).round().astype(np.int16)
        self._noise = np.repeat(noise, 3, axis=2)
        self._size_px = width_px, height_px

    def over(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture in this size, with noise."""
        width_px, height_px = self._size_px
        left, top = self._random.integers(0, self._SPARE_PX, 2)
        noise = self._noise[top : top + height_px, left : left + width_px]
        scaled = cv2.resize(rgb, self._size_px, interpolation=cv2.INTER_CUBIC)
        return cv2.add(scaled, noise, dtype=cv2.CV_8U)
