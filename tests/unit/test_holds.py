"""The hold clock on postures that were written down by hand."""

import math

import numpy as np
import pytest

from hep_vision.core.definition import Condition
from hep_vision.core.holds import HoldMachine, HoldSpan, weighted_mean
from hep_vision.core.types import View

NAN = float("nan")
KNEE = Condition("knee_flexion", 8.0, minimum=30.0, maximum=100.0)
STEP_MS = 50
RIGHT, WRONG = 60.0, 0.0


def hold(
    *stretches: tuple[float, float | None],
    conditions: tuple[Condition, ...] = (KNEE,),
    view: View = View.SIDE,
    minimum_ms: int = 3_000,
) -> list[HoldSpan]:
    """Run stretches of ``(seconds, knee angle)`` in a row; an angle of None is no frame."""
    machine = HoldMachine(conditions, {"knee_flexion": 0}, minimum_ms)
    found, at_ms = [], 0
    for seconds, angle in stretches:
        end_ms = at_ms + round(1000 * seconds)
        while at_ms < end_ms:
            if angle is not None:
                measures, weights = np.full((1, 2), angle), np.full((1, 2), 0.9)
                found += machine.update(at_ms, measures, weights, view)
            at_ms += STEP_MS
    return found + machine.finish()


def test_a_hold_lasts_from_first_to_last_right_moment():
    (span,) = hold((2, WRONG), (10, RIGHT), (2, WRONG))
    assert span.start_ms == 2_000
    assert span.end_ms == pytest.approx(12_000, abs=STEP_MS)
    assert span.counted_ms == span.end_ms - span.start_ms


@pytest.mark.parametrize("stretches", [[(5, WRONG)], [(5, NAN)], [(5, None)], []])
def test_the_clock_does_not_run_without_the_posture(stretches):
    assert hold(*stretches) == []


def test_a_hold_goes_on_to_the_end_of_the_recording():
    (span,) = hold((1, WRONG), (8, RIGHT))
    assert span.end_ms == pytest.approx(9_000, abs=STEP_MS)


def test_a_short_lapse_is_bridged_and_not_counted():
    (span,) = hold((1, WRONG), (5, RIGHT), (0.4, WRONG), (5, RIGHT), (2, WRONG))
    assert span.end_ms - span.start_ms == pytest.approx(10_400, abs=STEP_MS)
    assert span.counted_ms == pytest.approx(10_000, abs=2 * STEP_MS)


def test_a_longer_lapse_makes_two_holds():
    first, second = hold((1, WRONG), (5, RIGHT), (1, WRONG), (5, RIGHT), (2, WRONG))
    assert first.end_ms == pytest.approx(6_000, abs=STEP_MS)
    assert second.start_ms == pytest.approx(7_000, abs=STEP_MS)
    assert second.counted_ms == pytest.approx(5_000, abs=STEP_MS)


def test_a_hold_shorter_than_the_minimum_is_dropped():
    assert hold((1, WRONG), (2.5, RIGHT), (2, WRONG)) == []
    assert len(hold((1, WRONG), (3.5, RIGHT), (2, WRONG))) == 1


def test_passing_through_the_posture_is_no_hold():
    assert hold(*[(0.4, RIGHT), (0.4, WRONG)] * 10, minimum_ms=0) == []


@pytest.mark.parametrize("gap", [NAN, None], ids=["unknown", "no frames"])
def test_a_gap_is_survived_without_evidence(gap):
    (span,) = hold((1, WRONG), (5, RIGHT), (1, gap), (5, RIGHT), (2, WRONG))
    assert span.end_ms - span.start_ms == pytest.approx(11_000, abs=STEP_MS)
    assert 9_900 <= span.counted_ms <= 11_000


@pytest.mark.parametrize("gap", [NAN, None], ids=["unknown", "no frames"])
def test_a_long_gap_ends_the_hold_where_it_was_last_seen(gap):
    first, second = hold((1, WRONG), (5, RIGHT), (10, gap), (5, RIGHT), (2, WRONG))
    assert first.end_ms == pytest.approx(6_000, abs=STEP_MS)
    assert first.counted_ms == pytest.approx(5_000, abs=2 * STEP_MS)
    assert second.start_ms == pytest.approx(16_000, abs=STEP_MS)
    assert second.counted_ms == pytest.approx(5_000, abs=2 * STEP_MS)


def test_one_right_moment_before_a_gap_does_not_start_the_clock():
    (span,) = hold((1, WRONG), (0.3, RIGHT), (10, None), (5, RIGHT), (2, WRONG))
    assert span.start_ms == pytest.approx(11_300, abs=STEP_MS)
    assert span.counted_ms == pytest.approx(5_000, abs=2 * STEP_MS)


