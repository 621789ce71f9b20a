"""A day of a program in words: what is due, done and next, and no blame for what is left."""

from collections.abc import Callable, Sequence
from datetime import date, time

from hep_vision.program.schedule import DayTally, Occasion
from hep_vision.program.today import Today
from hep_vision.reports.handout_words import short_day
from hep_vision.reports.progress_story import MONTHS

Name = Callable[[str], str]
"""Gives the name of an exercise by its id."""


def short_date(day: date) -> str:
    """Return "Thu 5 Mar", whatever the language of the machine."""
    return f"{short_day(day)} {day.day} {MONTHS[day.month - 1]}"


def clock(at: time) -> str:
    """Return "09:00"."""
    return at.isoformat("minutes")


def day_in_short(today: Today) -> str:
    """Return how the day stands: "2 of 4 sets to do", "a rest day"."""
    plan = None if today.version is None else today.version.program
    if plan is not None and today.day < plan.start:
        return f"your program begins on {short_date(plan.start)}"
    if not today.times:
        return "a rest day"
    if today.complete:
        return "all done for today. Well done!"
    left = sum(one.sets_left for one in today.times)
    return f"{left} of {sum(one.sets_due for one in today.times)} sets to do"


def tally_in_words(one: DayTally, today: date) -> str:
    """Return how a day stands: "done", "rest", "2 of 4 sets", "to come"."""
    if one.rest:
        return "rest"
    if one.complete:
        return "done"
    if one.day > today:
        return "to come"
    return f"{one.sets_done} of {one.sets_due} sets"


def week_of(today: Today) -> tuple[DayTally, ...]:
    """Return the days of this week on which the program holds; none where all are rest."""
    plan = None if today.version is None else today.version.program
    week = tuple(one for one in today.week if plan is not None and one.day >= plan.start)
    return () if all(one.rest for one in week) else week


def occasion_in_words(occasion: Occasion, today: Today, name: Name) -> str:
    """Return "Fri 6 Mar at 09:00: Squat"."""
    when = "today" if occasion.day == today.day else short_date(occasion.day)
    if occasion.at is not None:
        when += f" at {clock(occasion.at.astimezone(today.zone).time())}"
    return f"{when}: {names_in_words(occasion.exercise_ids, name)}"


def names_in_words(exercise_ids: Sequence[str], name: Name) -> str:
    """Return the names, each once."""
    return ", ".join(dict.fromkeys(name(exercise_id) for exercise_id in exercise_ids))


def needed_in_words(today: Today) -> str:
    """Return what to have at hand for what is begun now; empty for nothing."""
    loads = (one.prescription.load for one in today.to_begin)
    return "; ".join(dict.fromkeys(filter(None, loads)))


def row_in_words(today: Today) -> str:
    """Return how many days in a row everything was done; empty for fewer than two."""
    if today.days_in_a_row < 2:
        return ""
    return f"{today.days_in_a_row} days in a row, rest days left out."


def review_in_words(today: Today) -> str:
    """Return a reminder of the review once its day has come; empty before."""
    plan = None if today.version is None else today.version.program
    if plan is None or today.day < plan.review:
        return ""
    return (
        f"The review was planned for {short_date(plan.review)}: please arrange it with "
        f"{plan.therapist}."
    )
