"""What runs beside the doors for cameras, alerts and events as long as the server does."""

import asyncio
import contextlib
import functools
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from facegate.composition.watching.parts import Watching
from facegate.domain.errors import FacegateError
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.events.end_open_visits import EndOpenVisits
from facegate.use_cases.events.scan_events import FollowScans

T = TypeVar("T")

logger = logging.getLogger(__name__)

_SWEEP_EVERY_S = 600.0
_FOLLOW_EVERY_S = 1.0
_LONGEST_PAUSE_S = 60.0


@contextlib.asynccontextmanager
async def watching_running(
    watching: Watching, scans: FollowScans | None, store_workers: BoundedWorkers
) -> AsyncIterator[None]:
    """Cameras, delivery of alerts, sweeping and following of scans run inside the block.

    On the way out cameras end first: the visits that end with them are still stored and told.
    """
    async with contextlib.AsyncExitStack() as running:
        running.callback(watching.events.live.close)
        await running.enter_async_context(_delivering(watching))
        ends: _EndsOfEarlierVisits | None = None
        if watching.runner is not None:
            ends = _EndsOfEarlierVisits(watching, store_workers)
            await ends.attempt()
            await asyncio.to_thread(watching.runner.start)
            running.push_async_callback(asyncio.to_thread, watching.runner.close)
        stop = threading.Event()
        sweep = functools.partial(watching.events.sweep, stop.is_set)
        beside = [asyncio.create_task(_sweep_now_and_then(sweep, store_workers))]
        if ends is not None and not ends.is_done:
            beside.append(asyncio.create_task(ends.until_done()))
        if scans is not None:
            beside.append(asyncio.create_task(_follow(scans.step, store_workers)))
        running.push_async_callback(_cancelled, beside)
        # Cancelling ends the waiting for a worker, not what the worker does.
        running.callback(stop.set)
        yield


@contextlib.asynccontextmanager
async def _delivering(watching: Watching) -> AsyncIterator[None]:
    stop = threading.Event()
    delivery = threading.Thread(target=watching.deliver.run, args=(stop,), name="alerts")
    delivery.start()
    try:
        yield
    finally:
        stop.set()
        watching.deliver.wake()
        await asyncio.to_thread(delivery.join)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _sweep_now_and_then(sweep: Callable[[], object], store_workers: BoundedWorkers) -> None:
    """Until cancelled. What could not go now goes later."""
    outage = _Outage("old events are not swept", "old events are swept again")
    while True:
        await outage.attempt(sweep, store_workers)
        await asyncio.sleep(_SWEEP_EVERY_S)


async def _follow(step: Callable[[], int], store_workers: BoundedWorkers) -> None:
    """Until cancelled. Nothing is lost by an outage: the place is kept."""
    outage = _Outage(
        "scans of terminals are not in the history", "scans of terminals are in the history again"
    )
    pause_s = _FOLLOW_EVERY_S
    while True:
        count = await outage.attempt(step, store_workers)
        if count is None:
            pause_s = min(2 * max(pause_s, _FOLLOW_EVERY_S), _LONGEST_PAUSE_S)
        else:
            pause_s = 0.0 if count else _FOLLOW_EVERY_S
        await asyncio.sleep(pause_s)


class _EndsOfEarlierVisits:
    """Ends the visits that an earlier process could not, before the cameras begin or as soon as it works."""

    def __init__(self, watching: Watching, store_workers: BoundedWorkers) -> None:
        self._end = EndOpenVisits(watching.stores.events, watching.events.log)
        self._workers = store_workers
        self._outage = _Outage("earlier visits without an end stay open", "earlier visits are ended again")
        self.is_done = False

    async def attempt(self) -> None:
        """Once; what fails is logged."""
        count = await self._outage.attempt(self._end, self._workers)
        if count:
            logger.warning("%d visits at cameras had no end in the history: nobody saw it", count)
        self.is_done = count is not None

    async def until_done(self) -> None:
        """Tries again now and then."""
        while not self.is_done:
            await asyncio.sleep(_LONGEST_PAUSE_S)
            await self.attempt()


class _Outage:
    """Work that is tried again whatever becomes of it; the log has where each outage begins and ends."""

    def __init__(self, trouble: str, is_well: str) -> None:
        self._trouble = trouble
        self._is_well = is_well
        self._is_failing = False

    async def attempt(self, work: Callable[[], T], workers: BoundedWorkers) -> T | None:
        """What the work gives on a worker; None where it failed."""
        try:
            result = await workers.run(work)
        except FacegateError as error:
            if not self._is_failing:
                logger.error("%s for now: %s", self._trouble, error.message)
            self._is_failing = True
            return None
        except Exception:  # a loop that must survive
            if not self._is_failing:
                logger.exception("%s for now", self._trouble)
            self._is_failing = True
            return None
        if self._is_failing:
            logger.warning("%s", self._is_well)
        self._is_failing = False
        return result
