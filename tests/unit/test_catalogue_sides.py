"""Catalogue exercises whose other side is bent or moves, too: the side that works is found."""

import numpy as np
import pytest

import synthetic
from definitions import counted_in, run
from hep_vision.core.figure import movement_m
from hep_vision.core.types import Rep, Side
from hep_vision.exercises.loading import find_exercise
from synthetic import Camera, Motion

WORKING = pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
LEAD_IN_MS = 2_000


def filmed(exercise_id: str, side: Side, share: float = 1.0, fault: str | None = None) -> list[Rep]:
    """Film one repetition as its file describes it, the working side nearest; what is counted."""
    exercise = find_exercise(exercise_id)
    plan = synthetic.efforts([share], duration_ms=4_400, hold_ms=exercise.dose.hold_ms)

    def body(time_ms: np.ndarray) -> np.ndarray:
        done = synthetic.excursion(time_ms, plan, LEAD_IN_MS)[:, 0]
        return movement_m(exercise.motion, done, side, fault)

    motion = Motion(body, synthetic.total_ms(plan, LEAD_IN_MS), ())
    camera = Camera(view=exercise.camera.view, faces_right=side is Side.RIGHT, px_per_m=230.0)
    return counted_in(run(exercise, synthetic.record(motion, camera)))


@WORKING
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_leg_is_raised_beside_a_bent_one(side, share):
    assert [rep.side for rep in filmed("straight_leg_raise", side, share)] == [side]


@WORKING
def test_a_bent_leg_at_rest_is_no_raise(side):
    assert filmed("straight_leg_raise", side, 0.15) == []


@WORKING
def test_the_front_leg_of_a_lunge_works_and_the_rear_foot_is_not_judged(side):
    (rep,) = filmed("static_lunge", side)
    assert rep.side is side
    assert rep.deviations == ()


@WORKING
@pytest.mark.parametrize("fault", ["heel_lift", "knee_over_toe"])
def test_faults_of_the_front_leg_are_flagged(side, fault):
    (rep,) = filmed("static_lunge", side, fault=fault)
    assert fault in [deviation.id for deviation in rep.deviations]


@WORKING
@pytest.mark.parametrize(
    "exercise_id", ["shoulder_external_rotation", "shoulder_scaption", "shoulder_extension"]
)
def test_the_arm_that_works_is_found(exercise_id, side):
    (rep,) = filmed(exercise_id, side)
    assert rep.side is side
    assert filmed(exercise_id, side, 0.15) == []


@pytest.mark.parametrize("exercise_id", ["standing_row", "shoulder_press"])
def test_both_arms_work_together(exercise_id):
    (rep,) = filmed(exercise_id, Side.BOTH)
    assert rep.side is Side.BOTH
    assert rep.deviations == ()
    assert filmed(exercise_id, Side.BOTH, 0.15) == []
