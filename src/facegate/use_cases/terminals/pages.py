"""Reading a terminal's list to its end."""

import asyncio
import hashlib
import json
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from facegate.domain.errors import (
    BusFailed,
    CommandTimedOut,
    EngineOverloaded,
    TerminalOffline,
    TerminalRefused,
)
from facegate.domain.terminals.commands import CommandReply
from facegate.domain.terminals.paging import PagedRows, Paging, Row
from facegate.use_cases.terminals.send_command import SendCommand

RESTART_WAITS_S = (1.0, 3.0, 6.0, 10.0)
"""How long a terminal that was lost in the middle may take to come back, try by try."""


@dataclass(frozen=True, slots=True)
class PagesRead:
    """How many pages had something new; not `is_complete` when the terminal fell silent or has too many."""

    page_count: int
    is_complete: bool


TakePage = Callable[[Sequence[Row]], Awaitable[None]]


class ReadPages:
    """`getuserlist`, `getnewlog` and `getalllog`. On the event loop only.

    A terminal has one place in its lists, so two readers would turn each other's pages: within this process
    one waits for the other. Scripts that page for themselves can still come between.
    """

    def __init__(self, send: SendCommand, *, restart_waits_s: Sequence[float] = RESTART_WAITS_S) -> None:
        self._send = send
        self._restart_waits_s = tuple(restart_waits_s)
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def read(
        self, serial_number: str, word: str, fields: Mapping[str, object] | None = None
    ) -> PagedRows:
        """All rows, each once.

        Raises:
            TerminalRefused: the terminal refused the first page.
            TerminalNotFound, TerminalOffline, CommandTimedOut, EngineOverloaded, BusFailed: not even the
                first page came. Later it is no error, but the rows are not complete.
        """
        rows: list[Row] = []

        async def keep(page: Sequence[Row]) -> None:
            rows.extend(page)

        run = await self.each_page(serial_number, word, keep, fields)
        return PagedRows(rows, run.page_count, run.is_complete)

    async def each_page(
        self, serial_number: str, word: str, take: TakePage, fields: Mapping[str, object] | None = None
    ) -> PagesRead:
        """Hands every page to `take`, without rows that were handed over before, and waits for it.

        The next page is asked for when `take` is done with this one. Raises what `read` and `take` raise.
        """
        lock = self._locks.setdefault(serial_number, asyncio.Lock())
        async with lock:
            return await self._each_page(serial_number, Paging(word, fields), take)

    async def _each_page(self, serial_number: str, run: Paging, take: TakePage) -> PagesRead:
        new_rows = _NewRows()
        waits_s = iter(self._restart_waits_s)
        page_count = 0
        while not run.is_over:
            try:
                page = _unseen(new_rows, run, await self._send(serial_number, run.next_command()))
            except (CommandTimedOut, TerminalRefused):
                if page_count == 0:
                    raise
                # Asking again might skip a page whose answer is only late.
                run.give_up()
                break
            except (TerminalOffline, BusFailed, EngineOverloaded):
                wait_s = next(waits_s, None)
                if page_count == 0:
                    raise
                if wait_s is None:
                    run.give_up()
                    break
                await asyncio.sleep(wait_s)
                # With the connection the terminal's place in the list is lost.
                run = run.from_the_beginning()
                continue
            if page:
                page_count += 1
                await take(page)
        return PagesRead(page_count, run.is_complete)


def _unseen(new_rows: "_NewRows", run: Paging, reply: CommandReply) -> list[Row]:
    try:
        return new_rows.of(run.take(reply))
    except RecursionError as error:
        raise TerminalRefused("the terminal's list cannot be read: it is nested too deeply") from error


class _NewRows:
    """Which rows were not seen yet, by their digests: rows may hold pictures."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def of(self, rows: Sequence[Row]) -> list[Row]:
        new = []
        for row in rows:
            text = json.dumps(row, sort_keys=True, default=str)
            digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if digest not in self._seen:
                self._seen.add(digest)
                new.append(row)
        return new
