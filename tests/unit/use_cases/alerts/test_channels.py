"""Channels: checked when they come, masked when they are shown, kept apart from what may be seen."""

import pytest
from tests.fakes.alert_senders import FakeChatFinder, FakeSender, SettableClock
from tests.fakes.alert_store import FakeAlertStore

from facegate.domain.alerts.channels import ChannelKind, TelegramChat
from facegate.domain.alerts.messages import AlertKind
from facegate.domain.errors import (
    CapabilityMissing,
    ChannelFailed,
    ChannelNotFound,
    EngineOverloaded,
    InvalidInput,
)
from facegate.use_cases.alerts.channels import AlertChannels, ChannelChange, NewChannel

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"
CHATS = [TelegramChat("7", "Family", "group")]


class Channels:
    """The use case over a store in memory."""

    def __init__(self, *kinds: ChannelKind) -> None:
        self.store = FakeAlertStore()
        self.senders = {kind: FakeSender(kind) for kind in kinds or tuple(ChannelKind)}
        self.channels = AlertChannels(self.store, self.senders, SettableClock(), FakeChatFinder(TOKEN, CHATS))

    def telegram(self, name: str = "Family", chat_id: str = "7") -> str:
        new = NewChannel(ChannelKind.TELEGRAM, name, {"chat_id": chat_id}, {"token": TOKEN})
        return self.channels.add(new).channel_id

    def mqtt(self) -> str:
        new = NewChannel(ChannelKind.MQTT, "Home", {"host": "broker", "port": "1883"}, {"password": "pw"})
        return self.channels.add(new).channel_id


def test_secrets_are_kept_and_not_shown() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    for shown in (hall.channels.get(channel_id), *hall.channels.list_channels()):
        assert dict(shown.secrets) == {"token": "…3456"}
        assert TOKEN not in repr(shown)
    assert hall.store.channels[channel_id].secrets["token"] == TOKEN
    assert TOKEN not in repr(NewChannel(ChannelKind.TELEGRAM, "x", {}, {"token": TOKEN}))
    assert TOKEN not in repr(ChannelChange(secrets={"token": TOKEN}))


@pytest.mark.parametrize(
    "new",
    [
        NewChannel(ChannelKind.TELEGRAM, "x", {}, {"token": TOKEN}),
        NewChannel(ChannelKind.TELEGRAM, "x", {"chat_id": "7"}, {}),
        NewChannel(ChannelKind.TELEGRAM, "  ", {"chat_id": "7"}, {"token": TOKEN}),
        NewChannel(ChannelKind.TELEGRAM, "a\nb", {"chat_id": "7"}, {"token": TOKEN}),
        NewChannel(ChannelKind.TELEGRAM, "x", {"chat_id": "7"}, {"token": TOKEN, "password": "p"}),
        NewChannel(ChannelKind.WEBHOOK, "x", {}, {"url": "x" * 5000}),
        NewChannel(ChannelKind.MQTT, "x", {str(n): "" for n in range(50)}, {}),
    ],
)
def test_what_is_wrong_is_refused_and_not_kept(new: NewChannel) -> None:
    hall = Channels()
    with pytest.raises(InvalidInput) as caught:
        hall.channels.add(new)
    assert TOKEN not in caught.value.message
    assert not hall.store.channels


def test_a_kind_that_cannot_be_sent_is_said() -> None:
    with pytest.raises(CapabilityMissing):
        Channels(ChannelKind.WEBHOOK).telegram()


def test_a_change_leaves_what_is_not_given() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    hall.channels.change(channel_id, ChannelChange(name="Home", options={"chat_id": "8"}))
    kept = hall.store.channels[channel_id]
    assert (kept.name, kept.options["chat_id"], kept.secrets["token"]) == ("Home", "8", TOKEN)
    hall.channels.change(channel_id, ChannelChange(is_enabled=False))
    assert not hall.channels.get(channel_id).is_enabled
    with pytest.raises(InvalidInput):
        hall.channels.change(channel_id, ChannelChange(secrets={"token": ""}))
    assert hall.store.channels[channel_id].secrets["token"] == TOKEN


def test_one_that_does_not_pass_any_more_can_be_switched_off_but_not_on() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    broken = hall.store.channels[channel_id]
    hall.store.save_channel(
        type(broken)(**{name: getattr(broken, name) for name in broken.__slots__} | {"options": {}})
    )
    hall.channels.change(channel_id, ChannelChange(is_enabled=False, name="Old"))
    with pytest.raises(InvalidInput):
        hall.channels.change(channel_id, ChannelChange(is_enabled=True))


