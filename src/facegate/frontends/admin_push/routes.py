"""The one route of the old command door: a script's command goes to a terminal, its answer comes back."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from facegate.domain.access import Door
from facegate.domain.errors import BusFailed, FacegateError, ImageTooLarge, TerminalOffline
from facegate.domain.terminals.commands import CommandReply
from facegate.frontends.admin_push import errors
from facegate.frontends.admin_push.messages import (
    NO_RESPONSE,
    REBOOT,
    Push,
    StatusMessage,
    parse_push,
    reply_text,
)
from facegate.frontends.wire.access_gate import AccessGate, Caller
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.json_bodies import is_json
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.send_command import SendCommand

PATH = "/admin/push"

_LOGGER = logging.getLogger("facegate.admin_push")

_PRIVATE = {"Cache-Control": "no-store"}
"""A reply may hold photos, cards and passwords."""

_NOT_JSON = "Send the command as application/json."


@dataclass(frozen=True, slots=True)
class AdminPushOptions:
    """`push_timeout_s` is counted from the request, the wait for a terminal that is away included.

    With `fails_at_once` nobody waits for a terminal that is not connected.
    """

    push_timeout_s: float = 10.0
    fails_at_once: bool = False
    max_body_bytes: int = 8 * 2**20


@dataclass(frozen=True, slots=True)
class AdminPushParts:
    """What this door stands on."""

    send: SendCommand
    live: LiveTerminals
    gate: AccessGate
    options: AdminPushOptions = field(default_factory=AdminPushOptions)


def make_router(parts: AdminPushParts) -> APIRouter:
    """`POST /admin/push`."""

    async def admit(request: Request) -> Caller:
        return _admit(request, parts.gate)

    router = APIRouter(route_class=answering_route(errors.answer, admit=admit), tags=["admin_push"])

    @router.post(
        PATH,
        summary="Send a command to a terminal",
        description="The whole body goes to the terminal `sn` unchanged; the answer is the terminal's own, "
        "with `result` false too. A terminal that does not answer in time is 500; `reboot`, which no "
        "terminal answers, is 200 at once.",
        responses=_DESCRIBED_ANSWERS,
        openapi_extra={"requestBody": {"required": True, "content": _DESCRIBED_BODY}},
    )
    async def push(request: Request) -> Response:
        content = await _content(request, parts.options.max_body_bytes)
        if content.strip() and not is_json(request):
            return _status(_NOT_JSON, 415)
        command = parse_push(content)
        if command.word == REBOOT:
            return await _reboot(parts, command)
        reply = await _reply(parts, command)
        return Response(reply_text(reply), media_type="application/json", headers=_PRIVATE)

    return router


def _admit(request: Request, gate: AccessGate) -> Caller:
    """As the gate does; the old server never looked at the word before the key, so any will do."""
    scope = request.scope
    scope["headers"] = [
        (name, _with_bearer(value)) if name == b"authorization" else (name, value)
        for name, value in scope["headers"]
    ]
    return gate.admit(HTTPConnection(scope), Door.ADMIN_PUSH)


def _with_bearer(value: bytes) -> bytes:
    words = value.split()
    return b"Bearer " + words[1] if len(words) == 2 else value


async def _content(request: Request, max_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise ImageTooLarge(f"the command is larger than {max_bytes // 2**20} MiB", field="body")
    return bytes(content)


async def _reply(parts: AdminPushParts, push: Push) -> CommandReply:
    """The terminal's answer; the command is sent once, however it ends."""
    timeout_s = parts.options.push_timeout_s
    loop = asyncio.get_running_loop()
    ends_at_s = loop.time() + timeout_s
    if not parts.options.fails_at_once:
        await _until_connected(parts.live, push.serial_number, timeout_s)
    remaining_s = max(0.001, ends_at_s - loop.time())
    return await parts.send.pass_through(push.serial_number, push.body, timeout_s=remaining_s)


async def _until_connected(live: LiveTerminals, serial_number: str, timeout_s: float) -> None:
    """Raises TerminalOffline when the terminal does not come in time."""
    try:
        async with asyncio.timeout(timeout_s):
            if await live.is_connected(serial_number):
                return
            async with live.listening() as events:
                # It may have come before the listening began.
                if await live.is_connected(serial_number):
                    return
                async for event in events:
                    if event.name == "connected" and event.serial_number == serial_number:
                        return
                    if event.name == "missed" and await live.is_connected(serial_number):
                        return
    except TimeoutError as error:
        raise TerminalOffline("the terminal did not connect in time") from error
    except BusFailed:
        # A terminal of this very process can be reached all the same: the command itself will tell.
        return


async def _reboot(parts: AdminPushParts, push: Push) -> Response:
    """200 at once; what becomes of it is in the log, as no terminal answers."""
    response = _status(NO_RESPONSE, 200)
    if parts.options.fails_at_once:
        # It returns when the command is written, so the caller may as well hear when that cannot be.
        await _reply(parts, push)
    else:
        response.background = BackgroundTask(_reboot_later, parts, push)
    return response


async def _reboot_later(parts: AdminPushParts, push: Push) -> None:
    try:
        await _reply(parts, push)
    except FacegateError as error:
        _LOGGER.warning("terminal %s was not rebooted: %s", push.serial_number, error.message)


def _status(text: str, status: int) -> JSONResponse:
    return JSONResponse(StatusMessage(status=text).model_dump(), status)


_DESCRIBED_BODY: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {
                "sn": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                "cmd": {"type": "string", "minLength": 1},
            },
            "required": ["sn", "cmd"],
            "additionalProperties": True,
        },
        "example": {"sn": "ZXRB22001001", "cmd": "getuserlist", "stn": True},
    }
}

_DESCRIBED_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The terminal's reply.", "content": {"application/json": {"schema": {}}}},
    **{
        status: {"model": StatusMessage, "description": meaning}
        for status, meaning in {
            400: "Not JSON, no object, or without `sn` or `cmd`.",
            401: "No key, or a wrong one.",
            413: "The command is larger than any terminal takes.",
            415: "The body does not say that it is JSON.",
            429: "Too many requests; `Retry-After` says when to come back.",
            500: "The terminal did not answer in time, or something broke.",
            503: "Too many commands wait for this terminal.",
        }.items()
    },
}
