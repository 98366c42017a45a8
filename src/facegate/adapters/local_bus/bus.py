"""The command bus of a single process."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from facegate.domain.errors import TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.ports.command_bus import ConnectedTerminal, TerminalLink


class LocalBus:
    """Knows the links of this process and calls them directly."""

    def __init__(self, process_id: str | None = None) -> None:
        self._process_id = process_id or str(os.getpid())
        self._links: dict[str, TerminalLink] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Links that are left at the end are forgotten."""
        try:
            yield
        finally:
            self._links.clear()

    async def attach(self, link: TerminalLink) -> None:
        """Replaces a link of the same serial number."""
        self._links[link.serial_number] = link

    async def detach(self, link: TerminalLink) -> None:
        """Unless another link has taken its place."""
        if self._links.get(link.serial_number) is link:
            del self._links[link.serial_number]

    async def call(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        """The link's own answer; its errors too.

        Raises:
            TerminalOffline: no link has this serial number.
        """
        link = self._links.get(serial_number)
        if link is None:
            raise TerminalOffline(
                "the terminal is not connected: look at its power, network and server address"
            )
        return await link.call(command)

    async def is_connected(self, serial_number: str) -> bool:
        """Whether there is a link."""
        return serial_number in self._links

    async def connected(self) -> Mapping[str, ConnectedTerminal]:
        """The links of this process."""
        return {
            serial_number: ConnectedTerminal(serial_number, self._process_id, link.pending_count)
            for serial_number, link in self._links.items()
        }
