"""The event feed of several processes on one Redis: publish and subscribe, nothing is kept there."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from facegate.adapters.redis_bus.connection import FAILURES, RedisLinks
from facegate.domain.errors import BusFailed
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.event_backlog import MAX_WAITING_EVENTS, MISSED_EVENT
from facegate.ports.command_bus import EventFeed

_LOGGER = logging.getLogger("facegate.redis")

_EVENTS_AT_ONCE = 100
_MAX_SENDERS = 1000
"""Of so many processes is remembered which event was the last; each start is another one."""


class RedisEventFeed:
    """Events of this process go to `local` directly and to the others through Redis; theirs come to `local`.

    Each process numbers its events. Whoever finds numbers missing tells the listeners with a `missed` event:
    after an outage they learn how much they did not see, at the first event that comes through again.
    Facts arrive elsewhere as JSON has them; what JSON does not know arrives as text.
    """

    def __init__(self, links: RedisLinks, local: EventFeed) -> None:
        self._links = links
        self._local = local
        self._channel = links.options.key("events")
        self._unsent: deque[tuple[int, TerminalEvent]] = deque()
        self._published_count = 0
        self._has_news = asyncio.Event()
        self._is_subscribed = asyncio.Event()
        self._expected: dict[str, int] = {}
        links.add_part(self._send)
        links.add_part(self._listen)

    async def publish(self, event: TerminalEvent) -> None:
        """Returns when those who listen in this process have it; the others get it soon after."""
        number = self._published_count
        self._published_count += 1
        if self._links.is_up and len(self._unsent) < MAX_WAITING_EVENTS:
            self._unsent.append((number, event))
            self._has_news.set()
        await self._local.publish(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[TerminalEvent]]:
        """Of all processes; while Redis is away of this one."""
        async with self._local.listening() as events:
            if self._links.is_up:
                await self._wait_until_subscribed()
            yield events

    async def _wait_until_subscribed(self) -> None:
        try:
            async with asyncio.timeout(self._links.timings.answer_s):
                await self._is_subscribed.wait()
        except TimeoutError:
            _LOGGER.info("events of other processes are not there yet")

    async def _send(self) -> None:
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            while self._unsent:
                count = min(len(self._unsent), _EVENTS_AT_ONCE)
                batch = [_told(*self._unsent.popleft()) for _ in range(count)]
                message = json.dumps([self._links.inbox_id, batch], separators=(",", ":"), default=str)
                try:
                    await self._links.ask("PUBLISH", self._channel, message)
                except BusFailed:
                    # Not again: it may have come through. The others notice the gap if it did not.
                    continue

    async def _listen(self) -> None:
        while True:
            await self._links.wait_until_up()
            client = self._links.new_client(self._links.timings.answer_s)
            subscription = client.pubsub()
            try:
                await subscription.subscribe(self._channel)
                await self._read(subscription)
            except FAILURES as error:
                self._is_subscribed.clear()
                await self._links.recovered(error)
            finally:
                self._is_subscribed.clear()
                await cast(Any, subscription).aclose()
                await client.aclose()

    async def _read(self, subscription: PubSub) -> None:
        is_asked = False
        while True:
            message = await subscription.get_message(timeout=self._links.timings.block_s)
            if message is None:
                # Silence may be a connection that died without a word.
                if is_asked:
                    raise RedisConnectionError("no answer to a ping")
                await subscription.ping()
            is_asked = message is None
            if message is not None and message["type"] == "subscribe":
                self._is_subscribed.set()
            elif message is not None and message["type"] == "message":
                await self._receive(message["data"])

    async def _receive(self, text: bytes) -> None:
        try:
            sender, batch = json.loads(text)
            events = [_heard(*one) for one in batch]
            if not isinstance(sender, str):
                raise TypeError("a sender is a text")
        except (ValueError, TypeError, RecursionError):
            _LOGGER.warning("an event in Redis cannot be read: does another version share the namespace?")
            return
        if sender != self._links.inbox_id:
            for number, event in events:
                await self._pass_on(sender, number, event)

    async def _pass_on(self, sender: str, number: int, event: TerminalEvent) -> None:
        expected = self._expected.pop(sender, number)
        self._expected[sender] = number + 1
        if len(self._expected) > _MAX_SENDERS:
            del self._expected[next(iter(self._expected))]
        if number > expected:
            gap = TerminalEvent(MISSED_EVENT, "", event.at, {"count": number - expected})
            await self._local.publish(gap)
        await self._local.publish(event)


def _told(number: int, event: TerminalEvent) -> list[object]:
    return [number, event.name, event.serial_number, event.at.isoformat(), event.facts]


def _heard(number: int, name: str, serial_number: str, at: str, facts: Any) -> tuple[int, TerminalEvent]:
    return int(number), TerminalEvent(str(name), str(serial_number), datetime.fromisoformat(at), dict(facts))
