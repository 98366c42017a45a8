"""The presence door's one route: who may connect, who is told why not, and the end of all sessions."""

import logging

from fastapi import APIRouter
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from facegate.domain.access import Door
from facegate.domain.errors import AccessRefused, InternalFault, NotPermitted
from facegate.frontends.presence.messages import CloseCode, connection_error
from facegate.frontends.presence.parts import PresenceParts
from facegate.frontends.presence.session import GONE, Session
from facegate.frontends.wire.access_gate import CallerKind
from facegate.frontends.wire.answering_route import log_fault
from facegate.frontends.wire.loopback import client_address, is_loopback_origin
from facegate.frontends.wire.open_sockets import deny

PATH = "/ws"

_LOGGER = logging.getLogger("facegate.presence")

_STOPPING = "the server is stopping: come back in a moment"
_BROKEN = "an internal fault; the server's log has it"
_FULL = "Server is at full capacity"

_MAX_TOKEN_CHARS = 512


def make_router(parts: PresenceParts) -> APIRouter:
    """The WebSocket of the contract."""
    router = APIRouter()
    if parts.missing:
        _LOGGER.error("the presence door serves nobody: %s", _missing_sentence(parts.missing))

    @router.websocket(PATH)
    async def presence(socket: WebSocket) -> None:
        token = _token_of(socket)
        try:
            _admit(socket, parts)
        except AccessRefused as error:
            await _refuse(socket, error)
            return
        await _serve(socket, parts, token)

    return router


async def end_sessions(parts: PresenceParts, timeout_s: float = 5.0) -> None:
    """Tells every socket that the server stops and closes it with 4000; call it before any is dropped."""
    await parts.open_sockets.end_all(_STOPPING, timeout_s)


def _token_of(socket: WebSocket) -> str | None:
    """The client's own token: `?token=`, which browsers can send, before the header."""
    token = socket.query_params.get("token")
    # The server logs the address of each socket.
    socket.scope["query_string"] = b""
    if token is None:
        scheme, _, rest = socket.headers.get("authorization", "").strip().partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else None
    return token[: _MAX_TOKEN_CHARS + 1] if token else None


def _admit(socket: WebSocket, parts: PresenceParts) -> None:
    """Raises AccessRefused, as the gate does, or where a page elsewhere asks through a visitor's browser."""
    caller = parts.gate.admit(socket, Door.PRESENCE)
    if caller.kind is CallerKind.TOKEN:
        # No page can make a browser send the header.
        return
    for origin in socket.headers.getlist("origin"):
        if not (origin in parts.options.trusted_origins or is_loopback_origin(origin)):
            raise NotPermitted(
                "pages of this origin may not connect: FACEGATE_SERVER__CORS_ORIGINS does not name it"
            )


async def _refuse(socket: WebSocket, error: AccessRefused) -> None:
    message = connection_error(CloseCode.AUTHENTICATION_FAILED, error.message)
    await deny(socket, JSONResponse(message.model_dump(mode="json"), status_code=403))


async def _serve(socket: WebSocket, parts: PresenceParts, token: str | None) -> None:
    try:
        await socket.accept()
        if parts.missing:
            await _turn_away(socket, CloseCode.NETWORK_ERROR, _missing_sentence(parts.missing))
        elif parts.open_sockets.farewell is not None:
            await _turn_away(socket, CloseCode.NETWORK_ERROR, parts.open_sockets.farewell)
        elif not parts.sessions.admit():
            await _turn_away(socket, CloseCode.CONNECTION_REFUSED, _FULL)
        else:
            try:
                await _serve_admitted(socket, parts, token)
            finally:
                parts.sessions.release()
    except GONE:
        _LOGGER.debug("a client was gone before it was told anything")


async def _serve_admitted(socket: WebSocket, parts: PresenceParts, token: str | None) -> None:
    address = client_address(socket.scope)
    session = Session(socket, parts, token, "" if address is None else str(address))
    with parts.open_sockets.listed(session.end):
        try:
            await session.run()
        except Exception as error:  # noqa: BLE001 - the outermost layer of this door
            log_fault(error, InternalFault(_BROKEN))
            await _turn_away(socket, CloseCode.NETWORK_ERROR, _BROKEN)


async def _turn_away(socket: WebSocket, code: CloseCode, message: str) -> None:
    await socket.send_text(connection_error(code, message).model_dump_json())
    await socket.close(code, code.name)


def _missing_sentence(missing: tuple[str, ...]) -> str:
    return (
        f"checks that cannot run: {', '.join(missing)}. Fetch their models, or let "
        "FACEGATE_PRESENCE__ALLOW_MISSING name them"
    )
