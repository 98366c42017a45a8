"""Which terminals are connected and what happens at them: the bus and the feed, for the rooms."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager

from facegate.domain.errors import BusFailed
from facegate.domain.terminals.activity import TerminalEvent
from facegate.ports.clock import Clock
from facegate.ports.command_bus import CommandBus, ConnectedTerminal, EventFeed, TerminalLink

CONNECTED_EVENT = "connected"
DISCONNECTED_EVENT = "disconnected"


class LiveTerminals:
    """On the event loop only.

    A terminal that comes back over a new connection, to this process or another one, is told as connected
    again; the end of its old connection is then no event. While the processes cannot ask each other it is.
    """

    def __init__(self, bus: CommandBus, feed: EventFeed, clock: Clock) -> None:
        self._bus = bus
        self._feed = feed
        self._clock = clock
        self._links: dict[str, TerminalLink] = {}

    async def attach(self, link: TerminalLink) -> None:
        """From now on commands reach the terminal; `connected` is published."""
        self._links[link.serial_number] = link
        await self._bus.attach(link)
        if self._links.get(link.serial_number) is link:
            await self._publish(CONNECTED_EVENT, link)

    async def detach(self, link: TerminalLink) -> None:
        """The connection ended; `disconnected` is published unless another one took its place."""
        is_current = self._links.get(link.serial_number) is link
        if is_current:
            del self._links[link.serial_number]
        await self._bus.detach(link)
        if is_current and link.serial_number not in self._links and not await self._is_elsewhere(link):
            await self._publish(DISCONNECTED_EVENT, link)

    async def _is_elsewhere(self, link: TerminalLink) -> bool:
        with contextlib.suppress(BusFailed):
            return await self._bus.is_connected(link.serial_number)
        return False

    async def connected(self) -> Mapping[str, ConnectedTerminal]:
        """Every connected terminal in every process.

        Raises:
            BusFailed: what is between the processes cannot be reached.
        """
        return await self._bus.connected()

    def here(self) -> Collection[str]:
        """Whose connections are in this very process, as it changes."""
        return self._links.keys()

    async def is_connected(self, serial_number: str) -> bool:
        """Whether any process has this terminal. Raises BusFailed."""
        return await self._bus.is_connected(serial_number)

    async def publish(self, event: TerminalEvent) -> None:
        """Tells all who listen, in any process; waits for nobody."""
        await self._feed.publish(event)

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[TerminalEvent]]:
        """Events from the moment the block is entered; a `missed` stands for those that were too many."""
        return self._feed.listening()

    async def _publish(self, name: str, link: TerminalLink) -> None:
        await self._feed.publish(TerminalEvent(name, link.serial_number, self._clock.now_utc()))
