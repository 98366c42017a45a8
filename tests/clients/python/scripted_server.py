"""A server of the presence door that says what a test wants; for what the real one does rarely."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

NO_ACTION = {"action": "NO_ACTION", "reason": "EMPTY_REASON", "actual_username": "ada"}
LOCK = {"action": "ACTION_LOCK_SCREEN", "reason": "REASON_NO_FACE", "actual_username": "ada"}
PAUSED = {"action": "ACTION_WARNING", "reason": "REASON_PAUSED_CLIENT", "actual_username": "ada"}
BLOCKED = {"action": "ACTION_ERROR", "reason": "REASON_BLOCKED_CLIENT", "actual_username": "ada"}
UNKNOWN = {"action": "ACTION_ERROR", "reason": "REASON_CLIENT_NOT_AVAILABLE"}
BAD_PICTURE = {"action": "ACTION_ERROR", "reason": "INVALID_IMAGE_FORMAT", "message": "not a picture"}

Script = Callable[[ServerConnection, int], Awaitable[None]]
"""What happens on a connection; they are counted from 0."""


class ScriptedServer:
    """Counts connections; one script plays on each."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.connection_count = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def play(self, socket: ServerConnection) -> None:
        number = self.connection_count
        self.connection_count += 1
        await self._script(socket, number)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedServer"]:
        server: Server
        async with serve(self.play, "127.0.0.1", 0, max_size=2**20) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield self


async def heard(socket: ServerConnection) -> dict[str, Any]:
    """The next message of the agent."""
    message: dict[str, Any] = json.loads(await socket.recv())
    return message


async def say(socket: ServerConnection, said: dict[str, Any]) -> None:
    await socket.send(json.dumps(said))


def answers(*said: dict[str, Any], close_code: int | None = None) -> Script:
    """One of these to each picture, then the end, or silence."""

    async def script(socket: ServerConnection, _: int) -> None:
        for one in said:
            await heard(socket)
            await say(socket, one)
        if close_code is None:
            await socket.wait_closed()
        else:
            await socket.close(close_code)

    return script


class Pictures:
    """A source that always has one, and counts how many were asked for."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self.shown_count = 0
        self.sizes_px = [3]
        self.is_closed = False

    async def open(self) -> None:
        await asyncio.sleep(0)

    async def newest(self) -> bytes | None:
        if self._limit == self.shown_count:
            return None
        self.shown_count += 1
        return b"picture %d" % self.shown_count

    def make_smaller(self) -> bool:
        self.sizes_px.append(self.sizes_px[-1] - 1)
        return self.sizes_px[-1] > 0

    async def close(self) -> None:
        self.is_closed = True
