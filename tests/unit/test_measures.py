"""Measures of figures whose joint angles are put in."""

import numpy as np
import pytest

import synthetic
from hep_vision.core import figure
from hep_vision.core.definition import Motion
from hep_vision.core.figure import movement_m, seen_from
from hep_vision.core.landmarks import LANDMARK_COUNT, MIRROR, Landmark
from hep_vision.core.measures import MEASURES, SHAPE_PARTS, fill_missing_plane, measure_pose
from hep_vision.core.types import Side, View
from synthetic import FRONT_VIEW, SIDE_VIEW, Camera, Posture

LEFT, RIGHT = 0, 1
FACES_LEFT = Camera(faces_right=False)
MIRRORED = Camera(mirror=True)
TRUNK_PX = SIDE_VIEW.px_per_m * figure.TRUNK_M
TAPER_DEG = np.degrees(np.arctan2(figure.SHOULDER_HALF_M - figure.HIP_HALF_M, figure.TRUNK_M))
"""Hips are narrower than shoulders: a hanging arm is this far off the line between them."""


def facing(camera: Camera) -> float:
    return 1.0 if camera.faces_right is not camera.mirror else -1.0


def measure(name: str, posture: Posture, camera: Camera = SIDE_VIEW) -> np.ndarray:
    """Return (left, right) of a measure in a posture."""
    image_px, world_m, _ = synthetic.project(synthetic.body_m(posture, 1), camera)
    scale_px = np.array(camera.px_per_m * figure.TRUNK_M)
    values = measure_pose([name], image_px[0], world_m[0], scale_px, np.array(facing(camera)))
    return values[0]


SAGITTAL_CAMERAS = [
    pytest.param(SIDE_VIEW, id="faces_right"),
    pytest.param(FACES_LEFT, id="faces_left"),
    pytest.param(MIRRORED, id="mirrored"),
]
SUPINE, PRONE = Posture(trunk=-90.0), Posture(trunk=90.0)


# -- joints in the plane of a side view -----------------------------------------------------------


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
@pytest.mark.parametrize("bend", [0.0, 5.0, 45.0, 90.0, 135.0])
@pytest.mark.parametrize(
    ("measured", "joint"), [("knee_flexion", "knee"), ("elbow_flexion", "elbow")]
)
def test_a_straight_limb_is_zero_and_flexion_grows(measured, joint, bend, camera):
    assert measure(measured, Posture(**{joint: bend}), camera) == pytest.approx(bend, abs=1e-5)


def test_left_and_right_are_measured_apart():
    bent = Posture(knee=np.array([20.0, 70.0]), hip=np.array([50.0, 10.0]))
    assert measure("knee_flexion", bent) == pytest.approx([20.0, 70.0])
    assert measure("hip_flexion", bent) == pytest.approx([50.0, 10.0])


def test_mirroring_the_picture_swaps_the_sides():
    bent = Posture(knee=np.array([20.0, 70.0]))
    assert measure("knee_flexion", bent, MIRRORED) == pytest.approx([70.0, 20.0])


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
@pytest.mark.parametrize(
    "trunk", [0.0, 40.0, -90.0, 90.0], ids=["standing", "leaning", "supine", "prone"]
)
@pytest.mark.parametrize("hip", [-20.0, 0.0, 30.0, 100.0])
def test_hip_flexion_has_one_sign_however_the_person_lies_or_faces(hip, trunk, camera):
    posture = Posture(trunk=trunk, hip=hip)
    assert measure("hip_flexion", posture, camera) == pytest.approx(hip, abs=1e-6)
    assert measure("hip_bend", posture, camera) == pytest.approx(abs(hip), abs=1e-6)


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
@pytest.mark.parametrize("trunk", [0.0, -90.0])
@pytest.mark.parametrize("lift", [-80.0, -40.0, 0.0, 90.0, 170.0, 179.0, 190.0, 260.0])
def test_shoulder_flexion_goes_on_beyond_the_vertical(lift, trunk, camera):
    posture = Posture(trunk=trunk, shoulder=lift)
    assert measure("shoulder_flexion", posture, camera) == pytest.approx(lift, abs=1e-6)


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
@pytest.mark.parametrize("lean", [-15.0, 0.0, 35.0, 60.0])
def test_leaning_forward_is_positive_whichever_way_one_faces(lean, camera):
    assert measure("trunk_lean_forward", Posture(trunk=lean), camera) == pytest.approx(lean)


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
@pytest.mark.parametrize(
    ("trunk", "expected"), [(0.0, 90.0), (30.0, 60.0), (-90.0, 0.0), (90.0, 0.0)]
)
def test_trunk_elevation_is_90_upright_and_0_lying(trunk, expected, camera):
    posture = Posture(trunk=trunk)
    assert measure("trunk_elevation", posture, camera) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
