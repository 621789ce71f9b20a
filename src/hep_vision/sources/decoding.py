"""From the packets of a video to pictures that can be looked at: decoded, timed, scaled, upright.

The parts of `VideoFile`, and with it the only importer of PyAV among the sources.
"""

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

from hep_vision.errors import SourceReadError
from hep_vision.sources.thinning import DecodingPlan

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer
    from av.sidedata.sidedata import SideDataContainer

MISSING_END_MS: Final = 500
"""A file whose packets stop this much before its stated duration was cut short."""

GAP_MS: Final = 500
"""A longer time without a picture is worth a warning."""

# Formats that the scaler can write, so that scaling may come before the conversion to RGB.
_SCALED_AS_CODED: Final = frozenset(
    {"yuv420p", "yuvj420p", "yuv420p10le", "yuv422p", "yuvj422p", "nv12"}
)


def milliseconds(ticks: int, time_base: Fraction) -> int:
    """Round half up, in integers: a float would be off by one now and then."""
    return (2000 * ticks * time_base.numerator + time_base.denominator) // (
        2 * time_base.denominator
    )


class Decoder:
    """Packets in, decoded pictures out; damage is skipped and counted."""

    def __init__(
        self, container: "InputContainer", stream: "VideoStream", rate_hz: float | None = None
    ) -> None:
        """Decode ``stream``.

        Args:
            container: The open file.
            stream: Its pictures.
            rate_hz: About so many pictures a second are wanted, see `thinned`; None for all.
        """
        self._container = container
        self._stream = stream
        self._start_ms = (container.start_time or 0) // 1000
        self._stated_ms = (container.duration or 0) // 1000
        self._reached_ms = 0
        self._damaged_packets = 0
        self._at_end = False
        self._plan: DecodingPlan | None = None
        if rate_hz is not None and _tells_what_is_needed(container, stream):
            self._plan = DecodingPlan(rate_hz, self._to_ms)

    @property
    def has_thinned(self) -> bool:
        """Whether `pictures` leaves out what is not wanted."""
        return self._plan is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """List what was noticed so far."""
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
        """Yield the pictures in the order they are shown."""
        import av

        packets = self._packets()
        for packet in packets if self._plan is None else self._needed(packets, self._plan):
            try:
                pictures = self._stream.decode(packet)
            except av.error.FFmpegError:
                self._damaged_packets += 1
                continue
            for picture in pictures:
                if self._plan is None or self._plan.wants(picture.pts):
                    yield picture
        self._at_end = True

    def _needed(
        self, packets: "Iterable[Packet[Any] | None]", plan: DecodingPlan
    ) -> "Iterator[Packet[Any] | None]":
        """Have the decoder skip what is neither wanted nor needed for another picture."""
        for packet, wanted in plan.look_ahead(packets):
            self._stream.codec_context.skip_frame = "DEFAULT" if wanted else "NONREF"
            yield packet

    def _to_ms(self, tick: int) -> int:
        time_base = self._stream.time_base or Fraction(1, 1000)
        return milliseconds(tick - (self._stream.start_time or 0), time_base)

    def _packets(self) -> "Iterator[Packet[Any] | None]":
        """Yield the stream's packets, then None, which makes the decoder give what it holds."""
        import av

        # Sound and data are read along: they too show how far the file reaches.
        with contextlib.suppress(av.error.FFmpegError):  # a cut or damaged file ends here
            for packet in self._container.demux():
                if packet.pts is not None and packet.time_base:
                    end = packet.pts + (packet.duration or 0)
                    reached_ms = milliseconds(end, packet.time_base) - self._start_ms
                    self._reached_ms = max(self._reached_ms, reached_ms)
                if packet.stream_index == self._stream.index and packet.size:
                    yield packet
        yield None


def _tells_what_is_needed(container: "InputContainer", stream: "VideoStream") -> bool:
    """Whether packets say when their picture is shown, and the decoder what others are made from.

    Only MP4 states both stamps of each packet. HEVC is left out: what it calls a picture without
    reference may be one for a layer above.
    """
    return "mp4" in container.format.name.split(",") and stream.codec_context.name == "h264"


class MediaClock:
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
        """List what was noticed so far."""
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
            timestamp_ms = milliseconds(tick - self._start_tick, self._time_base)
        elif self._rate_hz:
            timestamp_ms = milliseconds(self._unstamped, 1 / Fraction(self._rate_hz))
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


class Orientation(NamedTuple):
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


class Developer:
    """Decoded pictures to upright RGB arrays of one size."""

    def __init__(self, stream: "VideoStream", first: "VideoFrame", max_side_px: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._orientation = Orientation.of(first)
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
        """List what was noticed so far."""
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
