"""The routes of /v1 that have a terminal do something: any command, and the usual ones by name."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from facegate.domain.terminals.commands import has_succeeded, make_command
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.terminal_admin import answers, messages
from facegate.frontends.rest_v1.terminal_parts import (
    SerialNumber,
    TerminalAdminParts,
    private_answer,
    small_message,
)
from facegate.frontends.wire.json_bodies import read_json_body
from facegate.frontends.wire.json_messages import message_from_json

MAX_COMMAND_BYTES = 8 * 2**20
"""As large as the messages that terminals send."""

TERMINAL_ERRORS = errors(404, 409, 413, 422, 504)

_DONE = {200: openapi_model(answers.DoneAnswer, "The terminal did it."), **TERMINAL_ERRORS}
_CONFIRM = body_of(messages.ConfirmMessage, example={"confirm": True})


def add_terminal_command_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """Commands about the terminal itself; those about people are elsewhere."""
    for group in (_any_command, _door_routes, _clock_routes, _parameter_routes, _state_routes):
        group(router, parts)


def _any_command(router: APIRouter, parts: TerminalAdminParts) -> None:
    @router.post(
        "/terminals/{serial_number}/commands",
        summary="Send any command to a terminal",
        description="Waits for the terminal's answer; that the terminal refused is an answer too. Commands "
        "that do no harm twice are sent again when no answer comes. Those that delete or restart need "
        "`confirm`. A list comes page by page: `stn` true for the first page, false for the next.",
        responses={200: openapi_model(answers.CommandAnswer, "The terminal's answer."), **TERMINAL_ERRORS},
        openapi_extra=body_of(
            messages.CommandMessage, example={"cmd": "getuserlist", "fields": {"stn": True}}
        ),
    )
    async def send_command(serial_number: SerialNumber, request: Request) -> Response:
        content = await read_json_body(request, max_bytes=MAX_COMMAND_BYTES)
        message = message_from_json(messages.CommandMessage, content)
        command = make_command(message.cmd, message.fields, timeout_s=message.timeout_s)
        reply = await parts.send(serial_number, command, is_confirmed=message.confirm)
        return private_answer({"has_succeeded": has_succeeded(reply), "reply": dict(reply)})


def _door_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    actions = parts.actions

    @router.post(
        "/terminals/{serial_number}/open-door",
        summary="Open a door",
        description="Sent once, even when no answer comes.",
        responses=_DONE,
        openapi_extra=body_of(messages.OpenDoorMessage, example={}, is_required=False),
    )
    async def open_door(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.OpenDoorMessage, request)
        return await _done(serial_number, actions.open_door(serial_number, message.door_number))

    @router.get(
        "/terminals/{serial_number}/door",
        summary="Show the settings of a terminal's door",
        responses={200: openapi_model(answers.ParametersAnswer, "The settings."), **TERMINAL_ERRORS},
    )
    async def show_door(serial_number: SerialNumber) -> Response:
        return await _parameters(serial_number, actions.door_lock)

    @router.patch(
        "/terminals/{serial_number}/door",
        summary="Change the settings of a terminal's door",
        description="Only what is given changes. Names are the terminal's, such as `opendelay` in seconds.",
        responses=_DONE,
        openapi_extra=body_of(messages.ParametersMessage, example={"parameters": {"opendelay": 5}}),
    )
    async def change_door(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.ParametersMessage, request)
        return await _done(serial_number, actions.set_door_lock(serial_number, message.parameters))


def _clock_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    actions = parts.actions

    @router.get(
        "/terminals/{serial_number}/time",
        summary="Read a terminal's clock",
        responses={200: openapi_model(answers.TimeAnswer, "What it shows."), **TERMINAL_ERRORS},
    )
    async def show_time(serial_number: SerialNumber) -> Response:
        reading = await actions.get_time(serial_number)
        return json_answer(
            answers.TimeAnswer(
                serial_number=serial_number, time=reading.time_text, clock_offset_s=reading.offset_s
            )
        )

    @router.post(
        "/terminals/{serial_number}/time",
        summary="Set a terminal's clock",
        description="To now, or to the time given; in the terminal's own zone.",
        responses=_DONE,
        openapi_extra=body_of(messages.SetTimeMessage, example={}, is_required=False),
    )
    async def set_time(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.SetTimeMessage, request)
        return await _done(serial_number, actions.set_time(serial_number, message.time))


def _parameter_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    actions = parts.actions

    @router.get(
        "/terminals/{serial_number}/parameters",
        summary="Show a terminal's settings",
        description="By its own names, which differ by firmware. `***` stands for passwords.",
        responses={200: openapi_model(answers.ParametersAnswer, "The settings."), **TERMINAL_ERRORS},
    )
    async def show_parameters(serial_number: SerialNumber) -> Response:
        return await _parameters(serial_number, actions.device_info)

    @router.patch(
        "/terminals/{serial_number}/parameters",
        summary="Change a terminal's settings",
        description="Only what is given changes. Read first: names differ by firmware.",
        responses=_DONE,
        openapi_extra=body_of(messages.ParametersMessage, example={"parameters": {"volume": 4}}),
    )
    async def change_parameters(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.ParametersMessage, request)
        return await _done(serial_number, actions.set_device_info(serial_number, message.parameters))


def _state_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    actions = parts.actions

    @router.post(
        "/terminals/{serial_number}/reboot",
        summary="Restart a terminal",
        description="Done when the command is sent: no terminal answers it.",
        responses=_DONE,
        openapi_extra=_CONFIRM,
    )
    async def reboot(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.ConfirmMessage, request)
        return await _done(serial_number, actions.reboot(serial_number, is_confirmed=message.confirm))

    @router.post(
        "/terminals/{serial_number}/disable",
        summary="Have a terminal recognise nobody",
        responses=_DONE,
    )
    async def disable(serial_number: SerialNumber) -> Response:
        return await _done(serial_number, actions.disable(serial_number))

    @router.post(
        "/terminals/{serial_number}/enable", summary="Have a terminal recognise people again", responses=_DONE
    )
    async def enable(serial_number: SerialNumber) -> Response:
        return await _done(serial_number, actions.enable(serial_number))

    @router.post(
        "/terminals/{serial_number}/collect-log",
        summary="Fetch the scans that a terminal keeps",
        description="What no server has collected yet, or everything of some days. Each is stored once, "
        "however often it is fetched. Takes a while: some 50 records per exchange.",
        responses={200: openapi_model(answers.CollectedLogAnswer, "What came."), **TERMINAL_ERRORS},
        openapi_extra=body_of(
            messages.CollectLogMessage,
            example={"everything": True, "from_date": "2026-05-01", "to_date": "2026-05-31"},
            is_required=False,
        ),
    )
    async def collect_log(serial_number: SerialNumber, request: Request) -> Response:
        message = await small_message(messages.CollectLogMessage, request)
        collected = await parts.collect_log(
            serial_number,
            everything=message.everything,
            from_date=message.from_date,
            to_date=message.to_date,
        )
        return json_answer(
            answers.CollectedLogAnswer(
                new_count=collected.new_count,
                repeated_count=collected.repeated_count,
                bad_count=collected.bad_count,
                page_count=collected.page_count,
                is_complete=collected.is_complete,
            )
        )


async def _done(serial_number: str, work: Awaitable[None]) -> Response:
    await work
    return json_answer(answers.DoneAnswer(serial_number=serial_number))


async def _parameters(serial_number: str, read: Callable[[str], Awaitable[Mapping[str, object]]]) -> Response:
    return private_answer({"parameters": dict(await read(serial_number))})
