"""The routes of /v1 for the people on one terminal."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from facegate.domain.errors import InvalidInput, TerminalRefused
from facegate.domain.terminals import user_commands
from facegate.domain.terminals.codes import backup_number_label
from facegate.domain.terminals.terminal_users import TerminalUser
from facegate.domain.terminals.user_commands import UserCredential
from facegate.frontends.rest_v1.bodies import only_photo, read_body
from facegate.frontends.rest_v1.descriptions import body_of
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.terminal_admin import answers, messages
from facegate.frontends.rest_v1.terminal_admin.bodies import picture_body
from facegate.frontends.rest_v1.terminal_admin.command_routes import TERMINAL_ERRORS
from facegate.frontends.rest_v1.terminal_admin.enrolment_routes import photo_answer
from facegate.frontends.rest_v1.terminal_parts import (
    EnrollId,
    SerialNumber,
    TerminalAdminParts,
    not_found,
    small_message,
)

_DONE = {200: openapi_model(answers.DoneAnswer, "The terminal did it."), **TERMINAL_ERRORS}
_NOBODY = "nobody on this terminal has this number"


def add_terminal_user_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """Look at people, and change them."""
    _reading_routes(router, parts)
    _changing_routes(router, parts)


def _reading_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    users = parts.users

    @router.get(
        "/terminals/{serial_number}/users",
        summary="List the people on a terminal",
        description="Everybody with what the terminal knows them by, all pages of its list.",
        responses={200: openapi_model(answers.UserListAnswer, "The list."), **TERMINAL_ERRORS},
    )
    async def list_users(serial_number: SerialNumber) -> Response:
        read = await users.read_users(serial_number)
        listed = [_user_answer(user) for user in read.users]
        return json_answer(answers.UserListAnswer(users=listed, is_complete=read.is_complete))

    @router.get(
        "/terminals/{serial_number}/users/{enroll_id}",
        summary="Show somebody on a terminal",
        responses={200: openapi_model(answers.UserAnswer, "With the name."), **TERMINAL_ERRORS},
    )
    async def show_user(serial_number: SerialNumber, enroll_id: EnrollId) -> Response:
        user = await _listed(parts, serial_number, enroll_id)
        if user is None:
            return not_found(_NOBODY)
        return json_answer(_user_answer(user, user.name or await _name(parts, serial_number, enroll_id)))

    @router.get(
        "/terminals/{serial_number}/users/{enroll_id}/photo",
        summary="Download somebody's photo from a terminal",
        description="No cache may keep it.",
        responses={
            200: {"description": "The photo.", "content": {"image/jpeg": {}, "image/png": {}}},
            **TERMINAL_ERRORS,
        },
        response_class=Response,
    )
    async def user_photo(serial_number: SerialNumber, enroll_id: EnrollId) -> Response:
        photo = await users.get_photo(serial_number, enroll_id)
        return not_found("the terminal has no photo of this person") if photo is None else photo_answer(photo)


def _changing_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    users = parts.users

    @router.patch(
        "/terminals/{serial_number}/users/{enroll_id}",
        summary="Add or change somebody on a terminal",
        description="Sets what is given: name, photo, password, card. This goes to this one terminal and not "
        "into the gallery; `/v1/terminals/placements` keeps people of the gallery on terminals.",
        responses=_DONE,
        openapi_extra=picture_body(messages.UserMessage, {"name": "Ana", "card": 4711}),
    )
    async def change_user(serial_number: SerialNumber, enroll_id: EnrollId, request: Request) -> Response:
        body = await read_body(request, max_image_bytes=parts.max_image_bytes)
        message, photos = await parts.store_workers.run(
            lambda: body.message(messages.UserMessage, image_field="image")
        )
        photo = only_photo(photos).encoded if photos else None
        await _change(parts, serial_number, enroll_id, message, photo)
        return json_answer(answers.DoneAnswer(serial_number=serial_number))

    @router.delete(
        "/terminals/{serial_number}/users/{enroll_id}",
        status_code=204,
        summary="Delete somebody from a terminal",
        description="With every credential; the terminal's list is read afterwards, as firmware disagrees on "
        "what deletes everything. 409 when something is left. Who is not there is no error.",
        responses={204: {"description": "Nothing of them is left."}, **TERMINAL_ERRORS},
    )
    async def delete_user(serial_number: SerialNumber, enroll_id: EnrollId) -> Response:
        await users.delete_user(serial_number, enroll_id)
        return Response(status_code=204)

    @router.post(
        "/terminals/{serial_number}/users/{enroll_id}/enable",
        summary="Let somebody in at a terminal, or not",
        responses=_DONE,
        openapi_extra=body_of(messages.EnableUserMessage, example={"is_enabled": False}),
    )
    async def enable_user(serial_number: SerialNumber, enroll_id: EnrollId, request: Request) -> Response:
        message = await small_message(messages.EnableUserMessage, request)
        await users.enable(serial_number, enroll_id, is_enabled=message.is_enabled)
        return json_answer(answers.DoneAnswer(serial_number=serial_number))

    @router.post(
        "/terminals/{serial_number}/users/{enroll_id}/start-enrolment",
        summary="Have a terminal take somebody's photo",
        description="The person then stands before the terminal; what it took comes to "
        "`/v1/terminals/enrolments`. Newer firmware alone knows this.",
        responses=_DONE,
        openapi_extra=body_of(
            messages.StartEnrolmentMessage, example={"backup_number": 50}, is_required=False
        ),
    )
    async def start_enrolment(serial_number: SerialNumber, enroll_id: EnrollId, request: Request) -> Response:
        message = await small_message(messages.StartEnrolmentMessage, request)
        await users.start_enrolment(serial_number, enroll_id, message.backup_number, role=message.admin)
        return json_answer(answers.DoneAnswer(serial_number=serial_number))


async def _change(
    parts: TerminalAdminParts,
    serial_number: str,
    enroll_id: int,
    message: messages.UserMessage,
    photo: bytes | None,
) -> None:
    """One command per credential. Each carries name and role, so those that are not given are asked for."""
    has_credential = photo is not None or message.password is not None or message.card is not None
    if not has_credential and message.name is None and message.admin is None:
        raise InvalidInput("nothing to change was given", field="body")
    known = None
    if message.admin is None or not has_credential:
        known = await _listed(parts, serial_number, enroll_id)
    if not has_credential and known is not None:
        if message.admin is not None and message.admin != known.role:
            raise InvalidInput(
                "terminals take the role with a credential alone: send image, password or card, too",
                field="admin",
            )
        if message.name is not None:
            await parts.users.set_names(serial_number, {enroll_id: message.name})
        return
    name = message.name
    if name is None:
        name = await _name(parts, serial_number, enroll_id)
    role = message.admin if message.admin is not None else known.role if known is not None else 0
    for credential in _credentials(enroll_id, name, role, message, photo):
        await parts.users.set_user(serial_number, credential)


def _credentials(
    enroll_id: int, name: str, role: int, message: messages.UserMessage, photo: bytes | None
) -> list[UserCredential]:
    found = []
    if photo is not None:
        found.append(user_commands.photo_credential(enroll_id, name, photo, role=role))
    if message.password is not None:
        found.append(user_commands.password_credential(enroll_id, name, message.password, role=role))
    if message.card is not None:
        found.append(user_commands.card_credential(enroll_id, name, message.card, role=role))
    return found or [user_commands.no_credential(enroll_id, name, role=role)]


async def _listed(parts: TerminalAdminParts, serial_number: str, enroll_id: int) -> TerminalUser | None:
    listed = await parts.users.list_users(serial_number)
    return next((user for user in listed if user.enroll_id == enroll_id), None)


async def _name(parts: TerminalAdminParts, serial_number: str, enroll_id: int) -> str:
    """Empty for somebody whom the terminal does not know."""
    try:
        return await parts.users.get_name(serial_number, enroll_id)
    except TerminalRefused:
        return ""


def _user_answer(user: TerminalUser, name: str | None = None) -> answers.UserAnswer:
    return answers.UserAnswer(
        enroll_id=user.enroll_id,
        name=user.name if name is None else name,
        alias_id=user.alias_id,
        admin=user.role,
        credentials={number: backup_number_label(number) for number in user.backup_numbers},
    )
