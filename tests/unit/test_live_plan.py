"""Plans: from what was asked to sets, into the log and back, and what is left of them."""

import json
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

from hep_vision.app.live_plan import Asked, from_plain, plan_sets, to_plain, what_is_left
from hep_vision.coach.screens import Pace, Working
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side, View
from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.records import SessionCounts, SessionStatus, SittingRow
from sittings import planned, room

SQUAT = find_exercise("squat")
USUAL = PersonalRange(
    (SignalRange("hip_flexion", View.SIDE, Side.BOTH, 71.5),), "calibration first.mp4"
)


# -- what was asked -----------------------------------------------------------------------------


def test_without_wishes_the_dose_of_the_exercise_is_taken(tmp_path):
    sets = plan_sets(Asked("squat"), tmp_path)
    assert len(sets) == SQUAT.dose.sets
    for number, one in enumerate(sets, 1):
        assert (one.reps, one.hold_ms, one.rest_ms) == (
            SQUAT.dose.reps,
            SQUAT.dose.hold_ms,
            SQUAT.dose.rest_ms,
        )
        assert (one.number, one.of, one.place, one.side) == (number, len(sets), number, Side.BOTH)


def test_wishes_go_before_the_dose(tmp_path):
    tempo = Tempo(2_000, 1_000, 3_000)
    (one,) = plan_sets(
        Asked("squat", sets=1, reps=4, hold_ms=2_000, rest_ms=0, tempo=tempo), tmp_path
    )
    assert (one.reps, one.hold_ms, one.rest_ms, one.tempo) == (4, 2_000, 0, tempo)


def test_each_set_is_done_on_each_side(tmp_path):
    asked = Asked("straight_leg_raise", (Side.LEFT, Side.RIGHT), sets=2)
    sets = plan_sets(asked, tmp_path)
    assert [one.side for one in sets] == [Side.LEFT, Side.RIGHT] * 2
    assert [one.setting for one in sets] == [
        "Set 1 of 4 · left side",
        "Set 2 of 4 · right side",
        "Set 3 of 4 · left side",
        "Set 4 of 4 · right side",
    ]


def test_targets_change_the_exercise_and_the_hold(tmp_path):
    targets = Targets(goal=30.0, hold_ms=3_000)
    one, *_ = plan_sets(Asked("straight_leg_raise", targets=targets), tmp_path)
    assert one.exercise.shown.goal == 30.0
    assert one.hold_ms == 3_000
    wished, *_ = plan_sets(Asked("straight_leg_raise", targets=targets, hold_ms=1_000), tmp_path)
    assert wished.hold_ms == 1_000


def test_an_unknown_exercise_is_refused(tmp_path):
    with pytest.raises(HepVisionError):
        plan_sets(Asked("squta"), tmp_path)


def test_what_a_set_is_called():
    assert planned("squat").setting == ""
    assert planned("squat").label == "Squat"
    assert replace(planned("squat"), number=2, of=3).label == "Squat · set 2"
    assert planned("squat", reps=10, already=4).left == 6
    assert planned("squat", reps=10, already=14).left == 0
    assert planned("front_plank").timed
    assert planned("stretch_hold").timed
    assert not planned("glute_bridge").timed


# -- tempo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tempo"),
    [
        ("2-1-3", (2_000, 1_000, 3_000)),
        ("1.5-0-0.5", (1_500, 0, 500)),
        ("30-60-30", (30_000, 60_000, 30_000)),
    ],
)
def test_a_tempo_is_three_times_in_seconds(text, tempo):
    assert Tempo.parse(text) == Tempo(*tempo)
    assert Tempo.parse(text).whole_ms == sum(tempo)


@pytest.mark.parametrize(
    "text",
    ["", "2", "2-1", "2-1-3-1", "a-b-c", "0-1-3", "2-1-0", "31-0-1", "1-61-1", "nan-1-1", "-2-1-3"],
)
def test_what_is_no_tempo_is_refused_with_its_words(text):
    with pytest.raises(ValueError, match=r"expected seconds|take 0.3 to 30 s"):
        Tempo.parse(text)


def test_the_guide_goes_out_holds_and_comes_back():
    made = room(planned("squat", tempo=Tempo(2_000, 1_000, 3_000)))
    made.until(Working)
    began_ms, paces = made.now_ms, []
    while made.now_ms < began_ms + 12_000:
        paces.append((made.see().screen.pace, made.now_ms - began_ms))
    assert all(isinstance(pace, Pace) and 0.0 <= pace.share <= 1.0 for pace, _ in paces)
    words = [pace.word for pace, _ in paces]
    changes = [words[0], *(b for a, b in pairwise(words) if a != b)]
    assert changes == ["out", "hold", "back", "out", "hold", "back"]
    began = {word: next(at_ms for pace, at_ms in paces if pace.word == word) for word in set(words)}
    assert 2_000 <= began["hold"] <= 2_150
    assert 3_000 <= began["back"] <= 3_150
    steps = [abs(b.share - a.share) for (a, _), (b, _) in pairwise(paces)]
    assert max(steps) < 0.05, "the guide never jumps"


