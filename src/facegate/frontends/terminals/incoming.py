"""Reading what a socket brings without keeping all others waiting: size, pace, and on which thread."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from facegate.domain.errors import EngineOverloaded
from facegate.frontends.terminals.lenient_json import part_count
from facegate.frontends.terminals.messages import Incoming
from facegate.frontends.terminals.parts import TerminalParts
from facegate.frontends.terminals.translate import read_message
from facegate.frontends.wire.workers import BoundedWorkers

T = TypeVar("T")

SMALL_MESSAGE_CHARS = 32 * 1024
SMALL_MESSAGE_PARTS = 500
"""Read at once: a few milliseconds at most. What is larger is read on a worker thread."""

MAX_UNREGISTERED_BYTES = 64 * 1024
"""Of one message, as long as nobody knows whose it is. A registration has one or two thousand."""

MAX_MESSAGES_PER_S = 200
MAX_BYTES_PER_S = 2 * 2**20
MAX_UNREGISTERED_BYTES_PER_S = 64 * 1024

_BURST_S = 1.0
"""What was not used of the last second may come at once."""

_AGAIN_AFTER_S = 0.05


class ReadingPace:
    """How fast one socket is read; what comes faster waits in the network and fills no event loop."""

    def __init__(self) -> None:
        self._paid_until_s = 0.0

    def pause_s(self, size: int, now_s: float, *, is_registered: bool) -> float:
        """After a message of that size, in bytes: how long nothing more is read."""
        bytes_per_s = MAX_BYTES_PER_S if is_registered else MAX_UNREGISTERED_BYTES_PER_S
        cost_s = max(size / bytes_per_s, 1 / MAX_MESSAGES_PER_S)
        self._paid_until_s = max(self._paid_until_s, now_s - _BURST_S) + cost_s
        return max(0.0, self._paid_until_s - now_s)


async def understood(content: str | bytes, parts: TerminalParts) -> Incoming:
    """What the message says. Large ones wait for a thread, however long there is none."""
    if len(content) <= SMALL_MESSAGE_CHARS and part_count(content) <= SMALL_MESSAGE_PARTS:
        return read_message(content)
    async with parts.reading_turns:
        return await on_a_worker(parts.workers, lambda: read_message(content))


async def on_a_worker(workers: BoundedWorkers, work: Callable[[], T]) -> T:
    """Waits for room where the queue is full: on the event loop such work would hold up everybody."""
    while True:
        try:
            return await workers.run(work)
        except EngineOverloaded:
            await asyncio.sleep(_AGAIN_AFTER_S)
