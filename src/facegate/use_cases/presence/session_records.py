"""One open session in numbers: what is counted while it lives, and the picture of it for others."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.verdicts import Verdict

RATE_WINDOW_S = 10.0
_LATENCIES_KEPT = 100
_TIMES_KEPT = 1000  # 100 frames/s for 10 s


class SessionState(StrEnum):
    """The states of the contract's diagram that a session can be in once its client has logged in."""

    CONNECTED = "connected"
    PROCESSING = "processing"
    PAUSED = "paused"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session at one moment. Latencies are from arrival to answer; None before the first answer.

    `frames_per_s` counts answered frames of the last 10 s, `p95_latency_ms` is of the last 100.
    """

    session_id: str
    client_id: str
    address: str
    connected_at: datetime
    state: SessionState
    last_verdict: Verdict | None
    last_verdict_at: datetime | None
    answered_count: int
    superseded_count: int
    bad_frame_count: int
    frames_per_s: float
    last_latency_ms: float | None
    p95_latency_ms: float | None


@dataclass(slots=True)
class SessionRecord:
    """What is counted. Not safe from several threads: the registry's lock is around it."""

    session_id: str
    client_id: str
    address: str
    connected_at: datetime
    connected_s: float
    status: ClientStatus
    frames_in_work: int = 0
    last_verdict: Verdict | None = None
    last_verdict_at: datetime | None = None
    answered_count: int = 0
    superseded_count: int = 0
    bad_frame_count: int = 0
    answered_s: deque[float] = field(default_factory=lambda: deque(maxlen=_TIMES_KEPT))
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_LATENCIES_KEPT))

    def answered(self, verdict: Verdict, latency_ms: float, at: datetime, at_s: float) -> bool:
        """Counts a frame; whether a violation begins with it."""
        begins = verdict.is_violation and not (self.last_verdict and self.last_verdict.is_violation)
        self.last_verdict, self.last_verdict_at = verdict, at
        self.answered_count += 1
        self.answered_s.append(at_s)
        self.latencies_ms.append(latency_ms)
        return begins

    def view(self, now_s: float) -> SessionView:
        """The session now."""
        # A session of half a second would show twice its rate: less than a second counts as one.
        window_s = min(RATE_WINDOW_S, max(1.0, now_s - self.connected_s))
        recent_count = sum(1 for at_s in self.answered_s if at_s > now_s - window_s)
        return SessionView(
            session_id=self.session_id,
            client_id=self.client_id,
            address=self.address,
            connected_at=self.connected_at,
            state=self._state(),
            last_verdict=self.last_verdict,
            last_verdict_at=self.last_verdict_at,
            answered_count=self.answered_count,
            superseded_count=self.superseded_count,
            bad_frame_count=self.bad_frame_count,
            frames_per_s=recent_count / window_s,
            last_latency_ms=self.latencies_ms[-1] if self.latencies_ms else None,
            p95_latency_ms=_percentile_95(self.latencies_ms),
        )

    def _state(self) -> SessionState:
        match self.status:
            case ClientStatus.PAUSED:
                return SessionState.PAUSED
            case ClientStatus.BLOCKED:
                return SessionState.BLOCKED
            case _:
                return SessionState.PROCESSING if self.frames_in_work else SessionState.CONNECTED


def _percentile_95(values: deque[float]) -> float | None:
    """The smallest value that 95 % of them do not exceed."""
    if not values:
        return None
    return sorted(values)[-(-95 * len(values) // 100) - 1]
