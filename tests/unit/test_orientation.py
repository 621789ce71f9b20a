"""Scale, view and facing of figures whose stance is known."""

from itertools import pairwise

import numpy as np
import pytest

import synthetic
from hep_vision.core import figure
from hep_vision.core.landmarks import Landmark
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.types import PoseFrame, View
from synthetic import CLEAN, FRONT_VIEW, SIDE_VIEW, Camera, Flaws, Posture, Spike

TRUNK_PX = 150.0


def follow(frames: list[PoseFrame]) -> list[Orientation]:
    tracker = OrientationTracker()
    return [tracker.update(frame.timestamp_ms, frame.image_px) for frame in frames]


def stance(
    posture: Posture | None = None,
    camera: Camera = SIDE_VIEW,
    *,
    duration_ms: int = 3_000,
    flaws: Flaws = CLEAN,
) -> list[Orientation]:
    motion = synthetic.stillness(duration_ms, posture)
    return follow(synthetic.record(motion, camera, flaws=flaws))


SEATED = Posture(hip=90.0, knee=90.0)
SUPINE = Posture(trunk=-90.0, hip=20.0, knee=40.0)
PRONE = Posture(trunk=90.0, elbow=30.0, foot_flat=False)


def test_nothing_is_known_before_anybody_is_seen():
    start = follow([PoseFrame.unseen(0, (640, 480))])[0]
    assert start.view is View.UNKNOWN
    assert np.isnan([start.scale_px, start.turn_deg, start.facing]).all()


@pytest.mark.parametrize("view", [View.FRONT, View.OBLIQUE, View.SIDE])
@pytest.mark.parametrize("posture", [Posture(), SEATED], ids=["standing", "seated"])
@pytest.mark.parametrize("mirror", [False, True])
def test_view_is_that_of_the_camera(view, posture, mirror):
    assert stance(posture, Camera(view=view, mirror=mirror))[-1].view is view


@pytest.mark.parametrize("posture", [SUPINE, PRONE], ids=["supine", "prone"])
def test_view_of_a_person_lying_across_is_from_the_side(posture):
    assert stance(posture)[-1].view is View.SIDE


@pytest.mark.parametrize("view", [View.FRONT, View.OBLIQUE, View.SIDE])
def test_turn_is_the_angle_the_figure_was_turned_by(view):
    expected = synthetic.TURN_DEG[view]
    assert stance(camera=Camera(view=view))[-1].turn_deg == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("px_per_m", [100.0, 300.0, 800.0])
def test_scale_is_the_trunk_length(px_per_m):
    here = stance(camera=Camera(px_per_m=px_per_m))[-1]
    assert here.scale_px == pytest.approx(px_per_m * figure.TRUNK_M)


def test_scale_does_not_shrink_when_the_trunk_leans_at_the_camera():
    """Lying down towards the camera the trunk looks ever shorter; the person does not shrink."""
    motion = synthetic.one_after_another(
        synthetic.stillness(2_000), synthetic.stillness(3_000, Posture(trunk=60.0, hip=60.0))
    )
    scales = [here.scale_px for here in follow(synthetic.record(motion, FRONT_VIEW))]
    assert scales == pytest.approx([TRUNK_PX] * len(scales))


def test_scale_follows_a_person_who_comes_nearer():
    frames = [
        *synthetic.record(synthetic.stillness(2_000), Camera(px_per_m=200.0)),
        *synthetic.record(synthetic.stillness(2_000), Camera(px_per_m=300.0), start_ms=2_100),
    ]
    assert follow(frames)[-1].scale_px == pytest.approx(TRUNK_PX)


def test_scale_follows_a_person_who_moves_away_in_time():
    frames = [
        *synthetic.record(synthetic.stillness(2_000), Camera(px_per_m=600.0)),
        *synthetic.record(synthetic.stillness(40_000), SIDE_VIEW, fps=5, start_ms=2_100),
    ]
    assert follow(frames)[-1].scale_px == pytest.approx(TRUNK_PX, rel=0.35)


