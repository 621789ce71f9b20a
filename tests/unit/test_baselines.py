"""The benchmark's common ways of counting do what their descriptions say."""

import numpy as np
import pytest
from benchmarks.accuracy import baselines, pose_classes
from benchmarks.accuracy.baselines import (
    BASELINES,
    autocorrelation,
    margins,
    moving_mean,
    periods,
    prominent_peaks,
    thresholds,
)
from benchmarks.accuracy.extras import coordinates_table
from benchmarks.accuracy.runs import METHODS, Run, part_of
from benchmarks.accuracy.signals import SEEN, reported_share, stance_of
from benchmarks.accuracy.spoiling import altered, clipped, filmed, rows_at, with_outliers
from benchmarks.accuracy.tables import Block, accuracy_table, filled, markdown, negative_table

import synthetic
from hep_vision.core.types import View
from hep_vision.exercises.loading import exercise_ids, find_exercise
from synthetic import FRONT_VIEW, efforts

SQUAT = find_exercise("squat")
DEEP = synthetic.squat(efforts([100.0] * 3))
STEP_MS = baselines.STEP_MS


def wave(*levels: float, samples: int = 20) -> np.ndarray:
    """Go straight from level to level, in this many samples each."""
    at = np.arange(len(levels)) * samples
    return np.interp(np.arange(at[-1] + 1), at, levels)


def rhythm(count: int, samples: int = 60) -> np.ndarray:
    return 1.0 - np.cos(2.0 * np.pi * np.arange(count * samples) / samples)


# -- thresholds -----------------------------------------------------------------------------------


def test_thresholds_count_on_entering_the_goal():
    assert thresholds(wave(0.0, 1.1)) == 1
    assert thresholds(wave(0.0, 1.1, 0.0, 1.1, 0.0)) == 2


def test_thresholds_want_the_top_before_the_goal():
    assert thresholds(wave(1.1, 0.5, 1.1, 0.4)) == 0


def test_thresholds_count_nothing_short_of_the_goal():
    assert thresholds(wave(0.0, 0.95, 0.0, 0.95, 0.0)) == 0


def test_thresholds_believe_a_single_wild_frame():
    still = np.zeros(100)
    still[[20, 50, 80]] = 1.3
    assert thresholds(still) == 3


def test_textbook_angles_of_a_squat_are_90_and_145_degrees():
    reported = SQUAT.reported
    up_deg = reported.rest + baselines.UP_SHARE * (reported.goal - reported.rest)
    assert 180.0 - reported.goal == 90.0
    assert 180.0 - up_deg == pytest.approx(145.0, abs=1.0)


# -- margins --------------------------------------------------------------------------------------


def test_margins_count_on_the_return_to_rest():
    assert margins(wave(0.0, 1.0)) == 0
    assert margins(wave(0.0, 1.0, 0.0)) == 1


def test_margins_count_at_the_goal_where_the_exercise_is_done_there():
    assert margins(wave(0.0, 1.0), at_goal=True) == 1
    assert margins(wave(0.0, 1.0, 0.0), at_goal=True) == 1


def test_margins_reach_the_goal_a_margin_early():
    assert margins(wave(0.0, 0.9, 0.0)) == 1
    assert margins(wave(0.0, 0.8, 0.0)) == 0


def test_margins_do_not_count_a_wobble_at_either_end():
    assert margins(wave(0.0, 1.0, 0.8, 1.0, 0.6, 1.0, 0.0)) == 1
    assert margins(wave(0.0, 1.0, 0.0, 0.2, 0.0, 0.25, 0.0)) == 1


def test_margins_wait_through_unknown_samples():
    share = wave(0.0, 1.0, 0.0)
    share[10:30] = np.nan
    share[20] = 1.0
    assert margins(share) == 1


def test_margins_do_not_believe_a_single_wild_frame():
    still = np.zeros(100)
    still[[20, 50, 80]] = 1.3
    assert margins(still) == 0


def test_margins_want_rest_first():
    assert margins(wave(1.0, 0.0)) == 0


# -- peaks ----------------------------------------------------------------------------------------


def peaks(values: np.ndarray, prominence: float = 25.0, distance_ms: float = 400.0) -> list[int]:
    times_ms = np.arange(len(values)) * STEP_MS
    return prominent_peaks(times_ms, values, prominence=prominence, distance_ms=distance_ms)


def test_a_peak_stands_out_from_the_higher_of_its_two_sides():
    values = wave(0.0, 100.0, 80.0, 104.0, 0.0)
    assert peaks(values, prominence=19.0) == [20, 60]
    assert peaks(values, prominence=21.0) == [60]


def test_of_two_peaks_too_near_the_higher_stays():
    values = wave(0.0, 90.0, 20.0, 100.0, 0.0, samples=5)
    assert peaks(values, distance_ms=400.0) == [15]
    assert peaks(values, distance_ms=300.0) == [5, 15]


def test_a_plateau_is_one_peak_in_its_middle():
    assert peaks(wave(0.0, 90.0, 90.0, 0.0, samples=10)) == [15]


