"""The route of /v1 for what happens at terminals, live."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from facegate.domain.terminals.activity import TerminalEvent
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.live_streams import STREAM_HEADERS, EndlessResponse, admit_again
from facegate.frontends.rest_v1.terminal_admin.event_stream import EventFilter, event_text
from facegate.frontends.rest_v1.terminal_admin.messages import EventQuery
from facegate.frontends.rest_v1.terminal_parts import TerminalAdminParts


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

        def text_of(event: TerminalEvent) -> str | None:
            return event_text(event) if wanted.lets_pass(event) else None

        return EndlessResponse(
            parts.streams.serve(parts.live.listening, text_of, lambda: admit_again(request, parts.gate)),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )
