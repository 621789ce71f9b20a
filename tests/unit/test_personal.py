"""What a person usually does may be known before a set, and the set has the last word."""

import pytest

import synthetic
from definitions import arm_raise, counted_in, reps_in, run, squat
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.phases import Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.types import Event, PoseFrame, RepStatus, Side, View
from synthetic import FRONT_VIEW, SIDE_VIEW, Effort, efforts, record, signal

SETTINGS = PhaseSettings(minimum_rom=25.0, max_rep_ms=10_000)


def excursions(amplitudes: list[float], expected: float) -> list[Excursion]:
    machine = PhaseMachine(SETTINGS)
    machine.expect(expected)
    return [
        item
        for at_ms, value in signal(efforts(amplitudes))
        for item in machine.update(at_ms, value)
    ]


def full(found: list[Excursion]) -> list[bool]:
    return [item.rom >= item.reference_rom for item in found]


def learnt(frames: list[PoseFrame], **parts: Side) -> PersonalRange:
    engine = ExerciseEngine(squat(), **parts)
    for frame in frames:
        engine.process(frame)
    engine.finish()
    return PersonalRange.learnt_from(engine.ranges, "a calibration")


def with_range(personal: PersonalRange | None, amplitudes: list[float]) -> list[Event]:
    engine = ExerciseEngine(squat(), personal=personal)
    frames = record(synthetic.squat(efforts(amplitudes)))
    return [event for frame in frames for event in engine.process(frame)] + engine.finish()


FULL = learnt(record(synthetic.squat(efforts([100.0] * 3))))
QUARTER = learnt(record(synthetic.squat(efforts([30.0] * 3))))


# -- the phase machine ----------------------------------------------------------------------------


def test_what_is_expected_judges_the_first_excursion():
    assert full(excursions([50.0, 100.0], 100.0)) == [False, True]
    assert full(excursions([50.0, 100.0], float("nan"))) == [True, True]


@pytest.mark.parametrize("expected", [60.0, 100.0, 180.0, 1_000.0])
@pytest.mark.parametrize("amplitude", [26.0, 30.0, 60.0])
def test_who_can_do_less_is_counted_again_from_the_fourth_attempt(expected, amplitude):
    found = excursions([amplitude] * 6, expected)
    assert len(found) == 6
    assert all(full(found)[3:])


def test_nothing_smaller_than_the_minimum_counts_whatever_is_expected():
    assert full(excursions([20.0] * 6, 5.0)) == [False] * 6


@pytest.mark.parametrize("expected", [30.0, 100.0, 1_000.0])
def test_where_an_attempt_lies_does_not_depend_on_what_is_expected(expected):
    amplitudes = [30.0, 90.0, 15.0, 60.0, 90.0, 30.0]
    bounds = [
        [(item.start_ms, item.peak_ms, item.close_ms) for item in excursions(amplitudes, rom)]
        for rom in (expected, float("nan"))
    ]
    assert bounds[0] == bounds[1]


# -- the engine -----------------------------------------------------------------------------------


def test_a_half_squat_is_partial_from_the_first_for_who_does_full_ones():
    known, unknown = with_range(FULL, [45.0, 100.0, 100.0]), with_range(None, [45.0, 100.0, 100.0])
    assert [rep.status for rep in reps_in(known)] == [
        RepStatus.PARTIAL,
        RepStatus.COUNTED,
        RepStatus.COUNTED,
    ]
    assert reps_in(known)[0].reason == "far below this person's usual range"
    assert len(counted_in(unknown)) == 3


def test_quarter_squats_of_who_always_does_them_count_from_the_first():
    assert len(counted_in(with_range(QUARTER, [30.0] * 4))) == 4


def test_who_got_worse_is_told_of_the_first_and_counted_soon():
    events = with_range(FULL, [30.0] * 8)
    status = [rep.status for rep in reps_in(events)]
    assert len(status) == 8
    assert status[3:] == [RepStatus.COUNTED] * 5
    assert set(status[:3]) == {RepStatus.PARTIAL}


def test_the_range_is_that_of_the_counted_signal_in_the_view_it_was_seen_from():
    (one,) = FULL.usual
    assert (one.measure, one.view, one.side) == ("hip_flexion", View.SIDE, Side.BOTH)
    assert one.rom == pytest.approx(100.0, abs=4.0)


def test_a_range_from_another_view_says_nothing():
    front = learnt(record(synthetic.squat(efforts([100.0] * 3)), FRONT_VIEW))
    assert [one.view for one in front.usual] == [View.FRONT]
    assert with_range(front, [45.0, 100.0]) == with_range(None, [45.0, 100.0])


def test_a_range_of_one_side_is_not_that_of_the_other():
    plan = [Effort(90.0, side=Side.LEFT)] * 2
    frames = record(synthetic.arm_raise(plan, sideways=True), FRONT_VIEW)
    engine = ExerciseEngine(arm_raise(), Side.LEFT)
    for frame in frames:
        engine.process(frame)
    known = PersonalRange.learnt_from(engine.ranges, "before")
    assert known.rom("arm_elevation", View.FRONT, Side.LEFT) == pytest.approx(90.0, abs=5.0)
    assert known.rom("arm_elevation", View.FRONT, Side.RIGHT) != known.rom(
        "arm_elevation", View.FRONT, Side.LEFT
    )


def test_only_counted_repetitions_teach_a_range():
    engine = ExerciseEngine(squat())
    for frame in record(synthetic.squat(efforts([100.0, 20.0, 100.0])), SIDE_VIEW):
        engine.process(frame)
    engine.finish()
    assert [round(one.rom, -1) for one in engine.ranges] == [100.0, 100.0]


# -- as values ------------------------------------------------------------------------------------


def test_the_usual_range_is_the_median_of_each_signal():
    done = [SignalRange("a", View.SIDE, Side.BOTH, rom) for rom in (10.0, 50.0, 60.0)]
    other = SignalRange("a", View.OBLIQUE, Side.BOTH, 40.0)
    known = PersonalRange.learnt_from([*done, other], "here")
    assert known.rom("a", View.SIDE, Side.BOTH) == 50.0
    assert known.rom("a", View.OBLIQUE, Side.BOTH) == 40.0


def test_plain_values_give_the_same_range():
    known = PersonalRange((SignalRange("a", View.SIDE, Side.LEFT, 50.25),), "here")
    assert PersonalRange.from_plain(known.to_plain()) == known
    for damaged in ({}, {"origin": "x", "usual": [{"measure": "a"}]}, {"usual": 3}):
        with pytest.raises(ValueError, match="not a personal range"):
            PersonalRange.from_plain(damaged)


def test_a_set_without_repetitions_teaches_nothing():
    assert run(squat(), record(synthetic.stillness(3_000))) is not None
    assert learnt(record(synthetic.stillness(3_000))).usual == ()