def test_body_line_is_positive_piked_and_negative_sagging(camera):
    straight, piked, sagging = (
        measure("body_line", Posture(trunk=90.0, hip=hip), camera) for hip in (0.0, 30.0, -30.0)
    )
    assert straight == pytest.approx(0.0, abs=1e-6)
    assert (piked > 20.0).all()
    assert (sagging < -20.0).all()


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
def test_knee_over_toe_counts_foot_lengths(camera):
    """Shank and thigh hang: the knee is over the ankle, 0.17 m behind the toes of a 0.22 m foot."""
    assert measure("knee_over_toe", Posture(), camera) == pytest.approx(-0.17 / 0.22)


def lying(turn_deg, side=Side.LEFT, **angles):
    """Return image (33, 2) of a figure that lies, in metres; the camera sees it turned so far."""
    motion = Motion(rest=angles, goal=angles)
    return seen_from(movement_m(motion, np.zeros(1), side)[0], turn_deg)


def measure_figure(name, image_m, facing=1.0):
    """Return (left, right) of a measure of a figure in metres."""
    world = np.zeros((LANDMARK_COUNT, 3))
    world[:, :2] = image_m
    return measure_pose([name], image_m, world, np.array(figure.TRUNK_M), np.array(facing))[0]


@pytest.mark.parametrize("turn_deg", [90.0, -90.0])
@pytest.mark.parametrize("trunk", [0.0, -90.0, 90.0])
@pytest.mark.parametrize("lift", [-50.0, -20.0, 0.0, 15.0])
def test_a_pointed_foot_is_positive_however_the_person_lies(lift, trunk, turn_deg):
    image = lying(turn_deg, trunk=trunk, ankle=lift, knee=30.0, hip=20.0)
    assert measure_figure("ankle_plantarflexion", image) == pytest.approx([-lift, -lift])


@pytest.mark.parametrize("turn_deg", [90.0, -90.0])
@pytest.mark.parametrize("trunk", [90.0, -90.0])
def test_a_hip_above_its_line_is_positive_on_the_front_and_on_the_back(trunk, turn_deg):
    """On the front flexion lifts the hips above the line; on the back it drops them below."""
    bent = lying(turn_deg, trunk=trunk, hip=20.0, ankle=0.0)
    flat = lying(turn_deg, trunk=trunk, ankle=0.0)
    sign = 1.0 if trunk > 0.0 else -1.0
    assert measure_figure("hip_above_line", bent) == pytest.approx(20.0 * sign, abs=1.0)
    assert measure_figure("hip_above_line", flat) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("turn_deg", [90.0, -90.0])
@pytest.mark.parametrize(
    ("trunk", "hip", "expected"), [(0.0, 0.0, -90.0), (-90.0, 0.0, 0.0), (-90.0, 40.0, 40.0)]
)
def test_leg_elevation_is_90_below_standing_and_0_lying(trunk, hip, expected, turn_deg):
    image = lying(turn_deg, trunk=trunk, hip=hip, ankle=0.0)
    assert measure_figure("leg_elevation", image) == pytest.approx([expected] * 2, abs=1e-6)


def test_a_hip_that_sinks_in_a_side_plank_is_below_its_line():
    """The spine bends 25 degrees to the side that is on top, so the pelvis hangs."""
    image = lying(0.0, roll=-70.0, trunk_side=25.0, ankle=0.0)
    assert (measure_figure("hip_above_line", image) < -15.0).all()


@pytest.mark.parametrize("turn_deg", [90.0, -90.0])
def test_curl_is_0_lying_flat_and_grows_as_head_and_knees_meet(turn_deg):
    flat, knees, both = (
        measure_figure("curl", lying(turn_deg, trunk=trunk, hip=hip, ankle=0.0))
        for trunk, hip in ((-90.0, 0.0), (-90.0, 50.0), (-60.0, 80.0))
    )
    head = float(np.degrees(np.arctan2(0.08, figure.TRUNK_M)))
    assert flat == pytest.approx(0.0, abs=head)
    assert knees - flat == pytest.approx(50.0, abs=head)
    assert both - flat == pytest.approx(80.0, abs=head)


