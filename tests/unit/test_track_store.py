"""Landmark tracks by what they were estimated from."""

import stat
from pathlib import Path

import numpy as np
import pytest

import synthetic
from hep_vision.errors import ExportError, SourceOpenError
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder, read_track, write_track
from hep_vision.sources.track_store import StoredTrack, TrackStore, file_sha256, track_key

KEY = track_key("ab" * 32, "cd" * 32, {"mediapipe": "1"})


@pytest.fixture
def track() -> LandmarkTrack:
    frames = synthetic.record(
        synthetic.squat(synthetic.efforts([100.0])), synthetic.Camera(), fps=5
    )
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    return recorder.track()


@pytest.fixture
def store(tmp_path: Path) -> TrackStore:
    return TrackStore(tmp_path / "tracks")


def test_a_track_comes_back_with_all_that_was_seen(store: TrackStore, track: LandmarkTrack) -> None:
    assert store.find(KEY) is None
    store.keep(KEY, StoredTrack(track, 4000, 20, ("ends early",)))
    found = store.find(KEY)
    assert found is not None
    assert (found.duration_ms, found.frame_count, found.warnings) == (4000, 20, ("ends early",))
    for name in ("timestamp_ms", "image_px", "world_m", "visibility"):
        np.testing.assert_array_equal(getattr(found.track, name), getattr(track, name))
    info = found.info(Path("moved.mp4"))
    assert (info.path, info.width_px, info.height_px) == ("moved.mp4", *track.image_size_px)


def test_what_is_kept_is_a_landmark_track_for_its_owner_only(
    store: TrackStore, track: LandmarkTrack
) -> None:
    store.keep(KEY, StoredTrack(track))
    path = store.path(KEY)
    assert len(read_track(path)) == len(track)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_key_is_another_whenever_anything_else_is() -> None:
    keys = {
        KEY,
        track_key("ba" * 32, "cd" * 32, {"mediapipe": "1"}),
        track_key("ab" * 32, "dc" * 32, {"mediapipe": "1"}),
        track_key("ab" * 32, "cd" * 32, {"mediapipe": "2"}),
        track_key("ab" * 32, "cd" * 32, {"other": "1"}),
    }
    assert len(keys) == 5
    one, other = ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    assert track_key("x", "y", one) == track_key("x", "y", other)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_a_track_that_is_cut_short_is_made_again(
    store: TrackStore, track: LandmarkTrack, share: float
) -> None:
    store.keep(KEY, StoredTrack(track))
    path = store.path(KEY)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert store.find(KEY) is None
    store.keep(KEY, StoredTrack(track))
    assert store.find(KEY) is not None


def test_a_track_of_another_program_in_its_place_counts_for_none(
    store: TrackStore, track: LandmarkTrack
) -> None:
    path = store.path(KEY)
    path.parent.mkdir(parents=True)
    for texts in ({}, {"about": "no JSON"}, {"about": "[]"}, {"about": "{}"}):
        write_track(path, track, **texts)
        assert store.find(KEY) is None


def test_where_nothing_can_be_kept_one_line_says_so(tmp_path: Path, track: LandmarkTrack) -> None:
    (tmp_path / "tracks").write_text("a file")
    with pytest.raises(ExportError, match="cannot make"):
        TrackStore(tmp_path / "tracks").keep(KEY, StoredTrack(track))


def test_the_checksum_of_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceOpenError, match="cannot be read: Is a directory"):
        file_sha256(tmp_path)
    (tmp_path / "empty").touch()
    assert file_sha256(tmp_path / "empty").startswith("e3b0c44298fc1c14")
