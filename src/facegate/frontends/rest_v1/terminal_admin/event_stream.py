"""Events of terminals as server-sent events: a text that never ends by itself."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from facegate.domain.errors import AccessRefused, EngineOverloaded, RateLimited
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.event_backlog import MISSED_EVENT
from facegate.use_cases.terminals.live import LiveTerminals

FIRST_LINES = "retry: 2000\n: listening\n\n"
SIGN_OF_LIFE = ": \n\n"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Empty and None do not restrict. That events were missed is always told."""

    serial_number: str | None = None
    names: frozenset[str] = frozenset()

    def lets_pass(self, event: TerminalEvent) -> bool:
        """Whether the listener wants to hear of it."""
        if event.name == MISSED_EVENT:
            return True
        is_wanted_terminal = self.serial_number is None or event.serial_number == self.serial_number
        return is_wanted_terminal and (not self.names or event.name in self.names)


class EventStreams:
    """All open streams, so that a server that stops can end them. On the event loop only."""

    def __init__(self, max_streams: int = 100, sign_of_life_every_s: float = 15.0) -> None:
        self._max_streams = max_streams
        self._sign_of_life_every_s = sign_of_life_every_s
        self._open: set[asyncio.Event] = set()
        self._is_stopping = False

    @property
    def count(self) -> int:
        """Open streams."""
        return len(self._open)

    def end_all(self) -> None:
        """Ends every stream now, and those that still come at once; call it when the server stops."""
        self._is_stopping = True
        for end in self._open:
            end.set()

    def check_room(self) -> None:
        """Raises EngineOverloaded when no stream more is served."""
        if len(self._open) >= self._max_streams:
            raise EngineOverloaded("too many programs listen already: close one", retry_after_s=10)
        if self._is_stopping:
            raise EngineOverloaded("the server is stopping: come back in a moment")

    async def serve(
        self, live: LiveTerminals, wanted: EventFilter, may_go_on: Callable[[], object]
    ) -> AsyncGenerator[str, None]:
        """The text of one stream, beginning with the line `: listening` once nothing is missed any more.

        `may_go_on` is asked now and then, and ends the stream by AccessRefused.
        """
        now_s = asyncio.get_running_loop().time
        with self._listed() as end:
            async with live.listening() as events, _waiting(events, end) as waiting:
                yield FIRST_LINES
                due_at_s = now_s() + self._sign_of_life_every_s
                while not (end.is_set() or waiting.is_over):
                    event = await waiting.next(due_at_s - now_s())
                    if event is not None and wanted.lets_pass(event):
                        yield event_text(event)
                    if now_s() >= due_at_s:
                        if not _may_go_on(may_go_on):
                            return
                        yield SIGN_OF_LIFE
                        due_at_s = now_s() + self._sign_of_life_every_s

    @contextmanager
    def _listed(self) -> Iterator[asyncio.Event]:
        end = asyncio.Event()
        if self._is_stopping:
            end.set()
        self._open.add(end)
        try:
            yield end
        finally:
            self._open.discard(end)


class _Waiting:
    """The next event or the end of the stream, whichever is first. No wait is given up half-way."""

    def __init__(self, events: AsyncIterator[TerminalEvent], end: asyncio.Event) -> None:
        self._events = events
        self._ending = asyncio.ensure_future(end.wait())
        self._next: asyncio.Future[TerminalEvent | None] | None = None
        self.is_over = False

    async def next(self, timeout_s: float) -> TerminalEvent | None:
        """None when there was none in time, or nothing more comes: then `is_over` is True."""
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._events, None))
        waits: set[asyncio.Future[Any]] = {self._next, self._ending}
        await asyncio.wait(waits, timeout=max(0.0, timeout_s), return_when=asyncio.FIRST_COMPLETED)
        if not self._next.done():
            return None
        event = self._next.result()
        self._next = None
        self.is_over = event is None
        return event

    async def stop(self) -> None:
        waits = [wait for wait in (self._ending, self._next) if wait is not None]
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def _waiting(events: AsyncIterator[TerminalEvent], end: asyncio.Event) -> AsyncIterator[_Waiting]:
    waiting = _Waiting(events, end)
    try:
        yield waiting
    finally:
        await waiting.stop()


def event_text(event: TerminalEvent) -> str:
    """One event in the format of server-sent events; its data is one line of JSON."""
    data = {
        "name": event.name,
        "serial_number": event.serial_number,
        "at": event.at.isoformat(),
        "facts": dict(event.facts),
    }
    return f"event: {event.name}\ndata: {json.dumps(data)}\n\n"


def _may_go_on(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except RateLimited:
        return True
    except AccessRefused:
        return False
    return True
