"""Frames of a video file, with their exact presentation times.

Decoding runs in a thread of its own, a few frames ahead of the reader, so that it overlaps with
pose estimation.
"""

import contextlib
import math
import os
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeVar

from hep_vision.errors import SourceError, SourceOpenError, SourceReadError
from hep_vision.sources import hardware
from hep_vision.sources.base import Frame, SourceInfo
from hep_vision.sources.decoding import Decoder, Developer, MediaClock, milliseconds
from hep_vision.sources.thinning import thinned
from hep_vision.stages import DECODE, NO_TIMER, SCALE, WAIT, Timer

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.codec.hwaccel import HWAccel
    from av.container import InputContainer

MAX_SIDE_PX: Final = 640
"""Longer side of the pictures handed on: the pose model gains nothing from more."""

MAX_RATE_HZ: Final = 30.0
"""Pictures looked at in a second; what is counted comes out the same, see ``docs/speed.md``."""

_THINNED_FROM: Final = 32 / 30
"""Of the rate asked for: a phone's 30 pictures a second may be 31, and then none is left out."""

READ_AHEAD_FRAMES: Final = 4
ONE_THREAD_MAX_PX: Final = 1920 * 1088
"""Up to this size one core decodes faster than the other estimates poses."""

MAX_DECODER_THREADS: Final = 4
"""Each thread holds pictures of its own: 8K with more of them would fill the memory."""

