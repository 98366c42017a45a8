"""The open sessions of the presence door: how many, whose, and how they fare. No socket lives here."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.domain.presence.verdicts import Verdict
from facegate.ports.clock import Clock
from facegate.use_cases.presence.session_records import SessionRecord, SessionView


class SessionHandle(Protocol):
    """How the registry reaches an open session. Called from any thread; may neither block nor raise."""

    def client_changed(self, client: PresenceClient | None) -> None:
        """The client's record is this now; None when it is registered no more."""
        ...

    def disconnect(self, note: str) -> None:
        """An administrator wants the session to end; `note` says why and may be empty."""
        ...

    def replaced(self) -> None:
        """The same client has opened another session: this one is out of the registry and shall end."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectionCounts:
    """`connections` are all sockets, those before their log-in too; `refused` were one too many."""

    max_connections: int
    connections: int
    sessions: int
    refused: int


@dataclass(frozen=True, slots=True)
class FrameTotals:
    """Of all sessions since the start, those that have ended too; `verdicts` by action and reason."""

    answered_count: int
    superseded_count: int
    bad_frame_count: int
    verdicts: Mapping[tuple[str, str], int]


class LiveSessions:
    """At most one session per client and `max_connections` connections. Safe from several threads.

    A socket is `admit`-ted, then logs in and `open`s a session; at its end it `close`s the session and is
    `release`d. Handles are called outside the lock, and so is `on_violation`, with client and verdict where
    one begins: set it before the first session; it may neither wait nor raise.
    """

    def __init__(self, max_connections: int, clock: Clock) -> None:
        if max_connections < 1:
            raise ValueError("at least one connection has to be allowed")
        self._max_connections = max_connections
        self._clock = clock
        self._lock = threading.Lock()
        self._connection_count = 0
        self._refused_count = 0
        self._sessions: dict[str, tuple[SessionRecord, SessionHandle]] = {}
        self._session_of_client: dict[str, str] = {}
        self._verdicts: Counter[tuple[str, str]] = Counter()
        self._superseded_count = 0
        self._bad_frame_count = 0
        self.on_violation: Callable[[str, Verdict], None] | None = None

    def admit(self) -> bool:
        """Takes one of the places; False, and none is taken, when all are."""
        with self._lock:
            if self._connection_count >= self._max_connections:
                self._refused_count += 1
                return False
            self._connection_count += 1
            return True

    def release(self) -> None:
        """Gives back the place of one `admit` that answered True."""
        with self._lock:
            if self._connection_count == 0:
                raise RuntimeError("more places were given back than taken")
            self._connection_count -= 1

    def open(
        self,
        client_id: str,
        address: str,
        handle: SessionHandle,
        status: ClientStatus = ClientStatus.ACTIVE,
    ) -> str:
        """The id of the new session. An older one of the same client is out of the registry and told so."""
        record = SessionRecord(
            session_id=uuid.uuid4().hex,
            client_id=client_id,
            address=address,
            connected_at=self._clock.now_utc(),
            connected_s=self._clock.monotonic_s(),
            status=status,
        )
        with self._lock:
            older_id = self._session_of_client.get(client_id)
            older = self._sessions.pop(older_id, None) if older_id is not None else None
            self._sessions[record.session_id] = (record, handle)
            self._session_of_client[client_id] = record.session_id
        if older is not None:
            older[1].replaced()
        return record.session_id

    def close(self, session_id: str) -> None:
        """Forgets the session; one that was replaced or closed already is none any more."""
        with self._lock:
            closed = self._sessions.pop(session_id, None)
            if closed is not None:
                del self._session_of_client[closed[0].client_id]

    def client_changed(self, client_id: str, client: PresenceClient | None) -> bool:
        """Tells the client's open session; False when there is none."""
        with self._lock:
            found = self._of_client(client_id)
            if found is None:
                return False
            if client is not None:
                found[0].status = client.status
        found[1].client_changed(client)
        return True

    def disconnect(self, client_id: str, note: str = "") -> bool:
        """Asks the client's open session to end; False when there is none."""
        with self._lock:
            found = self._of_client(client_id)
        if found is None:
            return False
        found[1].disconnect(note)
        return True

    @contextmanager
    def working(self, session_id: str) -> Iterator[None]:
        """The session's state is `processing` inside the block, which is the work on one frame."""
        self._add_work(session_id, 1)
        try:
            yield
        finally:
            self._add_work(session_id, -1)

    def _add_work(self, session_id: str, count: int) -> None:
        with self._lock:
            found = self._sessions.get(session_id)
            if found is not None:
                found[0].frames_in_work += count

    def record_frame(self, session_id: str, verdict: Verdict, latency_ms: float) -> bool:
        """Counts an answered frame; True when a violation begins with it (the frame before showed none)."""
        at, at_s = self._clock.now_utc(), self._clock.monotonic_s()
        with self._lock:
            self._verdicts[verdict.action.value, verdict.reason.value] += 1
            found = self._sessions.get(session_id)
            if found is None:
                return False
            record = found[0]
            begins = record.answered(verdict, latency_ms, at, at_s)
        if begins and self.on_violation is not None:
            self.on_violation(record.client_id, verdict)
        return begins

    def record_superseded(self, session_id: str, count: int = 1) -> None:
        """Counts frames that a newer one replaced before they were judged."""
        with self._lock:
            self._superseded_count += count
            found = self._sessions.get(session_id)
            if found is not None:
                found[0].superseded_count += count

    def record_bad_frame(self, session_id: str) -> None:
        """Counts a frame or message that could not be judged."""
        with self._lock:
            self._bad_frame_count += 1
            found = self._sessions.get(session_id)
            if found is not None:
                found[0].bad_frame_count += 1

    def snapshot(self) -> tuple[SessionView, ...]:
        """All sessions now, in order of client id."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            views = [record.view(now_s) for record, _ in self._sessions.values()]
        return tuple(sorted(views, key=lambda view: view.client_id))

    def address_of(self, client_id: str) -> str | None:
        """Where the client's session comes from; None when it has none."""
        with self._lock:
            found = self._of_client(client_id)
        return None if found is None else found[0].address

    def connected_ids(self) -> frozenset[str]:
        """The clients that have a session."""
        with self._lock:
            return frozenset(self._session_of_client)

    def counts(self) -> ConnectionCounts:
        """How full the door is."""
        with self._lock:
            return ConnectionCounts(
                self._max_connections, self._connection_count, len(self._sessions), self._refused_count
            )

    def totals(self) -> FrameTotals:
        """What became of all frames so far."""
        with self._lock:
            return FrameTotals(
                self._verdicts.total(), self._superseded_count, self._bad_frame_count, dict(self._verdicts)
            )

    def _of_client(self, client_id: str) -> tuple[SessionRecord, SessionHandle] | None:
        session_id = self._session_of_client.get(client_id)
        return None if session_id is None else self._sessions[session_id]
