"""Form checks over measures that were written down by hand."""

import numpy as np
import pytest

from definitions import check
from hep_vision.core.definition import Check, CheckPhase, GuardSide, Operator, RepValue
from hep_vision.core.form import FormResult, Judged, check_views, judge_form
from hep_vision.core.history import Window
from hep_vision.core.types import Severity, Side, View

NAN = float("nan")
STEP_MS = 50
frames_ms = np.arange(0.0, 4_000.0, STEP_MS)
SPANS = {
    CheckPhase.EFFORT: (500, 2_000),
    CheckPhase.PEAK: (1_600, 2_000),
    CheckPhase.HOLD: (1_600, 2_000),
    CheckPhase.RETURN: (2_000, 3_500),
    CheckPhase.REP: (500, 3_500),
}


def course(**stretches: tuple[int, int, float]) -> np.ndarray:
    """Return a measure over time: 0 but for the named stretches ``(start_ms, end_ms, value)``."""
    values = np.zeros(len(frames_ms))
    for start_ms, end_ms, value in stretches.values():
        values[(frames_ms >= start_ms) & (frames_ms < end_ms)] = value
    return values


def judge(
    item: Check,
    left: np.ndarray | None = None,
    right: np.ndarray | None = None,
    *,
    view: View = View.SIDE,
    side: Side = Side.BOTH,
    rest: tuple[float, float] = (0.0, 0.0),
    values: dict[RepValue, float] | None = None,
    stamps: np.ndarray = frames_ms,
) -> FormResult:
    left = np.zeros(len(stamps)) if left is None else left
    right = left if right is None else right
    measures = np.stack([left, right], axis=-1)[:, None, :]
    window = Window(stamps, left, measures, (view,) * len(stamps))
    judged = Judged(3, side, view, window, SPANS, np.array([rest]), values or {})
    return judge_form((item,), {item.measure: 0}, judged)


def lean(**parts) -> Check:
    return check("trunk_lean", "trunk_lean_forward", Operator.ABOVE, 40.0, **parts)


# -- thresholds -----------------------------------------------------------------------------------


def test_a_deviation_says_what_when_and_how_much():
    result = judge(lean(severity=Severity.STOP), course(bad=(1_000, 1_800, 55.0)))
    (deviation,) = result.deviations
    assert result.not_checked == ()
    assert (deviation.id, deviation.rep, deviation.side) == ("trunk_lean", 3, Side.BOTH)
    assert (deviation.value, deviation.threshold, deviation.unit) == (55.0, 40.0, "deg")
    assert (deviation.start_ms, deviation.end_ms) == (1_000, 1_750)
    assert deviation.severity is Severity.STOP
    assert deviation.cue == "Mind your form."


def test_good_form_is_checked_and_silent():
    assert judge(lean(), course(fine=(1_000, 1_800, 39.0))) == FormResult((), ())


@pytest.mark.parametrize(
    ("operator", "threshold", "value", "deviates"),
    [
        (Operator.ABOVE, 40.0, 41.0, True),
        (Operator.ABOVE, 40.0, 40.0, False),
        (Operator.ABOVE, 40.0, -90.0, False),
        (Operator.BELOW, -10.0, -11.0, True),
        (Operator.BELOW, -10.0, -9.0, False),
        (Operator.OUTSIDE, 8.0, 9.0, True),
        (Operator.OUTSIDE, 8.0, -9.0, True),
        (Operator.OUTSIDE, 8.0, 7.0, False),
    ],
)
def test_each_operator_names_its_side(operator, threshold, value, deviates):
    item = check("lean", "trunk_lean_forward", operator, threshold)
    (*found,) = judge(item, course(there=(1_000, 2_000, value))).deviations
    assert bool(found) is deviates
    assert [deviation.value for deviation in found] == [value] * deviates


@pytest.mark.parametrize(("lasts_ms", "deviates"), [(200, False), (300, False), (400, True)])
def test_a_crossing_must_last(lasts_ms, deviates):
    """Of n samples in a row, the first and last are (n - 1) steps apart."""
    result = judge(lean(sustain_ms=300), course(bad=(1_000, 1_000 + lasts_ms, 60.0)))
    assert bool(result.deviations) is deviates
    assert result.not_checked == ()


def test_two_short_crossings_do_not_make_a_long_one():
    course_ = course(first=(900, 1_100, 60.0), second=(1_200, 1_400, 60.0))
    assert judge(lean(sustain_ms=300), course_).deviations == ()


