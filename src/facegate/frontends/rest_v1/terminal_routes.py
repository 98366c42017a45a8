"""The routes of /v1 for face terminals: the list of them here, everything else in the files beside."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from facegate.domain.errors import BusFailed
from facegate.domain.terminals.devices import Terminal
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.terminal_admin import answers, messages
from facegate.frontends.rest_v1.terminal_admin.activity_routes import add_terminal_activity_routes
from facegate.frontends.rest_v1.terminal_admin.command_routes import add_terminal_command_routes
from facegate.frontends.rest_v1.terminal_admin.enrolment_routes import add_terminal_enrolment_routes
from facegate.frontends.rest_v1.terminal_admin.event_routes import add_terminal_event_routes
from facegate.frontends.rest_v1.terminal_admin.placement_routes import add_terminal_placement_routes
from facegate.frontends.rest_v1.terminal_admin.user_routes import add_terminal_user_routes
from facegate.frontends.rest_v1.terminal_parts import SerialNumber, TerminalAdminParts, small_message
from facegate.use_cases.terminals.register import TerminalChange

_PendingCounts = Mapping[str, int] | None
"""Commands that wait, by the serial number of each connected terminal; None when nobody can tell."""


def terminal_router(parts: TerminalAdminParts) -> APIRouter:
    """Everything of /v1 about face terminals."""
    router = v1_router(parts, "terminals")
    # Fixed words come before serial numbers, which could be spelled the same.
    for group in (
        add_terminal_activity_routes,
        add_terminal_event_routes,
        add_terminal_enrolment_routes,
        add_terminal_placement_routes,
        _list_routes,
        _terminal_routes,
        add_terminal_command_routes,
        add_terminal_user_routes,
    ):
        group(router, parts)
    return router


def _list_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    register, workers = parts.register, parts.store_workers

    @router.get(
        "/terminals",
        summary="List terminals",
        description="In order of serial number, a page at a time, with those that wait to be let in.",
        responses={200: openapi_model(answers.TerminalPage, "A page."), **errors(422)},
    )
    async def list_terminals(query: Annotated[messages.TerminalPageQuery, Query()]) -> Response:
        try:
            pending: _PendingCounts = await _pending_counts(parts)
        except BusFailed:
            if query.is_connected is not None:
                raise
            pending = None
        return await workers.run(lambda: _page(parts, query, pending))

    @router.post(
        "/terminals",
        status_code=201,
        summary="Add a terminal",
        description="Lets the terminal in from now on, whether it has connected before or not. Of one that "
        "is known only what is given changes.",
        responses={
            201: openapi_model(answers.TerminalDetails, "The terminal."),
            **errors(413, 422),
        },
        openapi_extra=body_of(
            messages.AddTerminalMessage,
            example={"serial_number": "ZXRB22001001", "name": "Gate 1", "zone": "Europe/Berlin"},
        ),
    )
    async def add_terminal(request: Request) -> Response:
        message = await small_message(messages.AddTerminalMessage, request)
        return await _shown(
            parts,
            lambda: register.add(message.serial_number, name=message.name, zone_name=message.zone),
            status=201,
        )


def _terminal_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    register = parts.register
    terminal_now = openapi_model(answers.TerminalDetails, "The terminal as it is now.")

    @router.get(
        "/terminals/{serial_number}",
        summary="Show a terminal",
        responses={200: terminal_now, **errors(404, 422)},
    )
    async def show_terminal(serial_number: SerialNumber) -> Response:
        return await _shown(parts, lambda: register.get(serial_number))

    @router.patch(
        "/terminals/{serial_number}",
        summary="Change a terminal",
        description="Name, zone of its clock, how it takes `access`, and how its `mode` codes are read.",
        responses={200: terminal_now, **errors(404, 413, 422)},
        openapi_extra=body_of(messages.ChangeTerminalMessage, example={"zone": "Europe/Berlin"}),
    )
    async def change_terminal(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.ChangeTerminalMessage, request)
        return await _shown(parts, lambda: register.change(serial_number, _change(message)))

    @router.delete(
        "/terminals/{serial_number}",
        status_code=204,
        summary="Remove a terminal",
        description="Ends its connection and forgets it; what it reported stays. Where unknown terminals are "
        "let in it may come back: block it to keep it out.",
        responses={204: {"description": "Removed."}, **errors(404, 422)},
    )
    async def remove_terminal(serial_number: SerialNumber) -> Response:
        await parts.store_workers.run(lambda: register.remove(serial_number))
        return Response(status_code=204)

    @router.post(
        "/terminals/{serial_number}/allow",
        summary="Let a terminal in",
        responses={200: terminal_now, **errors(404, 422)},
    )
    async def allow_terminal(serial_number: SerialNumber) -> Response:
        return await _shown(parts, lambda: register.allow(serial_number))

    @router.post(
        "/terminals/{serial_number}/block",
        summary="Block a terminal",
        description="Ends its connection at once and turns it away until it is allowed again.",
        responses={200: terminal_now, **errors(404, 422)},
    )
    async def block_terminal(serial_number: SerialNumber) -> Response:
        return await _shown(parts, lambda: register.block(serial_number))


def _change(message: messages.ChangeTerminalMessage) -> TerminalChange:
    named = message.model_fields_set
    return TerminalChange(
        name=message.name,
        zone_name="" if "zone" in named and message.zone is None else message.zone,
        access_encoding=message.access_encoding,
        is_default_encoding="access_encoding" in named and message.access_encoding is None,
        mode_labels=message.mode_labels,
    )


async def _pending_counts(parts: TerminalAdminParts) -> Mapping[str, int]:
    connected = await parts.live.connected()
    return {one.serial_number: one.pending_count for one in connected.values()}


async def _shown(parts: TerminalAdminParts, call: Callable[[], Terminal], *, status: int = 200) -> Response:
    """What `call`, which may write, gives; whether the terminal is connected is asked afterwards."""
    terminal = await parts.store_workers.run(call)
    try:
        pending: _PendingCounts = await _pending_counts(parts)
    except BusFailed:
        pending = None
    number = terminal.serial_number

    def answer() -> Response:
        details = answers.TerminalDetails(
            **_facts(terminal, pending),
            facts=dict(terminal.info.facts),
            activity_count=parts.activity.count(number),
        )
        return json_answer(details, status)

    return await parts.store_workers.run(answer)


def _facts(terminal: Terminal, pending: _PendingCounts) -> dict[str, object]:
    number = terminal.serial_number
    is_connected = None if pending is None else number in pending
    return answers.terminal_facts(
        terminal, None if pending is None else pending.get(number, 0), is_connected=is_connected
    )


def _page(parts: TerminalAdminParts, query: messages.TerminalPageQuery, pending: _PendingCounts) -> Response:
    found = [
        terminal
        for terminal in parts.register.list_terminals()
        if (query.after is None or terminal.serial_number > query.after)
        and (query.status is None or terminal.status is query.status)
        and (
            query.is_connected is None
            or (pending is not None and (terminal.serial_number in pending) is query.is_connected)
        )
    ]
    page = found[: query.limit]
    return json_answer(
        answers.TerminalPage(
            terminals=[answers.TerminalAnswer(**_facts(terminal, pending)) for terminal in page],
            next_after=page[-1].serial_number if len(found) > query.limit else None,
        )
    )
