"""What is due on a day, what of it is done, and what comes next.

Pure: the patient's time zone and the present moment are passed in. A day is one of the patient's
calendar; a clock that is put forward or back makes it an hour shorter or longer, and nothing else.

    times = dues(versions, done, day, zone)      # everything due on a day, and what is done
    now = due_now(times, moment, zone)           # what to begin with
    then = next_occasion(versions, done, moment, zone)
    streak(versions, done, day, zone)            # days in a row, rest days left out

A time at which an exercise is due takes all its sets, on each side that works. Sets count for the
day they were done on, in whatever sitting and order; those beyond what is due count for nothing
else. A set that was begun and not completed is not done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from hep_vision.core.types import Side
from hep_vision.program.spec import WEEK, Prescription, Program, Works

_ONE_DAY: Final = timedelta(days=1)
_WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """A program from one moment on, until the next version.

    Attributes:
        number: From 1, ascending with ``valid_from``.
        valid_from: With its offset from UTC.
    """

    number: int
    valid_from: datetime
    program: Program


@dataclass(frozen=True, slots=True)
class DoneSet:
    """One set that was done, or begun.

    Attributes:
        at: When it began, with its offset from UTC.
        exercise_id: Id of the exercise.
        side: The side that worked; both where no side was asked for.
        complete: Whether the whole dose was done.
        tried: Repetitions or holds that were attempted.
        counted: Those of them that count.
        clean: Those of the counted without a deviation that matters; None where form was not
            judged.
    """

    at: datetime
    exercise_id: str
    side: Side = Side.BOTH
    complete: bool = True
    tried: int = 0
    counted: int = 0
    clean: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One exercise on one day.

    Attributes:
        prescription: The exercise.
        done: Sets completed on that day, on each of the sides of the prescription.
        begun: Sets begun and not completed.
        sets: Every set of it on that day, completed or not.
    """

    prescription: Prescription
    done: tuple[int, ...]
    begun: int = 0
    sets: tuple[DoneSet, ...] = ()

    @property
    def sets_due(self) -> int:
        """Sets of the whole day, over all sides."""
        return self._a_side * len(self.done)

    @property
    def sets_done(self) -> int:
        """Those of them that are done."""
        return sum(min(done, self._a_side) for done in self.done)

    @property
    def sets_left(self) -> int:
        """Those of them that are to do."""
        return self.sets_due - self.sets_done

    @property
    def times_done(self) -> int:
        """How often all sets on all sides were done, at most as often as it is due."""
        return min(min(self.done) // self.prescription.sets, self.prescription.times_per_day)

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return self.sets_left == 0

    def left_at_next(self) -> tuple[tuple[Side, int], ...]:
        """Return the sets left of the next time it is due, on each side; all 0 when complete."""
        one = self.prescription
        until = min(self.times_done + 1, one.times_per_day) * one.sets
        return tuple(
            (side, max(0, until - done)) for side, done in zip(one.sides, self.done, strict=True)
        )

    def next_time(self) -> time | None:
        """Return the time of day of the next time it is due; None for any, or when complete."""
        if self.complete or not self.prescription.times:
            return None
        return self.prescription.times[self.times_done]

    @property
    def _a_side(self) -> int:
        return self.prescription.sets * self.prescription.times_per_day


@dataclass(frozen=True, slots=True)
class DayTally:
    """What was due on a day and what was done; a day with nothing due is a rest day."""

    day: date
    sets_due: int
    sets_done: int

    @property
    def rest(self) -> bool:
        """Whether nothing was due."""
        return self.sets_due == 0

    @property
    def complete(self) -> bool:
        """Whether something was due, and all of it is done."""
        return 0 < self.sets_due == self.sets_done


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something is due next.

    Attributes:
        day: The patient's day.
        at: The moment, in UTC; None where any time of the day will do.
        exercise_ids: What is due then, in the program's order.
    """

    day: date
    at: datetime | None
    exercise_ids: tuple[str, ...]


# -- days -----------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the patient's day that a moment lies in."""
    # Years of sets are looked at from several sides, and a zone may have to ask the system.
    return moment.astimezone(zone).date()


def moment_of(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which the patient's clock shows a time.

    A time that the clock skips is as much later as it is put forward; of one that comes twice the
    first is taken.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def version_on(
    versions: Sequence[ProgramVersion], day: date, zone: tzinfo
) -> ProgramVersion | None:
    """Return the version that decides what is due on a day: the last that began by its end."""
    began = [one for one in versions if local_day(one.valid_from, zone) <= day]
    return max(began, key=lambda one: one.number, default=None)


def prescribed_on(program: Program, day: date) -> tuple[Prescription, ...]:
    """Return what a program asks for on a day; nothing before its start.

    The review ends nothing: until there is a new version the old one goes on.
    """
    if day < program.start:
        return ()
    weekday = WEEK[day.weekday()]
    return tuple(one for one in program.exercises if weekday in one.days)


def dues(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], day: date, zone: tzinfo
) -> tuple[Due, ...]:
    """Return everything that is due on a day, with what of it is done."""
    return _dues(versions, _by_day(done, zone), day, zone)


def due_of(prescription: Prescription, done: Iterable[DoneSet], day: date, zone: tzinfo) -> Due:
    """Return one exercise of a day on which it is prescribed, with what of it is done."""
    return _due(prescription, _by_day(done, zone).get(day, ()))


def tally(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], days: Iterable[date], zone: tzinfo
) -> tuple[DayTally, ...]:
    """Return what was due and done on each of the days."""
    return tuple(tally_of(day, times) for day, times in daily_dues(versions, done, days, zone))


