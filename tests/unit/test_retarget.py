"""Other targets in the text of a program: what was asked for changes, and nothing else."""

import tomllib

import pytest

from hep_vision.errors import ProgramError
from hep_vision.program.retarget import with_targets

TEXT = """\
# for A. B.
patient = "A. B."
therapist = "C. D."
start = 2026-03-02
review = 2026-04-13

[[exercises]]
sets = 2
id = "squat"        # after the operation
reps = 5
goal_deg = 60       # as agreed
days = ["mon"]

# the arm comes second
[[exercises]]
id = "shoulder_press"
sets = 1
reps = 8
goal_deg = 100
days = ["tue"]

[pain]
red_from = 7
"""


def test_only_the_target_changes_and_comments_stay() -> None:
    changed = with_targets(TEXT, "squat", {"goal_deg": 75.0})
    assert changed == TEXT.replace("goal_deg = 60 ", "goal_deg = 75 ")


def test_what_was_not_there_is_added_to_its_own_table() -> None:
    changed = with_targets(TEXT, "squat", {"limit_deg": 110.5, "goal_deg": 75.0})
    squat, press = tomllib.loads(changed)["exercises"]
    assert (squat["goal_deg"], squat["limit_deg"]) == (75, 110.5)
    assert press == tomllib.loads(TEXT)["exercises"][1]
    assert "# the arm comes second\n[[exercises]]" in changed


def test_nothing_takes_a_target_away() -> None:
    changed = with_targets(TEXT, "squat", {"goal_deg": None})
    assert "goal_deg" not in tomllib.loads(changed)["exercises"][0]
    assert len(changed.splitlines()) == len(TEXT.splitlines()) - 1


def test_the_last_table_of_a_file_without_a_final_newline() -> None:
    text = TEXT.split("[pain]")[0].rstrip()
    changed = with_targets(text, "shoulder_press", {"minimum_deg": 20.0})
    assert tomllib.loads(changed)["exercises"][1]["minimum_deg"] == 20


def test_both_tables_of_one_exercise_change() -> None:
    text = TEXT.replace("shoulder_press", "squat")
    changed = tomllib.loads(with_targets(text, "squat", {"goal_deg": 75.0}))
    assert [one["goal_deg"] for one in changed["exercises"]] == [75, 75]


def test_an_exercise_that_is_not_in_it_is_said() -> None:
    with pytest.raises(ProgramError, match="no wall_sit"):
        with_targets(TEXT, "wall_sit", {"goal_deg": 75.0})


@pytest.mark.parametrize(
    "text",
    [
        'exercises = [{ id = "squat", goal_deg = 60 }]\n',
        '[[exercises]]\nid = "squat"\nload = """\ngoal_deg = 3\n"""\n',
    ],
)
def test_what_is_written_in_another_way_is_left_to_the_editor(text: str) -> None:
    with pytest.raises(ProgramError, match="editor"):
        with_targets(text, "squat", {"goal_deg": 75.0})
