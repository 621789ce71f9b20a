"""The engine on figures whose repetitions are put in: counts, sides, bounds, reasons, form."""

from itertools import pairwise

import numpy as np
import pytest

import synthetic
from definitions import (
    arm_raise,
    bridge,
    check,
    counted_in,
    elbow_curl,
    exercise,
    holds_in,
    plank,
    reps_in,
    run,
    sit_to_stand,
    squat,
    straight_leg_raise,
    stretch,
    wall_sit,
)
from hep_vision.core.definition import (
    CheckPhase,
    CountSignal,
    Guard,
    Operator,
    Reported,
    RepValue,
    Timing,
)
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import (
    Event,
    Phase,
    PhaseChange,
    PoseFrame,
    Rep,
    RepStatus,
    RepTick,
    Side,
    TrackingLost,
    View,
)
from hep_vision.exercises.loading import exercise_ids, find_exercise
from synthetic import (
    FRONT_VIEW,
    SIDE_VIEW,
    Camera,
    Effort,
    Flaws,
    Motion,
    Posture,
    Spike,
    efforts,
    one_after_another,
    record,
    stillness,
    walk,
)

FACES_LEFT = Camera(faces_right=False)
OBLIQUE_VIEW = Camera(view=View.OBLIQUE)
THREE = efforts([90, 80, 70])
BOUND_MS = 160
"""How far a bound may be off: the filter smears 90 ms, and 400 ms of a slow start are guessed."""


def ticks_in(events: list[Event]) -> list[RepTick]:
    return [event for event in events if isinstance(event, RepTick)]


def assert_true_to(reps: list[Rep], motion: Motion, bound_ms: int = BOUND_MS) -> None:
    """Assert that the repetitions are those of the motion, one for one."""
    assert len(reps) == len(motion.truth)
    for found, true in zip(reps, motion.truth, strict=True):
        assert found.start_ms == pytest.approx(true.start_ms, abs=bound_ms)
        assert found.end_ms == pytest.approx(true.end_ms, abs=bound_ms)


# -- counting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "camera",
    [SIDE_VIEW, FACES_LEFT, FRONT_VIEW, OBLIQUE_VIEW],
    ids=["side", "faces_left", "front", "oblique"],
)
def test_a_set_is_counted_from_every_view(camera):
    motion = synthetic.squat(THREE)
    reps = reps_in(run(squat(), record(motion, camera)))
    assert_true_to(reps, motion)
    assert [rep.status for rep in reps] == [RepStatus.COUNTED] * 3
    assert [rep.index for rep in reps] == [1, 2, 3]
    assert {rep.side for rep in reps} == {Side.BOTH}
    for rep, true in zip(reps, motion.truth, strict=True):
        assert rep.peak_ms == pytest.approx(true.peak_ms, abs=60)


@pytest.mark.parametrize("duration_ms", [800, 1_500, 4_000, 9_000])
def test_slow_and_fast_sets_are_counted_alike(duration_ms):
    motion = synthetic.squat(efforts([90] * 3, duration_ms=duration_ms))
    reps = counted_in(run(squat(), record(motion)))
    assert len(reps) == 3
    half_ms = duration_ms / 2
    tolerance_ms = 120 + max(0, 0.205 * half_ms - 400)
    for rep, true in zip(reps, motion.truth, strict=True):
        assert rep.start_ms == pytest.approx(true.start_ms, abs=tolerance_ms)
        assert rep.end_ms == pytest.approx(true.end_ms, abs=tolerance_ms)
        # Both ends of each half are extended by 400 ms at most.
        assert rep.concentric_ms == pytest.approx(half_ms, abs=2 * tolerance_ms)
        assert rep.eccentric_ms == pytest.approx(half_ms, abs=2 * tolerance_ms)


def test_a_short_pause_belongs_half_to_each_repetition():
    """A pause as short as turning round is no rest; tempo is of the movement all the same."""
    motion = synthetic.squat(efforts([80] * 3, pause_ms=500))
    reps = counted_in(run(squat(), record(motion)))
    for (earlier, before), (later, after) in pairwise(zip(reps, motion.truth, strict=True)):
        assert earlier.end_ms == pytest.approx(later.start_ms, abs=BOUND_MS)
        middle_ms = (before.end_ms + after.start_ms) / 2
        assert earlier.end_ms == pytest.approx(middle_ms, abs=BOUND_MS)
    for rep in reps:
        assert rep.concentric_ms == pytest.approx(1_500, abs=2 * BOUND_MS)
        assert rep.eccentric_ms == pytest.approx(1_500, abs=2 * BOUND_MS)


