"""Time, passed in so that rules about time can be tested."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time of day for records, and a monotonic time for measuring."""

    def now_utc(self) -> datetime:
        """Aware, in UTC."""
        ...

    def now_local(self) -> datetime:
        """Aware, in the server's local zone."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never run backwards."""
        ...
