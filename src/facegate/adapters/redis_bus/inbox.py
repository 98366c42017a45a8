"""What other processes send to this one: a stream of its own, read over one connection.

Entries stay until they were received, so a connection that breaks loses none; they are handed on once.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from redis.asyncio import Redis

from facegate.adapters.redis_bus.connection import FAILURES, RedisLinks, send
from facegate.adapters.redis_bus.scripts import SEND

_LOGGER = logging.getLogger("facegate.redis")

_ENTRIES_AT_ONCE = 100
_MARK_KEPT_S = 60.0
_MARK_RENEWED_S = 20.0

Body = Mapping[str, Any]
Receive = Callable[[Body, float], None]
"""The body and its age in seconds. Raises ValueError, KeyError or TypeError for what makes no sense."""


class ProcessInbox:
    """Messages of this process. On the event loop only.

    `on_loss` is called when Redis has forgotten its data: answers may have gone with it.
    """

    def __init__(self, links: RedisLinks, on_loss: Callable[[], None]) -> None:
        self._links = links
        self._on_loss = on_loss
        self._receivers: dict[str, Receive] = {}
        self._key = links.options.key("inbox", links.inbox_id)
        self._mark_key = links.options.key("mark", links.inbox_id)
        self._marked_at_s: float | None = None
        self._received: set[bytes] = set()
        links.on_change(self._redis_changed)
        links.add_part(self._run)

    def on(self, kind: str, receive: Receive) -> None:
        """Who receives this kind; neither waits nor takes long."""
        self._receivers[kind] = receive

    async def send(self, inbox_id: str, kind: str, body: Body, *, keep_s: float) -> None:
        """Puts a message into the inbox of a process, which has `keep_s` to read it.

        Raises:
            BusFailed: Redis cannot be reached; the message may have arrived all the same.
        """
        await self._links.run_script(
            SEND, [self._links.options.key("inbox", inbox_id)], [kind, encode(body), _ms(keep_s)]
        )

    async def _run(self) -> None:
        block_s = self._links.timings.block_s
        while True:
            await self._links.wait_until_up()
            client = self._links.new_client(block_s + self._links.timings.answer_s)
            try:
                await self._look_at_mark(client)
                while True:
                    await self._read(client, block_s)
            except FAILURES as error:
                await self._links.recovered(error)
            finally:
                await client.aclose()

    def _redis_changed(self, is_up: bool) -> None:
        # Everybody hears of an outage; the mark is for a loss without one that was noticed.
        if not is_up:
            self._marked_at_s = None

    async def _look_at_mark(self, client: Redis) -> None:
        """The mark is only there to be missed."""
        if self._marked_at_s is not None and not await send(client, "EXISTS", self._mark_key):
            self._on_loss()
        self._marked_at_s = None

    async def _read(self, client: Redis, block_s: float) -> None:
        now_s = time.monotonic()
        if self._marked_at_s is None or now_s - self._marked_at_s > _MARK_RENEWED_S:
            await send(client, "SET", self._mark_key, "1", "PX", _ms(_MARK_KEPT_S))
            self._marked_at_s = now_s
        # From the beginning each time: what was received is deleted, so the rest is new.
        read = await send(
            client, "XREAD", "COUNT", _ENTRIES_AT_ONCE, "BLOCK", _ms(block_s), "STREAMS", self._key, "0"
        )
        if not read:
            return
        entries: list[tuple[bytes, dict[bytes, bytes]]] = read[0][1]
        seconds, microseconds = await send(client, "TIME")
        now_ms = int(seconds) * 1000 + int(microseconds) // 1000
        for entry_id, fields in entries:
            # A break before the deletion brings an entry a second time.
            if entry_id not in self._received:
                self._received.add(entry_id)
                self._hand_on(fields, max(0, now_ms - int(entry_id.partition(b"-")[0])) / 1000)
        ids = [entry_id for entry_id, _ in entries]
        await send(client, "XDEL", self._key, *ids)
        self._received.difference_update(ids)

    def _hand_on(self, fields: Mapping[bytes, bytes], age_s: float) -> None:
        kind = fields.get(b"kind", b"").decode("ascii", "replace")
        try:
            self._receivers[kind](_decode(fields[b"body"]), age_s)
        except (ValueError, KeyError, TypeError, RecursionError):
            # Not its text: it may hold a photo or a password.
            _LOGGER.warning("a message in Redis cannot be read: does another version share the namespace?")


def encode(body: Body) -> str:
    """JSON in ASCII: half a surrogate pair, which a terminal may send, survives too."""
    return json.dumps(body, separators=(",", ":"))


def _decode(text: bytes) -> Body:
    body = json.loads(text)
    if not isinstance(body, dict):
        raise TypeError("the body of a message is an object")
    return body


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