def test_the_parts_of_a_repetition_make_up_the_whole():
    motion = synthetic.squat([Effort(90), Effort(70, 1_000), Effort(80, hold_ms=2_000)])
    reps = counted_in(run(squat(), record(motion)))
    for rep in reps:
        assert rep.concentric_ms + rep.hold_ms + rep.eccentric_ms <= rep.end_ms - rep.start_ms
        assert rep.start_ms < rep.peak_ms < rep.end_ms
    assert [rep.hold_ms for rep in reps] == pytest.approx([0, 0, 2_000], abs=250)
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(reps))


def test_every_count_ticks_once_and_at_once():
    events = run(squat(), record(synthetic.squat(THREE)))
    reps, ticks = counted_in(events), ticks_in(events)
    assert [tick.count for tick in ticks] == [1, 2, 3]
    for rep, tick in zip(reps, ticks, strict=True):
        assert rep.peak_ms < tick.timestamp_ms < rep.end_ms
        assert tick.side is rep.side


def test_the_same_frames_give_the_same_events():
    frames = record(synthetic.squat(THREE), flaws=Flaws(noise_ratio=0.01, dropped_share=0.1))
    assert run(squat(), frames) == run(squat(), frames)


def test_sitting_up_and_down_is_counted():
    motion = synthetic.sit_to_stand(efforts([90] * 3))
    assert_true_to(counted_in(run(sit_to_stand(), record(motion))), motion)


@pytest.mark.parametrize("camera", [SIDE_VIEW, FACES_LEFT, Camera(mirror=True)])
def test_lying_exercises_are_counted_whichever_way_the_head_is(camera):
    lifted = synthetic.bridge(efforts([24] * 3, hold_ms=1_500))
    assert_true_to(counted_in(run(bridge(), record(lifted, camera))), lifted)
    raised = synthetic.straight_leg_raise(efforts([45] * 3, side=Side.RIGHT))
    assert_true_to(counted_in(run(straight_leg_raise(), record(raised, camera))), raised)


@pytest.mark.parametrize(
    "camera",
    [
        pytest.param(Camera(world=False), id="no world"),
        pytest.param(Camera(image=False), id="no picture"),
    ],
)
def test_one_kind_of_landmarks_is_enough(camera):
    motion = synthetic.squat(THREE)
    assert_true_to(counted_in(run(squat(), record(motion, camera))), motion)


# -- sides ----------------------------------------------------------------------------------------


ALTERNATING = [
    Effort(100, side=Side.LEFT),
    Effort(100, side=Side.RIGHT),
    Effort(100, side=Side.BOTH),
    Effort(100, side=Side.LEFT),
]


@pytest.mark.parametrize("camera", [FRONT_VIEW, Camera(view=View.FRONT, mirror=True)])
def test_the_side_that_works_gets_the_repetition(camera):
    motion = synthetic.arm_raise(ALTERNATING, sideways=True)
    swapped = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    expected = [
        swapped.get(effort.side, effort.side) if camera.mirror else effort.side
        for effort in ALTERNATING
    ]
    assert [rep.side for rep in counted_in(run(arm_raise(), record(motion, camera)))] == expected


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_only_the_prescribed_side_counts(side):
    motion = synthetic.arm_raise(ALTERNATING, sideways=True)
    reps = counted_in(run(arm_raise(), record(motion, FRONT_VIEW), side))
    assert len(reps) == sum(effort.side in (side, Side.BOTH) for effort in ALTERNATING)
    assert {rep.side for rep in reps} == {side}


def test_an_exercise_of_both_sides_is_never_one_sided():
    motion = synthetic.squat(THREE)
    sides = {rep.side for rep in counted_in(run(squat(), record(motion), Side.BOTH))}
    assert sides == {Side.BOTH}


@pytest.mark.parametrize("camera", [SIDE_VIEW, FACES_LEFT], ids=["right near", "left near"])
def test_a_hidden_far_side_does_not_stop_the_count(camera):
    hidden = Camera(faces_right=camera.faces_right, far_visibility=0.1)
    motion = synthetic.squat(THREE)
    assert_true_to(counted_in(run(squat(), record(motion, hidden))), motion)


def test_the_working_side_may_be_told_by_another_measure():
    """Both knees bend alike; the raised arm tells which side works."""
    plan = [Effort(90, side=Side.LEFT), Effort(90, side=Side.RIGHT)]

    def body(time_ms):
        lift = synthetic.excursion(time_ms, plan)
        bend = lift.max(axis=1, keepdims=True)
        return synthetic.body_m(
            Posture(trunk=0.35 * bend, hip=bend, knee=bend, shoulder=lift), len(time_ms)
        )

    motion = Motion(body, synthetic.total_ms(plan), synthetic.place(plan))
    told = squat(side=None, side_measure="shoulder_elevation")
    assert [rep.side for rep in counted_in(run(told, record(motion)))] == [Side.LEFT, Side.RIGHT]
    untold = squat(side=None)
    assert [rep.side for rep in counted_in(run(untold, record(motion)))] == [Side.BOTH] * 2


