"""Frames of a video file, with their exact presentation times.

The only importer of PyAV among the sources. Decoding runs in a thread of its own, a few frames
ahead of the reader, so that it overlaps with pose estimation.
"""

import contextlib
import os
import threading
from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from hep_vision.errors import SourceOpenError, SourceReadError
from hep_vision.sources.base import Frame, SourceInfo

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer
    from av.sidedata.sidedata import SideDataContainer

MAX_SIDE_PX: Final = 640
"""Longer side of the pictures handed on: the pose model gains nothing from more."""

READ_AHEAD_FRAMES: Final = 4
ONE_THREAD_MAX_PX: Final = 1920 * 1088
"""Up to this size one core decodes faster than the other estimates poses."""

MAX_DECODER_THREADS: Final = 4
"""Each thread holds pictures of its own: 8K with more of them would fill the memory."""

MISSING_END_MS: Final = 500
"""A file whose packets stop this much before its stated duration was cut short."""

GAP_MS: Final = 500
"""A longer time without a picture is worth a warning."""

# Demuxers of FFmpeg that accept pictures, text and lists of other files.
_NOT_VIDEO_FORMATS: Final = frozenset(
    {"image2", "tty", "bin", "xbin", "adf", "idf", "hls", "concat", "dash", "imf"}
)

# Formats that the scaler can write, so that scaling may come before the conversion to RGB.
_SCALED_AS_CODED: Final = frozenset(
    {"yuv420p", "yuvj420p", "yuv420p10le", "yuv422p", "yuvj422p", "nv12"}
)

T = TypeVar("T")


