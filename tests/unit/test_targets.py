"""What is set for one patient lies over the exercise, and nothing contradicts it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import synthetic
from definitions import (
    arm_raise,
    bridge,
    check,
    counted_in,
    elbow_curl,
    exercise,
    holds_in,
    reps_in,
    run,
    sit_to_stand,
    squat,
    stretch,
    wall_sit,
)
from hep_vision.core.definition import (
    CheckPhase,
    CountSignal,
    Dose,
    ExerciseDefinition,
    Kind,
    Operator,
    RepValue,
)
from hep_vision.core.figure import movement_m
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.targets import Targets, objections, prescribed
from hep_vision.core.types import RepStatus, Severity, Side, View
from hep_vision.errors import TargetsError
from hep_vision.exercises.loading import catalogue
from synthetic import Camera, Effort, efforts, record

CATALOGUE = catalogue()
HELD = Dose(3, 10, 5_000, 60_000, ("OWN",))


def value_check(value: RepValue, threshold: float) -> Any:
    return check(value.value, value, Operator.BELOW, threshold, sustain_ms=0)


# -- the overlay ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_no_target_changes_nothing_and_the_catalogue_never_changes(name):
    before = repr(CATALOGUE[name])
    assert prescribed(CATALOGUE[name], Targets()) == CATALOGUE[name]
    reported = CATALOGUE[name].reported
    if reported is not None:
        way = reported.goal - reported.rest
        own = prescribed(CATALOGUE[name], Targets(goal=reported.goal - 0.1 * way))
        assert own.shown.goal == pytest.approx(reported.rest + 0.9 * way)
    assert repr(CATALOGUE[name]) == before


def test_goal_and_limit_are_what_is_shown():
    own = prescribed(squat(), Targets(goal=60.0, limit=75.0))
    assert (own.shown.goal, own.shown.limit) == (60.0, 75.0)
    assert own.count == squat().count


def test_short_of_the_goal_is_judged_by_the_patients_goal():
    plain = squat(checks=(value_check(RepValue.GOAL_SHARE, 0.8),))
    frames = record(synthetic.squat(efforts([60.0] * 2)))
    short = [rep.deviations != () for rep in counted_in(run(plain, frames))]
    reached = counted_in(run(prescribed(plain, Targets(goal=60.0)), frames))
    assert short == [True, True]
    assert [rep.deviations for rep in reached] == [(), ()]


def test_a_check_that_asks_for_more_than_the_goal_moves_to_the_same_share_of_the_way():
    # The knee of a seated extension rests at 85; 20 is asked for on the way to 3.
    plain = CATALOGUE["seated_knee_extension"]
    own = prescribed(plain, Targets(goal=40.0, limit=30.0))
    lag = {item.id: item for item in own.checks}["lag"]
    assert lag.threshold == pytest.approx(85.0 - 45.0 * 65.0 / 82.0)
    assert lag.threshold > 40.0
    others = [item for item in own.checks if item.id != "lag"]
    assert others == [item for item in plain.checks if item.id != "lag"]


@pytest.mark.parametrize(("goal", "threshold"), [(120.0, 140.0), (60.0, 110.0)])
def test_a_check_of_too_much_makes_room_for_a_goal_beyond_it_and_never_comes_nearer(
    goal, threshold
):
    own = prescribed(CATALOGUE["shoulder_abduction_raise"], Targets(goal=goal, limit=150.0))
    assert {item.id: item for item in own.checks}["too_high"].threshold == threshold


def test_a_hold_changes_the_dose_and_what_is_too_short():
    plain = exercise(
        kind=Kind.REPETITION_WITH_HOLD,
        count=(CountSignal("knee_flexion", 25.0),),
        dose=HELD,
        checks=(value_check(RepValue.HOLD_MS, 3_000.0), value_check(RepValue.RETURN_MS, 900.0)),
    )
    own = prescribed(plain, Targets(hold_ms=10_000))
    short, fast = own.checks
    assert own.dose.hold_ms == 10_000
    assert (short.threshold, short.cue) == (6_000.0, "Stay there for about 6 seconds.")
    assert fast == plain.checks[1]
    assert own.timing.max_rep_ms - plain.timing.max_rep_ms == 5_000


def test_a_timed_hold_is_too_short_by_the_patients_time():
    plain = wall_sit(dose=HELD, checks=(value_check(RepValue.HOLD_MS, 5_000.0),))
    frames = record(synthetic.wall_sit([Effort(80.0, hold_ms=2_000)]))
    assert [len(hold.deviations) for hold in holds_in(run(plain, frames))] == [1]
    own = prescribed(plain, Targets(hold_ms=3_000))
    assert [len(hold.deviations) for hold in holds_in(run(own, frames))] == [0]


# -- the minimum ----------------------------------------------------------------------------------


def test_a_minimum_of_the_counted_measure_is_the_counters_own():
    own = prescribed(sit_to_stand(), Targets(minimum=50.0))
    assert [signal.minimum_rom for signal in own.count] == [50.0]
    assert own.count[0].jump == sit_to_stand().count[0].minimum_rom


@pytest.mark.parametrize(("minimum", "counted"), [(None, 2), (50.0, 1), (12.0, 3)])
def test_a_minimum_decides_what_counts(minimum, counted):
    plain = elbow_curl(side=Side.BOTH)
    plan = efforts([30.0, 45.0, 90.0])
    frames = record(synthetic.elbow_curl(plan))
    events = run(prescribed(plain, Targets(minimum=minimum)), frames)
    assert len(counted_in(events)) == counted
    assert {rep.reason for rep in reps_in(events, RepStatus.PARTIAL)} <= {
        "below the smallest range that counts"
    }


@pytest.mark.parametrize("view", [View.SIDE, View.FRONT])
@pytest.mark.parametrize(
    ("amplitude_share", "counts"), [(0.3, False), (0.62, False), (0.76, True), (1.0, True)]
)
def test_where_another_measure_is_counted_the_shown_one_decides(amplitude_share, counts, view):
    """A squat shows the knee and counts the hip; the knee of its figure bends to 95."""
    own = prescribed(CATALOGUE["squat"], Targets(minimum=65.0))

    def body(time_ms: synthetic.Array) -> synthetic.Array:
        share = synthetic.excursion(time_ms, plan)[:, 0]
        assert own.motion is not None
        return np.asarray(movement_m(own.motion, share, Side.BOTH))

    plan = efforts([amplitude_share] * 2)
    motion = synthetic.Motion(body, synthetic.total_ms(plan))
    found = counted_in(run(own, record(motion, Camera(view=view))))
    assert len(found) == (2 if counts else 0)


def test_people_who_do_not_move_like_the_figure_are_judged_by_what_is_shown():
    """A squat with an upright trunk bends the hip as far as the knee, the figure's farther."""
    own = prescribed(CATALOGUE["squat"], Targets(minimum=60.0))
    assert own.count[0].minimum_rom < 60.0 < 60.0 * 105.0 / 95.0
    assert own.shown.minimum == 60.0


