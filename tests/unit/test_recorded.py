"""A landmark track comes back exactly as it was written, and a malformed one names its key."""

import contextlib
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hep_vision.core.landmarks import LANDMARK_COUNT
from hep_vision.core.types import PoseFrame
from hep_vision.errors import ExportError, SourceOpenError
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder, read_track, write_track

SIZE_PX = (1280, 720)

float32s = st.floats(width=32, allow_infinity=False)
poses = st.builds(
    lambda image_px, world_m, visibility: (image_px, world_m, visibility),
    npst.arrays(np.float32, (LANDMARK_COUNT, 2), elements=float32s),
    npst.arrays(np.float32, (LANDMARK_COUNT, 3), elements=float32s),
    npst.arrays(
        np.float32,
        (LANDMARK_COUNT,),
        elements=st.one_of(st.floats(0, 1, width=32), st.just(float("nan"))),
    ),
)


def arrays(**changes: object) -> dict[str, Any]:
    """Return the content of a valid track file of three frames, with ``changes``."""
    content: dict[str, Any] = {
        "timestamp_ms": np.array([0, 33, 67], np.int64),
        "image_px": np.full((3, LANDMARK_COUNT, 2), 100, np.float32),
        "world_m": np.full((3, LANDMARK_COUNT, 3), np.nan, np.float32),
        "visibility": np.full((3, LANDMARK_COUNT), 0.5, np.float32),
        "image_size": np.array(SIZE_PX),
    }
    return content | changes


def track_file(folder: Path, **changes: object) -> Path:
    path = folder / "track.npz"
    content = {key: value for key, value in arrays(**changes).items() if value is not None}
    np.savez(path, **content)
    return path


def recorded(*frames: PoseFrame) -> LandmarkTrack:
    recorder = TrackRecorder(SIZE_PX)
    for frame in frames:
        recorder.add(frame)
    return recorder.track()


def assert_same(one: PoseFrame, other: PoseFrame) -> None:
    assert one.timestamp_ms == other.timestamp_ms
    assert one.image_size_px == other.image_size_px
    np.testing.assert_array_equal(one.image_px, other.image_px)
    np.testing.assert_array_equal(one.world_m, other.world_m)
    np.testing.assert_array_equal(one.visibility, other.visibility)


def test_a_damaged_version_number_of_the_archive_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "track.npz"
    write_track(path, LandmarkTrack(**_as_track(arrays())))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 109  # version needed to extract
    path.write_bytes(content)
    with pytest.raises(SourceOpenError, match="damaged"):
        read_track(path)


@settings(deadline=None)  # a slow disk is no failure
@given(st.lists(poses, min_size=1, max_size=3))
def test_round_trip_is_exact(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[tuple[Any, Any, Any]],
) -> None:
    frames = [PoseFrame(33 * index, *value, SIZE_PX) for index, value in enumerate(values)]
    path = tmp_path_factory.mktemp("track") / "track.npz"
    write_track(path, recorded(*frames))
    for written, read in zip(frames, read_track(path).poses(), strict=True):
        assert_same(written, read)


def test_unseen_frames_stay_unseen(tmp_path: Path) -> None:
    path = tmp_path / "track.npz"
    write_track(path, recorded(PoseFrame.unseen(0, SIZE_PX), PoseFrame.unseen(40, SIZE_PX)))
    track = read_track(path)
    assert len(track) == 2
    assert not any(pose.detected for pose in track.poses())


def test_recorder_grows_without_losing_frames() -> None:
    recorder = TrackRecorder(SIZE_PX)
    for index in range(1000):
        image_px = np.full((LANDMARK_COUNT, 2), index)
        world_m = np.full((LANDMARK_COUNT, 3), np.nan)
        visibility = np.ones(LANDMARK_COUNT)
        recorder.add(PoseFrame(index, image_px, world_m, visibility, SIZE_PX))
    track = recorder.track()
    assert len(recorder) == len(track) == 1000
    np.testing.assert_array_equal(track.image_px[:, 0, 0], np.arange(1000))


def test_track_taken_earlier_does_not_change() -> None:
    recorder = TrackRecorder(SIZE_PX)
    recorder.add(PoseFrame.unseen(0, SIZE_PX))
    early = recorder.track()
    recorder.add(PoseFrame.unseen(40, SIZE_PX))
    assert (len(early), len(recorder.track())) == (1, 2)


def test_recorder_refuses_a_picture_of_another_size() -> None:
    with pytest.raises(ValueError, match="image_size"):
        TrackRecorder(SIZE_PX).add(PoseFrame.unseen(0, (640, 480)))


