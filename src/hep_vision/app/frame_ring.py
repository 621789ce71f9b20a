"""The pictures of the last seconds of a live session, small, in memory alone.

A clip of a flagged repetition begins two seconds before it, when nobody knows yet that there will
be one. Kept are small pictures with halved colour (YUV 4:2:0, half the bytes of RGB): at 480x360
and 30 pictures a second, 16 seconds fill the budget. The oldest go first, whatever the rate is.
"""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from hep_vision.sources.base import Frame

MAX_SIDE_PX: Final = 480
BUDGET_BYTES: Final = 128 << 20


@dataclass(frozen=True, slots=True, eq=False)
class KeptFrame:
    """One small picture.

    Attributes:
        timestamp_ms: Media time.
        yuv: (3 H / 2, W) uint8, planes of a 4:2:0 picture; H and W are even.
    """

    timestamp_ms: int
    yuv: NDArray[np.uint8]

    @classmethod
    def of(cls, frame: Frame, max_side_px: int = MAX_SIDE_PX) -> "KeptFrame":
        """Return a small copy of a picture, which must be 2 by 2 at least."""
        height, width = frame.rgb.shape[:2]
        scale = min(1.0, max_side_px / max(width, height))
        width, height = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
        yuv = cv2.cvtColor(_shrunk(frame.rgb, width, height), cv2.COLOR_RGB2YUV_I420)
        return cls(frame.timestamp_ms, cast("NDArray[np.uint8]", yuv))

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """Return it as (H, W, 3) uint8."""
        return cast("NDArray[np.uint8]", cv2.cvtColor(self.yuv, cv2.COLOR_YUV2RGB_I420))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        rows, width = self.yuv.shape
        return width, rows * 2 // 3


def _shrunk(rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale down: halves by averaging, the rest by interpolation; all by averaging is slow."""
    small = rgb
    while small.shape[0] >= 2 * height and small.shape[1] >= 2 * width:
        half = (small.shape[1] // 2, small.shape[0] // 2)
        small = cast("NDArray[np.uint8]", cv2.resize(small, half, interpolation=cv2.INTER_AREA))
    if small.shape[:2] != (height, width):
        small = cast(
            "NDArray[np.uint8]",
            cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR),
        )
    return small


class FrameRing:
    """Keeps the newest pictures within a budget; any thread may add and ask.

    Args:
        budget_bytes: What all pictures together may take.
        max_side_px: Longer side of what is kept.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES, max_side_px: int = MAX_SIDE_PX) -> None:
        self._budget_bytes = budget_bytes
        self._max_side_px = max_side_px
        self._frames: deque[KeptFrame] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, frame: Frame) -> None:
        """Take a small copy of a picture, and drop as many of the oldest as that needs."""
        kept = KeptFrame.of(frame, self._max_side_px)
        with self._lock:
            self._frames.append(kept)
            self._bytes += kept.yuv.nbytes
            while self._bytes > self._budget_bytes:
                self._bytes -= self._frames.popleft().yuv.nbytes

    def between(self, start_ms: int, end_ms: int) -> tuple[KeptFrame, ...]:
        """Return what is there of the half-open span, in time order."""
        with self._lock:
            return tuple(f for f in self._frames if start_ms <= f.timestamp_ms < end_ms)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._frames.clear()
            self._bytes = 0

    @property
    def bytes_kept(self) -> int:
        """What the pictures take now."""
        return self._bytes
