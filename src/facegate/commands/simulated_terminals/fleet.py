"""Many simulated terminals on one event loop: their connections, their scans, the sum of what they did."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from facegate.commands.simulated_terminals.device.tally import Tally
from facegate.commands.simulated_terminals.device.terminal import SimulatedTerminal
from facegate.commands.simulated_terminals.link import Observer, Route, TerminalLink

_TICK_S = 0.02


@dataclass(frozen=True, slots=True)
class FleetState:
    """All terminals together. `waiting` are scans that no server has acknowledged yet."""

    terminals: int
    registered: int
    waiting: int
    tally: Tally


class Fleet:
    """Terminals that connect, stay connected and scan. On the event loop only."""

    def __init__(
        self, terminals: Sequence[SimulatedTerminal], route: Route, observer: Observer | None = None
    ) -> None:
        self.terminals = terminals
        self._links = [TerminalLink(terminal, route, observer=observer) for terminal in terminals]
        self._next_position = 0

    @asynccontextmanager
    async def running(self, *, ramp_s: float = 0.0) -> AsyncIterator[None]:
        """All are switched on within `ramp_s`, and cut off at the end of the block."""

        async def switched_on(position: int, link: TerminalLink) -> None:
            await asyncio.sleep(position * ramp_s / len(self._links))
            await link.run()

        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(switched_on(position, link)) for position, link in enumerate(self._links)
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    def scan(self) -> None:
        """One scan on the next terminal in turn, connected or not."""
        link = self._links[self._next_position % len(self._links)]
        self._next_position += 1
        link.terminal.scan(asyncio.get_running_loop().time())
        link.nudge()

    async def keep_scanning(self, scans_per_s: float, *, limit: int | None = None) -> None:
        """So many scans a second over all terminals, until `limit` of them or until it is cancelled."""
        loop = asyncio.get_running_loop()
        start_s, made_count = loop.time(), 0
        while limit is None or made_count < limit:
            due_count = 1 + int((loop.time() - start_s) * scans_per_s)
            while made_count < (due_count if limit is None else min(due_count, limit)):
                self.scan()
                made_count += 1
            await asyncio.sleep(_TICK_S)

    async def settled(self) -> None:
        """Returns once a server has acknowledged every scan."""
        while any(terminal.memory.log.waiting_count for terminal in self.terminals):  # noqa: ASYNC110 - many
            await asyncio.sleep(_TICK_S)

    def state(self) -> FleetState:
        """How things are now."""
        tally = Tally()
        for terminal in self.terminals:
            tally.add(terminal.tally)
        return FleetState(
            terminals=len(self.terminals),
            registered=sum(terminal.is_registered for terminal in self.terminals),
            waiting=sum(terminal.memory.log.waiting_count for terminal in self.terminals),
            tally=tally,
        )
