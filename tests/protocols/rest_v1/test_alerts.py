"""Channels and the outbox over /v1, with a bot of Telegram on this machine."""

import itertools
import logging
from typing import Any

import pytest
from tests.bot_api.server import CHAT_ID, TOKEN, Fault
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import Answer, CameraServer, until

SECRET_PART = TOKEN.partition(":")[2]

TELEGRAM = {
    "kind": "telegram",
    "name": "Family chat",
    "options": {"chat_id": CHAT_ID},
    "secrets": {"token": TOKEN},
}
WEBHOOK = {
    "kind": "webhook",
    "name": "Hook",
    "options": {},
    "secrets": {
        "url": "https://user:geheim@hooks.example/services/T0123456789abcdef",
        "signing_key": "k" * 40,
    },
}


_CHATS = itertools.count(9001)


def add(cameras: CameraServer, body: Answer | None = None) -> Answer:
    """By default to a chat of its own: messages to one chat are paced."""
    if body is None:
        chat_id = str(next(_CHATS))
        cameras.bot.chats[chat_id] = "private"
        body = {**TELEGRAM, "options": {"chat_id": chat_id}}
    return cameras.ok(cameras.post("/alerts/channels", body), 201)


def of(channel: Answer, verb: str = "") -> str:
    return f"/alerts/channels/{channel['channel_id']}{verb}"


def messages(cameras: CameraServer, channel: Answer, **query: Any) -> list[Answer]:
    found = cameras.ok(cameras.get("/alerts/messages", limit=500, **query))["messages"]
    return [one for one in found if one["channel_id"] == channel["channel_id"]]


def test_a_channel_from_beginning_to_end(cameras: CameraServer) -> None:
    assert cameras.ok(cameras.get("/alerts/channels")) == {"channels": []}
    channel = add(cameras, TELEGRAM)
    assert channel == {
        "channel_id": channel["channel_id"],
        "kind": "telegram",
        "name": "Family chat",
        "options": {"chat_id": CHAT_ID},
        "secrets": {"token": f"…{TOKEN[-4:]}"},
        "has_lost_secrets": False,
        "is_enabled": True,
        "created_at": channel["created_at"],
    }
    assert cameras.ok(cameras.get("/alerts/channels"))["channels"] == [channel]
    assert cameras.ok(cameras.get(of(channel))) == channel
    changed = cameras.ok(cameras.call("PATCH", of(channel), {"name": "Chat", "is_enabled": False}))
    assert changed == {**channel, "name": "Chat", "is_enabled": False}
    moved = cameras.ok(cameras.call("PATCH", of(channel), {"options": {"chat_id": "-555"}}))
    assert (moved["options"], moved["secrets"]) == ({"chat_id": "-555"}, channel["secrets"])
    nothing = {"name": None, "options": None, "secrets": None, "is_enabled": None}
    assert cameras.ok(cameras.call("PATCH", of(channel), nothing)) == moved
    assert cameras.call("DELETE", of(channel)).status_code == 204
    for method, verb in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body: object = {} if method == "PATCH" else None
        assert error_of(cameras.call(method, of(channel, verb), body)) == (404, "channel_not_found")


def test_secrets_are_shown_masked_whatever_was_changed(cameras: CameraServer) -> None:
    hook = add(cameras, WEBHOOK)
    assert hook["secrets"] == {"url": "…cdef", "signing_key": "…kkkk"}
    assert hook["options"]["url"] == "https://***@hooks.example/services/***"
    changed = cameras.ok(cameras.call("PATCH", of(hook), {"secrets": {"signing_key": "n" * 40}}))
    assert changed["secrets"] == {"url": "…cdef", "signing_key": "…nnnn"}
    told = [
        cameras.get("/alerts/channels").text,
        cameras.call("PATCH", of(hook), {"secrets": {"token": SECRET_PART}}).text,
        cameras.post("/alerts/channels", {**TELEGRAM, "secrets": {"token": f"{TOKEN}\n!"}}).text,
        cameras.post("/alerts/channels", {**TELEGRAM, "options": {"chat_id": "no", "x": "y"}}).text,
        cameras.post("/alerts/channels", {**TELEGRAM, "secrets": TOKEN}).text,
        cameras.post("/alerts/telegram/chats", {"token": f"{SECRET_PART}!"}).text,
        repr(cameras.watching.stores.alerts.list_channels()),
    ]
    assert not [text for text in told if SECRET_PART in text or "geheim" in text or "n" * 40 in text]


def test_a_test_message(cameras: CameraServer) -> None:
    channel = add(cameras)
    assert cameras.ok(cameras.post(of(channel, "/test"))) == {"sent": True}
    (message,) = cameras.bot.sent
    assert message.chat_id == channel["options"]["chat_id"]
    assert messages(cameras, channel) == []


