"""Commands to terminals, wherever they are connected, and what happens there.

These ports are asynchronous: they wait for devices.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.commands import CommandReply, DeviceCommand


class TerminalLink(Protocol):
    """A terminal that is connected to this process. On the event loop only."""

    @property
    def serial_number(self) -> str:
        """Whose link this is."""
        ...

    async def call(self, command: DeviceCommand) -> CommandReply:
        """Queues the command behind those that wait, sends it and waits for its own answer.

        The time-out counts from the call, waiting in the queue included. A command without reply
        (`reboot`) returns an empty mapping once it is written. When the caller is cancelled, a command
        that was not sent yet is dropped.

        Raises:
            TerminalOffline: the connection ended before the answer.
            CommandTimedOut: no answer in time; a late one is dropped.
            EngineOverloaded: too many commands wait for this terminal already.
        """
        ...

    @property
    def pending_count(self) -> int:
        """Commands that wait or are being answered."""
        ...

    def end(self, reason: str) -> None:
        """Closes the connection soon (1000), since the terminal is another connection's now.

        Calls that wait fail at once. Does nothing where it has ended already.
        """
        ...


@dataclass(frozen=True, slots=True)
class ConnectedTerminal:
    """Where a terminal is: the process's id, and what waits for it there."""

    serial_number: str
    process_id: str
    pending_count: int = 0


class CommandBus(Protocol):
    """Between those who ask and the processes that hold the connections. On the event loop only.

    A newer link of a serial number replaces the older one, in whichever process. Every call gets the answer
    to itself or an error; an answer that comes too late reaches nobody.
    """

    def running(self) -> AbstractAsyncContextManager[None]:
        """The bus works inside the block. An outage of what is behind it is no error: it heals by itself."""
        ...

    async def attach(self, link: TerminalLink) -> None:
        """From now on commands for this terminal come to `link`."""
        ...

    async def detach(self, link: TerminalLink) -> None:
        """Unless another link has taken its place."""
        ...

    async def call(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        """Hands the command to the process that has the terminal and waits for the answer.

        Raises:
            TerminalOffline: no process has it, or the connection ended.
            CommandTimedOut: no answer in time.
            EngineOverloaded: too many commands wait for this terminal already.
            BusFailed: what is behind the bus cannot be reached.
        """
        ...

    async def connected(self) -> Mapping[str, ConnectedTerminal]:
        """Every connected terminal in every process. Raises BusFailed."""
        ...

    async def is_connected(self, serial_number: str) -> bool:
        """Whether a process has this one; cheap. Raises BusFailed."""
        ...


class EventFeed(Protocol):
    """What happens at terminals, told to whoever listens in any process. On the event loop only."""

    async def publish(self, event: TerminalEvent) -> None:
        """Tells all who listen; never waits for them, never raises for an outage."""
        ...

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[TerminalEvent]]:
        """Events from the moment the block is entered.

        Somebody who is too slow misses events and gets one named `missed` with their `count`.
        """
        ...
