"""Chats out of a bot's updates, which stay there for others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bot_api.server import TOKEN, Fault, bot_api

from facegate.adapters.telegram_alerts import TelegramChats
from facegate.adapters.telegram_alerts.chat_finder import chats_of
from facegate.domain.alerts.channels import TelegramChat
from facegate.domain.errors import ChannelFailed

ALICE = {"id": 11, "type": "private", "first_name": "Alice", "last_name": "Lee", "username": "alice"}
GROUP = {"id": -22, "type": "group", "title": "Gate"}
UPGRADED = {"id": -10022, "type": "supergroup", "title": "Gate"}
NEWS = {"id": -10033, "type": "channel", "title": "News"}


def update(number: int, chat: dict[str, Any], origin: str = "message", **content: Any) -> dict[str, Any]:
    return {"update_id": number, origin: {"chat": chat, **content}}


def test_each_chat_once_newest_first_and_nothing_is_confirmed() -> None:
    with bot_api() as api:
        api.updates = [
            update(1, ALICE, text="/start"),
            update(2, NEWS, "channel_post"),
            update(3, GROUP, "my_chat_member", new_chat_member={"status": "member"}),
            update(4, ALICE, "edited_message"),
        ]
        finder = TelegramChats(api.url, 2.0)
        try:
            for _ in range(2):
                assert finder.find_chats(f" {TOKEN}\n") == [
                    TelegramChat("11", "Alice Lee", "private"),
                    TelegramChat("-22", "Gate", "group"),
                    TelegramChat("-10033", "News", "channel"),
                ]
            assert api.confirmed_offsets == []
        finally:
            finder.close()


def test_left_chats_and_old_ids_are_left_out() -> None:
    assert chats_of(
        [
            update(1, GROUP),
            update(2, GROUP, migrate_to_chat_id=-10022),
            update(3, UPGRADED, migrate_from_chat_id=-22),
            update(4, NEWS),
            update(5, NEWS, "my_chat_member", new_chat_member={"status": "kicked"}),
        ]
    ) == [TelegramChat("-10022", "Gate", "supergroup")]


def test_buttons_and_nameless_chats_count_too() -> None:
    pressed = {
        "update_id": 1,
        "callback_query": {"id": "1", "message": {"chat": {"id": 5, "type": "private"}}},
    }
    assert chats_of([pressed]) == [TelegramChat("5", "5", "private")]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["update_id", "message", "chat", "id", "type", "title", "new_chat_member", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.lists(anything, max_size=6))
def test_whatever_comes_is_survived(updates: list[object]) -> None:
    for chat in chats_of(updates):
        assert int(chat.chat_id) is not None
        assert chat.title


@pytest.mark.parametrize(
    ("change", "words", "is_permanent"),
    [
        ({"has_webhook": True}, "webhook", True),
        ({"is_read_by_another": True}, "another program", False),
        ({"token": "1:another"}, "@BotFather", True),
    ],
)
def test_why_there_are_none_is_explained(change: dict[str, Any], words: str, is_permanent: bool) -> None:
    with bot_api() as api:
        for name, value in change.items():
            setattr(api, name, value)
        finder = TelegramChats(api.url, 2.0)
        with pytest.raises(ChannelFailed, match=words) as failed:
            finder.find_chats(TOKEN)
        finder.close()
    assert failed.value.is_permanent is is_permanent
    assert TOKEN not in str(failed.value)


def test_what_is_no_token_and_no_answer_are_told_apart() -> None:
    with bot_api() as api:
        finder = TelegramChats(api.url, 1.0)
        with pytest.raises(ChannelFailed, match="@BotFather") as failed:
            finder.find_chats("https://evil.example/")
        assert failed.value.is_permanent
        api.faults.append(Fault.HANGS_AFTER_BODY)
        with pytest.raises(ChannelFailed) as failed:
            finder.find_chats(TOKEN)
        assert not failed.value.is_permanent
        finder.close()
