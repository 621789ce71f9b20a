"""Every sample video, end to end: count, holds and planted faults are exactly its truth."""

import json
from pathlib import Path

import pytest

from hep_vision.app.analyse import Task, analyse, find_model
from hep_vision.app.evaluate import Case, read_cases
from hep_vision.core.evaluation import score
from hep_vision.exercises.loading import find_exercise

CASES = read_cases(Path(__file__).parents[2] / "sample_videos")


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_a_sample_video_is_counted_timed_and_flagged_exactly(case: Case, tmp_path: Path) -> None:
    definition = find_exercise(str(case.truth.exercise_id))

    analysis = analyse(Task(case.path, definition, model=find_model("full", tmp_path)))

    found = score(case.truth, definition.id, analysis.events)
    assert found.error == 0
    assert found.matched == found.true_reps
    assert found.right
    assert found.flags_missed == ()
    assert found.flags_false == ()
    assert analysis.tracking.detected_ratio > 0.99
    truth = json.loads(case.path.with_suffix(".truth.json").read_text(encoding="utf-8"))
    assert analysis.tracking.view == truth["view"]
