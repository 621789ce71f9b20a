"""The video writer: exact times, what browsers need, and nothing half-written."""

import os
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from hep_vision.errors import ExportError
from hep_vision.exports.video import VideoWriter

Picture = NDArray[np.uint8]

VARIABLE_MS = (133, 166, 167, 233, 900, 940, 1000, 2500, 2533)


def flat(
    colour: tuple[int, int, int] = (0, 114, 178), size_px: tuple[int, int] = (64, 48)
) -> Picture:
    picture = np.empty((size_px[1], size_px[0], 3), np.uint8)
    picture[:] = colour
    return picture


def write(path: Path, stamps_ms: tuple[int, ...] = (0, 40, 80), origin_ms: int = 0) -> None:
    with VideoWriter(path, (64, 48), origin_ms=origin_ms) as writer:
        for stamp in stamps_ms:
            writer.write(flat(), stamp)


def read(path: Path) -> tuple[list[float], list[Picture]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    times_ms = [float(frame.time) * 1000 for frame in frames if frame.time is not None]
    return times_ms, [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in frames]


def boxes(path: Path) -> Iterator[bytes]:
    """Yield the names of the top-level parts of an MP4, in order."""
    content, at = path.read_bytes(), 0
    while at < len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        yield name
        at += length


def test_frame_times_are_exact_to_the_millisecond(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", VARIABLE_MS)

    times_ms, _ = read(tmp_path / "clip.mp4")

    assert times_ms == pytest.approx(VARIABLE_MS, abs=1e-6)


def test_a_clip_counts_from_its_origin(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", (60_000, 60_017, 60_100), origin_ms=60_000)

    times_ms, _ = read(tmp_path / "clip.mp4")

    assert times_ms == pytest.approx([0, 17, 100], abs=1e-6)


def test_the_last_frame_is_shown_as_long_as_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", (0, 40, 100))

    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        shown_ms = [
            float(packet.duration * stream.time_base * 1000)
            for packet in container.demux(stream)
            if packet.size and packet.duration is not None
        ]

    assert shown_ms == pytest.approx([40, 60, 60])


def test_browsers_get_what_they_can_play(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", tuple(range(0, 4000, 33)))

    parts = list(boxes(tmp_path / "clip.mp4"))
    assert parts.index(b"moov") < parts.index(b"mdat")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        keys = [i for i, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert max(np.diff(keys)) <= 30


def test_colours_survive_and_are_rgb(tmp_path: Path) -> None:
    colours = [(230, 159, 0), (0, 114, 178), (16, 20, 24), (255, 255, 255)]
    with VideoWriter(tmp_path / "clip.mp4", (64, 48)) as writer:
        for index, colour in enumerate(colours):
            writer.write(flat(colour), index * 40)

    _, pictures = read(tmp_path / "clip.mp4")

    for picture, colour in zip(pictures, colours, strict=True):
        assert np.abs(picture[24, 32].astype(int) - colour).max() <= 4


@pytest.mark.parametrize(("size_px", "even_px"), [((65, 49), (64, 48)), ((2, 3), (2, 2))])
def test_an_odd_size_loses_a_row_or_column(
    tmp_path: Path, size_px: tuple[int, int], even_px: tuple[int, int]
) -> None:
    with VideoWriter(tmp_path / "clip.mp4", size_px) as writer:
        assert writer.size_px == even_px
        writer.write(flat(size_px=size_px), 0)

    _, pictures = read(tmp_path / "clip.mp4")

    assert pictures[0].shape == (even_px[1], even_px[0], 3)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4")

    assert stat.S_IMODE((tmp_path / "clip.mp4").stat().st_mode) == 0o600


def test_the_name_appears_only_when_all_is_written(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "clip.mp4", (64, 48)) as writer:
        writer.write(flat(), 0)
        assert not (tmp_path / "clip.mp4").exists()

    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_failure_inside_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")

    def record() -> None:
        with VideoWriter(tmp_path / "clip.mp4", (64, 48)) as writer:
            writer.write(flat(), 0)
            raise RuntimeError("camera unplugged")

    with pytest.raises(RuntimeError, match="camera"):
        record()

    assert (tmp_path / "clip.mp4").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_no_frames_make_no_file(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "clip.mp4", (64, 48)):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "clip.mp4"

    with pytest.raises(ExportError) as caught, VideoWriter(target, (64, 48)):
        pass

    assert str(target) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_way_is_told_before_anything_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").mkdir()

    with (
        pytest.raises(ExportError, match="directory"),
        VideoWriter(tmp_path / "clip.mp4", (64, 48)),
    ):
        pytest.fail("the block must not run")


@pytest.mark.skipif(os.name == "nt", reason="file size limits are a POSIX matter")
def test_no_room_left_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    import resource

    def record() -> None:
        rng = np.random.default_rng(7)
        with VideoWriter(tmp_path / "clip.mp4", (320, 240)) as writer:
            for index in range(40):
                writer.write(rng.integers(0, 256, (240, 320, 3), np.uint8), index * 40)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        with pytest.raises(ExportError, match=r"cannot write .*clip\.mp4") as caught:
            record()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stamps_ms", [(0, 0), (40, 20), (-1,)])
def test_times_must_follow(tmp_path: Path, stamps_ms: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        write(tmp_path / "clip.mp4", stamps_ms)

    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="expected"),
        VideoWriter(tmp_path / "clip.mp4", (64, 48)) as writer,
    ):
        writer.write(flat(size_px=(48, 64)), 0)


def test_a_video_of_no_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 x 2"):
        VideoWriter(tmp_path / "clip.mp4", (1, 48))


def test_the_window_library_is_loaded_before_the_video_library() -> None:
    # The other way round, the first window of the program waits for an answer without end.
    program = "import sys, hep_vision.exports.video; names = list(sys.modules); "
    asked = "print(names.index('cv2') < names.index('av'))"
    ran = subprocess.run(
        [sys.executable, "-c", program + asked], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["True"]
