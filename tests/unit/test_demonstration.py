"""The drawn demonstration: what it shows, when, from where, and that it is the exercise's own."""

from dataclasses import replace

import numpy as np
import pytest

from definitions import check, stretch
from hep_vision.core.definition import ExerciseDefinition, Operator
from hep_vision.core.demonstration import (
    REST_MS,
    Demonstration,
    Panel,
    Tempo,
    demonstrate,
    tempo_of,
    working_limbs,
)
from hep_vision.core.form import check_views
from hep_vision.core.mannequin import Limb, Part, Role, extent_m
from hep_vision.core.types import FloatArray, Severity, Side, View
from hep_vision.errors import DemonstrationError
from hep_vision.exercises.loading import find_exercise
from moving import MOVING, sides_of

each = pytest.mark.parametrize("exercise", MOVING.values(), ids=MOVING)
FAULTS = [
    pytest.param(exercise, one.id, id=f"{exercise.id}-{one.id}")
    for exercise in MOVING.values()
    for one in exercise.checks
    if exercise.motion is not None and one.id in exercise.motion.faults and check_views(one)
]


def parts_of(panel: Panel, role: Role) -> list[Part]:
    return [part for part in panel.parts if part.role is role]


def centre_x(parts: list[Part]) -> float:
    low, high = extent_m(parts)
    return float(low[0] + high[0]) / 2


def body(panel: Panel) -> FloatArray:
    """Every point of the figure, its surroundings and marks left out: (T, N, 2)."""
    still = (Role.GROUND, Role.FURNITURE, Role.MARK)
    moving = [part for part in panel.parts if part.role not in still]
    return np.concatenate([each.points_m for part in moving for each in part.strokes], axis=1)


def standing(exercise: str = "squat", **given: object) -> Demonstration:
    return demonstrate(find_exercise(exercise), **given)  # type: ignore[arg-type]


# -- time -----------------------------------------------------------------------------------------


def test_a_repetition_rests_goes_holds_and_comes_back() -> None:
    tempo = Tempo(rest_ms=500, effort_ms=2_000, hold_ms=5_000, return_ms=2_500)

    share = tempo.share_at(np.array([0.0, 499.0, 1_500.0, 2_500.0, 7_500.0, 8_750.0, 10_000.0]))

    assert share == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0, 0.5, 0.0], abs=1e-6)


def test_repetitions_follow_one_another() -> None:
    tempo = standing().tempo
    at_ms = np.arange(0.0, tempo.rep_ms, 70.0)

    assert tempo.share_at(at_ms + tempo.rep_ms) == pytest.approx(tempo.share_at(at_ms))


def test_two_seconds_each_way_and_the_hold_of_the_dose() -> None:
    assert tempo_of(find_exercise("squat")) == (REST_MS, 2_000, 0, 2_000)
    assert tempo_of(find_exercise("straight_leg_raise")) == (REST_MS, 2_000, 5_000, 2_500)
    assert tempo_of(find_exercise("wall_sit")).hold_ms == 10_000


def test_quick_exercises_are_shown_quickly() -> None:
    assert tempo_of(find_exercise("high_knees")).rep_ms < 2_500


@each
def test_what_is_shown_would_not_be_flagged_for_its_tempo(exercise: ExerciseDefinition) -> None:
    tempo = tempo_of(exercise)
    shown = {"effort_ms": tempo.effort_ms, "hold_ms": tempo.hold_ms, "return_ms": tempo.return_ms}
    for one in exercise.checks:
        if one.measure in shown:
            assert one.operator is Operator.BELOW
            assert shown[one.measure] >= one.threshold
    assert tempo.rep_ms - REST_MS >= exercise.timing.min_rep_ms


# -- the figure -----------------------------------------------------------------------------------


def test_the_figure_bends_as_far_as_the_exercise_says() -> None:
    (leg,) = parts_of(standing(fault="none").panels(np.ones(1))[0], Role.WORKING)[-1:]
    _, shank, thigh = (stroke.points_m[0] for stroke in leg.strokes)
    up, down = thigh[0] - thigh[1], shank[1] - shank[0]
    between = np.arccos(up @ down / np.linalg.norm(up) / np.linalg.norm(down))

    assert 180.0 - np.degrees(between) == pytest.approx(95.0, abs=0.5)