def test_a_smaller_minimum_asks_less_of_the_guards_that_demand_movement():
    plain = CATALOGUE["seated_knee_extension"]
    own = prescribed(plain, Targets(minimum=12.5))
    rise = {guard.why: guard for guard in own.guards}["the foot did not rise"]
    other = {guard.why: guard for guard in own.guards}["the other foot moved"]
    assert rise.change_max == pytest.approx(-0.04)
    assert (other.change_min, other.change_max) == (-0.5, 0.5)


def test_a_larger_minimum_leaves_the_guards_alone():
    assert prescribed(bridge(), Targets(minimum=20.0)).guards == bridge().guards


def test_without_a_figure_the_smallest_range_moves_in_proportion():
    plain = arm_raise()
    assert plain.motion is None
    one, other = (prescribed(plain, Targets(minimum=value)).count[0] for value in (20.0, 40.0))
    assert other.minimum_rom == pytest.approx(2.0 * one.minimum_rom)
    farther = prescribed(plain, Targets(goal=120.0, minimum=20.0))
    assert farther.count[0].minimum_rom == one.minimum_rom


def test_a_timed_hold_begins_at_its_minimum():
    own = prescribed(CATALOGUE["wall_sit"], Targets(minimum=20.0))
    begins = {item.measure: item.minimum for item in own.hold}
    usual = {item.measure: item.minimum for item in CATALOGUE["wall_sit"].hold}
    assert begins == {**usual, "knee_flexion": 25.0}
    down = prescribed(CATALOGUE["tandem_stance"], Targets(minimum=0.3))
    assert down.hold[0].maximum == pytest.approx(0.1)


# -- beyond the limit -----------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "flagged"), [(77.0, True), (83.0, False), (None, False)])
def test_beyond_the_limit_by_more_than_the_error_is_flagged(limit, flagged):
    """The knee goes to 90 and is known to 10 degrees."""
    own = prescribed(squat(), Targets(goal=70.0, limit=limit))
    (rep,) = counted_in(run(own, record(synthetic.squat(efforts([90.0])))))
    assert [item.id for item in rep.deviations] == ([OVER_LIMIT] if flagged else [])
    for item in rep.deviations:
        assert (item.severity, item.threshold, item.unit) == (Severity.STOP, 77.0, "deg")
        assert item.value == rep.peak_deg
        assert rep.start_ms < item.start_ms < rep.peak_ms < item.end_ms < rep.end_ms


def test_the_catalogues_own_limit_is_flagged_too():
    reported = replace(squat().shown, goal=60.0, limit=70.0)
    (rep,) = counted_in(run(squat(reported=reported), record(synthetic.squat(efforts([90.0])))))
    assert [item.id for item in rep.deviations] == [OVER_LIMIT]


def test_a_limit_below_rest_is_crossed_downwards():
    own = prescribed(sit_to_stand(), Targets(goal=40.0, limit=30.0))
    beyond = counted_in(run(own, record(synthetic.sit_to_stand(efforts([85.0])))))
    within = counted_in(run(own, record(synthetic.sit_to_stand(efforts([55.0])))))
    assert [[item.id for item in rep.deviations] for rep in beyond] == [[OVER_LIMIT]]
    assert [rep.deviations for rep in within] == [()]


