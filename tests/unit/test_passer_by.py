"""Someone who passes is no part of a set, for whatever looks at it: live, again, or to learn."""

import numpy as np
import pytest

import synthetic
from definitions import counted_in, run, squat
from hep_vision.core.audit import Audit, audit_set
from hep_vision.core.drafting import teach
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.form_profile import profile_reps
from hep_vision.core.types import PoseFrame, Side
from hep_vision.core.whole_set import patient_in
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder
from synthetic import Camera, Posture, efforts, record, stillness

SQUATS = synthetic.squat(efforts([90.0, 85.0, 92.0, 88.0, 91.0], pause_ms=2_000))
ALONE = record(SQUATS)
BENT = Posture(trunk=40.0, hip=95.0, knee=90.0)
ELSEWHERE = record(
    stillness(SQUATS.duration_ms, BENT), Camera(px_per_m=300.0, shift_px=(330.0, 0.0))
)
PASSING_MS = [(rep.end_ms + 600, rep.end_ms + 1_300) for rep in SQUATS.truth]
"""In each pause the pose model takes someone who ties a shoe for the patient."""


def with_a_passer_by() -> list[PoseFrame]:
    return [
        other if any(start <= own.timestamp_ms < end for start, end in PASSING_MS) else own
        for own, other in zip(ALONE, ELSEWHERE, strict=True)
    ]


def track_of(poses: list[PoseFrame]) -> LandmarkTrack:
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    return recorder.track()


def test_the_second_count_is_of_the_patient():
    poses = with_a_passer_by()
    events = run(squat(), poses)
    assert len(counted_in(events)) == 5
    assert audit_set(squat(), track_of(poses), events) == Audit(5, False)


def test_what_is_learned_is_what_the_patient_shows():
    taught, alone = (
        teach(poses, "squat", "Squat", 3, Side.BOTH) for poses in (with_a_passer_by(), ALONE)
    )
    assert taught is not None
    assert alone is not None
    assert taught.exercise == alone.exercise
    assert [rep.peak_ms for rep in taught.lesson.counted.reps] == pytest.approx(
        [rep.peak_ms for rep in alone.lesson.counted.reps], abs=100
    )


def test_a_profile_is_of_the_patient():
    spans = [(rep.start_ms, rep.end_ms + 1_900, Side.BOTH) for rep in SQUATS.truth]
    with_other, alone = (
        profile_reps(squat(), track_of(poses), spans) for poses in (with_a_passer_by(), ALONE)
    )
    assert with_other.view is alone.view
    np.testing.assert_allclose(with_other.values, alone.values, rtol=0.25, atol=5.0)


def test_what_is_drawn_is_what_was_judged():
    engine = ExerciseEngine(squat())
    assert engine.pose is None
    for pose in with_a_passer_by():
        engine.process(pose)
        assert engine.pose is not None
        passing = any(start <= pose.timestamp_ms < end for start, end in PASSING_MS)
        assert engine.pose.detected is not passing


def test_nothing_else_is_lost():
    track = track_of(ALONE)
    patient = patient_in(track)
    np.testing.assert_array_equal(patient.timestamp_ms, track.timestamp_ms)
    np.testing.assert_array_equal(patient.image_px, track.image_px)
    np.testing.assert_array_equal(patient.world_m, track.world_m)
    np.testing.assert_array_equal(patient.visibility, track.visibility)