def test_the_longest_crossing_is_told_with_its_worst_value():
    values = course(short=(600, 900, 90.0), long=(1_200, 1_900, 50.0))
    values[frames_ms == 1_500] = 58.0
    (deviation,) = judge(lean(sustain_ms=200), values).deviations
    assert deviation.start_ms == 1_200
    assert deviation.value == 58.0


def test_the_side_that_deviates_more_is_told():
    item = check("knee", "knee_flexion", Operator.BELOW, -10.0)
    left, right = course(bad=(1_000, 2_000, -20.0)), course(bad=(1_000, 2_000, -30.0))
    assert judge(item, left, right).deviations[0].value == -30.0
    assert judge(item, right, left).deviations[0].value == -30.0


@pytest.mark.parametrize(
    ("phase", "deviates"),
    [
        (CheckPhase.EFFORT, False),
        (CheckPhase.PEAK, False),
        (CheckPhase.RETURN, True),
        (CheckPhase.REP, True),
    ],
)
def test_a_check_looks_at_its_own_phase(phase, deviates):
    result = judge(lean(phase=phase), course(bad=(2_500, 3_200, 60.0)))
    assert bool(result.deviations) is deviates


def test_what_happens_outside_the_repetition_is_not_its_fault():
    course_ = course(before=(0, 450, 60.0), after=(3_550, 4_000, 60.0))
    assert judge(lean(), course_).deviations == ()


# -- relative to rest -----------------------------------------------------------------------------


def test_a_relative_check_judges_the_change_from_rest():
    item = lean(relative=True)
    stooped = np.full(len(frames_ms), 50.0)
    assert judge(item, stooped, rest=(50.0, 50.0)).deviations == ()
    assert judge(lean(), stooped, rest=(50.0, 50.0)).deviations
    leaning_more = stooped + course(bad=(1_000, 2_000, 45.0))
    assert judge(item, leaning_more, rest=(50.0, 50.0)).deviations[0].value == 45.0


def test_a_relative_check_without_a_rest_value_is_not_checked():
    result = judge(lean(relative=True), course(bad=(1_000, 2_000, 60.0)), rest=(NAN, NAN))
    assert result == FormResult((), ("trunk_lean",))


# -- never silently good --------------------------------------------------------------------------


@pytest.mark.parametrize("view", [View.FRONT, View.OBLIQUE, View.UNKNOWN])
def test_a_view_that_cannot_show_it_is_not_checked(view):
    result = judge(lean(), course(bad=(1_000, 2_000, 60.0)), view=view)
    assert result == FormResult((), ("trunk_lean",))


def test_a_check_may_name_its_own_views():
    item = lean(views=(View.OBLIQUE,))
    assert check_views(item) == (View.OBLIQUE,)
    assert judge(item, course(bad=(1_000, 2_000, 60.0)), view=View.OBLIQUE).deviations
    assert judge(item, view=View.SIDE).not_checked == ("trunk_lean",)


def test_an_angle_of_one_plane_is_judged_square_on_only():
    assert check_views(lean()) == (View.SIDE,)
    assert check_views(check("valgus", "knee_valgus", Operator.ABOVE, 12.0)) == (View.FRONT,)
    anywhere = check("elbow", "elbow_flexion", Operator.ABOVE, 35.0)
    assert set(check_views(anywhere)) == {View.FRONT, View.OBLIQUE, View.SIDE}


def test_landmarks_that_were_hidden_are_not_checked():
    assert judge(lean(), np.full(len(frames_ms), NAN)) == FormResult((), ("trunk_lean",))


@pytest.mark.parametrize(("unknown_share", "checked"), [(0.4, True), (0.6, False)])
def test_half_of_the_time_must_be_seen(unknown_share, checked):
    values = course()
    start = 500 + int(3_000 * (1 - unknown_share))
    values[frames_ms >= start] = NAN
    assert (judge(lean(), values).not_checked == ()) is checked


def test_a_phase_without_samples_is_not_checked():
    result = judge(lean(phase=CheckPhase.RETURN), np.zeros(40), stamps=frames_ms[:40])
    assert result == FormResult((), ("trunk_lean",))


def test_unknown_samples_break_a_crossing():
    values = course(bad=(1_000, 1_500, 60.0))
    values[(frames_ms >= 1_200) & (frames_ms < 1_300)] = NAN
    assert judge(lean(sustain_ms=300), values).deviations == ()


def test_a_hole_between_frames_breaks_a_crossing():
    """Nothing is known of 600 ms without a frame, so it is not time beyond the threshold."""
    seen = (frames_ms < 1_100) | (frames_ms >= 1_700)
    values = course(bad=(1_000, 1_850, 60.0))[seen]
    assert judge(lean(sustain_ms=300), values, stamps=frames_ms[seen]).deviations == ()


