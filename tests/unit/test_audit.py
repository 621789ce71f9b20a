"""A set is counted again from its landmarks alone, and a disagreement is told."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

import definitions
import synthetic
from hep_vision.core.audit import Audit, audit_set, doubt, recount_ms
from hep_vision.core.definition import (
    Combine,
    CompletesAt,
    CountSignal,
    ExerciseDefinition,
    Timing,
)
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Event, PoseFrame, Rep, RepStatus, RepTick, Side
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder
from synthetic import FRONT_VIEW, SIDE_VIEW, Camera, Effort, Flaws, Motion, efforts

SQUATS = efforts([90.0, 80.0, 95.0, 70.0])


def film(
    motion: Motion, camera: Camera = SIDE_VIEW, *, fps: float = 30.0, flaws: Flaws = synthetic.CLEAN
) -> LandmarkTrack:
    return track_of(synthetic.record(motion, camera, fps=fps, flaws=flaws))


def track_of(frames: Sequence[PoseFrame]) -> LandmarkTrack:
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    return recorder.track()


def until(track: LandmarkTrack, end_ms: int) -> LandmarkTrack:
    return track_of([pose for pose in track.poses() if pose.timestamp_ms < end_ms])


def recount(definition: ExerciseDefinition, track: LandmarkTrack, side: Side | None = None) -> int:
    peaks_ms = recount_ms(definition, track, side)
    assert peaks_ms is not None
    return len(peaks_ms)


class TestRecount:
    @pytest.mark.parametrize(
        ("definition", "motion", "camera"),
        [
            (definitions.squat(), synthetic.squat(SQUATS), SIDE_VIEW),
            (definitions.squat(), synthetic.squat(SQUATS), FRONT_VIEW),
            (definitions.squat(), synthetic.squat(SQUATS), replace(SIDE_VIEW, faces_right=False)),
            (definitions.squat(), synthetic.squat(SQUATS), replace(SIDE_VIEW, mirror=True)),
            (definitions.squat(), synthetic.squat(SQUATS), replace(SIDE_VIEW, world=False)),
            (definitions.squat(), synthetic.squat(SQUATS), replace(SIDE_VIEW, image=False)),
            (definitions.sit_to_stand(), synthetic.sit_to_stand(efforts([90.0] * 3)), SIDE_VIEW),
            (definitions.bridge(), synthetic.bridge(efforts([24.0] * 3)), SIDE_VIEW),
            (
                definitions.bridge(),
                synthetic.bridge(efforts([24.0] * 3)),
                replace(SIDE_VIEW, faces_right=False),
            ),
            (
                definitions.straight_leg_raise(),
                synthetic.straight_leg_raise(efforts([45.0] * 3, side=Side.LEFT)),
                SIDE_VIEW,
            ),
            (
                definitions.arm_raise(),
                synthetic.arm_raise(efforts([85.0] * 3), sideways=True),
                FRONT_VIEW,
            ),
        ],
        ids=[
            "squat",
            "squat from the front",
            "facing left",
            "mirrored",
            "picture only",
            "world only",
            "sit to stand",
            "bridge",
            "bridge facing left",
            "leg raise",
            "arm raise",
        ],
    )
    def test_every_effort_is_one_peak_where_it_is(
        self, definition: ExerciseDefinition, motion: Motion, camera: Camera
    ) -> None:
        peaks_ms = recount_ms(definition, film(motion, camera))
        assert peaks_ms == pytest.approx([true.peak_ms for true in motion.truth], abs=60)

    @pytest.mark.parametrize("fps", [10.0, 24.0, 60.0])
    def test_the_frame_rate_does_not_matter(self, fps: float) -> None:
        assert recount(definitions.squat(), film(synthetic.squat(SQUATS), fps=fps)) == 4

    def test_trembling_adds_nothing(self) -> None:
        flaws = Flaws(noise_ratio=0.03, jitter_ms=10, dropped_share=0.2, seed=7)
        assert recount(definitions.squat(), film(synthetic.squat(SQUATS), flaws=flaws)) == 4

    def test_a_quick_tremor_is_filtered_away(self) -> None:
        def body_m(time_ms: synthetic.Array) -> synthetic.Array:
            shaking = 20.0 + 15.0 * np.sin(2.0 * np.pi * 8.0 * time_ms[:, None] / 1_000.0)
            return synthetic.body_m(synthetic.Posture(hip=shaking), len(time_ms))

        assert recount(definitions.squat(), film(Motion(body_m, 4_000), fps=60.0)) == 0

    def test_a_bob_among_full_repetitions_is_none_and_a_tired_one_is_one(self) -> None:
        full, bob, tired = [100.0] * 4, [40.0], [60.0]
        assert recount(definitions.squat(), film(synthetic.squat(efforts(full + bob)))) == 4
        assert recount(definitions.squat(), film(synthetic.squat(efforts(full + tired)))) == 5

    def test_what_is_below_the_minimum_is_none(self) -> None:
        assert recount(definitions.squat(), film(synthetic.squat(efforts([15.0] * 3)))) == 0

    def test_peaks_closer_than_the_shortest_repetition_are_one(self) -> None:
        double = (Effort(90.0, 600, pause_ms=0), Effort(85.0, 600, pause_ms=2_000))
        track = film(synthetic.squat((*double, *double)), fps=60.0)
        quick = definitions.squat(timing=Timing(400, 15_000))
        slow = definitions.squat(timing=Timing(1_000, 15_000))
        assert recount(quick, track) == 4
        assert recount(slow, track) == 2

    def test_a_short_gap_is_bridged_and_behind_a_long_one_nothing_is_known(self) -> None:
        motion = synthetic.squat(SQUATS)
        first = motion.truth[0]
        short = Flaws(gaps_ms=((first.peak_ms + 100, first.end_ms - 300),))
        long = Flaws(gaps_ms=((first.peak_ms + 100, first.end_ms + 300),))
        assert recount(definitions.squat(), film(motion, flaws=short)) == 4
        assert recount(definitions.squat(), film(motion, flaws=long)) == 3

    def test_what_the_end_cuts_off_counts_only_if_the_exercise_ends_at_the_extreme(self) -> None:
        rise = synthetic.sit_to_stand((*efforts([90.0] * 2), Effort(90.0, 3_000, hold_ms=4_000)))
        track = until(film(rise), rise.truth[-1].peak_ms)
        standing = definitions.sit_to_stand()
        assert recount(standing, track) == 3
        assert recount(replace(standing, completes_at=CompletesAt.RETURN), track) == 2

    def test_the_prescribed_side_alone_is_looked_at(self) -> None:
        plan = (*efforts([100.0] * 2, side=Side.LEFT), *efforts([100.0] * 3, side=Side.RIGHT))
        track = film(synthetic.elbow_curl(plan))
        curl = definitions.elbow_curl()
        assert recount(curl, track, Side.LEFT) == 2
        assert recount(curl, track, Side.RIGHT) == 3
        assert recount(curl, track) == recount(curl, track, Side.BOTH) == 5

    def test_the_side_that_is_seen_better_speaks_almost_alone(self) -> None:
        frames = synthetic.record(synthetic.squat(efforts([40.0] * 3)))
        far = [landmark for landmark in Landmark if "LEFT" in landmark.name]
        guessed = []
        for frame in frames:
            image_px, visibility = frame.image_px.copy(), frame.visibility.copy()
            image_px[far], visibility[far] = frames[0].image_px[far], 0.45
            guessed.append(replace(frame, image_px=image_px, visibility=visibility))
        assert recount(definitions.squat(), track_of(guessed)) == 3

    def test_the_sides_are_combined_as_the_exercise_says(self) -> None:
        left, right, both = (efforts([60.0] * 2, side=side) for side in Side)
        track = film(synthetic.elbow_curl((*left, *right, *both)))
        found = {}
        for combine in (Combine.LARGER, Combine.SMALLER, Combine.DIFFERENCE):
            signal = CountSignal("elbow_flexion", 40.0, combine=combine)
            found[combine] = recount(definitions.exercise(count=(signal,)), track)
        assert found == {Combine.LARGER: 6, Combine.SMALLER: 2, Combine.DIFFERENCE: 4}

    def test_leaning_at_the_camera_does_not_make_the_person_smaller(self) -> None:
        lifts = synthetic.arm_raise(efforts([46.0] * 3), sideways=True)  # 0.34 trunk lengths
        plan = efforts([80.0] * 2)

        def body_m(time_ms: synthetic.Array) -> synthetic.Array:
            lean = synthetic.excursion(time_ms, plan)
            return synthetic.body_m(
                synthetic.Posture(trunk=lean, hip=lean, shoulder=lean), len(time_ms)
            )

        bows = Motion(body_m, synthetic.total_ms(plan))
        track = film(synthetic.one_after_another(lifts, bows), FRONT_VIEW)
        signal = CountSignal("wrist_height", 0.4, combine=Combine.LARGER)
        assert recount(definitions.exercise(count=(signal,)), track) == 0

    def test_limbs_that_are_guessed_are_not_counted(self) -> None:
        frames = [
            replace(frame, visibility=np.full(33, 0.2))
            for frame in synthetic.record(synthetic.squat(SQUATS))
        ]
        assert recount(definitions.squat(), track_of(frames)) == 0

    def test_there_is_nothing_to_recount_in_a_timed_hold_or_where_nobody_is(self) -> None:
        wall_sit = film(synthetic.wall_sit(efforts([90.0])))
        nobody = track_of([PoseFrame.unseen(at_ms, (640, 480)) for at_ms in range(0, 5_000, 40)])
        assert recount_ms(definitions.wall_sit(), wall_sit) is None
        assert recount_ms(definitions.squat(), nobody) is None
        assert audit_set(definitions.squat(), nobody, []) is None


FIVE = synthetic.squat(efforts([90.0] * 5))
FIVE_FILMED = film(FIVE)


def rep(start_ms: int, end_ms: int, status: RepStatus = RepStatus.COUNTED) -> Rep:
    reason = None if status is RepStatus.COUNTED else "a reason"
    middle_ms = (start_ms + end_ms) // 2
    return Rep(
        None, Side.BOTH, start_ms, middle_ms, end_ms, status, reason, None, None, None, 1, 1, 0
    )


def live(*statuses: RepStatus | None) -> list[Event]:
    """Return what a live count made of the five squats; None is one that it never saw."""
    return [
        rep(true.start_ms, true.end_ms, status)
        for true, status in zip(FIVE.truth, statuses, strict=True)
        if status is not None
    ]


YES, SMALL, OTHER, OPEN = (
    RepStatus.COUNTED,
    RepStatus.PARTIAL,
    RepStatus.REJECTED,
    RepStatus.OPEN,
)


class TestComparison:
    def audit(self, events: Sequence[Event]) -> Audit:
        found = audit_set(definitions.squat(), FIVE_FILMED, events)
        assert found is not None
        return found

    @pytest.mark.parametrize(
        ("statuses", "recount", "uncertain"),
        [
            ((YES, YES, YES, YES, YES), 5, False),
            ((YES, YES, None, YES, YES), 5, False),
            ((YES, None, None, YES, YES), 5, True),
            ((None, None, None, None, None), 5, True),
            ((OTHER, OTHER, YES, OTHER, OTHER), 1, False),
            ((YES, SMALL, SMALL, SMALL, YES), 2, False),
            ((YES, YES, YES, YES, OPEN), 4, False),
            ((YES, OTHER, YES, YES, YES), 5, False),
            ((YES, OTHER, OTHER, YES, YES), 5, True),
            ((OTHER, OTHER, OTHER, OTHER, OTHER), 0, False),
        ],
        ids=[
            "agree",
            "one more is no doubt",
            "two more are",
            "nothing was seen",
            "set up and walked away",
            "too small",
            "cut off",
            "one rejected within",
            "two rejected within",
            "another exercise altogether",
        ],
    )
    def test_what_was_left_out_with_a_reason_is_accounted_for(
        self, statuses: tuple[RepStatus | None, ...], recount: int, uncertain: bool
    ) -> None:
        assert self.audit(live(*statuses)) == Audit(recount, uncertain)

    def test_too_many_are_as_doubtful_as_too_few(self) -> None:
        extra = [rep(at_ms, at_ms + 10) for at_ms in (0, 20)]
        assert not self.audit([*extra[:1], *live(YES, YES, YES, YES, YES)]).uncertain
        assert self.audit([*extra, *live(YES, YES, YES, YES, YES)]) == Audit(5, True)

    def test_an_excursion_accounts_for_one_peak_however_long_it_is(self) -> None:
        endless = rep(FIVE.truth[0].start_ms, FIVE.truth[-1].end_ms, OTHER)
        assert self.audit([endless]) == Audit(4, True)

    def test_a_peak_is_accounted_for_once(self) -> None:
        first = FIVE.truth[0]
        twice = [rep(first.start_ms, first.end_ms, SMALL)] * 2
        assert self.audit([*twice, *live(None, YES, YES, YES, YES)]) == Audit(4, False)

    def test_events_that_are_no_repetitions_do_not_matter(self) -> None:
        ticks = [RepTick(true.end_ms, number, Side.BOTH) for number, true in enumerate(FIVE.truth)]
        assert self.audit([*ticks, *live(YES, YES, YES, YES, YES)]) == Audit(5, False)

    @pytest.mark.parametrize("camera", [SIDE_VIEW, FRONT_VIEW], ids=["side", "front"])
    def test_it_agrees_with_the_engine_on_a_clean_set(self, camera: Camera) -> None:
        squat = definitions.squat()
        track = film(synthetic.squat(SQUATS), camera)
        events = definitions.run(squat, track.poses())
        assert audit_set(squat, track, events) == Audit(4, False)


def test_only_a_doubt_is_told_with_the_other_number() -> None:
    assert doubt(None) == doubt(Audit(9, False)) == ()
    (line,) = doubt(Audit(9, True))
    assert "9" in line
    assert line.count("\n") == 0
