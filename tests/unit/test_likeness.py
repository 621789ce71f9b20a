"""A repetition looks like its exercise by its shape, from anywhere, at any size."""

from dataclasses import replace

import numpy as np
import pytest

from hep_vision.core.definition import GuardSide, Limb, Motion
from hep_vision.core.figure import movement_m, seen_from
from hep_vision.core.landmarks import Landmark
from hep_vision.core.likeness import LARGEST_DISTANCE, SHAPE, Likeness, Look
from hep_vision.core.measures import measure_pose
from hep_vision.core.orientation import Orientation
from hep_vision.core.types import Side, View

SQUAT = Motion(goal={"trunk": 35.0, "hip": 105.0, "knee": 95.0}, free=(Limb.ARMS,))
HINGE = Motion(goal={"trunk": 80.0, "hip": 85.0, "knee": 10.0}, free=(Limb.ARMS,))
KICK = Motion(goal={"hip_out": (35.0, 0.0)}, free=(Limb.ARMS,))
RAISE = Motion(goal={"shoulder": (150.0, 0.0)}, free=(Limb.LEGS,), anchor="hip")
SIT_RAISE = Motion(rest={"hip": 90.0, "knee": 90.0}, goal=RAISE.goal, free=(), anchor="hip")
STEP = Motion(goal={"hip": (70.0, 0.0), "knee": (70.0, 0.0)}, free=(Limb.ARMS,))
TRUNK_PX = 100.0


