"""Events as they happen, for those who watch: published from any thread, heard on the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facegate.domain.events.event import Event
from facegate.domain.events.event_backlog import MAX_WAITING_EVENTS, EventBacklog, Missed


class LiveEvents:
    """Every listener has a bounded backlog of its own; nobody waits for anybody. Of this process alone."""

    def __init__(self, max_waiting_events: int = MAX_WAITING_EVENTS) -> None:
        self._max_waiting_events = max_waiting_events
        self._lock = threading.Lock()
        self._listeners: set[_Listener] = set()
        self._is_closed = False

    @property
    def listener_count(self) -> int:
        """How many watch."""
        return len(self._listeners)

    def publish(self, event: Event) -> None:
        """Reaches every listener's backlog before it returns. From any thread."""
        with self._lock:
            for listener in self._listeners:
                listener.add(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[Event | Missed]]:
        """Events from the moment the block is entered; iteration ends when the block or everything does."""
        listener = _Listener(self._lock, asyncio.get_running_loop(), self._max_waiting_events)
        with self._lock:
            self._listeners.add(listener)
            if self._is_closed:
                listener.end()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)
                listener.end()

    def close(self) -> None:
        """Ends the iteration of all who watch, and of all who come later."""
        with self._lock:
            self._is_closed = True
            for listener in self._listeners:
                listener.end()


class _Listener:
    """An iterator and no generator: a wait that is cancelled, as by a time-out, loses nothing.

    `add` and `end` are called under the lock that it shares with the others.
    """

    def __init__(
        self, lock: threading.Lock, loop: asyncio.AbstractEventLoop, max_waiting_events: int
    ) -> None:
        self._lock = lock
        self._loop = loop
        self._backlog = EventBacklog(max_waiting_events)
        self._has_news = asyncio.Event()
        self._is_woken = False
        self._is_over = False

    def add(self, event: Event) -> None:
        self._backlog.add(event)
        self._wake()

    def end(self) -> None:
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        # Once until it has looked: a call per event would fill the loop of a listener who is slow.
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the listener with it
                self._loop.call_soon_threadsafe(self._has_news.set)

    def __aiter__(self) -> AsyncIterator[Event | Missed]:
        return self

    async def __anext__(self) -> Event | Missed:
        while True:
            with self._lock:
                if self._is_over:
                    raise StopAsyncIteration
                found = self._backlog.take()
                if found is not None:
                    return found
                self._is_woken = False
                self._has_news.clear()
            await self._has_news.wait()
