"""Totals of events, how well the person was seen, and what is said about nothing."""

import numpy as np
import pytest

import synthetic
from definitions import squat, stretch, wall_sit
from hep_vision.core.summary import SetSummary, Tracking, TrackingMeter, remarks, summarise
from hep_vision.core.types import (
    Deviation,
    Hold,
    Phase,
    PhaseChange,
    PoseFrame,
    Rep,
    RepStatus,
    RepTick,
    Severity,
    Side,
    TrackingLost,
    View,
)

LEAN = Deviation(
    "lean", 1, Side.BOTH, Severity.WARN, 100, 500, 50.0, 40.0, "deg", "Lift your chest."
)


def rep(status: RepStatus, side: Side = Side.BOTH, **parts) -> Rep:
    usual = {
        "index": 1 if status is RepStatus.COUNTED else None,
        "side": side,
        "start_ms": 0,
        "peak_ms": 500,
        "end_ms": 1_000,
        "status": status,
        "reason": None,
        "peak_deg": 90.0,
        "rom_deg": 85.0,
        "uncertainty_deg": 7.0,
        "concentric_ms": 500,
        "eccentric_ms": 500,
        "hold_ms": 0,
    }
    return Rep(**(usual | parts))


def test_no_events_are_zeros():
    assert summarise([]) == SetSummary(0, 0, 0, 0, dict.fromkeys(Side, 0), 0, 0, (), {}, ())


def test_repetitions_are_sorted_by_what_became_of_them():
    statuses = [RepStatus.COUNTED] * 4 + [RepStatus.PARTIAL] * 3 + [RepStatus.REJECTED] * 2
    summary = summarise(rep(status) for status in [*statuses, RepStatus.OPEN])
    assert (summary.counted, summary.partial, summary.rejected, summary.open) == (4, 3, 2, 1)


def test_only_counted_repetitions_are_credited_to_a_side():
    events = [
        rep(RepStatus.COUNTED, Side.LEFT),
        rep(RepStatus.COUNTED, Side.LEFT),
        rep(RepStatus.COUNTED, Side.RIGHT),
        rep(RepStatus.PARTIAL, Side.RIGHT),
    ]
    assert summarise(events).by_side == {Side.LEFT: 2, Side.RIGHT: 1, Side.BOTH: 0}


def test_holds_add_up_the_time_the_posture_was_right():
    holds = [Hold(1, Side.BOTH, 0, 10_000, 9_500), Hold(2, Side.BOTH, 20_000, 25_000, 5_000)]
    summary = summarise(holds)
    assert (summary.holds, summary.held_ms) == (2, 14_500)


def test_form_of_repetitions_and_holds_is_collected():
    events = [
        rep(RepStatus.COUNTED, deviations=(LEAN,), not_checked=("valgus",)),
        rep(RepStatus.COUNTED, not_checked=("valgus", "heel")),
        Hold(1, Side.BOTH, 0, 5_000, 5_000, (LEAN,), ("heel",)),
    ]
    summary = summarise(events)
    assert summary.deviations == (LEAN, LEAN)
    assert summary.not_checked == {"valgus": 2, "heel": 2}


def test_what_is_no_result_changes_no_total():
    lost = TrackingLost(1_000, 4_000)
    noise = [RepTick(500, 1, Side.BOTH), PhaseChange(100, Side.BOTH, Phase.PEAK), lost]
    summary = summarise([*noise, rep(RepStatus.COUNTED)])
    assert summary.counted == 1
    assert summary.lost == (lost,)


def test_events_may_come_from_a_generator():
    assert summarise(rep(RepStatus.COUNTED) for _ in range(3)).counted == 3


# -- tracking -------------------------------------------------------------------------------------


def seen_frames(duration_ms: int, start_ms: int = 0, fps: int = 10) -> list[PoseFrame]:
    return synthetic.record(synthetic.stillness(duration_ms), fps=fps, start_ms=start_ms)


def unseen_frames(duration_ms: int, start_ms: int = 0) -> list[PoseFrame]:
    stamps = range(start_ms, start_ms + duration_ms + 1, 100)
    return [PoseFrame.unseen(at_ms, (1280, 720)) for at_ms in stamps]


