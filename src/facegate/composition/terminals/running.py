"""What runs beside the terminals' doors as long as the server does."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

from facegate.composition.terminals.parts import Terminals
from facegate.domain.errors import BusFailed, FacegateError
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.terminals.copying import CopyActivity

logger = logging.getLogger(__name__)

_FLUSH_EVERY_S = 1.0
_COPY_EVERY_S = 1.0
_LONGEST_PAUSE_S = 60.0
_AFTER_REGISTRATION_S = 2.0
_AGAIN_AFTER_S = 300.0
_WORKING_AT_ONCE = 8


class TerminalErrands:
    """Brings terminals what waits for them when they connect, and whenever something new waits."""

    def __init__(self, terminals: Terminals, collect_every_s: float) -> None:
        self._terminals = terminals
        self._collect_every_s = collect_every_s
        self._wanted: dict[str, bool] = {}
        self._news = asyncio.Event()
        self._slots = asyncio.Semaphore(_WORKING_AT_ONCE)
        self._loop: asyncio.AbstractEventLoop | None = None
        terminals.placing.on_waiting(self._waiting_somewhere)

    def connected(self, serial_number: str) -> None:
        """On the event loop: the terminal can be asked from now on."""
        self._want(serial_number, collects=self._collect_every_s > 0)

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            if self._collect_every_s > 0:
                tasks.create_task(self._collect_now_and_then())
            while True:
                await self._news.wait()
                self._news.clear()
                wanted, self._wanted = self._wanted, {}
                for serial_number, collects in wanted.items():
                    tasks.create_task(self._visit(serial_number, collects=collects))

    async def _collect_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._collect_every_s)
            with contextlib.suppress(BusFailed):
                for serial_number in await self._terminals.live.connected():
                    self._want(serial_number, collects=True)

    def _waiting_somewhere(self, serial_numbers: Collection[str]) -> None:
        """On any thread."""
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended: the next start finds it in the store
            for serial_number in serial_numbers:
                self._loop.call_soon_threadsafe(self._want, serial_number)

    def _again_later(self, serial_number: str) -> None:
        if self._loop is not None:
            self._loop.call_later(_AGAIN_AFTER_S, self._want, serial_number)

    def _want(self, serial_number: str, *, collects: bool = False) -> None:
        self._wanted[serial_number] = collects or self._wanted.get(serial_number, False)
        self._news.set()

    async def _visit(self, serial_number: str, *, collects: bool) -> None:
        await asyncio.sleep(_AFTER_REGISTRATION_S)
        async with self._slots:
            try:
                report = await self._terminals.placing.run_for(serial_number)
                if not report.is_complete:
                    logger.warning(
                        "terminal %s did not take all that waits for it: %s", serial_number, report
                    )
                if collects:
                    await self._terminals.collect_log(serial_number)
            except FacegateError as error:
                logger.warning("terminal %s: %s", serial_number, error.message)


@contextlib.asynccontextmanager
async def terminals_running(
    terminals: Terminals, errands: TerminalErrands, store_workers: BoundedWorkers
) -> AsyncIterator[None]:
    """Bus, errands, the register's writes and the copy run inside the block."""
    async with terminals.links.running():
        beside = [
            asyncio.create_task(_again_and_again(lambda: _flush(terminals, store_workers), _FLUSH_EVERY_S)),
            asyncio.create_task(errands.run()),
        ]
        if terminals.copy is not None:
            beside.append(asyncio.create_task(_copy_on(terminals.copy)))
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _flush(terminals: Terminals, store_workers: BoundedWorkers) -> None:
    try:
        await store_workers.run(terminals.register.flush)
    except FacegateError as error:
        logger.error("what terminals said of themselves could not be kept yet: %s", error.message)


async def _again_and_again(work: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await work()


async def _copy_on(copy: CopyActivity) -> None:
    """On a thread of its own: a database that is away may take its time to say so."""
    pause_s = _COPY_EVERY_S
    was_failing = False
    while True:
        try:
            count = await asyncio.to_thread(copy)
        except FacegateError as error:
            pause_s = min(2 * max(pause_s, _COPY_EVERY_S), _LONGEST_PAUSE_S)
            if not was_failing:
                text = "activity is not copied for now, nothing is lost: %s"
                logger.error(text, error.message, exc_info=error)
            was_failing = True
        else:
            if was_failing:
                logger.info("activity is copied again")
            was_failing = False
            pause_s = 0.0 if count else _COPY_EVERY_S
        await asyncio.sleep(pause_s)