def test_a_limit_that_the_view_does_not_show_is_not_checked():
    frames = record(synthetic.squat(efforts([90.0])), synthetic.FRONT_VIEW)
    (rep,) = counted_in(run(squat(), frames))
    assert rep.not_checked == (OVER_LIMIT,)


def test_a_timed_hold_beyond_the_limit_is_flagged():
    own = prescribed(wall_sit(), Targets(goal=60.0, limit=70.0))
    (deep,) = holds_in(run(own, record(synthetic.wall_sit([Effort(90.0, hold_ms=5_000)]))))
    (right,) = holds_in(run(own, record(synthetic.wall_sit([Effort(65.0, hold_ms=5_000)]))))
    assert [item.id for item in deep.deviations] == [OVER_LIMIT]
    assert right.deviations == ()


# -- nonsense -------------------------------------------------------------------------------------

NONSENSE: list[tuple[ExerciseDefinition, Targets, str, str]] = [
    (squat(), Targets(goal=160.0), "goal", "lies beyond the safety limit, 150 deg; set the limit"),
    (squat(), Targets(limit=60.0), "limit", "lies short of the goal, 90 deg; set the goal too"),
    (squat(), Targets(goal=80.0, limit=70.0), "goal", "80 deg lies beyond the limit, 70 deg"),
    (squat(), Targets(goal=-5.0), "goal", "must be above rest, 0 deg, not -5"),
    (sit_to_stand(), Targets(goal=95.0), "goal", "must be below rest, 90 deg, not 95"),
    (sit_to_stand(), Targets(goal=70.0), "goal", "smaller than 30 deg is not counted"),
    (squat(), Targets(goal=60.0, minimum=60.0), "minimum", "less than the way from rest to the go"),
    (sit_to_stand(), Targets(minimum=5.0), "minimum", "must be 9 deg or more"),
    (squat(), Targets(minimum=0.0), "minimum", "must be more than 0"),
    (squat(), Targets(goal=float("nan")), "goal", "must be a number"),
    (squat(), Targets(limit=700.0), "limit", "700 is too large; knee_flexion is degrees"),
    (CATALOGUE["clamshell"], Targets(goal=30.0, limit=40.0), "goal", "knee_spread is a ratio"),
    (squat(), Targets(hold_ms=5_000), "hold_ms", "nothing is held in test_squat"),
    (wall_sit(dose=HELD), Targets(hold_ms=1_000), "hold_ms", "must be 3 to 600 s, not 1"),
    (CATALOGUE["bird_dog"], Targets(hold_ms=90_000), "hold_ms", "must be 0.5 to 60 s, not 90"),
    (squat(), Targets(side=Side.LEFT), "side", "both sides work in test_squat"),
    (elbow_curl(side=Side.LEFT), Targets(side=Side.RIGHT), "side", "with the left side"),
    (stretch(), Targets(goal=10.0), "goal", "timed by the person, nothing is measured"),
    (squat(), Targets(goal=70.0, measure="hip_flexion"), "goal", "is of hip_flexion, but"),
]


@pytest.mark.parametrize(("definition", "targets", "field", "what"), NONSENSE)
def test_nonsense_is_refused_and_named(definition, targets, field, what):
    (found, *_) = objections(definition, targets)
    assert found.field == field
    assert what in found.what
    with pytest.raises(TargetsError, match=f"{definition.id}: {field}: ") as refused:
        prescribed(definition, targets)
    assert len(str(refused.value).splitlines()) == 1


def test_what_goes_is_not_refused():
    one_sided = elbow_curl()
    for targets in (Targets(side=Side.LEFT), Targets(side=Side.BOTH), Targets(goal=158.0)):
        assert list(objections(one_sided, targets)) == []
    assert list(objections(stretch(dose=HELD), Targets(hold_ms=20_000))) == []
    assert list(objections(squat(), Targets(side=Side.BOTH))) == []


# -- as values ------------------------------------------------------------------------------------


def test_options_go_over_a_file():
    filed, option = Targets(goal=60.0, limit=80.0), Targets(goal=70.0)
    assert option.over(filed) == Targets(goal=70.0, limit=80.0)
    assert Targets(measure="knee_flexion").empty
    assert not option.empty


def test_plain_values_give_the_same_targets():
    targets = Targets(60.0, 20.0, 80.0, 5_000, Side.LEFT, "knee_flexion")
    assert Targets.from_plain(targets.to_plain()) == targets
    assert Targets(goal=60.0).to_plain() == {"goal": 60.0}
    with pytest.raises(ValueError, match="not targets"):
        Targets.from_plain({"depth": 3})


def test_the_hold_of_a_check_is_judged_at_the_top():
    """The spans of a check do not move: only thresholds follow a target."""
    own = prescribed(CATALOGUE["glute_bridge"], Targets(goal=10.0, hold_ms=8_000))
    phases = [item.phase for item in own.checks]
    assert phases == [item.phase for item in CATALOGUE["glute_bridge"].checks]
    assert CheckPhase.HOLD in phases