@pytest.mark.parametrize("fault", [Fault.BLOCKED, Fault.INTERNAL, Fault.TOO_MANY, Fault.LOGIN_PAGE])
def test_a_test_message_that_is_not_taken(
    cameras: CameraServer, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = add(cameras)
    cameras.bot.faults.append(fault)
    answer = cameras.post(of(channel, "/test"))
    assert error_of(answer) == (502, "channel_failed")
    assert SECRET_PART not in answer.text + caplog.text


def test_chats_that_a_bot_has_heard_of(cameras: CameraServer) -> None:
    cameras.bot.updates.extend(
        [
            {
                "update_id": 1,
                "message": {"chat": {"id": int(CHAT_ID), "type": "private", "first_name": "Ann"}},
            },
            {"update_id": 2, "message": {"chat": {"id": -555, "type": "group", "title": "Family"}}},
        ]
    )
    found = cameras.ok(cameras.post("/alerts/telegram/chats", {"token": TOKEN}))["chats"]
    assert [(one["chat_id"], one["title"], one["kind"]) for one in found] == [
        ("-555", "Family", "group"),
        (CHAT_ID, "Ann", "private"),
    ]
    channel = add(cameras)
    by_channel = cameras.post("/alerts/telegram/chats", {"channel_id": channel["channel_id"]})
    assert cameras.ok(by_channel)["chats"] == found


def test_chats_that_cannot_be_found(cameras: CameraServer) -> None:
    path = "/alerts/telegram/chats"
    hook = add(cameras, WEBHOOK)
    both = {"token": TOKEN, "channel_id": hook["channel_id"]}
    wrong: list[object] = [{}, None, both, {"channel_id": hook["channel_id"]}, {"token": 5}, [], ""]
    for body in wrong:
        assert error_of(cameras.post(path, body)) == (422, "invalid_input")
    assert error_of(cameras.post(path, {"channel_id": "nobody"})) == (404, "channel_not_found")
    for token in ("x", TOKEN.replace("AAF", "BBF")):
        answer = cameras.post(path, {"token": token})
        assert error_of(answer) == (502, "channel_failed")
        assert "BBF" not in answer.text


BAD_CHANNELS: list[object] = [
    {},
    [],
    None,
    {**TELEGRAM, "kind": "pigeon"},
    {**TELEGRAM, "kind": 5},
    {**TELEGRAM, "name": ""},
    {**TELEGRAM, "name": " "},
    {**TELEGRAM, "name": "a\nb"},
    {**TELEGRAM, "name": "x" * 101},
    {**TELEGRAM, "options": {}},
    {**TELEGRAM, "options": {"chat_id": 5}},
    {**TELEGRAM, "options": {"chat_id": "my chat"}},
    {**TELEGRAM, "options": {"chat_id": CHAT_ID, "silent": "maybe"}},
    {**TELEGRAM, "options": {str(number): "x" for number in range(21)}},
    {**TELEGRAM, "options": {"chat_id": CHAT_ID, "note": "x" * 5000}},
    {**TELEGRAM, "secrets": {}},
    {**TELEGRAM, "secrets": {"token": "not one"}},
    {**TELEGRAM, "secrets": {"token": TOKEN, "password": "x"}},
    {**TELEGRAM, "colour": "red"},
    {**WEBHOOK, "secrets": {"url": "ftp://hooks.example/"}},
    {**WEBHOOK, "secrets": {"url": "https://hooks.example/\x00"}},
    {"kind": "mqtt", "name": "x", "options": {}},
    {"kind": "mqtt", "name": "x", "options": {"host": "broker.example", "port": "lots"}},
    {"kind": "apprise", "name": "x", "secrets": {"url": "nonsense"}},
]


@pytest.mark.parametrize("body", BAD_CHANNELS, ids=lambda body: str(body)[:70])
def test_wrong_channels(cameras: CameraServer, body: object) -> None:
    assert error_of(cameras.post("/alerts/channels", body)) == (422, "invalid_input")
    assert cameras.ok(cameras.get("/alerts/channels")) == {"channels": []}


@pytest.mark.parametrize(
    "body",
    [
        {**WEBHOOK, "secrets": {"url": "http://127.0.0.1:9/x"}},
        {**WEBHOOK, "secrets": {"url": "http://localhost/x"}},
        {**WEBHOOK, "secrets": {"url": "http://169.254.169.254/latest"}},
        {"kind": "mqtt", "name": "x", "options": {"host": "127.0.0.1"}},
        {"kind": "apprise", "name": "x", "secrets": {"url": "json://localhost/x"}},
    ],
    ids=lambda body: str(body)[:70],
)
def test_channels_that_lead_inside(cameras: CameraServer, body: Answer) -> None:
    answer = cameras.post("/alerts/channels", body)
    assert error_of(answer) == (403, "not_permitted")
    assert "FACEGATE_ALERTS__ALLOWED_PLACES" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [{"kind": "webhook"}, {"name": ""}, {"secrets": {"token": "x"}}, {"options": {}}, {"is_enabled": 1}, 5],
    ids=str,
)
def test_wrong_changes(cameras: CameraServer, body: object) -> None:
    channel = add(cameras)
    assert error_of(cameras.call("PATCH", of(channel), body)) == (422, "invalid_input")
    assert cameras.ok(cameras.get(of(channel))) == channel


