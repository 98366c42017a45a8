"""Messages to a chat against a server that answers as the Bot API does, and breaks as networks do."""

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.bot_api.server import CHAT_ID, TOKEN, BotApiServer, Fault, bot_api
from tests.contracts.alert_senders import JPEG, make_channel, make_message

from facegate.adapters.telegram_alerts import TelegramAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.errors import ChannelFailed, InvalidInput


@pytest.fixture
def api() -> Iterator[BotApiServer]:
    with bot_api() as server:
        yield server


@pytest.fixture
def sender(api: BotApiServer) -> Iterator[TelegramAlerts]:
    alerts = TelegramAlerts(api.url, timeout_s=2.0)
    yield alerts
    alerts.close()


def channel_to(chat_id: str = CHAT_ID, token: str = TOKEN, **options: str) -> AlertChannel:
    return make_channel(ChannelKind.TELEGRAM, {"chat_id": chat_id, **options}, {"token": token})


def fail(sender: TelegramAlerts, channel: AlertChannel | None = None) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as failed:
        sender.send(channel or channel_to(), make_message())
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert TOKEN.partition(":")[2] not in told
    return failed.value


def test_a_picture_comes_with_its_words_as_they_are(api: BotApiServer, sender: TelegramAlerts) -> None:
    sender.send(channel_to(), make_message("*_Ali`ce_* <b> at Gate", "Seen & heard."))
    (message,) = api.sent
    assert message.photo == JPEG
    assert message.text == "*_Ali`ce_* <b> at Gate\nSeen & heard."
    assert message.chat_id == CHAT_ID
    assert set(message.fields) == {"chat_id", "caption"}
    assert api.requests == ["sendPhoto"]


def test_words_go_alone_where_there_is_no_picture(api: BotApiServer, sender: TelegramAlerts) -> None:
    sender.send(channel_to(), make_message(picture=None))
    (message,) = api.sent
    assert message.photo is None
    assert "parse_mode" not in message.fields
    assert api.requests == ["sendMessage"]


def test_a_topic_and_silence_are_passed_on(api: BotApiServer, sender: TelegramAlerts) -> None:
    sender.send(channel_to("-100200300", thread_id="17", silent="true"), make_message())
    assert api.sent[0].fields["message_thread_id"] == "17"
    assert api.sent[0].fields["disable_notification"] == "true"


