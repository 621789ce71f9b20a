"""The table of landmarks and its symmetry, on which all arrays rely."""

import pytest

from hep_vision.core.landmarks import BODY_EDGES, LANDMARK_COUNT, MIRROR, SIDED_PARTS, Landmark
from hep_vision.core.measures import MEASURES


def swapped(name: str) -> str:
    return name.replace("LEFT", "*").replace("RIGHT", "LEFT").replace("*", "RIGHT")


def test_there_are_33_numbered_without_gaps():
    assert LANDMARK_COUNT == 33
    assert [landmark.value for landmark in Landmark] == list(range(33))


def test_mirroring_twice_changes_nothing():
    assert [MIRROR[MIRROR[index]] for index in range(LANDMARK_COUNT)] == list(range(33))


@pytest.mark.parametrize("landmark", Landmark, ids=lambda landmark: landmark.name)
def test_mirroring_swaps_left_and_right_in_the_name(landmark):
    assert Landmark(MIRROR[landmark]).name == swapped(landmark.name)


def test_only_the_nose_is_in_the_middle():
    assert [landmark for landmark in Landmark if MIRROR[landmark] == landmark] == [Landmark.NOSE]


def test_every_landmark_but_the_nose_and_mouth_is_a_sided_part():
    named = {Landmark[f"{side}_{part}"] for side in ("LEFT", "RIGHT") for part in SIDED_PARTS}
    assert set(Landmark) - named == {Landmark.NOSE, Landmark.MOUTH_LEFT, Landmark.MOUTH_RIGHT}


PARTS_MEASURED = sorted({part for info in MEASURES.values() for part in info.landmarks})


@pytest.mark.parametrize("part", PARTS_MEASURED)
def test_right_follows_left_where_measures_slice_both(part):
    assert Landmark[f"RIGHT_{part}"] == Landmark[f"LEFT_{part}"] + 1


def test_the_skeleton_is_as_symmetric_as_the_body():
    edges = {frozenset(edge) for edge in BODY_EDGES}
    assert {frozenset(MIRROR[end] for end in edge) for edge in edges} == edges
    assert len(edges) == len(BODY_EDGES)


def test_the_skeleton_hangs_together():
    reached, edges = {Landmark.LEFT_HIP}, list(BODY_EDGES)
    while new := {end for edge in edges if reached & set(edge) for end in edge} - reached:
        reached |= new
    assert reached == {end for edge in edges for end in edge}
    assert Landmark.RIGHT_FOOT_INDEX in reached
    assert Landmark.NOSE not in reached
