"""What the server does at terminals on its own: bringing people to them, and fetching their scans."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from facegate.composition.terminals.visits import Errand, Outcome, Visits
from facegate.domain.errors import FacegateError, TerminalRefused
from facegate.use_cases.terminals.collect_log import CollectLog
from facegate.use_cases.terminals.live import CONNECTED_EVENT, LiveTerminals
from facegate.use_cases.terminals.placing import PlacePeople

logger = logging.getLogger(__name__)

AFTER_REGISTRATION_S = 2.0

LOOK_EVERY_S = 300.0
"""How often is tried again what was left, and found what no event told of: Redis loses some."""


class ErrandParts(Protocol):
    """What errands are done with; the composition's `Terminals` are it."""

    @property
    def live(self) -> LiveTerminals:
        """Who is connected."""
        ...

    @property
    def placing(self) -> PlacePeople:
        """What waits."""
        ...

    @property
    def collect_log(self) -> CollectLog:
        """For their scans."""
        ...


class TerminalErrands:
    """Brings terminals what waits for them when they connect, and whenever something new waits.

    People are brought to terminals of other servers on the same Redis, too: those do not know of them. Logs
    are fetched by the server that has the connection, for two that page the same log would share it out.
    """

    def __init__(self, terminals: ErrandParts, collect_every_s: float) -> None:
        self._live = terminals.live
        self._placing = terminals.placing
        self._collect_log = terminals.collect_log
        self._collect_every_s = collect_every_s
        self._visits = Visits(self._go)
        self._seen: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        terminals.placing.on_waiting(self._waiting_somewhere)

    def connected(self, serial_number: str) -> None:
        """On the event loop: this server has the terminal, which can be asked from now on."""
        asyncio.get_running_loop().call_later(AFTER_REGISTRATION_S, self._want_all, serial_number)

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._visits.run())
            tasks.create_task(for_ever("connected terminals cannot be told", self._look, LOOK_EVERY_S))
            tasks.create_task(for_ever("terminals that connect cannot be told", self._listen, 1.0))
            if self._collect_every_s > 0:
                tasks.create_task(self._collect_now_and_then())

    async def _collect_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._collect_every_s)
            for serial_number in self._live.here():
                self._visits.want(serial_number, Errand.COLLECT)

    async def _look(self) -> None:
        connected = (await self._live.connected()).keys()
        for serial_number in connected - self._seen:
            self._visits.want(serial_number, Errand.DELIVER)
        self._seen = set(connected)
        self._visits.want_again(connected)

    async def _listen(self) -> None:
        async with self._live.listening() as events:
            async for event in events:
                # Those of this server come by `connected`, a little later: now they may be busy.
                if event.name == CONNECTED_EVENT and event.serial_number not in self._live.here():
                    self._visits.want(event.serial_number, Errand.DELIVER)

    def _waiting_somewhere(self, serial_numbers: Collection[str]) -> None:
        """On any thread."""
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended: the next start finds it in the store
            for serial_number in serial_numbers:
                self._loop.call_soon_threadsafe(self._visits.want, serial_number, Errand.DELIVER)

    def _want_all(self, serial_number: str) -> None:
        self._visits.want(serial_number, Errand.DELIVER)
        if self._collect_every_s > 0:
            self._visits.want(serial_number, Errand.COLLECT)

    async def _go(self, serial_number: str, errand: Errand) -> Outcome:
        if errand is Errand.COLLECT:
            return await self._collect(serial_number)
        return await self._deliver(serial_number)

    async def _deliver(self, serial_number: str) -> Outcome:
        if not await self._live.is_connected(serial_number):
            self._seen.discard(serial_number)
            return Outcome.DONE
        report = await self._placing.run_for(serial_number)
        if report.is_complete:
            return Outcome.DONE
        logger.warning("terminal %s did not take all that waits for it: %s", serial_number, report)
        return Outcome.SILENT if report.is_silent else Outcome.AGAIN

    async def _collect(self, serial_number: str) -> Outcome:
        if serial_number not in self._live.here():
            return Outcome.DONE
        try:
            collected = await self._collect_log(serial_number)
        except TerminalRefused as error:
            logger.warning("terminal %s gives no log: %s", serial_number, error.message)
            return Outcome.DONE
        return Outcome.DONE if collected.is_complete else Outcome.AGAIN


async def for_ever(trouble: str, work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """The work again and again, whatever becomes of it; `trouble` says in the log what does not go."""
    while True:
        try:
            await work()
        except FacegateError as error:
            logger.error("%s for now: %s", trouble, error.message)
        except Exception:  # a loop that must survive
            logger.exception("%s for now", trouble)
        await asyncio.sleep(every_s)
