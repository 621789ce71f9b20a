"""Found against true, on intervals and counts whose agreement is known."""

import pytest

from hep_vision.core.evaluation import (
    Score,
    TrueRep,
    Truth,
    add_up,
    match_intervals,
    overlap,
    score,
)
from hep_vision.core.types import Deviation, Hold, Rep, RepStatus, RepTick, Severity, Side


def rep(start_ms: int, end_ms: int, *faults: str, status: RepStatus = RepStatus.COUNTED) -> Rep:
    return Rep(
        index=1 if status is RepStatus.COUNTED else None,
        side=Side.BOTH,
        start_ms=start_ms,
        peak_ms=(start_ms + end_ms) // 2,
        end_ms=end_ms,
        status=status,
        reason=None,
        peak_deg=None,
        rom_deg=None,
        uncertainty_deg=None,
        concentric_ms=(end_ms - start_ms) // 2,
        eccentric_ms=(end_ms - start_ms) // 2,
        hold_ms=0,
        deviations=tuple(deviation(fault) for fault in faults),
    )


def deviation(fault: str) -> Deviation:
    return Deviation(fault, 1, Side.BOTH, Severity.WARN, 0, 1, 1.0, 0.5, "deg", "Mind it.")


def hold(start_ms: int, end_ms: int, *faults: str, counted_ms: int | None = None) -> Hold:
    counted_ms = end_ms - start_ms if counted_ms is None else counted_ms
    return Hold(
        1, Side.BOTH, start_ms, end_ms, counted_ms, tuple(deviation(fault) for fault in faults)
    )


def truth(*reps: TrueRep, **parts) -> Truth:
    usual = {
        "name": "clip.mp4",
        "exercise_id": "squat",
        "acceptable": (len(reps), len(reps)),
        "reps": reps,
    }
    return Truth(**(usual | parts))


# -- intervals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((0, 100), (0, 100), 1.0),
        ((0, 100), (50, 150), 1 / 3),
        ((0, 100), (25, 75), 0.5),
        ((0, 100), (100, 200), 0.0),
        ((0, 100), (500, 600), 0.0),
    ],
)
def test_overlap_is_intersection_over_union(first, last, expected):
    assert overlap(first, last) == pytest.approx(expected)
    assert overlap(last, first) == pytest.approx(expected)


def test_each_interval_is_matched_once():
    true, found = [(0, 100), (200, 300)], [(0, 90), (5, 100), (210, 300), (600, 700)]
    pairs = match_intervals(true, found)
    assert [pair[0] for pair in pairs] == [0, 1]
    assert pairs[1] == (1, 2)
    assert len({pair[1] for pair in pairs}) == 2


def test_the_best_overlap_goes_first():
    """(0, 100) overlaps both, but its twin is a better match for the second."""
    assert match_intervals([(0, 100)], [(20, 100), (2, 100)]) == [(0, 1)]


def test_too_little_overlap_is_no_match():
    assert match_intervals([(0, 100)], [(60, 160)]) == []
    assert match_intervals([(0, 100)], [(60, 160)], iou=0.2) == [(0, 0)]
    assert match_intervals([], [(0, 1)]) == []


# -- counts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counted", "acceptable", "error"),
    [
        (5, (5, 5), 0),
        (7, (5, 5), 2),
        (3, (5, 5), -2),
        (4, (4, 5), 0),
        (6, (4, 5), 1),
        (2, (4, 5), -2),
    ],
)
def test_error_is_the_distance_to_what_is_acceptable(counted, acceptable, error):
    found = [rep(1_000 * index, 1_000 * index + 900) for index in range(counted)]
    result = score(truth(acceptable=acceptable, reps=None), "squat", found)
    assert (result.counted, result.error) == (counted, error)
    assert result.relative_error == pytest.approx(abs(error) / acceptable[1])
    assert result.right is (error == 0)


def test_only_counted_repetitions_count():
    events = [
        rep(0, 900),
        rep(1_000, 1_900, status=RepStatus.PARTIAL),
        rep(2_000, 2_900, status=RepStatus.REJECTED),
        RepTick(500, 1, Side.BOTH),
    ]
    assert score(truth(TrueRep(0, 900)), "squat", events).counted == 1


def test_an_empty_recording_that_stays_empty_is_right():
    result = score(truth(exercise_id=None), "squat", [])
    assert (result.error, result.relative_error, result.right) == (0, 0.0, True)


def test_matched_intervals_are_counted():
    result = score(
        truth(TrueRep(0, 1_000), TrueRep(2_000, 3_000), TrueRep(4_000, 5_000)),
        "squat",
        [rep(50, 1_000), rep(2_700, 3_900), rep(4_100, 5_100), rep(8_000, 9_000)],
    )
    assert (result.matched, result.true_reps, result.found_reps) == (2, 3, 4)


def test_repetitions_found_where_none_are_cost_precision():
    """An empty list is knowledge; None is none."""
    found = [rep(0, 900), rep(1_000, 1_900)]
    nothing_there, unlabelled = truth(), truth(acceptable=(2, 2), reps=None)
    assert score(nothing_there, "squat", found).found_reps == 2
    assert score(unlabelled, "squat", found).found_reps == 0
    right = score(truth(TrueRep(0, 900), TrueRep(1_000, 1_900)), "squat", found)
    totals = add_up([right, score(nothing_there, "squat", found)])
    assert totals.interval_f1 == pytest.approx(2 * 2 / (2 + 4))


