"""The week of a program as a calendar file (RFC 5545), for a phone to remind of it.

Times are floating: 09:00 by the clock of whoever looks, as a program means it, so that neither a
change of the clock nor a journey moves the exercise hour. Nothing in the file tells what the
exercises are for, and their names are left out unless they are asked for. The same version gives
the same file, byte for byte.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from icalendar import Alarm, Calendar, Event

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.errors import ProgramError
from hep_vision.files import private_draft
from hep_vision.program.weekly import Reminders, Weekly, first_day, length_ms

_PRODUCT: Final = "-//hep-vision//hep-vision//EN"
_TITLE: Final = "Exercises"
_END_OF_DAY: Final = time(23, 59, 59)


def export_calendar(
    reminders: Reminders,
    path: Path,
    find: Callable[[str], ExerciseDefinition],
    *,
    alarm_min: int | None,
    names: bool = False,
) -> None:
    """Write a calendar to ``path``, whole or not at all; one written before is replaced.

    Args:
        reminders: What goes into it.
        path: The file; only its owner can read it.
        find: Gives an exercise by its id.
        alarm_min: Minutes before the time at which the calendar rings; None for silence.
        names: Whether the names of the exercises are in it.

    Raises:
        ProgramError: Another file is there, or nothing is due until the review.
        ExportError: The file cannot be written.
    """
    content = calendar_bytes(reminders, find, alarm_min=alarm_min, names=names)
    with private_draft(path, "the calendar") as draft:
        if path.is_file() and _PRODUCT.encode() not in path.read_bytes():
            raise ProgramError(
                f"{path}: there already, and not written by hep-vision; give another --out."
            )
        draft.write_bytes(content)


def calendar_bytes(
    reminders: Reminders,
    find: Callable[[str], ExerciseDefinition],
    *,
    alarm_min: int | None,
    names: bool = False,
) -> bytes:
    """Return the text of a calendar; arguments as for `export_calendar`.

    Raises:
        ProgramError: Nothing is due until the review.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    if not reminders.week:
        raise ProgramError(
            f"Nothing is due from {reminders.start} until the review, {reminders.review}: enter a "
            "later review with `hep-vision program edit`."
        )
    for one in reminders.week:
        event = _event(reminders, one)
        event.add("duration", timedelta(milliseconds=length_ms(one, find)))
        event.add("rrule", _rule(one, reminders.review))
        if names:
            named = dict.fromkeys(find(each.exercise_id).name for each in one.prescriptions)
            event.add("description", "\n".join(named))
        if alarm_min is not None:
            event.add_component(_alarm(alarm_min))
        calendar.add_component(event)
    for one in reminders.ended:
        event = _event(reminders, one)
        event.add("status", "CANCELLED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(reminders: Reminders, one: Weekly) -> Event:
    event = Event()
    name = f"hep-vision:{reminders.program_id}:{one.key}"
    event.add("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, name)))
    event.add("sequence", reminders.version)
    event.add("dtstamp", reminders.entered_at.astimezone(UTC))
    event.add("dtstart", datetime.combine(first_day(one, reminders.start), one.at))
    event.add("summary", _TITLE)
    event.add("class", "PRIVATE")
    return event


def _rule(one: Weekly, review: date) -> dict[str, object]:
    return {
        "freq": "WEEKLY",
        # Without a zone, as DTSTART has none: RFC 5545, 3.3.10.
        "until": datetime.combine(review, _END_OF_DAY),
        "byday": [day[:2].upper() for day in one.days],
    }


def _alarm(minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _TITLE)
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm
