"""A terminal's clock: wall time without zone, wrong at first, set by the server, and never quite exact."""

from datetime import UTC, datetime, timedelta

from facegate.commands.simulated_terminals.device.scan_log import TIME_FORM

_DAY_S = 86_400.0


def local_wall_time() -> datetime:
    """What clocks on the wall show here; the zone that it carries means nothing."""
    return datetime.now(UTC).astimezone().replace(tzinfo=UTC)


class DriftingClock:
    """`drift_s_per_day` is by how much it gains a day. Times are wall times whose zone means nothing."""

    def __init__(self, wall: datetime, now_s: float, *, drift_s_per_day: float = 0.0) -> None:
        self._wall = wall
        self._since_s = now_s
        self._pace = 1.0 + drift_s_per_day / _DAY_S

    def read(self, now_s: float) -> datetime:
        """What it shows."""
        return self._wall + timedelta(seconds=(now_s - self._since_s) * self._pace)

    def text(self, now_s: float) -> str:
        """What it shows, as messages have it."""
        return self.read(now_s).strftime(TIME_FORM)

    def set(self, text: object, now_s: float) -> bool:
        """Takes over a time of the server; False when the text is none."""
        if not isinstance(text, str):
            return False
        try:
            self._wall = datetime.strptime(text, TIME_FORM).replace(tzinfo=UTC)
        except ValueError:
            return False
        self._since_s = now_s
        return True