def test_long_words_are_cut_to_what_is_allowed(api: BotApiServer, sender: TelegramAlerts) -> None:
    for picture in (JPEG, None):
        sender.send(channel_to(), make_message("🧑‍🚀" * 30, "Wörter 🚪 " * 900, picture=picture))
    assert [len(message.text.encode("utf-16-le")) // 2 > 900 for message in api.sent] == [True, True]


@pytest.mark.parametrize("fault", [Fault.REFUSES_PHOTO, Fault.TOO_LARGE])
def test_a_picture_that_is_not_taken_leaves_the_words(
    api: BotApiServer, sender: TelegramAlerts, fault: Fault
) -> None:
    api.faults.append(fault)
    sender.send(channel_to(), make_message())
    assert api.requests == ["sendPhoto", "sendMessage"]
    assert [message.photo for message in api.sent] == [None]


def test_a_picture_beyond_the_limit_is_not_even_tried(api: BotApiServer, sender: TelegramAlerts) -> None:
    sender.send(channel_to(), make_message(picture=JPEG + bytes(10_000_001)))
    assert api.requests == ["sendMessage"]


@pytest.mark.parametrize(
    ("fault", "may_have_arrived", "words"),
    [
        (Fault.INTERNAL, False, "a fault of its own"),
        (Fault.UNAVAILABLE, False, "HTTP 503"),
        (Fault.LOGIN_PAGE, False, "log-in"),
        (Fault.RESETS_BEFORE_BODY, None, "Telegram"),
        (Fault.HANGS_BEFORE_BODY, True, "before it answered"),
        (Fault.HANGS_AFTER_BODY, True, "before it answered"),
        (Fault.RESETS_AFTER_BODY, True, "before it answered"),
        (Fault.RESETS_AFTER_DELIVERY, True, "before it answered"),
        (Fault.BAD_GATEWAY, True, "HTTP 502"),
        (Fault.GATEWAY_TIMEOUT, True, "HTTP 504"),
        (Fault.BAD_JSON, True, "could not be read"),
        (Fault.SLOW, True, "before it answered"),
    ],
)
def test_faults_that_pass(
    api: BotApiServer, sender: TelegramAlerts, fault: Fault, may_have_arrived: bool | None, words: str
) -> None:
    api.faults.append(fault)
    started_s = time.monotonic()
    failure = fail(sender)
    assert time.monotonic() - started_s < 4
    assert words in failure.message
    assert not failure.is_permanent
    # A small message may be in the system's hands before the other side breaks off: then nobody knows.
    assert may_have_arrived is None or failure.may_have_arrived is may_have_arrived
    if not failure.may_have_arrived:
        assert api.sent == []
    sender.send(channel_to(), make_message("Bob"))
    assert api.sent[-1].text.startswith("Bob")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.BLOCKED, "blocked the bot"),
        (Fault.KICKED, "add it again"),
        (Fault.MIGRATED, "set chat_id to -1001234567890"),
    ],
)
def test_refusals_say_what_to_do(api: BotApiServer, sender: TelegramAlerts, fault: Fault, words: str) -> None:
    api.faults.append(fault)
    failure = fail(sender)
    assert words in failure.message
    assert failure.is_permanent
    assert not failure.may_have_arrived
    assert api.requests == ["sendPhoto"]


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (channel_to("999"), "no such chat"),
        (channel_to(token="7012345678:AAwrong"), "@BotFather"),
    ],
)
def test_a_wrong_chat_or_token_is_final(
    api: BotApiServer, sender: TelegramAlerts, channel: AlertChannel, words: str
) -> None:
    failure = fail(sender, channel)
    assert words in failure.message
    assert failure.is_permanent


def test_told_to_wait_it_waits_with_this_chat_alone(api: BotApiServer, sender: TelegramAlerts) -> None:
    api.faults.append(Fault.TOO_MANY)
    assert fail(sender).retry_after_s == 7.0
    again = fail(sender)
    assert again.retry_after_s is not None
    assert 6.0 < again.retry_after_s <= 7.0
    assert not again.may_have_arrived
    assert len(api.requests) == 1
    sender.send(channel_to("-555"), make_message())
    assert [message.chat_id for message in api.sent] == ["-555"]


def test_neither_log_nor_error_holds_the_token(
    api: BotApiServer, sender: TelegramAlerts, caplog: pytest.LogCaptureFixture
) -> None:
    # By name too: the server's logging, if its tests ran before, has made these quiet.
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    sender.send(channel_to(), make_message())
    api.faults.extend([Fault.RESETS_AFTER_BODY, Fault.BAD_GATEWAY])
    fail(sender)
    fail(sender)
    assert caplog.records
    for record in caplog.records:
        assert TOKEN.partition(":")[2] not in record.getMessage() + repr(record.args)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"secrets": {}}, "token"),
        ({"secrets": {"token": "no token"}}, "token"),
        ({"secrets": {"token": "123:../../getUpdates"}}, "token"),
        ({"options": {}}, "chat_id"),
        ({"options": {"chat_id": "me"}}, "chat_id"),
        ({"options": {"chat_id": CHAT_ID, "thread_id": "x"}}, "thread_id"),
        ({"options": {"chat_id": CHAT_ID, "silent": "yes"}}, "silent"),
    ],
)
def test_what_cannot_work_is_refused_by_field(
    sender: TelegramAlerts, changed: dict[str, dict[str, str]], field: str
) -> None:
    channel = replace(channel_to(), **changed)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        sender.check(channel)
    assert refused.value.field == field


def test_a_closed_sender_says_so(api: BotApiServer, sender: TelegramAlerts) -> None:
    sender.close()
    assert not fail(sender).may_have_arrived
    assert api.requests == []
