"""Checks of channels may take long: they stand in nobody's way, and what changed meanwhile is not lost."""

import threading

import pytest
from tests.fakes.alert_senders import FakeChatFinder, FakeSender, SettableClock
from tests.fakes.alert_store import FakeAlertStore
from typing_extensions import override

from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.errors import ChannelNotFound, InvalidInput
from facegate.use_cases.alerts.channels import AlertChannels, ChannelChange, NewChannel

WAIT_S = 5.0


class SlowSender(FakeSender):
    """Its first check, once `is_slow`, lasts until it is told how to go on."""

    def __init__(self) -> None:
        super().__init__(ChannelKind.MQTT)
        self.is_slow = False
        self.is_checking, self.may_end = threading.Event(), threading.Event()
        self.checked: list[AlertChannel] = []

    @override
    def check(self, channel: AlertChannel) -> None:
        self.checked.append(channel)
        if self.is_slow and not self.is_checking.is_set():
            self.is_checking.set()
            assert self.may_end.wait(WAIT_S)
        if channel.options["host"] == "inside":
            raise InvalidInput("it leads inside", field="host")


class Hall:
    """A channel that is being moved to another host, which is still looked up."""

    def __init__(self) -> None:
        self.sender = SlowSender()
        self.channels = AlertChannels(
            FakeAlertStore(), {ChannelKind.MQTT: self.sender}, SettableClock(), FakeChatFinder()
        )
        self.channel_id = self.channels.add(NewChannel(ChannelKind.MQTT, "Home", {"host": "old"})).channel_id
        self.error: BaseException | None = None
        self.sender.is_slow = True
        self._moving = threading.Thread(target=self._move, daemon=True)
        self._moving.start()
        assert self.sender.is_checking.wait(WAIT_S)

    def _move(self) -> None:
        try:
            self.channels.change(self.channel_id, ChannelChange(options={"host": "new"}))
        except (ChannelNotFound, InvalidInput) as error:
            self.error = error

    def in_time(self, change: ChannelChange) -> bool:
        """Whether this change is done although the other is not."""
        other = threading.Thread(target=self.channels.change, args=(self.channel_id, change), daemon=True)
        other.start()
        other.join(1.0)
        return not other.is_alive()

    def end(self) -> None:
        self.sender.may_end.set()
        self._moving.join(WAIT_S)
        assert not self._moving.is_alive()


def test_others_need_not_wait_and_nothing_is_lost() -> None:
    hall = Hall()
    was_in_time = hall.in_time(ChannelChange(name="Yard", is_enabled=False))
    hall.end()
    assert was_in_time
    channel = hall.channels.get(hall.channel_id)
    assert (channel.name, channel.is_enabled, channel.options["host"]) == ("Yard", False, "new")


def test_what_is_kept_has_passed_as_it_is_kept() -> None:
    hall = Hall()
    was_in_time = hall.in_time(ChannelChange(options={"host": "other", "user": "u"}))
    hall.end()
    assert was_in_time
    channel = hall.channels.get(hall.channel_id)
    assert channel.options["host"] == "new"
    assert hall.sender.checked[-1].options == channel.options


def test_one_that_was_deleted_meanwhile_does_not_come_back() -> None:
    hall = Hall()
    hall.channels.delete(hall.channel_id)
    hall.end()
    assert isinstance(hall.error, ChannelNotFound)
    assert hall.channels.list_channels() == []


@pytest.mark.parametrize(
    ("change", "has_to_pass"),
    [
        (ChannelChange(name="x", is_enabled=False), False),
        (ChannelChange(is_enabled=True), True),
        (ChannelChange(options={}), True),
        (ChannelChange(secrets={}), True),
    ],
)
def test_what_is_checked_again(change: ChannelChange, has_to_pass: bool) -> None:
    assert change.has_to_pass is has_to_pass