def test_what_was_told_stands_in_the_outbox(cameras: CameraServer) -> None:
    channel = add(cameras)
    cameras.enrol("ann", display_name="Ann Lee")
    alerts = {"channel_ids": [channel["channel_id"]], "who": "everybody", "tells_leaving": True}
    camera, event = cameras.visit("ann", alerts=alerts)
    until(lambda: [one["state"] for one in messages(cameras, channel)] == ["sent", "sent"])
    left, seen = messages(cameras, channel)
    assert (seen["kind"], seen["event_id"], seen["camera_id"], seen["subject_id"]) == (
        "seen",
        event["event_id"],
        camera["camera_id"],
        "ann",
    )
    assert "Ann Lee" in seen["title"]
    assert (seen["attempt_count"], seen["last_error"]) == (1, None)
    assert seen["finished_at"] >= seen["created_at"]
    assert left["kind"] == "left"
    assert [one["kind"] for one in messages(cameras, channel, state=["sent"])] == ["left", "seen"]
    assert messages(cameras, channel, state=["waiting", "failed"]) == []
    assert len(cameras.bot.sent) == 2
    cameras.call("DELETE", "/subjects/ann")
    assert messages(cameras, channel) == []


def test_a_channel_that_refuses_is_told_why(cameras: CameraServer) -> None:
    channel = add(cameras)
    cameras.enrol("ann")
    cameras.bot.faults.append(Fault.BLOCKED)
    cameras.visit("ann", alerts={"channel_ids": [channel["channel_id"]]})
    until(lambda: [one["state"] for one in messages(cameras, channel)] == ["failed"])
    assert "blocked" in messages(cameras, channel)[0]["last_error"]


def test_while_snoozed_nobody_is_told_and_the_history_has_it(cameras: CameraServer) -> None:
    channel = add(cameras)
    cameras.enrol("ann")
    camera, shown = cameras.add_showing(alerts={"channel_ids": [channel["channel_id"]]})
    cameras.ok(cameras.post(f"/cameras/{camera['camera_id']}/snooze", {"minutes": 5}))
    cameras.show(shown, "ann", until=lambda: bool(cameras.events(camera)))
    assert cameras.events(camera)[0]["facts"]["alert"] == "snoozed"
    assert messages(cameras, channel) == []


def test_people_of_a_group_alone(cameras: CameraServer) -> None:
    channel = add(cameras)
    cameras.enrol("ann")
    cameras.enrol("bob")
    cameras.ok(cameras.call("PUT", "/subject-groups/bob", {"groups": ["staff"]}))
    rule = {"channel_ids": [channel["channel_id"]], "who": "chosen", "groups": ["staff"]}
    cameras.visit("ann", alerts=rule)
    cameras.visit("bob", alerts=rule)
    until(lambda: len(messages(cameras, channel, state="sent")) == 1)
    assert [one["subject_id"] for one in messages(cameras, channel)] == ["bob"]


def test_pages_of_the_outbox(cameras: CameraServer) -> None:
    channel = add(cameras)
    cameras.enrol("ann")
    for _ in range(3):
        cameras.visit("ann", alerts={"channel_ids": [channel["channel_id"]]})
    everything = cameras.ok(cameras.get("/alerts/messages", limit=500))["messages"]
    found: list[Answer] = []
    after: dict[str, str] = {}
    while True:
        page = cameras.ok(cameras.get("/alerts/messages", limit=2, **after))
        found += page["messages"]
        if page["next_after"] is None:
            break
        after = {"after": page["next_after"]}
    assert [one["message_id"] for one in found] == [one["message_id"] for one in everything]


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"limit": 0}, {"limit": 501}, {"after": "x y"}, {"colour": 1}], ids=str
)
def test_wrong_pages(cameras: CameraServer, query: dict[str, Any]) -> None:
    assert error_of(cameras.get("/alerts/messages", **query)) == (422, "invalid_input")