class VideoFile:
    """The frames of one video file, upright and at most ``MAX_SIDE_PX`` long, as RGB.

    A `FrameSource`: use it as a context manager and read it once. Stamps count from the stream's
    start, in milliseconds, and increase strictly: frames whose stamp does not are left out and
    counted in ``warnings``. Damaged packets are skipped and counted too, and a file that was cut
    short gives what it holds.
    """

    def __init__(self, path: Path | str, max_side_px: int = MAX_SIDE_PX) -> None:
        """Open the file and decode its first frame.

        Args:
            path: The video.
            max_side_px: Longer pictures are scaled down to this while decoding.

        Raises:
            SourceOpenError: There is no such file, or it is not a video.
            SourceReadError: It is a video, but no frame of it can be decoded.
        """
        self._path = Path(path)
        self._reading: Generator[Frame, None, None] | None = None
        self._container = open_container(self._path)
        with contextlib.ExitStack() as undo:
            undo.callback(self._container.close)
            stream = _video_stream(self._container, self._path)
            self._decoder = _Decoder(self._container, stream)
            pictures = self._decoder.pictures()
            first = next(pictures, None)
            if first is None:
                raise SourceReadError(
                    f"{self._path} is a video, but no frame of it can be decoded; "
                    "convert it to MP4 (H.264) or record it again."
                )
            self._clock = _MediaClock(stream, first)
            self._developer = _Developer(stream, first, max_side_px)
            self._pictures = chain([first], pictures)
            undo.pop_all()
        width_px, height_px = self._developer.full_size_px
        self._info = SourceInfo(
            path=str(path),
            width_px=width_px,
            height_px=height_px,
            duration_ms=_duration_ms(self._container, stream),
            frame_count=stream.frames or None,
        )

    @property
    def info(self) -> SourceInfo:
        """Describe the file."""
        return self._info

    @property
    def warnings(self) -> tuple[str, ...]:
        """List what went wrong but did not stop the reading; complete once iteration ended."""
        return (*self._decoder.warnings, *self._clock.warnings, *self._developer.warnings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop decoding and close the file; harmless when repeated."""
        if self._reading is not None:
            self._reading.close()
        self._container.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in time order.

        Raises:
            SourceReadError: Reading failed in a way that skipping cannot repair.
        """
        if self._reading is not None:
            raise RuntimeError("A video is read once; open it again to read it again.")
        self._reading = _read_ahead(self._frames(), READ_AHEAD_FRAMES)
        return self._reading

    def _frames(self) -> Iterator[Frame]:
        import av

        index = 0
        for picture in self._pictures:
            timestamp_ms = self._clock.timestamp_ms(picture)
            if timestamp_ms is None:
                continue
            try:
                rgb = self._developer.rgb(picture)
            except (av.error.FFmpegError, ValueError) as error:
                raise SourceReadError(
                    f"{self._path} holds pictures that cannot be converted to RGB "
                    f"({picture.format.name}); convert it to MP4 (H.264)."
                ) from error
            yield Frame(index, timestamp_ms, rgb)
            index += 1


def open_container(path: Path) -> "InputContainer":
    """Open ``path`` as FFmpeg does, with nothing but this file within its reach.

    Raises:
        SourceOpenError: It is no video; the message says in one line what it is instead.
    """
    import av

    _require_content(path)
    try:
        # The prefix keeps a colon in the name from being read as a protocol, and the whitelist
        # keeps a play list that poses as a video from opening anything else.
        container = av.open(
            f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"}
        )
    except (av.error.FFmpegError, UnicodeError, ValueError) as error:
        raise _not_a_video(path) from error
    names = set(container.format.name.split(","))
    if names & _NOT_VIDEO_FORMATS or any(name.endswith("_pipe") for name in names):
        container.close()
        raise _not_a_video(path)
    return container


def _require_content(path: Path) -> None:
    try:
        if path.is_dir():
            raise SourceOpenError(f"{path} is a folder, not a video; name a file in it.")
        if not path.exists():
            raise SourceOpenError(f"{path} does not exist; check the name and the folder.")
        if not path.is_file():
            raise SourceOpenError(
                f"{path} is a device or a pipe, not a file; save the video first."
            )
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise SourceOpenError(
            f"{path} cannot be opened: {error.strerror}; check the name and that you may read it."
        ) from error
    if empty:
        raise SourceOpenError(f"{path} is empty (0 bytes); copy or record it again.")


def _not_a_video(path: Path) -> SourceOpenError:
    return SourceOpenError(
        f"{path} is not a video that can be read: another kind of file, or damaged or cut short; "
        "if it plays elsewhere, convert it to MP4 (H.264)."
    )


def _video_stream(container: "InputContainer", path: Path) -> "VideoStream":
    """Return the stream to analyse, its decoder set up."""
    from av.stream import Disposition

    # The cover picture of a music file is a video stream by name only.
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        what = "sound" if container.streams.audio else "data"
        raise SourceOpenError(f"{path} holds {what} but no moving picture; choose a video.")
    stream = streams[0]
    context = stream.codec_context
    if context is None:
        raise SourceReadError(
            f"{path} is coded in a way that cannot be decoded here; convert it to MP4 (H.264)."
        )
    cores = min(os.cpu_count() or 1, MAX_DECODER_THREADS)
    one_thread = context.width * context.height <= ONE_THREAD_MAX_PX
    context.thread_count = 1 if one_thread else cores
    context.thread_type = "NONE" if one_thread else "AUTO"
    return stream


def _duration_ms(container: "InputContainer", stream: "VideoStream") -> int | None:
    if stream.duration and stream.time_base:
        return _milliseconds(stream.duration, stream.time_base)
    if container.duration:
        return _milliseconds(container.duration, Fraction(1, 1_000_000))
    return None


def _milliseconds(ticks: int, time_base: Fraction) -> int:
    """Round half up, in integers: a float would be off by one now and then."""
    return (2000 * ticks * time_base.numerator + time_base.denominator) // (
        2 * time_base.denominator
    )


