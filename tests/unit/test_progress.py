"""Ranges, work and feeling by day, and what may be said of a change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hep_vision.core.definition import Direction, ExerciseDefinition
from hep_vision.core.targets import Targets
from hep_vision.core.types import ReportKind, Side, View
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.performed import Felt, PerformedSet, SideRange
from hep_vision.program.progress import (
    DayFeeling,
    DayWork,
    feeling_by_day,
    least_change,
    most_frequent_flags,
    range_courses,
    work_by_day,
)
from prescriptions import ZONE

MONDAY = date(2026, 3, 2)


@cache
def squat() -> ExerciseDefinition:
    return find_exercise("squat")


def at(ahead: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, 2, hour, tzinfo=UTC) + timedelta(days=ahead)


def a_set(
    ahead: int,
    *peaks: float,
    side: Side = Side.BOTH,
    view: View | None = None,
    uncertainty: float = 8.0,
    **values: object,
) -> PerformedSet:
    return PerformedSet(
        f"session-{ahead}",
        at(ahead),
        "squat",
        view=squat().camera.view if view is None else view,
        ranges=(SideRange(side, peaks, uncertainty),) if peaks else (),
        **values,  # type: ignore[arg-type]
    )


def test_a_day_is_the_mean_of_its_three_best_whatever_set_they_are_of() -> None:
    (course,) = range_courses([a_set(0, 60, 50, 40), a_set(0, 70, 30), a_set(1, 55)], squat(), ZONE)
    assert [(one.value, one.reps) for one in course.days] == [(60.0, 3), (55.0, 1)]
    assert course.best == course.days[0]
    assert course.change is None


def test_where_less_is_further_the_smallest_are_the_best() -> None:
    shown = replace(squat().shown, direction=Direction.DECREASE)
    (course,) = range_courses([a_set(0, 20, 30, 40, 90)], replace(squat(), reported=shown), ZONE)
    assert course.days[0].value == 30.0


def test_sides_have_courses_of_their_own() -> None:
    found = range_courses(
        [a_set(0, 40, side=Side.RIGHT), a_set(1, 50, side=Side.LEFT)], squat(), ZONE
    )
    assert [(one.side, one.days[0].value) for one in found] == [
        (Side.LEFT, 50.0),
        (Side.RIGHT, 40.0),
    ]


def test_only_what_was_seen_from_the_same_side_is_compared() -> None:
    own = squat().camera.view
    other = View.OBLIQUE
    (course,) = range_courses(
        [a_set(0, 60), a_set(1, 90, view=other), a_set(2, 95, view=other)], squat(), ZONE
    )
    assert (course.view, [one.value for one in course.days], course.left_out) == (own, [60.0], 2)
    (course,) = range_courses([a_set(1, 90, view=other)], squat(), ZONE)
    assert (course.view, course.left_out) == (other, 0)


def test_the_goal_of_a_day_is_what_was_set_then() -> None:
    (course,) = range_courses(
        [a_set(0, 60), a_set(1, 60, targets=Targets(goal=55.0, limit=80.0))], squat(), ZONE
    )
    shown = squat().shown
    assert [(one.goal, one.limit) for one in course.days] == [
        (shown.goal, shown.limit),
        (55.0, 80.0),
    ]


def test_a_set_that_shows_nothing_is_in_no_course() -> None:
    assert range_courses([a_set(0)], squat(), ZONE) == ()
    assert range_courses([a_set(0, 60)], find_exercise("stretch_hold"), ZONE) == ()


@pytest.mark.parametrize(("gain", "claimed"), [(14.0, False), (16.0, True), (-16.0, True)])
def test_a_change_is_claimed_beyond_its_threshold(gain: float, claimed: bool) -> None:
    sets = [a_set(n, 60 + gain * (n >= 3)) for n in range(6)]
    (course,) = range_courses(sets, squat(), ZONE)
    change = course.change
    assert change is not None
    assert (change.claimed, change.toward_goal) == (claimed, gain > 0)
    assert change.difference == pytest.approx(gain)


def test_one_odd_day_makes_no_change() -> None:
    values = [60, 62, 58, 61, 140, 60]
    (course,) = range_courses([a_set(n, value) for n, value in enumerate(values)], squat(), ZONE)
    assert course.change is not None
    assert not course.change.claimed


@given(st.lists(st.floats(-4.9, 4.9), min_size=6, max_size=40), st.floats(20, 120))
def test_noise_within_the_uncertainty_is_never_a_change(noise: list[float], level: float) -> None:
    sets = [a_set(n, level + each) for n, each in enumerate(noise)]
    (course,) = range_courses(sets, squat(), ZONE)
    assert course.change is not None
    assert not course.change.claimed


def test_the_threshold_grows_with_the_uncertainty_and_is_larger_for_the_hip() -> None:
    assert least_change("knee_flexion", 5.0, 5.0) == 15.0
    assert least_change("hip_flexion", 5.0, 5.0) == 20.0
    assert least_change("knee_flexion", 16.0, 12.0) == 20.0
    assert least_change("hip_height", 0.3, 0.4) == pytest.approx(0.5)


def test_work_adds_up_by_the_day_of_the_patient() -> None:
    late = replace(a_set(0), at=at(0, 23), tried=4, counted=3, clean=2)  # past midnight there
    found = work_by_day(
        [late, a_set(0, counted=10, clean=None, held_ms=0), a_set(1, counted=5, clean=5)], ZONE
    )
    assert found == (
        DayWork(MONDAY, 1, 10, 0, 0, 0),
        DayWork(MONDAY + timedelta(days=1), 2, 8, 0, 8, 7),
    )


def test_of_several_answers_on_a_day_the_worst_is_told() -> None:
    said = [
        Felt(at(0), ReportKind.PAIN_AFTER, 2, "a", "squat"),
        Felt(at(0), ReportKind.PAIN_AFTER, 5, "a"),
        Felt(at(0), ReportKind.PAIN_NEXT_MORNING, 1, "a"),
    ]
    assert feeling_by_day(said, ZONE) == (DayFeeling(MONDAY, None, 5, 1, None),)


def test_deviations_are_counted_over_what_was_judged() -> None:
    found = most_frequent_flags(
        [
            a_set(0, counted=10, clean=6, flags={"knees_in": 4, "lean": 1}),
            a_set(1, counted=10, clean=None, flags={}),
            a_set(2, counted=5, clean=3, flags={"knees_in": 2}),
        ]
    )
    assert [(one.check_id, one.seen, one.judged) for one in found] == [
        ("knees_in", 6, 15),
        ("lean", 1, 15),
    ]