def test_a_webhooks_address_is_a_secret_wherever_it_is_given() -> None:
    hall = Channels()
    url = "https://user:pw@hooks.example/services/T0123456789ABCDEF?token=abc"
    for new in (
        NewChannel(ChannelKind.WEBHOOK, "x", {"url": url}, {}),
        NewChannel(ChannelKind.WEBHOOK, "x", {}, {"url": url, "signing_key": "k" * 20}),
    ):
        shown = hall.channels.add(new)
        assert shown.options["url"] == "https://***@hooks.example/services/***?***"
        assert hall.store.channels[shown.channel_id].secrets["url"] == url
    # What was shown comes back with a change, as clients do.
    again = ChannelChange(options={"url": shown.options["url"], "picture": "true"})
    hall.channels.change(shown.channel_id, again)
    assert hall.store.channels[shown.channel_id].secrets == {"url": url, "signing_key": "k" * 20}
    hall.channels.change(shown.channel_id, ChannelChange(secrets={"signing_key": ""}))
    assert "signing_key" not in hall.store.channels[shown.channel_id].secrets


def test_a_stored_password_is_not_sent_to_another_broker() -> None:
    hall = Channels()
    channel_id = hall.mqtt()
    elsewhere = {"host": "evil", "port": "1883"}
    with pytest.raises(InvalidInput):
        hall.channels.change(channel_id, ChannelChange(options=elsewhere))
    hall.channels.change(channel_id, ChannelChange(options={"host": "broker", "port": "1883", "user": "u"}))
    changed = hall.channels.change(channel_id, ChannelChange(options=elsewhere, secrets={"password": "new"}))
    assert changed.options["host"] == "evil"


def test_nobody_of_this_name() -> None:
    hall = Channels()
    for ask in (hall.channels.get, hall.channels.delete, hall.channels.send_test):
        with pytest.raises(ChannelNotFound):
            ask("none")
    with pytest.raises(ChannelNotFound):
        hall.channels.change("none", ChannelChange(name="x"))


def test_a_deleted_channel_is_gone() -> None:
    hall = Channels()
    hall.channels.delete(hall.telegram())
    assert hall.channels.list_channels() == []


def test_a_test_is_sent_with_the_real_secret_and_tells_what_came_of_it() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    sender = hall.senders[ChannelKind.TELEGRAM]
    hall.channels.send_test(channel_id)
    assert sender.sent[0][1].kind is AlertKind.TEST
    assert sender.channels[0].secrets["token"] == TOKEN
    sender.next_answers.append(ChannelFailed("Telegram does not know this chat", is_permanent=True))
    with pytest.raises(ChannelFailed):
        hall.channels.send_test(channel_id)
    assert not hall.store.messages


def test_only_so_many_tests_run_at_once() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    sender = hall.senders[ChannelKind.TELEGRAM]
    depth: list[int] = []

    def another(*_: object) -> None:
        depth.append(1)
        hall.channels.send_test(channel_id)

    sender.while_sending = another
    with pytest.raises(EngineOverloaded):
        hall.channels.send_test(channel_id)
    assert len(depth) == 4
    sender.while_sending = lambda *_: None
    hall.channels.send_test(channel_id)


def test_the_same_chat_is_one_channel() -> None:
    hall = Channels()
    first = hall.channels.telegram_channel(f" {TOKEN} ", "7 ", "Front door")
    assert hall.channels.telegram_channel(TOKEN, "7", "Back door").channel_id == first.channel_id
    assert hall.channels.telegram_channel(TOKEN, "8", "Yard\n").channel_id != first.channel_id
    hall.channels.change(first.channel_id, ChannelChange(is_enabled=False))
    assert hall.channels.telegram_channel(TOKEN, "7", "Front door").is_enabled
    assert {channel.name for channel in hall.channels.list_channels()} == {"Front door", "Yard"}


def test_chats_by_token_or_by_channel() -> None:
    hall = Channels()
    channel_id = hall.telegram()
    assert hall.channels.telegram_chats(TOKEN, None) == CHATS
    assert hall.channels.telegram_chats(None, channel_id) == CHATS
    with pytest.raises(ChannelFailed):
        hall.channels.telegram_chats("other", None)
    for token, other in ((None, None), (TOKEN, channel_id), (None, hall.mqtt())):
        with pytest.raises(InvalidInput):
            hall.channels.telegram_chats(token, other)


def test_what_is_deleted_or_switched_off_is_dropped_by_its_sender() -> None:
    hall = Channels()
    gone, off, renamed = hall.mqtt(), hall.mqtt(), hall.mqtt()
    hall.channels.delete(gone)
    hall.channels.change(off, ChannelChange(is_enabled=False))
    hall.channels.change(off, ChannelChange(name="Still off", is_enabled=False))
    hall.channels.change(renamed, ChannelChange(name="Renamed", is_enabled=True))
    assert hall.senders[ChannelKind.MQTT].dropped_channels == [gone, off]
    assert hall.senders[ChannelKind.TELEGRAM].dropped_channels == []


def test_a_channel_of_a_kind_that_is_not_there_can_be_deleted() -> None:
    hall = Channels()
    channel_id = hall.mqtt()
    del hall.senders[ChannelKind.MQTT]
    hall.channels.delete(channel_id)
    assert hall.channels.list_channels() == []
