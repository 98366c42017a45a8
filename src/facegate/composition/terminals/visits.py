"""To which terminals the server goes next on its own, and how often at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from enum import Enum

from facegate.domain.errors import CommandTimedOut, FacegateError, TerminalNotFound, TerminalOffline

logger = logging.getLogger(__name__)

VISITS_AT_ONCE = 8

COLLECTIONS_AT_ONCE = 4
"""A full log takes minutes; who waits for people must not wait for logs."""

SILENT_AT_ONCE = 2
"""Visits to terminals that did not answer the last time: each may cost nothing but time-outs again."""


class Errand(Enum):
    """What for; the first comes first."""

    DELIVER = "deliver"
    COLLECT = "collect"


class Outcome(Enum):
    """What became of a visit. After `SILENT` and `AGAIN` something is left to be done there."""

    DONE = "done"
    AGAIN = "again"
    SILENT = "silent"


Go = Callable[[str, Errand], Awaitable[Outcome]]


class Visits:
    """One wish per terminal and errand, however often it comes, and one visit per terminal at a time.

    On the event loop only. Nothing that goes wrong on a visit ends the others.
    """

    def __init__(self, go: Go) -> None:
        self._go = go
        self._wanted: dict[Errand, dict[str, None]] = {errand: {} for errand in Errand}
        self._left: dict[Errand, set[str]] = {errand: set() for errand in Errand}
        self._running: dict[str, Errand] = {}
        self._silent: set[str] = set()
        self._news = asyncio.Event()

    def want(self, serial_number: str, errand: Errand) -> None:
        """As soon as there is room."""
        self._wanted[errand][serial_number] = None
        self._news.set()

    def want_again(self, connected: Collection[str]) -> None:
        """Where something was left to be done. Who is not connected is forgotten."""
        for errand, serial_numbers in self._left.items():
            for serial_number in serial_numbers.intersection(connected):
                self.want(serial_number, errand)
            serial_numbers.clear()
        self._silent.intersection_update(connected)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(VISITS_AT_ONCE):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            found = self._next()
            if found is None:
                self._news.clear()
                await self._news.wait()
                continue
            serial_number, errand = found
            del self._wanted[errand][serial_number]
            self._running[serial_number] = errand
            try:
                self._note(serial_number, errand, await self._visit(serial_number, errand))
            finally:
                del self._running[serial_number]
                self._news.set()

    def _next(self) -> tuple[str, Errand] | None:
        silent_count = len(self._silent.intersection(self._running))
        for errand, wanted in self._wanted.items():
            if errand is Errand.COLLECT and self._collecting_count() >= COLLECTIONS_AT_ONCE:
                continue
            for serial_number in wanted:
                is_silent = serial_number in self._silent
                if serial_number not in self._running and not (is_silent and silent_count >= SILENT_AT_ONCE):
                    return serial_number, errand
        return None

    def _collecting_count(self) -> int:
        return sum(errand is Errand.COLLECT for errand in self._running.values())

    async def _visit(self, serial_number: str, errand: Errand) -> Outcome:
        try:
            return await self._go(serial_number, errand)
        except (TerminalOffline, TerminalNotFound):
            return Outcome.DONE  # it is gone to anew when it connects
        except FacegateError as error:
            logger.warning("terminal %s (%s): %s", serial_number, errand.value, error.message)
            return Outcome.SILENT if isinstance(error, CommandTimedOut) else Outcome.AGAIN
        except Exception:  # a loop that must survive: the next terminal is another matter
            logger.exception("terminal %s (%s): the visit broke off", serial_number, errand.value)
            return Outcome.AGAIN

    def _note(self, serial_number: str, errand: Errand, outcome: Outcome) -> None:
        if outcome is Outcome.SILENT:
            self._silent.add(serial_number)
        elif outcome is Outcome.DONE:
            self._silent.discard(serial_number)
        if outcome is not Outcome.DONE:
            self._left[errand].add(serial_number)
