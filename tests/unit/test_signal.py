"""Two sides become one signal, and only where they are seen."""

import math

import numpy as np
import pytest

from hep_vision.core.definition import Combine, CountSignal, Direction
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.signal import VISIBLE, VisibilityTracker, combine_sides
from hep_vision.core.types import Side

SEEN = np.array([0.9, 0.9])
NAN = float("nan")


def combined(combine, left, right, *, weights=SEEN, side=None, direction=Direction.INCREASE):
    signal = CountSignal("knee_flexion", 20.0, combine=combine, direction=direction)
    return combine_sides(signal, np.array([left, right]), np.asarray(weights), side)


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        (Combine.MEAN, 40.0),
        (Combine.LARGER, 60.0),
        (Combine.SMALLER, 20.0),
        (Combine.DIFFERENCE, 40.0),
    ],
)
def test_sides_seen_alike_are_combined_as_the_name_says(combine, expected):
    assert combined(combine, 20.0, 60.0) == pytest.approx(expected)
    assert combined(combine, 60.0, 20.0) == pytest.approx(expected)


@pytest.mark.parametrize("combine", [Combine.MEAN, Combine.LARGER, Combine.SMALLER])
def test_a_falling_measure_grows_with_effort(combine):
    rest = combined(combine, 90.0, 90.0, direction=Direction.DECREASE)
    goal = combined(combine, 10.0, 10.0, direction=Direction.DECREASE)
    assert goal - rest == pytest.approx(80.0)


def test_the_side_that_works_more_leads_a_falling_measure():
    assert combined(Combine.LARGER, 90.0, 10.0, direction=Direction.DECREASE) == -10.0
    assert combined(Combine.SMALLER, 90.0, 10.0, direction=Direction.DECREASE) == -90.0


@pytest.mark.parametrize("combine", [Combine.MEAN, Combine.LARGER, Combine.SMALLER])
@pytest.mark.parametrize(("side", "expected"), [(Side.LEFT, 20.0), (Side.RIGHT, 60.0)])
def test_a_prescribed_side_is_followed_alone(combine, side, expected):
    assert combined(combine, 20.0, 60.0, side=side) == expected


@pytest.mark.parametrize(("side", "expected"), [(Side.LEFT, -40.0), (Side.RIGHT, 40.0)])
def test_a_prescribed_difference_has_a_sign(side, expected):
    assert combined(Combine.DIFFERENCE, 20.0, 60.0, side=side) == expected


@pytest.mark.parametrize("combine", Combine)
def test_two_unseen_sides_are_unknown(combine):
    assert math.isnan(combined(combine, 20.0, 60.0, weights=[0.1, 0.1]))
    assert math.isnan(combined(combine, NAN, NAN))


@pytest.mark.parametrize("combine", [Combine.MEAN, Combine.LARGER])
@pytest.mark.parametrize("hidden", ["unseen", "unknown"])
def test_one_side_speaks_for_both_where_the_other_is_hidden(combine, hidden):
    weights = [0.9, VISIBLE - 0.05] if hidden == "unseen" else SEEN
    right = 60.0 if hidden == "unseen" else NAN
    assert combined(combine, 20.0, right, weights=weights) == pytest.approx(20.0)


@pytest.mark.parametrize("combine", [Combine.SMALLER, Combine.DIFFERENCE])
def test_one_side_cannot_tell_which_is_less(combine):
    assert math.isnan(combined(combine, 20.0, NAN))
    assert math.isnan(combined(combine, 20.0, 60.0, weights=[0.9, 0.1]))


def test_a_prescribed_side_that_is_hidden_is_unknown():
    assert math.isnan(combined(Combine.MEAN, 20.0, 60.0, weights=[0.1, 0.9], side=Side.LEFT))


def test_the_mean_leans_to_the_side_that_is_seen_better():
    assert 20.0 < combined(Combine.MEAN, 20.0, 60.0, weights=[0.9, 0.5]) < 30.0


# -- how well a measure is seen -------------------------------------------------------------------


def visibilities(**seen: float) -> np.ndarray:
    result = np.full(LANDMARK_COUNT, 0.9)
    for name, value in seen.items():
        result[Landmark[name]] = value
    return result


def test_a_measure_is_seen_as_well_as_its_least_visible_landmark():
    tracker = VisibilityTracker(["knee_flexion", "elbow_flexion"])
    weights = tracker.update(0, visibilities(LEFT_ANKLE=0.2, RIGHT_WRIST=0.3, LEFT_HEEL=0.0))
    assert weights == pytest.approx(np.array([[0.2, 0.9], [0.9, 0.3]]), abs=0.01)


def test_measures_of_few_and_many_landmarks_go_together():
    tracker = VisibilityTracker(["position_x", "knee_over_toe"])
    weights = tracker.update(0, visibilities(LEFT_HIP=0.5, RIGHT_FOOT_INDEX=0.1))
    assert weights == pytest.approx(np.array([[0.5, 0.9], [0.9, 0.1]]), abs=0.01)


def test_one_bad_frame_does_not_hide_a_limb():
    tracker = VisibilityTracker(["knee_flexion"])
    tracker.update(0, visibilities())
    assert tracker.update(33, visibilities(LEFT_KNEE=0.0))[0, 0] > VISIBLE


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_limb_is_hidden_after_the_same_time_at_any_frame_rate(fps):
    tracker = VisibilityTracker(["knee_flexion"])
    tracker.update(0, visibilities())
    hidden_at_ms = next(
        at_ms
        for at_ms in range(0, 3_000, 1000 // fps)
        if tracker.update(at_ms, visibilities(LEFT_KNEE=0.1))[0, 0] < VISIBLE
    )
    # 0.1 + 0.8 exp(-t / 500) falls below 0.4 after 490 ms.
    assert hidden_at_ms == pytest.approx(490, abs=1000 / fps)


def test_an_unseen_pose_changes_nothing():
    tracker = VisibilityTracker(["knee_flexion"])
    before = tracker.update(0, visibilities())
    after = tracker.update(5_000, np.full(LANDMARK_COUNT, NAN))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("landmark", ["LEFT_KNEE", "NOSE"])
def test_one_unknown_visibility_does_not_blind_for_good(landmark):
    """Landmarks may come from any program, which may leave some visibilities out for a while."""
    tracker = VisibilityTracker(["knee_flexion"])
    tracker.update(0, visibilities())
    tracker.update(33, visibilities(**{landmark: NAN}))
    for at_ms in range(66, 3_000, 33):
        weights = tracker.update(at_ms, visibilities())
    assert weights == pytest.approx(np.array([[0.9, 0.9]]), abs=0.02)


def test_a_landmark_of_unknown_visibility_is_not_seen():
    weights = VisibilityTracker(["knee_flexion"]).update(0, visibilities(LEFT_KNEE=NAN))
    assert not weights[0, 0] >= VISIBLE
    assert weights[0, 1] >= VISIBLE


def test_nothing_is_seen_before_the_first_pose():
    weights = VisibilityTracker(["knee_flexion"]).update(0, np.full(LANDMARK_COUNT, NAN))
    assert (weights < VISIBLE).all()
