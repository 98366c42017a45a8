"""Channels on the page: added, tried, switched, changed, removed; what became of messages."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.unit.page.conftest import OpenView

SECRET = "https://192.0.2.20/hook?key=never-to-be-seen"


@pytest.fixture(autouse=True)
def _no_channels(v1: httpx.Client) -> Iterator[None]:
    yield
    for channel in channels(v1):
        v1.delete(f"/alerts/channels/{channel['channel_id']}")


def channels(v1: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = v1.get("/alerts/channels").raise_for_status().json()["channels"]
    return found


@pytest.fixture
def channel_id(v1: httpx.Client) -> str:
    body = {"kind": "webhook", "name": "Gate *controller*", "options": {}, "secrets": {"url": SECRET}}
    return str(v1.post("/alerts/channels", json=body).raise_for_status().json()["channel_id"])


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption))


def labelled(elements: Any, label: str) -> Any:
    return next(one for one in elements if one.label == label)


def form_for(page: AppTest, kind: str) -> AppTest:
    kinds: Any = page.get("button_group")
    next(one for one in kinds if one.key == "new channel kind").set_value(kind).run()
    return page


def test_without_a_channel_the_next_step_is_told(open_view: OpenView) -> None:
    page = open_view("alerts")

    assert "No channel yet" in said(page)
    assert "No message" in said(page)


def test_a_webhook_is_added_and_its_address_forgotten_by_the_page(
    open_view: OpenView, v1: httpx.Client
) -> None:
    page = form_for(open_view("alerts"), "webhook")
    labelled(page.text_input, "Name").set_value("Gate")
    labelled(page.text_input, "Address").set_value(SECRET)
    labelled(page.button, "Add").click().run()

    assert not page.exception
    (added,) = channels(v1)
    assert (added["kind"], added["name"]) == ("webhook", "Gate")
    assert "**Gate**" in said(page)
    assert "never-to-be-seen" not in said(page)
    assert "never-to-be-seen" not in str(page.session_state)


def test_without_a_name_nothing_is_sent(open_view: OpenView, v1: httpx.Client) -> None:
    page = form_for(open_view("alerts"), "mqtt")
    labelled(page.text_input, "Broker").set_value("192.0.2.20")
    labelled(page.button, "Add").click().run()

    assert "Give the channel a name first" in page.warning[0].value
    assert channels(v1) == []
    # What was typed is still there.
    assert labelled(page.text_input, "Broker").value == "192.0.2.20"


def test_what_the_server_refuses_is_one_sentence_and_the_form_stays(
    open_view: OpenView, v1: httpx.Client
) -> None:
    page = form_for(open_view("alerts"), "webhook")
    labelled(page.text_input, "Name").set_value("Inside")
    labelled(page.text_input, "Address").set_value("http://127.0.0.1:9/hook")
    labelled(page.button, "Add").click().run()

    assert "The server does not allow this" in page.error[0].value
    assert labelled(page.text_input, "Name").value == "Inside"
    assert channels(v1) == []


def test_a_telegram_chat_needs_token_chat_and_name(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("alerts")
    labelled(page.button, "Find chats").click().run()
    assert "Enter the bot's token first" in page.warning[0].value

    labelled(page.text_input, "Bot token").set_value("7012345678:AAFgate-Not_A_Real_Token_0123456789")
    labelled(page.button, "Add").click().run()
    assert "A chat and a name are needed" in page.warning[0].value

    labelled(page.text_input, "Chat id").set_value("123456789")
    labelled(page.text_input, "Name").set_value("Family")
    labelled(page.button, "Add").click().run()

    (added,) = channels(v1)
    assert added["options"] == {"chat_id": "123456789"}
    assert "Not_A_Real_Token" not in str(page.session_state)


def test_a_channel_is_shown_without_its_secrets(open_view: OpenView, channel_id: str) -> None:
    page = open_view("alerts")

    assert "**Gate \\*controller\\***" in said(page)
    assert "never-to-be-seen" not in said(page)


def test_a_channel_is_switched_off_and_on(open_view: OpenView, v1: httpx.Client, channel_id: str) -> None:
    page = open_view("alerts")
    labelled(page.button, "Switch off").click().run()
    assert not channels(v1)[0]["is_enabled"]

    labelled(page.button, "Switch on").click().run()
    assert channels(v1)[0]["is_enabled"]


def test_a_changed_name_leaves_the_secrets(open_view: OpenView, v1: httpx.Client, channel_id: str) -> None:
    before = channels(v1)[0]
    page = open_view("alerts")
    next(one for one in page.text_input if one.value == "Gate *controller*").set_value("Barrier")
    labelled(page.button, "Save").click().run()

    assert not page.exception
    after = channels(v1)[0]
    assert (after["name"], after["secrets"], after["options"]) == (
        "Barrier",
        before["secrets"],
        before["options"],
    )


def test_a_channel_is_removed_after_a_second_yes(
    open_view: OpenView, v1: httpx.Client, channel_id: str
) -> None:
    page = open_view("alerts")
    labelled(page.button, "Remove this channel").click().run()
    assert channels(v1)

    labelled(page.button, "Cancel").click().run()
    assert channels(v1)

    labelled(page.button, "Remove this channel").click().run()
    labelled(page.button, "Yes, delete").click().run()
    assert channels(v1) == []
