"""The patient stays the patient: other people, cuts, bumps, and exchanged sides."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

import synthetic
from definitions import counted_in, run, squat
from hep_vision.core.landmarks import MIRROR, Landmark
from hep_vision.core.patient import PatientLock
from hep_vision.core.types import PoseFrame, View
from synthetic import Camera, Flaws, Motion, Posture, efforts, record, stillness

SQUATS = synthetic.squat(efforts([90.0] * 5))
BESIDE = Camera(px_per_m=300.0, shift_px=(330.0, 0.0))
IN_FRONT = Camera(px_per_m=480.0, shift_px=(150.0, 0.0))
BEHIND = Camera(px_per_m=180.0, shift_px=(150.0, 0.0))

Poses = list[PoseFrame]


def followed(poses: Sequence[PoseFrame]) -> Poses:
    lock = PatientLock()
    return [lock.follow(pose) for pose in poses]


def unseen_ms(poses: Sequence[PoseFrame]) -> list[int]:
    return [pose.timestamp_ms for pose in followed(poses) if not pose.detected]


def during(start_ms: int, end_ms: int, other: Poses, poses: Poses) -> Poses:
    """Return the poses with someone else's, of the same moments, in ``[start, end)``."""
    return [
        new if start_ms <= old.timestamp_ms < end_ms else old
        for old, new in zip(poses, other, strict=True)
    ]


def moved(poses: Poses, start_ms: int, end_ms: int, by_px: tuple[float, float]) -> Poses:
    return during(
        start_ms, end_ms, [replace(pose, image_px=pose.image_px + by_px) for pose in poses], poses
    )


def mirrored(pose: PoseFrame) -> PoseFrame:
    table = list(MIRROR)
    return replace(
        pose,
        image_px=pose.image_px[table],
        world_m=pose.world_m[table],
        visibility=pose.visibility[table],
    )


def walker(duration_ms: int, camera: Camera, fps: float = 30.0) -> Poses:
    return record(synthetic.walk(duration_ms, speed_m_per_s=0.0), camera, fps=fps)


# -- someone else ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lasts_ms", [200, 500, 900])
@pytest.mark.parametrize("fps", [12.0, 30.0, 60.0])
@pytest.mark.parametrize("other", [BESIDE, IN_FRONT, BEHIND], ids=["beside", "in front", "behind"])
def test_someone_else_is_not_seen_and_the_patient_is_at_once_again(lasts_ms, fps, other):
    start_ms, end_ms = 6_000, 6_000 + lasts_ms
    patient = record(SQUATS, fps=fps)
    poses = during(start_ms, end_ms, walker(SQUATS.duration_ms, other, fps), patient)
    lost = [pose.timestamp_ms for pose in poses if start_ms <= pose.timestamp_ms < end_ms]
    assert unseen_ms(poses) == lost


def test_repetitions_behind_a_passer_by_are_counted():
    poses = record(SQUATS)
    other = walker(SQUATS.duration_ms, Camera(px_per_m=450.0, shift_px=(300.0, 0.0)))
    for rep in SQUATS.truth:
        poses = during(rep.start_ms + 500, rep.start_ms + 1_000, other, poses)
    assert len(counted_in(run(squat(), poses))) == 5


def test_a_patient_who_was_gone_along_with_is_again_at_once_where_they_had_stayed():
    # The model goes along with somebody who passes, from the patient's place to the picture's edge.
    patient = record(stillness(12_000))
    along = [
        replace(pose, image_px=pose.image_px + np.array([0.4 * (pose.timestamp_ms - 6_000), 0.0]))
        for pose in record(synthetic.walk(12_000, speed_m_per_s=0.0))
    ]
    back = [ms for ms in unseen_ms(during(6_000, 7_500, along, patient)) if ms >= 7_500]
    assert back == []


def test_another_person_who_stays_is_the_patient_after_a_second():
    other = record(stillness(10_000, Posture(shoulder_out=80.0)), BESIDE)
    lost = unseen_ms(during(4_000, 10_001, other, record(stillness(10_000))))
    assert lost[0] == pytest.approx(4_000, abs=35)
    assert lost[-1] == pytest.approx(5_000, abs=70)