def test_a_curl_beside_the_camera_belongs_to_its_arm():
    plan = [Effort(110, side=Side.RIGHT), Effort(110, side=Side.LEFT)]
    reps = counted_in(run(elbow_curl(), record(synthetic.elbow_curl(plan))))
    assert [rep.side for rep in reps] == [Side.RIGHT, Side.LEFT]


# -- what is reported -----------------------------------------------------------------------------


def test_the_peak_is_that_of_the_joint():
    motion = synthetic.squat(efforts([95, 80, 60]))
    reps = counted_in(run(squat(), record(motion)))
    assert [rep.peak_deg for rep in reps] == pytest.approx([95, 80, 60], abs=1.5)
    assert {rep.uncertainty_deg for rep in reps} == {10.0}


def test_the_range_is_from_rest_to_peak():
    motion = synthetic.squat(efforts([95, 80, 60]))
    reps = counted_in(run(squat(), record(motion)))
    assert [rep.rom_deg for rep in reps] == pytest.approx([95, 80, 60], abs=2.5)


def test_a_falling_measure_reports_its_lowest_value():
    motion = synthetic.sit_to_stand(efforts([90, 80]))
    reps = counted_in(run(sit_to_stand(), record(motion)))
    assert [rep.peak_deg for rep in reps] == pytest.approx([0, 10], abs=1.5)
    assert all(rep.rom_deg is not None and rep.rom_deg < -70 for rep in reps)


def test_a_view_that_hides_the_angle_reports_none():
    for rep in counted_in(run(squat(), record(synthetic.squat(THREE), FRONT_VIEW))):
        assert (rep.peak_deg, rep.rom_deg, rep.uncertainty_deg) == (None, None, None)


def test_an_oblique_view_is_twice_as_uncertain():
    reps = counted_in(run(squat(), record(synthetic.squat(THREE), OBLIQUE_VIEW)))
    assert {rep.uncertainty_deg for rep in reps} == {20.0}


def test_the_limb_that_the_body_hides_is_twice_as_uncertain():
    plan = [Effort(110, side=Side.RIGHT), Effort(110, side=Side.LEFT)]
    reps = counted_in(run(elbow_curl(), record(synthetic.elbow_curl(plan))))
    # The camera sees the right side: the person faces right in the picture.
    assert [rep.uncertainty_deg for rep in reps] == [13.0, 26.0]


def test_one_arm_is_reported_not_the_mean_of_both():
    motion = synthetic.arm_raise([Effort(90, side=Side.LEFT)], sideways=True)
    (rep,) = counted_in(run(arm_raise(), record(motion, FRONT_VIEW)))
    taper_deg = np.degrees(np.arctan2(0.08, 0.5))
    assert rep.peak_deg == pytest.approx(90 + taper_deg, abs=1.5)


# -- what does not count --------------------------------------------------------------------------


STANDING, SEATED, SUPINE = Posture(), Posture(hip=90.0, knee=90.0), Posture(trunk=-90.0)
NOISY = Flaws(noise_ratio=0.01)


@pytest.mark.parametrize("posture", [STANDING, SEATED, SUPINE])
def test_a_still_person_counts_nothing(posture):
    frames = record(stillness(6_000, posture), fps=15, flaws=NOISY)
    for definition in (squat(), elbow_curl(), sit_to_stand(), bridge()):
        assert reps_in(run(definition, frames)) == []


@pytest.mark.parametrize("posture", [STANDING, SEATED])
def test_a_still_person_counts_nothing_from_the_front(posture):
    frames = record(stillness(6_000, posture), FRONT_VIEW, fps=15, flaws=NOISY)
    for definition in (squat(), elbow_curl(), arm_raise()):
        assert reps_in(run(definition, frames)) == []


def test_a_signal_is_not_counted_in_a_view_it_does_not_name():
    """From the front the thighs of a seated person point at the camera: their angle is noise."""
    frames = record(stillness(6_000, SEATED), FRONT_VIEW, fps=15, flaws=NOISY)
    for definition in (sit_to_stand(), bridge()):
        assert counted_in(run(definition, frames)) == []


@pytest.mark.parametrize("camera", [SIDE_VIEW, FACES_LEFT])
def test_walking_past_is_rejected_with_the_reason(camera):
    reps = reps_in(run(squat(guards=()), record(walk(8_000), camera)))
    assert reps
    for rep in reps:
        assert rep.status is not RepStatus.COUNTED
        assert rep.index is None
        assert rep.reason == "another movement: moved across the picture"


def test_an_exercise_that_moves_may_say_so():
    moving = squat(guards=(), max_travel_ratio=None)
    assert counted_in(run(moving, record(walk(8_000))))


