"""Bounds and tempo of excursions whose course is known, and the guards."""

import math
from itertools import pairwise

import numpy as np
import pytest

from hep_vision.core.definition import Guard, GuardSide
from hep_vision.core.history import History
from hep_vision.core.phases import Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.reps import (
    Poses,
    RepTiming,
    failed_guard,
    median_pose,
    poses_of,
    time_excursion,
)
from hep_vision.core.types import Side, View
from synthetic import Effort, efforts, place, signal

NAN = float("nan")


def timings(plan: list[Effort] | tuple[Effort, ...], fps: float = 30.0) -> list[RepTiming]:
    """Return the timing of every excursion, each from the end of the one before."""
    samples = signal(plan, fps=fps)
    machine, history = PhaseMachine(PhaseSettings(25.0, 60_000)), History(10_000_000, 1)
    found = []
    for at_ms, value in samples:
        history.append(at_ms, value, np.zeros((1, 2)), View.SIDE)
        found += machine.update(at_ms, value)
    result: list[RepTiming] = []
    starts = [item.start_ms for item in found[1:]] + [samples[-1][0]]
    for excursion, until_ms in zip(found, starts, strict=True):
        earliest_ms = result[-1].end_ms if result else 0
        window = history.window(earliest_ms, until_ms)
        result.append(time_excursion(excursion, window.timestamp_ms, window.signal, earliest_ms))
    return result


@pytest.mark.parametrize("fps", [10, 30, 60])
@pytest.mark.parametrize("duration_ms", [800, 1_500, 3_000, 4_000, 6_000, 9_000])
def test_bounds_are_those_of_the_movement(duration_ms, fps):
    plan = efforts([80] * 3, duration_ms=duration_ms)
    half_ms = duration_ms / 2
    # A raised cosine spends 0.205 of each half outside 10..90 %, of which 400 ms at most are given
    # back; bounds fall on samples.
    tolerance_ms = 25 + 0.04 * half_ms + max(0, 0.205 * half_ms - 400) + 1_400 / fps
    for found, true in zip(timings(plan, fps), place(plan), strict=True):
        assert found.start_ms == pytest.approx(true.start_ms, abs=tolerance_ms)
        assert found.peak_ms == pytest.approx(true.peak_ms, abs=1000 / fps)
        assert found.end_ms == pytest.approx(true.end_ms, abs=tolerance_ms)


@pytest.mark.parametrize("hold_ms", [0, 500, 3_000])
@pytest.mark.parametrize("duration_ms", [800, 3_000, 8_000])
def test_the_parts_make_up_the_whole(duration_ms, hold_ms):
    for found in timings([Effort(80, duration_ms, hold_ms), Effort(50, duration_ms, hold_ms)]):
        parts = found.concentric_ms + found.hold_ms + found.eccentric_ms
        assert parts == found.end_ms - found.start_ms
        assert min(found.concentric_ms, found.hold_ms, found.eccentric_ms) >= 0


@pytest.mark.parametrize("hold_ms", [1_000, 3_000, 8_000])
def test_holding_is_told_from_moving(hold_ms):
    (found,) = timings([Effort(80, 3_000, hold_ms)])
    assert found.hold_ms == pytest.approx(hold_ms, abs=150)
    assert found.concentric_ms == pytest.approx(1_500, abs=150)
    assert found.eccentric_ms == pytest.approx(1_500, abs=150)


def test_a_repetition_that_turns_at_once_has_hardly_a_hold():
    (found,) = timings([Effort(80, 3_000)])
    assert found.hold_ms <= 150


def test_repetitions_do_not_overlap_however_close():
    found = timings(efforts([80] * 5, duration_ms=1_200, pause_ms=0))
    assert len(found) == 5
    for earlier, later in pairwise(found):
        assert earlier.end_ms <= later.start_ms


def test_unknown_samples_do_not_move_the_bounds():
    plan = efforts([80])
    samples = signal(plan)
    machine, history = PhaseMachine(PhaseSettings(25.0, 60_000)), History(1_000_000, 1)
    found = []
    for index, (at_ms, value) in enumerate(samples):
        shown = NAN if index % 4 == 0 else value
        history.append(at_ms, shown, np.zeros((1, 2)), View.SIDE)
        found += machine.update(at_ms, shown)
    window = history.window(0, samples[-1][0])
    timing = time_excursion(found[0], window.timestamp_ms, window.signal, 0)
    assert timing.start_ms == pytest.approx(1_000, abs=80)
    assert timing.end_ms == pytest.approx(4_000, abs=80)


# -- poses at rest and at the extreme -------------------------------------------------------------


def test_an_excursion_of_which_nothing_is_left_to_see_still_has_bounds():
    excursion = Excursion(0, 400, 600, 0.0, 50.0, 30.0, 30.0, "returned")
    empty = np.array([])
    timing = time_excursion(excursion, empty, empty, earliest_ms=700)
    assert timing.start_ms == timing.peak_ms == timing.end_ms == 700


def test_poses_are_medians_round_their_moments():
    history = History(1_000_000, 1)
    for at_ms in range(0, 4_000, 20):
        value = 90.0 if 1_500 <= at_ms < 2_500 else 10.0
        spike = 500.0 if at_ms in (1_000, 2_000) else 0.0
        history.append(at_ms, value, np.array([[value + spike, NAN]]), View.SIDE)
    poses = poses_of(history, 1_000, 2_000, 3_000)
    assert poses.rest[0, 0] == 10.0
    assert poses.peak[0, 0] == 90.0
    assert poses.change[0, 0] == 80.0
    assert poses.spread[0, 0] == 80.0
    assert np.isnan([poses.rest[0, 1], poses.peak[0, 1], poses.spread[0, 1]]).all()


