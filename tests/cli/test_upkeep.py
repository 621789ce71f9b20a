"""The other commands, as their users would run them."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hep_vision.core.types import PoseFrame
from hep_vision.sources.camera import CameraInfo
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.locations import DATABASE_NAME

Command = Callable[..., Any]


@pytest.fixture
def still_track(tmp_path: Path) -> Path:
    """Return a landmark track of a person who does nothing for two seconds."""
    recorder = TrackRecorder((640, 480))
    rng = np.random.default_rng(1)
    image_px = rng.uniform(100, 400, (33, 2))
    for timestamp_ms in range(0, 2_000, 50):
        pose = PoseFrame(
            timestamp_ms, image_px, np.full((33, 3), np.nan), np.full(33, 0.9), (640, 480)
        )
        recorder.add(pose)
    path = tmp_path / "still.npz"
    write_track(path, recorder.track())
    return path


def test_exercises_are_listed_and_shown(hep_vision: Command) -> None:
    listed = hep_vision("exercises", "list")
    shown = hep_vision("exercises", "show", "squat")

    assert listed.code == shown.code == 0
    assert len(listed.out.splitlines()) >= 16
    assert "knees_in" in shown.out
    assert hep_vision("exercises", "show", "sqat").code == 2


def test_an_exercise_file_is_validated_with_file_and_key(
    hep_vision: Command, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('id = "mine"\nfoo = 1\n')

    ran = hep_vision("exercises", "validate", path)

    assert ran.code == 2
    assert "mine.toml: foo: unknown key" in ran.err


def test_the_shape_of_an_exercise_file_is_printed_for_editors(hep_vision: Command) -> None:
    ran = hep_vision("exercises", "schema")
    shape = json.loads(ran.out)

    assert ran.code == 0
    assert shape["title"] == "hep-vision exercise"
    assert {"id", "count", "motion"} <= set(shape["properties"])
    assert "side" not in shape["required"]


def test_the_log_is_shown_and_exported(
    hep_vision: Command, still_track: Path, tmp_path: Path
) -> None:
    assert hep_vision("analyze", still_track, "-e", "squat").code == 0

    sessions = json.loads(hep_vision("log", "export", "-f", "json").out)
    session_id = sessions["sessions"][0]["id"]
    out = tmp_path / "log.csv"
    exported = hep_vision("log", "export", out)

    assert json.loads(hep_vision("log", "show", session_id[:8]).out)["id"] == session_id
    assert exported.code == 0
    assert next(csv.reader(io.StringIO(out.read_text())))[0] == "session_id"
    assert hep_vision("log", "show", "nonsense").code == 4


def test_a_silent_zero_is_never_given(hep_vision: Command, still_track: Path) -> None:
    ran = hep_vision("analyze", still_track, "-e", "squat", "--no-log")

    assert "0 counted" in ran.out
    assert "Note: No movement like squat was seen." in ran.out


def test_models_are_listed_and_verified(hep_vision: Command) -> None:
    assert "hep-vision models fetch lite" in " ".join(hep_vision("models", "list").out.split())
    assert "full: sound" in hep_vision("models", "verify").out
    missing = hep_vision("analyze", "clip.mp4", "-e", "squat", "--model", "lite")
    assert missing.code == 3
    assert "models fetch lite" in missing.err


def test_a_damaged_model_is_one_line(hep_vision: Command, data_dir: Path) -> None:
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    (folder / "pose_landmarker_lite.task").write_bytes(b"not a model")

    ran = hep_vision("models", "verify")
    used = hep_vision("analyze", "clip.mp4", "-e", "squat", "--model", "lite")

    assert ran.code == used.code == 3
    assert used.err.count("\n") == 1


def test_evaluate_reads_tracks_with_their_truth(
    hep_vision: Command, still_track: Path, tmp_path: Path
) -> None:
    truth = [
        {"file": still_track.name, "exercise_id": "squat", "count": 0, "reps_ms": []},
        {"file": still_track.name, "exercise_id": None, "reps_acceptable": [0, 0]},
        {"file": still_track.name, "exercise_id": "juggling", "count": 3},
        {"file": "gone.npz", "exercise_id": "squat", "count": 1},
    ]
    (tmp_path / "truth.json").write_text(json.dumps(truth))

    ran = hep_vision("evaluate", tmp_path, "-j", 1)

    assert ran.code == 0
    assert "Not in the catalogue: juggling (1)." in ran.out
    assert "Not analysed: gone.npz" in ran.out
    assert "Recordings of something else" in ran.out
    assert "seated_march" in ran.out
    assert "stretch_hold" not in ran.out  # what is never counted is no evidence of counting well


@pytest.mark.parametrize("text", ["{}", "not json", '[{"exercise_id": "squat"}]'])
def test_a_malformed_truth_is_one_line(hep_vision: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)

    ran = hep_vision("evaluate", tmp_path)

    assert ran.code == 3
    assert "truth.json" in ran.err


def on_a_machine(
    monkeypatch: pytest.MonkeyPatch, cameras: list[CameraInfo], display: str = ":0"
) -> None:
    """Let the doctor find these cameras, and open none of this machine."""
    monkeypatch.setattr("hep_vision.app.doctor.list_cameras", lambda _: cameras)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)


WEBCAM = CameraInfo(0, "Webcam", (1280, 720), frames_per_s=29.8, light=117.6)


def test_the_doctor_looks_at_everything(
    hep_vision: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_machine(monkeypatch, [WEBCAM])
    ran = hep_vision("doctor")

    assert ran.code == 0
    assert ran.out.count("ok ") == 9
    assert "LOOK" not in ran.out
    assert "camera 0: Webcam, 1280x720, 30 pictures a second, light 118 of 255 (enough)" in ran.out


def test_a_machine_without_camera_and_display_still_analyses_recordings(
    hep_vision: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_machine(monkeypatch, [], display="")
    ran = hep_vision("doctor")

    assert ran.code == 0
    assert "LOOK camera: none was found: plug one in" in ran.out
    assert "LOOK display: none: " in ran.out


def test_the_doctor_says_what_a_camera_lacks(
    hep_vision: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    dark = CameraInfo(0, "Webcam", (640, 480), frames_per_s=7.5, light=20.0)
    busy = CameraInfo(2, "", trouble="Another program is using camera 2; close it.")
    on_a_machine(monkeypatch, [dark, busy])
    ran = hep_vision("doctor")

    assert ran.code == 0
    assert "LOOK camera 0: Webcam, 640x480, 8 pictures a second (few" in ran.out
    assert "light 20 of 255 (dark; switch on a light)" in ran.out
    assert "LOOK camera 2: Another program is using camera 2; close it." in ran.out


def test_the_doctor_fails_without_what_is_needed(
    hep_vision: Command, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    on_a_machine(monkeypatch, [WEBCAM])
    data_dir.mkdir()
    (data_dir / DATABASE_NAME).write_text("not a database")
    ran = hep_vision("doctor")

    assert ran.code == 1
    assert "LOOK log: " in ran.out
