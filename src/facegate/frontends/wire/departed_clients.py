"""Cancels the answering of a request whose client has gone, so that queues do not work for nobody."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLIENT_LEFT = 499
"""What the log and metrics show for a request that nobody waited for; no client ever sees it."""


class DepartedClients:
    """Pure ASGI middleware. Watches only requests with a body: the others are too short to be worth it.

    What a worker thread has begun goes on to its end; what still waits for a thread is dropped there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and cancels it when the client closes the connection."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        watch = _Watch(receive)

        async def send_watched(message: Message) -> None:
            # From here on the work is done; servers report a departure after each complete answer.
            watch.is_answered = True
            await send(message)

        answering = asyncio.ensure_future(self._app(scope, watch.receive, send_watched))
        watch.answering = answering
        try:
            await answering
        except asyncio.CancelledError:
            if not watch.has_departed:
                answering.cancel()
                raise
            # The server drops it; the log and the metrics hear whose choice it was.
            await send({"type": "http.response.start", "status": CLIENT_LEFT, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        finally:
            watch.stop()


class _Watch:
    """Stands between the application and `receive`; listens itself once the body is complete."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._listener: asyncio.Task[Message] | None = None
        self.answering: asyncio.Future[None] | None = None
        self.is_answered = False
        self.has_departed = False

    async def receive(self) -> Message:
        if self._listener is not None:
            # Shielded: one reader that gives up must not end the listening for the others.
            return await asyncio.shield(self._listener)
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._listener = asyncio.ensure_future(self._receive())
            self._listener.add_done_callback(self._heard)
        return message

    def _heard(self, listener: "asyncio.Task[Message]") -> None:
        if self.is_answered or self.answering is None or listener.cancelled() or listener.exception():
            return
        if listener.result()["type"] == "http.disconnect":
            self.has_departed = True
            self.answering.cancel()

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
