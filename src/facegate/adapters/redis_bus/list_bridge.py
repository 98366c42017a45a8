"""The two lists per terminal of the old server: scripts push commands to one and pop answers from the other.

As there, a command that was taken from its list is gone: it is not sent again when the connection ends before
the answer, and then there is no answer. Other than there, only answers to the scripts' own commands are put
into the second list, and one command of a list is taken at a time.
"""

import asyncio
import json
import logging
from typing import Any

from redis.asyncio import Redis

from facegate.adapters.redis_bus.bus import RedisCommandBus
from facegate.adapters.redis_bus.connection import FAILURES, RedisLinks, end_tasks, send
from facegate.domain.errors import BusFailed, EngineOverloaded, FacegateError, InvalidInput
from facegate.domain.terminals.commands import DeviceCommand, make_command
from facegate.ports.command_bus import TerminalLink

_LOGGER = logging.getLogger("facegate.redis")

MAX_KEPT_ANSWERS = 1000
"""Per terminal. Whoever pushes commands and never looks at the answers shall not fill Redis."""

ANSWERS_KEPT_S = 24 * 3600
"""After the last answer: a terminal that is gone, or a script that was forgotten, leaves none behind."""

_GATHERING_S = 0.02
"""After a change of the terminals more changes are awaited for so long: a thousand may come back at once."""


class ListBridge:
    """Serves `{prefix}_{sn}_OUT` and `{prefix}_{sn}_IN` for the terminals whose links are in this process.

    One blocking pop waits for the lists of all of them. Commands for other terminals stay where they are
    until they connect. Without a `list_prefix` in the options nothing is served.
    """

    def __init__(self, links: RedisLinks, bus: RedisCommandBus) -> None:
        self._links = links
        self._leases = bus.leases
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._wake_key = links.options.key("wake", links.inbox_id)
        self._has_changed = asyncio.Event()
        if links.options.list_prefix is not None:
            self._leases.on_change(self._has_changed.set)
            links.add_part(self._pop)
            links.add_part(self._wake)

    def out_key(self, serial_number: str) -> str:
        """The list of commands for a terminal."""
        return f"{self._links.options.list_prefix}_{serial_number}_{self._links.options.list_out_word}"

    def in_key(self, serial_number: str) -> str:
        """The list of its answers."""
        return f"{self._links.options.list_prefix}_{serial_number}_{self._links.options.list_in_word}"

    async def _pop(self) -> None:
        try:
            while True:
                await self._links.wait_until_up()
                timings = self._links.timings
                client = self._links.new_client(timings.block_s + 1 + timings.answer_s)
                try:
                    while True:
                        await self._pop_one(client)
                except FAILURES as error:
                    await self._links.recovered(error)
                finally:
                    await client.aclose()
        finally:
            await end_tasks(list(self._busy.values()))

    async def _pop_one(self, client: Redis) -> None:
        free = {self.out_key(name): name for name in self._leases.serial_numbers() if name not in self._busy}
        # Whole seconds: Redis before 6 knows no others here.
        block_s = max(1, round(self._links.timings.block_s))
        popped: Any = await send(client, "BLPOP", self._wake_key, *free, block_s)
        if popped is None:
            return
        key, text = popped[0].decode(), popped[1]
        if key != self._wake_key:
            name = free[key]
            task = asyncio.create_task(self._serve(name, text), name="commands from a list")
            self._busy[name] = task
            task.add_done_callback(lambda _: self._is_free(name))

    def _is_free(self, serial_number: str) -> None:
        del self._busy[serial_number]
        self._has_changed.set()

    async def _wake(self) -> None:
        """Ends the blocking pop, which does not wait for lists of terminals that came after it began."""
        while True:
            await self._has_changed.wait()
            await asyncio.sleep(_GATHERING_S)
            self._has_changed.clear()
            try:
                await self._links.ask("RPUSH", self._wake_key, "1")
                await self._links.ask("EXPIRE", self._wake_key, 60)
            except BusFailed:
                # The pop was ended by the outage and begins with all lists that there are by then.
                continue

    async def _serve(self, serial_number: str, text: bytes | None) -> None:
        """This command and those behind it, one after the other."""
        try:
            while text is not None:
                link = self._leases.link_of(serial_number)
                if link is None:
                    await self._put_back(serial_number, text)
                    return
                await self._run(link, text)
                text = await self._links.ask("LPOP", self.out_key(serial_number))
        except BusFailed:
            _LOGGER.warning("a command or an answer of the lists was lost with the connection to Redis")

    async def _run(self, link: TerminalLink, text: bytes) -> None:
        serial_number = link.serial_number
        try:
            reply = await link.call(_parse(text))
        except InvalidInput as error:
            _LOGGER.warning("a command in the list of %s was dropped: %s", serial_number, error.message)
        except EngineOverloaded as error:
            await self._put_back(serial_number, text)
            await asyncio.sleep(error.retry_after_s)
        except FacegateError as error:
            _LOGGER.info("a command in the list of %s has no answer: %s", serial_number, error.message)
        else:
            if reply:
                await self._put_answer(serial_number, json.dumps(reply))

    async def _put_answer(self, serial_number: str, text: str) -> None:
        key = self.in_key(serial_number)
        if await self._links.ask("RPUSH", key, text) > MAX_KEPT_ANSWERS:
            await self._links.ask("LTRIM", key, -MAX_KEPT_ANSWERS, -1)
        await self._links.ask("EXPIRE", key, ANSWERS_KEPT_S)

    async def _put_back(self, serial_number: str, text: bytes) -> None:
        """To the front: it was never sent."""
        await self._links.ask("LPUSH", self.out_key(serial_number), text)


def _parse(text: bytes) -> DeviceCommand:
    """All fields as they are, `sn` included.

    Raises:
        InvalidInput: no JSON object with a `cmd`.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("a command is a JSON object") from error
    if not isinstance(body, dict) or not isinstance(body.get("cmd"), str):
        raise InvalidInput("a command is a JSON object with a `cmd`", field="cmd")
    return make_command(body.pop("cmd"), body)
