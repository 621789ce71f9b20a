"""One look at a day of a program: due, done, left, and next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from hep_vision.program.schedule import (
    DayTally,
    DoneSet,
    Due,
    Occasion,
    ProgramVersion,
    due_now,
    dues,
    later,
    local_day,
    next_occasion,
    streak,
    tally,
    version_on,
)


@dataclass(frozen=True, slots=True)
class Today:
    """A day of a program as it stands at one moment.

    Attributes:
        day: The patient's day.
        version: The version that decides; None before the first.
        times: Everything due on the day, in the program's order.
        now: What is to be begun: left, and its time has come or may be any.
        soon: What is due at the next of the day's times.
        following: When something is due after what is due now.
        days_in_a_row: Days on which everything was done, see `streak`.
        week: The seven days of this week, from Monday.
        zone: The patient's.
    """

    day: date
    version: ProgramVersion | None
    times: tuple[Due, ...]
    now: tuple[Due, ...]
    soon: tuple[Due, ...]
    following: Occasion | None
    days_in_a_row: int
    week: tuple[DayTally, ...]
    zone: tzinfo

    @property
    def to_begin(self) -> tuple[Due, ...]:
        """Return what a sitting begun now takes on: what is due, or else what is due soonest."""
        return self.now or self.soon

    @property
    def complete(self) -> bool:
        """Whether something was due, and all of it is done."""
        return bool(self.times) and all(one.complete for one in self.times)


def look_at(
    versions: Sequence[ProgramVersion], done: Sequence[DoneSet], now: datetime, zone: tzinfo
) -> Today:
    """Return the day that a moment lies in.

    Args:
        versions: Those of one program.
        done: What was done by them.
        now: With its offset from UTC.
        zone: The patient's.
    """
    day = local_day(now, zone)
    times = dues(versions, done, day, zone)
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=ahead) for ahead in range(7)]
    return Today(
        day,
        version_on(versions, day, zone),
        times,
        due_now(times, day, now, zone),
        later(times, day, now, zone),
        next_occasion(versions, done, now, zone),
        streak(versions, done, day, zone),
        tally(versions, done, week, zone),
        zone,
    )
