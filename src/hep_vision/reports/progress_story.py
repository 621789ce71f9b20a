"""What the plots of progress are drawn from, and the stretches of days that they put together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Self, TypeVar

from hep_vision.core.pain import PainZones
from hep_vision.program.adherence import Adherence
from hep_vision.program.overview import ExerciseProgress, Progress, VersionMark
from hep_vision.program.progress import DayFeeling, DayWork

DAYS_SHOWN: Final = 200
"""Above so many days a week is one point: days would be closer than their marks are wide."""
MOST_PERIODS: Final = 26
"""So many periods have room for a number over each."""
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
_LONG_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

WIDTH_IN: Final = 12.0
"""How wide plots are by themselves."""
_BESIDE_IN: Final = 3.2  # what stands beside the axes, however wide they are

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Story:
    """What is drawn.

    Attributes:
        since: First day.
        until: Last day.
        exercises: In the order in which they are shown.
        feeling: Pain and effort by day.
        adherence: What was done of what was prescribed; None without a program.
        zones: Of the pain scale.
        marks: Changes of the program, in their order; those outside the span are not drawn.
        today: From this day on, what is due and not begun is to come; None if all is past.
        width_in: How wide it is drawn; letters stay as large.
    """

    since: date
    until: date
    exercises: Sequence[ExerciseProgress]
    feeling: Sequence[DayFeeling]
    adherence: Adherence | None
    zones: PainZones
    marks: Sequence[VersionMark] = ()
    today: date | None = None
    width_in: float = WIDTH_IN

    @classmethod
    def of(
        cls, progress: Progress, today: date | None = None, *, width_in: float = WIDTH_IN
    ) -> Self:
        """Return the story of some progress."""
        return cls(
            progress.since, progress.until, progress.exercises, progress.feeling,
            progress.adherence, progress.zones, progress.marks, today, width_in,
        )  # fmt: skip

    def of_exercise(self, exercise_id: str) -> Self:
        """Return that of one exercise: what was felt only of days on which it was done.

        What was due is of the whole program, and is left out.

        Raises:
            KeyError: There is no such exercise in it.
        """
        mine = [one for one in self.exercises if one.exercise_id == exercise_id]
        if not mine:
            raise KeyError(exercise_id)
        days = {work.day for one in mine for work in one.work}
        felt = [one for one in self.feeling if one.day in days]
        return replace(self, exercises=mine, feeling=felt, adherence=None)

    @property
    def by_week(self) -> bool:
        """Whether there are too many days to show each."""
        return (self.until - self.since).days >= DAYS_SHOWN

    @property
    def period(self) -> "Period":
        """Return the shortest period of which there is room for all, each with its number."""
        room = (self.width_in - _BESIDE_IN) / (WIDTH_IN - _BESIDE_IN)
        return readable_period(self.since, self.until, int(MOST_PERIODS * room))

    @property
    def days_done(self) -> tuple[date, ...]:
        """Return the days on which something was done, in their order."""
        return tuple(sorted({work.day for one in self.exercises for work in one.work}))


@dataclass(frozen=True, slots=True)
class Period:
    """How days are put together.

    Attributes:
        word: What one is called: "week".
        start: Gives the first day of the one that a day lies in.
        after: Gives the first day of the next one.
    """

    word: str
    start: Callable[[date], date]
    after: Callable[[date], date]

    def grouped(
        self, values: Iterable[_Value], day_of: Callable[[_Value], date]
    ) -> dict[date, list[_Value]]:
        """Return the values by the first day of their period, in the order of the days."""
        found: dict[date, list[_Value]] = {}
        for one in sorted(values, key=day_of):
            found.setdefault(self.start(day_of(one)), []).append(one)
        return found


def monday(day: date) -> date:
    """Return the first day of the week."""
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


def _quarter(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def _year(day: date) -> date:
    return date(day.year, 1, 1)


DAY: Final = Period("day", lambda day: day, lambda day: day + timedelta(days=1))
WEEK: Final = Period("week", monday, lambda day: monday(day) + timedelta(days=7))
MONTH: Final = Period("month", _month, lambda day: _month(_month(day) + timedelta(days=31)))
QUARTER: Final = Period(
    "quarter", _quarter, lambda day: _quarter(_quarter(day) + timedelta(days=92))
)
YEAR: Final = Period("year", _year, lambda day: date(day.year + 1, 1, 1))


def readable_period(since: date, until: date, most: int = MOST_PERIODS) -> Period:
    """Return the shortest period, from a week on, of which there is room for all."""
    days = (until - since).days + 1
    lengths = ((WEEK, 7.0), (MONTH, 30.4), (QUARTER, 91.3))
    return next((one for one, long in lengths if days / long <= most), YEAR)


def in_words(day: date) -> str:
    """Return a day as a person reads it: "3 March 2026"."""
    return f"{day.day} {_LONG_MONTHS[day.month - 1]} {day.year}"


def span_in_words(first: date, last: date) -> str:
    """Return a stretch of days: "1 March 2026 to 3 April 2026", or the one day."""
    return in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}"


def works_by_day(exercises: Iterable[ExerciseProgress]) -> tuple[DayWork, ...]:
    """Return what was done of some exercises together, by day."""
    days: dict[date, list[DayWork]] = {}
    for one in exercises:
        for work in one.work:
            days.setdefault(work.day, []).append(work)
    return tuple(summed(day, days[day]) for day in sorted(days))


def summed(day: date, works: Sequence[DayWork]) -> DayWork:
    """Return several works as one, under one day."""
    return DayWork(
        day,
        sum(one.sets for one in works),
        sum(one.counted for one in works),
        sum(one.held_ms for one in works),
        sum(one.judged for one in works),
        sum(one.clean for one in works),
    )
