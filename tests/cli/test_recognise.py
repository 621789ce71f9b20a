"""``analyze --exercise auto`` and ``exercises recognise``, on landmark tracks and a video."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.recognition.runs import FIGURE, Job, frames_of

import everyday
from hep_vision.app.analyse import Task, analyse, estimate, find_model
from hep_vision.core.types import View
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track

Command = Callable[..., Any]


def kept(path: Path, frames: Any) -> Path:
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    write_track(path, recorder.track())
    return path


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    return kept(tmp_path / "bridge.npz", frames_of(Job(FIGURE, "bridge", "glute_bridge")))


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    movement = everyday.MOVEMENTS["talking with gestures"]
    return kept(tmp_path / "talk.npz", everyday.film(movement, View.FRONT, everyday.manner(1)))


def test_a_recording_is_recognised_counted_and_booked(hep_vision: Command, bridge: Path) -> None:
    ran = hep_vision("analyze", bridge, "--exercise", "auto")

    assert ran.code == 0
    assert "(glute_bridge)" in ran.out
    assert "% sure" in ran.out
    assert "Glute bridge: 5 counted" in ran.out
    assert "bridge.npz" in hep_vision("log", "list").out


def test_the_json_says_what_it_was_taken_for(hep_vision: Command, bridge: Path) -> None:
    found = json.loads(hep_vision("analyze", bridge, "-e", "auto", "-f", "json", "--no-log").out)
    said = json.loads(
        hep_vision("analyze", bridge, "-e", "glute_bridge", "-f", "json", "--no-log").out
    )

    assert found["recognised"]["exercise"] == "glute_bridge"
    assert found["recognised"]["confidence"] >= 0.9
    assert found["recognised"]["proposals"][0]["counted"] == 5
    assert said["recognised"] is None
    assert found["reps"] == said["reps"]


def test_what_is_unknown_is_one_line_and_books_nothing(
    hep_vision: Command, talk: Path, data_dir: Path
) -> None:
    ran = hep_vision("analyze", talk, "--exercise", "auto")

    assert ran.code == 5
    assert ran.out == ""
    assert "exercise not recognised" in ran.err
    assert "--exercise" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not list((data_dir / "tracks").glob("*.npz"))


def test_the_others_of_a_folder_are_done_all_the_same(
    hep_vision: Command, bridge: Path, talk: Path
) -> None:
    ran = hep_vision("analyze", bridge, talk, "-e", "auto", "-f", "json", "--no-log")

    assert ran.code == 5
    (only,) = json.loads(ran.out)
    assert only["exercise"]["id"] == "glute_bridge"


def test_the_ranking_is_shown_and_nothing_is_counted(
    hep_vision: Command, bridge: Path, talk: Path, data_dir: Path
) -> None:
    ran = hep_vision("exercises", "recognise", bridge)
    document = json.loads(hep_vision("exercises", "recognise", bridge, "-f", "json").out)
    unknown = hep_vision("exercises", "recognise", talk, "-f", "json")

    assert ran.code == 0
    assert "glute_bridge" in ran.out
    assert document["exercise"] == "glute_bridge"
    assert unknown.code == 5
    assert json.loads(unknown.out)["exercise"] is None
    assert not (data_dir / "hep-vision.sqlite3").exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [(("--goal", "90"), "not auto"), (("--program",), "give one of them")],
)
def test_what_belongs_to_one_exercise_does_not_go_with_auto(
    hep_vision: Command, bridge: Path, options: tuple[str, ...], why: str
) -> None:
    ran = hep_vision("analyze", bridge, "-e", "auto", *options)

    assert ran.code == 2
    assert why in ran.err


def test_a_video_is_looked_at_once_and_drawn_on(
    squat_clip: Path, tmp_path: Path, data_dir: Path
) -> None:
    squat = find_exercise("squat")
    model = find_model("full", data_dir)
    said = analyse(Task(squat_clip, squat, model=model))
    overlay = tmp_path / "seen.mp4"
    seen = estimate(squat_clip, model)
    # Without a model nothing can be estimated a second time.
    found = analyse(Task(squat_clip, squat, overlay=overlay, landmarks=seen))

    assert found.events == said.events
    assert (found.info, found.warnings) == (said.info, said.warnings)
    assert overlay.stat().st_size > 10_000
