"""Which one thing is said: safety before form before tempo before praise, seldom, and truly."""

from itertools import pairwise

import pytest

from definitions import check, exercise
from hep_vision.coach.cues import Cue, CueChooser, Urgency
from hep_vision.core.definition import Direction, Operator, Reported
from hep_vision.core.types import Deviation, Hold, Rep, RepStatus, Severity, Side

CHECKS = (
    check("knees_in", "knee_valgus", Operator.ABOVE, 12.0),
    check("lean", "trunk_lean", Operator.ABOVE, 45.0),
    check("fast_return", "return_ms", Operator.BELOW, 1_000.0),
)
SQUAT = exercise(checks=CHECKS)
EVERY_MS = 5_000


def deviation(name: str, severity: Severity = Severity.WARN) -> Deviation:
    return Deviation(name, 1, Side.BOTH, severity, 0, 100, 20.0, 12.0, "deg", f"Mind {name}.")


def rep(
    *faults: str,
    rom: float = 80.0,
    rest: float = 0.0,
    status: RepStatus = RepStatus.COUNTED,
    stop: bool = False,
    not_checked: tuple[str, ...] = (),
) -> Rep:
    severity = Severity.STOP if stop else Severity.WARN
    return Rep(
        None, Side.BOTH, 0, 1_000, 2_000, status, None, rest + rom, rom, 10.0, 1_000, 1_000, 0,
        tuple(deviation(name, severity) for name in faults), not_checked,
    )  # fmt: skip


def hold(*faults: str) -> Hold:
    return Hold(1, Side.BOTH, 0, 9_000, 9_000, tuple(deviation(name) for name in faults))


def told(
    *events, target: int = 40, every_ms: int = EVERY_MS, of=SQUAT, **parts
) -> list[Cue | None]:
    """What is said after each of the events, which follow one another at this distance."""
    chooser = CueChooser(of, target, **parts)
    return [chooser.choose([event], every_ms * number) for number, event in enumerate(events, 1)]


def about(cues: list[Cue | None]) -> list[str | None]:
    return [None if cue is None else cue.about for cue in cues]


# -- faults -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faulty", "said_at"),
    [("X", []), ("X-", []), ("XX", [2]), ("X-X", [3]), ("X--X", []), ("-X-X", [4]), ("X--XX", [5])],
)
def test_a_fault_is_said_when_seen_in_two_of_three(faulty, said_at):
    cues = told(*(rep("knees_in") if mark == "X" else rep() for mark in faulty))
    assert [at for at, name in enumerate(about(cues), 1) if name == "knees_in"] == said_at


def test_a_fault_that_is_not_there_now_is_not_said():
    assert about(told(rep("lean"), rep("lean", "knees_in"), rep("knees_in")))[1:] == [
        "lean",
        "knees_in",
    ]


def test_what_must_stop_is_said_at_once():
    (cue,) = told(rep("knees_in", stop=True))
    assert (cue.urgency, cue.severity) == (Urgency.SAFETY, Severity.STOP)
    assert cue.words == "Mind knees_in."


def test_the_same_is_not_said_again_for_a_quarter_of_a_minute():
    cues = told(*[rep("knees_in")] * 12)
    said_ms = [EVERY_MS * at for at, name in enumerate(about(cues), 1) if name == "knees_in"]
    assert said_ms == [10_000, 25_000, 40_000, 55_000]


def test_two_things_are_not_said_in_one_breath():
    cues = told(*[rep("knees_in", "lean", "fast_return")] * 8, every_ms=1_500)
    said_ms = [1_500 * at for at, cue in enumerate(cues, 1) if cue is not None]
    assert len(said_ms) >= 3
    assert all(b - a >= 4_000 for a, b in pairwise(said_ms))


def test_safety_waits_for_nothing():
    cues = told(rep("lean"), rep("lean"), rep("knees_in", stop=True), every_ms=1_000)
    assert about(cues) == [None, "lean", "knees_in"]


