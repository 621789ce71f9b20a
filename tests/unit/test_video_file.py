"""Times, orientation, size and colour of a video are right, and bad files are named in one line."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import media
from hep_vision.errors import SourceOpenError, SourceReadError
from hep_vision.sources import video_file
from hep_vision.sources.base import Frame, SourceInfo
from hep_vision.sources.video_file import ReadSettings, VideoFile

FOUR_SECONDS_MS = tuple(range(0, 4000, 40))
FAST = {"preset": "ultrafast"}
EVERY = ReadSettings(max_rate_hz=None)


def read(
    path: Path, settings: ReadSettings = EVERY
) -> tuple[SourceInfo, list[Frame], tuple[str, ...]]:
    with VideoFile(path, settings) as video:
        frames = list(video)
        return video.info, frames, video.warnings


def stamps_ms(path: Path) -> list[int]:
    return [frame.timestamp_ms for frame in read(path)[1]]


def random_picture(index: int) -> media.Picture:
    return media.noise(64, 48, seed=index)


def corners(picture: media.Picture) -> list[tuple[int, ...]]:
    """Return the colour in each quarter, rounded to pure ones, row by row."""
    height_px, width_px = picture.shape[:2]
    return [
        tuple(255 if value > 127 else 0 for value in picture[y * height_px // 4, x * width_px // 4])
        for y in (1, 3)
        for x in (1, 3)
    ]


class TestTime:
    @pytest.mark.parametrize(
        ("name", "codec"),
        [("clip.mp4", "libx264"), ("clip.webm", "libvpx-vp9"), ("clip.mkv", "ffv1")],
    )
    def test_variable_rate_is_exact(self, tmp_path: Path, name: str, codec: str) -> None:
        written_ms = [0, 7, 50, 51, 133, 400, 433]
        path = media.write_video(tmp_path / name, stamps_ms=written_ms, codec=codec)
        assert stamps_ms(path) == written_ms

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        steps=st.lists(st.integers(1, 400), min_size=1, max_size=12),
        ticks_per_second=st.sampled_from([600, 1000, 12_800, 30_000, 90_000]),
    )
    def test_every_time_base_becomes_milliseconds(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[int], ticks_per_second: int
    ) -> None:
        ticks = [0, *np.cumsum([step * ticks_per_second // 100 for step in steps]).tolist()]
        path = media.write_video(
            tmp_path_factory.mktemp("ticks") / "clip.mkv",
            stamps_ms=ticks,
            ticks_per_second=ticks_per_second,
            size_px=(16, 16),
            codec="ffv1",
        )
        # Matroska itself keeps milliseconds, so the exact truth is within one of what was written.
        expected_ms = [tick * 1000 / ticks_per_second for tick in ticks]
        assert stamps_ms(path) == pytest.approx(expected_ms, abs=0.51)

    def test_thirds_of_a_second_do_not_drift(self, tmp_path: Path) -> None:
        ticks = [1001 * index for index in range(90)]
        path = media.write_video(
            tmp_path / "clip.mp4", stamps_ms=ticks, ticks_per_second=30_000, options=FAST
        )
        assert stamps_ms(path) == [
            int(Fraction(tick * 1000, 30_000) + Fraction(1, 2)) for tick in ticks
        ]

    @pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
    def test_time_counts_from_the_start_of_the_stream(self, tmp_path: Path, name: str) -> None:
        path = media.write_video(tmp_path / name, stamps_ms=(5000, 5040, 5100))
        assert stamps_ms(path) == [0, 40, 100]

    def test_frames_of_one_millisecond_are_left_out_and_counted(self, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4", stamps_ms=range(10), ticks_per_second=3000, options=FAST
        )
        _, frames, warnings = read(path)
        assert [frame.timestamp_ms for frame in frames] == [0, 1, 2, 3]
        assert warnings == ("frames left out because their time does not move on: 6",)

    def test_stream_without_stamps_uses_its_rate_and_says_so(self, tmp_path: Path) -> None:
        path = media.write_video(tmp_path / "clip.h264")
        _, frames, warnings = read(path)
        assert [frame.timestamp_ms for frame in frames] == list(range(0, 400, 40))
        assert warnings == ("frames without a time stamp: 10; 25 frames per second were assumed",)

    def test_gap_is_reported(self, tmp_path: Path) -> None:
        path = media.write_video(tmp_path / "clip.mkv", stamps_ms=(0, 40, 840, 880))
        _, _, warnings = read(path)
        assert warnings == ("gaps without a picture: 1, the longest 0.8 s",)

    def test_whole_file_gives_no_warning(self, tmp_path: Path) -> None:
        info, frames, warnings = read(media.write_video(tmp_path / "clip.mp4", with_sound=True))
        assert warnings == ()
        assert (info.duration_ms, info.frame_count) == (400, 10)
        assert len(frames) == 10


class TestPicture:
    @pytest.mark.parametrize(
        ("rotation_deg", "mirrored", "expected"),
        [
            (0, False, [media.RED, media.GREEN, media.BLUE, media.WHITE]),
            (0, True, [media.GREEN, media.RED, media.WHITE, media.BLUE]),
            (90, False, [media.GREEN, media.WHITE, media.RED, media.BLUE]),
            (90, True, [media.WHITE, media.GREEN, media.BLUE, media.RED]),
            (180, False, [media.WHITE, media.BLUE, media.GREEN, media.RED]),
            (270, False, [media.BLUE, media.RED, media.WHITE, media.GREEN]),
            (270, True, [media.RED, media.BLUE, media.GREEN, media.WHITE]),
        ],
    )
    def test_stands_upright(
        self,
        tmp_path: Path,
        rotation_deg: int,
        mirrored: bool,
        expected: list[tuple[int, int, int]],
    ) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4", rotation_deg=rotation_deg, mirrored=mirrored
        )
        info, frames, _ = read(path)
        assert corners(frames[0].rgb) == expected
        turned = rotation_deg in {90, 270}
        assert (info.width_px, info.height_px) == ((48, 64) if turned else (64, 48))
        assert frames[0].rgb.shape == ((64, 48, 3) if turned else (48, 64, 3))

    @pytest.mark.parametrize(
        ("size_px", "shape"),
        [
            ((1280, 720), (360, 640, 3)),
            ((720, 1280), (640, 360, 3)),
            ((1000, 1000), (640, 640, 3)),
            ((640, 480), (480, 640, 3)),
            ((320, 240), (240, 320, 3)),
        ],
    )
    def test_is_scaled_down_and_never_up(
        self, tmp_path: Path, size_px: tuple[int, int], shape: tuple[int, int, int]
    ) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4", stamps_ms=(0, 40), size_px=size_px, options=FAST
        )
        info, frames, _ = read(path)
        assert (info.width_px, info.height_px) == size_px
        assert frames[1].rgb.shape == shape
        assert corners(frames[1].rgb) == [media.RED, media.GREEN, media.BLUE, media.WHITE]

    def test_8k_is_scaled_while_decoding(self, tmp_path: Path) -> None:
        picture = media.quadrants(7680, 4320)
        path = media.write_video(
            tmp_path / "clip.mov",
            stamps_ms=(0,),
            size_px=(7680, 4320),
            codec="mjpeg",
            pix_fmt="yuvj420p",
            picture=lambda index: picture,
        )
        info, frames, warnings = read(path)
        assert (info.width_px, info.height_px) == (7680, 4320)
        assert [frame.rgb.shape for frame in frames] == [(360, 640, 3)]
        assert warnings == ()

    def test_pixels_that_are_not_square_are_made_so(self, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4", size_px=(48, 48), pixel_aspect=Fraction(4, 3)
        )
        info, frames, _ = read(path)
        assert (info.width_px, info.height_px) == (64, 48)
        assert frames[0].rgb.shape == (48, 64, 3)

    @pytest.mark.parametrize(
        ("name", "codec", "pix_fmt"),
        [
            ("clip.mkv", "ffv1", "yuv420p"),
            ("clip.mkv", "ffv1", "yuv422p"),
            ("clip.mkv", "ffv1", "yuv444p16le"),
            ("clip.mkv", "ffv1", "yuv420p10le"),
            ("clip.mkv", "ffv1", "yuva420p"),
            ("clip.mkv", "ffv1", "bgra"),
            ("clip.avi", "mjpeg", "yuvj420p"),
            ("clip.avi", "mjpeg", "yuvj422p"),
        ],
    )
    @pytest.mark.parametrize("size_px", [(66, 50), (1280, 720)])
    def test_colours_survive_every_format(
        self, tmp_path: Path, name: str, codec: str, pix_fmt: str, size_px: tuple[int, int]
    ) -> None:
        grey = np.full((size_px[1], size_px[0], 3), 60, np.uint8)
        grey[:, size_px[0] // 2 :] = (200, 120, 40)
        path = media.write_video(
            tmp_path / name,
            stamps_ms=(0, 40),
            size_px=size_px,
            codec=codec,
            pix_fmt=pix_fmt,
            picture=lambda index: grey,
        )
        picture = read(path)[1][1].rgb.astype(int)
        height_px, width_px = picture.shape[:2]
        assert np.abs(picture[height_px // 2, width_px // 4] - 60).max() <= 4
        assert np.abs(picture[height_px // 2, 3 * width_px // 4] - (200, 120, 40)).max() <= 6

    def test_change_of_size_is_reported_and_does_not_change_the_pictures(
        self, tmp_path: Path
    ) -> None:
        one = media.write_video(tmp_path / "one.ts", options=FAST)
        other = media.write_video(
            tmp_path / "other.ts", size_px=(128, 96), stamps_ms=range(400, 800, 40), options=FAST
        )
        both = tmp_path / "both.ts"
        both.write_bytes(one.read_bytes() + other.read_bytes())
        _, frames, warnings = read(both)
        assert {frame.rgb.shape for frame in frames} == {(48, 64, 3)}
        assert "the picture changes its size on the way" in warnings


class TestDamage:
    @pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
    def test_file_cut_short_gives_what_it_holds(self, tmp_path: Path, name: str) -> None:
        path = media.write_video(
            tmp_path / name,
            stamps_ms=FOUR_SECONDS_MS,
            picture=random_picture,
            container_options={"movflags": "faststart"} if name.endswith("mp4") else None,
        )
        _, frames, warnings = read(media.keep_start(path, 0.5))
        assert 40 <= len(frames) <= 60
        assert [frame.timestamp_ms for frame in frames] == list(range(0, 40 * len(frames), 40))
        assert warnings[-1].startswith("ends early: ")
        assert warnings[-1].endswith("of the 4.0 s it should hold")

    def test_damaged_middle_is_skipped_and_counted(self, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4",
            stamps_ms=FOUR_SECONDS_MS,
            picture=random_picture,
            options={"g": "10"},
            container_options={"movflags": "faststart"},
        )
        _, frames, warnings = read(media.damage(path, 0.4, 0.5))
        assert 80 <= len(frames) < 100
        assert frames[-1].timestamp_ms == FOUR_SECONDS_MS[-1]
        assert any(warning.startswith("damaged packets skipped: ") for warning in warnings)

    def test_stopping_early_does_not_claim_that_the_file_is_short(self, tmp_path: Path) -> None:
        path = media.write_video(tmp_path / "clip.mp4", stamps_ms=FOUR_SECONDS_MS, options=FAST)
        with VideoFile(path) as video:
            next(iter(video))
        assert video.warnings == ()


def missing(folder: Path) -> Path:
    return folder / "clip.mp4"


def too_long_a_name(folder: Path) -> Path:
    return folder / ("a" * 300 + ".mp4")


def the_folder(folder: Path) -> Path:
    return folder


def empty(folder: Path) -> Path:
    (folder / "clip.mp4").write_bytes(b"")
    return folder / "clip.mp4"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "clip.mp4")
    return folder / "clip.mp4"


def sound(folder: Path) -> Path:
    return media.write_sound(folder / "voice.m4a")


def text(folder: Path) -> Path:
    (folder / "notes.txt").write_text("not a video\n" * 100)
    return folder / "notes.txt"


def text_named_mp4(folder: Path) -> Path:
    return text(folder).rename(folder / "clip.mp4")


def random_bytes(folder: Path) -> Path:
    (folder / "clip.mp4").write_bytes(np.random.default_rng(0).bytes(100_000))
    return folder / "clip.mp4"


def a_picture(folder: Path) -> Path:
    media.write_video(folder / "%d.png", stamps_ms=(0,), codec="png", pix_fmt="rgb24")
    return folder / "1.png"


def a_play_list(folder: Path) -> Path:
    media.write_video(folder / "other.mp4")
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\nother.mp4\n")
    return folder / "list.m3u8"


def cut_before_its_index(folder: Path) -> Path:
    path = media.write_video(folder / "clip.mp4", stamps_ms=FOUR_SECONDS_MS)
    return media.keep_start(path, 0.5)


class TestRefusal:
    """Every unusable input is one line that names the file and says what to do."""

    @pytest.mark.parametrize(
        ("make", "complaint"),
        [
            (missing, "does not exist"),
            (the_folder, "is a folder"),
            (empty, "is empty"),
            (too_long_a_name, "cannot be opened: File name too long"),
            (a_pipe, "is a device or a pipe"),
            (sound, "holds sound but no moving picture"),
            *(
                (make, "is not a video that can be read")
                for make in (text, text_named_mp4, random_bytes, a_picture, a_play_list)
            ),
            (cut_before_its_index, "is not a video that can be read"),
        ],
    )
    def test_open_error_is_one_line(
        self, tmp_path: Path, make: Callable[[Path], Path], complaint: str
    ) -> None:
        path = make(tmp_path)
        with pytest.raises(SourceOpenError) as error:
            VideoFile(path)
        message = str(error.value)
        assert message.startswith(f"{path} {complaint}")
        assert "; " in message
        assert "\n" not in message

    def test_file_that_may_not_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = media.write_video(tmp_path / "clip.mp4")

        def forbidden(*arguments: object, **options: object) -> NoReturn:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", forbidden)  # the tests may run as root
        with pytest.raises(SourceOpenError, match="cannot be opened: Permission denied"):
            VideoFile(path)

    def test_video_without_a_decodable_frame(self, tmp_path: Path) -> None:
        path = media.write_undecodable(tmp_path / "clip.mkv")
        with pytest.raises(SourceReadError, match="no frame of it can be decoded"):
            VideoFile(path)

    def test_libraries_write_nothing_to_the_terminal(self, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4", stamps_ms=FOUR_SECONDS_MS, picture=random_picture,
            container_options={"movflags": "faststart"},
        )  # fmt: skip
        media.keep_start(media.damage(path, 0.4, 0.5), 0.8)
        program = (
            "import sys; from pathlib import Path\n"
            "from hep_vision.sources.video_file import VideoFile\n"
            "with VideoFile(Path(sys.argv[1])) as video: sys.exit(sum(1 for _ in video) < 50)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestUse:
    @pytest.mark.parametrize("name", ["a:b.mp4", "100%d.mp4", "-v.mp4", "übung 1.mp4", "a'b.mp4"])
    def test_any_file_name_will_do(self, tmp_path: Path, name: str) -> None:
        written = media.write_video(tmp_path / "clip.mp4")
        assert len(read(written.rename(tmp_path / name))[1]) == 10

    def test_is_read_once(self, tmp_path: Path) -> None:
        with VideoFile(media.write_video(tmp_path / "clip.mp4")) as video:
            for _ in video:
                pass
            with pytest.raises(RuntimeError, match="read once"):
                iter(video)

    def test_failure_while_decoding_reaches_the_reader(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with VideoFile(media.write_video(tmp_path / "clip.mp4")) as video:
            frames = iter(video)
            next(frames)
            monkeypatch.setattr(video_file.MediaClock, "timestamp_ms", _fail)
            with pytest.raises(SourceReadError, match="broken"):
                for _ in frames:
                    pass
        assert all(thread.name != "video-decoder" for thread in threading.enumerate())

    def test_picture_that_cannot_be_converted_is_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(video_file.Developer, "rgb", _cannot_convert)
        with VideoFile(media.write_video(tmp_path / "clip.mp4")) as video:
            frames = iter(video)
            with pytest.raises(SourceReadError, match=r"cannot be converted to RGB \(yuv420p\)"):
                next(frames)

    def test_decoder_runs_only_a_few_frames_ahead(self) -> None:
        taken: list[int] = []

        def items() -> Iterator[int]:
            for item in range(1000):
                taken.append(item)
                yield item

        ahead = video_file.read_ahead(items(), 3)
        for expected in range(50):
            assert next(ahead) == expected
            assert len(taken) <= expected + 1 + 3 + 1
        ahead.close()
        assert len(taken) < 60

    def test_closing_twice_is_harmless(self, tmp_path: Path) -> None:
        video = VideoFile(media.write_video(tmp_path / "clip.mp4"))
        next(iter(video))
        video.close()
        video.close()


def _fail(*arguments: object) -> NoReturn:
    raise SourceReadError("broken")


def _cannot_convert(*arguments: object) -> NoReturn:
    raise ValueError("Invalid argument")