def test_one_hidden_side_is_judged_by_the_other():
    bad, hidden = course(bad=(1_000, 2_000, 60.0)), np.full(len(frames_ms), NAN)
    item = check("knee", "knee_flexion", Operator.ABOVE, 40.0)
    assert judge(item, hidden, bad).deviations
    assert judge(item, bad, hidden).deviations


# -- sides ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks_at", "working", "deviates"),
    [
        (GuardSide.WORKING, Side.LEFT, True),
        (GuardSide.WORKING, Side.RIGHT, False),
        (GuardSide.OTHER, Side.LEFT, False),
        (GuardSide.OTHER, Side.RIGHT, True),
        (GuardSide.EITHER, Side.RIGHT, True),
        (GuardSide.BOTH, Side.LEFT, False),
    ],
)
def test_a_check_looks_at_the_side_it_names(looks_at, working, deviates):
    item = check("knee", "knee_flexion", Operator.ABOVE, 40.0, side=looks_at)
    left_only = course(bad=(1_000, 2_000, 60.0)), course()
    result = judge(item, *left_only, side=working)
    assert bool(result.deviations) is deviates
    assert result.not_checked == ()


def test_a_check_of_both_sides_wants_both():
    item = check("knee", "knee_flexion", Operator.ABOVE, 40.0, side=GuardSide.BOTH)
    assert judge(item, course(bad=(1_000, 2_000, 60.0))).deviations


@pytest.mark.parametrize("looks_at", [GuardSide.WORKING, GuardSide.BOTH])
def test_a_hidden_side_that_matters_is_not_checked(looks_at):
    item = check("knee", "knee_flexion", Operator.ABOVE, 40.0, side=looks_at)
    bad, hidden = course(bad=(1_000, 2_000, 60.0)), np.full(len(frames_ms), NAN)
    assert judge(item, hidden, bad, side=Side.LEFT) == FormResult((), ("knee",))


# -- values of a whole repetition -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "operator", "threshold", "given", "unit"),
    [
        (RepValue.EFFORT_MS, Operator.BELOW, 700.0, 600.0, "ms"),
        (RepValue.RETURN_MS, Operator.BELOW, 1_000.0, 800.0, "ms"),
        (RepValue.HOLD_MS, Operator.BELOW, 3_000.0, 2_000.0, "ms"),
        (RepValue.GOAL_SHARE, Operator.BELOW, 0.7, 0.5, "ratio"),
        (RepValue.LEFT_RIGHT_DIFFERENCE, Operator.ABOVE, 15.0, 20.0, "percent"),
    ],
)
def test_tempo_range_and_evenness_are_judged(value, operator, threshold, given, unit):
    item = check("tempo", value, operator, threshold, sustain_ms=0)
    (deviation,) = judge(item, values={value: given}).deviations
    assert (deviation.value, deviation.unit) == (given, unit)
    assert SPANS[CheckPhase.REP][0] <= deviation.start_ms < deviation.end_ms
    assert deviation.end_ms <= SPANS[CheckPhase.REP][1]
    fine = judge(item, values={value: threshold})
    assert fine == FormResult((), ())


@pytest.mark.parametrize("values", [{}, {RepValue.GOAL_SHARE: NAN}], ids=["missing", "unknown"])
def test_a_value_that_could_not_be_measured_is_not_checked(values):
    item = check("range", RepValue.GOAL_SHARE, Operator.BELOW, 0.7, sustain_ms=0)
    assert judge(item, values=values) == FormResult((), ("range",))


@pytest.mark.parametrize("view", View)
def test_tempo_is_judged_from_every_view(view):
    item = check("fast", RepValue.RETURN_MS, Operator.BELOW, 1_000.0, sustain_ms=0)
    assert judge(item, values={RepValue.RETURN_MS: 500.0}, view=view).deviations


def test_every_check_is_answered_in_order():
    hidden = check("hidden", "knee_valgus", Operator.ABOVE, 12.0)
    items = (lean(), hidden, lean(phase=CheckPhase.RETURN))
    window = Window(
        frames_ms,
        frames_ms,
        np.stack([np.full((len(frames_ms), 2), 60.0), np.zeros((len(frames_ms), 2))], axis=1),
        (View.SIDE,) * len(frames_ms),
    )
    judged = Judged(1, Side.BOTH, View.SIDE, window, SPANS, np.zeros((2, 2)), {})
    result = judge_form(items, {"trunk_lean_forward": 0, "knee_valgus": 1}, judged)
    assert [deviation.id for deviation in result.deviations] == ["trunk_lean", "trunk_lean"]
    assert result.not_checked == ("hidden",)
