"""The MediaPipe adapter: right landmarks, right colours, no network, no chatter, clear errors."""

import platform
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import media
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import PoseFrame
from hep_vision.errors import ModelDamagedError, ModelMissingError, PoseEstimationError
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL, locate
from hep_vision.sources.base import Frame
from hep_vision.sources.recorded import TrackRecorder, read_track, write_track
from hep_vision.sources.video_file import VideoFile

CLIP = Path(__file__).parents[2] / "sample_videos" / "squat_front.mp4"
SIZE_PX = (320, 240)
ESTIMATE_CLIP = """
    import sys
    from itertools import islice
    from pathlib import Path
    from hep_vision.pose.mediapipe_tasks import MediaPipePose
    from hep_vision.sources.video_file import VideoFile

    model, clip = map(Path, sys.argv[1:])
    with VideoFile(clip) as video, MediaPipePose(model) as estimator:
        poses = [estimator.estimate_pose(frame, (640, 360)) for frame in islice(video, 20)]
    sys.exit(0 if len(poses) == 20 and all(pose.detected for pose in poses) else 3)
"""


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return locate(DEFAULT_MODEL, tmp_path_factory.mktemp("no models"))


@pytest.fixture
def estimator(model_path: Path) -> Iterator[MediaPipePose]:
    with MediaPipePose(model_path) as estimator:
        yield estimator


def empty_room(timestamp_ms: int) -> Frame:
    return Frame(0, timestamp_ms, np.full((240, 320, 3), 128, np.uint8))


def clip_frames(count: int) -> list[Frame]:
    with VideoFile(CLIP) as video:
        return [frame for frame, _ in zip(video, range(count), strict=False)]


