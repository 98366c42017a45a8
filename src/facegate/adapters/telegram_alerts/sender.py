"""A message to a chat, as a picture with a caption or as words alone."""

import logging
import re
import time
from collections.abc import Collection

from facegate.adapters.telegram_alerts.answers import DEFAULT_WAIT_S, BotAnswer, failure_of, is_about_picture
from facegate.adapters.telegram_alerts.bot_api import BotApi, bot_id_of, checked_token
from facegate.adapters.telegram_alerts.pacing import SendingPace
from facegate.adapters.telegram_alerts.texts import MAX_CAPTION_UNITS, MAX_TEXT_UNITS, cut, words_of
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import OutboxMessage
from facegate.domain.errors import ChannelFailed, InvalidInput

_LOGGER = logging.getLogger("facegate.alerts")

_CHAT_ID = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,63}")
_THREAD_ID = re.compile(r"[0-9]{1,20}")

_MAX_PHOTO_BYTES = 10 * 10**6
"""Telegram's limit for pictures."""

_LONGEST_TURN_S = 3.0
"""Waits up to here are waited out; a longer one is for the outbox, which has other chats to serve."""


class TelegramAlerts:
    """Sends to one chat per channel. Options: `chat_id`, `thread_id` (a topic of a group), `silent`.

    A picture that Telegram does not take is left out and the words are sent. Messages cannot be told from
    their repetitions there, so what may have arrived must not be sent again.
    """

    kind = ChannelKind.TELEGRAM
    may_repeat = False

    def __init__(self, api_url: str, timeout_s: float, pace: SendingPace | None = None) -> None:
        self._api = BotApi(api_url)
        self._timeout_s = timeout_s
        self._pace = pace or SendingPace()

    def check(self, channel: AlertChannel) -> None:
        """Raises InvalidInput where the token or the chat is missing or cannot be one."""
        checked_token(channel.secrets.get("token", ""))
        if _CHAT_ID.fullmatch(channel.options.get("chat_id", "").strip()) is None:
            raise InvalidInput(
                "chat_id must be a number such as 123456789 or -1001234567890, or a public channel's @name",
                field="chat_id",
            )
        thread_id = channel.options.get("thread_id", "")
        if thread_id and _THREAD_ID.fullmatch(thread_id) is None:
            raise InvalidInput("thread_id must be the number of a topic", field="thread_id")
        if channel.options.get("silent", "false") not in ("true", "false"):
            raise InvalidInput("silent must be true or false", field="silent")

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        """See the port."""
        try:
            self.check(channel)
        except InvalidInput as error:
            raise ChannelFailed(error.message, is_permanent=True) from None
        token = channel.secrets["token"].strip()
        fields = _fields_of(channel)
        words = words_of(message)
        ends_at = time.monotonic() + self._timeout_s
        if message.picture is not None and len(message.picture) <= _MAX_PHOTO_BYTES:
            caption = {**fields, "caption": cut(words, MAX_CAPTION_UNITS)}
            answer = self._call(token, "sendPhoto", caption, ends_at, message.picture)
            if answer.is_ok:
                return
            if not is_about_picture(answer):
                raise failure_of(answer)
            _LOGGER.info("Telegram did not take a picture (%d): the words are sent alone", answer.code)
        text = {
            **fields,
            "text": cut(words, MAX_TEXT_UNITS),
            "link_preview_options": '{"is_disabled": true}',
        }
        answer = self._call(token, "sendMessage", text, ends_at)
        if not answer.is_ok:
            raise failure_of(answer)

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Nothing but messages is kept there."""

    def drop_camera(self, camera_id: str) -> None:
        """Nothing is kept there of a camera."""

    def drop_channel(self, channel: AlertChannel) -> None:
        """No connection is kept for a channel."""

    def close(self) -> None:
        """Ends what is kept open."""
        self._api.close()

    def _call(
        self, token: str, method: str, fields: dict[str, str], ends_at: float, photo: bytes | None = None
    ) -> BotAnswer:
        bot_id, chat_id = bot_id_of(token), fields["chat_id"]
        self._wait_for_turn(bot_id, chat_id, ends_at)
        answer = self._api.call(token, method, fields, ends_at=ends_at, photo=photo)
        if answer.code == 429:
            self._pace.hold(bot_id, chat_id, answer.retry_after_s or DEFAULT_WAIT_S)
        return answer

    def _wait_for_turn(self, bot_id: str, chat_id: str, ends_at: float) -> None:
        longest_s = min(_LONGEST_TURN_S, ends_at - time.monotonic())
        gives_up_at = time.monotonic() + longest_s
        while (wait_s := self._pace.take_turn(bot_id, chat_id)) > 0:
            if time.monotonic() + wait_s > gives_up_at:
                raise ChannelFailed(
                    "Telegram allows only so many messages in a while: this one waits", retry_after_s=wait_s
                )
            time.sleep(wait_s)


def _fields_of(channel: AlertChannel) -> dict[str, str]:
    fields = {"chat_id": channel.options["chat_id"].strip()}
    if channel.options.get("thread_id"):
        fields["message_thread_id"] = channel.options["thread_id"]
    if channel.options.get("silent") == "true":
        fields["disable_notification"] = "true"
    return fields
