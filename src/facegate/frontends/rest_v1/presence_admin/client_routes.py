"""The routes of /v1 for the clients of the presence door and their live sessions."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.clients import PresenceClient
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.presence_admin import client_messages as messages
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.json_bodies import SMALL_BODY_BYTES, read_json_body
from facegate.frontends.wire.json_messages import message_from_json
from facegate.frontends.wire.route_lists import take_routes
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.live_sessions import LiveSessions

_ClientId = Annotated[
    str,
    Path(description="The client's id; slashes are allowed.", examples=["ada"], max_length=1000),
]

_NOTE = body_of(messages.NoteMessage, example={"note": "on leave until Monday"}, is_required=False)


@dataclass(frozen=True, slots=True)
class PresenceClientParts:
    """What these routes stand on. The calls write to the store, so `workers` are the store's."""

    clients: PresenceClients
    sessions: LiveSessions
    gate: AccessGate
    workers: BoundedWorkers


def presence_client_router(parts: PresenceClientParts) -> APIRouter:
    """Register, list, pause, block, disconnect, and what the open sessions do."""
    router = APIRouter()
    # The verbs stand at the end of the path and are POST alone: so ids may hold slashes, and even end like
    # a verb.
    groups = (_register_routes, _status_routes, _session_routes)
    take_routes(router, (group(parts) for group in groups))
    return router


def _register_routes(parts: PresenceClientParts) -> APIRouter:
    router = v1_router(parts, "presence")
    clients, workers = parts.clients, parts.workers

    @router.get(
        "/presence/clients",
        summary="List clients",
        description="Clients in order of id, a page at a time.",
        responses={200: openapi_model(messages.ClientPage, "A page."), **errors(422)},
    )
    async def list_clients(query: Annotated[messages.ClientPageQuery, Query()]) -> Response:
        return await workers.run(lambda: _page(parts, query))

    @router.post(
        "/presence/clients",
        status_code=201,
        summary="Register a client",
        description="Makes somebody who is enrolled a client of the presence door. A token is in this answer "
        "and nowhere else. Who is registered already is left as they are (409).",
        responses={
            201: openapi_model(messages.ClientTokenAnswer, "The new client."),
            **errors(404, 409, 413, 422),
        },
        openapi_extra=body_of(
            messages.RegisterClientMessage,
            example={"user_name": "ada", "networks": ["10.1.0.0/16"], "with_token": True},
        ),
    )
    async def register_client(request: Request) -> Response:
        content = await read_json_body(request, max_bytes=SMALL_BODY_BYTES)
        message = message_from_json(messages.RegisterClientMessage, content)

        def register() -> Response:
            client, token = clients.register(
                message.user_name, networks=message.networks, with_token=message.with_token
            )
            return _token_answer(parts, client, token, 201)

        return await workers.run(register)

    @router.get(
        "/presence/clients/{client_id:id}",
        summary="Show a client",
        responses={200: openapi_model(messages.ClientAnswer, "The client."), **errors(404, 422)},
    )
    async def show_client(client_id: _ClientId) -> Response:
        return await _changed(parts, client_id, clients.get_client)

    @router.patch(
        "/presence/clients/{client_id:id}",
        summary="Change a client's address list",
        description="Replaces the list. An open session from an address that is not in it any more ends.",
        responses={
            200: openapi_model(messages.ClientAnswer, "The changed client."),
            **errors(404, 413, 422),
        },
        openapi_extra=body_of(messages.ChangeClientMessage, example={"networks": ["10.1.0.0/16"]}),
    )
    async def change_client(client_id: _ClientId, request: Request) -> Response:
        content = await read_json_body(request, max_bytes=SMALL_BODY_BYTES)
        message = message_from_json(messages.ChangeClientMessage, content)
        return await _changed(parts, client_id, lambda known: clients.set_networks(known, message.networks))

    @router.delete(
        "/presence/clients/{client_id:id}",
        status_code=204,
        summary="End a registration",
        description="The person stays enrolled; an open session ends.",
        responses={204: {"description": "No client any more."}, **errors(404, 422)},
    )
    async def remove_client(client_id: _ClientId) -> Response:
        known_id = parse_subject_id(client_id)
        await workers.run(lambda: clients.remove(known_id))
        return Response(status_code=204)

    return router


