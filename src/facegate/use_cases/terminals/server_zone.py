"""The server's own zone as a zone: for terminals whose clocks follow the server."""

from datetime import UTC, datetime, timedelta, tzinfo

from typing_extensions import override


class ServerZone(tzinfo):
    """The operating system's local time with its changes between summer and winter.

    `datetime.astimezone()` alone gives the offset of one moment, which is wrong for records of half a year
    ago.
    """

    @override
    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """The offset that held at this wall-clock time; None without a time."""
        return None if dt is None else _local(dt.replace(tzinfo=None)).utcoffset()

    @override
    def dst(self, dt: datetime | None) -> timedelta | None:
        """Unknown; nothing here asks for it."""
        return None

    @override
    def tzname(self, dt: datetime | None) -> str | None:
        """The zone's abbreviation at this time."""
        return None if dt is None else _local(dt.replace(tzinfo=None)).tzname()

    @override
    def fromutc(self, dt: datetime) -> datetime:
        """The wall-clock time; `fold` tells the second of an hour that comes twice."""
        local = dt.replace(tzinfo=UTC).astimezone()
        wall = local.replace(tzinfo=self, fold=0)
        return wall if self.utcoffset(wall) == local.utcoffset() else wall.replace(fold=1)


def _local(naive: datetime) -> datetime:
    try:
        return naive.astimezone()
    except (OverflowError, ValueError, OSError):
        # Before the first or after the last year that the platform knows: nobody's clock is there.
        return naive.replace(tzinfo=UTC)


SERVER_ZONE = ServerZone()
