"""What every source of frames promises.

A source owns time: its stamps are exact media times in milliseconds, strictly increasing, and the
pictures are RGB. The contract test-suite in ``tests/contract`` runs over every implementation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its frames are read.

    Attributes:
        path: Where it came from, as the person named it.
        width_px: Width of the picture as shown (rotation applied), at full size.
        height_px: Height likewise.
        duration_ms: Length by the container, or None when it does not say.
        frame_count: Number of frames by the container, or None; an estimate for progress bars.
    """

    path: str
    width_px: int
    height_px: int
    duration_ms: int | None
    frame_count: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes:
        index: Position in the source, from 0; for display only.
        timestamp_ms: Media time.
        rgb: (H, W, 3) uint8, upright, possibly scaled down from the source's full size.
    """

    index: int
    timestamp_ms: int
    rgb: NDArray[np.uint8]


class FrameSource(Protocol):
    """An iterable of frames that is used as a context manager and read once."""

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """List what went wrong but did not stop the reading; complete once iteration ended."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def __iter__(self) -> Iterator[Frame]: ...
