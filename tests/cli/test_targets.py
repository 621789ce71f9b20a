"""One patient's targets and usual range, as a therapist types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from hep_vision.sources.recorded import TrackRecorder, write_track
from synthetic import Motion, efforts

Command = Callable[..., Any]

TARGETS = """
[squat]
goal_deg = 70
minimum_deg = 20
limit_deg = 85

[heel_slide]
goal_deg = 80
hold_s = 4
side = "left"
"""


def words(text: str) -> str:
    return " ".join(text.split())


def write(motion: Motion, path: Path) -> Path:
    frames = synthetic.record(motion)
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    write_track(path, recorder.track())
    return path


def squats(path: Path, amplitudes_deg: list[float]) -> Path:
    return write(synthetic.squat(efforts(amplitudes_deg)), path)


def sessions(hep_vision: Command) -> list[dict[str, Any]]:
    """Return the logged sessions, newest first."""
    found: list[dict[str, Any]] = json.loads(hep_vision("log", "export", "-f", "json").out)[
        "sessions"
    ]
    return found


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    path = tmp_path / "targets.toml"
    path.write_text(TARGETS)
    return path


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    return squats(tmp_path / "deep.npz", [100.0] * 3)


def test_a_video_is_judged_by_a_file_of_targets_and_the_log_says_so(
    hep_vision: Command, squat_clip: Path, targets: Path
) -> None:
    shown = hep_vision("analyze", squat_clip, "-e", "squat", "--targets", targets)
    (logged,) = sessions(hep_vision)
    session = json.loads(hep_vision("log", "show", logged["id"][:8]).out)

    assert shown.code == 0
    assert "Squat: 5 counted" in shown.out
    assert "Set for this patient: goal 70°, smallest range 20°, limit 85°." in shown.out
    # All but the fourth of the clip's squats go to 97 degrees or more.
    assert [rep["deviations"].count("over_limit") for rep in session["reps"]] == [1, 1, 1, 0, 1]
    assert session["targets"] == {
        "goal": 70.0,
        "minimum": 20.0,
        "limit": 85.0,
        "hold_ms": None,
        "side": None,
        "measure": "knee_flexion",
        "unit": "deg",
    }
    assert session["personal_range"] is None


def test_options_go_before_the_file(hep_vision: Command, deep: Path, targets: Path) -> None:
    ran = hep_vision(
        "analyze", deep, "-e", "squat", "--targets", targets, "--limit", 130, "-f", "json"
    )
    found = json.loads(ran.out)
    assert found["targets"]["limit"] == 130.0
    assert found["targets"]["goal"] == 70.0
    flags = {check["id"]: check["flagged"] for check in found["checks"]}
    assert flags["over_limit"] == 0


def test_an_exercise_without_targets_is_said_to_be_without(
    hep_vision: Command, deep: Path, targets: Path, tmp_path: Path
) -> None:
    ran = hep_vision("analyze", deep, "-e", "mini_squat", "--targets", targets)
    (logged,) = sessions(hep_vision)
    assert ran.code == 0
    assert "targets.toml sets nothing for mini_squat" in words(ran.out)
    assert logged["targets"] is None


def test_the_side_of_the_file_is_the_side_that_is_followed(
    hep_vision: Command, deep: Path, targets: Path
) -> None:
    hep_vision("analyze", deep, "-e", "heel_slide", "--targets", targets)
    hep_vision("analyze", deep, "-e", "heel_slide", "--targets", targets, "--side", "right")
    assert [session["side"] for session in sessions(hep_vision)] == ["right", "left"]
    assert [session["targets"]["side"] for session in sessions(hep_vision)] == ["right", "left"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[squat]\ngoal_deg = 160\n", "squat.goal_deg: lies beyond the safety limit, 140 deg"),
        ("[squat]\ngoal_ratio = 0.5\n", "squat.goal_ratio: knee_flexion is in degrees"),
        ("[sqat]\ngoal_deg = 60\n", "[sqat]: There is no exercise 'sqat'"),
    ],
)
def test_a_bad_file_is_one_line_and_nothing_is_analysed(
    hep_vision: Command, deep: Path, targets: Path, text: str, message: str
) -> None:
    targets.write_text(text)
    ran = hep_vision("analyze", deep, "-e", "squat", "--targets", targets)
    assert ran.code == 2
    assert ran.err.startswith(f"hep-vision: {targets}: {message}")
    assert len(ran.err.splitlines()) == 1
    assert ran.out == ""
    assert sessions(hep_vision) == []


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--goal", 160, "--goal: lies beyond the safety limit, 140 deg"),
        ("--minimum", 85, "--minimum: must be less than the way from rest to the goal, 85 deg"),
        ("--hold", 5, "--hold: nothing is held in squat"),
        ("--limit", "nan", "--limit: must be a number"),
    ],
)
def test_a_bad_option_is_named(
    hep_vision: Command, deep: Path, option: str, value: object, message: str
) -> None:
    ran = hep_vision("analyze", deep, "-e", "squat", option, value)
    assert ran.code == 2
    assert ran.err.startswith(f"hep-vision: {message}")


def test_a_target_that_the_option_makes_impossible_is_named_where_it_stands(
    hep_vision: Command, deep: Path, targets: Path
) -> None:
    ran = hep_vision("analyze", deep, "-e", "squat", "--targets", targets, "--limit", 60)
    assert ran.code == 2
    assert "squat.goal_deg: 70 deg lies beyond the limit, 60 deg" in ran.err


# -- the usual range ------------------------------------------------------------------------------


@pytest.fixture
def half_first(tmp_path: Path) -> Path:
    return squats(tmp_path / "half_first.npz", [48.0, 100.0, 100.0])


def test_a_calibration_judges_the_first_repetition(
    hep_vision: Command, half_first: Path, deep: Path
) -> None:
    alone = hep_vision("analyze", half_first, "-e", "squat", "--no-log")
    known = hep_vision("analyze", half_first, "-e", "squat", "--calibration", deep)
    (logged,) = sessions(hep_vision)

    assert "Squat: 3 counted" in alone.out
    assert "Squat: 2 counted, 1 partial" in known.out
    assert "far below this person's usual range" in words(known.out).replace("- ", "")
    assert "Usual range known from calibration deep.npz." in known.out
    assert logged["personal_range"]["origin"] == "calibration deep.npz"
    (usual,) = logged["personal_range"]["usual"]
    assert (usual["measure"], usual["view"]) == ("hip_bend", "side")


def test_a_calibration_that_shows_nothing_is_refused(
    hep_vision: Command, half_first: Path, tmp_path: Path
) -> None:
    still = write(synthetic.stillness(4_000), tmp_path / "still.npz")
    ran = hep_vision("analyze", half_first, "-e", "squat", "--calibration", still)
    assert ran.code == 3
    assert f"{still}: 0 repetitions of squat counted; a calibration needs 2 or more" in ran.err
    assert sessions(hep_vision) == []


def test_earlier_sessions_of_the_log_judge_the_first_repetition(
    hep_vision: Command, half_first: Path, deep: Path
) -> None:
    first = hep_vision("analyze", deep, "-e", "squat", "--as-before")
    second = hep_vision("analyze", half_first, "-e", "squat", "--as-before")
    newest, oldest = sessions(hep_vision)

    assert "No earlier session of squat to begin with" in words(first.out)
    assert oldest["personal_range"] is None
    assert "Squat: 2 counted, 1 partial" in second.out
    assert newest["personal_range"]["origin"] == f"sessions {oldest['id'][:8]}"


def test_one_source_of_the_usual_range_is_enough(
    hep_vision: Command, half_first: Path, deep: Path
) -> None:
    ran = hep_vision("analyze", half_first, "-e", "squat", "--calibration", deep, "--as-before")
    assert ran.code == 2
    assert "give one of them" in words(ran.err)


# -- judged again ---------------------------------------------------------------------------------


def test_a_session_is_judged_again_with_its_own_targets_and_range(
    hep_vision: Command, half_first: Path, deep: Path
) -> None:
    hep_vision(
        "analyze", half_first, "-e", "squat", "--calibration", deep, "--goal", 80, "--limit", 86
    )
    (change,) = json.loads(hep_vision("exercises", "diff", "squat", "--json").out)
    assert change["before"] == change["after"]
    assert (change["after"]["counted"], change["after"]["partial"]) == (2, 1)
    assert change["after"]["deviations"]["over_limit"] == 2


def test_targets_that_a_changed_exercise_cannot_have_are_told(
    hep_vision: Command, deep: Path, tmp_path: Path
) -> None:
    from importlib.resources import files

    hep_vision("analyze", deep, "-e", "squat", "--goal", 70)
    text = (files("hep_vision.exercises") / "catalogue" / "squat.toml").read_text()
    changed = tmp_path / "squat.toml"
    changed.write_text(text.replace('measure = "knee_flexion"\nrest', 'measure = "hip_bend"\nrest'))
    ran = hep_vision("exercises", "diff", changed)
    assert ran.code == 0
    assert "is of knee_flexion" in words(ran.out)