@pytest.mark.parametrize("turn", [0.0, 35.0])
def test_the_trunk_narrows_as_it_rolls_away(turn):
    """0.40 m of shoulders and 0.24 m of hips, over 0.50 m of trunk."""
    image = lying(0.0, roll=-90.0, trunk=-turn, ankle=0.0)
    expected = (0.40 + 0.24) / 2.0 / 0.50 * np.cos(np.radians(turn))
    assert measure_figure("trunk_width", image) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
@pytest.mark.parametrize("turn_deg", [0.0, 180.0])
def test_hip_abduction_is_positive_outwards_lying_on_either_side(side, turn_deg):
    image = lying(turn_deg, side, roll=-90.0, hip_out=(30.0, 0.0), ankle=0.0)
    worker = LEFT if side is Side.LEFT else RIGHT
    values = measure_figure("hip_abduction", image)
    assert values[worker] == pytest.approx(30.0)
    assert values[1 - worker] == pytest.approx(0.0, abs=1e-6)


# -- joints in the plane of a front view ----------------------------------------------------------


@pytest.mark.parametrize("lift", [0.0, 45.0, 90.0, 150.0])
def test_shoulder_abduction_adds_to_the_taper_of_the_trunk(lift):
    posture = Posture(shoulder_out=lift)
    for name in ("shoulder_abduction", "shoulder_elevation", "arm_elevation"):
        assert measure(name, posture, FRONT_VIEW) == pytest.approx(lift + TAPER_DEG)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("working", [LEFT, RIGHT])
def test_hip_abduction_is_positive_outwards_on_both_sides(working, behind, mirror):
    out = np.zeros(2)
    out[working] = 30.0
    values = measured_from("hip_abduction", Posture(hip_out=out), behind=behind, mirror=mirror)
    worker = 1 - working if mirror else working
    assert values[worker] == pytest.approx(30.0)
    assert values[1 - worker] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_knee_inside_the_line_is_valgus_on_both_sides(side, behind, mirror):
    """A knee 0.05 m inside, half-way down 0.84 m: twice atan(0.05 / 0.42) = 13.58 degrees."""
    inward = np.zeros(2)
    inward[side] = 0.05
    values = measured_from("knee_valgus", Posture(knee_in_m=inward), behind=behind, mirror=mirror)
    seen = 1 - side if mirror else side
    assert values[seen] == pytest.approx(2.0 * np.degrees(np.arctan(0.05 / 0.42)))
    assert values[1 - seen] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("behind", [0.0, 180.0])
@pytest.mark.parametrize("arm_out", [0.0, 40.0, 90.0])
@pytest.mark.parametrize("turn", [-70.0, 0.0, 35.0, 90.0])
def test_a_forearm_goes_out_as_its_upper_arm_turns(turn, arm_out, behind, mirror):
    posture = figure.Posture(shoulder_out=arm_out, shoulder_turn=turn, elbow=90.0)
    image = figure.seen_from(figure.body_m(posture)[0], behind) * [-1.0 if mirror else 1.0, 1.0]
    image = image[list(MIRROR)] if mirror else image
    scale, nowhere = np.array(figure.TRUNK_M), np.full((33, 3), np.nan)
    out = measure_pose(["forearm_out"], image, nowhere, scale, np.array(1.0))[0]
    expected = figure.FOREARM_M / figure.TRUNK_M * np.sin(np.radians(turn))
    assert out == pytest.approx([expected, expected], abs=1e-9)


def test_shoulders_are_seen_narrower_as_the_body_turns():
    points = synthetic.body_m(Posture(), 1)[0]
    for turn in (0.0, 30.0, 60.0):
        image = figure.seen_from(points, turn)
        values = measure_pose(
            ["shoulder_spread"], image, points, np.array(figure.TRUNK_M), np.array(1.0)
        )
        width = 2.0 * figure.SHOULDER_HALF_M / figure.TRUNK_M
        assert values[0] == pytest.approx(width * np.cos(np.radians(turn)))


def test_bow_legs_are_negative_valgus():
    assert (measure("knee_valgus", Posture(knee_in_m=-0.05), FRONT_VIEW) < -10.0).all()


