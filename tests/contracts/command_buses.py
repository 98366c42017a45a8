"""Opening each kind of command bus and event feed for the contract suites, and links to attach to them.

A new adapter adds one entry to `BUS_KINDS`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from tests.contracts.redis_servers import no_keys_left, redis_options, require_redis

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.adapters.redis_bus import RedisCommandBus, RedisEventFeed, RedisLinks
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.ports.command_bus import CommandBus, EventFeed


@dataclass(frozen=True)
class Buses:
    """Running buses of two processes that work together. In a single process they are the same object."""

    here: CommandBus
    there: CommandBus


@dataclass(frozen=True)
class Feeds:
    """Feeds of two processes that work together. In a single process they are the same object.

    A listener has room for `max_waiting_events`.
    """

    here: EventFeed
    there: EventFeed
    max_waiting_events: int


def nothing_is_missing() -> None:
    """For kinds that need no server."""


@dataclass(frozen=True)
class BusKind:
    """How to open one kind. `require` skips the test when its server is not there."""

    name: str
    open_buses: Callable[[], AbstractAsyncContextManager[Buses]]
    open_feeds: Callable[[], AbstractAsyncContextManager[Feeds]]
    require: Callable[[], None] = nothing_is_missing


@asynccontextmanager
async def local_buses() -> AsyncIterator[Buses]:
    bus = LocalBus()
    async with bus.running():
        yield Buses(bus, bus)


@asynccontextmanager
async def local_feeds() -> AsyncIterator[Feeds]:
    feed = LocalFeed(max_waiting_events=50)
    yield Feeds(feed, feed, max_waiting_events=50)


@asynccontextmanager
async def redis_buses() -> AsyncIterator[Buses]:
    options = redis_options()
    here, there = (RedisCommandBus(RedisLinks(options, name)) for name in ("here", "there"))
    async with no_keys_left(options), here.running(), there.running():
        yield Buses(here, there)


@asynccontextmanager
async def redis_feeds() -> AsyncIterator[Feeds]:
    options = redis_options()
    here, there = RedisLinks(options, "here"), RedisLinks(options, "there")
    feeds = [RedisEventFeed(links, LocalFeed(max_waiting_events=50)) for links in (here, there)]
    async with no_keys_left(options), here.running(), there.running():
        yield Feeds(feeds[0], feeds[1], max_waiting_events=50)


BUS_KINDS = [
    BusKind("in process", local_buses, local_feeds),
    BusKind("redis", redis_buses, redis_feeds, require_redis),
]


Answering = Callable[[DeviceCommand], Awaitable[CommandReply]]


async def echo(command: DeviceCommand) -> CommandReply:
    """Every field comes back, so that a foreign answer is noticed."""
    return {"ret": command.word, "result": True, "echo": dict(command.fields)}


async def stay_silent(_: DeviceCommand) -> CommandReply:
    """Never answers."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")


@dataclass(eq=False)
class TestLink:
    """A terminal's link whose answers the test decides; it keeps what reached it."""

    __test__ = False

    serial_number: str
    answer: Answering = echo
    commands: list[DeviceCommand] = field(default_factory=list)
    pending_count: int = 0
    was_reached: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[str] = field(default_factory=list)

    async def call(self, command: DeviceCommand) -> CommandReply:
        self.commands.append(command)
        self.pending_count += 1
        self.was_reached.set()
        try:
            return await self.answer(command)
        finally:
            self.pending_count -= 1

    def end(self, reason: str) -> None:
        self.ended.append(reason)
