"""Channels whose secrets cannot be read any more: there, skipped, mended by entering them again."""

import pytest
from tests.unit.use_cases.alerts.alert_scene import AlertScene
from tests.unit.use_cases.alerts.test_channels import CHATS, TOKEN, Channels
from tests.unit.use_cases.alerts.test_deliver_alerts import Outbox

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import AlertKind, MessageState
from facegate.domain.errors import ChannelFailed, InvalidInput
from facegate.use_cases.alerts.channels import ChannelChange, NewChannel


def test_its_messages_wait_with_the_reason_and_those_of_others_go(caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox()
    lost, _, other = (*outbox.put("a", 2), *outbox.put("b"))
    outbox.store.lose_secrets("a")
    outbox.deliver.recover()
    assert outbox.deliver.deliver_due() == 1
    assert outbox.state(other) is MessageState.SENT
    for _ in range(2):
        assert outbox.deliver.expire() == 0
    stored = outbox.store.messages[lost.message_id]
    assert (stored.state, stored.attempt_count, stored.picture) == (MessageState.WAITING, 0, b"jpeg")
    assert "enter them again" in stored.last_error
    assert caplog.text.count("enter them again") == 1
    outbox.clock.advance(7 * 3600)
    assert outbox.deliver.deliver_due() == 0
    assert outbox.deliver.expire() == 2
    stored = outbox.store.messages[lost.message_id]
    assert stored.state is MessageState.EXPIRED
    assert "enter them again" in stored.last_error


def test_what_is_raised_meanwhile_waits_for_it() -> None:
    scene = AlertScene()
    scene.store.lose_secrets("phone")
    raised = scene.raise_alerts.for_visit(scene.camera, scene.seen("alice"), AlertKind.SEEN)
    assert [one.channel_id for one in raised.messages] == ["phone"]


def test_it_is_listed_renamed_switched_off_mended_and_deleted() -> None:
    hall = Channels()
    channel_id, hook = hall.telegram(), NewChannel(ChannelKind.WEBHOOK, "x", {}, {"url": "https://a.org/b"})
    hook_id = hall.channels.add(hook).channel_id
    for one in (channel_id, hook_id):
        hall.store.lose_secrets(one)
    shown = hall.channels.get(channel_id)
    assert (shown.has_lost_secrets, shown.secrets) == (True, {})
    assert hall.channels.change(channel_id, ChannelChange(name="Off", is_enabled=False)).has_lost_secrets
    assert hall.channels.change(hook_id, ChannelChange(name="y")).options == {"url": "https://a.org/b"}
    with pytest.raises(ChannelFailed, match="enter them again"):
        hall.channels.send_test(channel_id)
    with pytest.raises(ChannelFailed, match="enter them again"):
        hall.channels.telegram_chats(None, channel_id)
    with pytest.raises(InvalidInput):
        hall.channels.change(channel_id, ChannelChange(options={"chat_id": "8"}))
    mended = hall.channels.change(channel_id, ChannelChange(secrets={"token": TOKEN}, is_enabled=True))
    assert (mended.has_lost_secrets, hall.store.channels[channel_id].secrets) == (False, {"token": TOKEN})
    assert hall.channels.telegram_chats(None, channel_id) == CHATS
    hall.channels.delete(hook_id)
    assert [one.channel_id for one in hall.channels.list_channels()] == [channel_id]


def test_another_job_with_the_same_bot_gets_a_channel_of_its_own() -> None:
    hall = Channels()
    lost = hall.telegram()
    hall.store.lose_secrets(lost)
    assert hall.channels.telegram_channel(TOKEN, "7", "Family").channel_id != lost
