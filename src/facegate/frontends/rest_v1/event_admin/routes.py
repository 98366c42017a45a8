"""The routes of /v1 for the history of events: search, show, export, listen."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from facegate.domain.errors import InvalidInput
from facegate.domain.events.event import Event
from facegate.domain.events.event_backlog import Missed
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.event_admin import answers, messages
from facegate.frontends.rest_v1.event_admin.event_csv import csv_head, csv_rows
from facegate.frontends.rest_v1.event_admin.parts import EventAdminParts, EventId
from facegate.frontends.rest_v1.event_admin.review_routes import add_review_routes
from facegate.frontends.rest_v1.event_admin.summary import summary_of
from facegate.frontends.rest_v1.live_streams import STREAM_HEADERS, EndlessResponse, admit_again
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.tables import EXPORT_BATCH, table
from facegate.frontends.rest_v1.terminal_parts import PRIVATE_HEADERS


def event_router(parts: EventAdminParts) -> APIRouter:
    """Everything of /v1 about events."""
    router = v1_router(parts, "events")
    # Fixed words come before ids.
    for group in (_search_routes, _summary_route, _live_route, _event_routes, add_review_routes):
        group(router, parts)
    return router


def _search_routes(router: APIRouter, parts: EventAdminParts) -> None:
    workers = parts.store_workers

    @router.get(
        "/events",
        summary="Search the history",
        description="Who was seen where over all doors, newest first, a page at a time.",
        responses={200: openapi_model(answers.EventPage, "A page."), **errors(422)},
    )
    async def list_events(query: Annotated[messages.EventPageQuery, Query()]) -> Response:
        return await workers.run(lambda: _page(parts, query))

    @router.get(
        "/events.csv",
        summary="Download the history as a table",
        description="Everything that fits, oldest first, as CSV (UTF-8, lines end in CR LF). Texts that a "
        "spreadsheet would take for a formula begin with an apostrophe. A download that breaks off was not "
        "complete.",
        responses={200: {"description": "The table.", "content": {"text/csv": {}}}, **errors(422)},
        response_class=StreamingResponse,
    )
    async def export_events(query: Annotated[messages.EventFilter, Query()]) -> Response:
        found = parts.browse.iterate(messages.event_query(query))
        # The first batch before the answer begins: a store that fails is then still an error.
        first = await workers.run(lambda: _batch(parts, found))
        headers = {**PRIVATE_HEADERS, "Content-Disposition": 'attachment; filename="events.csv"'}
        return StreamingResponse(
            table(csv_head(), first, lambda: _batch(parts, found), workers),
            headers=headers,
            media_type="text/csv; charset=utf-8",
        )


def _summary_route(router: APIRouter, parts: EventAdminParts) -> None:
    @router.get(
        "/events/summary",
        summary="Count events over time",
        description="Known people, strangers and what waits for review, per hour or day.",
        responses={200: openapi_model(answers.EventSummary, "Counts."), **errors(422)},
    )
    async def summary(query: Annotated[messages.SummaryQuery, Query()]) -> Response:
        if query.until - query.since > messages.MAX_SUMMARY:
            raise InvalidInput("a summary covers a year at most", field="since")
        return await parts.store_workers.run(
            lambda: json_answer(summary_of(parts.browse.tally, query.since, query.until, query.by))
        )


def _live_route(router: APIRouter, parts: EventAdminParts) -> None:
    @router.get(
        "/events/stream",
        summary="Listen to events",
        description="Server-sent events named `event`, each with one line of JSON as `/v1/events` has it, "
        "without names; an event that changes comes again. Nothing is repeated: after a break, or "
        "`missed`, ask `/v1/events`. The stream ends when the server stops or the token does.",
        responses={
            200: {"description": "Events until either side ends it.", "content": {"text/event-stream": {}}},
            **errors(422),
        },
        response_class=StreamingResponse,
    )
    async def listen(query: Annotated[messages.LiveEventQuery, Query()], request: Request) -> Response:
        parts.streams.check_room()
        wanted = messages.event_query(query)

        def text_of(told: Event | Missed) -> str | None:
            if isinstance(told, Missed):
                return f"event: missed\ndata: {json.dumps({'count': told.count})}\n\n"
            if not wanted.accepts(told):
                return None
            return f"event: event\ndata: {answers.event_answer(told, _nobody).model_dump_json()}\n\n"

        return EndlessResponse(
            parts.streams.serve(parts.live.listening, text_of, lambda: admit_again(request, parts.gate)),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )


def _event_routes(router: APIRouter, parts: EventAdminParts) -> None:
    workers = parts.store_workers

    @router.get(
        "/events/{event_id}",
        summary="Show an event",
        responses={200: openapi_model(answers.EventAnswer, "The event."), **errors(404, 422)},
    )
    async def show_event(event_id: EventId) -> Response:
        return await workers.run(
            lambda: json_answer(answers.event_answer(parts.browse.get(event_id), parts.name_of))
        )

    @router.get(
        "/events/{event_id}/shot.jpg",
        summary="Download the best picture of an event",
        responses={200: {"description": "The picture.", "content": {"image/jpeg": {}}}, **errors(404, 422)},
        response_class=Response,
    )
    async def event_shot(event_id: EventId) -> Response:
        picture = await workers.run(lambda: parts.browse.shot(event_id))
        return Response(picture, media_type="image/jpeg", headers=PRIVATE_HEADERS)


def _page(parts: EventAdminParts, query: messages.EventPageQuery) -> Response:
    wanted = messages.event_query(query, before_id=query.after)
    # One more than asked for tells whether there is a next page.
    found = parts.browse.list(wanted, query.limit + 1)
    page = found[: query.limit]
    name_of = _names(parts)
    return json_answer(
        answers.EventPage(
            events=[answers.event_answer(event, name_of) for event in page],
            next_after=page[-1].event_id if len(found) > query.limit else None,
        )
    )


def _batch(parts: EventAdminParts, found: Iterator[Event]) -> str:
    """The lines of the next events; empty at the end."""
    return csv_rows(islice(found, EXPORT_BATCH), _names(parts))


def _names(parts: EventAdminParts) -> Callable[[str], str | None]:
    """Asks the store once per person and page."""
    return cache(parts.name_of)


def _nobody(subject_id: str) -> str | None:
    """Names are not looked up on the event loop."""
    return None
