"""An uncertain count is told, and corrected by hand."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from hep_vision.sources.recorded import TrackRecorder, write_track
from synthetic import Motion, efforts

Command = Callable[..., Any]


def bow(amplitudes_deg: list[float]) -> Motion:
    """Return bows with straight knees: the hips bend as in a squat, which they are not."""
    plan = efforts(amplitudes_deg)

    def body_m(time_ms: synthetic.Array) -> synthetic.Array:
        lean = synthetic.excursion(time_ms, plan)
        return synthetic.body_m(synthetic.Posture(trunk=lean, hip=lean), len(time_ms))

    return Motion(body_m, synthetic.total_ms(plan))


def write(motion: Motion, path: Path) -> Path:
    frames = synthetic.record(motion)
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    write_track(path, recorder.track())
    return path


@pytest.fixture
def squats(tmp_path: Path) -> Path:
    return write(synthetic.squat(efforts([90.0] * 3)), tmp_path / "squats.npz")


@pytest.fixture
def squats_with_bows(tmp_path: Path) -> Path:
    """Return two squats with three bows between them, which are as large."""
    squat = synthetic.squat(efforts([80.0]))
    return write(synthetic.one_after_another(squat, bow([80.0] * 3), squat), tmp_path / "bows.npz")


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_doubt_is_told_with_the_way_to_correct_it(
    hep_vision: Command, squats_with_bows: Path, squats: Path
) -> None:
    alone = hep_vision("analyze", squats_with_bows, "-e", "squat")
    session = json.loads(hep_vision("log", "export", "-f", "json").out)["sessions"][0]["id"][:8]
    many = hep_vision("analyze", squats, squats_with_bows, "-e", "squat")
    unlogged = hep_vision("analyze", squats_with_bows, "-e", "squat", "--no-log")

    assert "Squat: 2 counted, 3 not counted" in words(alone.out)
    assert "count is uncertain: counting again another way gave 5" in words(alone.out)
    assert f"If the count is wrong: `hep-vision log correct {session} COUNT`" in alone.out
    assert "If the count of bows.npz is wrong" in many.out
    assert "If the count of squats.npz is wrong" not in many.out
    assert "uncertain" in unlogged.out
    assert "log correct" not in unlogged.out
    assert "2 ?" in hep_vision("log", "list").out


def test_a_count_without_doubt_is_only_in_the_json(hep_vision: Command, squats: Path) -> None:
    shown = hep_vision("analyze", squats, "-e", "squat", "--no-log")
    document = json.loads(hep_vision("analyze", squats, "-e", "squat", "-f", "json").out)

    assert "uncertain" not in shown.out
    assert document["audit"] == {"recount": 3, "uncertain": False}
    assert document["notes"] == []
    assert "?" not in hep_vision("log", "list").out


def test_a_timed_hold_has_no_second_count(hep_vision: Command, tmp_path: Path) -> None:
    sat = write(synthetic.wall_sit(efforts([90.0], hold_ms=6_000)), tmp_path / "sat.npz")
    document = json.loads(hep_vision("analyze", sat, "-e", "wall_sit", "-f", "json").out)
    assert document["audit"] is None


def test_the_doubt_is_in_the_json_and_in_the_log(
    hep_vision: Command, squats_with_bows: Path
) -> None:
    document = json.loads(hep_vision("analyze", squats_with_bows, "-e", "squat", "-f", "json").out)
    session = json.loads(hep_vision("log", "show", document["session"]).out)

    assert document["audit"] == session["audit"] == {"recount": 5, "uncertain": True}
    assert document["counts"]["counted"] == session["counts"]["counted"] == 2
    assert any("uncertain" in note for note in document["notes"])


def test_a_correction_stands_beside_what_was_measured(
    hep_vision: Command, squats_with_bows: Path
) -> None:
    hep_vision("analyze", squats_with_bows, "-e", "squat")
    session = json.loads(hep_vision("log", "export", "-f", "json").out)["sessions"][0]["id"]

    first = hep_vision("log", "correct", session[:8], 4, "--note", "two were bows")
    second = hep_vision("log", "correct", session[:8], 2)

    assert first.code == second.code == 0
    assert first.out == f"Session {session[:8]}: measured 2, by hand 4.\n"
    shown = json.loads(hep_vision("log", "show", session).out)
    assert shown["counts"]["counted"] == 2
    assert shown["audit"]["recount"] == 5
    assert shown["corrected"] == 2
    assert [(c["count"], c["note"]) for c in shown["corrections"]] == [
        (4, "two were bows"),
        (2, None),
    ]
    assert all(correction["corrected_at"].endswith("Z") for correction in shown["corrections"])
    rows = list(csv.DictReader(io.StringIO(hep_vision("log", "export").out)))
    assert {(r["session_counted"], r["session_recount"], r["session_corrected"]) for r in rows} == {
        ("2", "5", "2")
    }
    assert "2 -> 2" in hep_vision("log", "list").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense", "3"], 4),
        (["nonsense"], 2),
        (["nonsense", "three"], 2),
        (["nonsense", "--", "-1"], 2),
        (["nonsense", "1" * 30], 2),
    ],
    ids=["no such session", "no count", "no number", "below zero", "absurd"],
)
def test_what_cannot_be_entered_is_said(
    hep_vision: Command, arguments: list[str], code: int
) -> None:
    ran = hep_vision("log", "correct", *arguments)
    assert ran.code == code
    assert ran.out == ""
    assert ran.err