def test_without_a_tempo_there_is_no_guide():
    made = room(planned("squat"))
    assert made.until(Working).screen.pace is None


# -- into the log and back ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        Asked("squat"),
        Asked("straight_leg_raise", (Side.LEFT, Side.RIGHT), sets=2, rest_ms=0),
        Asked("squat", tempo=Tempo(2_000, 0, 1_500), targets=Targets(goal=70.0)),
        Asked("squat", personal=USUAL),
        Asked("stretch_hold"),
        Asked("front_plank", hold_ms=45_000),
    ],
    ids=["plain", "sides", "targets", "personal", "self-timed", "hold"],
)
def test_a_plan_comes_back_as_it_was(asked, tmp_path):
    plan = plan_sets(asked, tmp_path)
    kept = json.loads(json.dumps(to_plain(plan, asked.exercise)))
    assert from_plain(kept, tmp_path) == plan


def counts_of(count: int | SessionCounts) -> SessionCounts:
    return count if isinstance(count, SessionCounts) else SessionCounts(counted=count)


def cut_off(counts: SessionCounts) -> SimpleNamespace:
    """What a session keeps whose process was killed."""
    return SimpleNamespace(counts=counts, status=SessionStatus.RUNNING, status_reason=None)


def row(plan: dict, done: dict[int, list[int | SessionCounts]]) -> SittingRow:
    """A sitting that was cut off after so many repetitions in each session of these sets."""
    sets = tuple(
        SimpleNamespace(set_number=place, session=cut_off(counts_of(count)))
        for place, counts in done.items()
        for count in counts
    )
    return SittingRow(
        "some-id",
        "2026-03-01T09:30:00Z",
        None,
        SessionStatus.RUNNING,
        plan,
        None,
        None,
        "0",
        (),
        sets,
    )


@pytest.fixture
def kept(tmp_path) -> dict:
    return to_plain(plan_sets(Asked("squat", sets=3, reps=10), tmp_path), "squat")


def test_of_a_sitting_that_was_cut_off_the_rest_is_left(kept, tmp_path):
    left = what_is_left(row(kept, {1: [10], 2: [4]}), tmp_path)
    assert left.sitting_id == "some-id"
    assert left.done == 14
    assert [(one.place, one.already, one.left) for one in left.left] == [(2, 4, 6), (3, 0, 10)]
    assert left.left[0].setting == "Set 2 of 3"


def test_a_set_that_was_taken_up_before_adds_up(kept, tmp_path):
    left = what_is_left(row(kept, {1: [3, 4]}), tmp_path)
    assert left.left[0].already == 7


def test_of_one_that_was_not_begun_everything_is_left(kept, tmp_path):
    left = what_is_left(row(kept, {}), tmp_path)
    assert (left.done, len(left.left)) == (0, 3)


def test_of_one_that_was_done_nothing_is_left(kept, tmp_path):
    assert what_is_left(row(kept, {1: [10], 2: [12], 3: [10]}), tmp_path) is None


@pytest.mark.parametrize(
    ("holds", "held_ms", "already"), [(2, 41_000, 2), (2, 25_000, 1), (1, 60_000, 1), (2, 9_000, 0)]
)
def test_holds_that_broke_off_early_are_still_to_do(holds, held_ms, already, tmp_path):
    plan = to_plain(
        plan_sets(Asked("front_plank", reps=3, hold_ms=20_000), tmp_path), "front_plank"
    )
    left = what_is_left(row(plan, {1: [SessionCounts(holds=holds, held_ms=held_ms)]}), tmp_path)
    assert left.left[0].already == already


@pytest.mark.parametrize(
    "plan",
    [{}, {"sets": None}, {"sets": [3]}, {"sets": [{"exercise": "squat"}]}, {"name": "by hand"}],
)
def test_a_plan_that_cannot_be_read_is_not_gone_on_with(plan, tmp_path):
    assert what_is_left(row(plan, {}), tmp_path) is None


def test_nor_is_one_whose_exercise_is_gone(kept, tmp_path):
    kept["sets"][0]["exercise"] = "no_such_exercise"
    assert what_is_left(row(kept, {}), tmp_path) is None