def test_the_working_side_is_where_a_mirror_shows_it() -> None:
    for side, way in ((Side.LEFT, -1), (Side.RIGHT, 1)):
        panel = standing("standing_hip_abduction", side=side).panels(np.ones(1))[0]
        trunk = centre_x(parts_of(panel, Role.TRUNK))

        assert np.sign(centre_x(parts_of(panel, Role.WORKING)) - trunk) == way


def test_who_turns_a_side_to_a_mirror_faces_as_in_it_with_that_side_in_front() -> None:
    for side, way in ((Side.LEFT, 1), (Side.RIGHT, -1)):
        panel = standing("standing_hip_flexion", side=side).panels(np.zeros(1))[0]
        nose, head = (stroke.points_m[0, 0] for stroke in parts_of(panel, Role.HEAD)[-1].strokes)
        roles = [part.role for part in panel.parts]

        assert np.sign(nose[0] - head[0]) == way
        assert roles.index(Role.FAR) < roles.index(Role.TRUNK) < roles.index(Role.WORKING)


@pytest.mark.parametrize(
    ("exercise", "works"),
    [
        ("squat", {(Side.LEFT, Limb.LEG), (Side.RIGHT, Limb.LEG)}),
        ("straight_leg_raise", {(Side.LEFT, Limb.LEG)}),
        ("single_leg_stance", {(Side.LEFT, Limb.LEG)}),
        ("bird_dog", {(Side.LEFT, Limb.LEG), (Side.RIGHT, Limb.ARM)}),
        ("shoulder_external_rotation", {(Side.LEFT, Limb.ARM)}),
        ("crunch", {(Side.BOTH, Limb.TRUNK)}),
    ],
)
def test_the_limb_that_the_exercise_is_about_is_highlighted(
    exercise: str, works: set[tuple[Side, Limb]]
) -> None:
    demo = standing(exercise)

    assert working_limbs(demo.motion, demo.side) == works
    assert len(parts_of(demo.panels(np.zeros(1))[0], Role.WORKING)) == len(works)


@each
def test_everything_has_its_place_and_stands_on_the_floor(exercise: ExerciseDefinition) -> None:
    for side in sides_of(exercise):
        demo = demonstrate(exercise, None if side is Side.BOTH else side)
        panels = demo.panels(np.linspace(0.0, 1.0, 7))
        low, high = demo.extent_m
        for panel in panels:
            found = extent_m(panel.parts)
            assert np.all(found[0] >= low - 1e-6)
            assert np.all(found[1] <= high + 1e-6)
        (floor,) = parts_of(panels[0], Role.GROUND)
        sunk_m = body(panels[0])[..., 1].max() - extent_m([floor])[0][1]
        assert sunk_m < 0.05  # at most into a mat


def test_who_sits_has_a_chair_that_stays() -> None:
    panel = standing("sit_to_stand", fault="none").panels(np.linspace(0.0, 1.0, 3))[0]
    (chair,) = parts_of(panel, Role.FURNITURE)

    low, high = extent_m([chair])
    hips = parts_of(panel, Role.TRUNK)[0].strokes[0].points_m[0, 2:].mean(axis=0)
    assert low[0] < hips[0] < high[0]
    assert low[1] < hips[1] < high[1]
    assert all(len(stroke.points_m) == 1 for stroke in chair.strokes)