def test_walking_on_the_spot_fails_a_guard():
    reps = reps_in(run(squat(), record(walk(8_000, speed_m_per_s=0.0))))
    assert reps
    assert {rep.reason for rep in reps} == {"another movement: a foot left the floor"}


def test_a_guard_rejects_with_its_reason():
    bow = synthetic.arm_raise(efforts([90] * 2))
    stiff = exercise(
        count=(CountSignal("shoulder_elevation", 30.0),),
        guards=(Guard("knee_flexion", "the knees did not bend", change_min=15.0),),
    )
    reps = reps_in(run(stiff, record(bow)))
    assert [rep.reason for rep in reps] == ["another movement: the knees did not bend"] * 2
    assert {rep.status for rep in reps} == {RepStatus.REJECTED}


def test_half_a_repetition_among_full_ones_is_partial():
    motion = synthetic.squat(efforts([90, 90, 90, 35, 90]))
    reps = reps_in(run(squat(), record(motion)))
    assert_true_to(reps, motion)
    assert [rep.status.value for rep in reps] == ["counted"] * 3 + ["partial", "counted"]
    assert [rep.index for rep in reps] == [1, 2, 3, None, 4]
    assert reps[3].reason == "far below the usual range of this set"


def test_a_movement_below_the_minimum_is_partial():
    motion = synthetic.squat(efforts([20]))
    (rep,) = reps_in(run(squat(guards=()), record(motion)))
    assert (rep.status, rep.reason) == (RepStatus.PARTIAL, "below the smallest range that counts")


def test_small_repetitions_of_a_person_who_cannot_do_more_count():
    motion = synthetic.squat(efforts([32] * 6))
    assert_true_to(counted_in(run(squat(), record(motion))), motion)


def test_a_jerk_is_too_fast():
    quick = squat(timing=Timing(2_000, 15_000))
    (rep,) = reps_in(run(quick, record(synthetic.squat(efforts([80], duration_ms=900)))))
    assert (rep.status, rep.reason) == (RepStatus.REJECTED, "too fast to be a repetition")


def test_holding_at_the_bottom_for_20_seconds_counts():
    motion = synthetic.squat(efforts([90, 90, 90], hold_ms=20_000))
    reps = counted_in(run(squat(), record(motion, fps=10)))
    assert len(reps) == 3
    assert all(19_000 <= rep.hold_ms <= 21_500 for rep in reps)


def test_staying_down_does_not_count_and_does_not_stop_the_count():
    short = squat(timing=Timing(500, 4_000))
    motion = synthetic.squat([Effort(90, hold_ms=75_000), Effort(90), Effort(90)])
    reps = reps_in(run(short, record(motion)))
    assert (reps[0].status, reps[0].reason) == (RepStatus.REJECTED, "did not return")
    assert [rep.status for rep in reps[1:]] == [RepStatus.COUNTED] * 2


# -- the end of the recording ---------------------------------------------------------------------


def cut(motion: Motion, at_ms: int) -> list[PoseFrame]:
    return [frame for frame in record(motion) if frame.timestamp_ms <= at_ms]


def test_a_repetition_that_the_end_cuts_off_is_open():
    events = run(squat(), cut(synthetic.squat(efforts([90] * 2)), 6_500))
    first, last = reps_in(events)
    assert first.status is RepStatus.COUNTED
    assert (last.status, last.index) == (RepStatus.OPEN, None)
    assert last.reason == "the recording ended inside it"
    assert len(ticks_in(events)) == 1


def test_standing_up_counts_though_the_recording_ends_there():
    events = run(sit_to_stand(), cut(synthetic.sit_to_stand(efforts([90] * 2)), 6_700))
    assert [rep.status for rep in reps_in(events)] == [RepStatus.COUNTED] * 2
    assert [rep.index for rep in reps_in(events)] == [1, 2]
    assert [tick.count for tick in ticks_in(events)] == [1, 2]


def test_the_last_repetition_needs_no_rest_after_it():
    motion = synthetic.squat(efforts([90] * 2))
    assert len(counted_in(run(squat(), cut(motion, motion.truth[-1].end_ms)))) == 2


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [PoseFrame.unseen(0, (640, 480))],
        [PoseFrame.unseen(at_ms, (640, 480)) for at_ms in range(0, 10_000, 100)],
        record(stillness(0)),
    ],
    ids=["none", "one unseen", "all unseen", "one"],
)
@pytest.mark.parametrize("definition", [squat(), wall_sit(), sit_to_stand()])
def test_a_stream_of_nothing_gives_no_result(frames, definition):
    events = run(definition, frames)
    assert reps_in(events) == []
    assert holds_in(events) == []