@pytest.mark.parametrize(
    "posture", [Posture(), SEATED, SUPINE, PRONE], ids=["standing", "seated", "supine", "prone"]
)
@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (Camera(), 1.0),
        (Camera(faces_right=False), -1.0),
        (Camera(mirror=True), -1.0),
        (Camera(faces_right=False, mirror=True), 1.0),
    ],
    ids=["right", "left", "right_mirrored", "left_mirrored"],
)
def test_facing_is_found_in_every_posture(posture, camera, expected):
    assert stance(posture, camera)[-1].facing == expected


def test_facing_needs_more_than_one_frame_of_evidence():
    assert np.isnan(stance(duration_ms=1)[0].facing)


def test_facing_is_unknown_square_on():
    assert np.isnan(stance(camera=FRONT_VIEW)[-1].facing)


def test_view_settles_instead_of_flickering():
    """Turning round takes one change of view, however noisy the landmarks are."""
    frames = [
        *synthetic.record(synthetic.stillness(4_000), FRONT_VIEW, flaws=Flaws(noise_ratio=0.02)),
        *synthetic.record(
            synthetic.stillness(4_000), SIDE_VIEW, start_ms=4_100, flaws=Flaws(noise_ratio=0.02)
        ),
    ]
    views = [here.view for here in follow(frames)]
    changes = [later for earlier, later in pairwise(views) if later != earlier]
    assert views[0] is View.FRONT
    assert changes[-1] is View.SIDE
    assert len(changes) <= 2  # oblique may lie in between


@pytest.mark.parametrize("start", [View.FRONT, View.OBLIQUE])
def test_swaying_about_the_border_does_not_change_the_view(start, monkeypatch):
    """0.8 cos 49 and 0.8 cos 53 lie on either side of half a trunk length."""
    frames = record_turned(synthetic.TURN_DEG[start], 0, monkeypatch)
    for number, turn_deg in enumerate([49.0, 53.0, 49.0, 53.0], start=1):
        frames += record_turned(turn_deg, 4_000 * number, monkeypatch)
    assert {here.view for here in follow(frames)} == {start}


def record_turned(turn_deg: float, start_ms: int, monkeypatch) -> list[PoseFrame]:
    with monkeypatch.context() as patch:
        patch.setitem(synthetic.TURN_DEG, View.FRONT, turn_deg)
        return synthetic.record(synthetic.stillness(3_900), FRONT_VIEW, fps=10, start_ms=start_ms)


def test_unseen_frames_change_nothing():
    frames = synthetic.record(synthetic.stillness(2_000))
    gap = [PoseFrame.unseen(2_000 + at_ms, (1280, 720)) for at_ms in range(33, 3_000, 33)]
    before, *_, after = follow([*frames, *gap])[-len(gap) - 1 :]
    assert after == before


@pytest.mark.parametrize("landmark", ["LEFT_HIP", "LEFT_SHOULDER", "RIGHT_SHOULDER"])
@pytest.mark.parametrize("camera", [FRONT_VIEW, SIDE_VIEW], ids=["front", "side"])
@pytest.mark.parametrize("at_ms", [0, 2_000])
def test_one_wild_frame_changes_neither_view_nor_scale(landmark, camera, at_ms):
    flaws = Flaws(spikes=(Spike(Landmark[landmark], at_ms),))
    clean, spoilt = stance(camera=camera), stance(camera=camera, flaws=flaws)
    assert spoilt[-1].view is clean[-1].view
    assert spoilt[-1].scale_px == pytest.approx(clean[-1].scale_px, rel=0.1)


def test_coordinates_beyond_the_picture_do_no_harm():
    frames = synthetic.record(synthetic.stillness(2_000), Camera(shift_px=(-5_000.0, 3_000.0)))
    assert follow(frames)[-1].view is View.SIDE