def test_time_seen_is_media_time():
    meter = TrackingMeter(View.SIDE)
    for frame in [*seen_frames(2_900), *unseen_frames(6_900, 3_000)]:
        meter.add(frame, View.SIDE, measured=frame.detected and frame.timestamp_ms <= 1_000)
    tracking = meter.tracking()
    assert tracking.frames == 100
    assert tracking.detected_ratio == pytest.approx(0.3)
    assert tracking.detected_ms == 2_900
    assert tracking.measured_ms == 1_000
    assert (tracking.view, tracking.view_ok) == (View.SIDE, True)


def test_the_view_is_that_of_most_of_the_time():
    meter = TrackingMeter(View.SIDE)
    for index, frame in enumerate(seen_frames(5_000)):
        meter.add(frame, View.FRONT if index >= 10 else View.SIDE, measured=True)
    assert (meter.tracking().view, meter.tracking().view_ok) == (View.FRONT, False)


def test_no_frames_are_no_tracking():
    assert TrackingMeter(View.SIDE).tracking() == Tracking(0, 0.0, 0, 0, View.UNKNOWN, False)


def test_a_world_pose_alone_is_a_person():
    unseen = PoseFrame.unseen(0, (640, 480))
    pose = PoseFrame(0, unseen.image_px, np.zeros((33, 3)), unseen.visibility, (640, 480))
    meter = TrackingMeter(View.SIDE)
    meter.add(pose, View.SIDE, measured=False)
    assert meter.tracking().detected_ratio == 1.0


# -- remarks --------------------------------------------------------------------------------------

DURATION_MS = 20_000


def told(definition, events=(), **parts) -> tuple[str, ...]:
    usual = {
        "frames": 600,
        "detected_ratio": 1.0,
        "detected_ms": DURATION_MS,
        "measured_ms": DURATION_MS,
        "view": View.SIDE,
        "view_ok": True,
    }
    return remarks(definition, summarise(events), Tracking(**(usual | parts)), DURATION_MS)


def test_a_good_set_needs_no_remark():
    assert told(squat(), [rep(RepStatus.COUNTED)]) == ()


def test_nobody_in_the_picture_is_said():
    unseen = {"detected_ratio": 0.0, "detected_ms": 0, "measured_ms": 0, "view": View.UNKNOWN}
    lines = told(squat(), **unseen, view_ok=False)
    assert lines[0] == "A person was seen for only 0.0 s."
    assert not any("film" in line for line in lines)


def test_limbs_out_of_the_picture_are_said():
    (line,) = told(squat(), measured_ms=0)
    assert line.startswith("Nothing could be counted")
    assert "never clearly in the picture" in line


def test_stillness_is_not_an_attempt():
    (line,) = told(squat())
    assert line == "No movement like squat was seen."


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([RepStatus.PARTIAL], "0 of 1 attempt counted: 1 too small."),
        ([RepStatus.PARTIAL] * 3, "0 of 3 attempts counted: 3 too small."),
        (
            [RepStatus.PARTIAL, RepStatus.REJECTED, RepStatus.REJECTED, RepStatus.OPEN],
            "0 of 4 attempts counted: 1 too small, 2 another movement or lost from view, "
            "1 cut off by the end.",
        ),
    ],
)
def test_attempts_that_fell_short_are_counted_out(statuses, expected):
    assert told(squat(), [rep(status) for status in statuses]) == (expected,)


def test_attempts_beside_counted_repetitions_need_no_remark():
    assert told(squat(), [rep(RepStatus.COUNTED), rep(RepStatus.PARTIAL)]) == ()


def test_no_hold_is_said():
    (line,) = told(wall_sit())
    assert line == "The wall sit position was not held long enough to time it."
    assert told(wall_sit(), [Hold(1, Side.BOTH, 0, 5_000, 5_000)]) == ()


def test_another_view_than_asked_for_is_said():
    (line,) = told(squat(), [rep(RepStatus.COUNTED)], view=View.FRONT, view_ok=False)
    assert line.startswith("Seen from the front")
    assert line.endswith("film squat from the side.")


@pytest.mark.parametrize("parts", [{}, {"detected_ms": 0}, {"view_ok": False}])
def test_a_self_timed_exercise_says_only_that_it_is_not_judged(parts):
    (line,) = told(stretch(), **parts)
    assert line == (
        "Stretch is not judged by the camera, and nothing was counted or logged: "
        "time it with a timer and report it yourself."
    )


def test_every_remark_is_one_line():
    lines = told(squat(), detected_ms=100, measured_ms=0, view=View.OBLIQUE, view_ok=False)
    assert len(lines) == 3
    assert all(line and "\n" not in line for line in lines)
