"""The routes of /v1 for channels and for the outbox."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from facegate.domain.alerts.channels import AlertChannel
from facegate.frontends.rest_v1.alert_admin import answers, messages
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.terminal_parts import small_message
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.alerts.browse_outbox import BrowseOutbox
from facegate.use_cases.alerts.channels import AlertChannels, ChannelChange, NewChannel

ChannelId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,64}$", description="The channel's id.")]


@dataclass(frozen=True, slots=True)
class AlertAdminParts:
    """What these routes stand on. `network_workers` wait for the other side."""

    channels: AlertChannels
    outbox: BrowseOutbox
    gate: AccessGate
    store_workers: BoundedWorkers
    network_workers: BoundedWorkers


def alert_router(parts: AlertAdminParts) -> APIRouter:
    """Everything of /v1 about alerts."""
    router = v1_router(parts, "alerts")
    for group in (_list_routes, _channel_routes, _network_routes, _outbox_routes):
        group(router, parts)
    return router


def _list_routes(router: APIRouter, parts: AlertAdminParts) -> None:
    channels, workers = parts.channels, parts.store_workers

    @router.get(
        "/alerts/channels",
        summary="List channels",
        responses={200: openapi_model(answers.ChannelList, "All channels, oldest first."), **errors()},
    )
    async def list_channels() -> Response:
        return await workers.run(
            lambda: json_answer(
                answers.ChannelList(
                    channels=[answers.channel_answer(one) for one in channels.list_channels()]
                )
            )
        )

    @router.post(
        "/alerts/channels",
        status_code=201,
        summary="Add a channel",
        description="Telegram: option `chat_id`, secret `token`. Webhook: secrets `url`, `signing_key`. MQTT "
        ": options `host`, `port`, …. Apprise: secret `url`. docs/alerts.md has all of them.",
        responses={201: openapi_model(answers.ChannelAnswer, "The channel."), **errors(403, 413, 422)},
        openapi_extra=body_of(
            messages.AddChannelMessage,
            example={
                "kind": "telegram",
                "name": "Family chat",
                "options": {"chat_id": "123456789"},
                "secrets": {"token": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"},
            },
        ),
    )
    async def add_channel(request: Request) -> Response:
        message = await small_message(messages.AddChannelMessage, request)
        new = NewChannel(message.kind, message.name, message.options, message.secrets)
        # The check may wait for its address to be looked up.
        return await _shown(parts.network_workers, lambda: channels.add(new), status=201)


def _channel_routes(router: APIRouter, parts: AlertAdminParts) -> None:
    channels = parts.channels
    channel_now = openapi_model(answers.ChannelAnswer, "The channel as it is now.")

    @router.get(
        "/alerts/channels/{channel_id}",
        summary="Show a channel",
        responses={200: channel_now, **errors(404, 422)},
    )
    async def show_channel(channel_id: ChannelId) -> Response:
        return await _shown(parts.store_workers, lambda: channels.get(channel_id))

    @router.patch(
        "/alerts/channels/{channel_id}",
        summary="Change a channel",
        description="What is not named stays, each secret too.",
        responses={200: channel_now, **errors(403, 404, 413, 422)},
        openapi_extra=body_of(messages.ChangeChannelMessage, example={"is_enabled": False}),
    )
    async def change_channel(channel_id: ChannelId, request: Request) -> Response:
        message = await small_message(messages.ChangeChannelMessage, request)
        change = ChannelChange(message.name, message.options, message.secrets, message.is_enabled)
        workers = parts.network_workers if change.has_to_pass else parts.store_workers
        return await _shown(workers, lambda: channels.change(channel_id, change))

    @router.delete(
        "/alerts/channels/{channel_id}",
        status_code=204,
        summary="Remove a channel",
        description="What waits for it is dropped; rules that name it tell nobody over it.",
        responses={204: {"description": "Removed."}, **errors(404, 422)},
    )
    async def delete_channel(channel_id: ChannelId) -> Response:
        await parts.store_workers.run(lambda: channels.delete(channel_id))
        return Response(status_code=204)


def _network_routes(router: APIRouter, parts: AlertAdminParts) -> None:
    channels, workers = parts.channels, parts.network_workers

    @router.post(
        "/alerts/channels/{channel_id}/test",
        summary="Send a test message",
        description="Waits for the other side; what it refuses is the answer.",
        responses={200: openapi_model(answers.TestAnswer, "It was taken."), **errors(403, 404, 422, 502)},
    )
    async def send_test(channel_id: ChannelId) -> Response:
        await workers.run(lambda: channels.send_test(channel_id))
        return json_answer(answers.TestAnswer(sent=True))

    @router.post(
        "/alerts/telegram/chats",
        summary="Find chat ids",
        description="Chats that a bot has heard of lately: write to it, or to a group that it is in, first.",
        responses={200: openapi_model(answers.TelegramChatList, "Chats."), **errors(404, 413, 422, 502)},
        openapi_extra=body_of(
            messages.TelegramChatsMessage, example={"token": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"}
        ),
    )
    async def find_chats(request: Request) -> Response:
        message = await small_message(messages.TelegramChatsMessage, request)
        found = await workers.run(lambda: channels.telegram_chats(message.token, message.channel_id))
        chats = [
            answers.TelegramChatAnswer(chat_id=one.chat_id, title=one.title, kind=one.kind) for one in found
        ]
        return json_answer(answers.TelegramChatList(chats=chats))


def _outbox_routes(router: APIRouter, parts: AlertAdminParts) -> None:
    @router.get(
        "/alerts/messages",
        summary="List messages",
        description="What was told, what waits, what failed and why; newest first, a page at a time.",
        responses={200: openapi_model(answers.OutboxPage, "A page."), **errors(422)},
    )
    async def list_messages(query: Annotated[messages.OutboxQuery, Query()]) -> Response:
        return await parts.store_workers.run(lambda: _page(parts, query))


def _page(parts: AlertAdminParts, query: messages.OutboxQuery) -> Response:
    # One more than asked for tells whether there is a next page.
    found = parts.outbox(frozenset(query.state), before_id=query.after, limit=query.limit + 1)
    page = found[: query.limit]
    return json_answer(
        answers.OutboxPage(
            messages=[answers.outbox_answer(message) for message in page],
            next_after=page[-1].message_id if len(found) > query.limit else None,
        )
    )


async def _shown(workers: BoundedWorkers, call: Callable[[], AlertChannel], *, status: int = 200) -> Response:
    return await workers.run(lambda: json_answer(answers.channel_answer(call()), status))
