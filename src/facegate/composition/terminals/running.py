"""What runs beside the terminals' doors as long as the server does."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from facegate.composition.terminals.errands import TerminalErrands, for_ever
from facegate.composition.terminals.parts import Terminals
from facegate.domain.errors import FacegateError
from facegate.frontends.wire.workers import BoundedWorkers

logger = logging.getLogger(__name__)

_FLUSH_EVERY_S = 1.0
_COPY_EVERY_S = 1.0
_LONGEST_PAUSE_S = 60.0


@contextlib.asynccontextmanager
async def terminals_running(
    terminals: Terminals, errands: TerminalErrands, store_workers: BoundedWorkers
) -> AsyncIterator[None]:
    """Bus, errands, the register's writes and the copy run inside the block."""

    async def flush() -> None:
        await store_workers.run(terminals.register.flush)

    async with terminals.links.running():
        trouble = "what terminals said of themselves cannot be kept"
        beside = [
            asyncio.create_task(for_ever(trouble, flush, _FLUSH_EVERY_S)),
            asyncio.create_task(errands.run()),
        ]
        if terminals.copy is not None:
            beside.append(asyncio.create_task(copy_on(terminals.copy)))
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def copy_on(copy: Callable[[], int]) -> None:
    """On a thread of its own: a database that is away may take its time to say so."""
    pause_s = _COPY_EVERY_S
    was_failing = False
    while True:
        try:
            count = await asyncio.to_thread(copy)
        except Exception as error:  # a loop that must survive: the copy catches up later
            pause_s = min(2 * max(pause_s, _COPY_EVERY_S), _LONGEST_PAUSE_S)
            if not was_failing:
                reason = error.message if isinstance(error, FacegateError) else type(error).__name__
                text = "activity is not copied for now, nothing is lost: %s"
                logger.error(text, reason, exc_info=error)
            was_failing = True
        else:
            if was_failing:
                logger.info("activity is copied again")
            was_failing = False
            pause_s = 0.0 if count else _COPY_EVERY_S
        await asyncio.sleep(pause_s)
