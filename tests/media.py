"""Small real media files, written on the spot, whose content is known by construction."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quadrants(width_px: int, height_px: int) -> Picture:
    """Return a picture: red top left, green top right, blue bottom left, white bottom right."""
    picture = np.empty((height_px, width_px, 3), np.uint8)
    middle_y, middle_x = height_px // 2, width_px // 2
    picture[:middle_y, :middle_x] = RED
    picture[:middle_y, middle_x:] = GREEN
    picture[middle_y:, :middle_x] = BLUE
    picture[middle_y:, middle_x:] = WHITE
    return picture


def noise(width_px: int, height_px: int, seed: int) -> Picture:
    """Return a picture that does not compress, so that a file of them has bytes to damage."""
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), np.uint8)


def write_video(
    path: Path,
    *,
    stamps_ms: Sequence[int] = tuple(range(0, 400, 40)),
    size_px: tuple[int, int] = (64, 48),
    picture: Callable[[int], Picture] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    rotation_deg: int = 0,
    mirrored: bool = False,
    pixel_aspect: Fraction | None = None,
    with_sound: bool = False,
    ticks_per_second: int = 1000,
    nominal_rate_hz: int = 25,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Write one frame at each of ``stamps_ms``; `quadrants` unless ``picture(index)`` says else.

    ``rotation_deg`` is counter-clockwise, as players turn the picture; ``mirrored`` after it. With
    other ``ticks_per_second`` the stamps are ticks. Some formats state ``nominal_rate_hz``.
    """
    tick = Fraction(1, ticks_per_second)
    width_px, height_px = size_px
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=nominal_rate_hz, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, pix_fmt
        stream.codec_context.time_base = tick
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation_deg or mirrored:
            stream.set_display_rotation(rotation_deg, hflip=mirrored)
        sound = container.add_stream("aac", rate=8000) if with_sound else None
        for index, stamp_ms in enumerate(stamps_ms):
            content = picture(index) if picture else quadrants(width_px, height_px)
            frame = av.VideoFrame.from_ndarray(content, format="rgb24")
            frame.pts, frame.time_base = stamp_ms, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if isinstance(sound, av.AudioStream):
            _write_silence(container, sound, stamps_ms[-1] + 40)
    return path


def write_undecodable(path: Path) -> Path:
    """Write a video whose container is whole and whose pictures are all zeros."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(noise(64, 48, seed=0), format="rgb24")
        for packet in (*stream.encode(frame), *stream.encode()):
            packet.update(bytes(packet.size))
            container.mux(packet)
    return path


def write_sound(path: Path, duration_ms: int = 500) -> Path:
    """Write a file that holds sound only."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        assert isinstance(stream, av.AudioStream)
        _write_silence(container, stream, duration_ms)
    return path


def copy_packets(path: Path, copy: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write the packets of a video anew, each as ``change`` makes it."""
    with av.open(str(path)) as source, av.open(str(copy), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                changed = av.Packet(change(bytes(packet)))
                changed.pts, changed.dts = packet.pts, packet.dts
                changed.time_base, changed.duration = packet.time_base, packet.duration
                changed.is_keyframe = packet.is_keyframe
                changed.stream = stream
                target.mux(changed)
    return copy


def retimed(path: Path, copy: Path, rate_hz: int, *, count: int, each: int = 1) -> Path:
    """Write the first ``count`` pictures of a video, each so many times, at ``rate_hz``."""
    with av.open(str(path)) as source:
        first = islice(source.decode(video=0), count)
        pictures = [frame.to_ndarray(format="rgb24") for frame in first]
    height_px, width_px = pictures[0].shape[:2]
    return write_video(
        copy,
        stamps_ms=range(each * len(pictures)),
        size_px=(width_px, height_px),
        picture=lambda index: pictures[index // each],
        options={"preset": "ultrafast", "crf": "18"},
        ticks_per_second=rate_hz,
    )


def keep_start(path: Path, share: float) -> Path:
    """Cut the file off, as a full disk or a broken copy does."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def damage(path: Path, start: float, end: float) -> Path:
    """Overwrite the bytes between two shares of the file."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * end)
    content[first:last] = bytes(last - first)
    path.write_bytes(content)
    return path


def _write_silence(
    container: av.container.OutputContainer, stream: av.AudioStream, duration_ms: int
) -> None:
    silence = np.zeros((1, 8 * duration_ms), np.int16)
    frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
    frame.sample_rate, frame.pts = 8000, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode())
