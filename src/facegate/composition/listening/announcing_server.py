"""The main server and those on further ports: they start, stop and are forced together. Knows no door."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType

import uvicorn
from typing_extensions import override


class FurtherPort:
    """Another application on ports of its own, in the event loop of the main server and for as long."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        self._server = uvicorn.Server(config)
        self._sockets = sockets

    async def start(self) -> None:
        """Begins to accept connections."""
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(self._sockets)

    async def stop(self) -> None:
        """Stops accepting and lets connections end."""
        if self._server.started:
            await self._server.shutdown(self._sockets)

    def force(self) -> None:
        """From now on `stop` waits for nobody."""
        self._server.force_exit = True


class AnnouncingServer(uvicorn.Server):
    """Tells when the ports are open and the application has started, and when both are closed again.

    The end is told from inside, since uvicorn lets the signal that stopped it end the process.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        on_started: Callable[[], None],
        on_stopped: Callable[[], None] = lambda: None,
        before_stopping: Callable[[], Awaitable[None]] | None = None,
        further_ports: Sequence[FurtherPort] = (),
    ) -> None:
        """`before_stopping` runs while connections are still open."""
        super().__init__(config)
        self._before_stopping = before_stopping
        self._further_ports = further_ports
        self._on_started = on_started
        self._on_stopped = on_stopped

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            for port in self._further_ports:
                await port.start()
            self._on_started()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._before_stopping is not None:
            await self._before_stopping()
        further = [asyncio.create_task(port.stop()) for port in self._further_ports]
        end_life = self.lifespan.shutdown

        async def end_life_last() -> None:
            # A port that fails to stop must not keep the stores open.
            await asyncio.gather(*further, return_exceptions=True)
            await end_life()

        # All ports stop at once, and share the time there is; then the application's life ends.
        self.lifespan.shutdown = end_life_last
        await super().shutdown(sockets)
        # Those who were forced do not get there.
        await asyncio.gather(*further)
        self._on_stopped()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.force_exit:
            for port in self._further_ports:
                port.force()
