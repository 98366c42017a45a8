"""Terminals that answer as a test says, attached to the in-process bus; everything before them is real."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from facegate.domain.errors import CommandTimedOut, TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, spec_of

Answering = Callable[[DeviceCommand], Awaitable[CommandReply] | CommandReply]


@dataclass(eq=False)
class ScriptedTerminal:
    """A link. `answers` are by word; a word without one is refused as real terminals refuse it.

    Commands run one after the other, as the room sees to.
    """

    serial_number: str
    answers: dict[str, Answering] = field(default_factory=dict)
    received: list[dict[str, object]] = field(default_factory=list)
    has_heard: asyncio.Event = field(default_factory=asyncio.Event)
    pending_count: int = 0
    ended: list[str] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, reason: str) -> None:
        """The room closes the connection."""
        self.ended.append(reason)
        self.hang_up()

    def hang_up(self) -> None:
        """The connection ends; who waits is told at once."""
        self._gone.set()

    async def call(self, command: DeviceCommand) -> CommandReply:
        self.pending_count += 1
        answering = asyncio.ensure_future(self._answer(command))
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            done, _ = await asyncio.wait(
                {answering, gone}, timeout=command.timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if answering in done:
                return answering.result()
            if gone in done:
                raise TerminalOffline("the connection ended before the answer")
            raise CommandTimedOut("the terminal did not answer in time")
        finally:
            self.pending_count -= 1
            for task in (answering, gone):
                task.cancel()
            await asyncio.gather(answering, gone, return_exceptions=True)

    async def _answer(self, command: DeviceCommand) -> CommandReply:
        async with self._turn:
            self.received.append(command.body())
            self.has_heard.set()
            if not spec_of(command.word).has_reply:
                return {}
            answering = self.answers.get(command.word, _refuse)
            reply = answering(command)
            return reply if isinstance(reply, Mapping) else await reply


def replies(**fields: object) -> Answering:
    """Always this, with `ret` and `result` true where they are not given."""
    return lambda command: {"ret": command.word, "result": True, **fields}


def in_turn(*fields: Mapping[str, object]) -> Answering:
    """One after the other, then for ever the last."""
    left = list(fields)

    def answer(command: DeviceCommand) -> CommandReply:
        return {"ret": command.word, "result": True, **(left.pop(0) if len(left) > 1 else left[0])}

    return answer


async def silence(_: DeviceCommand) -> CommandReply:
    """No answer, ever."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")


def _refuse(command: DeviceCommand) -> CommandReply:
    return {"ret": command.word, "result": False, "reason": 1, "msg": "can not find this command"}
