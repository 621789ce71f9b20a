"""Which exercise a recording shows: figures and everyday movements in, one of them or none out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.recognition.runs import FIGURE, Job, frames_of

import everyday
import synthetic
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.evidence import Evidence
from hep_vision.core.landmarks import MIRROR
from hep_vision.core.recognition import ALIKE, Recognition, recognise_exercise, weigh
from hep_vision.core.types import PoseFrame, View
from hep_vision.exercises.loading import catalogue
from moving import MOVING

CATALOGUE = catalogue()
KNOWN = ("glute_bridge", "seated_knee_extension", "standing_hip_abduction")
REALLY = {"ball play": "elbow_flexion_curl"}
"""A ball that is bounced four times is four bends of the elbow with a body that keeps still."""
FRONTAL = [name for name in everyday.MOVEMENTS if "seated" not in name]


def recognised(frames: Sequence[PoseFrame]) -> Recognition:
    return recognise_exercise(frames, list(CATALOGUE.values()))


def figure(name: str, seed: int = 0) -> list[PoseFrame]:
    return list(frames_of(Job(FIGURE, name, name, seed=seed)))


def names_of(exercise_id: str) -> set[str]:
    return {exercise_id, *(other for ids, _ in ALIKE if exercise_id in ids for other in ids)}


def moved(frames: Sequence[PoseFrame], scale: float = 1.0, shift_ms: int = 0) -> list[PoseFrame]:
    return [
        PoseFrame(
            pose.timestamp_ms + shift_ms,
            scale * pose.image_px,
            pose.world_m,
            pose.visibility,
            pose.image_size_px,
        )
        for pose in frames
    ]


def mirrored(frames: Sequence[PoseFrame]) -> list[PoseFrame]:
    table = list(MIRROR)
    return [
        PoseFrame(
            pose.timestamp_ms,
            pose.image_px[table] * [-1.0, 1.0] + [float(pose.image_size_px[0]), 0.0],
            pose.world_m[table] * [-1.0, 1.0, 1.0],
            pose.visibility[table],
            pose.image_size_px,
        )
        for pose in frames
    ]


# -- what is proposed -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", MOVING)
def test_an_exercise_of_the_catalogue_is_never_taken_for_another(name):
    found = recognised(figure(name, seed=3))
    if found.best is not None:
        assert found.best.exercise_id in names_of(name)
    assert 0.0 <= found.confidence <= 1.0


@pytest.mark.parametrize("name", KNOWN)
def test_a_clear_exercise_is_recognised_with_its_count(name):
    found = recognised(figure(name))
    assert found.best is not None
    assert (found.best.exercise_id, found.best.counted) == (name, 5)
    assert found.reason is None
    assert found.proposals[0] is found.best


@pytest.mark.parametrize("change", ["mirror", "larger", "later", "frame rate"])
def test_what_does_not_change_the_exercise_does_not_change_the_answer(change):
    frames = figure("glute_bridge")
    others = {
        "mirror": lambda: mirrored(frames),
        "larger": lambda: moved(frames, scale=2.5),
        "later": lambda: moved(frames, shift_ms=3_600_000),
        "frame rate": lambda: frames[::2],
    }
    before, after = recognised(frames), recognised(others[change]())
    assert before.best is not None
    assert after.best is not None
    assert after.best.exercise_id == before.best.exercise_id
    assert after.confidence == pytest.approx(before.confidence, abs=0.1)


@pytest.mark.parametrize("name", FRONTAL)
def test_an_everyday_movement_is_no_exercise(name):
    frames = everyday.film(everyday.MOVEMENTS[name], View.FRONT, everyday.manner(5))
    found = recognised(frames).best
    assert found is None or found.exercise_id == REALLY.get(name)


def test_an_exercise_of_ones_own_is_proposed_as_well():
    own = replace(CATALOGUE["glute_bridge"], id="my_bridge", name="My bridge")
    among = [own, CATALOGUE["squat"], CATALOGUE["sit_up"]]
    found = recognise_exercise(figure("glute_bridge"), among)
    assert found.best is not None
    assert found.best.exercise_id == "my_bridge"


def test_two_files_of_one_movement_are_not_told_apart():
    twins = [CATALOGUE["glute_bridge"], replace(CATALOGUE["glute_bridge"], id="my_bridge")]
    found = recognise_exercise(figure("glute_bridge"), twins)
    assert found.best is None
    assert found.reason == "it could be more than one"
    assert {one.exercise_id for one in found.proposals} == {"glute_bridge", "my_bridge"}


# -- what cannot be recognised --------------------------------------------------------------------


def test_an_empty_recording_is_unknown():
    assert recognised([]) == Recognition(None, 0.0, (), "nobody was seen in it")


def test_a_recording_without_a_person_is_unknown():
    frames = [PoseFrame.unseen(50 * number, (640, 480)) for number in range(200)]
    assert recognised(frames).reason == "nobody was seen in it"


def test_a_recording_that_is_too_short_is_unknown():
    found = recognised(figure("glute_bridge")[:30])
    assert found.best is None
    assert found.reason == "somebody is seen for less than 3 seconds"


def test_a_person_who_stands_still_is_unknown():
    frames = synthetic.record(synthetic.stillness(10_000), synthetic.FRONT_VIEW, fps=15.0)
    assert recognised(frames).best is None


# -- weighing -------------------------------------------------------------------------------------


def evidence(name: str, counted: int = 8, mismatch: float = 0.1) -> Evidence:
    return Evidence(CATALOGUE[name], counted, 0, 1.0, mismatch, mismatch, 0.1, 0.05)


def test_clear_evidence_is_proposed_and_one_repetition_is_not():
    assert weigh([evidence("glute_bridge")]).best is not None
    alone = weigh([evidence("glute_bridge", counted=1)])
    assert alone.best is None
    assert alone.reason == "no exercise was seen at least twice, and no hold"


def test_two_that_fit_alike_are_both_named_and_none_is_proposed():
    found = weigh([evidence("sit_up"), evidence("crunch")])
    assert found.best is None
    assert found.reason == "it could be more than one"
    assert [one.exercise_id for one in found.proposals] == ["crunch", "sit_up"]


def test_names_of_one_movement_share_their_confidence():
    found = weigh([evidence("squat", mismatch=0.1), evidence("mini_squat", mismatch=0.15)])
    assert found.best is not None
    assert found.best.exercise_id == "squat"
    assert found.best.confidence < found.confidence
    assert "mini_squat" in found.best.alike


def test_what_fits_badly_is_not_proposed():
    found = weigh([evidence("squat", counted=3, mismatch=1.1)])
    assert found.best is None
    assert found.reason == "nothing is like it clearly enough"


def test_the_better_it_fits_the_surer_it_is():
    fits = [weigh([evidence("squat", 4, mismatch)]).confidence for mismatch in (0.1, 0.5, 1.0)]
    assert fits == sorted(fits, reverse=True)
    assert len(set(fits)) == 3


def test_an_exercise_that_says_nothing_of_its_motion_can_be_weighed():
    silent: ExerciseDefinition = replace(CATALOGUE["squat"], motion=None)
    found = weigh([Evidence(silent, 8, 0, 1.0)])
    assert found.proposals[0].confidence < 0.5
    assert not np.isnan(found.confidence)


def test_every_name_of_a_group_is_in_the_catalogue():
    for ids, why in ALIKE:
        assert why
        assert all(CATALOGUE[name].kind is not Kind.SELF_TIMED for name in ids)