def test_arrays_of_a_track_are_read_only() -> None:
    track = recorded(PoseFrame.unseen(0, SIZE_PX))
    for array in (track.timestamp_ms, track.image_px, track.world_m, track.visibility):
        assert not array.flags.writeable


def test_file_is_private_and_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "track.npz"
    write_track(path, recorded(PoseFrame.unseen(0, SIZE_PX)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_same_track_gives_the_same_bytes(tmp_path: Path) -> None:
    track = recorded(PoseFrame.unseen(0, SIZE_PX))
    write_track(tmp_path / "one.npz", track)
    write_track(tmp_path / "other.npz", track)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_failed_writing_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "track.npz"
    write_track(path, recorded(PoseFrame.unseen(0, SIZE_PX)))
    before = path.read_bytes()

    def disk_full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", disk_full)
    with pytest.raises(ExportError, match="No space left on device"):
        write_track(path, recorded(PoseFrame.unseen(5, SIZE_PX)))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_writing_into_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot write the landmark track") as error:
        write_track(tmp_path / "absent" / "track.npz", recorded(PoseFrame.unseen(0, SIZE_PX)))
    assert "\n" not in str(error.value)


def test_file_of_another_program_is_read(tmp_path: Path) -> None:
    path = track_file(
        tmp_path,
        timestamp_ms=np.array([0, 33, 67], np.int32),
        image_px=np.zeros((3, LANDMARK_COUNT, 2), np.float64),
        image_size=np.array([1280.0, 720.0]),
        fps=np.array(30),
    )
    track = read_track(path)
    assert track.image_size_px == SIZE_PX
    assert track.timestamp_ms.dtype == np.int64
    assert track.image_px.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"world_m": None}, "world_m: missing"),
        ({"timestamp_ms": None}, "timestamp_ms: missing"),
        ({"timestamp_ms": np.array([0, 33, 33])}, "timestamp_ms: not after .* at index 2"),
        ({"timestamp_ms": np.array([0, 50, 33])}, "timestamp_ms: not after .* at index 2"),
        ({"timestamp_ms": np.array([0.0, 33.3, 66.7])}, "timestamp_ms: expected whole numbers"),
        ({"timestamp_ms": np.array([[0, 33, 67]])}, r"timestamp_ms: expected shape \(T,\)"),
        (
            {"image_px": np.zeros((3, 17, 2), np.float32)},
            r"image_px: expected shape \(3, 33, 2\), got \(3, 17, 2\)",
        ),
        ({"image_px": np.zeros((3, LANDMARK_COUNT, 2), int)}, "image_px: expected floating"),
        ({"image_px": np.full((3, LANDMARK_COUNT, 2), np.inf)}, "image_px: expected finite"),
        ({"image_px": np.full((3, LANDMARK_COUNT, 2), 1e300)}, "image_px: expected finite"),
        ({"world_m": np.zeros((2, LANDMARK_COUNT, 3))}, "world_m: expected shape"),
        ({"world_m": np.full((3, LANDMARK_COUNT, 3), None)}, "world_m: cannot be read"),
        ({"visibility": np.full((3, LANDMARK_COUNT), 1.5)}, "visibility: expected values from 0"),
        ({"visibility": np.full((3, LANDMARK_COUNT), -0.1)}, "visibility: expected values from 0"),
        ({"image_size": np.array([0, 720])}, "image_size: expected whole numbers above 0"),
        ({"image_size": np.array([np.nan, 720])}, "image_size: expected whole numbers above 0"),
        ({"image_size": np.array([1280])}, "image_size: expected width and height"),
        ({"image_size": np.array(["a", "b"])}, "image_size: expected width and height"),
    ],
)
def test_malformed_track_names_its_key(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    path = track_file(tmp_path, **changes)
    with pytest.raises(SourceOpenError, match=complaint) as error:
        read_track(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_track_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "track.npz"
    write_track(path, recorded())
    with pytest.raises(SourceOpenError, match="without frames"):
        read_track(path)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x05\x06 cut short"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "track.npz"
    path.write_bytes(content)
    with pytest.raises(SourceOpenError, match="not a usable landmark track"):
        read_track(path)


@pytest.mark.parametrize("name", ["absent.npz", "."])
def test_missing_file_and_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceOpenError, match="cannot be opened"):
        read_track(tmp_path / name)


@settings(deadline=None)  # a slow disk is no failure
@given(st.data())
def test_damaged_file_is_an_error_or_a_valid_track(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("track") / "track.npz"
    write_track(path, LandmarkTrack(**_as_track(arrays())))
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with contextlib.suppress(SourceOpenError):
        read_track(path)


def _as_track(content: dict[str, Any]) -> dict[str, Any]:
    return {("image_size_px" if key == "image_size" else key): content[key] for key in content}
