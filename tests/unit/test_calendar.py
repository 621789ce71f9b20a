"""The week of a program as a calendar file, of weeks whose answer is known."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr

from calendars import Component, read_calendar
from hep_vision.core.tempo import Tempo
from hep_vision.errors import ExportError, ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.calendar import calendar_bytes, export_calendar
from hep_vision.program.spec import WEEK, Program, Weekday, Works
from hep_vision.program.weekly import Reminders, first_day, length_ms, weekly
from prescriptions import prescribe, program

WEDNESDAY = date(2026, 3, 4)
MWF = (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)
TUE = (Weekday.TUESDAY,)
NINE, SIX = time(9), time(18)
ENTERED = datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=1)))


def reminders(plan: Program, **changed: object) -> Reminders:
    found = Reminders(
        str(uuid.UUID(int=7)), 3, ENTERED, plan.start, plan.review, weekly(plan, NINE)
    )
    return replace(found, **changed)


def text(plan: Program, *, alarm_min: int | None = 10, names: bool = False, **changed: object):
    found = reminders(plan, **changed)
    return calendar_bytes(found, find_exercise, alarm_min=alarm_min, names=names)


def events(plan: Program, **more: object) -> list[Component]:
    return read_calendar(text(plan, **more)).components


def length_min(*exercises) -> float:
    (one,) = weekly(program(*exercises), NINE)
    return length_ms(one, find_exercise) / 60_000


# -- the week -------------------------------------------------------------------------------------


def test_what_is_due_together_is_one_time_and_days_that_are_alike_are_one_pattern() -> None:
    plan = program(
        prescribe("squat", days=MWF), prescribe("heel_raise", times=(NINE, SIX), times_per_day=2)
    )
    found = [
        (one.at, one.days, [each.exercise_id for each in one.prescriptions])
        for one in weekly(plan, NINE)
    ]
    others = tuple(day for day in WEEK if day not in MWF)
    assert found == [
        (NINE, MWF, ["squat", "heel_raise"]),
        (NINE, others, ["heel_raise"]),
        (SIX, WEEK, ["heel_raise"]),
    ]


def test_what_has_no_time_is_spread_until_the_evening() -> None:
    plan = program(prescribe(times_per_day=3))
    assert [one.at for one in weekly(plan, time(8, 20))] == [time(8, 20), time(13, 40), time(19)]


def test_a_time_too_late_for_several_times_a_day_says_what_would_do() -> None:
    plan = program(prescribe(times_per_day=3))
    with pytest.raises(ProgramError, match=r"From 18:01 .* begin at 18:00 or earlier"):
        weekly(plan, time(18, 1))
    assert [one.at for one in weekly(plan, SIX)] == [SIX, time(18, 30), time(19)]


def test_the_first_day_is_never_before_the_start() -> None:
    plan = program(prescribe("squat", days=TUE), prescribe("heel_raise", days=MWF))
    found = {one.days: first_day(one, WEDNESDAY) for one in weekly(plan, NINE)}
    assert found == {MWF: WEDNESDAY, TUE: date(2026, 3, 10)}


@pytest.mark.parametrize(
    ("exercise", "minutes"),
    [
        # A minute to get ready, two sets of ten times 4 s, a minute between: 3:20.
        (prescribe("squat", rest_ms=60_000, hold_ms=0), 5),
        # On each side: four sets and three rests, 1 + 2:40 + 3 = 6:40.
        (prescribe("squat", rest_ms=60_000, hold_ms=0, works=Works.EACH), 10),
        # 6 s each by the tempo: 1 + 2 + 1 minutes; a hold of 7 s in place of 1 s: 1 + 4 + 1.
        (prescribe("squat", rest_ms=60_000, hold_ms=0, tempo=Tempo(2000, 1000, 3000)), 5),
        (prescribe("squat", rest_ms=60_000, hold_ms=7_000, tempo=Tempo(2000, 1000, 3000)), 10),
        # Twice ten holds of 27 s and 3 s to take them up: 1 + 10 + 1.
        (prescribe("front_plank", rest_ms=60_000, hold_ms=27_000), 15),
    ],
)
def test_the_length_is_that_of_the_dose_rounded_up_to_five_minutes(exercise, minutes) -> None:
    assert length_min(exercise) == minutes


# -- the file -------------------------------------------------------------------------------------


def test_an_event_says_when_and_nothing_about_whom_or_what() -> None:
    plan = replace(
        program(prescribe("squat", days=MWF, load="a band"), start=date(2026, 3, 3)),
        patient="Anna", therapist="Doe", goals=("Climb",), precautions=("No pain",),
    )  # fmt: skip
    (event,) = events(plan)
    uid = event.properties.pop("UID")
    assert str(uuid.UUID(uid)) == uid
    assert event.properties == {
        "SUMMARY": "Exercises",
        "DTSTART": "20260304T090000",
        "DTSTAMP": "20260301T123000Z",
        "DURATION": "PT5M",
        "RRULE": "FREQ=WEEKLY;UNTIL=20260414T235959;BYDAY=MO,WE,FR",
        "SEQUENCE": "3",
        "CLASS": "PRIVATE",
    }
    (alarm,) = event.components
    assert alarm.properties == {
        "ACTION": "DISPLAY", "DESCRIPTION": "Exercises", "TRIGGER": "-PT10M"
    }  # fmt: skip


def test_names_are_there_if_asked_for_and_survive_the_marks_of_the_format(tmp_path: Path) -> None:
    plan = program(prescribe("squat"), prescribe("sit_to_stand"))
    (event,) = events(plan, names=True)
    assert event["DESCRIPTION"] == "Squat\nSit to stand"
    own = replace(find_exercise("squat"), name="Bend, stretch; \\ " + "ü" * 60)
    content = calendar_bytes(reminders(plan), lambda _: own, alarm_min=None, names=True)
    assert read_calendar(content).components[0]["DESCRIPTION"] == own.name


def test_the_alarm_is_as_early_as_asked_or_not_at_all() -> None:
    plan = program(prescribe())
    triggers = {minutes: events(plan, alarm_min=minutes)[0].components for minutes in (0, 90)}
    assert triggers[90][0]["TRIGGER"] == "-PT1H30M"
    assert triggers[0][0]["TRIGGER"] == "P0D"
    assert events(plan, alarm_min=None)[0].components == []


def test_the_day_of_the_review_is_in_it_to_its_end() -> None:
    plan = program(prescribe(times=(time(23, 30),)))
    (event,) = events(plan)
    begin = datetime.strptime(event["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- floating
    found = list(rrulestr(event["RRULE"], dtstart=begin))
    assert found[-1] == datetime.combine(plan.review, time(23, 30))


def test_a_pattern_keeps_its_id_in_the_next_version_and_no_other_program_has_it() -> None:
    plan = program(prescribe(days=MWF))
    heavier = replace(plan, exercises=(prescribe(days=MWF, sets=3),))
    moved = replace(plan, exercises=(prescribe(days=TUE),))
    (before,), (after,) = events(plan), events(heavier, version=4)
    assert (before["UID"], after["SEQUENCE"]) == (after["UID"], "4")
    assert events(moved)[0]["UID"] != before["UID"]
    assert events(plan, program_id=str(uuid.UUID(int=8)))[0]["UID"] != before["UID"]


def test_what_is_no_more_asked_for_is_cancelled_and_does_not_ring() -> None:
    plan, before = program(prescribe(days=TUE)), program(prescribe(days=MWF))
    (old,) = events(before)
    _, gone = events(plan, ended=weekly(before, NINE), version=4)
    assert gone["UID"] == old["UID"]
    assert (gone["STATUS"], gone["SEQUENCE"], gone.components) == ("CANCELLED", "4", [])
    assert "RRULE" not in gone.properties


def test_the_same_version_gives_the_same_bytes_whatever_the_zone_it_was_entered_in() -> None:
    plan = program(prescribe(days=MWF), prescribe("heel_raise", times_per_day=2))
    assert text(plan) == text(plan, entered_at=ENTERED.astimezone(UTC))


def test_nothing_due_is_no_calendar() -> None:
    with pytest.raises(ProgramError, match="enter a later review"):
        text(program(), week=())


def test_a_file_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "family.ics"
    path.write_text("BEGIN:VCALENDAR\r\nPRODID:-//other//EN\r\nEND:VCALENDAR\r\n")
    before = path.read_bytes()
    with pytest.raises(ProgramError, match="not written by hep-vision"):
        export_calendar(reminders(program(prescribe())), path, find_exercise, alarm_min=10)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "mine.ics"):
        with pytest.raises(ExportError, match="cannot write the calendar"):
            export_calendar(reminders(program(prescribe())), path, find_exercise, alarm_min=10)
