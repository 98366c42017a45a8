"""The command bus of several processes on one Redis."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

from facegate.adapters.redis_bus.connection import RedisLinks, end_tasks
from facegate.adapters.redis_bus.inbox import Body, ProcessInbox, encode
from facegate.adapters.redis_bus.leases import TerminalLeases
from facegate.adapters.redis_bus.scripts import ROUTE
from facegate.adapters.redis_bus.wire import Answer, Request
from facegate.domain.errors import BusFailed, CommandTimedOut, FacegateError, TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.ports.command_bus import ConnectedTerminal, TerminalLink

_LOGGER = logging.getLogger("facegate.redis")

_ANSWER_KEPT_S = 10.0
_SPARE_S = 5.0
"""Messages are kept a little longer than anybody waits for them."""


class RedisCommandBus:
    """Finds the process that has a terminal, and answers for the terminals of its own.

    A request is delivered at most once. It carries its time-out and is as old as its place in the stream
    says, by Redis's clock alone; one that is too old is dropped. Photos and passwords in commands pass
    through Redis and are deleted there as soon as they were received.

    While Redis is away terminals of this process are called directly, all others raise BusFailed.
    """

    def __init__(self, links: RedisLinks) -> None:
        self._links = links
        self._inbox = ProcessInbox(links, self._data_lost)
        self.leases = TerminalLeases(links, self._inbox)
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._inbox.on("request", self._receive_request)
        self._inbox.on("answer", self._receive_answer)
        self._inbox.on("cancel", self._receive_cancel)
        links.on_change(self._redis_changed)
        links.add_part(self._tidy_up_at_end)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Runs everything that was built on the same links."""
        return self._links.running()

    async def attach(self, link: TerminalLink) -> None:
        """Returns when the other processes can find it; while Redis is away they will when it is back."""
        await self.leases.add(link)

    async def detach(self, link: TerminalLink) -> None:
        """Unless another link has taken its place."""
        await self.leases.remove(link)

    async def call(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        """See the port for what is raised.

        After BusFailed and CommandTimedOut the terminal may have done what was asked all the same.
        """
        started_s = time.monotonic()
        link = self.leases.link_of(serial_number)
        if link is not None:
            try:
                # Redis is asked for local ones too: a newer link in another process may have come just now.
                inbox_id = await self._owner_of(serial_number)
            except BusFailed:
                left_s = command.timeout_s - (time.monotonic() - started_s)
                return await link.call(replace(command, timeout_s=max(left_s, 0.0)))
            if inbox_id is None or inbox_id == self._links.inbox_id:
                # Not the one from before: it may have been replaced meanwhile.
                return await self._local(serial_number).call(command)
        return await self._call_elsewhere(serial_number, command)

    async def connected(self) -> Mapping[str, ConnectedTerminal]:
        """Every connected terminal in every process.

        Raises:
            BusFailed: Redis cannot be reached.
        """
        return await self.leases.connected()

    async def is_connected(self, serial_number: str) -> bool:
        """Whether this process or another has the terminal.

        Raises:
            BusFailed: this one has it not, and Redis cannot be reached.
        """
        if self.leases.link_of(serial_number) is not None:
            return True
        return await self._owner_of(serial_number) is not None

    async def _owner_of(self, serial_number: str) -> str | None:
        key = self._links.options.key("terminal", serial_number)
        inbox_id: bytes | None = await self._links.ask("HGET", key, "inbox")
        return None if inbox_id is None else inbox_id.decode()

    def _local(self, serial_number: str) -> TerminalLink:
        link = self.leases.link_of(serial_number)
        if link is None:
            raise _offline()
        return link

    async def _call_elsewhere(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        request = Request(uuid.uuid4().hex, self._links.inbox_id, serial_number, command)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request.request_id] = answered
        inbox_id: str | None = None
        try:
            started_s = time.monotonic()
            inbox_id = await self._send_request(request)
            if inbox_id is not None and inbox_id != self._links.inbox_id:
                left_s = command.timeout_s - (time.monotonic() - started_s)
                async with asyncio.timeout(max(left_s, 0.0)):
                    answer = await answered
                return answer.result()
        except TimeoutError:
            raise CommandTimedOut("the terminal did not answer in time") from None
        except asyncio.CancelledError:
            if inbox_id is not None:
                self._in_background(self._send(inbox_id, "cancel", {"id": request.request_id}))
            raise
        finally:
            del self._waiting[request.request_id]
        if inbox_id is None:
            raise _offline()
        return await self._local(serial_number).call(command)

    async def _send_request(self, request: Request) -> str | None:
        """The inbox of the process that has the terminal, None when none has it."""
        options = self._links.options
        keep_ms = round((request.command.timeout_s + _SPARE_S) * 1000)
        inbox_id: bytes | None = await self._links.run_script(
            ROUTE,
            [options.key("terminal", request.serial_number)],
            [options.key("inbox", ""), self._links.inbox_id, encode(request.body()), keep_ms],
        )
        return None if inbox_id is None else inbox_id.decode()

    def _receive_request(self, body: Body, age_s: float) -> None:
        request = Request.parse(body, age_s)
        if request.command.timeout_s <= 0:
            _LOGGER.info("a command for %s came too late and was dropped", request.serial_number)
            return
        task = asyncio.create_task(self._answer(request), name="command from another process")
        self._answering[request.request_id] = task
        task.add_done_callback(lambda _: self._answering.pop(request.request_id))

    async def _answer(self, request: Request) -> None:
        try:
            reply = await self._local(request.serial_number).call(request.command)
            answer = Answer(request.request_id, reply)
        except FacegateError as error:
            answer = Answer(request.request_id, error=error)
        except Exception:  # the outermost layer of this task: the caller shall not wait for the time-out
            _LOGGER.exception("a command from another process broke")
            failed = BusFailed("the server that has the terminal failed: its log says why")
            answer = Answer(request.request_id, error=failed)
        await self._send(request.sender, "answer", answer.body())

    async def _send(self, inbox_id: str, kind: str, body: Body) -> None:
        """Twice where it must be: an answer that comes a second time reaches nobody."""
        for _ in range(2):
            try:
                await self._inbox.send(inbox_id, kind, body, keep_s=_ANSWER_KEPT_S)
            except BusFailed:
                if not await self._is_up_again():
                    break
            else:
                return
        _LOGGER.warning("an answer to another process was lost with the connection to Redis")

    async def _is_up_again(self) -> bool:
        """Whether Redis answers while somebody may still wait."""
        try:
            async with asyncio.timeout(_ANSWER_KEPT_S if self._links.is_running else 0.0):
                await self._links.wait_until_up()
        except TimeoutError:
            return False
        return True

    def _receive_answer(self, body: Body, age_s: float) -> None:
        answer = Answer.parse(body)
        answered = self._waiting.get(answer.request_id)
        if answered is None or answered.done():
            _LOGGER.info("an answer from another process came too late and was dropped")
        else:
            answered.set_result(answer)

    def _receive_cancel(self, body: Body, age_s: float) -> None:
        task = self._answering.get(str(body["id"]))
        if task is not None:
            task.cancel()

    def _redis_changed(self, is_up: bool) -> None:
        if not is_up:
            self._fail_all()

    def _data_lost(self) -> None:
        self._fail_all()
        self.leases.renew_soon()

    def _fail_all(self) -> None:
        """Those who wait for another process: their answers may be gone."""
        for request_id, answered in self._waiting.items():
            if not answered.done():
                lost = BusFailed("the connection to Redis was lost before the answer came")
                answered.set_result(Answer(request_id, error=lost))

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work, name="message to another process")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _tidy_up_at_end(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await end_tasks([*self._answering.values(), *self._sending])


def _offline() -> TerminalOffline:
    return TerminalOffline("the terminal is not connected: look at its power, network and server address")
