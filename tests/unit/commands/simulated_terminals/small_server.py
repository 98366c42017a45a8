"""A small server of the terminals' protocol, written from the wire reference, that misbehaves on demand."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Message = dict[str, Any]
CLOUD_TIME = "2024-05-02 09:00:00"


class SmallServer:
    """Answers as sections 3.1 to 3.3 of the reference say. `answer` can be replaced to misbehave.

    `stored` counts how often each record came with an answer that acknowledged it. `wants_users` is the
    opposite of `nosenduser`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[tuple[str, Message]] = []
        self.odd_frames: list[str | bytes] = []
        self.stored: Counter[tuple[str, int, str, int, int]] = Counter()
        self.registrations: Counter[str] = Counter()
        self.connections_count = 0
        self.wants_users = False
        self.answer: Callable[[Message], Message | None] = self.good_answer
        self.sockets: dict[str, ServerConnection] = {}
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator["SmallServer"]:
        async with serve(self._converse, "127.0.0.1", port, ping_interval=None, max_size=2**24) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/pub/chat"
            yield self

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits for messages until something is so; a test that waits in vain says what was heard."""
        try:
            async with asyncio.timeout(20):
                while not is_so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            words = [message.get("cmd", message.get("ret")) for _, message in self.heard[-20:]]
            raise AssertionError(f"in vain; heard last {words}") from None

    async def send(self, serial_number: str, message: Message | str) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.sockets[serial_number].send(text)

    async def ask(self, serial_number: str, word: str, **fields: object) -> Message:
        """The next answer to this word (or a message that echoes it)."""
        start = len(self.heard)
        await self.send(serial_number, {"cmd": word, **fields})

        def answers() -> list[Message]:
            return [
                m
                for sn, m in self.heard[start:]
                if sn == serial_number and word in (m.get("ret"), m.get("cmd"))
            ]

        await self.until(lambda: bool(answers()))
        return answers()[0]

    def messages(self, word: str) -> list[Message]:
        return [message for _, message in self.heard if message.get("cmd") == word]

    def good_answer(self, message: Message) -> Message | None:
        word = message["cmd"]
        answer: Message = {"ret": word, "result": True, "cloudtime": CLOUD_TIME}
        if word == "reg":
            answer["nosenduser"] = not self.wants_users
        if word == "sendlog":
            records = message["record"]
            answer["count"] = len(records) if isinstance(records, list) else 1
            if "logindex" in message:
                answer["logindex"] = message["logindex"]
        return answer

    async def _converse(self, socket: ServerConnection) -> None:
        self.connections_count += 1
        serial_number = ""
        try:
            async for content in socket:
                message = read_tolerantly(content)
                if message is None:
                    self.odd_frames.append(content)
                    continue
                serial_number = message.get("sn") or serial_number
                if message.get("cmd") == "reg":
                    self.sockets[serial_number] = socket
                    self.registrations[serial_number] += 1
                self.heard.append((serial_number, message))
                await self._reply(socket, serial_number, message)
                self._changed.set()
        except ConnectionClosed:
            pass
        self._changed.set()

    async def _reply(self, socket: ServerConnection, serial_number: str, message: Message) -> None:
        if not isinstance(message.get("cmd"), str) or "result" in message or "reason" in message:
            return
        answer = self.answer(message)
        if answer is None:
            return
        if message["cmd"] == "sendlog" and answer.get("result") is True:
            records = message["record"]
            for record in records if isinstance(records, list) else [records]:
                key = (int(record["enrollid"]), record["time"], record["mode"], record["event"])
                self.stored[(serial_number, *key)] += 1
        await socket.send(json.dumps(answer))


def read_tolerantly(content: str | bytes) -> Message | None:
    """The message, its trailing comma repaired; None for what is none."""
    for text in (content, content.replace(",]", "]") if isinstance(content, str) else content):
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict) and ("cmd" in message or "ret" in message):
            return message
    return None