def daily_dues(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], days: Iterable[date], zone: tzinfo
) -> Iterator[tuple[date, tuple[Due, ...]]]:
    """Yield each of the days with everything that is due on it."""
    by_day = _by_day(done, zone)
    for day in days:
        yield day, _dues(versions, by_day, day, zone)


def tally_of(day: date, times: Sequence[Due]) -> DayTally:
    """Return how many sets are due on a day, and how many of them are done."""
    return DayTally(day, sum(one.sets_due for one in times), sum(one.sets_done for one in times))


def streak(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], today: date, zone: tzinfo
) -> int:
    """Return how many days in a row, up to today, everything that was due was done.

    Rest days neither count nor break it, and a day that is not over yet does not break it.
    """
    by_day = _by_day(done, zone)
    first = min((local_day(one.valid_from, zone) for one in versions), default=today + _ONE_DAY)
    days, day = 0, today
    while day >= first:
        found = tally_of(day, _dues(versions, by_day, day, zone))
        if found.complete:
            days += 1
        elif not found.rest and day != today:
            break
        day -= _ONE_DAY
    return days


def unbroken(
    versions: Sequence[ProgramVersion],
    done: Iterable[DoneSet],
    since: date,
    today: date,
    zone: tzinfo,
) -> bool:
    """Return whether everything was done on each day from ``since`` until the one before today.

    Then days in a row may begin before ``since``.
    """
    days = [since + ahead * _ONE_DAY for ahead in range((today - since).days)]
    return all(one.rest or one.complete for one in tally(versions, done, days, zone))


# -- now and next ---------------------------------------------------------------------------------


def due_now(times: Sequence[Due], day: date, now: datetime, zone: tzinfo) -> tuple[Due, ...]:
    """Return what is to be begun now: what is left and whose time has come, or comes at any time.

    Args:
        times: What is due on the day.
        day: That day.
        now: The present moment.
        zone: The patient's.
    """
    return tuple(
        one
        for one in times
        if not one.complete and ((at := one.next_time()) is None or moment_of(day, at, zone) <= now)
    )


def later(times: Sequence[Due], day: date, now: datetime, zone: tzinfo) -> tuple[Due, ...]:
    """Return what is due at the next of the day's times that has not come yet; empty if none."""
    moments = [
        (moment_of(day, at, zone), one)
        for one in times
        if (at := _time_after(one, day, now, zone)) is not None
    ]
    first = min((moment for moment, _ in moments), default=None)
    return tuple(one for moment, one in moments if moment == first)


def next_occasion(
    versions: Sequence[ProgramVersion], done: Iterable[DoneSet], now: datetime, zone: tzinfo
) -> Occasion | None:
    """Return when something is due next, after what is due now; None if nothing ever is.

    Later today where a time of day is still to come and not done yet, else on the next day that is
    no rest day.
    """
    today, by_day = local_day(now, zone), _by_day(done, zone)
    times = _dues(versions, by_day, today, zone)
    if soon := later(times, today, now, zone):
        at = _time_after(soon[0], today, now, zone)
        assert at is not None
        ids = tuple(one.prescription.exercise_id for one in soon)
        return Occasion(today, moment_of(today, at, zone), ids)
    for day in _days_ahead(versions, today, zone):
        if times := _dues(versions, by_day, day, zone):
            return _first_of(times, day, zone)
    return None


def _days_ahead(versions: Sequence[ProgramVersion], today: date, zone: tzinfo) -> list[date]:
    """Return the days from tomorrow on of which one must be due, if ever one is: weeks repeat."""
    days: set[date] = set()
    for one in versions:
        first = max(today + _ONE_DAY, one.program.start, local_day(one.valid_from, zone))
        days |= {first + ahead * _ONE_DAY for ahead in range(_WEEK_DAYS)}
    return sorted(days)


def _first_of(times: Sequence[Due], day: date, zone: tzinfo) -> Occasion:
    anytime = [one for one in times if not one.prescription.times]
    if anytime:
        return Occasion(day, None, tuple(one.prescription.exercise_id for one in times))
    first = min(one.prescription.times[0] for one in times)
    ids = [one.prescription.exercise_id for one in times if one.prescription.times[0] == first]
    return Occasion(day, moment_of(day, first, zone), tuple(ids))


def _time_after(one: Due, day: date, now: datetime, zone: tzinfo) -> time | None:
    """Return the first of its times not done yet that is still to come."""
    open_times = one.prescription.times[one.times_done :]
    return next((at for at in open_times if moment_of(day, at, zone) > now), None)


# -- what was done --------------------------------------------------------------------------------


def _by_day(done: Iterable[DoneSet], zone: tzinfo) -> dict[date, list[DoneSet]]:
    found: dict[date, list[DoneSet]] = {}
    for one in done:
        found.setdefault(local_day(one.at, zone), []).append(one)
    return found


def _dues(
    versions: Sequence[ProgramVersion],
    by_day: Mapping[date, Sequence[DoneSet]],
    day: date,
    zone: tzinfo,
) -> tuple[Due, ...]:
    version = version_on(versions, day, zone)
    if version is None:
        return ()
    done = by_day.get(day, ())
    return tuple(_due(one, done) for one in prescribed_on(version.program, day))


def _due(prescription: Prescription, done: Sequence[DoneSet]) -> Due:
    # Without a side prescribed, whichever worked is right.
    any_side = prescription.works is Works.NONE
    mine = [
        one
        for one in done
        if one.exercise_id == prescription.exercise_id
        and (any_side or one.side in prescription.sides)
    ]
    complete = [one for one in mine if one.complete]
    counts = tuple(
        sum(any_side or one.side is side for one in complete) for side in prescription.sides
    )
    return Due(prescription, counts, len(mine) - len(complete), tuple(mine))
