"""Times as terminals write them: wall clock without zone, `YYYY-MM-DD HH:MM:SS`."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from facegate.domain.errors import InvalidInput

_FORM = "%Y-%m-%d %H:%M:%S"


def parse_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name, such as `Europe/Berlin`.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("a zone has an IANA name such as Europe/Berlin", field="zone") from error


def cloud_time(now: datetime, zone: tzinfo) -> str:
    """What the server tells a terminal, which takes it over as its clock."""
    return now.astimezone(zone).strftime(_FORM)


def parse_device_time(text: str, zone: tzinfo, near: datetime | None = None) -> datetime | None:
    """The moment in UTC; None for what is no such time.

    Of an hour that comes twice, when clocks are put back, it is the one nearest to `near`, else the first.
    """
    try:
        wall = datetime.strptime(text.strip(), _FORM).replace(tzinfo=zone)
        first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if near is None or abs(first - near) <= abs(second - near):
        return first
    return second


def clock_offset_s(device_time: str, zone: tzinfo, now: datetime) -> float | None:
    """How far the terminal's clock is ahead, in seconds; None when it does not tell the time."""
    moment = parse_device_time(device_time, zone, near=now)
    return None if moment is None else (moment - now).total_seconds()
