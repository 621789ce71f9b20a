"""A therapist's file of targets, and every mistake in it by file and key."""

import re
from pathlib import Path

import pytest

from hep_vision.core.targets import Targets, prescribed
from hep_vision.core.types import Side
from hep_vision.errors import ExitCode, TargetsError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exercises.targets_file import read_targets

DOCS = Path(__file__).parents[2] / "docs"
SOUND = """
[heel_slide]
goal_deg = 70
minimum_deg = 25
limit_deg = 95
hold_s = 4.5
side = "left"

[clamshell]
goal_ratio = 0.5

[stretch_hold]
hold_s = 45
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "targets.toml"
    path.write_text(text)
    return path


def test_the_example_of_the_documentation_is_sound(tmp_path: Path) -> None:
    text = (DOCS / "targets.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    found = read_targets(written(tmp_path, example), find_exercise)
    assert list(found) == ["heel_slide", "clamshell"]
    for name, targets in found.items():
        assert prescribed(find_exercise(name), targets).shown.goal == targets.goal


def test_each_exercise_has_its_targets_in_its_own_unit(tmp_path: Path) -> None:
    assert read_targets(written(tmp_path, SOUND), find_exercise) == {
        "heel_slide": Targets(70.0, 25.0, 95.0, 4_500, Side.LEFT, "knee_flexion"),
        "clamshell": Targets(goal=0.5, measure="knee_spread"),
        "stretch_hold": Targets(hold_ms=45_000),
    }


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[squat]\ngoal_deg = 160", "squat.goal_deg", "lies beyond the safety limit, 140 deg"),
        ("[squat]\nlimit_deg = 60", "squat.limit_deg", "lies short of the goal, 90 deg"),
        ("[squat]\nminimum_deg = 90", "squat.minimum_deg", "less than the way from rest"),
        ("[squat]\ngoal_ratio = 0.5", "squat.goal_ratio", "is in degrees; write goal_deg"),
        (
            "[clamshell]\ngoal_deg = 30",
            "clamshell.goal_deg",
            "ratio of trunk lengths; write goal_ra",
        ),
        ("[squat]\nhold_s = 5", "squat.hold_s", "nothing is held in squat"),
        ('[squat]\nside = "left"', "squat.side", "both sides work in squat"),
        ('[heel_slide]\nside = "up"', "heel_slide.side", "must be one of left, right or both"),
        ("[squat]\ngoal = 60", "squat.goal", "unknown key; did you mean goal_deg?"),
        ("[squat]\ngoal_degrees = 60", "squat.goal_degrees", "unknown key; did you mean goal_deg?"),
        ('[squat]\ngoal_deg = "60"', "squat.goal_deg", "must be a valid number, not '60'"),
        ("[squat]\ngoal_deg = true", "squat.goal_deg", "must be a valid number"),
        ("[squat]\ngoal_deg = nan", "squat.goal_deg", "must be a finite number"),
        ("[squatt]\ngoal_deg = 60", "[squatt]", "Did you mean squat"),
        ("[squat]", "squat", "sets nothing; give goal"),
        ("goal_deg = 60", "goal_deg", "stands outside a table"),
        ("[stretch_hold]\ngoal_deg = 6", "stretch_hold.goal_deg", "nothing is measured"),
        ("[squat\n", "line 1, column 7", "Expected ']'"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TargetsError) as refused:
        read_targets(path, find_exercise)
    message = str(refused.value)
    assert message.startswith(f"{path}: {where}: ")
    assert what in message
    assert len(message.splitlines()) == 1
    assert refused.value.exit_code is ExitCode.USAGE


def test_of_several_mistakes_the_first_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "[squat]\ngoal_deg = 160\nhold_s = 3\n[clamshell]\ngoal = 3")
    with pytest.raises(TargetsError, match=r"squat\.hold_s: .*and 2 more"):
        read_targets(path, find_exercise)


@pytest.mark.parametrize(
    ("name", "what"), [("none.toml", "there is no such file"), (".", "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(TargetsError, match=what):
        read_targets(tmp_path / name, find_exercise)


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="sets nothing"):
        read_targets(written(tmp_path, ""), find_exercise)
