"""``hep-vision rescore``: of the log, and of a batch."""

import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hep_vision.app.rejudge import Judgement, Question, Setup, rejudge
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.sessions import SessionLog
from reviewed import FULL, recorded

Command = Callable[..., Any]


@pytest.fixture
def logged(data_dir: Path, tmp_path: Path) -> list[str]:
    """Two sessions of squats: one with a short repetition, one without."""
    with SessionLog.open(data_dir) as log:
        return [recorded(log, tmp_path), recorded(log, tmp_path, (FULL, FULL))]


def found(hep_vision: Command, *args: object) -> dict[str, Any]:
    ran = hep_vision("rescore", *args, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    told: dict[str, Any] = json.loads(ran.out)
    return told


def test_nothing_differs_as_long_as_nothing_has_changed(
    hep_vision: Command, logged: list[str]
) -> None:
    told = found(hep_vision)
    assert told["sessions"] == 2
    assert {one["session_id"] for one in told["changes"]} == set(logged)
    assert all(one["before"] == one["after"] and not one["problem"] for one in told["changes"])
    assert told["frames"] > 100


def test_another_goal_shows_which_sessions_it_would_change(
    hep_vision: Command, logged: list[str]
) -> None:
    told = found(hep_vision, "-e", "squat", "--goal", "60")
    different = [one for one in told["changes"] if one["before"] != one["after"]]
    assert [one["session_id"] for one in different] == logged[:1]
    assert different[0]["before"]["deviations"] == {"incomplete_rom": 1}
    assert different[0]["after"]["deviations"] == {}
    table = hep_vision("rescore", "-e", "squat", "--goal", "60").out
    assert "incomplete_rom 1 -> 0" in table
    assert "1 of 2 sessions would be judged differently. Nothing was written." in table


def test_a_changed_exercise_file_is_tried_on_its_own_sessions(
    hep_vision: Command, logged: list[str], tmp_path: Path
) -> None:
    mine = tmp_path / "squat.toml"
    text = files("hep_vision.exercises").joinpath("catalogue", "squat.toml").read_text("utf-8")
    slow = re.sub(r"(?m)^min_rep_ms = .*$", "min_rep_ms = 9000", text)
    assert slow != text
    mine.write_text(slow, encoding="utf-8")
    told = found(hep_vision, "-e", mine)
    assert [one["after"]["counted"] for one in told["changes"]] == [0, 0]
    assert [one["before"]["counted"] for one in told["changes"]] == [3, 2]
    assert found(hep_vision, "-e", "sit_to_stand")["sessions"] == 0


def test_days_outside_are_left_out(hep_vision: Command, logged: list[str]) -> None:
    assert found(hep_vision, "--since", "2020-01-01")["sessions"] == 2
    assert found(hep_vision, "--until", "2020-01-01")["sessions"] == 0


def test_a_session_whose_landmarks_are_gone_is_told_and_stops_nothing(
    hep_vision: Command, logged: list[str], data_dir: Path
) -> None:
    with SessionLog.open(data_dir) as log:
        path = log.session(logged[0]).row.track_path
    assert path is not None
    path.unlink()
    told = {one["session_id"]: one for one in found(hep_vision)["changes"]}
    assert "cannot be opened" in told[logged[0]]["problem"]
    assert told[logged[1]]["before"] == told[logged[1]]["after"] is not None


def test_the_recordings_of_a_batch_are_judged_again_by_its_tables(
    hep_vision: Command, logged: list[str], data_dir: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    recording = tmp_path / "recording.npz"  # the last one of `logged`
    assert hep_vision("batch", recording, "-e", "squat", "--out", out, "-j", 1).code == 0
    assert found(hep_vision, out)["changes"][0]["before"]["counted"] == 2
    assert found(hep_vision, out, "--until", "2020-01-01")["sessions"] == 0
    recording.unlink()
    assert "cannot be opened" in found(hep_vision, out)["changes"][0]["problem"]


def test_an_empty_log_and_a_folder_that_is_none_of_a_batch(
    hep_vision: Command, tmp_path: Path
) -> None:
    assert "No session of that kind was kept." in hep_vision("rescore").out
    ran = hep_vision("rescore", tmp_path)
    assert ran.code == 3
    assert "holds no tables of a batch" in ran.err


def test_targets_need_an_exercise(hep_vision: Command) -> None:
    ran = hep_vision("rescore", "--goal", "60")
    assert ran.code == 2
    assert "targets are of one exercise" in " ".join(ran.err.replace("│", " ").split())


def test_several_processes_answer_what_one_does(
    hep_vision: Command, logged: list[str], tmp_path: Path
) -> None:
    squat = find_exercise("squat")
    before = Judgement(0, 0, 0, 0, {})
    questions = [
        Question(str(place), "squat", tmp_path / "recording.npz", before, Setup(squat, None))
        for place in range(20)
    ]
    alone = {one.change.session_id: one for one in rejudge(questions, processes=1)}
    together = {one.change.session_id: one for one in rejudge(questions, processes=2)}
    assert together == alone
    assert len(alone) == 20
