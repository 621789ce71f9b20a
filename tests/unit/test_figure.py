"""The figure bends where it is told to, on the side that it is told to, and stays on the floor."""

import numpy as np
import pytest

from hep_vision.core.definition import GuardSide, Motion
from hep_vision.core.figure import (
    SHOULDER_HALF_M,
    Posture,
    body_m,
    movement_m,
    posture_at,
    seen_from,
)
from hep_vision.core.geometry import angle_deg
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Side

AHEAD, UP, LEFT = 0, 1, 2


def at(points: np.ndarray, name: str) -> np.ndarray:
    return points[0, Landmark[name]]


def bend_deg(points: np.ndarray, *names: str) -> float:
    return 180.0 - float(angle_deg(*(at(points, name) for name in names)))


@pytest.mark.parametrize("hip_out", [0.0, 20.0])
@pytest.mark.parametrize("turn", [-30.0, 0.0, 45.0])
def test_a_joint_bends_by_its_angle_whatever_the_others_do(hip_out, turn):
    posture = Posture(
        trunk=15.0, hip=40.0, hip_out=hip_out, hip_turn=turn, knee=70.0,
        shoulder=30.0, shoulder_out=hip_out, shoulder_turn=turn, elbow=50.0,
    )  # fmt: skip
    points = body_m(posture)
    for side in ("LEFT", "RIGHT"):
        knee = bend_deg(points, f"{side}_HIP", f"{side}_KNEE", f"{side}_ANKLE")
        elbow = bend_deg(points, f"{side}_SHOULDER", f"{side}_ELBOW", f"{side}_WRIST")
        assert (knee, elbow) == (pytest.approx(70.0), pytest.approx(50.0))


def test_external_rotation_carries_the_forearm_outward_and_the_shank_inward():
    points = body_m(Posture(elbow=90.0, shoulder_turn=40.0, hip=90.0, knee=90.0, hip_turn=40.0))
    for side, outward in (("LEFT", 1.0), ("RIGHT", -1.0)):
        forearm = at(points, f"{side}_WRIST") - at(points, f"{side}_ELBOW")
        shank = at(points, f"{side}_ANKLE") - at(points, f"{side}_KNEE")
        assert np.degrees(np.arctan2(outward * forearm[LEFT], forearm[AHEAD])) == pytest.approx(40)
        assert outward * shank[LEFT] < -0.2


def test_a_side_bend_moves_the_shoulders_and_not_the_legs():
    straight, bent = body_m(Posture()), body_m(Posture(trunk_side=20.0))
    assert at(bent, "LEFT_ANKLE") == pytest.approx(at(straight, "LEFT_ANKLE"))
    middle = (at(bent, "LEFT_SHOULDER") + at(bent, "RIGHT_SHOULDER")) / 2.0
    assert np.degrees(np.arctan2(middle[LEFT], middle[UP])) == pytest.approx(20.0)


def test_lying_on_the_right_side_the_left_leg_is_on_top():
    points = body_m(Posture(roll=-90.0, ankle=0.0))
    assert at(points, "LEFT_HIP")[UP] > at(points, "RIGHT_HIP")[UP]
    assert at(points, "LEFT_ANKLE")[LEFT] == pytest.approx(at(points, "RIGHT_ANKLE")[LEFT])
    assert at(points, "NOSE")[LEFT] < at(points, "LEFT_ANKLE")[LEFT]


def test_feet_lie_flat_unless_the_ankle_is_given():
    bent = {"hip": 60.0, "knee": 60.0}
    flat, free = body_m(Posture(**bent)), body_m(Posture(**bent, ankle=-30.0))
    assert at(flat, "LEFT_HEEL")[UP] == pytest.approx(at(flat, "LEFT_FOOT_INDEX")[UP])
    assert at(free, "LEFT_HEEL")[UP] > at(free, "LEFT_FOOT_INDEX")[UP] + 0.05


KICK = Motion(goal={"hip": (60.0, 0.0)}, rest={"trunk": 5.0}, anchor_side=GuardSide.OTHER)


@pytest.mark.parametrize(
    ("side", "angles"), [(Side.LEFT, [60, 0]), (Side.RIGHT, [0, 60]), (Side.BOTH, [60, 60])]
)
def test_the_working_side_works(side, angles):
    assert posture_at(KICK, np.ones(1), side).hip == pytest.approx(np.array([angles]))


def test_the_anchor_stays_and_nothing_sinks_into_the_floor():
    points = movement_m(KICK, np.linspace(0.0, 1.0, 5), Side.LEFT)
    stance = points[:, Landmark.RIGHT_ANKLE]
    assert stance == pytest.approx(np.broadcast_to(stance[0], stance.shape))
    assert points[..., UP].min() == pytest.approx(0.0)


def test_the_way_leads_through_via_to_the_goal_and_a_fault_changes_the_goal():
    motion = Motion(
        goal={"knee": 0.0},
        rest={"knee": 90.0, "trunk": 0.0},
        via={"trunk": 30.0},
        faults={"stops": {"knee": 40.0}},
    )
    posture = posture_at(motion, np.array([0.0, 0.5, 1.0]))
    assert np.asarray(posture.trunk)[:, 0] == pytest.approx([0.0, 30.0, 0.0])
    assert np.asarray(posture.knee)[:, 0] == pytest.approx([90.0, 45.0, 0.0])
    assert np.asarray(posture_at(motion, np.ones(1), fault="stops").knee)[0, 0] == 40.0
    with pytest.raises(KeyError, match="sags"):
        posture_at(motion, np.ones(1), fault="sags")


def test_the_camera_sees_the_left_side_at_image_right_from_the_front_only():
    points = body_m(Posture())
    shoulder = Landmark.LEFT_SHOULDER
    seen = [seen_from(points, turn)[0, shoulder, 0] for turn in (0.0, 90.0, 180.0)]
    assert seen == pytest.approx([SHOULDER_HALF_M, 0.0, -SHOULDER_HALF_M], abs=1e-9)
    assert seen_from(points, 90.0)[0, Landmark.NOSE, 0] > 0.1