# Demuxers of FFmpeg that accept pictures, text and lists of other files.
_NOT_VIDEO_FORMATS: Final = frozenset(
    {"image2", "tty", "bin", "xbin", "adf", "idf", "hls", "concat", "dash", "imf"}
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How a video is read: everything about it that can change the landmarks.

    Attributes:
        max_side_px: Longer pictures are scaled down to this while decoding.
        max_rate_hz: Of a video with more pictures a second (32 for 30), about so many are used,
            evenly spaced; None uses all.
        hardware: Whether a graphics processor decodes, where there is one whose first picture is
            the same; without one it is as if not asked for.

    Raises:
        ValueError: A value is not above 0.
    """

    max_side_px: int = MAX_SIDE_PX
    max_rate_hz: float | None = MAX_RATE_HZ
    hardware: bool = False

    def __post_init__(self) -> None:
        if self.max_side_px < 1:
            raise ValueError("max_side_px must be above 0")
        if self.max_rate_hz is not None and not 0 < self.max_rate_hz < math.inf:
            raise ValueError("max_rate_hz must be above 0")

    @property
    def key(self) -> str:
        """Name these settings, and the way of reading itself, in a store of landmarks.

        Two readings of a file with the same key give the same pictures. The number at the front
        goes up when this module reads in another way.
        """
        rate = "all" if self.max_rate_hz is None else f"{float(self.max_rate_hz)!r}hz"
        return f"read1-{self.max_side_px}px-{rate}" + ("-hardware" if self.hardware else "")

    def thins(self, rate_hz: float | None) -> bool:
        """Whether pictures of a video of ``rate_hz`` (None: not known) are left out."""
        if self.max_rate_hz is None or rate_hz is None:
            return False
        return rate_hz > _THINNED_FROM * self.max_rate_hz


READ_AS_USUAL: Final = ReadSettings()


class VideoFile:
    """The frames of one video file, upright, scaled down and thinned out, as RGB.

    A `FrameSource`: use it as a context manager and read it once. Stamps count from the stream's
    start, in milliseconds, and increase strictly: frames whose stamp does not are left out and
    counted in ``warnings``. Damaged packets are skipped and counted too, and a file that was cut
    short gives what it holds.
    """

    def __init__(
        self,
        path: Path | str,
        settings: ReadSettings = READ_AS_USUAL,
        *,
        timer: Timer = NO_TIMER,
    ) -> None:
        """Open the file and decode its first frame.

        Args:
            path: The video.
            settings: How it is read.
            timer: Told what takes how long.

        Raises:
            SourceOpenError: There is no such file, or it is not a video.
            SourceReadError: It is a video, but no frame of it can be decoded.
        """
        self._path = Path(path)
        self._timer = timer
        self._reading: Generator[Frame, None, None] | None = None
        reading = _begin(self._path, settings, timer)
        stream = reading.stream
        self._clock = MediaClock(stream, reading.first)
        self._developer = Developer(stream, reading.first, settings.max_side_px)
        duration_ms, frame_count = _duration_ms(reading.container, stream), stream.frames or None
        if settings.hardware:
            reading = self._on_hardware(reading, settings)
        self._container, self._decoder = reading.container, reading.decoder
        self._timed = self._stamped(chain([reading.first], reading.pictures))
        if reading.rate_hz is not None and not self._decoder.has_thinned:
            self._timed = thinned(self._timed, reading.rate_hz)
        width_px, height_px = self._developer.full_size_px
        self._info = SourceInfo(
            path=str(path),
            width_px=width_px,
            height_px=height_px,
            duration_ms=duration_ms,
            frame_count=frame_count,
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
        self._reading = read_ahead(self._frames(), READ_AHEAD_FRAMES)
        return iter(self._timer.each(WAIT, self._reading))

    def _on_hardware(self, reading: "_Reading", settings: ReadSettings) -> "_Reading":
        """Return the same reading by the first device that gives the same first picture."""
        import av

        for accelerator in hardware.accelerators():
            try:
                other = _begin(self._path, settings, self._timer, accelerator)
            except (av.error.FFmpegError, OSError, RuntimeError, ValueError, SourceError):
                continue  # no such device, or not for this codec
            with contextlib.suppress(av.error.FFmpegError, ValueError):
                if hardware.is_used(other.stream) and self._agree(reading.first, other.first):
                    reading.container.close()
                    return other
            other.container.close()
        return reading

    def _agree(self, one: "VideoFrame", other: "VideoFrame") -> bool:
        if (one.width, one.height) != (other.width, other.height):
            return False
        return hardware.agree(self._developer.rgb(one), self._developer.rgb(other))

    def _stamped(self, pictures: "Iterator[VideoFrame]") -> "Iterator[tuple[int, VideoFrame]]":
        for picture in pictures:
            timestamp_ms = self._clock.timestamp_ms(picture)
            if timestamp_ms is not None:
                yield timestamp_ms, picture

    def _frames(self) -> Iterator[Frame]:
        import av

        for index, (timestamp_ms, picture) in enumerate(self._timed):
            try:
                with self._timer.timed(SCALE):
                    rgb = self._developer.rgb(picture)
            except (av.error.FFmpegError, ValueError) as error:
                raise SourceReadError(
                    f"{self._path} holds pictures that cannot be converted to RGB "
                    f"({picture.format.name}); convert it to MP4 (H.264)."
                ) from error
            yield Frame(index, timestamp_ms, rgb)


class _Reading(NamedTuple):
    """A file that is being decoded: its first picture, and the rest to come."""

    container: "InputContainer"
    stream: "VideoStream"
    decoder: Decoder
    first: "VideoFrame"
    pictures: "Iterator[VideoFrame]"
    rate_hz: float | None


def _begin(
    path: Path, settings: ReadSettings, timer: Timer, accelerator: "HWAccel | None" = None
) -> _Reading:
    container = open_container(path, accelerator)
    with contextlib.ExitStack() as undo:
        undo.callback(container.close)
        stream = _video_stream(container, path)
        rate_hz = settings.max_rate_hz if settings.thins(_rate_hz(stream)) else None
        decoder = Decoder(container, stream, rate_hz)
        pictures = iter(timer.each(DECODE, decoder.pictures()))
        first = next(pictures, None)
        if first is None:
            raise SourceReadError(
                f"{path} is a video, but no frame of it can be decoded; "
                "convert it to MP4 (H.264) or record it again."
            )
        undo.pop_all()
    return _Reading(container, stream, decoder, first, pictures, rate_hz)


def open_container(path: Path, accelerator: "HWAccel | None" = None) -> "InputContainer":
    """Open ``path`` as FFmpeg does, with nothing but this file within its reach.

    Args:
        path: The file.
        accelerator: What decodes in place of the processor, or None.

    Raises:
        SourceOpenError: It is no video; the message says in one line what it is instead.
        RuntimeError: The accelerator does not decode it.
    """
    import av

    _require_content(path)
    try:
        # The prefix keeps a colon in the name from being read as a protocol, and the whitelist
        # keeps a play list that poses as a video from opening anything else.
        container = av.open(
            f"file:{path}",
            metadata_errors="replace",
            options={"protocol_whitelist": "file"},
            hwaccel=accelerator,
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
    # One core estimates poses; more threads than the rest only wait for each other.
    threads = min((os.cpu_count() or 1) - 1, MAX_DECODER_THREADS)
    one_thread = threads <= 1 or context.width * context.height <= ONE_THREAD_MAX_PX
    context.thread_count = 1 if one_thread else threads
    context.thread_type = "NONE" if one_thread else "AUTO"
    return stream


def _rate_hz(stream: "VideoStream") -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else None


def _duration_ms(container: "InputContainer", stream: "VideoStream") -> int | None:
    if stream.duration and stream.time_base:
        return milliseconds(stream.duration, stream.time_base)
    if container.duration:
        return milliseconds(container.duration, Fraction(1, 1_000_000))
    return None


class _End(NamedTuple):
    """The end of the items, and what ended them."""

    error: Exception | None = None


def read_ahead(
    items: Iterator[T], capacity: int, name: str = "video-decoder"
) -> Generator[T, None, None]:
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
    thread = threading.Thread(target=produce, name=name, daemon=True)
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
