"""Which terminals are connected to this process, and that the others know.

Claims and renewals go to Redis in batches: a thousand terminals that come back at once, or have to be
renewed, are a few round trips.
"""

import asyncio
import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from facegate.adapters.redis_bus.connection import RedisLinks, Word
from facegate.adapters.redis_bus.inbox import Body, ProcessInbox
from facegate.adapters.redis_bus.scripts import CLAIM, CONNECTED, RELEASE
from facegate.domain.errors import BusFailed
from facegate.ports.command_bus import ConnectedTerminal, TerminalLink

_BATCH_SIZE = 250
"""Redis does nothing else while a script runs; so many take it about a millisecond."""


_Item = TypeVar("_Item")


@dataclass(slots=True)
class _Held:
    link: TerminalLink
    link_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    attached_s: float = field(default_factory=time.monotonic)
    told_pending_count: int = -1
    is_newest: bool = False
    """Attached while Redis was there, so it takes over whatever the clocks say."""


class TerminalLeases:
    """The links of this process, each with a lease in Redis. On the event loop only.

    A link that a newer one in another process has replaced is forgotten, and told to end: a device that
    changed its server without a farewell would otherwise hold two connections for a while.
    """

    def __init__(self, links: RedisLinks, inbox: ProcessInbox) -> None:
        self._links = links
        self._held: dict[str, _Held] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._renewed_s = -math.inf
        self._on_change: list[Callable[[], None]] = []
        self._prefix = links.options.key("terminal", "")
        self._index_key = links.options.key("terminals")
        inbox.on("lost", self._receive_lost)
        links.on_change(self._redis_changed)
        links.add_part(self._run)

    def link_of(self, serial_number: str) -> TerminalLink | None:
        """The link in this process, whatever Redis says."""
        held = self._held.get(serial_number)
        return None if held is None else held.link

    def serial_numbers(self) -> list[str]:
        """Of the terminals whose links are here."""
        return list(self._held)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Is told when a terminal came to this process or left it."""
        self._on_change.append(listener)

    async def add(self, link: TerminalLink) -> None:
        """Returns when the other processes can find it, or at once while Redis is away."""
        is_up = self._links.is_up
        self._held[link.serial_number] = _Held(link, is_newest=is_up)
        self._changed()
        self._wake.set()
        if is_up:
            claimed = asyncio.get_running_loop().create_future()
            self._waiting.append(claimed)
            await claimed

    async def remove(self, link: TerminalLink) -> None:
        """Unless another link has taken its place."""
        held = self._held.get(link.serial_number)
        if held is None or held.link is not link:
            return
        del self._held[link.serial_number]
        self._changed()
        await self._release([(link.serial_number, held.link_id)])

    async def connected(self) -> dict[str, ConnectedTerminal]:
        """All terminals of all processes. How many commands wait elsewhere is up to `counting_s` old.

        Raises:
            BusFailed: Redis cannot be reached.
        """
        flat: list[bytes] = await self._links.run_script(CONNECTED, [self._index_key], [self._prefix])
        texts = iter([value.decode("utf-8", "replace") for value in flat])
        found = {
            serial_number: ConnectedTerminal(serial_number, process_id, int(pending))
            for serial_number, process_id, pending in zip(texts, texts, texts, strict=True)
        }
        mine = self._links.process_id
        for serial_number, held in self._held.items():
            known = found.get(serial_number)
            if known is None or known.process_id == mine:
                found[serial_number] = ConnectedTerminal(serial_number, mine, held.link.pending_count)
        return found

    def renew_soon(self) -> None:
        """Redis may have forgotten the leases, or let them run out."""
        self._renewed_s = -math.inf
        self._wake.set()

    async def _run(self) -> None:
        self._renewed_s = -math.inf
        try:
            while True:
                await self._links.wait_until_up()
                # Cleared before it is looked what there is to do: what comes meanwhile sets it again.
                self._wake.clear()
                try:
                    await self._tell(self._due())
                except BusFailed:
                    self._settle(self._waiting)
                    await asyncio.sleep(self._links.timings.first_pause_s)
                    continue
                await self._pause()
        finally:
            self._settle(self._waiting)
            await self._release([(name, held.link_id) for name, held in self._held.items()])

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._links.timings.counting_s):
                await self._wake.wait()
        except TimeoutError:
            return

    def _due(self) -> list[str]:
        """All when the leases are to be renewed, else those of which something new is to be told."""
        now_s = time.monotonic()
        if now_s - self._renewed_s >= self._links.timings.renewal_s:
            self._renewed_s = now_s
            return list(self._held)
        return [
            serial_number
            for serial_number, held in self._held.items()
            if held.told_pending_count != held.link.pending_count
        ]

    async def _tell(self, serial_numbers: list[str]) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            for batch in _batches(serial_numbers, _BATCH_SIZE):
                async with self._lock:
                    await self._claim(batch)
        except BusFailed:
            self._renewed_s = -math.inf
            raise
        finally:
            self._settle(waiting)

    async def _claim(self, serial_numbers: list[str]) -> None:
        """Under the lock, so that no lease is written for a link that was released meanwhile."""
        options, timings = self._links.options, self._links.timings
        claimed = {name: self._held[name] for name in serial_numbers if name in self._held}
        now_s = time.monotonic()
        words: list[Word] = [self._prefix, options.key("inbox", ""), self._links.inbox_id]
        words += [self._links.process_id, round(timings.lease_s * 1000)]
        counts = {name: held.link.pending_count for name, held in claimed.items()}
        for name, held in claimed.items():
            age_ms = round((now_s - held.attached_s) * 1000)
            words += [name, held.link_id, age_ms, counts[name], int(held.is_newest)]
        lost: list[bytes] = await self._links.run_script(CLAIM, [self._index_key], words)
        for name, held in claimed.items():
            held.told_pending_count = counts[name]
            held.is_newest = False
        for raw_name in lost:
            name = raw_name.decode()
            self._forget(name, claimed[name].link_id)

    async def _release(self, leases: list[tuple[str, str]]) -> None:
        for batch in _batches(leases, _BATCH_SIZE):
            words: list[Word] = [self._prefix, *(word for lease in batch for word in lease)]
            try:
                async with self._lock:
                    await self._links.run_script(RELEASE, [self._index_key], words)
            except BusFailed:
                # They run out by themselves.
                return

    def _receive_lost(self, body: Body, age_s: float) -> None:
        self._forget(str(body["sn"]), str(body["link"]))

    def _forget(self, serial_number: str, link_id: str) -> None:
        held = self._held.get(serial_number)
        if held is not None and held.link_id == link_id:
            del self._held[serial_number]
            self._changed()
            held.link.end("the terminal connected to another server")

    def _redis_changed(self, is_up: bool) -> None:
        if is_up:
            self.renew_soon()
        else:
            for held in self._held.values():
                held.is_newest = False
            self._settle(self._waiting)

    def _changed(self) -> None:
        for listener in self._on_change:
            listener()

    def _settle(self, waiting: list[asyncio.Future[None]]) -> None:
        for claimed in waiting:
            if not claimed.done():
                claimed.set_result(None)
        waiting.clear()


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
