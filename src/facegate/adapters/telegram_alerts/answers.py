"""What Telegram's answers mean: sent, or why not and whether trying again makes sense.

Telegram answers a request that failed with `ok: false`, a code and a description, and in `parameters` when to
come back or which id a group has now. An answer that is not its JSON comes from something in between.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from facegate.domain.errors import ChannelFailed

_MAX_DESCRIPTION_CHARS = 200

DEFAULT_WAIT_S = 5.0
_MIN_WAIT_S = 1
_MAX_WAIT_S = 3600

_KNOWN_REFUSALS = (
    ("blocked by the user", "the person has blocked the bot: they unblock it in Telegram and send it /start"),
    ("can't initiate conversation", "a bot may not write first: the person has to send it /start"),
    ("kicked", "the bot was removed from this group or channel: add it again"),
    ("not a member", "the bot is not in this group or channel: add it"),
    ("deactivated", "this Telegram account no longer exists: set another chat_id"),
    ("chat not found", "Telegram finds no such chat for this bot: write to the bot, or add it to the group, "
     "then fetch the chats again and set chat_id"),
    ("user not found", "Telegram finds no such person for this bot: they have to send it /start"),
    ("peer_id_invalid", "Telegram finds no such chat for this bot: fetch the chats again and set chat_id"),
    ("chat_id is empty", "chat_id is missing in the channel"),
    ("group chat was deleted", "the group was deleted: set another chat_id"),
    ("chat_write_forbidden", "the bot may not write here: allow it to, or make it an administrator"),
    ("need administrator rights", "the bot may not write here: make it an administrator of the channel"),
    ("thread not found", "the topic of the group is gone: set another thread_id"),
    ("topic_closed", "the topic of the group is closed: open it, or set another thread_id"),
)  # fmt: skip
"""Words of descriptions, and what to do. None of them is about the picture."""


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """An answer as it came. `content` is None where it is not the Bot API's."""

    status: int
    content: Mapping[str, object] | None

    @classmethod
    def parse(cls, status: int, body: bytes) -> "BotAnswer":
        """Anything may come: a page of a hotel's network, half an answer."""
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return cls(status, None)
        if not isinstance(content, dict) or not isinstance(content.get("ok"), bool):
            return cls(status, None)
        return cls(status, content)

    @property
    def is_ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300 and self.content is not None and self.content["ok"] is True

    @property
    def code(self) -> int:
        """The code in the answer, or that of HTTP."""
        code = (self.content or {}).get("error_code")
        return code if isinstance(code, int) and not isinstance(code, bool) else self.status

    @property
    def description(self) -> str:
        """Telegram's own words, one bounded line."""
        text = str((self.content or {}).get("description", ""))
        return "".join(char if char.isprintable() else " " for char in text)[:_MAX_DESCRIPTION_CHARS]

    @property
    def retry_after_s(self) -> float | None:
        """When to come back, if it says so. Bounded: it may be any number, and after an hour all is stale."""
        asked_s = self.parameter("retry_after")
        return None if asked_s is None else float(min(max(asked_s, _MIN_WAIT_S), _MAX_WAIT_S))

    def parameter(self, name: str) -> int | None:
        """`retry_after` or `migrate_to_chat_id`, where it is given."""
        parameters = (self.content or {}).get("parameters")
        value = parameters.get(name) if isinstance(parameters, Mapping) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_about_picture(answer: BotAnswer) -> bool:
    """Whether the words alone may get through: too large, not readable, or pictures are not allowed there."""
    if answer.code == 413:
        return True
    if answer.code not in (400, 403) or answer.parameter("migrate_to_chat_id") is not None:
        return False
    return _known_refusal(answer) is None


def failure_of(answer: BotAnswer) -> ChannelFailed:
    """The error to raise for an answer that is not ok."""
    if answer.content is None:
        return _foreign_answer(answer.status)
    code = answer.code
    retry_after_s = answer.retry_after_s
    if code == 429:
        return ChannelFailed(
            "Telegram wants to be written to more slowly", retry_after_s=retry_after_s or DEFAULT_WAIT_S
        )
    if code in (401, 404):
        return ChannelFailed(
            "Telegram does not know this bot's token: ask @BotFather for the present one", is_permanent=True
        )
    if code == 409:
        return _conflict(answer)
    if code >= 500:
        # Said by the Bot API itself: it did not get the message through.
        return ChannelFailed(f"Telegram has a fault of its own ({code})", retry_after_s=retry_after_s)
    new_id = answer.parameter("migrate_to_chat_id")
    if new_id is not None:
        return ChannelFailed(
            f"the group was upgraded and has a new id: set chat_id to {new_id}", is_permanent=True
        )
    known = _known_refusal(answer)
    return ChannelFailed(
        known or f"Telegram refused the message ({code}): {answer.description or 'it does not say why'}",
        is_permanent=400 <= code < 500,
    )


def _known_refusal(answer: BotAnswer) -> str | None:
    said = answer.description.lower()
    return next((sentence for words, sentence in _KNOWN_REFUSALS if words in said), None)


def _conflict(answer: BotAnswer) -> ChannelFailed:
    if "webhook" in answer.description.lower():
        return ChannelFailed(
            "another program gets this bot's messages by a webhook, so nobody else can read them: make "
            "a bot of its own for alerts, remove the webhook (deleteWebhook), or write the chat id by hand",
            is_permanent=True,
        )
    return ChannelFailed("another program is reading this bot's messages: stop it for a moment and try again")


def _foreign_answer(status: int) -> ChannelFailed:
    """Something between us and Telegram answered, or its answer broke.

    It said 2xx, or that it did not wait for the end (502, 504 and whatever it invents beyond): then the
    message may be through. A 500 or 503, and anything below, is about the request itself.
    """
    if 200 <= status < 300:
        return ChannelFailed("Telegram's answer could not be read", may_have_arrived=True)
    if 300 <= status < 400:
        return ChannelFailed(
            "the Bot API's address leads elsewhere, which is not followed: check "
            "FACEGATE_ALERTS__TELEGRAM_API_URL and whether the network wants a log-in"
        )
    may_have_arrived = status >= 500 and status not in (500, 503)
    return ChannelFailed(
        f"something between here and Telegram answered with HTTP {status}", may_have_arrived=may_have_arrived
    )
