"""Write pictures as an MP4 that every browser plays: H.264, yuv420p, index in front.

The writer keeps the frame times of the source to the millisecond, so that an event at
``start_ms`` is at that time in the clip; nothing is resampled to a frame rate.
"""

import contextlib
import errno
import os
import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

# Before av: that one brings an X library, and where it is loaded first a window waits without end.
import cv2  # noqa: F401

# isort: split
import av
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from hep_vision.errors import ExportError

TIME_BASE: Final = Fraction(1, 1000)
ENCODER_OPTIONS: Final = {"preset": "veryfast", "crf": "23", "g": "30", "bf": "0"}
"""A key frame every 30 frames keeps stepping through a clip quick; without B-frames the first
frame needs no delay, so times are the same in every player."""
DEFAULT_FRAME_MS: Final = 40


class VideoWriter:
    """Writes RGB pictures with their times; use as a context manager.

    The file appears under its name, readable by its owner only, once everything is written.
    When the block ends in an exception, or nothing was written, no file is left and one of the
    same name stays as it was.

    Raises:
        ExportError: The file cannot be written; from any part of the block.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        *,
        origin_ms: int = 0,
        one_thread: bool = False,
    ) -> None:
        """Take note of what to write; the file is begun by ``with``.

        Args:
            path: Where to write; the folder must exist.
            size_px: Width and height of the pictures. H.264 needs even numbers: an odd size loses
                its last column or row.
            origin_ms: Media time that becomes 0 in the file, for a clip cut from a session.
            one_thread: Take one core at most, because somebody is waiting for the others.

        Raises:
            ValueError: ``size_px`` is smaller than 2 by 2.
        """
        width, height = size_px
        if width < 2 or height < 2:
            raise ValueError(f"size_px: expected at least 2 x 2, got {width} x {height}")
        self._path = path
        self._source_size_px = (width, height)
        self._size_px = (width - width % 2, height - height % 2)
        self._origin_ms = origin_ms
        self._one_thread = one_thread
        self._last: tuple[int, av.VideoFrame] | None = None
        self._frame_ms = DEFAULT_FRAME_MS

    @property
    def size_px(self) -> tuple[int, int]:
        """Return width and height of the video, both even."""
        return self._size_px

    def __enter__(self) -> Self:
        try:
            if self._path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            handle, name = tempfile.mkstemp(
                dir=self._path.parent, prefix=f".{self._path.stem}.", suffix=".mp4"
            )
        except OSError as error:
            raise self._failed(error) from error
        os.close(handle)
        self._part = Path(name)
        try:
            self._container = av.open(name, "w", format="mp4", options={"movflags": "+faststart"})
            self._stream = self._container.add_stream("libx264", options=dict(ENCODER_OPTIONS))
        except (OSError, av.FFmpegError) as error:
            self._part.unlink(missing_ok=True)
            raise self._failed(error) from error
        self._set_up_stream()
        return self

    def _set_up_stream(self) -> None:
        context = self._stream.codec_context
        context.width, context.height = self._size_px
        context.pix_fmt = "yuv420p"
        context.time_base = TIME_BASE
        context.flags |= Flags.frame_duration
        if self._one_thread:
            context.thread_count = 1
        # Said outright: browsers guess the colour matrix from the size, and guess wrong.
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.color_range = ColorRange.MPEG

    def write(self, rgb: NDArray[np.uint8], timestamp_ms: int) -> None:
        """Add one picture, shown from its time until the next one's.

        Args:
            rgb: (H, W, 3) uint8 of the size given at the start.
            timestamp_ms: Media time, later than the one before and not before the origin.

        Raises:
            ExportError: The file cannot be written.
            ValueError: The picture has another size, or its time does not follow.
        """
        width, height = self._source_size_px
        if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8:
            raise ValueError(
                f"rgb: expected {(height, width, 3)} uint8, got {rgb.shape} {rgb.dtype}"
            )
        at_ms = timestamp_ms - self._origin_ms
        if at_ms < 0 or (self._last is not None and at_ms <= self._last[0]):
            raise ValueError(f"timestamp_ms: {timestamp_ms} does not follow the frame before")
        frame = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(rgb[: self._size_px[1], : self._size_px[0]]), format="rgb24"
        ).reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = at_ms, TIME_BASE
        if self._last is not None:
            self._frame_ms = at_ms - self._last[0]
            self._encode(self._last[1])
        self._last = (at_ms, frame)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        """Encode one frame for as long as it is shown; None empties the encoder."""
        if frame is not None:
            frame.duration = self._frame_ms
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            raise self._failed(error) from error

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if exc is None and self._last is not None:
                self._finish(self._last[1])
        finally:
            with contextlib.suppress(OSError, av.FFmpegError):
                self._container.close()
            self._part.unlink(missing_ok=True)

    def _finish(self, last: av.VideoFrame) -> None:
        self._encode(last)
        self._encode(None)
        try:
            self._container.close()
            self._part.replace(self._path)
        except (OSError, av.FFmpegError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ExportError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return ExportError(
            f"cannot write the video {self._path}: {reason}. Choose a folder that exists, "
            "that you may write to and that has room."
        )
