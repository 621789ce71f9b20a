"""A first repetition that is not clearly the exercise counts with a second one like it."""

import numpy as np
import pytest

import synthetic
from definitions import counted_in, reps_in, run
from hep_vision.core.types import Event, RepStatus, RepTick
from hep_vision.exercises.loading import find_exercise
from synthetic import FRONT_VIEW, Array, Effort, Motion, efforts, excursion, record

CLEAR_M, DOUBTFUL_M, ANOTHER_M = 0.02, 0.24, 0.5


def swaying_squats(plan: tuple[Effort, ...], sway_m: float) -> Motion:
    """Squats whose hips wander to one side on the way down and come back."""
    upright = synthetic.squat(plan)
    deepest_deg = max(effort.amplitude_deg for effort in plan)

    def body_m(time_ms: Array) -> Array:
        share = excursion(time_ms, plan).max(axis=1) / deepest_deg
        return upright.body_m(time_ms) + share[:, None, None] * np.array([0.0, 0.0, sway_m])

    return Motion(body_m, upright.duration_ms, upright.truth)


def events_of(plan: tuple[Effort, ...], sway_m: float = DOUBTFUL_M) -> list[Event]:
    return run(find_exercise("squat"), record(swaying_squats(plan, sway_m), FRONT_VIEW))


def alone(events: list[Event]) -> list[str]:
    rejected = reps_in(events, RepStatus.REJECTED)
    return [rep.reason for rep in rejected if rep.reason is not None and "done once" in rep.reason]


@pytest.mark.parametrize(("sway_m", "counted"), [(CLEAR_M, 1), (DOUBTFUL_M, 0), (ANOTHER_M, 0)])
def test_alone_it_must_be_clear(sway_m, counted):
    events = events_of(efforts([90]), sway_m)
    assert len(counted_in(events)) == counted
    assert len(alone(events)) == (sway_m == DOUBTFUL_M)


def test_two_that_follow_soon_both_count_when_the_second_is_done():
    events = events_of(efforts([90, 80]))
    assert [rep.index for rep in counted_in(events)] == [1, 2]
    first, second = [event for event in events if isinstance(event, RepTick)]
    assert (first.count, second.count) == (1, 2)
    assert first.timestamp_ms == second.timestamp_ms
    assert alone(events) == []


def test_deviations_carry_the_number_that_the_repetition_is_given_late():
    events = events_of(efforts([90, 85, 80], duration_ms=1_200))
    for rep in counted_in(events):
        assert {deviation.rep for deviation in rep.deviations} <= {rep.index}
    assert any(rep.deviations for rep in counted_in(events)), "quick ones are flagged"


def test_after_the_first_two_nothing_waits():
    events = events_of(efforts([90] * 5))
    ticks = [event for event in events if isinstance(event, RepTick)]
    assert [tick.count for tick in ticks] == [1, 2, 3, 4, 5]
    assert len({tick.timestamp_ms for tick in ticks}) == 4


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(efforts([90, 90], pause_ms=9_000), id="much later"),
        pytest.param(efforts([110, 33]), id="of another size"),
    ],
)
def test_one_that_is_not_like_it_gives_it_no_right(plan):
    events = events_of(plan)
    assert all(rep.start_ms > 4_000 for rep in counted_in(events))
    assert len(alone(events)) >= 1


def test_a_clear_second_one_vouches_for_the_first():
    plan = efforts([90, 90])
    swaying, upright = swaying_squats(plan, DOUBTFUL_M), synthetic.squat(plan)

    def body_m(time_ms: Array) -> Array:
        later = (time_ms > plan[0].duration_ms + 1_500)[:, None, None]
        return np.where(later, upright.body_m(time_ms), swaying.body_m(time_ms))

    motion = Motion(body_m, upright.duration_ms, upright.truth)
    events = run(find_exercise("squat"), record(motion, FRONT_VIEW))
    assert [rep.index for rep in counted_in(events)] == [1, 2]