def measured_from(name: str, posture: Posture, *, behind: bool, mirror: bool) -> np.ndarray:
    camera = Camera(view=View.FRONT, mirror=mirror)
    image_px, world_m, _ = synthetic.project(synthetic.body_m(posture, 1), camera)
    if behind:  # the picture is flipped, the names stay
        image_px = image_px * [-1.0, 1.0]
    scale_px = np.array(TRUNK_PX)
    return measure_pose([name], image_px[0], world_m[0], scale_px, np.array(np.nan))[0]


def test_leaning_to_image_right_is_positive():
    points = stick(LEFT_SHOULDER=(30.0, -150.0), RIGHT_SHOULDER=(30.0, -150.0))
    assert plane("trunk_lean_side", points) == pytest.approx(np.degrees(np.arctan2(30.0, 150.0)))


def test_pelvic_obliquity_is_positive_on_the_lower_side():
    left_lower = stick(LEFT_HIP=(20.0, 5.0), RIGHT_HIP=(-20.0, -5.0))
    slope = np.degrees(np.arctan2(10.0, 40.0))
    assert plane("pelvic_obliquity", left_lower) == pytest.approx([slope, -slope])


def test_weight_shift_counts_hip_widths():
    points = stick(
        LEFT_HIP=(30.0, 0.0),
        RIGHT_HIP=(-10.0, 0.0),
        LEFT_ANKLE=(20.0, 200.0),
        RIGHT_ANKLE=(-20.0, 200.0),
    )
    assert plane("weight_shift", points) == pytest.approx(10.0 / 40.0)


def stick(**points: tuple[float, float]) -> np.ndarray:
    """Return (33, 2) landmarks at the origin but for the named ones."""
    image_px = np.zeros((LANDMARK_COUNT, 2))
    for name, position in points.items():
        image_px[Landmark[name]] = position
    return image_px


def plane(name: str, image_px: np.ndarray, scale_px: float = 100.0) -> np.ndarray:
    world_m = np.zeros((LANDMARK_COUNT, 3))
    return measure_pose([name], image_px, world_m, np.array(scale_px), np.array(1.0))[0]


# -- depth ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [View.FRONT, View.OBLIQUE, View.SIDE])
def test_depth_shows_the_bend_that_a_front_view_hides(view):
    squat = Posture(trunk=30.0, hip=85.0, knee=80.0)
    camera = Camera(view=view)
    assert measure("knee_flexion_depth", squat, camera) == pytest.approx(80.0)
    # The hips are narrower than the shoulders, which bends the line a little in three dimensions.
    assert measure("hip_flexion_depth", squat, camera) == pytest.approx(85.0, abs=1.5)
    if view is View.FRONT:
        assert (measure("knee_flexion", squat, camera) < 5.0).all()


def test_without_world_landmarks_depth_falls_back_to_the_picture():
    image_px, world_m, _ = synthetic.project(
        synthetic.body_m(Posture(knee=60.0), 1), Camera(world=False)
    )
    image_px, world_m = fill_missing_plane(image_px[0], np.full_like(world_m[0], np.nan))
    values = measure_pose(
        ["knee_flexion_depth"], image_px, world_m, np.array(TRUNK_PX), np.array(1.0)
    )
    assert values[0] == pytest.approx(60.0)


def test_without_a_picture_the_world_stands_in():
    image_px, world_m, _ = synthetic.project(synthetic.body_m(Posture(knee=60.0), 1), SIDE_VIEW)
    plane_m, same_m = fill_missing_plane(np.full_like(image_px[0], np.nan), world_m[0])
    assert np.array_equal(same_m, world_m[0])
    values = measure_pose(["knee_flexion"], plane_m, same_m, np.array(0.5), np.array(1.0))
    assert values[0] == pytest.approx(60.0)


def test_what_is_there_is_not_replaced():
    image_px, world_m, _ = synthetic.project(synthetic.body_m(Posture(), 1), SIDE_VIEW)
    world_m[0, 0] = np.nan
    filled_px, filled_m = fill_missing_plane(image_px[0], world_m[0])
    assert np.array_equal(filled_px, image_px[0])
    assert np.array_equal(filled_m, world_m[0], equal_nan=True)


