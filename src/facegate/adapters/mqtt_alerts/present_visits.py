"""Who is at a camera, as far as the alerts of one channel tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from facegate.domain.alerts.messages import AlertKind, OutboxMessage

_MAX_VISITS = 100
"""Of one camera. A leaving that was never told, as after quiet hours, must not be remembered for ever."""


@dataclass(frozen=True, slots=True)
class _Visit:
    subject_id: str | None
    seen_at: datetime


class PresentVisits:
    """The visits that were told and have not ended: what is seen and what leaves have the event in common.

    One who is named late is therefore the stranger who was told before. Not safe from several threads.
    """

    def __init__(self) -> None:
        self._visits: dict[str, _Visit] = {}

    def is_anybody_after(self, message: OutboxMessage, off_delay_s: int) -> bool:
        """Takes the message in. With `off_delay_s` nobody counts for longer than that."""
        key = message.event_id or message.subject_id or ""
        if message.kind is AlertKind.SEEN:
            self._end(key, message.subject_id)
            self._visits[key] = _Visit(message.subject_id, message.created_at)
            while len(self._visits) > _MAX_VISITS:
                del self._visits[next(iter(self._visits))]
        elif message.kind is AlertKind.LEFT:
            self._end(key, message.subject_id)
        if off_delay_s:
            since = message.created_at - timedelta(seconds=off_delay_s)
            self._visits = {one: visit for one, visit in self._visits.items() if visit.seen_at >= since}
        return bool(self._visits)

    def _end(self, key: str, subject_id: str | None) -> None:
        """Also an earlier visit of this person, whose end was not told."""
        self._visits.pop(key, None)
        if subject_id is not None:
            self._visits = {
                one: visit for one, visit in self._visits.items() if visit.subject_id != subject_id
            }