def test_an_end_of_the_recording_is_no_peak():
    assert peaks(wave(90.0, 0.0, 90.0)) == []
    assert peaks(np.array([90.0])) == []


def test_a_repetition_that_is_done_at_its_peak_may_end_the_recording():
    exercise = find_exercise("sit_to_stand")
    rises = efforts([90.0] * 3, hold_ms=1_000)
    last_ms = synthetic.place(rises)[-1].peak_ms
    standing = clipped(filmed(synthetic.sit_to_stand(rises)), 0, last_ms)
    assert BASELINES["peaks"](standing, exercise) == 3
    assert BASELINES["peaks, smoothed"](standing, exercise) == 3


def test_the_moving_mean_is_centred_and_keeps_a_constant():
    assert moving_mean(np.full(9, 4.0), 5) == pytest.approx(np.full(9, 4.0))
    spike = np.zeros(11)
    spike[5] = 5.0
    assert moving_mean(spike, 5)[3:8] == pytest.approx(np.ones(5))


def test_smoothing_removes_what_raw_peaks_count():
    still = filmed(synthetic.stillness(10_000))
    wild = with_outliers(still, [2_000, 5_000, 8_000], "HIP", (-120.0, 0.0))
    assert BASELINES["peaks"](wild, SQUAT) == 3
    assert BASELINES["peaks, smoothed"](wild, SQUAT) == 0


# -- pose classes ---------------------------------------------------------------------------------


def test_pose_classes_count_on_leaving_the_goal():
    assert pose_classes.count_exits(wave(0.0, 10.0)) == 0
    assert pose_classes.count_exits(wave(0.0, 10.0, 0.0, 10.0, 0.0)) == 2


def test_pose_classes_have_a_gap_between_entering_and_leaving():
    assert pose_classes.count_exits(wave(0.0, 10.0, 4.5, 10.0, 0.0)) == 1
    assert pose_classes.count_exits(wave(0.0, 5.9, 0.0)) == 0


def test_votes_are_smoothed_over_ten_frames_newest_first():
    weights = 0.8 ** np.arange(10)
    votes = np.append(np.zeros(20), 10.0)
    assert pose_classes.smoothed_votes(votes)[-1] == pytest.approx(10.0 / weights.sum())
    assert pose_classes.smoothed_votes(np.full(30, 10.0))[-1] == pytest.approx(10.0)


def test_a_frame_without_a_pose_votes_for_nothing():
    assert pose_classes.smoothed_votes(np.full(12, np.nan))[-1] == 0.0


def test_the_nearest_labelled_poses_name_the_end_of_the_movement():
    samples, is_goal = pose_classes.labelled_poses("squat", one_sided=False)
    for bend_deg, votes in ((0.0, 0.0), (95.0, 10.0)):
        posture = synthetic.Posture(trunk=0.35 * bend_deg, hip=bend_deg, knee=bend_deg)
        image_px, world_m, _ = synthetic.project(
            synthetic.body_m(posture, 1), synthetic.Camera(px_per_m=171.0)
        )
        poses = pose_classes.embed(image_px, world_m)
        assert pose_classes.goal_votes(poses, samples, is_goal) == pytest.approx([votes])


def test_an_embedding_does_not_depend_on_place_or_size():
    body = synthetic.body_m(synthetic.Posture(knee=40.0, hip=30.0), 1)
    near, far = (
        synthetic.project(body, camera)[:2]
        for camera in (
            synthetic.Camera(px_per_m=400.0),
            synthetic.Camera(px_per_m=90.0, shift_px=(200.0, -50.0)),
        )
    )
    assert pose_classes.embed(*near) == pytest.approx(pose_classes.embed(*far))


def test_a_mirrored_pose_is_as_near_as_the_pose():
    samples, is_goal = pose_classes.labelled_poses("squat", one_sided=False)
    poses = samples[::7].copy()
    mirrored = poses * [-1.0, 1.0, 1.0]
    assert pose_classes.goal_votes(mirrored, samples, is_goal) == pytest.approx(
        pose_classes.goal_votes(poses, samples, is_goal)
    )


def test_labelled_poses_are_of_exercises_that_are_counted():
    counted = {name for name in exercise_ids() if find_exercise(name).count}
    assert set(pose_classes.ENDS) - counted == set()


# -- autocorrelation ------------------------------------------------------------------------------


def test_autocorrelation_is_one_at_no_lag_and_again_after_a_period():
    correlation = autocorrelation(rhythm(8, samples=60))
    assert correlation[0] == pytest.approx(1.0)
    assert correlation[60] == pytest.approx(1.0, abs=0.02)
    assert correlation[30] == pytest.approx(-1.0, abs=0.02)


@pytest.mark.parametrize("count", [4, 9])
def test_periods_are_time_in_motion_over_the_period(count: int):
    still = np.zeros(300)
    values = np.concatenate([still, rhythm(count), still])
    assert periods(np.arange(len(values)) * STEP_MS, values, 400, 12_000) == count


def test_a_rest_between_two_sets_is_not_counted():
    values = np.concatenate([rhythm(5), np.zeros(400), rhythm(5)])
    assert periods(np.arange(len(values)) * STEP_MS, values, 400, 12_000) == 10


