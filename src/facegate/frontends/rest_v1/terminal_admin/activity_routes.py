"""The routes of /v1 for the history of what terminals reported. The work runs on the store's workers."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from facegate.domain.terminals.activity import Activity, ActivityQuery
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.tables import EXPORT_BATCH, table
from facegate.frontends.rest_v1.terminal_admin.activity_answers import (
    ActivityAnswer,
    ActivityPage,
    activity_answer,
)
from facegate.frontends.rest_v1.terminal_admin.activity_csv import csv_head, csv_rows
from facegate.frontends.rest_v1.terminal_admin.messages import (
    MAX_ACTIVITY_ID,
    ActivityFilter,
    ActivityPageQuery,
)
from facegate.frontends.rest_v1.terminal_parts import PRIVATE_HEADERS, TerminalAdminParts, not_found

_ActivityId = Annotated[int, Path(ge=1, le=MAX_ACTIVITY_ID, description="The record's id.")]


def add_terminal_activity_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """Search, export, show."""
    workers = parts.store_workers

    @router.get(
        "/terminals/activity",
        summary="Search the activity of terminals",
        description="Scans of people, unknown faces and events of doors, by order of arrival, a page at a "
        "time. `since` and `until` are about when it happened; records without a readable time are then left "
        "out.",
        responses={200: openapi_model(ActivityPage, "A page."), **errors(422)},
    )
    async def list_activity(query: Annotated[ActivityPageQuery, Query()]) -> Response:
        return await workers.run(lambda: _page(parts, query))

    @router.get(
        "/terminals/activity.csv",
        summary="Download the activity of terminals as a table",
        description="Everything that fits and is there now, oldest first, as CSV (UTF-8, a line of column "
        "names, lines end in CR LF). Texts that a spreadsheet would take for a formula begin with an "
        "apostrophe. A download that breaks off was not complete.",
        responses={200: {"description": "The table.", "content": {"text/csv": {}}}, **errors(422)},
        response_class=StreamingResponse,
    )
    async def export_activity(query: Annotated[ActivityFilter, Query()]) -> Response:
        found = parts.activity.iterate(_wanted(query))
        # The first batch before the answer begins: a store that fails is then still an error.
        first = await workers.run(lambda: _batch(parts, found))
        headers = {**PRIVATE_HEADERS, "Content-Disposition": 'attachment; filename="terminal-activity.csv"'}
        return StreamingResponse(
            table(csv_head(), first, lambda: _batch(parts, found), workers),
            headers=headers,
            media_type="text/csv; charset=utf-8",
        )

    @router.get(
        "/terminals/activity/{activity_id}",
        summary="Show a record",
        responses={200: openapi_model(ActivityAnswer, "The record."), **errors(404, 422)},
    )
    async def show_activity(activity_id: _ActivityId) -> Response:
        return await workers.run(lambda: _one(parts, activity_id))


def _wanted(query: ActivityFilter) -> ActivityQuery:
    return ActivityQuery(
        serial_number=query.serial_number,
        enroll_id=query.enroll_id,
        kinds=frozenset(query.kind),
        from_at=query.since,
        until_at=query.until,
    )


def _page(parts: TerminalAdminParts, query: ActivityPageQuery) -> Response:
    is_newest_first = query.order == "newest_first"
    wanted = replace(
        _wanted(query),
        before_id=query.after if is_newest_first else None,
        after_id=None if is_newest_first else query.after,
    )
    # One more than asked for tells whether there is a next page.
    found = parts.activity.list(wanted, limit=query.limit + 1, newest_first=is_newest_first)
    page = found[: query.limit]
    return json_answer(
        ActivityPage(
            activity=[activity_answer(one, parts.register.find) for one in page],
            next_after=page[-1].activity_id if len(found) > query.limit else None,
        )
    )


def _one(parts: TerminalAdminParts, activity_id: int) -> Response:
    activity = parts.activity.find(activity_id)
    if activity is None:
        return not_found("no record has this id")
    return json_answer(activity_answer(activity, parts.register.find))


def _batch(parts: TerminalAdminParts, found: Iterator[Activity]) -> str:
    """The lines of the next records; empty at the end."""
    return csv_rows(islice(found, EXPORT_BATCH), parts.register.find)
