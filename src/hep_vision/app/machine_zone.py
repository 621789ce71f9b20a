"""The time zone that this machine is set to, with every change of its clock."""

from datetime import UTC, datetime, timedelta, tzinfo


class MachineZone(tzinfo):
    """Asks the system for each moment: a fixed offset would be wrong half of the year."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Return the offset from UTC; None without a moment."""
        if moment is None:
            return None
        return moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, _: datetime | None) -> timedelta | None:
        """Return None: the system tells the offset as a whole."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """Return the system's name of it."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """Return a moment of UTC by this machine's clock; of a time that comes twice, which one."""
        utc = moment.replace(tzinfo=UTC)
        local = utc.astimezone().replace(tzinfo=self, fold=0)
        again = local.replace(tzinfo=None).astimezone(UTC) != utc
        return local.replace(fold=int(again))
