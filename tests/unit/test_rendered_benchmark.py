"""The rendered benchmark's body does what the figure does, and its counts are right."""

import numpy as np
import pytest
from benchmarks.rendered.bodies import landmarks_m, poses_through
from benchmarks.rendered.scoring import Judgement, Tally, matched, score
from sample_videos.render.skeleton import Bones

from hep_vision.core.figure import movement_m
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Hold, Side
from hep_vision.exercises.loading import catalogue

SHARES = np.array([0.0, 0.5, 1.0])
BONES = Bones(thigh_m=0.45, shank_m=0.40, upper_arm_m=0.27, forearm_m=0.26)
MOVING = [found for _, found in sorted(catalogue().items()) if found.motion is not None]
each_moving = pytest.mark.parametrize(
    "exercise", [pytest.param(found, id=found.id) for found in MOVING]
)


def side_of(exercise):
    return Side.BOTH if exercise.side is Side.BOTH else Side.RIGHT


def body(exercise, fault=None):
    poses = poses_through(exercise.motion, SHARES, BONES, side_of(exercise), fault)
    return np.array([landmarks_m(pose) for pose in poses])


def joints(points, *parts):
    """The named parts of both sides, (frames, 2, 3) each."""
    lefts = [Landmark[f"LEFT_{part}"] for part in parts]
    return [points[:, left : left + 2] for left in lefts]


def bend_deg(points, *parts):
    first, joint, last = joints(points, *parts)
    into, onward = joint - first, last - joint
    cosine = (into * onward).sum(axis=-1)
    cosine = cosine / np.linalg.norm(into, axis=-1) / np.linalg.norm(onward, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def trunk(points):
    shoulders, hips = (part.mean(axis=1) for part in joints(points, "SHOULDER", "HIP"))
    return (shoulders - hips) / np.linalg.norm(shoulders - hips, axis=-1)[:, None]


@each_moving
def test_the_body_keeps_its_bones_through_every_fault(exercise):
    for fault in (None, *exercise.motion.faults):
        points = body(exercise, fault)
        for first, last, length_m in (
            ("HIP", "KNEE", BONES.thigh_m),
            ("KNEE", "ANKLE", BONES.shank_m),
            ("SHOULDER", "ELBOW", BONES.upper_arm_m),
            ("ELBOW", "WRIST", BONES.forearm_m),
        ):
            start, end = joints(points, first, last)
            assert np.linalg.norm(end - start, axis=-1) == pytest.approx(length_m)


@each_moving
def test_the_joints_bend_as_those_of_the_figure(exercise):
    figure = movement_m(exercise.motion, SHARES, side_of(exercise))
    for parts in (("HIP", "KNEE", "ANKLE"), ("SHOULDER", "ELBOW", "WRIST")):
        assert bend_deg(body(exercise), *parts) == pytest.approx(bend_deg(figure, *parts), abs=0.5)


@each_moving
def test_the_trunk_leans_as_that_of_the_figure(exercise):
    figure = movement_m(exercise.motion, SHARES, side_of(exercise))[..., [2, 1, 0]]
    assert trunk(body(exercise)) == pytest.approx(trunk(figure), abs=0.01)


def test_what_stands_stays_where_it_is():
    squat = next(found for found in MOVING if found.id == "squat")
    (toes,) = joints(body(squat), "FOOT_INDEX")
    assert toes.mean(axis=1) == pytest.approx(np.repeat(toes.mean(axis=1)[:1], 3, axis=0))


# -- counting flags -------------------------------------------------------------------------------

TABLE = [
    Judgement("squat", "side", (), flagged=()),
    Judgement("squat", "side", ("trunk_lean",), flagged=("trunk_lean",)),
    Judgement("squat", "side", ("trunk_lean",), flagged=()),
    Judgement("squat", "side", ("trunk_lean",), flagged=None),
    Judgement("squat", "side", ("heel_lift",), ("trunk_lean",), ("heel_lift", "trunk_lean")),
    Judgement("squat", "side", (), flagged=("heel_lift",)),
]


def test_flags_are_counted_by_repetition_and_kind():
    kinds = score(TABLE).kinds
    assert kinds["squat", "trunk_lean"] == Tally(
        planted=3, right=1, missed=1, not_counted=1, wrong=0
    )
    assert kinds["squat", "heel_lift"] == Tally(planted=1, right=1, wrong=1)


def test_precision_and_recall_of_a_table():
    found = score(TABLE)
    assert (found.reps["squat"], found.not_counted["squat"]) == (6, 1)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.recall_of_all == pytest.approx(2 / 4)


def test_without_a_flag_there_is_no_precision():
    assert np.isnan(score(TABLE[:1]).precision)


def test_what_is_found_belongs_to_the_step_it_overlaps():
    found = [Hold(1, Side.BOTH, 5_200, 9_000, 3_800), Hold(2, Side.BOTH, 20_000, 21_000, 1_000)]
    spans_ms = [(0, 4_000), (5_000, 9_500), (15_000, 19_000)]
    assert matched(spans_ms, found) == {1: found[0]}
