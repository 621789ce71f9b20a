"""What the confusion benchmark does, figures and tracks in, pairs and shares out."""

import json

import pytest
from benchmarks.confusion import pairs, runs
from benchmarks.confusion.runs import EVERYDAY, RECORDED, SYNTHETIC, Job, Result

import everyday
from hep_vision.exercises.loading import catalogue
from together import counts


def result(done: str, reps: int, /, **counted: int) -> Result:
    return Result(Job(SYNTHETIC, done, reps), dict.fromkeys(catalogue(), 0) | counted)


def test_pairs_that_are_not_told_apart_are_exercises_that_are_counted():
    names = [name for group, _ in pairs.ALIKE for name in group]
    contained = [name for pair in pairs.CONTAINED for name in pair]
    assert {*names, *contained} <= runs.repeated().keys()
    assert all(why for _, why in pairs.ALIKE)


def test_alike_goes_both_ways_and_contained_goes_one():
    assert pairs.alike("squat", "mini_squat")
    assert pairs.alike("mini_squat", "squat")
    assert pairs.alike("sit_up", "crunch")
    assert pairs.alike("crunch", "sit_up") is None
    assert pairs.alike("squat", "hip_hinge") is None


def test_the_share_is_taken_over_all_runs_of_what_was_done():
    found = pairs.pairs_of(
        [result("squat", 10, hip_hinge=3), result("squat", 10, hip_hinge=1)],
        ["hip_hinge", "squat"],
    )
    assert [(pair.prescribed, pair.reps, pair.counted, pair.share) for pair in found] == [
        ("hip_hinge", 20, 4, 0.2),
        ("squat", 20, 0, 0.0),
    ]


def test_a_count_too_many_in_one_run_makes_up_for_none_in_another():
    assert pairs.kept([result("squat", 5, squat=7), result("squat", 5, squat=3)]) == (8, 10)


def test_an_everyday_movement_may_be_what_it_really_is():
    job = Job(EVERYDAY, "sitting down and standing up", 0)
    assert pairs.too_many(Result(job, {"squat": 1, "sit_to_stand": 2, "heel_raise": 1})) == {
        "sit_to_stand": 2,
        "heel_raise": 1,
    }


@pytest.mark.parametrize("name", ["squat", "standing_march", "clamshell", "elbow_flexion_curl"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_figure_does_what_is_asked_of_it(name, seed):
    exercise = catalogue()[name]
    frames = runs.exercise_frames(exercise, seed)
    assert counts({name: exercise}, frames) == {name: runs.REPS}


def test_sides_take_turns_on_the_same_spot():
    exercise = catalogue()["standing_march"]
    frames = runs.exercise_frames(exercise, 0)
    hips_px = [float(frame.image_px[23:25, 0].mean()) for frame in frames]
    assert max(hips_px) - min(hips_px) < 30.0


def test_recordings_with_a_doubt_a_hold_or_no_exercise_are_left_out(tmp_path):
    def entry(name: str, exercise_id: str | None, count: int, **more: str) -> dict[str, object]:
        (tmp_path / name).touch()
        return {"file": name, "exercise_id": exercise_id, "count": count, **more}

    truth = [
        *(entry(f"squat{number}.npz", "squat", 8) for number in range(3)),
        entry("doubt.npz", "squat", 8, label_note="the legs are guessed"),
        entry("plank.npz", "front_plank", 0),
        entry("walk.npz", None, 0),
        {"file": "gone.npz", "exercise_id": "squat", "count": 3},
    ]
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    found = runs.recorded_jobs(tmp_path, quick=False)
    assert [(job.source, job.done, job.reps) for job in found] == [(RECORDED, "squat", 8)] * 3
    assert len(runs.recorded_jobs(tmp_path, quick=True)) == 2


def test_every_movement_is_looked_at_from_every_view():
    jobs = runs.everyday_jobs(2)
    assert len(jobs) == len(everyday.MOVEMENTS) * 3 * 2
    assert len(set(jobs)) == len(jobs)
