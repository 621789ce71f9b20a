"""``hep-vision exercises demo`` as a person types it."""

import stat
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_a_picture_is_written_where_it_was_asked_for(hep_vision: Command, tmp_path: Path) -> None:
    path = tmp_path / "leg.svg"

    ran = hep_vision("exercises", "demo", "straight_leg_raise", "--side", "right", "--out", path)

    assert (ran.code, ran.err) == (0, "")
    assert str(path) in ran.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "Straight leg raise · right side" in text
    assert "Not like this" in text


def test_a_video_in_this_folder_if_nothing_is_said(
    hep_vision: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = hep_vision("exercises", "demo", "high_knees", "--size", "160x120", "--reps", "1")

    assert (ran.code, ran.out) == (0, "Demonstration: high_knees.mp4\n")
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["high_knees.mp4"]


def test_the_fault_is_chosen_or_left_out(hep_vision: Command, tmp_path: Path) -> None:
    path = tmp_path / "squat.svg"
    for fault, shown in (("knees_in", "knees drifting in"), ("none", None)):
        ran = hep_vision("exercises", "demo", "squat", "--fault", fault, "--out", path)
        assert ran.code == 0
        text = path.read_text()
        assert ("not like this" in text.lower()) == (shown is not None)
        assert shown is None or shown in text


def test_an_exercise_file_of_ones_own_is_drawn(hep_vision: Command, tmp_path: Path) -> None:
    own = tmp_path / "my_squat.toml"
    catalogue = Path(str(files("hep_vision.exercises") / "catalogue"))
    text = (catalogue / "squat.toml").read_text()
    own.write_text(text.replace('id = "squat"', 'id = "my_squat"').replace("Squat", "My squat"))
    path = tmp_path / "own.svg"

    assert hep_vision("exercises", "demo", own, "--out", path).code == 0
    assert ">My squat</title>" in path.read_text()


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (("stretch_hold",), 2, "nothing to draw"),
        (("squat", "--side", "left"), 2, "leave out --side"),
        (("squat", "--fault", "knees_out"), 2, "knees_in"),
        (("squat", "--size", "large"), 2, "1280x720"),
        (("squat", "--size", "10x10"), 2, "120 to 3840"),
        (("squat", "--out", "squat.avi"), 2, ".mp4"),
        (("squat", "--out", "squat.png", "--reps", "2"), 2, "does not move"),
        (("squats",), 2, "Did you mean"),
        (("squat", "--out", "nowhere/squat.svg"), 1, "Choose a folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    hep_vision: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = hep_vision("exercises", "demo", *given)

    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert words in ran.err
    assert not list(tmp_path.glob("squat*"))
