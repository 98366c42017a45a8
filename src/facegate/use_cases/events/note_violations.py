"""Violations at workstations, for the history: one event per episode, however often it flickers."""

import threading

from facegate.domain.events.event import EventDoor
from facegate.domain.presence.verdicts import Reason, Verdict
from facegate.ports.clock import Clock
from facegate.use_cases.events.door_events import violation
from facegate.use_cases.events.event_log import EventLog

SAME_EPISODE_S = 30.0
"""A face that comes and goes, or an agent that connects anew, does not begin another violation."""

_MAX_REMEMBERED = 10_000


class NoteViolations:
    """Called where a violation begins; neither waits nor fails. Safe from several threads."""

    def __init__(self, log: EventLog, clock: Clock, same_episode_s: float = SAME_EPISODE_S) -> None:
        self._log = log
        self._clock = clock
        self._same_episode_s = same_episode_s
        self._lock = threading.Lock()
        self._last_s: dict[tuple[str, Reason], float] = {}

    def __call__(self, client_id: str, verdict: Verdict) -> None:
        """Notes it unless one of this client and reason began a moment ago."""
        if self._log.keeps(EventDoor.PRESENCE) and self._is_another(client_id, verdict.reason):
            self._log.note(violation(client_id, verdict, self._clock.now_utc()))

    def _is_another(self, client_id: str, reason: Reason) -> bool:
        now_s = self._clock.monotonic_s()
        with self._lock:
            last_s = self._last_s.get((client_id, reason))
            self._last_s[client_id, reason] = now_s
            if len(self._last_s) > _MAX_REMEMBERED:
                self._last_s = {
                    key: began_s
                    for key, began_s in self._last_s.items()
                    if now_s - began_s < self._same_episode_s
                }
        return last_s is None or now_s - last_s >= self._same_episode_s
