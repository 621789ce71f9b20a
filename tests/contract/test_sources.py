"""The laws that every source obeys, whatever it reads.

A source gives things with a time: a picture source gives frames, a landmark track gives poses. A
new source is added to `PICTURE_SOURCES` or `TRACKS`, and must then pass everything here.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

import media
from hep_vision.core.types import PoseFrame
from hep_vision.sources.base import FrameSource
from hep_vision.sources.recorded import TrackRecorder, read_track, write_track
from hep_vision.sources.video_file import MAX_SIDE_PX, ReadSettings, VideoFile

UNEVEN_MS = (0, 7, 50, 51, 133, 400)


class Timed(Protocol):
    """What flows out of any source."""

    @property
    def timestamp_ms(self) -> int: ...


Source = AbstractContextManager[Iterable[Timed]]


def mp4(folder: Path) -> FrameSource:
    return VideoFile(media.write_video(folder / "clip.mp4"))


def uneven_webm(folder: Path) -> FrameSource:
    path = media.write_video(folder / "clip.webm", stamps_ms=UNEVEN_MS, codec="libvpx-vp9")
    return VideoFile(path)


def portrait_phone_video(folder: Path) -> FrameSource:
    path = media.write_video(
        folder / "clip.mov",
        stamps_ms=(0, 40, 80),
        size_px=(1280, 720),
        rotation_deg=270,
        options={"preset": "ultrafast"},
    )
    return VideoFile(path)


def gif(folder: Path) -> FrameSource:
    return VideoFile(media.write_video(folder / "clip.gif", codec="gif", pix_fmt="rgb8"))


def odd_size(folder: Path) -> FrameSource:
    path = media.write_video(folder / "clip.mkv", size_px=(65, 47), codec="ffv1")
    return VideoFile(path)


def cut_short(folder: Path) -> FrameSource:
    path = media.write_video(
        folder / "clip.mkv", picture=lambda index: media.noise(64, 48, seed=index)
    )
    return VideoFile(media.keep_start(path, 0.6))


def repeated_stamps(folder: Path) -> FrameSource:
    """Several frames in one millisecond: only one of them has a time of its own."""
    ticks = range(9)
    path = media.write_video(folder / "clip.mp4", stamps_ms=ticks, ticks_per_second=3000)
    return VideoFile(path, ReadSettings(max_rate_hz=None))


def sixty_a_second(folder: Path) -> FrameSource:
    ticks = range(20)
    return VideoFile(media.write_video(folder / "clip.mp4", stamps_ms=ticks, ticks_per_second=60))


@contextmanager
def track(folder: Path) -> Iterator[Iterable[Timed]]:
    recorder = TrackRecorder((640, 480))
    for timestamp_ms in UNEVEN_MS:
        recorder.add(PoseFrame.unseen(timestamp_ms, (640, 480)))
    write_track(folder / "track.npz", recorder.track())
    yield read_track(folder / "track.npz").poses()


PICTURE_SOURCES: tuple[Callable[[Path], FrameSource], ...] = (
    mp4, uneven_webm, portrait_phone_video, gif, odd_size, cut_short, repeated_stamps,
    sixty_a_second,
)  # fmt: skip
TRACKS: tuple[Callable[[Path], Source], ...] = (track,)

every_source = pytest.mark.parametrize("opener", [*PICTURE_SOURCES, *TRACKS])
every_picture_source = pytest.mark.parametrize("opener", PICTURE_SOURCES)


@every_source
def test_stamps_are_whole_and_strictly_increase(
    opener: Callable[[Path], Source], tmp_path: Path
) -> None:
    with opener(tmp_path) as source:
        stamps_ms = [item.timestamp_ms for item in source]
    assert len(stamps_ms) > 1
    assert all(type(stamp_ms) is int for stamp_ms in stamps_ms)
    assert stamps_ms[0] == 0
    assert stamps_ms == sorted(set(stamps_ms))


@every_source
def test_end_is_an_end(opener: Callable[[Path], Source], tmp_path: Path) -> None:
    with opener(tmp_path) as source:
        items = iter(source)
        assert sum(1 for _ in items) > 0
        assert next(items, None) is None


@every_source
def test_reading_again_gives_the_same_stamps(
    opener: Callable[[Path], Source], tmp_path: Path
) -> None:
    readings = []
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        with opener(tmp_path / attempt) as source:
            readings.append([item.timestamp_ms for item in source])
    assert readings[0] == readings[1]


@every_source
def test_stopping_early_leaves_no_thread(opener: Callable[[Path], Source], tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with opener(tmp_path) as source:
        items = iter(source)  # kept, so that leaving the block has to end the reading
        next(items)
    assert set(threading.enumerate()) == before


@every_source
def test_failing_reader_leaves_no_thread(opener: Callable[[Path], Source], tmp_path: Path) -> None:
    before = set(threading.enumerate())

    def fail_at_the_first_item() -> None:
        with opener(tmp_path) as source:
            for _ in source:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_first_item()
    assert set(threading.enumerate()) == before


@every_source
def test_unread_source_closes(opener: Callable[[Path], Source], tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with opener(tmp_path):
        pass
    assert set(threading.enumerate()) == before


@every_picture_source
def test_pictures_are_rgb_arrays_of_one_size(
    opener: Callable[[Path], FrameSource], tmp_path: Path
) -> None:
    with opener(tmp_path) as source:
        frames = list(source)
        info = source.info
    assert len({frame.rgb.shape for frame in frames}) == 1
    height_px, width_px, channels = frames[0].rgb.shape
    assert channels == 3
    assert max(height_px, width_px) == min(MAX_SIDE_PX, max(info.height_px, info.width_px))
    assert width_px / height_px == pytest.approx(info.width_px / info.height_px, rel=0.02)
    for frame in frames:
        assert frame.rgb.dtype == np.uint8
        assert frame.rgb.flags.c_contiguous


@every_picture_source
def test_frames_are_numbered_and_hold_pictures_of_their_own(
    opener: Callable[[Path], FrameSource], tmp_path: Path
) -> None:
    with opener(tmp_path) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    for one, other in pairwise(frames):
        assert not np.shares_memory(one.rgb, other.rgb)


@every_picture_source
def test_warnings_are_lines(opener: Callable[[Path], FrameSource], tmp_path: Path) -> None:
    with opener(tmp_path) as source:
        for _ in source:
            pass
        assert all(warning and "\n" not in warning for warning in source.warnings)
