"""A written calendar, read again by other means, asks for what the schedule asks for."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import Component, read_calendar
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.calendar import calendar_bytes
from hep_vision.program.schedule import ProgramVersion, dues
from hep_vision.program.spec import WEEK, Prescription, Program, Works
from hep_vision.program.weekly import Reminders, weekly
from prescriptions import ZONE

MANY = settings(max_examples=60, deadline=None)
EXERCISES = ("squat", "heel_slide", "bird_dog", "front_plank")
ENTERED = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Both changes of the clock of 2026 lie within: 29 March and 25 October.
starts = st.dates(date(2026, 3, 10), date(2026, 11, 4))
clock_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def prescriptions(draw: st.DrawFn, exercise_id: str) -> Prescription:
    chosen = draw(st.sets(st.sampled_from(WEEK), min_size=1))
    times = sorted(draw(st.sets(clock_times, max_size=3)))
    return Prescription(
        exercise_id,
        draw(st.integers(1, 3)),
        10,
        tuple(day for day in WEEK if day in chosen),
        len(times) or draw(st.integers(1, 4)),
        tuple(times),
        works=draw(st.sampled_from(list(Works))),
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    start = draw(starts)
    ids = EXERCISES[: draw(st.integers(1, len(EXERCISES)))]
    exercises = tuple(draw(prescriptions(one)) for one in ids)
    review = start + timedelta(days=draw(st.integers(7, 250)))
    return Program("A.", "B.", start, review, exercises)


def events(program: Program, anytime: time) -> list[Component]:
    reminders = Reminders(
        str(uuid.UUID(int=1)), 1, ENTERED, program.start, program.review, weekly(program, anytime)
    )
    content = calendar_bytes(reminders, find_exercise, alarm_min=10, names=True)
    return read_calendar(content).components


def occurrences(event: Component) -> list[datetime]:
    begin = datetime.strptime(event["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- floating
    return list(rrulestr(event["RRULE"], dtstart=begin))


def due(program: Program) -> Iterator[tuple[date, Prescription]]:
    version = ProgramVersion(1, ENTERED, program)
    for ahead in range(-7, (program.review - program.start).days + 1):
        day = program.start + timedelta(days=ahead)
        yield from ((day, one.prescription) for one in dues([version], [], day, ZONE))


@MANY
@given(programs(), st.builds(time, st.integers(0, 16), st.integers(0, 59)))
def test_what_the_calendar_asks_for_is_what_the_schedule_asks_for(program, anytime):
    found = [
        (moment, name)
        for event in events(program, anytime)
        for moment in occurrences(event)
        for name in event["DESCRIPTION"].split("\n")
    ]
    asked = {(day, find_exercise(one.exercise_id).name): one for day, one in due(program)}

    assert Counter((moment.date(), name) for moment, name in found) == {
        key: one.times_per_day for key, one in asked.items()
    }
    for (day, name), one in asked.items():
        for at in one.times or [anytime]:
            assert (datetime.combine(day, at), name) in found


@MANY
@given(programs(), st.builds(time, st.integers(0, 16), st.integers(0, 59)))
def test_nobody_is_called_twice_at_once(program, anytime):
    found = Counter(moment for event in events(program, anytime) for moment in occurrences(event))
    assert set(found.values()) == {1}


@MANY
@given(programs())
def test_the_first_occurrence_is_the_event_itself_and_each_has_an_id_of_its_own(program):
    found = events(program, time(9))
    for event in found:
        begin = occurrences(event)[0]
        assert f"{begin:%Y%m%dT%H%M%S}" == event["DTSTART"]
        assert program.start <= begin.date() < program.start + timedelta(days=7)
    assert len({event["UID"] for event in found}) == len(found)


@MANY
@given(programs(), st.integers(0, 17), st.integers(0, 17))
def test_another_time_for_what_has_none_moves_it_and_makes_nothing_new(program, one, other):
    program = replace(program, exercises=[replace(each, times=()) for each in program.exercises])
    first, second = (events(program, time(hour)) for hour in (one, other))
    assert {event["UID"] for event in first} == {event["UID"] for event in second}
