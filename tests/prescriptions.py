"""Programs and time zones for tests."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from hep_vision.program.schedule import ProgramVersion
from hep_vision.program.spec import WEEK, Prescription, Program, Weekday, Works

HOUR = timedelta(hours=1)


class SummerTime(tzinfo):
    """An hour, and in summer two, ahead of UTC, with the changes of Europe in 2026."""

    BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC).replace(tzinfo=None)
    ENDS = datetime(2026, 10, 25, 1, tzinfo=UTC).replace(tzinfo=None)

    def utcoffset(self, moment: datetime | None) -> timedelta:
        assert moment is not None
        wall = moment.replace(tzinfo=None, fold=0)
        # Wall time of the spring change: 02:00 to 03:00 does not exist, and counts as before.
        if self.BEGINS + HOUR <= wall < self.BEGINS + 2 * HOUR:
            return HOUR if moment.fold == 0 else 2 * HOUR
        if self.ENDS + HOUR <= wall < self.ENDS + 2 * HOUR:
            return 2 * HOUR if moment.fold == 0 else HOUR
        summer = self.BEGINS + 2 * HOUR <= wall < self.ENDS + HOUR
        return 2 * HOUR if summer else HOUR

    def dst(self, moment: datetime | None) -> timedelta:
        return self.utcoffset(moment) - HOUR

    def tzname(self, moment: datetime | None) -> str:
        return "summer" if self.dst(moment) else "winter"

    def fromutc(self, moment: datetime) -> datetime:
        utc = moment.replace(tzinfo=None)
        summer = self.BEGINS <= utc < self.ENDS
        wall = utc + (2 * HOUR if summer else HOUR)
        again = self.ENDS <= utc < self.ENDS + HOUR
        return wall.replace(tzinfo=self, fold=int(again))


ZONE = SummerTime()


def prescribe(
    exercise_id: str = "squat",
    sets: int = 2,
    days: tuple[Weekday, ...] = WEEK,
    works: Works = Works.NONE,
    **more: object,
) -> Prescription:
    return Prescription(exercise_id, sets, 10, days, works=works, **more)  # type: ignore[arg-type]


def program(*exercises: Prescription, start: date = date(2026, 3, 2)) -> Program:
    return Program("A.", "B.", start, start + timedelta(weeks=6), exercises)


def version(
    *exercises: Prescription,
    number: int = 1,
    valid_from: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC),
    start: date = date(2026, 3, 2),
) -> ProgramVersion:
    return ProgramVersion(number, valid_from, program(*exercises, start=start))