def test_what_has_no_rhythm_has_no_periods():
    once = np.concatenate([np.zeros(300), rhythm(1), np.zeros(300)])
    assert periods(np.arange(len(once)) * STEP_MS, once, 400, 12_000) == 0
    still = np.zeros(300)
    assert periods(np.arange(300) * STEP_MS, still, 400, 12_000) == 0


# -- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BASELINES)
def test_each_counts_textbook_squats(name: str):
    assert BASELINES[name](filmed(DEEP), SQUAT) == 3


@pytest.mark.parametrize("name", BASELINES)
def test_each_counts_nothing_where_nobody_is(name: str):
    empty = altered(
        filmed(synthetic.stillness(2_000)),
        image_px=np.full((61, 33, 2), np.nan),
        world_m=np.full((61, 33, 3), np.nan),
        visibility=np.full((61, 33), np.nan),
    )
    assert BASELINES[name](empty, SQUAT) == 0


# -- what they read -------------------------------------------------------------------------------


def test_the_share_is_0_at_rest_and_1_at_the_goal():
    plan = efforts([SQUAT.reported.goal])
    share = reported_share(filmed(synthetic.squat(plan)), SQUAT, gated=False)
    assert share.max() == pytest.approx(1.0, abs=0.01)
    assert share[0] == pytest.approx(-SQUAT.reported.rest / 85.0, abs=0.01)


def test_a_view_that_hides_the_joint_is_read_in_depth():
    front = filmed(DEEP, FRONT_VIEW)
    assert stance_of(front).view is View.FRONT
    assert reported_share(front, SQUAT, gated=False).max() > 1.0


def test_only_the_gated_share_looks_at_visibility():
    dim = filmed(DEEP)
    dim = altered(dim, visibility=np.full_like(dim.visibility, SEEN - 0.1))
    assert np.isnan(reported_share(dim, SQUAT, gated=True)).all()
    assert np.isfinite(reported_share(dim, SQUAT, gated=False)).all()


def test_normalised_coordinates_change_the_angle_and_pixels_do_not():
    rows = coordinates_table().rows
    assert {(row[0], row[2]) for row in rows} == {("70", "70"), ("95", "95")}
    assert all(abs(float(row[4]) - float(row[0])) > 10.0 for row in rows)


# -- cases and tables -----------------------------------------------------------------------------


def test_an_outlier_is_there_for_one_frame():
    still = filmed(synthetic.stillness(2_000))
    moved = with_outliers(still, [1_000.0], "KNEE", (150.0, 0.0))
    changed = np.flatnonzero((moved.image_px != still.image_px).any(axis=(1, 2)))
    assert changed.tolist() == rows_at(still, [1_000.0])


def test_a_person_is_in_one_half_only():
    assert part_of("ui_prmd", "m01_s03_correct") == "A"
    assert part_of("ui_prmd", "m09_s04_incorrect") == "B"
    for person in range(20):
        assert part_of("kimore", f"E_ID{person}_Es1") == part_of("kimore", f"E_ID{person}_Es5")
    assert {part_of("repcount_a", f"stu{number}") for number in range(20)} == {"A", "B"}


def run_of(count: int | None, right: int, **other: object) -> Run:
    fields = {"group": "set", "name": "x", "part": "A", "exercise_id": "squat", "negative": False}
    fields |= {"note": None} | other
    return Run(right=(right, right), counts=dict.fromkeys(METHODS, count), **fields)


def test_shares_are_over_recordings_and_errors_over_counts():
    table = accuracy_table([run_of(10, 10), run_of(9, 10), run_of(5, 10), run_of(10, 10)])
    assert table.rows[-1][3:5] == ("4", "0.50 / 0.75 / 0.15")


def test_a_doubtful_label_is_told_apart():
    table = accuracy_table([run_of(10, 10), run_of(0, 10, note="two people")])
    assert table.rows[-2][3:5] == ("1", "1.00 / 1.00 / 0.00")
    assert table.rows[-1][:5] == ("label in doubt", "all", "A + B", "1", "0.00 / 0.00 / 1.00")


def test_a_method_that_cannot_be_asked_has_no_share():
    assert accuracy_table([run_of(None, 10)]).rows[-1][4] == "-"


def test_false_counts_are_those_above_what_is_right():
    table = negative_table([run_of(3, 0, negative=True), run_of(1, 1, negative=True)])
    assert table is not None
    assert [row[1] for row in table.rows] == ["2", "3", "1.50", "50%"]


def test_a_page_keeps_everything_outside_the_marks():
    block = Block("counts", "Counts", ("case", "n"), (("a", "1"),))
    page = "before\n<!-- begin counts -->\nold\n<!-- end counts -->\nafter\n"
    table = "| case | n |\n| --- | ---: |\n| a | 1 |"
    assert markdown(block) == table
    assert filled(page, [block]) == (
        f"before\n<!-- begin counts -->\n{table}\n<!-- end counts -->\nafter\n"
    )
    with pytest.raises(ValueError, match="no marks for 'counts'"):
        filled("before", [block])