def run(program: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class LandmarkerSpy:
    """Stands in for the landmarker: keeps what it is given and fails on demand."""

    def __init__(self, error: Exception | None = None) -> None:
        self.images: list[Any] = []
        self.error = error

    def detect_for_video(self, image: Any, timestamp_ms: int) -> Any:
        self.images.append(image)
        if self.error is not None:
            raise self.error
        return type("Result", (), {"pose_landmarks": [], "pose_world_landmarks": []})

    def close(self) -> None:
        """Hold nothing."""


class TestLandmarks:
    def test_person_is_found_and_stands_the_right_way_up(self, estimator: MediaPipePose) -> None:
        poses = [estimator.estimate_pose(frame, (1000, 500)) for frame in clip_frames(10)]
        assert all(pose.detected for pose in poses)
        standing = poses[0]
        left_ankle, left_hip, nose = (
            standing.image_px[landmark]
            for landmark in (Landmark.LEFT_ANKLE, Landmark.LEFT_HIP, Landmark.NOSE)
        )
        assert 0 < nose[1] < left_hip[1] < left_ankle[1] < 500
        assert 0 < left_hip[0] < 1000
        # Seen from the front, the person's left is on the right of the picture.
        assert left_hip[0] > standing.image_px[Landmark.RIGHT_HIP][0]
        assert standing.image_size_px == (1000, 500)

    def test_world_landmarks_are_metres_around_the_hips(self, estimator: MediaPipePose) -> None:
        (frame,) = clip_frames(1)
        world_m = estimator.estimate_pose(frame, SIZE_PX).world_m
        hips_m = (world_m[Landmark.LEFT_HIP] + world_m[Landmark.RIGHT_HIP]) / 2
        assert np.abs(hips_m).max() < 0.05
        assert 0.4 < world_m[Landmark.LEFT_ANKLE][1] < 1.2
        assert -1.0 < world_m[Landmark.NOSE][1] < -0.3

    def test_pixels_scale_with_the_size_asked_for(self, model_path: Path) -> None:
        (frame,) = clip_frames(1)
        found = []
        for size_px in ((640, 360), (1280, 1440)):
            with MediaPipePose(model_path) as estimator:
                found.append(estimator.estimate_pose(frame, size_px).image_px)
        np.testing.assert_allclose(found[1], found[0] * (2, 4), rtol=1e-6)

    def test_nobody_is_unseen(self, estimator: MediaPipePose) -> None:
        pose = estimator.estimate_pose(empty_room(40), SIZE_PX)
        assert not pose.detected
        assert np.isnan(pose.visibility).all()
        assert (pose.timestamp_ms, pose.image_size_px) == (40, SIZE_PX)

    def test_track_of_a_clip_is_the_clip(self, estimator: MediaPipePose, tmp_path: Path) -> None:
        poses = [estimator.estimate_pose(frame, SIZE_PX) for frame in clip_frames(15)]
        recorder = TrackRecorder(SIZE_PX)
        for pose in poses:
            recorder.add(pose)
        write_track(tmp_path / "track.npz", recorder.track())
        replayed = list(read_track(tmp_path / "track.npz").poses())
        assert [_bytes(pose) for pose in replayed] == [_bytes(pose) for pose in poses]


class TestColour:
    def test_mediapipe_gets_the_bytes_of_the_frame_as_rgb(
        self, estimator: MediaPipePose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        import mediapipe

        spy = LandmarkerSpy()
        estimator._landmarker.close()
        monkeypatch.setattr(estimator, "_landmarker", spy)
        with VideoFile(media.write_video(tmp_path / "clip.mp4")) as video:
            frame = next(iter(video))
        estimator.estimate_pose(frame, (64, 48))
        (image,) = spy.images
        assert image.image_format == mediapipe.ImageFormat.SRGB
        picture = image.numpy_view()
        np.testing.assert_array_equal(picture, frame.rgb)
        red, blue = picture[12, 16], picture[36, 16]
        assert red[0] > 240 > 20 > red[2]
        assert blue[2] > 240 > 20 > blue[0]


class TestTime:
    @pytest.mark.parametrize("late_ms", [100, 60, -5])
    def test_frame_out_of_order_is_refused_and_does_no_harm(
        self, estimator: MediaPipePose, late_ms: int
    ) -> None:
        estimator.estimate_pose(empty_room(100), SIZE_PX)
        with pytest.raises(PoseEstimationError, match="frames must come in time order"):
            estimator.estimate_pose(empty_room(late_ms), SIZE_PX)
        (person,) = clip_frames(1)
        later = Frame(0, 140, person.rgb)
        assert estimator.estimate_pose(later, SIZE_PX).detected


class TestErrors:
    def test_missing_model(self, tmp_path: Path) -> None:
        with pytest.raises(ModelMissingError, match="cannot be read") as error:
            MediaPipePose(tmp_path / "absent.task")
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("content", ["empty", "rubbish", "cut short", "no network inside"])
    def test_damaged_model(self, tmp_path: Path, model_path: Path, content: str) -> None:
        whole = model_path.read_bytes()
        path = tmp_path / "damaged.task"
        path.write_bytes(
            {
                "empty": b"",
                "rubbish": b"rubbish" * 1000,
                "cut short": whole[:1_000_000],
                "no network inside": whole[:5_000_000] + bytes(200_000) + whole[5_200_000:],
            }[content]
        )
        with pytest.raises(ModelDamagedError, match="is damaged or not a pose model") as error:
            MediaPipePose(path)
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("error", [RuntimeError("a\nb."), ValueError(""), TimeoutError("c")])
    def test_failure_on_a_frame(
        self, estimator: MediaPipePose, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        estimator._landmarker.close()
        monkeypatch.setattr(estimator, "_landmarker", LandmarkerSpy(error))
        with pytest.raises(PoseEstimationError, match="failed on the frame at 40 ms") as raised:
            estimator.estimate_pose(empty_room(40), SIZE_PX)
        assert "\n" not in str(raised.value)

    def test_closed_estimator(self, model_path: Path) -> None:
        estimator = MediaPipePose(model_path)
        estimator.close()
        estimator.close()
        with pytest.raises(PoseEstimationError, match="closed"):
            estimator.estimate_pose(empty_room(0), SIZE_PX)


class TestQuiet:
    def test_importing_the_adapter_does_not_import_mediapipe(self) -> None:
        done = run(
            """
            import sys
            import hep_vision.pose.mediapipe_tasks
            sys.exit(any(name in sys.modules for name in ("mediapipe", "cv2", "av")))
            """
        )
        assert done.returncode == 0, done.stderr

    def test_nothing_is_written_to_the_terminal(self, model_path: Path) -> None:
        done = run(ESTIMATE_CLIP, model_path, CLIP)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_stderr_works_again_after_the_model_is_loaded(
        self, model_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with MediaPipePose(model_path) as estimator:
            estimator.estimate_pose(empty_room(0), SIZE_PX)
            sys.stderr.write("still here")
        assert capfd.readouterr().err == "still here"


FORBID_SOCKETS = """
    import ctypes, os, platform, struct

    SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    IO_URING_SETUP = 425  # it could open a socket without the system call
    LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
    KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000
    PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

    steps = [
        (LOAD, 0, 0, 0),
        (JUMP_IF_EQUAL, 1, 0, SOCKET),
        (JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP),
        (RETURN, 0, 0, KILL_PROCESS),
        (RETURN, 0, 0, ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel does not allow a filter")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
    reason="uses a Linux system-call filter",
)
class TestNetwork:
    """Analysing a clip opens no socket, of any kind, in any thread, in Python or in C.

    A seccomp filter makes the kernel kill the process at its first ``socket`` system call, so the
    process ends well only if there was none: a look-up of a name would be one. Limits: what is
    shown holds for this clip and this version of mediapipe on Linux, for as long as the process
    lived (a report sent after hours of use would not be seen).
    """

    def test_filter_kills_a_process_that_opens_a_socket(self) -> None:
        done = run(FORBID_SOCKETS + "\n    import socket; socket.socket()")
        assert done.returncode == -signal.SIGSYS, done.stderr

    def test_filter_kills_a_process_whose_c_library_looks_up_a_name(self) -> None:
        look_up = (
            'libc.getaddrinfo(b"example.invalid", None, None, ctypes.byref(ctypes.c_void_p()))'
        )
        done = run(f"{FORBID_SOCKETS}\n    {look_up}")
        assert done.returncode == -signal.SIGSYS, done.stderr

    def test_analysing_a_clip_opens_no_socket(self, model_path: Path) -> None:
        done = run(FORBID_SOCKETS + ESTIMATE_CLIP, model_path, CLIP)
        assert done.returncode == 0, done.stderr


def _bytes(pose: PoseFrame) -> tuple[int, bytes, bytes, bytes]:
    return (
        pose.timestamp_ms,
        pose.image_px.tobytes(),
        pose.world_m.tobytes(),
        pose.visibility.tobytes(),
    )