def test_hands_stay_at_the_wall_and_a_back_does_not_go_into_it() -> None:
    for fault in (None, "hips_back", "sag"):
        panel = standing("wall_push_up", fault=fault or "none").panels(np.linspace(0, 1, 9))[-1]
        (arm, *_) = parts_of(panel, Role.WORKING)
        hands = arm.strokes[0].points_m[:, 1, 0]
        assert np.min(np.abs(hands - centre_x(parts_of(panel, Role.FURNITURE)))) < 0.1
        assert np.ptp(hands) < 0.02

    for fault in ("none", "too_deep"):
        panel = standing("wall_sit", fault=fault).panels(np.linspace(0, 1, 9))[-1]
        (wall,) = parts_of(panel, Role.FURNITURE)
        trunk = parts_of(panel, Role.TRUNK)[0].strokes[0]
        assert trunk.points_m[..., 0].max() + trunk.width_m / 2 <= extent_m([wall])[0][0] + 0.01


def test_arms_that_nobody_names_hang_and_do_not_go_stiffly_with_the_trunk() -> None:
    panel = standing("mini_squat", fault="none").panels(np.ones(1))[0]
    arm = parts_of(panel, Role.NEAR)[-1].strokes[-1].points_m[0]

    along = arm[1] - arm[0]
    assert abs(np.degrees(np.arctan2(along[0], along[1]))) < 15.0


# -- the fault ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exercise", "fault"), FAULTS)
def test_a_fault_is_seen_beside_the_sound_figure(exercise: ExerciseDefinition, fault: str) -> None:
    demo = demonstrate(exercise, fault=fault)
    sound, wrong = demo.panels(np.array([0.0, 1.0]))

    apart_m = np.linalg.norm(body(sound) - body(wrong), axis=-1).max(axis=1)
    assert apart_m[0] < 0.02  # both begin alike
    assert apart_m[1] > 0.04


def test_the_gravest_fault_of_the_exercises_own_view_is_shown_and_of_equals_the_first() -> None:
    assert demonstrate(find_exercise("squat")).fault.id == "trunk_lean"  # type: ignore[union-attr]
    # Its first fault is seen from the front alone.
    assert standing("forward_lunge").fault.id == "trunk_lean"  # type: ignore[union-attr]
    graver = [
        replace(one, severity=Severity.STOP) if one.id == "heel_lift" else one
        for one in find_exercise("squat").checks
    ]
    squat = replace(find_exercise("squat"), checks=tuple(graver))
    assert demonstrate(squat).fault.id == "heel_lift"  # type: ignore[union-attr]


def test_a_fault_that_another_view_shows_is_drawn_from_there() -> None:
    demo = standing(fault="knees_in")

    assert find_exercise("squat").camera.view is View.SIDE
    assert demo.view is View.FRONT


def test_a_fault_is_ringed_where_its_measure_says_and_grows_there() -> None:
    demo = standing(fault="knees_in")
    _, wrong = demo.panels(np.array([0.0, 1.0]))
    (mark,) = parts_of(wrong, Role.MARK)

    assert len(mark.strokes) == 2
    knees = [part.strokes[1].points_m[:, 0] for part in parts_of(wrong, Role.WORKING)]
    rings = [stroke.points_m for stroke in mark.strokes]
    middles = sorted(float(ring[1, :-1].mean(axis=0)[0]) for ring in rings)
    assert middles == pytest.approx(sorted(float(knee[1, 0]) for knee in knees), abs=0.01)
    assert all(np.ptp(ring[0]) < 1.0 and np.ptp(ring[0], axis=0).max() < 1e-9 for ring in rings)
    assert not parts_of(demo.panels(np.ones(1))[0], Role.MARK)


def test_no_fault_is_one_figure() -> None:
    assert len(standing(fault="none").panels(np.zeros(1))) == 1


def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(DemonstrationError, match=r"no \[motion\]"):
        demonstrate(stretch())
    with pytest.raises(DemonstrationError, match=r"choose one of: trunk_lean, .*, none"):
        standing(fault="knee_in")
    with pytest.raises(DemonstrationError, match="leave out --side"):
        standing(side=Side.LEFT)


def test_a_fault_without_a_drawing_is_not_offered() -> None:
    squat = find_exercise("squat")
    more = replace(squat, checks=(*squat.checks, check("new", "knee_flexion", Operator.ABOVE, 9.0)))

    with pytest.raises(DemonstrationError, match="'new'"):
        demonstrate(more, fault="new")