def _status_routes(parts: PresenceClientParts) -> APIRouter:
    router = v1_router(parts, "presence")
    clients = parts.clients
    changed_client = openapi_model(messages.ClientAnswer, "The client as it is now.")

    @router.post(
        "/presence/clients/{client_id:id}/pause",
        summary="Pause a client",
        description="Its frames are answered with a warning and not analysed, from now on and until resumed.",
        responses={200: changed_client, **errors(404, 409, 413, 422)},
        openapi_extra=_NOTE,
    )
    async def pause_client(client_id: _ClientId, request: Request) -> Response:
        note = await _note_of(request)
        return await _changed(parts, client_id, lambda known: clients.pause(known, note))

    @router.post(
        "/presence/clients/{client_id:id}/resume",
        summary="Resume a client",
        description="Ends a pause. A blocked client stays blocked (409).",
        responses={200: changed_client, **errors(404, 409, 422)},
    )
    async def resume_client(client_id: _ClientId) -> Response:
        return await _changed(parts, client_id, clients.resume)

    @router.post(
        "/presence/clients/{client_id:id}/block",
        summary="Block a client",
        description="Ends its session at once and turns it away until it is unblocked.",
        responses={200: changed_client, **errors(404, 413, 422)},
        openapi_extra=_NOTE,
    )
    async def block_client(client_id: _ClientId, request: Request) -> Response:
        note = await _note_of(request)
        return await _changed(parts, client_id, lambda known: clients.block(known, note))

    @router.post(
        "/presence/clients/{client_id:id}/unblock",
        summary="Unblock a client",
        description="Makes a blocked client active; changes nothing for one that is not blocked.",
        responses={200: changed_client, **errors(404, 422)},
    )
    async def unblock_client(client_id: _ClientId) -> Response:
        return await _changed(parts, client_id, clients.unblock)

    @router.post(
        "/presence/clients/{client_id:id}/token",
        summary="Give a client a new token",
        description="The token is in this answer and nowhere else. The old one ends, and so does an open "
        "session.",
        responses={200: openapi_model(messages.ClientTokenAnswer, "With its token."), **errors(404, 422)},
    )
    async def renew_token(client_id: _ClientId) -> Response:
        known_id = parse_subject_id(client_id)
        return await parts.workers.run(lambda: _token_answer(parts, *clients.renew_token(known_id)))

    return router


def _session_routes(parts: PresenceClientParts) -> APIRouter:
    router = v1_router(parts, "presence")

    @router.post(
        "/presence/clients/{client_id:id}/disconnect",
        summary="End a client's session",
        description="The client may connect again at once; block it to keep it out.",
        responses={
            200: openapi_model(messages.DisconnectAnswer, "Whether there was one."),
            **errors(404, 413, 422),
        },
        openapi_extra=_NOTE,
    )
    async def disconnect_client(client_id: _ClientId, request: Request) -> Response:
        known_id = parse_subject_id(client_id)
        note = await _note_of(request)

        def disconnect() -> Response:
            was_connected = parts.clients.disconnect(known_id, note)
            return json_answer(messages.DisconnectAnswer(client_id=known_id, was_connected=was_connected))

        return await parts.workers.run(disconnect)

    @router.get(
        "/presence/sessions",
        summary="List live sessions",
        description="Every open session with its last verdict and what led to it, frame rate and latency.",
        responses={200: openapi_model(messages.SessionList, "Now."), **errors()},
    )
    async def list_sessions() -> Response:
        return await parts.workers.run(
            lambda: json_answer(messages.session_list(parts.sessions.counts(), parts.sessions.snapshot()))
        )

    return router


async def _changed(
    parts: PresenceClientParts, client_id: str, call: Callable[[str], PresenceClient]
) -> Response:
    known_id = parse_subject_id(client_id)
    return await parts.workers.run(
        lambda: json_answer(messages.ClientAnswer(**_facts(parts, call(known_id))))
    )


async def _note_of(request: Request) -> str:
    """The note in the body, which may be left out."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return ""
    content = await read_json_body(request, max_bytes=SMALL_BODY_BYTES)
    return message_from_json(messages.NoteMessage, content).note


def _token_answer(
    parts: PresenceClientParts, client: PresenceClient, token: str | None, status: int = 200
) -> Response:
    return json_answer(messages.ClientTokenAnswer(**_facts(parts, client), token=token), status)


def _facts(parts: PresenceClientParts, client: PresenceClient) -> dict[str, object]:
    return messages.client_facts(client, parts.sessions.connected_ids())


def _page(parts: PresenceClientParts, query: messages.ClientPageQuery) -> Response:
    if query.after is not None and any(unicodedata.category(char) == "Cc" for char in query.after):
        raise InvalidInput("after holds a control character", field="after")
    # One more than asked for tells whether there is a next page.
    found = parts.clients.list_clients(after=query.after, limit=query.limit + 1, status=query.status)
    connected_ids = parts.sessions.connected_ids()
    page = [
        messages.ClientAnswer(**messages.client_facts(client, connected_ids))
        for client in found[: query.limit]
    ]
    next_after = page[-1].client_id if len(found) > query.limit else None
    return json_answer(messages.ClientPage(clients=page, next_after=next_after))