def test_without_world_landmarks_the_place_alone_tells():
    camera, other = Camera(world=False), replace(BESIDE, world=False)
    poses = during(5_000, 5_400, walker(SQUATS.duration_ms, other), record(SQUATS, camera))
    assert len(unseen_ms(poses)) == 12


def test_landmarks_without_a_place_are_left_alone():
    poses = record(SQUATS, Camera(image=False))
    assert all(new is old for new, old in zip(followed(poses), poses, strict=True))


# -- another picture ------------------------------------------------------------------------------


@pytest.mark.parametrize("by_px", [(128.0, 0.0), (-128.0, 72.0)])
def test_a_camera_bumped_by_a_tenth_of_the_picture_loses_nobody(by_px):
    assert unseen_ms(moved(record(SQUATS), 5_000, 99_000, by_px)) == []


def test_a_camera_turned_by_a_quarter_of_the_picture_loses_the_patient_for_a_second():
    lost = unseen_ms(moved(record(SQUATS), 5_000, 99_000, (320.0, 0.0)))
    assert lost[0] == 5_000
    assert lost[-1] < 6_000


@pytest.mark.parametrize("px_per_m", [180.0, 480.0])
def test_a_cut_to_another_zoom_in_the_same_movement_loses_a_fifth_of_a_second(px_per_m):
    closer = record(SQUATS, Camera(px_per_m=px_per_m, shift_px=(0.0, 0.6 * (px_per_m - 300.0))))
    lost = unseen_ms(during(5_000, 99_000, closer, record(SQUATS)))
    assert lost
    assert lost[-1] - lost[0] <= 200


def test_who_comes_after_a_title_card_is_the_patient():
    card = [PoseFrame.unseen(pose.timestamp_ms, (1280, 720)) for pose in record(SQUATS)]
    other = record(SQUATS, Camera(View.FRONT, px_per_m=500.0))
    poses = during(5_000, 8_000, card, during(5_000, 99_000, other, record(SQUATS)))
    assert all(5_000 <= ms < 8_000 for ms in unseen_ms(poses))


def test_nothing_is_locked_out_before_somebody_has_been_there_for_a_second():
    poses = during(600, 99_000, walker(SQUATS.duration_ms, BESIDE), record(SQUATS))
    assert unseen_ms(poses) == []


# -- one person -----------------------------------------------------------------------------------


def jumping(duration_ms: int) -> Motion:
    """Jump 0.3 m high twice a second with the arms overhead and the legs apart."""

    def body(time_ms: synthetic.Array) -> synthetic.Array:
        beat = 0.5 - 0.5 * np.cos(2.0 * np.pi * time_ms / 500.0)
        posture = Posture(
            shoulder_out=160.0 * beat[:, None],
            hip_out=20.0 * beat[:, None],
            anchor="HIP",
            place_m=np.stack([np.zeros_like(beat), 0.92 + 0.3 * beat], axis=-1),
        )
        return synthetic.body_m(posture, len(time_ms))

    return Motion(body, duration_ms)


ONE_PERSON: dict[str, Callable[[], Motion]] = {
    "squats": lambda: SQUATS,
    "quick squats": lambda: synthetic.squat(efforts([100.0] * 8, duration_ms=700, pause_ms=0)),
    "jumping jacks": lambda: jumping(6_000),
    "high knees": lambda: synthetic.walk(6_000, speed_m_per_s=0.0, step_ms=250),
    "walks in and out": lambda: synthetic.walk(6_000, speed_m_per_s=1.6),
    "lying leg raises": lambda: synthetic.straight_leg_raise(efforts([60.0] * 3)),
    "stands up": lambda: synthetic.sit_to_stand(efforts([90.0] * 3)),
    "push to a plank": lambda: synthetic.plank(efforts([90.0] * 3, duration_ms=1_200)),
}