def test_leaving_takes_more_than_entering():
    entering_short = hold((1, WRONG), (10, 28.0))
    assert entering_short == []
    (span,) = hold((1, WRONG), (5, RIGHT), (5, 28.0), (2, WRONG))
    assert span.counted_ms == pytest.approx(10_000, abs=2 * STEP_MS)
    (above,) = hold((1, WRONG), (5, RIGHT), (5, 106.0), (2, 120.0))
    assert above.counted_ms == pytest.approx(10_000, abs=2 * STEP_MS)
    (short,) = hold((1, WRONG), (5, RIGHT), (5, 21.0), (2, WRONG))
    assert short.counted_ms == pytest.approx(5_000, abs=2 * STEP_MS)


def test_every_condition_must_be_met():
    both = (KNEE, Condition("knee_flexion", 5.0, maximum=50.0))
    assert hold((1, WRONG), (10, 60.0), conditions=both) == []
    assert len(hold((1, WRONG), (10, 40.0), conditions=both)) == 1


def test_a_condition_of_another_view_is_not_asked():
    both = (KNEE, Condition("knee_flexion", 5.0, maximum=50.0, views=(View.FRONT,)))
    assert len(hold((1, WRONG), (10, 60.0), conditions=both)) == 1
    assert hold((1, WRONG), (10, 60.0), conditions=both, view=View.FRONT) == []


def test_a_view_that_asks_nothing_holds_nothing():
    front_only = (Condition("knee_flexion", 5.0, minimum=30.0, views=(View.FRONT,)),)
    assert hold((1, WRONG), (10, RIGHT), conditions=front_only) == []


@pytest.mark.parametrize("frames_per_s", [10, 15, 30, 60])
def test_the_clock_is_the_same_at_any_frame_rate(frames_per_s):
    machine = HoldMachine((KNEE,), {"knee_flexion": 0}, 3_000)
    found = []
    for index in range(14 * frames_per_s):
        at_ms = round(1000 * index / frames_per_s)
        angle = RIGHT if 2_000 <= at_ms < 12_000 else WRONG
        found += machine.update(at_ms, np.full((1, 2), angle), np.ones((1, 2)), View.SIDE)
    (span,) = found + machine.finish()
    assert span.start_ms == pytest.approx(2_000, abs=1000 / frames_per_s)
    assert span.end_ms == pytest.approx(12_000, abs=1000 / frames_per_s + 1)
    assert span.counted_ms == pytest.approx(10_000, abs=1000 / frames_per_s + 1)


def test_the_running_clock_can_be_shown():
    machine = HoldMachine((KNEE,), {"knee_flexion": 0}, 3_000)
    shown = []
    for at_ms in range(0, 6_000, STEP_MS):
        machine.update(at_ms, np.full((1, 2), RIGHT), np.ones((1, 2)), View.SIDE)
        shown.append(machine.counted_ms)
        assert machine.holding is (at_ms >= 500)
    assert shown == sorted(shown)
    assert shown[-1] == 6_000 - STEP_MS


# -- steadiness -----------------------------------------------------------------------------------

STEADY = Condition("knee_flexion", 8.0, minimum=30.0, max_rate_per_s=15.0)


def follow(*corners: tuple[float, float]) -> list[HoldSpan]:
    """Run straight lines through ``(seconds, knee angle)`` corners past the steady condition."""
    machine = HoldMachine((STEADY,), {"knee_flexion": 0}, 2_000)
    seconds, angles = zip(*corners, strict=True)
    found = []
    for at_ms in range(0, round(1000 * seconds[-1]), STEP_MS):
        angle = float(np.interp(at_ms / 1000, seconds, angles))
        found += machine.update(at_ms, np.full((1, 2), angle), np.ones((1, 2)), View.SIDE)
    return found + machine.finish()


def test_moving_into_and_out_of_the_position_is_not_holding_it():
    """Down from 30 to 90 takes 2 s; the clock waits until that is over."""
    (span,) = follow((0, 0), (1, 0), (4, 90), (10, 90), (13, 0), (14, 0))
    assert span.start_ms == pytest.approx(4_000, abs=600)
    assert span.end_ms == pytest.approx(10_000, abs=600)


def test_repetitions_are_no_holds():
    waves = [(1.0 + step, 40.0 if step % 2 else 100.0) for step in range(12)]
    assert follow((0, 0), *waves) == []


def test_sinking_slowly_is_still_holding():
    (span,) = follow((0, 60), (10, 90))
    assert span.counted_ms == pytest.approx(10_000, abs=600)


# -- the mean of two sides ------------------------------------------------------------------------


def mean(values: list[float], weights: list[float]) -> float:
    return weighted_mean(np.array(values), np.array(weights))


def test_sides_seen_alike_count_alike():
    assert mean([20.0, 60.0], [0.9, 0.9]) == pytest.approx(40.0)


def test_the_near_side_speaks_almost_alone():
    assert mean([20.0, 60.0], [0.95, 0.45]) == pytest.approx(20.0, abs=2.5)


def test_an_unknown_side_leaves_the_other():
    assert mean([NAN, 60.0], [0.9, 0.2]) == pytest.approx(60.0)
    assert math.isnan(mean([NAN, NAN], [0.9, 0.9]))


def test_sides_that_are_not_seen_at_all_are_unknown():
    assert math.isnan(mean([20.0, 60.0], [0.0, 0.0]))