def test_a_pose_of_nothing_stays_unknown():
    image_px, world_m = fill_missing_plane(
        np.full((LANDMARK_COUNT, 2), np.nan), np.full((LANDMARK_COUNT, 3), np.nan)
    )
    values = measure_pose(tuple(MEASURES), image_px, world_m, np.array(np.nan), np.array(np.nan))
    assert np.isnan(values).all()


# -- lengths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("px_per_m", [60.0, 300.0, 900.0])
def test_lengths_are_trunk_lengths_at_any_distance(px_per_m):
    camera = Camera(px_per_m=px_per_m)
    leg = (figure.THIGH_M + figure.SHANK_M) / figure.TRUNK_M
    assert measure("hip_over_ankle", Posture(), camera) == pytest.approx(leg)
    assert measure("leg_length", Posture(), camera) == pytest.approx(leg)
    arm = (figure.UPPER_ARM_M + figure.FOREARM_M) / figure.TRUNK_M
    assert measure("wrist_height", Posture(), camera) == pytest.approx(-arm)


def test_heights_grow_upwards():
    raised, hanging = Posture(shoulder=180.0), Posture()
    for name in ("wrist_height", "elbow_height", "wrist_over_elbow", "wrist_over_ankle"):
        assert (measure(name, raised) > measure(name, hanging)).all()


def test_a_lift_is_counted_from_the_other_side():
    one_up = Posture(hip=np.array([90.0, 0.0]), knee=np.array([90.0, 0.0]))
    lift = figure.THIGH_M / figure.TRUNK_M
    assert measure("knee_lift", one_up) == pytest.approx([lift, -lift])
    assert measure("ankle_lift", one_up) == pytest.approx([lift, -lift])


@pytest.mark.parametrize("camera", [FRONT_VIEW, SIDE_VIEW])
@pytest.mark.parametrize("bends", [[60.0, 0.0], [0.0, 60.0]])
def test_a_raised_foot_is_clear_of_the_floor_whichever_it_is(camera, bends):
    raised = Posture(knee=np.array(bends))
    clear = synthetic.SHANK_M * (1.0 - np.cos(np.radians(60.0))) / synthetic.TRUNK_M
    assert measure("foot_clearance", raised, camera) == pytest.approx([clear, clear])


def test_the_gap_between_the_ankles_lies_across_the_picture_alone():
    one_up = Posture(knee=np.array([60.0, 0.0]))
    apart = 2.0 * figure.HIP_HALF_M / figure.TRUNK_M
    assert measure("ankle_gap", one_up, FRONT_VIEW) == pytest.approx([apart, apart])
    assert measure("ankle_gap", Posture(), SIDE_VIEW) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("camera", SAGITTAL_CAMERAS)
def test_a_leg_is_ahead_of_the_hip_or_behind_it(camera):
    ahead = 0.84 * np.sin(np.radians(30.0)) / synthetic.TRUNK_M
    stride = measure("ankle_forward", Posture(hip=np.array([30.0, -30.0])), camera)
    assert sorted(stride) == pytest.approx([-ahead, ahead])
    leaning = measure("ankle_forward", Posture(trunk=20.0, hip=20.0), camera)
    assert leaning == pytest.approx([0.0, 0.0], abs=1e-9)


def test_the_place_of_an_ankle_moves_with_the_person():
    moved = Camera(shift_px=(TRUNK_PX, 0.0))
    here, there = (measure("ankle_place", Posture(), camera) for camera in (SIDE_VIEW, moved))
    assert there - here == pytest.approx([1.0, 1.0])


def test_feet_apart_are_seen_from_the_front():
    apart = Posture(hip_out=20.0)
    spread_m = 2.0 * (figure.HIP_HALF_M + 0.84 * np.sin(np.radians(20.0)))
    spread = measure("ankle_spread", apart, FRONT_VIEW)
    assert spread == pytest.approx(spread_m / figure.TRUNK_M)


# -- what is unknown ------------------------------------------------------------------------------

POSTURE = Posture(
    trunk=20.0,
    hip=np.array([40.0, 60.0]),
    knee=np.array([50.0, 30.0]),
    hip_out=np.array([5.0, 12.0]),
    shoulder=np.array([30.0, 70.0]),
    shoulder_out=np.array([15.0, 25.0]),
    elbow=np.array([20.0, 40.0]),
)
OBLIQUE_VIEW = Camera(view=View.OBLIQUE)


def everything(image_px: np.ndarray, world_m: np.ndarray, facing: float = 1.0) -> np.ndarray:
    return measure_pose(tuple(MEASURES), image_px, world_m, np.array(TRUNK_PX), np.array(facing))


