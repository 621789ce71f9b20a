"""Sides that take turns: marching, one leg quickly after the other, and standing on one leg."""

import numpy as np
import pytest

import synthetic
from definitions import check, counted_in, exercise, holds_in, run
from hep_vision.core.definition import (
    CheckPhase,
    Combine,
    Condition,
    CountSignal,
    ExerciseDefinition,
    Kind,
    Operator,
    RepValue,
    Timing,
)
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.types import Rep, Side
from synthetic import FRONT_VIEW, Array, Effort, Motion, Posture

LEFT_LIFTS_MS = 1_000


def march(**parts: object) -> ExerciseDefinition:
    usual = {
        "side": None,
        "count": (CountSignal("knee_height", 0.2, combine=Combine.EACH),),
        "timing": Timing(200, 5_000),
    }
    return exercise(**(usual | parts))


def marching(
    lifts: int, *, duration_ms: int = 700, after_ms: int = 500, right_deg: float = 80.0
) -> Motion:
    """Each leg lifts ``lifts`` times to 80 degrees, the right one ``after_ms`` after the left."""
    pause_ms = 2 * after_ms - duration_ms
    left = [Effort(80.0, duration_ms, pause_ms=pause_ms)] * lifts
    right = [Effort(right_deg, duration_ms, pause_ms=pause_ms)] * lifts

    def body(time_ms: Array) -> Array:
        lift = np.column_stack(
            [
                synthetic.excursion(time_ms, left, LEFT_LIFTS_MS)[:, 0],
                synthetic.excursion(time_ms, right, LEFT_LIFTS_MS + after_ms)[:, 0],
            ]
        )
        return synthetic.body_m(
            Posture(hip=lift, knee=lift, anchor="HIP", place_m=np.array([0.0, 0.92])), len(time_ms)
        )

    return Motion(body, synthetic.total_ms(right, LEFT_LIFTS_MS + after_ms))


def of(reps: list[Rep], side: Side) -> list[Rep]:
    return [rep for rep in reps if rep.side is side]


@pytest.mark.parametrize("after_ms", [380, 500, 1_500])
def test_every_lift_of_each_leg_counts_once(after_ms):
    reps = counted_in(run(march(), synthetic.record(marching(6, after_ms=after_ms), FRONT_VIEW)))
    assert len(of(reps, Side.LEFT)) == 6
    assert len(of(reps, Side.RIGHT)) == 6
    assert sorted(rep.index for rep in reps) == list(range(1, 13))


def test_repetitions_of_both_sides_may_overlap_in_time():
    reps = counted_in(run(march(), synthetic.record(marching(3), FRONT_VIEW)))
    (left, *_), (right, *_) = of(reps, Side.LEFT), of(reps, Side.RIGHT)
    assert left.start_ms == pytest.approx(LEFT_LIFTS_MS, abs=100)
    assert right.start_ms == pytest.approx(LEFT_LIFTS_MS + 500, abs=100)
    assert left.end_ms == pytest.approx(LEFT_LIFTS_MS + 700, abs=160)
    assert right.start_ms < left.end_ms


def test_a_prescribed_side_is_counted_alone():
    frames = synthetic.record(marching(4), FRONT_VIEW)
    reps = counted_in(run(march(), frames, Side.RIGHT))
    assert [rep.side for rep in reps] == [Side.RIGHT] * 4


def test_sides_in_turn_are_compared_with_the_last_of_the_other():
    item = check("uneven", RepValue.LEFT_RIGHT_DIFFERENCE, Operator.ABOVE, 20.0, sustain_ms=0)
    motion = marching(2, after_ms=1_000, right_deg=60.0)
    reps = counted_in(run(march(checks=(item,)), synthetic.record(motion, FRONT_VIEW)))
    first, *others = sorted(reps, key=lambda rep: rep.start_ms)
    assert "uneven" in first.not_checked  # nothing to compare with yet
    assert all("uneven" not in rep.not_checked for rep in others)
    # The knee rises by 1 - cos: to 60 degrees it comes 0.5 / 0.826 of the way to 80.
    shorter = 100.0 * (1.0 - (1.0 - np.cos(np.radians(60))) / (1.0 - np.cos(np.radians(80))))
    for rep in others:
        assert rep.deviations[0].value == pytest.approx(shorter, abs=4)


# -- standing on one leg --------------------------------------------------------------------------

ONE_LEG = exercise(
    kind=Kind.TIMED_HOLD,
    side=None,
    side_measure="hip_over_ankle",
    hold=(Condition("foot_clearance", 0.05, minimum=0.15),),
    timing=Timing(2_000, 60_000),
    checks=(
        check(
            "sway",
            "ankle_ahead",
            Operator.OUTSIDE,
            0.15,
            phase=CheckPhase.HOLD,
            relative=True,
        ),
    ),
)


def standing_on(side: Side, drift_m: float = 0.0) -> Motion:
    """Stand on one leg for five seconds; after three the hips move by ``drift_m`` to the left."""
    plan = [Effort(90.0, 1_000, hold_ms=5_000)]
    free = [side is Side.RIGHT, side is Side.LEFT]

    def body(time_ms: Array) -> Array:
        bend = synthetic.excursion(time_ms, plan)[:, :1] * free
        points = synthetic.body_m(Posture(knee=bend, place_m=np.array([0.0, 0.2])), len(time_ms))
        upper = np.ones(points.shape[1], dtype=bool)
        upper[25:] = False  # knees and feet stay
        points[:, upper, 2] += drift_m * (time_ms > 4_500.0)[:, None]
        return points

    return Motion(body, synthetic.total_ms(plan))


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_a_hold_belongs_to_the_side_that_works(side):
    (hold,) = holds_in(run(ONE_LEG, synthetic.record(standing_on(side), FRONT_VIEW)))
    assert hold.side is side
    assert hold.counted_ms == pytest.approx(5_500, abs=500)


def test_the_prescribed_side_of_a_hold_stands():
    frames = synthetic.record(standing_on(Side.LEFT), FRONT_VIEW)
    (hold,) = holds_in(run(ONE_LEG, frames, Side.RIGHT))
    assert hold.side is Side.RIGHT


def test_a_relative_check_of_a_hold_compares_with_its_beginning():
    still, swaying = (
        holds_in(run(ONE_LEG, synthetic.record(standing_on(Side.LEFT, drift_m), FRONT_VIEW)))[0]
        for drift_m in (0.0, 0.12)
    )
    assert (still.deviations, still.not_checked) == ((), (OVER_LIMIT,))
    assert [item.id for item in swaying.deviations] == ["sway"]
    assert abs(swaying.deviations[0].value) == pytest.approx(0.12 / synthetic.TRUNK_M, abs=0.02)
