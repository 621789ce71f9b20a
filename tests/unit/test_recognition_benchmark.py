"""The tables of the recognition benchmark: answers in, shares out."""

from benchmarks.recognition.__main__ import BEGIN, END, write
from benchmarks.recognition.runs import EVERYDAY, FIGURE, Job, everyday_jobs, figure_jobs, frames_of
from benchmarks.recognition.tables import Result, calibration, confusion, page, sums

import everyday
from hep_vision.core.recognition import Proposal, Recognition
from moving import MOVING


def result(source: str, done: str | None, answer: str | None, sure: float = 0.9) -> Result:
    alike = ("mini_squat", "sit_to_stand") if answer == "squat" else ()
    nearest = Proposal(answer or "crunch", "Name", sure, 5, alike)
    best = nearest if answer else None
    found = Recognition(best, sure, (nearest,), None if answer else "unsure")
    return Result(Job(source, "name", done), found)


def test_another_name_of_it_is_neither_right_nor_wrong():
    other = result("clips", "mini_squat", "squat")
    assert (other.alike, other.wrong) == (True, False)
    assert result("clips", "crunch", "squat").wrong
    assert result("clips", None, "squat").wrong
    assert not result("clips", None, None).wrong
    assert not result("clips", "squat", "squat").wrong


def test_sums_keep_exercises_and_something_else_apart():
    lines = sums(
        [
            result("clips", "squat", "squat"),
            result("clips", "mini_squat", "squat"),
            result("clips", "crunch", None, 0.5),
            result("clips", "crunch", "squat"),
            result("clips", None, "squat"),
            result("clips", None, None),
        ]
    )
    assert "| clips | 4 | 3 (0.75) | 1 | 1 | 1 | 0.33 | 2 (0.50) |" in lines
    assert "| clips | 2 | 1 |" in lines


def test_the_confusion_table_names_what_it_was_taken_for():
    lines = confusion(
        [
            result("clips", "crunch", "squat"),
            result("clips", "crunch", None),
            result("x", None, None),
        ]
    )
    assert "| crunch | 2 | 0 | 1 | squat 1 |" in lines
    assert "| something else | 1 | 0 | 1 |  |" in lines


def test_confidence_is_held_against_what_was_right():
    lines = calibration([result("x", "squat", "squat", 0.9), result("x", "crunch", "squat", 0.88)])
    assert lines[-1] == "| 0.8 to 1.0 | 2 | 0.89 | 0.50 |"


def test_tables_replace_those_of_a_page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n{BEGIN}old\n{END}\nafter\n", encoding="utf-8")
    write(path, page([result("clips", "squat", "squat")], ("figure",)))
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| clips | 1 |" in text
    assert "old" not in text


def test_every_figure_and_everyday_movement_can_be_filmed():
    assert {job.done for job in figure_jobs([0])} == set(MOVING)
    assert {job.name for job in everyday_jobs([0])} == set(everyday.MOVEMENTS)
    hold = frames_of(Job(FIGURE, "wall_sit", "wall_sit"))
    assert hold[-1].timestamp_ms > 12_000
    assert len(frames_of(Job(EVERYDAY, "reaching", None))) > 100
