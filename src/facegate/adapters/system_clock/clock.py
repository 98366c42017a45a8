"""Time from the operating system."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The `Clock` port on the operating system's clocks."""

    def now_utc(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)

    def now_local(self) -> datetime:
        """Aware, in the server's local zone."""
        return datetime.now(UTC).astimezone()

    def monotonic_s(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()
