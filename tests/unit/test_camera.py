"""The newest picture is handed out, and what is wrong with the camera is said.

Nothing here waits: wherever the camera's thread would, it stops until the test moves time on.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

import media
from hep_vision.errors import SourceOpenError, SourceReadError
from hep_vision.sources import camera as camera_module
from hep_vision.sources import camera_device
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import (
    CameraInfo,
    CameraState,
    LiveCamera,
    list_cameras,
    open_camera,
)
from hep_vision.sources.camera_device import CvDevice, Device, Picture, Refusal
from hep_vision.sources.video_file import VideoFile

STUCK_S = 30.0
"""Only a broken camera lets a test wait for this long."""

WIDTH_PX, HEIGHT_PX = 64, 48


def room(seed: int) -> Picture:
    """Return a picture of a room with the noise of a sensor, blue first."""
    return np.random.default_rng(seed).integers(60, 200, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)


def covered_lens(seed: int) -> Picture:
    """Return the noise of a sensor that sees nothing and turns its gain up."""
    return np.random.default_rng(seed).integers(0, 20, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)


class Stage:
    """The world around a camera: its device and its time, moved by the test alone.

    The thread of the camera asks and stops; the test answers. Between two answers the thread has
    done everything that it does by itself.
    """

    def __init__(self) -> None:
        self.now_ms = 5_000
        self.released = threading.Event()
        self.opened = 0
        self._asked: SimpleQueue[tuple[str, float]] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._left = False

    # What the camera sees.

    def clock(self) -> int:
        return self.now_ms

    def sleep(self, seconds: float) -> None:
        self._ask("sleep", seconds)

    def open(self) -> Refusal | None:
        self.opened += 1
        self.released.clear()
        refusal: Refusal | None = self._ask("open") if self.opened > 1 else None
        return refusal

    def read(self) -> Picture | None:
        picture: Picture | None = self._ask("read")
        return picture

    def release(self) -> None:
        self.released.set()

    def _ask(self, what: str, amount: float = 0.0) -> Any:
        if self._left:
            return None
        self._asked.put((what, amount))
        answer = self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    # What the test does.

    def answer(self, what: str, answer: Any = None) -> float:
        """Wait until the camera asks for ``what``, and answer; return how much of it was asked."""
        asked, amount = self._asked.get(timeout=STUCK_S)
        assert asked == what
        self._answers.put(answer)
        return amount

    def settle(self) -> None:
        """Wait until the camera asks again."""
        question = self._asked.get(timeout=STUCK_S)
        assert self._asked.empty()
        self._asked.put(question)

    def give(self, *pictures: Picture, every_ms: int = 33) -> None:
        """Let the device give pictures."""
        for picture in pictures:
            self.settle()
            self.now_ms += every_ms
            self.answer("read", picture)
            self.settle()

    def unplug(self) -> None:
        self.answer("read", None)
        self.settle()

    def retry(self, refusal: Refusal | None) -> None:
        """Let the time pass until the camera opens the device again."""
        seconds = self.answer("sleep")
        self.now_ms += round(1000 * seconds)
        self.answer("open", refusal)
        self.settle()

    def pass_time(self, ms: int) -> float:
        """Let the camera sleep for ``ms``; return how many seconds it had asked for."""
        self.settle()
        self.now_ms += ms
        return self.answer("sleep")

    def leave(self) -> None:
        """Answer everything from now on, so that the thread can end."""
        self._left = True
        self._answers.put(None)


Opener = Callable[..., LiveCamera]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def opened(stage: Stage) -> Iterator[Opener]:
    """Return a function that opens a camera on the stage, and end all threads afterwards."""
    before = set(threading.enumerate())
    cameras: list[LiveCamera] = []

    def opener(where: str | Path = "0", **options: Any) -> LiveCamera:
        camera = open_camera(
            str(where), stage.clock, sleep=stage.sleep, devices=lambda _: stage, **options
        )
        cameras.append(camera)
        return camera

    yield opener
    stage.leave()
    for camera in cameras:
        camera.close()
    assert set(threading.enumerate()) == before


def newest(camera: LiveCamera) -> Frame:
    frame = camera.newest(STUCK_S)
    assert frame is not None
    return frame


class TestNewestPicture:
    def test_older_ones_are_dropped_and_counted(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1), room(2), room(3))
        frame = newest(camera)
        assert frame.index == 2
        assert np.array_equal(frame.rgb, room(3)[..., ::-1])
        assert camera.dropped == 2

    def test_none_is_handed_out_twice(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        newest(camera)
        assert camera.newest(0) is None
        stage.give(room(2))
        assert newest(camera).index == 1
        assert camera.dropped == 0

    def test_it_is_waited_for(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        giving = threading.Thread(target=stage.give, args=(room(1),))
        giving.start()
        assert newest(camera).index == 0
        giving.join()

    def test_time_is_that_of_the_clock_when_it_came(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1), every_ms=40)
        assert newest(camera).timestamp_ms == 5_040
        stage.give(room(2), every_ms=33)
        assert newest(camera).timestamp_ms == 5_073

    def test_time_moves_on_even_when_the_clock_does_not(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stamps_ms = []
        for seed in range(3):
            stage.give(room(seed), every_ms=0)
            stamps_ms.append(newest(camera).timestamp_ms)
        assert stamps_ms == [5_000, 5_001, 5_002]

    def test_long_pictures_are_scaled_down(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        assert camera.size_px is None
        stage.give(np.full((1080, 1920, 3), (250, 120, 10), np.uint8))
        frame = newest(camera)
        assert frame.rgb.shape == (720, 1280, 3)
        assert frame.rgb[300, 300].tolist() == [10, 120, 250]
        assert camera.size_px == (1920, 1080)

    def test_a_camera_without_colours_gives_three_all_the_same(
        self, opened: Opener, stage: Stage
    ) -> None:
        camera = opened()
        stage.give(room(1)[..., 0])
        assert np.array_equal(newest(camera).rgb, np.repeat(room(1)[..., :1], 3, axis=2))

    def test_what_the_device_raises_reaches_who_takes_the_pictures(
        self, opened: Opener, stage: Stage
    ) -> None:
        camera = opened()
        stage.answer("read", ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            camera.newest(STUCK_S)


class TestState:
    def test_it_opens_and_lives(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        assert (camera.state, camera.trouble) == (CameraState.OPENING, None)
        stage.give(room(1))
        assert (camera.state, camera.trouble) == (CameraState.LIVE, None)

    def test_a_slow_start_is_no_loss(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.now_ms += 4_000
        assert camera.state is CameraState.OPENING
        stage.now_ms += 1_001
        assert camera.state is CameraState.LOST

    @pytest.mark.parametrize(
        "dark", [covered_lens, lambda _: np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)]
    )
    def test_black_for_over_a_second(
        self, opened: Opener, stage: Stage, dark: Callable[[int], Picture]
    ) -> None:
        camera = opened()
        stage.give(*(dark(seed) for seed in range(11)), every_ms=100)
        assert camera.state is CameraState.LIVE
        stage.give(dark(11), every_ms=100)
        assert camera.state is CameraState.BLACK
        assert camera.trouble == "The camera shows black: open its cover, or switch on a light."
        stage.give(room(1))
        assert camera.state is CameraState.LIVE

    def test_a_dark_room_with_one_lamp_is_not_black(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        for seed in range(20):
            picture = covered_lens(seed)
            picture[:12, :12] = 120
            stage.give(picture, every_ms=100)
        assert camera.state is CameraState.LIVE

    def test_the_same_picture_for_two_seconds(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(0), *[room(1)] * 20, every_ms=100)
        assert camera.state is CameraState.LIVE
        stage.give(room(1), every_ms=100)
        assert camera.state is CameraState.FROZEN
        assert camera.trouble is not None
        assert camera.trouble.startswith("The picture stands still: ")
        stage.give(room(2))
        assert camera.state is CameraState.LIVE

    def test_noise_alone_is_a_living_picture(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        for seed in range(30):
            picture = np.full((HEIGHT_PX, WIDTH_PX, 3), 100, np.uint8)
            picture[seed, seed, 0] = 101
            stage.give(picture, every_ms=100)
        assert camera.state is CameraState.LIVE

    def test_a_camera_of_the_network_may_send_the_same_picture(
        self, opened: Opener, stage: Stage
    ) -> None:
        camera = opened("rtsp://10.0.0.5/stream")
        stage.give(*[room(1)] * 30, every_ms=100)
        assert camera.state is CameraState.LIVE

    def test_no_picture_for_a_second_and_a_half(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        stage.now_ms += 1_500
        assert camera.state is CameraState.LIVE
        stage.now_ms += 1
        assert camera.state is CameraState.LOST
        stage.give(room(2))
        assert camera.state is CameraState.LIVE


class TestLoss:
    def test_unplugged_for_three_seconds_and_back(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        newest(camera)
        stage.unplug()
        assert stage.released.is_set()
        assert camera.state is CameraState.LOST
        assert camera.trouble == "The camera is gone: check its plug. Trying again."
        stage.retry(Refusal.ABSENT)
        stage.retry(Refusal.ABSENT)
        assert camera.state is CameraState.LOST
        stage.retry(None)
        assert camera.state is CameraState.LOST
        stage.give(room(2), every_ms=0)
        frame = newest(camera)
        assert (frame.index, frame.timestamp_ms) == (1, 8_033)
        assert (camera.state, camera.trouble) == (CameraState.LIVE, None)

    def test_gone_for_good_is_tried_again_every_second(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        stage.unplug()
        began_ms = stage.now_ms
        for _ in range(100):
            stage.retry(Refusal.UNKNOWN)
        assert stage.now_ms == began_ms + 100_000
        assert camera.state is CameraState.LOST

    def test_taken_by_another_program(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        stage.unplug()
        stage.retry(Refusal.BUSY)
        assert camera.state is CameraState.BUSY
        assert camera.trouble == "Another program is using the camera: close it. Trying again."
        stage.retry(None)
        stage.give(room(2))
        assert camera.state is CameraState.LIVE

    def test_one_that_opens_but_never_gave_a_picture_is_busy(
        self, opened: Opener, stage: Stage
    ) -> None:
        camera = opened()
        stage.unplug()
        assert camera.state is CameraState.BUSY

    def test_the_network_has_no_plug(self, opened: Opener, stage: Stage) -> None:
        camera = opened("http://10.0.0.5/stream")
        stage.unplug()
        assert camera.state is CameraState.LOST
        assert camera.trouble is not None
        assert "network" in camera.trouble

    def test_what_stood_still_before_is_forgotten(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.give(room(1))
        stage.unplug()
        stage.retry(Refusal.ABSENT)
        stage.retry(None)
        stage.give(room(1))
        assert camera.state is CameraState.LIVE


class TestClosing:
    def test_it_gives_the_device_back(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        with camera:
            stage.give(room(1))
            stage.leave()
        assert stage.released.is_set()
        assert camera.newest(STUCK_S) is None

    def test_it_does_not_wait_for_a_device_that_does_not_come_back(
        self, opened: Opener, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        camera = opened()
        stage.give(room(1))
        with monkeypatch.context() as at_once:
            at_once.setattr(camera_module, "CLOSE_TIMEOUT_S", 0.0)
            camera.close()
        assert not stage.released.is_set()
        stage.leave()  # it comes back after all
        assert stage.released.wait(STUCK_S)

    def test_it_ends_the_waiting_for_a_picture(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        taken: SimpleQueue[Frame | None] = SimpleQueue()
        taking = threading.Thread(target=lambda: taken.put(camera.newest(STUCK_S)))
        taking.start()
        stage.leave()
        camera.close()
        taking.join(STUCK_S)
        assert taken.get(timeout=STUCK_S) is None

    def test_it_ends_the_trying_again(self, opened: Opener, stage: Stage) -> None:
        camera = opened()
        stage.unplug()
        stage.leave()
        camera.close()
        camera.close()
        assert stage.opened == 1


class Refusing:
    """A device that never opens; number 2 does."""

    def __init__(self, refusal: Refusal, where: int | str) -> None:
        self._refusal = None if where == 2 else refusal

    def open(self) -> Refusal | None:
        return self._refusal

    def read(self) -> Picture | None:
        return None

    def release(self) -> None:
        return None


def refusing(refusal: Refusal) -> Callable[[int | str], Device]:
    return lambda where: Refusing(refusal, where)


class TestFirstTry:
    @pytest.mark.parametrize(
        ("where", "refusal", "said"),
        [
            ("0", Refusal.ABSENT, "There is no camera 0 on this machine; plug it in"),
            ("0", Refusal.BUSY, "Another program is using camera 0; close it"),
            ("0", Refusal.UNKNOWN, "Camera 0 does not open; check its plug"),
            ("0", Refusal.FORBIDDEN, "You may not use camera 0; join the group"),
            ("/dev/video9", Refusal.ABSENT, "There is no /dev/video9 on this machine"),
        ],
    )
    def test_one_line_says_what_was_tried_and_what_to_do(
        self, monkeypatch: pytest.MonkeyPatch, where: str, refusal: Refusal, said: str
    ) -> None:
        monkeypatch.setattr(camera_module, "camera_indices", lambda: (0, 1, 2))
        with pytest.raises(SourceOpenError) as raised:
            open_camera(where, lambda: 0, devices=refusing(refusal))
        message = str(raised.value)
        assert message.startswith(said)
        assert message.endswith(", or use one that opens: 2.")
        assert "\n" not in message

    def test_without_any_camera_a_file_will_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(camera_module, "camera_indices", lambda: ())
        with pytest.raises(SourceOpenError, match="or name a video file instead"):
            open_camera("0", lambda: 0, devices=refusing(Refusal.ABSENT))

    def test_a_password_is_not_said(self) -> None:
        with pytest.raises(SourceOpenError) as raised:
            open_camera(
                "rtsp://anna:secret@10.0.0.5:554/live?token=secret",
                lambda: 0,
                devices=refusing(Refusal.UNKNOWN),
            )
        assert "rtsp://10.0.0.5:554/live;" in str(raised.value)
        assert "secret" not in str(raised.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SourceOpenError, match="does not exist"):
            open_camera(str(tmp_path / "gone.mp4"), lambda: 0)

    @pytest.mark.parametrize("pace", [0.0, -1.0, float("nan")])
    def test_a_pace_that_never_arrives(self, pace: float) -> None:
        with pytest.raises(ValueError, match="pace"):
            open_camera("clip.mp4", lambda: 0, pace=pace)


UNEVEN_MS = (0, 40, 90, 400)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return media.write_video(
        tmp_path / "clip.mkv",
        stamps_ms=UNEVEN_MS,
        codec="ffv1",
        picture=lambda index: media.noise(64, 48, seed=index),
    )


class TestFile:
    def test_frames_are_those_of_the_file(self, opened: Opener, stage: Stage, clip: Path) -> None:
        camera = opened(clip)
        taken = [newest(camera)]
        for wait_ms in (40, 50, 310):
            assert stage.pass_time(wait_ms) == wait_ms / 1000
            taken.append(newest(camera))
        with VideoFile(clip) as video:
            read = list(video)
        assert [frame.timestamp_ms - 5_000 for frame in taken] == list(UNEVEN_MS)
        assert [frame.index for frame in taken] == [frame.index for frame in read]
        assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(taken, read, strict=True))
        assert camera.dropped == 0

    def test_it_ends_when_the_last_picture_was_taken(
        self, opened: Opener, stage: Stage, tmp_path: Path
    ) -> None:
        camera = opened(media.write_video(tmp_path / "one.mp4", stamps_ms=(0,)))
        for thread in threading.enumerate():
            if thread.name == "camera":
                thread.join(STUCK_S)  # everything was played
        assert camera.state is CameraState.LIVE
        newest(camera)
        assert camera.newest(STUCK_S) is None
        assert (camera.state, camera.trouble) == (CameraState.ENDED, None)

    def test_a_pace_shortens_the_waiting_but_not_the_time_of_the_pictures(
        self, opened: Opener, stage: Stage, clip: Path
    ) -> None:
        camera = opened(clip, pace=10.0)
        newest(camera)
        assert stage.pass_time(4) == pytest.approx(0.004)
        assert newest(camera).timestamp_ms == 5_040
        assert stage.pass_time(5) == pytest.approx(0.005)

    def test_who_comes_late_gets_the_newest_and_no_later_delay(
        self, opened: Opener, stage: Stage, clip: Path
    ) -> None:
        camera = opened(clip)
        newest(camera)
        stage.pass_time(300)
        stage.settle()
        frame = newest(camera)
        assert (frame.index, frame.timestamp_ms) == (2, 5_090)
        assert camera.dropped == 1
        assert stage.pass_time(100) == pytest.approx(0.1)
        assert newest(camera).timestamp_ms == 5_400

    def test_still_pictures_are_not_frozen(
        self, opened: Opener, stage: Stage, tmp_path: Path
    ) -> None:
        camera = opened(
            media.write_video(tmp_path / "still.mkv", stamps_ms=range(0, 4_000, 500), codec="ffv1")
        )
        for _ in range(6):
            stage.pass_time(500)
        stage.settle()
        assert camera.state is CameraState.LIVE

    def test_a_black_file_shows_black(self, opened: Opener, stage: Stage, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "black.mp4",
            stamps_ms=range(0, 2_000, 250),
            picture=lambda _: np.zeros((48, 64, 3), np.uint8),
        )
        camera = opened(path)
        for _ in range(6):
            stage.pass_time(250)
        stage.settle()
        assert camera.state is CameraState.BLACK

    def test_a_file_that_breaks_on_the_way_says_so(
        self,
        opened: Opener,
        stage: Stage,
        clip: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def broken(_: VideoFile) -> Iterator[Frame]:
            yield Frame(0, 0, media.noise(64, 48, seed=1))
            raise SourceReadError("clip.mkv cannot be read; record it again.")

        monkeypatch.setattr(VideoFile, "__iter__", broken)
        camera = opened(clip)
        newest(camera)
        assert camera.newest(STUCK_S) is None
        assert camera.state is CameraState.ENDED
        assert camera.trouble == "clip.mkv cannot be read; record it again."

    def test_closing_stops_the_playing(self, opened: Opener, stage: Stage, clip: Path) -> None:
        camera = opened(clip)
        stage.settle()
        stage.leave()
        camera.close()
        assert camera.newest(STUCK_S) is None


class Scripted:
    """A device of the list: gives so many pictures, 40 ms apart."""

    def __init__(self, clock: Stage, refusal: Refusal | None, pictures: list[Picture]) -> None:
        self._clock = clock
        self._refusal = refusal
        self._pictures = iter(pictures)
        self.is_open = False

    def open(self) -> Refusal | None:
        self.is_open = self._refusal is None
        return self._refusal

    def read(self) -> Picture | None:
        assert self.is_open
        self._clock.now_ms += 40
        return next(self._pictures, None)

    def release(self) -> None:
        self.is_open = False


class TestList:
    def found(
        self, monkeypatch: pytest.MonkeyPatch, stage: Stage, devices: list[Scripted]
    ) -> list[CameraInfo]:
        monkeypatch.setattr(camera_module, "camera_indices", lambda: tuple(range(len(devices))))
        monkeypatch.setattr(camera_module, "camera_name", lambda index: f"name {index}")
        monkeypatch.setattr(camera_module, "device_path", lambda where: Path(f"/dev/video{where}"))
        found = list_cameras(stage.clock, lambda index: devices[int(index)])
        assert not any(device.is_open for device in devices)
        return found

    @pytest.mark.parametrize(
        ("light", "word"), [(20, "dark"), (120, "enough"), (250, "too bright")]
    )
    def test_size_rate_and_light_are_measured(
        self, monkeypatch: pytest.MonkeyPatch, stage: Stage, light: int, word: str
    ) -> None:
        pictures = [np.full((48, 64, 3), light, np.uint8)] * 30
        (info,) = self.found(monkeypatch, stage, [Scripted(stage, None, pictures)])
        assert info == CameraInfo(0, "name 0", (64, 48), 25.0, float(light))
        assert info.light_word == word

    def test_one_without_pictures_is_listed_with_what_to_do(
        self, monkeypatch: pytest.MonkeyPatch, stage: Stage
    ) -> None:
        (info,) = self.found(monkeypatch, stage, [Scripted(stage, None, [room(1)] * 3)])
        assert info.size_px is None
        assert info.trouble is not None
        assert info.light_word == ""

    def test_a_twin_is_left_out_where_a_camera_opens(
        self, monkeypatch: pytest.MonkeyPatch, stage: Stage
    ) -> None:
        twin = Scripted(stage, Refusal.UNKNOWN, [])
        whole = Scripted(stage, None, [room(1)] * 30)
        assert [info.index for info in self.found(monkeypatch, stage, [whole, twin])] == [0]
        (info,) = self.found(monkeypatch, stage, [twin])
        assert info.trouble is not None
        assert info.trouble.startswith("Camera 0 does not open")

    def test_busy_and_forbidden_ones_are_listed_and_absent_ones_not(
        self, monkeypatch: pytest.MonkeyPatch, stage: Stage
    ) -> None:
        refusals = (Refusal.BUSY, Refusal.ABSENT, Refusal.FORBIDDEN)
        found = self.found(monkeypatch, stage, [Scripted(stage, why, []) for why in refusals])
        assert [info.index for info in found] == [0, 2]


class Capture:
    """What OpenCV gives for a camera; everything that is done to it is kept."""

    grabs: list[bool]
    pictures: list[Picture | None]

    def __init__(self, *how: Any) -> None:
        self.how = how
        self.asked: list[tuple[int, float]] = []

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, what: int, value: float) -> bool:
        self.asked.append((what, value))
        return False

    def grab(self) -> bool:
        return self.grabs.pop(0)

    def retrieve(self) -> tuple[bool, Picture | None]:
        picture = self.pictures.pop(0)
        return picture is not None, picture

    def release(self) -> None:
        return None


class TestCvDevice:
    @pytest.fixture
    def captures(self, monkeypatch: pytest.MonkeyPatch) -> list[Capture]:
        made: list[Capture] = []

        def capture(*how: Any) -> Capture:
            made.append(Capture(*how))
            return made[-1]

        monkeypatch.setattr("cv2.VideoCapture", capture)
        monkeypatch.setattr(camera_device, "_refusal_of_node", lambda _: None)
        return made

    def test_compressed_pictures_are_asked_for_first(self, captures: list[Capture]) -> None:
        import cv2

        assert CvDevice(1).open() is None
        assert captures[0].how[0] == 1
        assert captures[0].asked == [
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
            (cv2.CAP_PROP_FRAME_WIDTH, 1280),
            (cv2.CAP_PROP_FRAME_HEIGHT, 720),
            (cv2.CAP_PROP_FPS, 30),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ]

    def test_a_numbered_device_file_is_its_number(self, captures: list[Capture]) -> None:
        assert CvDevice("/dev/video3").open() is None
        assert captures[0].how[0] == 3

    def test_a_damaged_picture_is_no_loss(self, captures: list[Capture]) -> None:
        device = CvDevice(0)
        device.open()
        captures[0].grabs = [True, True, False]
        captures[0].pictures = [None, room(1)]
        picture = device.read()
        assert picture is not None
        assert np.array_equal(picture, room(1))
        assert device.read() is None

    def test_nothing_but_damaged_pictures_is(self, captures: list[Capture]) -> None:
        device = CvDevice(0)
        device.open()
        captures[0].grabs = [True] * 100
        captures[0].pictures = [None] * 100
        assert device.read() is None

    def test_an_unopened_one_gives_nothing(self) -> None:
        device = CvDevice(0)
        assert device.read() is None
        device.release()

    def test_a_failure_prints_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert CvDevice("http://").open() is Refusal.UNKNOWN
        assert capfd.readouterr() == ("", "")


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder that stands for /dev."""
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(camera_device, "_DEVICE_FOLDER", tmp_path)
    return tmp_path


class TestLinux:
    def test_only_device_files_are_tried(self, on_linux: Path) -> None:
        for name in ("video0", "video2", "video17", "audio"):
            (on_linux / name).touch()
        assert camera_device.camera_indices() == (0, 2)

    def test_one_without_its_file_is_absent(self, on_linux: Path) -> None:
        assert CvDevice(4).open() is Refusal.ABSENT

    def test_one_that_may_not_be_read_is_forbidden(
        self, on_linux: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forbid(*_: object) -> int:
            raise PermissionError

        (on_linux / "video0").touch()
        monkeypatch.setattr("os.open", forbid)
        assert CvDevice(0).open() is Refusal.FORBIDDEN

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not tell")
    def test_one_that_is_held_open_is_busy(self, on_linux: Path) -> None:
        path = on_linux / "video0"
        path.touch()
        assert CvDevice(0).open() is Refusal.UNKNOWN
        with path.open("rb"):
            assert CvDevice(0).open() is Refusal.BUSY