def test_form_goes_before_tempo_and_tempo_before_praise():
    of_all = told(*[rep("fast_return", "knees_in")] * 4, target=5)
    assert about(of_all) == [None, "knees_in", "fast_return", "last"]
    assert [cue.urgency for cue in of_all[1:]] == [Urgency.FORM, Urgency.TEMPO, Urgency.PRAISE]
    assert Urgency.SAFETY > Urgency.FORM > Urgency.TEMPO > Urgency.PRAISE
    of_tempo = told(rep("fast_return"), rep("fast_return"), target=3)
    assert about(of_tempo) == [None, "fast_return"], "not: one more"


def test_safety_goes_before_form():
    chooser = CueChooser(SQUAT, 10)
    chooser.choose([rep("lean")], 5_000)
    both = rep("lean")
    grave = deviation("knees_in", Severity.STOP)
    cue = chooser.choose([Rep(**{f: getattr(both, f) for f in both.__slots__} | {
        "deviations": (*both.deviations, grave)})], 10_000)  # fmt: skip
    assert cue.about == "knees_in"


def test_one_fault_in_a_hold_is_said():
    assert about(told(hold("lean"))) == ["lean"]


def test_what_does_not_count_is_not_judged():
    rejected = [rep("knees_in", status=RepStatus.REJECTED)] * 4
    assert about(told(*rejected)) == [None] * 4


def test_attempts_that_fall_short_are_encouraged():
    partial = rep(status=RepStatus.PARTIAL)
    assert about(told(partial, partial)) == [None, "partial"]
    assert about(told(partial, rep(), partial)) == [None] * 3


# -- praise -------------------------------------------------------------------------------------


def test_who_overcomes_a_fault_is_told():
    cues = told(rep("lean"), rep("lean"), rep(), rep(), rep())
    assert about(cues) == [None, "lean", None, "+lean", None]
    assert cues[3].urgency is Urgency.PRAISE


def test_a_fault_that_was_not_said_or_cannot_be_seen_is_not_called_better():
    assert about(told(rep("lean"), rep(), rep(), rep())) == [None] * 4
    unseen = rep(not_checked=("lean",))
    assert about(told(rep("lean"), rep("lean"), unseen, unseen, rep()))[2:] == [None] * 3


def exercise_that(direction: Direction):
    rest, goal, limit = (
        (0.0, 90.0, 130.0) if direction is Direction.INCREASE else (90.0, 5.0, -10.0)
    )
    return exercise(
        checks=CHECKS, reported=Reported("knee_flexion", rest, goal, limit, direction)
    ), (lambda way: rep(rom=way)) if direction is Direction.INCREASE else (
        lambda way: rep(rom=-way, rest=90.0)
    )


@pytest.mark.parametrize("direction", Direction)
def test_the_farthest_yet_is_praised_whichever_way_it_goes(direction):
    of, going = exercise_that(direction)
    ways = [60.0, 62.0, 58.0, 75.0, 76.0, 50.0, 84.0]
    cues = told(*(going(way) for way in ways), of=of, every_ms=16_000)
    assert about(cues) == [None, None, None, "best", None, None, "best"]
    assert cues[3].words == "That was your deepest yet."


@pytest.mark.parametrize("direction", Direction)
def test_getting_shallower_is_not_praised(direction):
    of, going = exercise_that(direction)
    assert about(told(*(going(way) for way in (80.0, 72.0, 64.0, 56.0, 48.0)), of=of)) == [None] * 5


def test_little_by_little_adds_up_to_a_best():
    cues = told(*(rep(rom=60.0 + 2.0 * number) for number in range(8)), every_ms=16_000)
    assert "best" in about(cues)


def test_neither_the_first_ones_nor_faulty_ones_nor_those_beyond_the_limit_are_bests():
    assert about(told(rep(rom=50.0), rep(rom=80.0))) == [None, None]
    assert "best" not in about(told(rep(), rep(), rep(), rep("lean", rom=95.0)))
    assert "best" not in about(told(rep(), rep(), rep(), rep(rom=160.0)))


def test_half_way_and_one_more_are_said_in_time():
    assert about(told(*[rep()] * 8, target=8)) == [
        None, None, None, "half", None, None, "last", None
    ]  # fmt: skip
    assert about(told(*[rep()] * 3, target=3)) == [None, "last", None]
    assert about(told(rep(), target=1)) == [None]


def test_what_was_done_before_counts_for_half_way_and_one_more():
    assert about(told(*[rep()] * 5, target=8, already=3)) == ["half", None, None, "last", None]