def seen(camera: Camera = OBLIQUE_VIEW) -> tuple[np.ndarray, np.ndarray]:
    image_px, world_m, _ = synthetic.project(synthetic.body_m(POSTURE, 1), camera)
    return image_px[0], world_m[0]


def both_sides(parts: tuple[str, ...]) -> list[Landmark]:
    return [Landmark[f"{side}_{part}"] for side in ("LEFT", "RIGHT") for part in parts]


def test_a_whole_pose_gives_every_measure():
    assert np.isfinite(everything(*seen())).all()


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_needs_no_landmark_beyond_those_it_names(name):
    image_px, world_m = seen()
    row = list(MEASURES).index(name)
    expected = everything(image_px, world_m)[row]
    others = sorted(set(Landmark) - set(both_sides(MEASURES[name].landmarks)))
    image_px[others], world_m[others] = np.nan, np.nan
    assert everything(image_px, world_m)[row] == pytest.approx(expected)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_unknown_without_any_one_of_its_landmarks(name):
    for part in MEASURES[name].landmarks:
        image_px, world_m = seen()
        missing = both_sides((part,))
        image_px[missing], world_m[missing] = np.nan, np.nan
        assert np.isnan(everything(image_px, world_m)[list(MEASURES).index(name)]).all(), part


@pytest.mark.parametrize(
    "joint", ["knee_flexion", "hip_flexion", "elbow_flexion", "shoulder_flexion"]
)
def test_a_hidden_side_leaves_the_other_side_known(joint):
    image_px, world_m = seen()
    image_px[[landmark for landmark in Landmark if "RIGHT" in landmark.name]] = np.nan
    left, right = everything(image_px, world_m)[list(MEASURES).index(joint)]
    assert np.isfinite(left)
    assert np.isnan(right)


def test_unknown_facing_hides_the_sign_and_nothing_else():
    values = everything(*seen(), facing=np.nan)
    unknown = {name for name, row in zip(MEASURES, values, strict=True) if np.isnan(row).all()}
    assert unknown == {
        "hip_flexion",
        "shoulder_flexion",
        "body_line",
        "trunk_lean_forward",
        "knee_over_toe",
        "ankle_forward",
    }
    assert np.isfinite(values[[name not in unknown for name in MEASURES]]).all()


# -- the table ------------------------------------------------------------------------------------

TOWARDS_IMAGE_RIGHT = {
    "trunk_lean_side",
    "ankle_ahead",
    "wrist_beside_ankle",
    "shoulder_beside_wrist",
    *(f"{part}_across" for part in SHAPE_PARTS),
}


@pytest.mark.parametrize("view", [View.FRONT, View.OBLIQUE, View.SIDE])
def test_every_measure_of_a_mirrored_picture_swaps_its_sides(view):
    straight, mirrored = Camera(view=view), Camera(view=view, mirror=True)
    before, after = everything(*seen(straight)), everything(*seen(mirrored), facing=-1.0)
    for name, was, now in zip(MEASURES, before, after, strict=True):
        if name in ("position_x", "ankle_place"):
            unit_px = 1.0 if name == "position_x" else TRUNK_PX
            was = straight.size_px[0] / unit_px - was
        sign = -1.0 if name in TOWARDS_IMAGE_RIGHT else 1.0
        assert now == pytest.approx(sign * was[::-1], abs=1e-6, nan_ok=True), name


def test_a_batch_of_poses_gives_the_values_of_each():
    bends = np.array([[10.0], [50.0], [110.0]])
    image_px, world_m, _ = synthetic.project(synthetic.body_m(Posture(knee=bends), 3), SIDE_VIEW)
    values = measure_pose(
        ["knee_flexion", "hip_flexion"], image_px, world_m, np.full(3, TRUNK_PX), np.ones(3)
    )
    assert values.shape == (3, 2, 2)
    assert values[:, 0, :] == pytest.approx(np.repeat(bends, 2, axis=1))


def test_depth_measures_are_marked_rougher_than_those_of_the_plane():
    for name, info in MEASURES.items():
        if name.endswith("_depth"):
            assert info.uncertainty >= 15, name


def test_units_are_those_a_person_can_be_shown():
    assert {info.unit for info in MEASURES.values()} == {"deg", "ratio", "px"}
