"""A connection's place in the registry of live sessions, and how the registry reaches the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

from facegate.domain.presence.clients import PresenceClient
from facegate.domain.presence.verdicts import Verdict
from facegate.use_cases.presence.live_sessions import LiveSessions


class SessionSlot:
    """Holds at most one session and gives it back, however late a log-in returns. Thread-safe."""

    def __init__(self, sessions: LiveSessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._session_id: str | None = None
        self._is_over = False
        self._superseded_count = 0

    @property
    def session_id(self) -> str | None:
        """As `/v1` shows it; None before the log-in."""
        return self._session_id

    def is_over(self) -> bool:
        """Whether the connection has ended."""
        return self._is_over

    def take(self, session_id: str) -> None:
        """The session that a log-in has opened takes the place of the one before."""
        with self._lock:
            is_over = self._is_over
            leaving = session_id if is_over else self._session_id
            if not is_over:
                self._session_id = session_id
        if leaving is not None:
            self._sessions.close(leaving)
        if not is_over and self._superseded_count:
            self._sessions.record_superseded(session_id, self._superseded_count)
            self._superseded_count = 0

    def end(self) -> None:
        """Closes the session; one that is opened later is closed at once."""
        with self._lock:
            self._is_over = True
            leaving, self._session_id = self._session_id, None
        if leaving is not None:
            self._sessions.close(leaving)

    def working(self) -> AbstractContextManager[None]:
        """The session's state is `processing` inside the block."""
        session_id = self._session_id
        return nullcontext() if session_id is None else self._sessions.working(session_id)

    def record_frame(self, verdict: Verdict, latency_ms: float) -> bool:
        """Counts an answer; whether a violation begins with it."""
        session_id = self._session_id
        return session_id is not None and self._sessions.record_frame(session_id, verdict, latency_ms)

    def record_superseded(self) -> None:
        """Counts a message that a newer one replaced; those before the log-in are counted after it."""
        session_id = self._session_id
        if session_id is None:
            self._superseded_count += 1
        else:
            self._sessions.record_superseded(session_id)

    def record_bad_frame(self) -> None:
        """Counts a message that could not be used."""
        session_id = self._session_id
        if session_id is not None:
            self._sessions.record_bad_frame(session_id)


class LoopHandle:
    """A `SessionHandle` that hands every call over to the event loop of the connection.

    The registry may call before the log-in has been told to the protocol; such calls wait until `go_live`.
    """

    def __init__(
        self,
        on_client_changed: Callable[[PresenceClient | None], None],
        on_disconnect: Callable[[str], None],
        on_replaced: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_client_changed = on_client_changed
        self._on_disconnect = on_disconnect
        self._on_replaced = on_replaced
        self._early: list[Callable[[], None]] | None = []
        self._is_dead = False

    def client_changed(self, client: PresenceClient | None) -> None:
        """The client's record is this now; None when it is registered no more."""
        self._hand_over(lambda: self._on_client_changed(client))

    def disconnect(self, note: str) -> None:
        """An administrator wants the session to end."""
        self._hand_over(lambda: self._on_disconnect(note))

    def replaced(self) -> None:
        """The same client has opened another session."""
        self._hand_over(self._on_replaced)

    def go_live(self) -> None:
        """The log-in was told: what came before is heard now. On the loop."""
        early, self._early = self._early, None
        for call in early or ():
            self._hear(call)

    def die(self) -> None:
        """Somebody else has logged in on this connection: nothing is heard any more. On the loop."""
        self._is_dead = True

    def _hand_over(self, call: Callable[[], None]) -> None:
        # A loop that is closed has no connections left to tell.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._hear, call)

    def _hear(self, call: Callable[[], None]) -> None:
        if self._is_dead:
            return
        if self._early is not None:
            self._early.append(call)
        else:
            call()
