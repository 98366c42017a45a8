"""Where terminals come in: a path on the main port, any path on a port of their own."""

import logging
from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from facegate.domain.access import Door
from facegate.domain.errors import AccessRefused, InternalFault, RateLimited
from facegate.frontends.terminals.messages import CloseCode
from facegate.frontends.terminals.origins import origin_of
from facegate.frontends.terminals.parts import TerminalParts
from facegate.frontends.terminals.session import GONE, Session
from facegate.frontends.wire.answering_route import log_fault
from facegate.frontends.wire.open_sockets import deny

PATH = "/pub/chat"

_LOGGER = logging.getLogger("facegate.terminals")

_STOPPING = "the server is stopping"
_FULL = "as many terminals as this server takes are connected: FACEGATE_TERMINALS__MAX_CONNECTIONS"
_ONLY_SOCKETS = "only face terminals are served here, by WebSocket"


def make_router(parts: TerminalParts) -> APIRouter:
    """The WebSocket at the path that terminals ask for, beside the other doors."""
    router = APIRouter()

    @router.websocket(PATH)
    async def terminal(socket: WebSocket) -> None:
        await _answer(socket, parts)

    return router


def make_any_path_app(parts: TerminalParts) -> ASGIApp:
    """An application for the terminals' own port: a WebSocket at any path, and nothing else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "websocket":
                await _answer(WebSocket(scope, receive, send), parts)
            case "http":
                await PlainTextResponse(_ONLY_SOCKETS + "\n", 404)(scope, receive, send)
            case "lifespan":
                await _live(receive, send)

    return app


async def end_links(parts: TerminalParts, timeout_s: float = 5.0) -> None:
    """Closes every socket with 1001; call it before any is dropped. Calls that wait fail at once."""
    await parts.open_links.end_all(_STOPPING, timeout_s)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(socket: WebSocket, parts: TerminalParts) -> None:
    # The server logs the address of each socket.
    socket.scope["query_string"] = b""
    try:
        parts.gate.admit(socket, Door.TERMINALS)
    except RateLimited as error:
        await _refuse(socket, 429, error.message, {"Retry-After": str(max(1, error.retry_after_s))})
        return
    except AccessRefused as error:
        await _refuse(socket, 403, error.message)
        return
    if not parts.open_links.make_room(parts.options.max_sockets):
        _LOGGER.warning("a terminal was refused: %s", _FULL)
        await _refuse(socket, 503, _FULL)
        return
    try:
        await socket.accept()
        if parts.open_links.farewell is not None:
            await socket.close(CloseCode.GOING_AWAY, parts.open_links.farewell)
        else:
            await _serve(socket, parts)
    except GONE:
        _LOGGER.debug("a terminal was gone before it was told anything")


async def _refuse(
    socket: WebSocket, status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> None:
    await deny(socket, PlainTextResponse(sentence + "\n", status, headers))


async def _serve(socket: WebSocket, parts: TerminalParts) -> None:
    parts.open_links.follow(parts.register)
    session = Session(socket, parts, origin_of(socket))
    with parts.open_links.listed(session):
        try:
            await session.run()
        except Exception as error:  # noqa: BLE001 - the outermost layer of this door
            log_fault(error, InternalFault("an internal fault; the server's log has it"))
            await socket.close(CloseCode.TRY_AGAIN_LATER)
