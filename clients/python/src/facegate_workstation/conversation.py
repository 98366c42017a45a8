"""One connection: a picture goes out, its answer is waited for, then the newest picture follows."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from facegate_workstation.endings import Ending, EndKind, ending_of, ending_of_handshake
from facegate_workstation.messages import Answer, Goodbye, picture_message, read_message
from facegate_workstation.settings import WorkstationSettings
from facegate_workstation.sources import PictureSource

_CLOSE_LIMIT_S = 2.0
_GREATEST_ANSWER_BYTES = 2**20


class _Silent(Exception):
    """The server gave no answer in time."""


class Conversation:
    """From the opening of one socket to its end. Used once."""

    def __init__(
        self,
        settings: WorkstationSettings,
        source: PictureSource,
        *,
        on_sending: Callable[[], Awaitable[None]],
        on_answer: Callable[[Answer], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._source = source
        self._on_sending = on_sending
        self._on_answer = on_answer
        self._answered = asyncio.Event()
        self._last: Answer | Goodbye | None = None

    async def run(self) -> Ending | None:
        """Why the connection has ended; None when there are no more pictures."""
        try:
            socket = await self._open_socket()
        except InvalidStatus as error:
            return ending_of_handshake(error.response.status_code)
        except asyncio.TimeoutError:
            return Ending(EndKind.LOST, "the server does not answer")
        except (OSError, WebSocketException) as error:
            return Ending(EndKind.LOST, f"no connection: {error}")
        try:
            return await self._talk(socket)
        except _Silent:
            return Ending(EndKind.LOST, f"no answer within {self._settings.answer_timeout_s:g} s")
        finally:
            await socket.close()

    async def _open_socket(self) -> ClientConnection:
        return await connect(
            self._settings.url,
            additional_headers=self._settings.headers,
            ssl=self._settings.tls(),
            # Pictures are compressed already.
            compression=None,
            max_size=_GREATEST_ANSWER_BYTES,
            close_timeout=_CLOSE_LIMIT_S,
        )

    async def _talk(self, socket: ClientConnection) -> Ending | None:
        reading = asyncio.create_task(self._read(socket))
        sending = asyncio.create_task(self._send(socket))
        try:
            await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and not isinstance(sending.exception(), ConnectionClosed):
                sending.result()
                return None
            # What the server still said before it closed says why it did.
            await reading
        finally:
            reading.cancel()
            sending.cancel()
            await asyncio.gather(reading, sending, return_exceptions=True)
        return ending_of(socket.close_code, self._last)

    async def _read(self, socket: ClientConnection) -> None:
        """Until the server closes the connection."""
        while True:
            try:
                heard = read_message(await socket.recv())
            except ConnectionClosed:
                return
            if heard is None:
                continue
            self._last = heard
            if isinstance(heard, Answer):
                await self._on_answer(heard)
                self._answered.set()

    async def _send(self, socket: ClientConnection) -> None:
        """Until there are no more pictures."""
        period_s = 1.0 / self._settings.frames_per_s
        while True:
            started_s = time.monotonic()
            picture = await self._source.newest()
            if picture is None:
                return
            self._answered.clear()
            await self._on_sending()
            await socket.send(picture_message(self._settings.user, picture))
            try:
                await asyncio.wait_for(self._answered.wait(), self._settings.answer_timeout_s)
            except asyncio.TimeoutError as error:
                raise _Silent from error
            await asyncio.sleep(max(0.0, started_s + period_s - time.monotonic()))