# -- holds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "error_ms"),
    [
        (hold(1_000, 11_000), 0),
        (hold(1_300, 11_000, counted_ms=10_000), 300),
        (hold(1_000, 12_500, counted_ms=10_000), 1_500),
        (hold(1_000, 11_000, counted_ms=7_000), 3_000),
    ],
)
def test_a_hold_is_as_wrong_as_its_worst_part(found, error_ms):
    result = score(truth(holds=(TrueRep(1_000, 11_000),)), "wall_sit", [found])
    assert result.hold_error_ms == error_ms
    assert result.right is (error_ms <= 2_000)


@pytest.mark.parametrize("found", [[], [hold(0, 5_000), hold(6_000, 9_000)]])
def test_a_missing_or_invented_hold_is_wrong(found):
    result = score(truth(holds=(TrueRep(0, 5_000),)), "wall_sit", found)
    assert not result.right


def test_a_hold_found_where_none_is_is_wrong():
    assert not score(truth(holds=()), "wall_sit", [hold(0, 5_000)]).right
    assert score(truth(holds=()), "wall_sit", []).right


def test_holds_that_were_not_labelled_are_not_judged():
    result = score(truth(holds=None), "wall_sit", [hold(0, 5_000)])
    assert result.hold_error_ms is None


# -- flags ----------------------------------------------------------------------------------------


def flags(result: Score) -> tuple[int, int, int]:
    return len(result.flags_hit), len(result.flags_missed), len(result.flags_false)


def test_flags_are_compared_on_the_matched_repetition():
    result = score(
        truth(TrueRep(0, 1_000, ("lean",)), TrueRep(2_000, 3_000), faults_known=True),
        "squat",
        [rep(0, 1_000, "lean"), rep(2_000, 3_000)],
    )
    assert flags(result) == (1, 0, 0)
    assert result.flags_hit == ("lean on rep 1",)


def test_a_flag_on_the_wrong_repetition_is_missed_and_false():
    result = score(
        truth(TrueRep(0, 1_000, ("lean",)), TrueRep(2_000, 3_000), faults_known=True),
        "squat",
        [rep(0, 1_000), rep(2_000, 3_000, "lean")],
    )
    assert result.flags_missed == ("lean on rep 1",)
    assert result.flags_false == ("lean on rep 2",)


def test_flags_follow_the_interval_not_the_number():
    """The first true repetition was missed; the second is found as number one."""
    result = score(
        truth(TrueRep(0, 1_000), TrueRep(2_000, 3_000, ("lean",)), faults_known=True),
        "squat",
        [rep(2_000, 3_000, "lean")],
    )
    assert flags(result) == (1, 0, 0)


def test_a_flag_on_a_repetition_that_is_none_is_false():
    result = score(truth(faults_known=True), "squat", [rep(0, 1_000, "lean")])
    assert flags(result) == (0, 0, 1)


def test_flags_of_a_hold():
    result = score(
        truth(holds=(TrueRep(0, 10_000, ("sag", "pike")),), faults_known=True),
        "front_plank",
        [hold(500, 9_000, "sag")],
    )
    assert flags(result) == (1, 1, 0)


def test_without_known_faults_no_flag_is_judged():
    result = score(truth(TrueRep(0, 1_000)), "squat", [rep(0, 1_000, "lean")])
    assert flags(result) == (0, 0, 0)


# -- totals ---------------------------------------------------------------------------------------


def counted(number: int, right: int) -> Score:
    found = [rep(1_000 * index, 1_000 * index + 900) for index in range(number)]
    true = [TrueRep(1_000 * index, 1_000 * index + 900) for index in range(right)]
    return score(truth(*true), "squat", found)


def test_totals_are_shares_of_sums():
    totals = add_up([counted(5, 5), counted(6, 5), counted(10, 8), counted(3, 4)])
    assert (totals.cases, totals.exact, totals.within_one) == (4, 1, 3)
    assert (totals.exact_share, totals.within_one_share) == (0.25, 0.75)
    assert totals.mean_relative_error == pytest.approx((0 + 1 / 5 + 2 / 8 + 1 / 4) / 4)
    assert totals.false_counts == 3
    matched = 5 + 5 + 8 + 3
    assert totals.interval_f1 == pytest.approx(2 * matched / (22 + 24))


def test_bounds_are_compared_where_a_repetition_was_found():
    """The last one overlaps its truth by a quarter only: it was not found."""
    true = truth(TrueRep(0, 1_000), TrueRep(2_000, 3_000), TrueRep(4_000, 5_000))
    result = score(true, "squat", [rep(-50, 1_020), rep(2_300, 3_500), rep(4_600, 5_600)])
    assert sorted(result.boundary_errors_ms) == [(-50, 20), (300, 500)]
    assert add_up([result]).median_boundary_error_ms == (175, 260)


def test_without_a_repetition_found_there_are_no_bounds():
    result = score(truth(TrueRep(0, 1_000)), "squat", [])
    assert add_up([result]).median_boundary_error_ms is None


def test_without_intervals_there_is_no_f1():
    unlabelled = score(truth(acceptable=(1, 1), reps=None), "squat", [rep(0, 900)])
    assert add_up([unlabelled]).interval_f1 is None
