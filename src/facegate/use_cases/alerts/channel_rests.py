"""Channels that failed and are left alone for a while; each outage is logged once."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.retries import asked_pause_s, retry_pause_s

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Rest:
    failure_count: int
    until: datetime
    was_asked_for: bool = False


class ChannelRests:
    """Until when each channel rests, by the time of day, as the outbox counts. Safe from several threads."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """`jitter` draws from 0..1."""
        self._jitter = jitter
        self._rests: dict[str, _Rest] = {}
        self._refusing: set[str] = set()
        self._lock = threading.Lock()

    def is_resting(self, channel_id: str, now: datetime) -> bool:
        """Whether it is not to be asked yet."""
        with self._lock:
            rest = self._rests.get(channel_id)
            return rest is not None and now < rest.until

    def failure_count(self, channel_id: str) -> int:
        """Failures in a row."""
        with self._lock:
            rest = self._rests.get(channel_id)
            return 0 if rest is None else rest.failure_count

    def was_asked_for(self, channel_id: str) -> bool:
        """Whether the channel itself wants to be left alone, and for how long."""
        with self._lock:
            rest = self._rests.get(channel_id)
            return rest is not None and rest.was_asked_for

    def next_end(self, after: datetime) -> datetime | None:
        """When the first of those that rest longer may be asked again."""
        with self._lock:
            return min((rest.until for rest in self._rests.values() if rest.until > after), default=None)

    def restore(self, channel_id: str, failure_count: int, until: datetime) -> None:
        """What was so before a restart."""
        with self._lock:
            known = self._rests.get(channel_id)
            if known is None or known.until < until:
                self._rests[channel_id] = _Rest(failure_count, until)

    def failed(
        self, channel: AlertChannel, why: str, now: datetime, retry_after_s: float | None = None
    ) -> datetime:
        """Until when it rests now; `why` holds no secret."""
        with self._lock:
            known = self._rests.get(channel.channel_id)
            count = 1 if known is None else known.failure_count + 1
            if retry_after_s is None:
                pause_s = retry_pause_s(count, self._jitter())
            else:
                pause_s = asked_pause_s(retry_after_s)
            until = now + timedelta(seconds=pause_s)
            self._rests[channel.channel_id] = _Rest(count, until, retry_after_s is not None)
        if count == 1:
            logger.warning(
                "channel %s (%s) failed, alerts wait: %s", channel.channel_id, channel.kind.value, why
            )
        return until

    def refused(self, channel: AlertChannel, why: str) -> None:
        """It will never take that message; it does not rest for it."""
        with self._lock:
            is_new = channel.channel_id not in self._refusing
            self._refusing.add(channel.channel_id)
        if is_new:
            logger.warning("channel %s (%s) refused: %s", channel.channel_id, channel.kind.value, why)

    def worked(self, channel: AlertChannel) -> None:
        """It takes messages."""
        with self._lock:
            was_failing = self._rests.pop(channel.channel_id, None) is not None
            was_failing |= channel.channel_id in self._refusing
            self._refusing.discard(channel.channel_id)
        if was_failing:
            logger.warning("channel %s (%s) works again", channel.channel_id, channel.kind.value)

    def keep_only(self, channel_ids: set[str], latest_end: datetime) -> None:
        """Forgets channels that are gone, and rests that no clock that is right would have given."""
        with self._lock:
            self._rests = {
                key: rest
                for key, rest in self._rests.items()
                if key in channel_ids and rest.until <= latest_end
            }
            self._refusing &= channel_ids