# -- tracking -------------------------------------------------------------------------------------


def test_a_gap_within_a_repetition_is_survived():
    motion = synthetic.squat(efforts([90] * 3))
    flaws = Flaws(gaps_ms=((1_900, 2_800), (6_000, 6_900)))
    assert_true_to(counted_in(run(squat(), record(motion, flaws=flaws))), motion)


def test_a_repetition_that_was_lost_is_rejected_and_the_next_counts():
    motion = synthetic.squat(efforts([90] * 3, duration_ms=4_000))
    events = run(squat(), record(motion, flaws=Flaws(gaps_ms=((7_200, 9_800),))))
    reps = reps_in(events)
    assert [rep.status.value for rep in reps] == ["counted", "rejected", "counted"]
    assert reps[1].reason == "tracking lost"
    assert [rep.index for rep in reps] == [1, None, 2]
    (lost,) = [event for event in events if isinstance(event, TrackingLost)]
    assert lost.start_ms == pytest.approx(7_200, abs=150)
    assert lost.end_ms == pytest.approx(9_800, abs=150)


def test_tracking_lost_at_rest_is_told_too():
    motion = synthetic.squat([Effort(90, pause_ms=8_000), Effort(90)])
    events = run(squat(), record(motion, flaws=Flaws(gaps_ms=((5_000, 11_000),))))
    assert len(counted_in(events)) == 2
    (lost,) = [event for event in events if isinstance(event, TrackingLost)]
    assert lost.start_ms == pytest.approx(5_000, abs=150)
    assert lost.end_ms == pytest.approx(11_000, abs=150)


def test_legs_out_of_the_picture_count_nothing():
    frames = [
        PoseFrame(
            frame.timestamp_ms,
            frame.image_px,
            frame.world_m,
            np.where(np.arange(33) >= Landmark.LEFT_KNEE, 0.05, frame.visibility),
            frame.image_size_px,
        )
        for frame in record(synthetic.squat(THREE), fps=15)
    ]
    engine = ExerciseEngine(squat())
    assert [event for frame in frames for event in engine.process(frame)] == []
    assert not engine.state.measured
    assert np.isnan(engine.state.value)
    assert np.isnan(engine.state.progress)


SPIKED = [
    pytest.param(SIDE_VIEW, "LEFT_HIP", id="side-hip"),
    pytest.param(SIDE_VIEW, "RIGHT_SHOULDER", id="side-shoulder"),
    pytest.param(SIDE_VIEW, "RIGHT_KNEE", id="side-knee"),
    pytest.param(SIDE_VIEW, "LEFT_ANKLE", id="side-ankle"),
    pytest.param(FRONT_VIEW, "LEFT_HIP", id="front-hip"),
    pytest.param(FRONT_VIEW, "RIGHT_SHOULDER", id="front-shoulder"),
    pytest.param(FRONT_VIEW, "RIGHT_KNEE", id="front-knee"),
    pytest.param(FRONT_VIEW, "LEFT_ANKLE", id="front-ankle"),
]


def spiked(motion: Motion, camera: Camera, landmark: str, frames: int) -> list[PoseFrame]:
    spikes = tuple(Spike(Landmark[landmark], at_ms, frames) for at_ms in (500, 2_500, 3_300, 9_100))
    return record(motion, camera, flaws=Flaws(spikes=spikes))


@pytest.mark.parametrize(("camera", "landmark"), SPIKED)
def test_one_wild_frame_does_not_move_a_repetition(camera, landmark):
    motion = synthetic.squat(efforts([90] * 4))
    reps = reps_in(run(squat(), spiked(motion, camera, landmark, frames=1)))
    assert_true_to(reps, motion)
    assert {rep.status for rep in reps} == {RepStatus.COUNTED}


@pytest.mark.parametrize(("camera", "landmark"), SPIKED)
def test_wild_landmarks_neither_add_nor_lose_a_repetition(camera, landmark):
    motion = synthetic.squat(efforts([90] * 4))
    assert len(counted_in(run(squat(), spiked(motion, camera, landmark, frames=2)))) == 4


def test_turning_within_a_set_keeps_counting_without_a_number_twice():
    turned = [
        *record(synthetic.squat(efforts([90] * 3)), SIDE_VIEW),
        *record(synthetic.squat(efforts([90] * 3)), FRONT_VIEW, start_ms=14_000),
        *record(synthetic.squat(efforts([90] * 3)), SIDE_VIEW, start_ms=28_000),
    ]
    events = run(squat(), turned)
    assert [rep.index for rep in counted_in(events)] == list(range(1, 10))
    assert [tick.count for tick in ticks_in(events)] == list(range(1, 10))


# -- what a screen shows --------------------------------------------------------------------------


