"""Laws that every exercise of the catalogue keeps: what the camera and the clock may not change.

One set of each exercise is filmed from where the exercise puts the camera; each law changes the
landmarks or the film, and the same is counted, held and flagged.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from definitions import counted_in, holds_in, reps_in, run
from hep_vision.app.evaluate import replay
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.landmarks import MIRROR
from hep_vision.core.types import Event, PoseFrame, RepStatus, Side
from hep_vision.sources.recorded import TrackRecorder, read_track, write_track
from moving import MOVING, done_by, sides_of, times
from synthetic import CLEAN, Camera, Effort, Flaws, Motion, record

SIZE_PX = (1280, 720)
Frames = list[PoseFrame]
Seen = list[tuple[str, Side, tuple[str, ...]]]


def motion_of(exercise: ExerciseDefinition) -> Motion:
    held = exercise.kind is Kind.TIMED_HOLD
    # As slowly as is asked for and all the way, so that no flag hangs on a threshold.
    set_of_three = [Effort(1.0, duration_ms=3_600, pause_ms=700)] * 3
    plan = times(1, 1.0, hold_ms=6_000) if held else set_of_three
    return done_by(exercise, plan, worker(exercise))


def worker(exercise: ExerciseDefinition) -> Side:
    return sides_of(exercise)[0]


def camera_of(exercise: ExerciseDefinition, **parts: object) -> Camera:
    # The working side is the near one where sides differ in that.
    faces_right = worker(exercise) is not Side.LEFT
    return Camera(**({"view": exercise.camera.view, "faces_right": faces_right} | parts))


def film(
    exercise: ExerciseDefinition, fps: float = 15.0, flaws: Flaws = CLEAN, **camera: object
) -> Frames:
    return record(motion_of(exercise), camera_of(exercise, **camera), fps=fps, flaws=flaws)


@cache
def usual(name: str) -> tuple[Frames, list[Event]]:
    frames = film(MOVING[name])
    return frames, run(MOVING[name], frames)


def seen(events: list[Event]) -> Seen:
    """What was done, without the numbers that noise may move."""
    done = [*counted_in(events), *holds_in(events)]
    return [
        (type(one).__name__, one.side, tuple(sorted(flag.id for flag in one.deviations)))
        for one in done
    ]


def bounds_ms(events: list[Event]) -> np.ndarray:
    done = [*counted_in(events), *holds_in(events)]
    return np.array([(one.start_ms, one.end_ms) for one in done], dtype=np.float64)


def moved(frame: PoseFrame, change: Callable[[np.ndarray], np.ndarray]) -> PoseFrame:
    return replace(frame, image_px=change(frame.image_px))


def mirrored(frame: PoseFrame) -> PoseFrame:
    order = list(MIRROR)
    return replace(
        frame,
        image_px=(frame.image_px * (-1.0, 1.0) + (SIZE_PX[0], 0.0))[order],
        world_m=(frame.world_m * (-1.0, 1.0, 1.0))[order],
        visibility=frame.visibility[order],
    )


every_exercise = pytest.mark.parametrize("name", MOVING)


@every_exercise
def test_the_set_is_seen_as_it_was_done(name):
    done = seen(usual(name)[1])
    assert [kind for kind, _, _ in done] in (["Rep"] * 3, ["Hold"])
    assert {side for _, side, _ in done} <= {worker(MOVING[name]), Side.BOTH}


@every_exercise
def test_another_time_of_day_changes_nothing_but_the_stamps(name):
    frames, events = usual(name)
    later = [replace(frame, timestamp_ms=frame.timestamp_ms + 7_200_000) for frame in frames]
    found = run(MOVING[name], later)
    assert seen(found) == seen(events)
    assert np.array_equal(bounds_ms(found), bounds_ms(events) + 7_200_000)


@every_exercise
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda px: px + np.array([150.0, -60.0]), id="elsewhere in the picture"),
        pytest.param(lambda px: px * 0.35, id="small figure"),
        pytest.param(lambda px: px * 2.0, id="large figure"),
    ],
)
def test_place_and_size_in_the_picture_change_nothing(name, change):
    frames, events = usual(name)
    found = run(MOVING[name], [moved(frame, change) for frame in frames])
    assert seen(found) == seen(events)
    assert bounds_ms(found) == pytest.approx(bounds_ms(events), abs=5)


@every_exercise
@pytest.mark.parametrize("size_px", [(720, 1280), (640, 480)], ids=["portrait", "4:3"])
def test_the_shape_of_the_picture_changes_nothing(name, size_px):
    found = run(MOVING[name], film(MOVING[name], size_px=size_px))
    assert seen(found) == seen(usual(name)[1])


@every_exercise
def test_a_mirrored_picture_exchanges_the_sides(name):
    frames, events = usual(name)
    found = run(MOVING[name], [mirrored(frame) for frame in frames])
    other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.BOTH: Side.BOTH}
    assert seen(found) == [(kind, other[side], flags) for kind, side, flags in seen(events)]


@every_exercise
@pytest.mark.parametrize("fps", [10.0, 30.0, 60.0])
def test_the_frame_rate_changes_nothing(name, fps):
    found = run(MOVING[name], film(MOVING[name], fps))
    assert seen(found) == seen(usual(name)[1])
    assert bounds_ms(found) == pytest.approx(bounds_ms(usual(name)[1]), abs=30 + 1_400 / 10)


@every_exercise
@pytest.mark.parametrize(
    "flaws",
    [
        pytest.param(Flaws(jitter_ms=12, seed=3), id="jittered stamps"),
        pytest.param(Flaws(dropped_share=0.3, seed=4), id="dropped frames"),
        pytest.param(Flaws(noise_ratio=0.01, seed=5), id="noise"),
        pytest.param(Flaws(gaps_ms=((2_000, 2_500), (6_000, 6_500)), seed=6), id="gaps"),
    ],
)
def test_flaws_of_the_recording_change_no_count(name, flaws):
    found = run(MOVING[name], film(MOVING[name], flaws=flaws))
    kinds_and_sides = [(kind, side) for kind, side, _ in seen(found)]
    assert kinds_and_sides == [(kind, side) for kind, side, _ in seen(usual(name)[1])]


@every_exercise
def test_a_stored_track_gives_the_very_events_of_the_stream(name, tmp_path: Path):
    recorder = TrackRecorder(SIZE_PX)
    for frame in film(MOVING[name], flaws=Flaws(noise_ratio=0.01, jitter_ms=8, seed=9)):
        recorder.add(frame)
    live = replay(recorder.track(), MOVING[name])
    write_track(tmp_path / "set.npz", recorder.track())
    assert replay(read_track(tmp_path / "set.npz"), MOVING[name]) == live
    assert seen(live) != []


@pytest.mark.parametrize(
    "name", [name for name, found in MOVING.items() if found.kind is not Kind.TIMED_HOLD]
)
def test_too_small_a_repetition_is_partial_or_nothing(name):
    exercise = MOVING[name]
    small = done_by(exercise, times(1, 0.15), worker(exercise))
    events = run(exercise, record(small, camera_of(exercise), fps=15))
    assert counted_in(events) == []
    assert {rep.status for rep in reps_in(events)} <= {RepStatus.PARTIAL, RepStatus.REJECTED}