def shapes(
    motion: Motion, turn_deg: float, *, share: float = 1.0, side: Side = Side.LEFT, size: float = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the measures of the body at rest and at a share of the way, (len(SHAPE), 2) each."""
    body_m = movement_m(motion, np.array([0.0, share]), side)
    image_px = 2.0 * TRUNK_PX * size * seen_from(body_m, turn_deg)
    world_m = np.zeros((2, 33, 3))
    measures = measure_pose(SHAPE, image_px, world_m, np.full(2, TRUNK_PX), np.ones(2))
    return measures[0], measures[1]


def stance(turn_deg: float) -> Orientation:
    """Return what is known of a person who is turned by an angle: not which way round."""
    apart = abs((turn_deg + 90.0) % 180.0 - 90.0)
    return Orientation(TRUNK_PX, View.SIDE if apart > 60.0 else View.FRONT, apart, float("nan"))


def look(exercise: Motion, done: Motion, turn_deg: float = 90.0, **how) -> Look:
    return Likeness(exercise).look(*shapes(done, turn_deg, **how), stance(turn_deg))


def passes(seen: Look) -> bool:
    return seen.strangeness(effort=2.0) <= 1.0


@pytest.mark.parametrize("turn_deg", [0.0, 20.0, 62.0, 90.0, 118.0, 180.0, 270.0, 345.0])
@pytest.mark.parametrize("share", [0.3, 1.0, 1.4])
@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
@pytest.mark.parametrize("exercise", [SQUAT, HINGE, KICK, RAISE, STEP])
def test_itself_from_anywhere_by_either_side_at_any_share(exercise, side, share, turn_deg):
    seen = look(exercise, exercise, turn_deg, share=share, side=side)
    assert seen.mismatch < 0.4
    assert seen.distance < 0.2


@pytest.mark.parametrize(
    ("exercise", "done", "turn_deg"),
    [
        (SQUAT, HINGE, 90.0),
        (HINGE, SQUAT, 90.0),
        (HINGE, STEP, 90.0),
        (KICK, SQUAT, 0.0),
    ],
)
def test_another_movement_does_not_pass(exercise, done, turn_deg):
    assert passes(look(done, done, turn_deg))
    assert not passes(look(exercise, done, turn_deg))


def test_one_leg_is_told_from_two():
    assert look(STEP, SQUAT).mismatch > 0.9
    assert look(SQUAT, STEP).mismatch > 0.8


def test_a_movement_the_other_way_does_not_pass():
    rest, peak = shapes(SQUAT, 90.0)
    assert not passes(Likeness(SQUAT).look(peak, rest, stance(90.0)))


def test_free_limbs_may_be_anywhere_and_others_may_not():
    assert passes(look(RAISE, SIT_RAISE, side=Side.BOTH))
    assert look(SIT_RAISE, RAISE, side=Side.BOTH).distance > LARGEST_DISTANCE / 2.0
    lying = Motion(rest={"trunk": -90.0, "ankle": 0.0}, goal=SQUAT.goal, anchor="hip")
    assert look(SQUAT, lying).distance > LARGEST_DISTANCE


@pytest.mark.parametrize("size", [0.65, 1.0, 1.5])
def test_a_trunk_that_is_seen_shortened_does_not_matter(size):
    assert look(SQUAT, SQUAT, size=size).mismatch < 0.1
    assert look(SQUAT, SQUAT, size=size).distance < 0.1


def test_noise_of_the_landmarks_is_no_other_movement():
    rng = np.random.default_rng(7)
    rest, peak = shapes(SQUAT, 90.0, share=0.3)
    for _ in range(20):
        noisy = rest + rng.normal(0, 0.05, rest.shape), peak + rng.normal(0, 0.05, peak.shape)
        assert passes(Likeness(SQUAT).look(*noisy, stance(90.0)))


def test_what_is_hidden_is_no_evidence():
    rest, peak = shapes(STEP, 90.0, side=Side.LEFT)
    rest[:, 1] = np.nan  # the far side
    assert passes(Likeness(STEP).look(rest, peak, stance(90.0)))
    rest[:] = np.nan
    blind = Likeness(STEP).look(rest, peak, stance(90.0))
    assert np.isnan([blind.mismatch, blind.distance, blind.remainder]).all()
    assert blind.strangeness(effort=2.0) < 1.0


def test_small_movements_must_fit_better_than_large_ones():
    seen = look(SQUAT, SQUAT)
    assert seen.strangeness(effort=1.0) <= 1.0
    rough = replace(seen, mismatch=1.0)
    assert rough.strangeness(effort=1.0) > 1.0 > rough.strangeness(effort=3.0)


def test_hips_that_wander_are_another_movement_unless_the_exercise_moves_them():
    step = Motion(goal={"hip_out": (30.0, 0.0), "knee": (0.0, 40.0)}, anchor_side=GuardSide.WORKING)
    rest, peak = shapes(SQUAT, 0.0)
    on_the_spot = Likeness(SQUAT).look(rest, peak, stance(0.0), travel=0.05)
    away = Likeness(SQUAT).look(rest, peak, stance(0.0), travel=0.6)
    assert passes(on_the_spot)
    assert not passes(away)
    assert away.reason == "the hips wandered"
    sideways = Likeness(step).look(*shapes(step, 0.0), stance(0.0), travel=0.4)
    assert sideways.travel < 0.1


def test_a_body_that_does_not_come_back_is_another_movement():
    rest, peak = shapes(SQUAT, 90.0)
    nearly = rest + 0.3 * (peak - rest)
    assert passes(Likeness(SQUAT).look(rest, peak, stance(90.0), back=nearly))
    beyond = rest + 1.8 * (peak - rest)
    away = Likeness(SQUAT).look(rest, peak, stance(90.0), back=beyond)
    assert not passes(away)
    assert away.reason == "the body did not come back"


def test_the_first_of_a_set_may_begin_from_another_posture():
    goal = {"hip": (85.0, -5.0), "knee": (80.0, 85.0)}
    from_the_knee_drive = Motion(rest={"hip": (0.0, 75.0), "knee": (0.0, 85.0)}, goal=goal)
    standing = shapes(Motion(goal=goal), 90.0)
    assert Likeness(from_the_knee_drive).look(*standing, stance(90.0)).mismatch > 0.4
    either = Likeness(replace(from_the_knee_drive, start={"hip": 0.0, "knee": 0.0}))
    assert either.look(*standing, stance(90.0)).mismatch < 0.1
    assert either.look(*shapes(from_the_knee_drive, 90.0), stance(90.0)).mismatch < 0.1


def test_the_hips_may_go_as_far_as_in_a_fault():
    faults = {"hip_shift": {"hip_out": (25.0, -25.0)}}
    rest, peak = shapes(SQUAT, 0.0)
    plain = Likeness(SQUAT).look(rest, peak, stance(0.0), travel=0.4)
    shifting = Likeness(replace(SQUAT, faults=faults)).look(rest, peak, stance(0.0), travel=0.4)
    assert shifting.travel < plain.travel
    assert shifting.mismatch == plain.mismatch


def test_a_trunk_that_points_at_the_camera_makes_no_way_longer():
    rest, peak = shapes(SQUAT, 0.0, size=1.5)
    near = Likeness(SQUAT).look(rest, peak, stance(0.0), travel=0.45)
    assert near.travel == pytest.approx(0.3, abs=0.05)
    rest, peak = shapes(SQUAT, 0.0, size=2.5)
    end_on = Likeness(SQUAT).look(rest, peak, stance(0.0))
    assert np.isnan(end_on.mismatch), "lengths in trunks say nothing"


def test_where_sides_take_turns_the_other_leg_is_on_its_own_way():
    rest, peak = shapes(STEP, 90.0, side=Side.LEFT, share=0.6)
    # The right leg comes down while the left one goes up.
    rest[:, 1] = shapes(STEP, 90.0, side=Side.RIGHT)[1][:, 1]
    seen = Likeness(STEP, in_turns=True).look(rest, peak, stance(90.0), Side.LEFT)
    assert passes(seen)
    alone = Likeness(STEP).look(rest, peak, stance(90.0), Side.LEFT)
    assert alone.mismatch > 2.0 * seen.mismatch


def test_every_part_of_the_shape_is_measured_from_the_middle_of_the_hips():
    body_m = movement_m(SQUAT, np.array([0.0, 1.0]))
    image_px = 2.0 * TRUNK_PX * seen_from(body_m, 90.0)
    rest, _ = shapes(SQUAT, 90.0)
    hips = image_px[0, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    ankle = (image_px[0, Landmark.LEFT_ANKLE] - hips) / TRUNK_PX * (1.0, -1.0)
    row = SHAPE.index("ankle_across")
    assert rest[row : row + 2, 0] == pytest.approx(ankle)