def test_the_state_follows_the_movement():
    engine, phases = ExerciseEngine(squat()), []
    assert engine.state.phase is Phase.REST
    assert np.isnan([engine.state.progress, engine.state.value]).all()
    for frame in record(synthetic.squat([Effort(90, hold_ms=1_000)] * 2)):
        engine.process(frame)
        state = engine.state
        if not phases or state.phase is not phases[-1]:
            phases.append(state.phase)
        if 2_700 <= frame.timestamp_ms < 3_400:
            assert state.value == pytest.approx(90.0, abs=1.0)
            assert state.progress > 3.0
            assert state.measured
    once = [Phase.CONCENTRIC, Phase.PEAK, Phase.ECCENTRIC, Phase.REST]
    assert phases == [Phase.REST, *once, *once]
    assert (engine.state.counted, engine.state.view) == (2, View.SIDE)


def test_each_change_of_phase_is_told_once():
    events = run(squat(), record(synthetic.squat([Effort(90, hold_ms=1_000)] * 2)))
    phases = [event.phase for event in events if isinstance(event, PhaseChange)]
    once = [Phase.CONCENTRIC, Phase.PEAK, Phase.ECCENTRIC, Phase.REST]
    assert phases == [*once, *once]


def test_events_come_in_the_order_of_time():
    events = run(squat(), record(synthetic.squat(THREE)))
    reps = reps_in(events)
    assert [rep.start_ms for rep in reps] == sorted(rep.start_ms for rep in reps)
    stamps = [event.timestamp_ms for event in events if isinstance(event, RepTick | PhaseChange)]
    assert stamps == sorted(stamps)


# -- form -----------------------------------------------------------------------------------------


LEAN = check("trunk_lean", "trunk_lean_forward", Operator.ABOVE, 25.0, phase=CheckPhase.EFFORT)


def test_a_fault_is_flagged_on_its_repetition_and_counted_all_the_same():
    """The trunk leans 0.35 of the knee angle: 33 degrees at 95, 21 at 60."""
    motion = synthetic.squat(efforts([60, 95, 60]))
    reps = counted_in(run(squat(checks=(LEAN,)), record(motion)))
    assert [len(rep.deviations) for rep in reps] == [0, 1, 0]
    (lean,) = reps[1].deviations
    assert (lean.id, lean.rep, lean.unit) == ("trunk_lean", 2, "deg")
    assert lean.value == pytest.approx(0.35 * 95, abs=1.0)
    assert {rep.not_checked for rep in reps} == {()}


def test_a_fault_is_flagged_when_it_happens():
    """Three quarters of the amplitude are reached after arccos(-0.5) = 2/3 of the climb."""
    motion = synthetic.squat(efforts([95], duration_ms=4_000))
    throughout = check("trunk_lean", "trunk_lean_forward", Operator.ABOVE, 0.35 * 0.75 * 95)
    (rep,) = counted_in(run(squat(checks=(throughout,)), record(motion)))
    (lean,) = rep.deviations
    start_ms = motion.truth[0].start_ms
    assert lean.start_ms == pytest.approx(start_ms + 2_000 * 2 / 3, abs=50)
    assert lean.end_ms == pytest.approx(start_ms + 4_000 - 2_000 * 2 / 3, abs=50)


def test_a_view_that_hides_a_fault_says_so():
    reps = counted_in(run(squat(checks=(LEAN,)), record(synthetic.squat(THREE), FRONT_VIEW)))
    assert {rep.not_checked for rep in reps} == {("trunk_lean", OVER_LIMIT)}
    assert {rep.deviations for rep in reps} == {()}


def test_knees_drifting_in_are_seen_from_the_front():
    valgus = check("knees_in", "knee_valgus", Operator.ABOVE, 12.0)
    definition = squat(checks=(valgus,))
    drifting = synthetic.squat(efforts([90] * 2), knee_in_m=0.08)
    straight = synthetic.squat(efforts([90] * 2))
    flagged = counted_in(run(definition, record(drifting, FRONT_VIEW)))
    assert [[item.id for item in rep.deviations] for rep in flagged] == [["knees_in"]] * 2
    clean = counted_in(run(definition, record(straight, FRONT_VIEW)))
    assert [(rep.deviations, rep.not_checked) for rep in clean] == [((), (OVER_LIMIT,))] * 2


@pytest.mark.parametrize(
    ("value", "threshold", "plan"),
    [
        (RepValue.EFFORT_MS, 700.0, [Effort(90, 3_000), Effort(90, 1_000)]),
        (RepValue.RETURN_MS, 700.0, [Effort(90, 3_000), Effort(90, 1_000)]),
        (RepValue.HOLD_MS, 1_000.0, [Effort(90, hold_ms=2_000), Effort(90)]),
        (RepValue.GOAL_SHARE, 0.7, [Effort(90), Effort(50)]),
    ],
)
def test_tempo_and_range_are_judged(value, threshold, plan):
    item = check("tempo", value, Operator.BELOW, threshold, sustain_ms=0)
    good, bad = counted_in(run(squat(checks=(item,)), record(synthetic.squat(plan))))
    assert good.deviations == ()
    (deviation,) = bad.deviations
    assert deviation.value < threshold
    assert bad.start_ms <= deviation.start_ms < deviation.end_ms <= bad.end_ms