class _Decoder:
    """Packets in, decoded pictures out; damage is skipped and counted."""

    def __init__(self, container: "InputContainer", stream: "VideoStream") -> None:
        self._container = container
        self._stream = stream
        self._start_ms = (container.start_time or 0) // 1000
        self._stated_ms = (container.duration or 0) // 1000
        self._reached_ms = 0
        self._damaged_packets = 0
        self._at_end = False

    @property
    def warnings(self) -> tuple[str, ...]:
        found = []
        if self._damaged_packets:
            found.append(f"damaged packets skipped: {self._damaged_packets}")
        if self._at_end and self._stated_ms - self._reached_ms > MISSING_END_MS:
            found.append(
                f"ends early: {self._reached_ms / 1000:.1f} s of the "
                f"{self._stated_ms / 1000:.1f} s it should hold"
            )
        return tuple(found)

    def pictures(self) -> "Iterator[VideoFrame]":
        import av

        for packet in self._packets():
            try:
                pictures = self._stream.decode(packet)
            except av.error.FFmpegError:
                self._damaged_packets += 1
                continue
            yield from pictures
        self._at_end = True

    def _packets(self) -> "Iterator[Packet[Any] | None]":
        """Yield the stream's packets, then None, which makes the decoder give what it holds."""
        import av

        # Sound and data are read along: they too show how far the file reaches.
        with contextlib.suppress(av.error.FFmpegError):  # a cut or damaged file ends here
            for packet in self._container.demux():
                if packet.pts is not None and packet.time_base:
                    end = packet.pts + (packet.duration or 0)
                    reached_ms = _milliseconds(end, packet.time_base) - self._start_ms
                    self._reached_ms = max(self._reached_ms, reached_ms)
                if packet.stream_index == self._stream.index and packet.size:
                    yield packet
        yield None


class _MediaClock:
    """Presentation stamps in ticks to strictly increasing milliseconds from the stream's start."""

    def __init__(self, stream: "VideoStream", first: "VideoFrame") -> None:
        self._time_base = first.time_base or stream.time_base or Fraction(1, 1000)
        first_tick = _tick(first)
        self._start_tick = first_tick or 0
        if first_tick is not None and stream.start_time is not None:
            self._start_tick = min(first_tick, stream.start_time)
        self._rate_hz = stream.average_rate or stream.guessed_rate
        self._unstamped = 0
        self._left_out = 0
        self._gaps_ms: list[int] = []
        self._last_ms = -1

    @property
    def warnings(self) -> tuple[str, ...]:
        found = []
        if self._unstamped:
            found.append(
                f"frames without a time stamp: {self._unstamped}; "
                f"{float(self._rate_hz or 0):.4g} frames per second were assumed"
            )
        if self._left_out:
            found.append(f"frames left out because their time does not move on: {self._left_out}")
        if self._gaps_ms:
            found.append(
                f"gaps without a picture: {len(self._gaps_ms)}, "
                f"the longest {max(self._gaps_ms) / 1000:.1f} s"
            )
        return tuple(found)

    def timestamp_ms(self, picture: "VideoFrame") -> int | None:
        """Return the picture's time, or None when it is not after the one before."""
        tick = _tick(picture)
        if tick is not None:
            timestamp_ms = _milliseconds(tick - self._start_tick, self._time_base)
        elif self._rate_hz:
            timestamp_ms = _milliseconds(self._unstamped, 1 / Fraction(self._rate_hz))
            self._unstamped += 1
        else:
            raise SourceReadError("The video has neither time stamps nor a frame rate.")
        if timestamp_ms <= self._last_ms:
            self._left_out += 1
            return None
        if timestamp_ms - self._last_ms > GAP_MS:
            self._gaps_ms.append(timestamp_ms - self._last_ms)
        self._last_ms = timestamp_ms
        return timestamp_ms


def _tick(picture: "VideoFrame") -> int | None:
    return picture.pts if picture.pts is not None else picture.dts


