"""Which chats a bot has heard of lately, from its updates."""

import time
from collections.abc import Iterator, Mapping, Sequence

from facegate.adapters.telegram_alerts.answers import failure_of
from facegate.adapters.telegram_alerts.bot_api import BotApi, checked_token
from facegate.domain.alerts.channels import TelegramChat
from facegate.domain.errors import ChannelFailed, InvalidInput

_KINDS = ("private", "group", "supergroup", "channel")
_GONE = ("left", "kicked")


class TelegramChats:
    """Reads updates without an offset, so none is confirmed and other programs still get them.

    Telegram gives the hundred oldest unconfirmed ones and keeps each for a day. What kinds of updates a bot
    gets is a lasting setting there, so it is not touched.
    """

    def __init__(self, api_url: str, timeout_s: float) -> None:
        self._api = BotApi(api_url)
        self._timeout_s = timeout_s

    def find_chats(self, token: str) -> list[TelegramChat]:
        """See the port."""
        try:
            token = checked_token(token)
        except InvalidInput as error:
            raise ChannelFailed(error.message, is_permanent=True) from None
        ends_at = time.monotonic() + self._timeout_s
        answer = self._api.call(token, "getUpdates", {"timeout": "0", "limit": "100"}, ends_at=ends_at)
        if not answer.is_ok:
            raise failure_of(answer)
        result = (answer.content or {}).get("result")
        return chats_of(result if isinstance(result, list) else [])

    def close(self) -> None:
        """Ends what is kept open."""
        self._api.close()


def chats_of(updates: Sequence[object]) -> list[TelegramChat]:
    """Distinct chats, newest first, without those the bot has left and old ids of upgraded groups."""
    chats: dict[str, TelegramChat | None] = {}
    for update in sorted((one for one in updates if isinstance(one, Mapping)), key=_number_of, reverse=True):
        for origin, content in _contents_of(update):
            chat = _chat_of(content)
            if chat is None:
                continue
            is_gone = "migrate_to_chat_id" in content or (
                origin == "my_chat_member" and _new_status(content) in _GONE
            )
            chats.setdefault(chat.chat_id, None if is_gone else chat)
    return [chat for chat in chats.values() if chat is not None]


def _number_of(update: Mapping[str, object]) -> int:
    number = update.get("update_id")
    return number if isinstance(number, int) else 0


def _contents_of(update: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Messages, posts, changes of membership: whatever names a chat, also inside a pressed button."""
    for origin, content in update.items():
        if isinstance(content, Mapping):
            yield origin, content
            message = content.get("message")
            if isinstance(message, Mapping):
                yield origin, message


def _new_status(content: Mapping[str, object]) -> object:
    member = content.get("new_chat_member")
    return member.get("status") if isinstance(member, Mapping) else None


def _chat_of(content: Mapping[str, object]) -> TelegramChat | None:
    chat = content.get("chat")
    if not isinstance(chat, Mapping):
        return None
    chat_id, kind = chat.get("id"), chat.get("type")
    if not isinstance(chat_id, int) or isinstance(chat_id, bool) or kind not in _KINDS:
        return None
    names = (chat.get("title"), " ".join(_texts(chat, "first_name", "last_name")), chat.get("username"))
    title = next((name for name in names if isinstance(name, str) and name.strip()), str(chat_id))
    return TelegramChat(str(chat_id), title.strip()[:200], str(kind))


def _texts(chat: Mapping[str, object], *names: str) -> list[str]:
    return [text for name in names if isinstance(text := chat.get(name), str)]