def test_uneven_arms_are_told_in_percent():
    item = check("uneven", RepValue.LEFT_RIGHT_DIFFERENCE, Operator.ABOVE, 15.0, sustain_ms=0)
    even, uneven = (
        synthetic.Motion(motion.body_m, motion.duration_ms, motion.truth)
        for motion in (uneven_raise(90, 90), uneven_raise(90, 65))
    )
    definition = arm_raise(checks=(item,), side=Side.BOTH)
    (fine,) = counted_in(run(definition, record(even, FRONT_VIEW)))
    (told,) = counted_in(run(definition, record(uneven, FRONT_VIEW)))
    assert fine.deviations == ()
    assert told.deviations[0].unit == "percent"
    assert told.deviations[0].value == pytest.approx(100 * (90 - 65) / 90, abs=4)


def uneven_raise(left_deg: float, right_deg: float) -> Motion:
    plan = efforts([1.0])
    return Motion(
        lambda time_ms: synthetic.body_m(
            Posture(shoulder_out=synthetic.excursion(time_ms, plan) * [left_deg, right_deg]),
            len(time_ms),
        ),
        synthetic.total_ms(plan),
        synthetic.place(plan),
    )


def test_a_repetition_that_does_not_count_is_not_judged():
    motion = synthetic.squat(efforts([90, 90, 90, 35]))
    low = check("low", RepValue.GOAL_SHARE, Operator.BELOW, 0.7, sustain_ms=0)
    partial = reps_in(run(squat(checks=(low,)), record(motion)))[-1]
    assert partial.status is RepStatus.PARTIAL
    assert partial.deviations == ()


def test_who_rests_beyond_the_goal_has_no_share_of_the_way_to_it():
    """Resting at 40 of a goal of 30, the way to the goal would lead back."""
    low = check("low", RepValue.GOAL_SHARE, Operator.BELOW, 0.7, sustain_ms=0)
    definition = elbow_curl(checks=(low,), reported=Reported("elbow_flexion", 10.0, 30.0, 158.0))
    motion = synthetic.elbow_curl(efforts([80.0]), rest_deg=40.0)
    (rep,) = counted_in(run(definition, record(motion)))
    assert rep.deviations == ()
    assert rep.not_checked == ("low",)


@pytest.mark.parametrize("side", [None, Side.LEFT])
def test_a_self_timed_exercise_is_neither_counted_nor_timed(side):
    engine = ExerciseEngine(stretch(), side)
    frames = record(synthetic.squat(efforts([90, 90])))
    assert [event for frame in frames for event in engine.process(frame)] == []
    assert engine.finish() == []
    state = engine.state
    assert (state.counted, state.holding_ms, state.measured) == (0, 0, False)
    assert np.isnan([state.value, state.progress, *state.left_right]).all()


# -- holds ----------------------------------------------------------------------------------------


def crossing_ms(true: synthetic.TrueEffort, share: float, half_ms: int = 1_500) -> tuple[int, int]:
    """Return when an effort first and last is at a share of its amplitude."""
    after_ms = half_ms * np.arccos(1.0 - 2.0 * share) / np.pi
    return round(true.start_ms + after_ms), round(true.end_ms - after_ms)


@pytest.mark.parametrize("fps", [10, 30])
@pytest.mark.parametrize("camera", [SIDE_VIEW, FACES_LEFT])
def test_a_wall_sit_is_timed(camera, fps):
    motion = synthetic.wall_sit(efforts([80, 80], hold_ms=8_000, pause_ms=3_000))
    first, second = holds_in(run(wall_sit(), record(motion, camera, fps=fps)))
    assert (first.index, second.index) == (1, 2)
    for hold, true in zip((first, second), motion.truth, strict=True):
        start_ms, _ = crossing_ms(true, 30 / 80)
        _, end_ms = crossing_ms(true, 22 / 80)
        assert hold.start_ms == pytest.approx(start_ms, abs=1_000 / fps + 1)
        assert hold.end_ms == pytest.approx(end_ms, abs=1_000 / fps + 1)
        assert hold.counted_ms == hold.end_ms - hold.start_ms
        assert hold.side is Side.BOTH


