"""The event feed of a single process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.event_backlog import MAX_WAITING_EVENTS, EventBacklog


class LocalFeed:
    """Every listener has a bounded backlog of its own; nobody waits for anybody."""

    def __init__(self, max_waiting_events: int = MAX_WAITING_EVENTS) -> None:
        self._max_waiting_events = max_waiting_events
        self._listeners: set[_Listener] = set()

    async def publish(self, event: TerminalEvent) -> None:
        """Reaches every listener's backlog before it returns."""
        for listener in self._listeners:
            listener.add(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[TerminalEvent]]:
        """Iteration ends when the block does."""
        listener = _Listener(self._max_waiting_events)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            listener.end()


class _Listener:
    """An iterator and no generator: a wait that is cancelled, as by a time-out, loses nothing."""

    def __init__(self, max_waiting_events: int) -> None:
        self._backlog = EventBacklog(max_waiting_events)
        self._has_news = asyncio.Event()
        self._is_over = False

    def add(self, event: TerminalEvent) -> None:
        self._backlog.add(event)
        self._has_news.set()

    def end(self) -> None:
        self._is_over = True
        self._has_news.set()

    def __aiter__(self) -> AsyncIterator[TerminalEvent]:
        return self

    async def __anext__(self) -> TerminalEvent:
        while not self._is_over:
            event = self._backlog.take()
            if event is not None:
                return event
            self._has_news.clear()
            await self._has_news.wait()
        raise StopAsyncIteration