@pytest.mark.parametrize("motion", ONE_PERSON)
@pytest.mark.parametrize("fps", [10.0, 24.0, 60.0])
@pytest.mark.parametrize("view", [View.FRONT, View.SIDE])
@pytest.mark.parametrize("size_px", [(1280, 720), (720, 1280)], ids=["landscape", "portrait"])
def test_one_person_is_never_taken_for_another(motion, fps, view, size_px):
    flaws = Flaws(noise_ratio=0.03, jitter_ms=int(250 / fps), seed=int(fps))
    poses = record(ONE_PERSON[motion](), Camera(view, size_px=size_px), fps=fps, flaws=flaws)
    assert all(new is old for new, old in zip(followed(poses), poses, strict=True))


@pytest.mark.parametrize("world", [True, False])
def test_one_person_is_followed_over_gaps(world):
    gaps = ((3_000, 3_400), (6_000, 7_500), (11_000, 11_100))
    poses = record(SQUATS, Camera(world=world), flaws=Flaws(gaps_ms=gaps, noise_ratio=0.03))
    assert all(new is old for new, old in zip(followed(poses), poses, strict=True))


def test_one_person_may_walk_up_to_the_camera():
    poses = record(synthetic.walk(5_000, speed_m_per_s=0.0))
    middle = np.array([640.0, 360.0])
    nearer = [
        replace(pose, image_px=middle + (pose.image_px - middle) * np.exp(0.25 * step / 30.0))
        for step, pose in enumerate(poses)
    ]
    assert all(new is old for new, old in zip(followed(nearer), nearer, strict=True))


# -- sides and limbs ------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [View.FRONT, View.SIDE, View.OBLIQUE])
@pytest.mark.parametrize("lasts_ms", [40, 300, 1_000])
def test_exchanged_sides_are_put_right(view, lasts_ms):
    poses = record(synthetic.arm_raise(efforts([90.0] * 3, side=synthetic.Side.LEFT)), Camera(view))
    other = [mirrored(pose) for pose in poses]
    seen = followed(during(4_000, 4_000 + lasts_ms, other, poses))
    for new, old in zip(seen, poses, strict=True):
        np.testing.assert_array_equal(new.image_px, old.image_px)
        np.testing.assert_array_equal(new.world_m, old.world_m)


def test_sides_that_stay_exchanged_are_believed_in_the_end():
    poses = record(
        stillness(8_000, Posture(shoulder_out=np.array([80.0, 0.0]))), Camera(View.FRONT)
    )
    other = [mirrored(pose) for pose in poses]
    last = followed(during(4_000, 8_001, other, poses))[-1]
    np.testing.assert_array_equal(last.image_px, other[-1].image_px)


def test_a_person_who_turns_round_keeps_their_sides():
    turns_deg = np.linspace(0.0, 360.0, 60)
    poses = []
    for step, turn in enumerate(np.radians(turns_deg).tolist()):
        pose = record(stillness(10), Camera(View.FRONT), start_ms=33 * step)[0]
        turned = np.array(
            [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
        )
        world_m = pose.world_m @ turned.T
        poses.append(replace(pose, world_m=world_m, image_px=640.0 + 300.0 * world_m[:, :2]))
    assert all(new is old for new, old in zip(followed(poses), poses, strict=True))


def test_a_limb_longer_than_any_bone_is_unknown():
    pose = record(stillness(10))[0]
    image_px = pose.image_px.copy()
    image_px[Landmark.LEFT_KNEE] += (1.0 * 300.0, 0.0)
    seen = PatientLock().follow(replace(pose, image_px=image_px))
    unknown = np.flatnonzero(np.isnan(seen.image_px).any(axis=1)).tolist()
    assert unknown == [Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE]


def test_a_landmark_in_the_corner_of_the_picture_is_unknown():
    pose = record(stillness(10))[0]
    image_px = pose.image_px.copy()
    image_px[Landmark.RIGHT_WRIST] = 0.0
    seen = PatientLock().follow(replace(pose, image_px=image_px))
    assert np.flatnonzero(np.isnan(seen.image_px).any(axis=1)).tolist() == [Landmark.RIGHT_WRIST]


def test_both_hips_in_the_corner_are_not_someone_else():
    poses = record(stillness(4_000))
    image_px = poses[60].image_px.copy()
    image_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = 0.0
    poses[60] = replace(poses[60], image_px=image_px)
    assert unseen_ms(poses) == []