@pytest.mark.parametrize("camera", [SIDE_VIEW, FACES_LEFT, Camera(mirror=True)])
def test_a_plank_is_timed(camera):
    motion = synthetic.plank(efforts([90], hold_ms=8_000))
    (hold,) = holds_in(run(plank(), record(motion, camera)))
    assert hold.counted_ms == pytest.approx(9_700, abs=400)


def test_standing_is_no_wall_sit():
    assert holds_in(run(wall_sit(), record(stillness(8_000), fps=15))) == []


def test_a_wall_sit_seen_from_the_front_is_not_guessed():
    definition = wall_sit(hold=wall_sit().hold[:1])
    motion = synthetic.wall_sit(efforts([80], hold_ms=8_000))
    assert holds_in(run(definition, record(motion, FRONT_VIEW, fps=15))) == []


def test_form_of_a_hold_is_judged():
    deep = check("deep", "knee_flexion", Operator.ABOVE, 70.0, phase=CheckPhase.HOLD)
    short = check("short", RepValue.HOLD_MS, Operator.BELOW, 8_000.0, sustain_ms=0)
    valgus = check("valgus", "knee_valgus", Operator.ABOVE, 12.0, phase=CheckPhase.HOLD)
    definition = wall_sit(checks=(deep, short, valgus))
    motion = synthetic.wall_sit([Effort(80, hold_ms=10_000), Effort(60, hold_ms=4_000)])
    first, second = holds_in(run(definition, record(motion, fps=15)))
    assert [(item.id, item.rep) for item in first.deviations] == [("deep", 1)]
    assert [(item.id, item.rep) for item in second.deviations] == [("short", 2)]
    assert first.not_checked == second.not_checked == ("valgus",)


def test_the_hold_clock_can_be_shown():
    engine = ExerciseEngine(wall_sit())
    shown = []
    for frame in record(synthetic.wall_sit(efforts([80], hold_ms=6_000)), fps=15):
        engine.process(frame)
        shown.append(engine.state.holding_ms)
    assert shown[0] == 0
    assert max(shown) == pytest.approx(7_700, abs=200)
    assert shown[-1] == 0


# -- the catalogue --------------------------------------------------------------------------------

CATALOGUE_MOTIONS = {
    "squat": (synthetic.squat(efforts([100, 90, 95])), SIDE_VIEW),
    "mini_squat": (synthetic.squat(efforts([45, 45, 45])), SIDE_VIEW),
    "sit_to_stand": (synthetic.sit_to_stand(efforts([90] * 3)), SIDE_VIEW),
    "elbow_flexion_curl": (synthetic.elbow_curl(efforts([120] * 3, side=Side.RIGHT)), SIDE_VIEW),
    "shoulder_flexion_raise": (synthetic.arm_raise(efforts([130] * 3)), SIDE_VIEW),
    "shoulder_abduction_raise": (
        synthetic.arm_raise(efforts([85] * 3), sideways=True),
        FRONT_VIEW,
    ),
    "straight_leg_raise": (
        synthetic.straight_leg_raise(efforts([45] * 3, hold_ms=3_000, side=Side.RIGHT)),
        SIDE_VIEW,
    ),
    "glute_bridge": (synthetic.bridge(efforts([24] * 3, hold_ms=3_000)), SIDE_VIEW),
}


@pytest.mark.parametrize("exercise_id", CATALOGUE_MOTIONS)
def test_the_catalogue_counts_its_own_movement(exercise_id):
    motion, camera = CATALOGUE_MOTIONS[exercise_id]
    events = run(find_exercise(exercise_id), record(motion, camera))
    reps = reps_in(events)
    assert [rep.reason for rep in reps] == [None] * 3
    # An angle in space starts slowly where the arm hangs a little aside.
    assert_true_to(reps, motion, bound_ms=250)


@pytest.mark.parametrize(
    ("exercise_id", "motion"),
    [
        ("wall_sit", synthetic.wall_sit(efforts([80], hold_ms=12_000))),
        ("front_plank", synthetic.plank(efforts([90], hold_ms=12_000))),
    ],
)
def test_the_catalogue_times_its_own_holds(exercise_id, motion):
    (hold,) = holds_in(run(find_exercise(exercise_id), record(motion, fps=15)))
    assert 12_000 <= hold.counted_ms <= 15_000


@pytest.mark.parametrize("exercise_id", exercise_ids())
@pytest.mark.parametrize("camera", [SIDE_VIEW, FRONT_VIEW], ids=["side", "front"])
def test_nobody_earns_a_repetition_by_standing_or_walking(exercise_id, camera):
    motion = one_after_another(stillness(3_000), walk(6_000))
    flaws = Flaws(noise_ratio=0.005)
    events = run(find_exercise(exercise_id), record(motion, camera, fps=15, flaws=flaws))
    assert counted_in(events) == []
    assert holds_in(events) == []
