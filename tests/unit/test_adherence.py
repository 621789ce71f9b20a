"""What was done of what was prescribed, over days whose answer is known."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hep_vision.core.types import Side
from hep_vision.program.adherence import Achieved, Adherence, adherence, day_range, good_form
from hep_vision.program.schedule import DoneSet
from hep_vision.program.spec import Weekday, Works
from prescriptions import ZONE, prescribe, version

MONDAY = date(2026, 3, 2)
MWF = (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)
WEEK = day_range(MONDAY, MONDAY + timedelta(days=6))


def a_set(ahead: int = 0, *, complete: bool = True, reps: int = 10, **values: object) -> DoneSet:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=ahead)
    counts = {"tried": reps, "counted": reps, "clean": reps} | values
    return DoneSet(at, "squat", complete=complete, **counts)  # type: ignore[arg-type]


def over_the_week(*done: DoneSet, **changes: object) -> Adherence:
    plan = version(prescribe(**{"days": MWF, "sets": 2} | changes))
    return adherence([plan], done, WEEK, ZONE)


def test_nothing_done_is_all_due_and_no_share_of_form() -> None:
    found = over_the_week()
    assert found.sets == Achieved(due=6)
    assert found.reps == Achieved(due=60)
    assert (found.days_due, found.days_begun, found.days_complete) == (3, 0, 0)
    assert found.sets.completed_share == 0.0
    assert found.sets.good_share is None


def test_attempted_completed_and_good_are_kept_apart() -> None:
    found = over_the_week(
        a_set(clean=10),
        a_set(clean=3),  # completed, not well
        a_set(2, complete=False, tried=6, counted=4, clean=4),  # begun only
    )
    assert found.sets == Achieved(due=6, attempted=3, completed=2, judged=2, good=1)
    assert found.reps == Achieved(due=60, attempted=26, completed=24, judged=24, good=17)
    assert (found.days_begun, found.days_complete) == (1, 1)


def test_form_that_no_camera_judged_is_neither_good_nor_bad() -> None:
    found = over_the_week(a_set(clean=None), a_set(clean=10))
    assert (found.sets.completed, found.sets.judged, found.sets.good) == (2, 1, 1)
    assert found.sets.good_share == 1.0


def test_what_is_beyond_the_dose_makes_up_for_nothing() -> None:
    found = over_the_week(*[a_set(reps=15)] * 5)
    assert found.sets == Achieved(due=6, attempted=2, completed=2, judged=2, good=2)
    assert found.reps.completed == 20


def test_each_side_is_due_for_itself() -> None:
    left = [DoneSet(a_set().at, "squat", Side.LEFT, tried=10, counted=10, clean=10)] * 4
    found = over_the_week(*left, works=Works.EACH)
    assert (found.sets.due, found.sets.completed) == (12, 2)


def test_exercises_are_told_apart_and_in_the_order_of_the_program() -> None:
    plan = version(prescribe("heel_slide"), prescribe("squat", days=MWF))
    found = adherence([plan], [a_set()], WEEK, ZONE)
    assert [(one.exercise_id, one.days_due) for one in found.exercises] == [
        ("heel_slide", 7),
        ("squat", 3),
    ]
    assert [one.sets.completed > 0 for one in found.exercises] == [False, True]


def test_days_before_the_program_ask_for_nothing() -> None:
    plan = version(prescribe())
    before = day_range(MONDAY - timedelta(days=900), MONDAY - timedelta(days=800))
    found = adherence([plan], [], before, ZONE)
    assert found.exercises == ()
    assert all(one.rest for one in found.days)


@pytest.mark.parametrize(
    ("counted", "clean", "good"), [(0, 0, False), (10, 8, True), (10, 7, False)]
)
def test_a_set_is_good_from_four_in_five(counted: int, clean: int, good: bool) -> None:
    assert good_form(counted, clean) is good


def test_a_range_of_days_holds_both_ends() -> None:
    assert day_range(MONDAY, MONDAY) == (MONDAY,)
    assert day_range(MONDAY, MONDAY - timedelta(days=1)) == ()
