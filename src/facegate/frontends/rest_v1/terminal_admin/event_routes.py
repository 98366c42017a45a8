"""The route of /v1 for what happens at terminals, live."""

from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from facegate.domain.access import Door
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.terminal_admin.event_stream import EventFilter
from facegate.frontends.rest_v1.terminal_admin.messages import EventQuery
from facegate.frontends.rest_v1.terminal_parts import TerminalAdminParts
from facegate.frontends.wire.access_gate import Caller

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Otherwise nginx collects events until it has a buffer full.
    "X-Accel-Buffering": "no",
}


def add_terminal_event_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """Listen."""

    @router.get(
        "/terminals/events",
        summary="Listen to terminals",
        description="Server-sent events: `connected`, `disconnected`, `waiting` (an unknown terminal), "
        "`activity`, `check`, `enrolment`. The data is one line of JSON with `name`, `serial_number`, "
        "`at` and `facts`, never with pictures. Nothing is repeated: after a break, or `missed`, ask "
        "`/v1/terminals/activity`. The stream ends when the server stops or the token does.",
        responses={
            200: {"description": "Events until either side ends it.", "content": {"text/event-stream": {}}},
            **errors(422),
        },
        response_class=StreamingResponse,
    )
    async def listen(query: Annotated[EventQuery, Query()], request: Request) -> Response:
        parts.streams.check_room()
        wanted = EventFilter(query.serial_number, frozenset(query.name))
        return _EventResponse(
            parts.streams.serve(parts.live, wanted, lambda: _admit_again(request, parts)),
            media_type="text/event-stream",
            headers=_HEADERS,
        )


def _admit_again(request: Request, parts: TerminalAdminParts) -> Caller:
    """Raises AccessRefused once the token has expired or was revoked."""
    # The gate leaves in the scope that it has let this request in.
    fresh = {name: value for name, value in request.scope.items() if name != "facegate.caller"}
    return parts.gate.admit(HTTPConnection(fresh), Door.REST_V1)


class _EventResponse(StreamingResponse):
    """Ends its text when the client has gone, rather than when the text is found to be garbage."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            await super().__call__(scope, receive, send)
