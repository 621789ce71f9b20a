"""What is worth a warm word: when it is reached, and never before."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hep_vision.core.definition import Direction
from hep_vision.core.types import Side, View
from hep_vision.program.milestones import Milestone, MilestoneKind, in_words, milestones
from hep_vision.program.progress import DayRange, DayWork, RangeCourse
from hep_vision.program.schedule import DayTally

MONDAY = date(2026, 3, 2)


def day(ahead: int) -> date:
    return MONDAY + timedelta(days=ahead)


def work(*counted: int) -> list[DayWork]:
    return [DayWork(day(n), 1, each, 0, 0, 0) for n, each in enumerate(counted)]


def tallies(word: str) -> list[DayTally]:
    """Return days by letters: d done, p partly, m missed, r rest."""
    done = {"d": (2, 2), "p": (2, 1), "m": (2, 0), "r": (0, 0)}
    return [DayTally(day(n), *done[letter]) for n, letter in enumerate(word)]


def course(
    *values: float, uncertainty: float = 5.0, limit: float = 120.0, less: bool = False
) -> RangeCourse:
    days = tuple(
        DayRange(day(n), value, uncertainty, 3, 90.0, limit) for n, value in enumerate(values)
    )
    direction = Direction.DECREASE if less else Direction.INCREASE
    return RangeCourse(
        "squat", Side.BOTH, "knee_flexion", "deg", direction, View.SIDE, days, 0, None
    )


def reached(*found: Milestone) -> list[tuple[MilestoneKind, int, float]]:
    return [(one.kind, (one.day - MONDAY).days, one.number) for one in found]


def test_the_hundredth_repetition_is_reached_on_its_day_and_once() -> None:
    found = milestones(work(60, 39, 1, 100), [], [])
    assert reached(*found) == [(MilestoneKind.REPS, 2, 100)]
    assert "100 repetitions" in in_words(found[0], "")


def test_of_two_on_one_day_the_larger_is_said() -> None:
    assert reached(*milestones(work(600), [], [])) == [(MilestoneKind.REPS, 0, 500)]


def test_after_the_last_step_it_goes_on() -> None:
    found = milestones(work(*[5_000] * 3), [], [])
    assert [one.number for one in found] == [5_000, 10_000, 15_000]


def test_a_week_is_full_when_nothing_due_is_left_and_rest_days_do_not_matter() -> None:
    assert reached(*milestones([], tallies("drdrdrr"), [])) == [(MilestoneKind.WEEK, 4, 0)]
    assert milestones([], tallies("drprdrr"), []) == ()
    assert milestones([], tallies("rrrrrrr"), []) == ()
    assert milestones([], tallies("dddddd"), []) == ()  # it was cut off


def test_days_in_a_row_leave_rest_days_out_and_begin_again_after_a_missed_one() -> None:
    found = milestones([], tallies("ddddd" + "rr" + "dd" + "m" + "ddddddd"), [])
    rows = [one for one in found if one.kind is MilestoneKind.DAYS]
    assert reached(*rows) == [(MilestoneKind.DAYS, 8, 7), (MilestoneKind.DAYS, 16, 7)]
    assert rows[0].key != rows[1].key


def test_a_new_best_is_one_beyond_the_uncertainty_of_both() -> None:
    assert milestones([], [], [course(60, 61, 59, 67)]) == ()  # 6 of hypot(5, 5)
    found = milestones([], [], [course(60, 61, 59, 69, 70, 77)])
    assert reached(*found) == [(MilestoneKind.RANGE, 3, 69), (MilestoneKind.RANGE, 5, 77)]
    assert in_words(found[0], "Squat") == "Squat: further than ever before, about 70 degrees."


def test_small_steps_are_a_new_best_once_they_add_up() -> None:
    found = milestones([], [], [course(60, 60, 60, 64, 66, 68)])
    assert [one.number for one in found] == [68]


def test_the_first_days_are_where_it_begins_and_no_best() -> None:
    assert milestones([], [], [course(40, 60, 80)]) == ()


def test_nothing_beyond_the_safety_maximum_is_praised_or_raises_the_bar() -> None:
    found = milestones([], [], [course(60, 60, 60, 130, 70, limit=120.0)])
    assert [one.number for one in found] == [70]


def test_where_less_is_further_less_is_the_best() -> None:
    found = milestones([], [], [course(60, 61, 59, 69, 40, limit=0.0, less=True)])
    assert [one.number for one in found] == [40]


@given(st.lists(st.floats(-3.5, 3.5), max_size=60))
def test_noise_is_never_a_best(noise: list[float]) -> None:
    assert milestones([], [], [course(*(60 + each for each in noise))]) == ()


@given(st.text("dpmr", max_size=40), st.lists(st.integers(0, 80), max_size=40))
def test_keys_tell_milestones_apart_and_stay_as_days_go_by(word: str, reps: list[int]) -> None:
    found = milestones(work(*reps), tallies(word), [])
    assert len({one.key for one in found}) == len(found)
    days = tallies(word)
    whole_weeks = len(days) // 7 * 7
    earlier = milestones(work(*reps[: len(reps) // 2]), days[:whole_weeks], [])
    assert {one.key for one in earlier} <= {one.key for one in found}