def test_poses_of_a_time_that_was_not_seen_are_unknown():
    poses = poses_of(History(1_000, 2), 1_000, 2_000, 3_000)
    for part in (poses.rest, poses.peak, poses.spread, poses.change):
        assert part.shape == (2, 2)
        assert np.isnan(part).all()


def test_median_pose_leaves_out_what_is_unknown():
    measures = np.array([[[1.0, NAN]], [[NAN, NAN]], [[3.0, NAN]], [[8.0, NAN]]])
    median = median_pose(measures)
    assert median[0, 0] == 3.0
    assert math.isnan(median[0, 1])


# -- guards ---------------------------------------------------------------------------------------


def passes(
    *,
    rest: tuple[float, float] = (0.0, 0.0),
    peak: tuple[float, float] = (0.0, 0.0),
    spread: tuple[float, float] = (0.0, 0.0),
    working: Side = Side.LEFT,
    view: View = View.SIDE,
    rom: float = 50.0,
    **bounds,
) -> bool:
    guard = Guard("knee_flexion", "the knees did not bend", **bounds)
    poses = Poses(np.array([rest]), np.array([peak]), np.array([rest]), np.array([spread]))
    return failed_guard((guard,), {"knee_flexion": 0}, poses, view, working, rom) is None


@pytest.mark.parametrize(
    ("bounds", "values", "expected"),
    [
        ({"rest_min": 10.0}, {"rest": (10.0, 0.0)}, True),
        ({"rest_min": 10.0}, {"rest": (9.0, 0.0)}, False),
        ({"rest_max": 10.0}, {"rest": (11.0, 0.0)}, False),
        ({"peak_min": 40.0}, {"peak": (39.0, 0.0)}, False),
        ({"peak_min": 40.0}, {"peak": (41.0, 0.0)}, True),
        ({"peak_max": 40.0}, {"peak": (41.0, 0.0)}, False),
        ({"change_min": 30.0}, {"rest": (20.0, 0.0), "peak": (49.0, 0.0)}, False),
        ({"change_min": 30.0}, {"rest": (20.0, 0.0), "peak": (51.0, 0.0)}, True),
        ({"change_max": -5.0}, {"rest": (20.0, 0.0), "peak": (16.0, 0.0)}, False),
        ({"change_max": -5.0}, {"rest": (20.0, 0.0), "peak": (10.0, 0.0)}, True),
        ({"share_min": 0.5}, {"peak": (24.0, 0.0)}, False),
        ({"share_min": 0.5}, {"peak": (26.0, 0.0)}, True),
        ({"share_max": 0.5}, {"peak": (26.0, 0.0)}, False),
        ({"range_max": 30.0}, {"spread": (31.0, 0.0)}, False),
        ({"range_max": 30.0}, {"spread": (29.0, 0.0)}, True),
    ],
)
def test_each_bound_asks_what_it_says(bounds, values, expected):
    assert passes(**bounds, **values) is expected


@pytest.mark.parametrize(
    "bounds",
    [
        {"rest_min": 10.0},
        {"peak_max": -10.0},
        {"change_min": 30.0},
        {"share_min": 0.5},
        {"range_max": -1.0},
    ],
)
@pytest.mark.parametrize("side", GuardSide)
def test_what_cannot_be_seen_passes(bounds, side):
    unknown = (NAN, NAN)
    assert passes(rest=unknown, peak=unknown, spread=unknown, side=side, **bounds)


@pytest.mark.parametrize(
    ("side", "working", "peak", "expected"),
    [
        (GuardSide.WORKING, Side.LEFT, (50.0, 0.0), True),
        (GuardSide.WORKING, Side.RIGHT, (50.0, 0.0), False),
        (GuardSide.OTHER, Side.LEFT, (50.0, 0.0), False),
        (GuardSide.OTHER, Side.RIGHT, (50.0, 0.0), True),
        (GuardSide.EITHER, Side.RIGHT, (50.0, 0.0), True),
        (GuardSide.EITHER, Side.LEFT, (0.0, 0.0), False),
        (GuardSide.BOTH, Side.LEFT, (50.0, 0.0), False),
        (GuardSide.BOTH, Side.LEFT, (50.0, 50.0), True),
    ],
)
def test_a_guard_looks_at_the_side_it_names(side, working, peak, expected):
    assert passes(peak_min=40.0, peak=peak, working=working, side=side) is expected


def test_a_guard_is_asked_only_in_its_views():
    bounds = {"peak_min": 40.0, "views": (View.SIDE,)}
    assert not passes(**bounds, view=View.SIDE)
    assert passes(**bounds, view=View.FRONT)


def test_the_first_guard_that_fails_is_named():
    passing, failing, later = (
        Guard("knee_flexion", why, peak_min=low)
        for why, low in (("a", 0.0), ("b", 60.0), ("c", 70))
    )
    poses = Poses(np.zeros((1, 2)), np.full((1, 2), 50.0), np.zeros((1, 2)), np.zeros((1, 2)))
    index = {"knee_flexion": 0}
    failed = failed_guard((passing, failing, later), index, poses, View.SIDE, Side.BOTH, 50.0)
    assert failed is failing


def test_an_excursion_of_no_range_has_no_share():
    assert passes(share_min=0.5, peak=(10.0, 10.0), rom=0.0)
