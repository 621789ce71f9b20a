"""What is due, done, left and next, on days whose answer is known."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from hep_vision.core.types import Side
from hep_vision.program.schedule import (
    DoneSet,
    Occasion,
    due_now,
    dues,
    later,
    local_day,
    moment_of,
    next_occasion,
    prescribed_on,
    streak,
    tally,
    version_on,
)
from hep_vision.program.spec import Weekday, Works
from prescriptions import ZONE, prescribe, program, version

MONDAY = date(2026, 3, 2)
MWF = (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)
NINE, SIX = time(9), time(18)


def on(day: date, hour: float = 10) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour - 1)  # winter: an hour ahead


def sets(
    number: int, day: date = MONDAY, exercise_id: str = "squat", side: Side = Side.BOTH
) -> list[DoneSet]:
    return [DoneSet(on(day), exercise_id, side) for _ in range(number)]


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


# -- due ------------------------------------------------------------------------------------------


def test_an_exercise_is_due_on_its_days_from_the_start_on() -> None:
    plan = program(prescribe(days=MWF), start=day(2))
    due = [day(n) for n in range(14) if prescribed_on(plan, day(n))]
    assert due == [day(n) for n in (2, 4, 7, 9, 11)]


def test_the_review_ends_nothing() -> None:
    plan = program(prescribe(), start=MONDAY)
    assert prescribed_on(plan, plan.review + timedelta(days=1))


def test_due_done_and_left_add_up_over_sides_and_times() -> None:
    plan = version(prescribe(sets=2, works=Works.EACH, times_per_day=3))
    done = sets(3, side=Side.LEFT) + sets(1, side=Side.RIGHT)
    (one,) = dues([plan], done, MONDAY, ZONE)
    assert (one.sets_due, one.sets_done, one.sets_left) == (12, 4, 8)
    assert one.times_done == 0
    assert one.left_at_next() == ((Side.LEFT, 0), (Side.RIGHT, 1))


def test_what_is_beyond_the_dose_counts_for_nothing_else() -> None:
    plan = version(prescribe("squat", sets=1), prescribe("heel_raise", sets=1))
    squat, raises = dues([plan], sets(5), MONDAY, ZONE)
    assert (squat.sets_done, squat.complete) == (1, True)
    assert (raises.sets_done, raises.complete) == (0, False)
    assert squat.left_at_next() == ((Side.BOTH, 0),)


def test_only_the_prescribed_side_counts_and_without_one_any_does() -> None:
    one_side = version(prescribe(sets=1, works=Works.LEFT))
    any_side = version(prescribe(sets=1))
    right = sets(1, side=Side.RIGHT)
    assert not dues([one_side], right, MONDAY, ZONE)[0].complete
    assert dues([any_side], right, MONDAY, ZONE)[0].complete


def test_a_set_that_was_begun_is_not_done_and_not_forgotten() -> None:
    begun = DoneSet(on(MONDAY), "squat", complete=False)
    (one,) = dues([version(prescribe(sets=1))], [begun], MONDAY, ZONE)
    assert (one.sets_done, one.begun) == (0, 1)


def test_the_version_of_the_day_decides_and_days_before_the_first_ask_for_nothing() -> None:
    first = version(prescribe(sets=1), valid_from=on(day(1)))
    second = version(prescribe(sets=3), number=2, valid_from=on(day(3), 23))
    due = [sum(one.sets_due for one in dues([first, second], [], day(n), ZONE)) for n in range(5)]
    assert due == [0, 1, 1, 3, 3]
    assert version_on([second, first], day(9), ZONE) == second


# -- now and next ---------------------------------------------------------------------------------

TWICE = version(prescribe(sets=1, times_per_day=2, times=(NINE, SIX)))


@pytest.mark.parametrize(
    ("hour", "done", "now", "then"),
    [
        (8, 0, False, on(MONDAY, 9)),
        (10, 0, True, on(MONDAY, 18)),
        (10, 1, False, on(MONDAY, 18)),
        (8, 1, False, on(MONDAY, 18)),
        (19, 1, True, on(day(1), 9)),
        (19, 2, False, on(day(1), 9)),
        (8, 2, False, on(day(1), 9)),
    ],
)
def test_a_time_of_day_is_due_from_then_on_until_it_is_done(
    hour: int, done: int, now: bool, then: datetime
) -> None:
    moment = on(MONDAY, hour)
    times = dues([TWICE], sets(done), MONDAY, ZONE)
    assert bool(due_now(times, MONDAY, moment, ZONE)) is now
    found = next_occasion([TWICE], sets(done), moment, ZONE)
    assert found == Occasion(local_day(then, ZONE), then, ("squat",))


def test_without_times_what_is_left_is_due_now_and_next_is_the_next_day_that_is_no_rest_day() -> (
    None
):
    plan = version(prescribe(sets=1, days=MWF), prescribe("heel_raise", 1, (Weekday.FRIDAY,)))
    friday = day(4)
    assert len(due_now(dues([plan], [], MONDAY, ZONE), MONDAY, on(MONDAY, 0.5), ZONE)) == 1
    assert next_occasion([plan], [], on(MONDAY), ZONE) == Occasion(day(2), None, ("squat",))
    assert next_occasion([plan], [], on(day(2)), ZONE) == Occasion(
        friday, None, ("squat", "heel_raise")
    )
    assert next_occasion([plan], [], on(friday), ZONE) == Occasion(day(7), None, ("squat",))


def test_what_comes_together_is_named_together() -> None:
    plan = version(
        prescribe("squat", 1, times=(SIX,)),
        prescribe("heel_raise", 1, times=(NINE,)),
        prescribe("heel_slide", 1, times=(SIX,)),
    )
    times = dues([plan], [], MONDAY, ZONE)
    soon = later(times, MONDAY, on(MONDAY, 12), ZONE)
    assert [one.prescription.exercise_id for one in soon] == ["squat", "heel_slide"]
    assert later(times, MONDAY, on(MONDAY, 20), ZONE) == ()


def test_before_the_start_the_first_day_is_next() -> None:
    plan = version(prescribe(days=MWF), start=date(2026, 6, 2))
    assert next_occasion([plan], [], on(MONDAY), ZONE) == Occasion(
        date(2026, 6, 3), None, ("squat",)
    )
    assert next_occasion([], [], on(MONDAY), ZONE) is None


# -- streaks --------------------------------------------------------------------------------------

REGULAR = version(prescribe(sets=1, days=MWF))


@pytest.mark.parametrize(
    ("done_on", "today", "days"),
    [
        ((), 0, 0),
        ((0,), 0, 1),
        ((0,), 1, 1),
        ((0,), 2, 1),
        ((0,), 3, 0),
        ((0, 2, 4, 7), 8, 4),
        ((0, 2, 7), 8, 1),
        ((0, 1, 2), 3, 2),
    ],
)
def test_rest_days_neither_count_nor_break_a_streak(
    done_on: tuple[int, ...], today: int, days: int
) -> None:
    done = [one for n in done_on for one in sets(1, day(n))]
    assert streak([REGULAR], done, day(today), ZONE) == days


def test_a_week_is_told_day_by_day() -> None:
    done = sets(1, MONDAY) + sets(1, day(1))
    week = tally([REGULAR], done, [day(n) for n in range(4)], ZONE)
    assert [(one.sets_due, one.sets_done) for one in week] == [(1, 1), (0, 0), (1, 0), (0, 0)]
    assert [one.rest for one in week] == [False, True, False, True]
    assert [one.complete for one in week] == [True, False, False, False]


# -- clock changes --------------------------------------------------------------------------------

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    assert moment_of(SPRING, time(2, 30), ZONE) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    shown = moment_of(SPRING, time(2, 30), ZONE).astimezone(ZONE)
    assert (shown.hour, shown.minute) == (3, 30)


def test_of_a_time_that_comes_twice_the_first_is_taken() -> None:
    assert moment_of(AUTUMN, time(2, 30), ZONE) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("changed", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_every_hour_of_a_day_belongs_to_it_however_many_there_are(
    changed: date, hours: int
) -> None:
    midnight = moment_of(changed, time(), ZONE)
    within = [
        local_day(midnight + timedelta(hours=n), ZONE) == changed for n in range(-1, hours + 1)
    ]
    assert within == [False, *[True] * hours, False]


def test_a_time_of_day_stays_where_the_clock_shows_it() -> None:
    before = moment_of(SPRING - timedelta(days=1), NINE, ZONE)
    after = moment_of(SPRING, NINE, ZONE)
    assert after - before == timedelta(hours=23)


def test_a_set_just_before_midnight_is_of_that_day() -> None:
    done = [DoneSet(datetime(2026, 6, 10, 21, 59, tzinfo=UTC), "squat")]
    plan = version(prescribe(sets=1))
    week = tally([plan], done, [date(2026, 6, 10), date(2026, 6, 11)], ZONE)
    assert [one.sets_done for one in week] == [1, 0]
