"""A repetition that was done otherwise differs from good ones, and is told in words."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import definitions
import synthetic
from hep_vision.core import figure
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.definition import Motion as ExerciseMotion
from hep_vision.core.form_profile import FEATURES, profile_reps
from hep_vision.core.form_quality import (
    Reference,
    RepQuality,
    calibrate,
    compare,
    quality_of,
    reference_of,
)
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray, Side, View
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder
from synthetic import FRONT_VIEW, SIDE_VIEW, Camera, Flaws, Motion, efforts

GOOD = efforts([90.0, 84.0, 93.0, 88.0])
OBLIQUE_VIEW = Camera(view=View.OBLIQUE)
SQUAT = definitions.squat(
    motion=ExerciseMotion(goal={"trunk": 32.0, "hip": 90.0, "knee": 90.0}, free=())
)
IDS = [feature.id for feature in FEATURES]


def squats(
    plan: tuple[synthetic.Effort, ...] = GOOD,
    *,
    fault: Callable[[FloatArray], dict[str, FloatArray | float]] = lambda _: {},
    tremor_deg: float = 0.0,
) -> Motion:
    """Squats on fixed feet; ``fault`` gives joint angles that a (T, 1) share of 90 deg adds."""

    def body_m(time_ms: FloatArray) -> FloatArray:
        bend = synthetic.excursion(time_ms, plan)[:, :1]
        bend = (
            bend + tremor_deg * bend / 90.0 * np.sin(2.0 * np.pi * 2.5 * time_ms / 1_000.0)[:, None]
        )
        angles: dict[str, FloatArray | float] = {"trunk": 0.35 * bend, "hip": bend, "knee": bend}
        for joint, added in fault(bend / 90.0).items():
            angles[joint] = angles.get(joint, 0.0) + added
        points = figure.body_m(figure.Posture(**angles), len(time_ms))
        ankles = points[:, [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE], :2].mean(axis=1)
        points[:, :, :2] += (np.array([0.0, 0.08]) - ankles)[:, None, :]
        return points

    return Motion(body_m, synthetic.total_ms(plan), synthetic.place(plan))


def film(
    motion: Motion, camera: Camera = SIDE_VIEW, *, fps: float = 20.0, flaws: Flaws = synthetic.CLEAN
) -> LandmarkTrack:
    poses = synthetic.record(motion, camera, fps=fps, flaws=flaws)
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    return recorder.track()


@cache
def usual(camera: Camera = SIDE_VIEW, flaws: Flaws = synthetic.CLEAN) -> Reference:
    """Return the calibration that good squats make."""
    track = film(squats(), camera, flaws=flaws)
    return calibrate(SQUAT, track, definitions.run(SQUAT, track.poses()))


@cache
def good_profiles() -> FloatArray:
    return profile_reps(SQUAT, film(squats()), spans(GOOD)).values[:3]


def judge(
    track: LandmarkTrack, calibration: Reference | None, definition: ExerciseDefinition = SQUAT
) -> tuple[RepQuality, ...]:
    return quality_of(definition, track, definitions.run(definition, track.poses()), calibration)


def largest(quality: tuple[RepQuality, ...]) -> float:
    assert len(quality) == len(GOOD)
    values = [one.difference for one in quality if one.difference is not None]
    assert len(values) == len(quality)
    return max(values)


FAULTS = {
    "trunk forward": (
        SIDE_VIEW,
        squats(fault=lambda share: {"trunk": 25.0 * share, "hip": 25.0 * share}),
        "trunk leaned more",
    ),
    "trunk sideways": (
        FRONT_VIEW,
        squats(fault=lambda share: {"trunk_side": 15.0 * share}),
        "trunk leaned sideways more",
    ),
    "knees in": (
        FRONT_VIEW,
        squats(fault=lambda share: {"knee_in_m": 0.12 * share}),
        "knee drifted more",
    ),
    "one arm": (
        FRONT_VIEW,
        squats(fault=lambda share: {"shoulder": np.array([50.0, 0.0]) * share}),
        "arms less alike",
    ),
    "elbows": (SIDE_VIEW, squats(fault=lambda share: {"elbow": 60.0 * share}), "elbows bent more"),
    "slow": (SIDE_VIEW, squats(efforts([90.0] * 4, duration_ms=6_000)), "slower"),
    "fast": (SIDE_VIEW, squats(efforts([90.0] * 4, duration_ms=1_500)), "faster"),
    "half": (SIDE_VIEW, squats(efforts([50.0] * 4)), "moved less far"),
    "jerky": (SIDE_VIEW, squats(tremor_deg=4.0), "jerkier"),
}


class TestCalibrated:
    @pytest.mark.parametrize("camera", [SIDE_VIEW, FRONT_VIEW, OBLIQUE_VIEW])
    def test_good_repetitions_are_as_usual(self, camera: Camera) -> None:
        flaws = Flaws(noise_ratio=0.01, jitter_ms=5, seed=3)
        later = film(squats(), camera, flaws=replace(flaws, seed=4))
        quality = judge(later, usual(camera, flaws))
        assert largest(quality) < 1.0
        assert not any(one.clear for one in quality)

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_fault_is_more_different_and_named(self, name: str) -> None:
        camera, faulty, word = FAULTS[name]
        quality = judge(film(faulty, camera), usual(camera))
        assert len(quality) == 4
        assert all(word in one.words for one in quality)
        clean = largest(judge(film(squats(), camera), usual(camera)))
        assert min(one.difference or 0.0 for one in quality) > 2.0 * clean

    def test_a_slow_repetition_is_not_a_jerky_one(self) -> None:
        slow = film(squats(efforts([90.0] * 4, duration_ms=6_000)))
        assert all(abs(one.distances["smoothness"]) < 1.0 for one in judge(slow, usual()))

    def test_many_faults_are_clear(self) -> None:
        faulty = squats(
            efforts([60.0] * 4, duration_ms=6_000),
            fault=lambda share: {"trunk": 25.0 * share, "hip": 25.0 * share, "elbow": 60.0 * share},
        )
        assert all(one.clear for one in judge(film(faulty), usual()))

    @pytest.mark.parametrize(
        ("camera", "fps"),
        [
            (replace(SIDE_VIEW, mirror=True), 20.0),
            (replace(SIDE_VIEW, faces_right=False), 20.0),
            (replace(SIDE_VIEW, px_per_m=120.0), 20.0),
            (replace(SIDE_VIEW, shift_px=(90.0, -40.0)), 20.0),
            (SIDE_VIEW, 12.0),
            (SIDE_VIEW, 60.0),
        ],
        ids=["mirrored", "facing left", "far away", "elsewhere", "12 fps", "60 fps"],
    )
    def test_how_it_is_filmed_changes_little(self, camera: Camera, fps: float) -> None:
        assert largest(judge(film(squats(), camera, fps=fps), usual())) < 0.5

    def test_a_fault_on_the_other_side_is_the_same_fault(self) -> None:
        def one_arm(*angles: float) -> LandmarkTrack:
            return film(
                squats(fault=lambda share: {"shoulder": np.array(angles) * share}), FRONT_VIEW
            )

        good = usual(FRONT_VIEW)
        left, right = judge(one_arm(50.0, 0.0), good), judge(one_arm(0.0, 50.0), good)
        assert [one.difference for one in left] == pytest.approx(
            [one.difference for one in right], abs=0.02
        )

    def test_a_varied_calibration_makes_deviations_less_unusual(self) -> None:
        good = good_profiles()
        varied = good + np.array([[-1.0], [0.0], [1.0]]) * [feature.spread for feature in FEATURES]
        odd = good.mean(axis=0) + 2.0 * np.array([feature.spread for feature in FEATURES])
        narrow = compare(1, odd, reference_of(good, View.SIDE)).difference
        wide = compare(1, odd, reference_of(varied, View.SIDE)).difference
        assert narrow is not None
        assert wide is not None
        assert wide < 0.75 * narrow

    def test_one_wild_feature_does_not_decide(self) -> None:
        good = good_profiles()
        wild = good.mean(axis=0)
        wild[IDS.index("trunk_turn")] += 1_000.0
        assert not compare(1, wild, reference_of(good, View.SIDE)).clear


class TestUnknown:
    def test_what_is_not_seen_is_no_evidence(self) -> None:
        track = film(squats())
        hidden = track.visibility.copy()
        hidden[:, [13, 14, 15, 16]] = 0.0
        armless = replace(track, visibility=hidden)
        quality = judge(armless, usual())
        assert "elbow_range" not in quality[0].distances
        assert "shoulder_uneven" not in quality[0].distances
        assert largest(quality) < 1.0

    def test_a_feature_the_calibration_does_not_show_is_not_compared(self) -> None:
        good = good_profiles().copy()
        good[1, IDS.index("sway")] = np.nan
        found = compare(1, good[0], reference_of(good, View.SIDE))
        assert "sway" not in found.distances
        assert len(found.distances) == len(FEATURES) - 1

    def test_too_little_seen_is_no_difference_at_all(self) -> None:
        good = good_profiles()
        most = good[0].copy()
        most[5:] = np.nan
        found = compare(7, most, reference_of(good, View.SIDE))
        assert found == RepQuality(7, None, {}, ())
        assert not found.clear

    def test_another_view_is_not_compared(self) -> None:
        quality = judge(film(squats(), FRONT_VIEW), usual())
        assert [one.difference for one in quality] == [None] * 4

    def test_a_calibration_needs_its_repetitions(self) -> None:
        track = film(squats(efforts([90.0, 90.0])))
        events = definitions.run(SQUAT, track.poses())
        with pytest.raises(ValueError, match="2 of the 3 repetitions"):
            calibrate(SQUAT, track, events)

    def test_a_set_without_repetitions_has_no_quality(self) -> None:
        assert judge(film(synthetic.stillness(4_000)), usual()) == ()


class TestFigure:
    @pytest.mark.parametrize("camera", [SIDE_VIEW, FRONT_VIEW, OBLIQUE_VIEW])
    def test_the_movement_itself_is_as_expected(self, camera: Camera) -> None:
        quality = judge(film(squats(), camera), None)
        assert set(quality[0].distances) == {"trunk_forward", "trunk_side", "trunk_turn"}
        assert largest(quality) < 0.4

    def test_what_the_trunk_adds_is_told_without_a_calibration(self) -> None:
        leaning = squats(fault=lambda share: {"trunk_side": 30.0 * share})
        quality = judge(film(leaning, FRONT_VIEW), None)
        assert all(one.clear for one in quality)
        assert all("trunk leaned sideways more" in one.words for one in quality)

    def test_how_far_and_how_fast_is_nobodys_business_without_a_calibration(self) -> None:
        small = squats(efforts([60.0] * 4, duration_ms=6_000))
        assert not any(one.clear for one in judge(film(small), None))

    def test_an_exercise_that_does_not_say_how_it_moves_compares_nothing(self) -> None:
        quality = judge(film(squats()), None, definitions.squat())
        assert [one.difference for one in quality] == [None] * 4


def spans(plan: tuple[synthetic.Effort, ...]) -> list[tuple[int, int, Side]]:
    return [(true.start_ms, true.end_ms, Side.BOTH) for true in synthetic.place(plan)]