class _Orientation(NamedTuple):
    """How a coded picture is turned to stand upright: transposed first, then mirrored."""

    transposed: bool
    mirrored_x: bool
    mirrored_y: bool

    @classmethod
    def of(cls, picture: "VideoFrame") -> Self:
        """Read the display matrix: pixel (x, y) is shown at (a x + c y, b x + d y)."""
        from av.sidedata.sidedata import Type

        data = cast("SideDataContainer", picture.side_data).get(Type.DISPLAYMATRIX)
        if data is None:
            return cls(False, False, False)
        a, b, _, c, d, *_ = (int(value) for value in np.frombuffer(bytes(data), np.int32))
        if abs(b) > abs(a):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def upright(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn a picture; contiguous."""
        import cv2  # ten times as fast as copying a turned numpy view

        if self.transposed:
            rgb = cast("NDArray[np.uint8]", cv2.transpose(rgb))
        if self.mirrored_x or self.mirrored_y:
            code = -1 if self.mirrored_x and self.mirrored_y else int(self.mirrored_x)
            rgb = cast("NDArray[np.uint8]", cv2.flip(rgb, code))
        return rgb


class _Developer:
    """Decoded pictures to upright RGB arrays of one size."""

    def __init__(self, stream: "VideoStream", first: "VideoFrame", max_side_px: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._orientation = _Orientation.of(first)
        self._coded_size_px = (first.width, first.height)
        self._size_changed = False
        pixel_aspect = stream.sample_aspect_ratio or Fraction(1)
        shown_px = (max(1, round(first.width * pixel_aspect)), first.height)
        scale = min(1.0, max_side_px / max(shown_px))
        self._size_px = (max(1, round(shown_px[0] * scale)), max(1, round(shown_px[1] * scale)))
        self.full_size_px = shown_px[::-1] if self._orientation.transposed else shown_px
        # One each: a reformatter keeps the tables of its last conversion only.
        self._scaler, self._converter = VideoReformatter(), VideoReformatter()

    @property
    def warnings(self) -> tuple[str, ...]:
        return ("the picture changes its size on the way",) if self._size_changed else ()

    def rgb(self, picture: "VideoFrame") -> NDArray[np.uint8]:
        """Scale, convert and turn one picture."""
        from av.video.reformatter import Interpolation

        width_px, height_px = self._size_px
        size_px = (picture.width, picture.height)
        self._size_changed |= size_px != self._coded_size_px
        if picture.format.name in _SCALED_AS_CODED and size_px != self._size_px:
            # Scaling before converting handles half the samples: 0.7 ms instead of 1.8 at 1080p.
            picture = self._scaler.reformat(
                picture, width_px, height_px, interpolation=Interpolation.AREA, threads=1
            )
        picture = self._converter.reformat(
            picture, width_px, height_px, "rgb24", interpolation=Interpolation.AREA, threads=1
        )
        # A view of the picture's memory, unless its rows are padded.
        rgb = np.ascontiguousarray(cast("NDArray[np.uint8]", picture.to_ndarray()))
        return self._orientation.upright(rgb)


class _End(NamedTuple):
    """The end of the items, and what ended them."""

    error: Exception | None = None


def _read_ahead(items: Iterator[T], capacity: int) -> Generator[T, None, None]:
    """Yield ``items`` in order while a thread computes up to ``capacity`` of them in advance.

    What the thread raises is raised here. Closing this generator ends the thread.
    """
    results: SimpleQueue[T | _End] = SimpleQueue()
    free = threading.Semaphore(capacity)
    stopped = threading.Event()

    def produce() -> None:
        end = _End()
        try:
            for item in items:
                free.acquire()
                if stopped.is_set():
                    break
                results.put(item)
        except Exception as error:  # noqa: BLE001 - raised again in the reader's thread
            end = _End(error)
        results.put(end)

    # A daemon, so that a reader that is never closed cannot keep the program from ending.
    thread = threading.Thread(target=produce, name="video-decoder", daemon=True)
    thread.start()
    try:
        while not isinstance(result := results.get(), _End):
            free.release()
            yield result
        if result.error is not None:
            raise result.error
    finally:
        stopped.set()
        free.release()
        thread.join()
