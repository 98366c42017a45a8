"""The outbox: sent in order, once, also over failures, restarts and forgotten people."""

import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.alert_senders import FakeSender, SettableClock
from tests.fakes.events import FakeEventStore
from tests.unit.use_cases.alerts.alert_scene import START, channel, waiting

from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import FINAL_STATES, MessageState, OutboxMessage
from facegate.domain.errors import CapabilityMissing, ChannelFailed, StoreFailed
from facegate.use_cases.alerts.deliver_alerts import DeliverAlerts, DeliveryOptions
from facegate.use_cases.alerts.make_digests import MakeDigests

AWAY = ChannelFailed("the network is away")
DOUBT = ChannelFailed("the connection ended", may_have_arrived=True)


class Outbox:
    """Two Telegram channels and a webhook."""

    def __init__(self) -> None:
        self.clock = SettableClock(START + timedelta(minutes=1))
        self.store = FakeEventStore()
        for channel_id in ("a", "b"):
            self.store.add_channel(channel(channel_id))
        self.store.add_channel(channel("hook", ChannelKind.WEBHOOK))
        self.telegram = FakeSender(ChannelKind.TELEGRAM)
        self.webhook = FakeSender(ChannelKind.WEBHOOK, may_repeat=True)
        self.deliver = self.restarted()

    def restarted(self) -> DeliverAlerts:
        senders = {ChannelKind.TELEGRAM: self.telegram, ChannelKind.WEBHOOK: self.webhook}
        digests = MakeDigests(self.store, self.clock, lambda _: None)
        options = DeliveryOptions(poll_s=0.05, close_wait_s=2.0)
        self.deliver = DeliverAlerts(self.store, senders, self.clock, digests, options)
        return self.deliver

    def put(self, channel_id: str, count: int = 1) -> list[OutboxMessage]:
        first = len(self.store.messages)
        messages = [waiting(channel_id, first + number) for number in range(count)]
        self.store.add_messages(messages)
        return messages

    def state(self, message: OutboxMessage) -> MessageState:
        return self.store.messages[message.message_id].state

    def sent(self, channel_id: str) -> list[str]:
        taken = [*self.telegram.sent, *self.webhook.sent]
        return [message.text.title for place, message in taken if place == channel_id]


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def test_what_waits_is_sent_in_order_and_once(outbox: Outbox) -> None:
    messages = outbox.put("a", 3)
    assert outbox.deliver.deliver_due() == 3
    assert outbox.deliver.deliver_due() == 0
    assert outbox.sent("a") == ["title 0", "title 1", "title 2"]
    stored = outbox.store.messages[messages[0].message_id]
    assert (stored.state, stored.picture, stored.attempt_count) == (MessageState.SENT, None, 1)
    assert stored.finished_at == outbox.clock.now
    assert outbox.telegram.sent[0][1].picture == b"jpeg"


def test_a_message_is_sending_in_the_store_before_the_channel_is_asked(outbox: Outbox) -> None:
    message = outbox.put("a")[0]
    states: list[MessageState] = []
    outbox.telegram.while_sending = lambda *_: states.append(outbox.state(message))
    outbox.deliver.deliver_due()
    assert states == [MessageState.SENDING]


def test_a_failed_one_comes_again_later_and_keeps_its_place(outbox: Outbox) -> None:
    outbox.put("a", 2)
    outbox.telegram.next_answers.extend([AWAY, AWAY])
    assert outbox.deliver.deliver_due() == 1
    assert outbox.deliver.deliver_due() == 0
    outbox.clock.advance(3)
    assert outbox.deliver.deliver_due() == 1
    outbox.clock.advance(3)  # the second rest is longer than the first
    assert outbox.deliver.deliver_due() in (0, 2)
    outbox.clock.advance(3)
    outbox.deliver.deliver_due()
    assert outbox.sent("a") == ["title 0", "title 1"]


def refuse_first(outbox: Outbox) -> None:
    """The webhook takes everything but `title 0`."""

    def send(_: AlertChannel, message: OutboxMessage) -> None:
        if message.text.title == "title 0":
            raise AWAY

    outbox.webhook.while_sending = send


def rounds(outbox: Outbox, count: int) -> None:
    """Looks once after each rest, however long."""
    for _ in range(count):
        outbox.deliver.deliver_due()
        outbox.clock.advance(outbox_rest_s(outbox))


def outbox_rest_s(outbox: Outbox) -> float:
    waiting_ones = [one for one in outbox.store.messages.values() if one.state is MessageState.WAITING]
    later = [(one.next_attempt_at - outbox.clock.now).total_seconds() for one in waiting_ones]
    return max(later, default=0.0) + 0.01


def test_a_message_that_is_never_taken_holds_the_others_up_for_a_minute_only(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_first(outbox)
    poison = outbox.put("hook", 4)[0]
    began = outbox.clock.now
    rounds(outbox, 4)
    assert outbox.sent("hook") == []
    outbox.deliver.deliver_due()
    assert outbox.sent("hook") == ["title 1", "title 2", "title 3"]
    assert (outbox.clock.now - began).total_seconds() < 60
    assert outbox.state(poison) is MessageState.WAITING
    # From now on nothing waits for it, and it is tried less and less often.
    asked = len(outbox.webhook.asked)
    for number in range(60):
        outbox.put("hook")
        outbox.deliver.deliver_due()
        assert len(outbox.sent("hook")) == 4 + number
        outbox.clock.advance(10)
    assert len(outbox.webhook.asked) - asked - 60 <= 6
    assert caplog.text.count("takes other messages, but not one") == 1
    outbox.webhook.while_sending = lambda *_: None
    outbox.clock.advance(1000)
    outbox.deliver.deliver_due()
    assert outbox.state(poison) is MessageState.SENT


def test_after_an_outage_of_the_channel_the_order_is_kept(outbox: Outbox) -> None:
    outbox.put("hook", 4)
    outbox.webhook.failing_channels["hook"] = AWAY
    rounds(outbox, 12)
    asked = len(outbox.webhook.asked)
    assert asked <= 24
    del outbox.webhook.failing_channels["hook"]
    outbox.deliver.deliver_due()
    assert outbox.sent("hook") == ["title 0", "title 1", "title 2", "title 3"]


def test_no_other_is_tried_where_the_channel_asked_to_be_left_alone(outbox: Outbox) -> None:
    outbox.put("hook", 2)
    outbox.webhook.next_answers.extend([ChannelFailed("slower", retry_after_s=30)] * 7)
    for number in range(1, 8):
        outbox.deliver.deliver_due()
        assert [one.text.title for _, one in outbox.webhook.asked] == ["title 0"] * number
        outbox.clock.advance(31)


def test_a_channel_that_is_down_does_not_keep_another_waiting(outbox: Outbox) -> None:
    outbox.put("a", 100)
    outbox.telegram.failing_channels["a"] = AWAY
    outbox.put("b", 2)
    assert outbox.deliver.deliver_due() == 3
    assert outbox.sent("b") == ["title 100", "title 101"]
    assert len(outbox.telegram.asked) == 3


def test_what_a_channel_asks_for_is_obeyed_for_all_its_messages(outbox: Outbox) -> None:
    outbox.put("a", 2)
    outbox.telegram.next_answers.append(ChannelFailed("slower", retry_after_s=90))
    outbox.deliver.deliver_due()
    outbox.clock.advance(89)
    outbox.put("a")
    assert outbox.deliver.deliver_due() == 0
    outbox.restarted().recover()
    assert outbox.deliver.deliver_due() == 0
    outbox.clock.advance(1)
    assert outbox.deliver.deliver_due() == 3
    assert outbox.sent("a") == ["title 0", "title 1", "title 2"]


def test_what_may_have_arrived_is_not_sent_again(outbox: Outbox) -> None:
    message = outbox.put("a")[0]
    outbox.telegram.next_answers.append(DOUBT)
    outbox.deliver.deliver_due()
    outbox.clock.advance(7200)
    assert outbox.deliver.deliver_due() == 0
    assert outbox.state(message) is MessageState.UNCERTAIN
    assert outbox.store.messages[message.message_id].last_error == "the connection ended"


def test_it_is_sent_again_where_the_other_side_can_tell(outbox: Outbox) -> None:
    message = outbox.put("hook")[0]
    outbox.webhook.next_answers.append(DOUBT)
    outbox.deliver.deliver_due()
    outbox.clock.advance(3)
    outbox.deliver.deliver_due()
    assert outbox.state(message) is MessageState.SENT
    assert {one.message_id for _, one in outbox.webhook.asked} == {message.message_id}


@pytest.mark.parametrize(
    "error",
    [ChannelFailed("no such chat", is_permanent=True), CapabilityMissing("install it", capability="x")],
)
def test_what_would_fail_again_is_given_up_and_the_next_goes_on(outbox: Outbox, error: Exception) -> None:
    messages = outbox.put("a", 2)
    outbox.telegram.next_answers.append(error)
    assert outbox.deliver.deliver_due() == 2
    assert [outbox.state(message) for message in messages] == [MessageState.FAILED, MessageState.SENT]
    assert outbox.store.messages[messages[0].message_id].picture is None


def test_a_broken_library_silences_nobody_and_tells_no_secret(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = outbox.put("a", 2)
    outbox.telegram.next_answers.append(ValueError("https://api/bot123:secret"))
    outbox.put("b")
    assert outbox.deliver.deliver_due() == 2
    assert outbox.state(first) is MessageState.UNCERTAIN
    outbox.clock.advance(5)
    outbox.deliver.deliver_due()
    assert outbox.state(second) is MessageState.SENT
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text + outbox.store.messages[first.message_id].last_error


def test_what_is_too_old_expires(outbox: Outbox) -> None:
    old = outbox.put("a")[0]
    outbox.clock.advance(6 * 3600)
    new = replace(waiting("a", 99, at=outbox.clock.now), next_attempt_at=outbox.clock.now)
    outbox.store.add_messages([new])
    outbox.deliver.deliver_due()
    assert [outbox.state(one) for one in (old, new)] == [MessageState.EXPIRED, MessageState.SENT]


def test_what_waits_for_a_resting_channel_expires_in_time(outbox: Outbox) -> None:
    message = outbox.put("a")[0]
    outbox.telegram.next_answers.append(ChannelFailed("tomorrow", retry_after_s=80_000))
    outbox.deliver.deliver_due()
    outbox.clock.advance(6 * 3600)
    assert outbox.deliver.deliver_due() == 0
    assert outbox.deliver.expire() == 1
    stored = outbox.store.messages[message.message_id]
    assert (stored.state, stored.last_error) == (MessageState.EXPIRED, "tomorrow")


def test_a_clock_that_was_years_ahead_leaves_nothing_behind(outbox: Outbox) -> None:
    outbox.clock.advance(900 * 86_400)
    ahead = waiting("a", 1, at=outbox.clock.now)
    outbox.store.add_messages([ahead])
    outbox.telegram.next_answers.append(AWAY)
    outbox.clock.advance(1)
    outbox.deliver.deliver_due()
    outbox.clock.advance(-900 * 86_400)
    outbox.deliver.expire()
    outbox.deliver.deliver_due()
    assert outbox.state(ahead) is MessageState.SENT


def test_a_channel_that_is_switched_off_takes_nothing(outbox: Outbox) -> None:
    message = outbox.put("a")[0]
    outbox.store.save_channel(channel("a", is_enabled=False))
    outbox.deliver.deliver_due()
    assert (outbox.state(message), outbox.telegram.asked) == (MessageState.FAILED, [])


def test_a_deleted_channel_takes_its_messages_along(outbox: Outbox) -> None:
    outbox.put("a")
    outbox.store.delete_channel("a")
    late = outbox.put("a")[0]  # raised at that moment
    assert outbox.deliver.deliver_due() == 0
    outbox.deliver.tidy()
    assert outbox.state(late) is MessageState.FAILED


def test_a_new_token_is_used_for_the_next_message(outbox: Outbox) -> None:
    outbox.put("a", 2)

    def renew(_: AlertChannel, message: OutboxMessage) -> None:
        outbox.store.save_channel(channel("a", secrets={"token": "new"}))

    outbox.telegram.while_sending = renew
    outbox.deliver.deliver_due()
    assert [one.secrets["token"] for one in outbox.telegram.channels][1] == "new"


def test_a_person_forgotten_while_it_is_sent_does_not_come_back(outbox: Outbox) -> None:
    about = replace(waiting("a", 1), subject_id="alice")
    also = replace(waiting("a", 2), subject_id="alice")
    outbox.store.add_messages([about, also])

    def forget(*_: object) -> None:
        outbox.store.forget_subjects(["alice"])

    outbox.telegram.while_sending = forget
    assert outbox.deliver.deliver_due() == 1
    assert outbox.store.messages == {}


def test_after_a_crash_what_was_being_sent_is_in_doubt(outbox: Outbox) -> None:
    message, hooked = outbox.put("a")[0], outbox.put("hook")[0]

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    for sender in (outbox.telegram, outbox.webhook):
        sender.while_sending = crash
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver.deliver_due()
        sender.while_sending = lambda *_: None
        outbox.telegram.while_sending = lambda *_: None
    outbox.restarted().recover()
    outbox.deliver.deliver_due()
    assert [outbox.state(one) for one in (message, hooked)] == [MessageState.UNCERTAIN, MessageState.SENT]
    assert len(outbox.telegram.asked) == 1


def test_nothing_is_sent_that_cannot_be_written_down(outbox: Outbox) -> None:
    outbox.put("a", 2)

    def break_store(*_: object) -> None:
        outbox.store.is_broken = True

    outbox.telegram.while_sending = break_store
    with pytest.raises(StoreFailed):
        outbox.deliver.deliver_due()
    with pytest.raises(StoreFailed):
        outbox.deliver.deliver_due()
    assert len(outbox.telegram.asked) == 1
    outbox.telegram.while_sending = lambda *_: None
    outbox.store.is_broken = False
    outbox.deliver.deliver_due()
    assert outbox.sent("a") == ["title 0", "title 1"]


def test_an_outage_is_logged_once(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    outbox.put("a", 3)
    outbox.telegram.next_answers.extend([AWAY] * 3)
    with caplog.at_level(logging.INFO):
        for _ in range(10):
            outbox.deliver.deliver_due()
            outbox.clock.advance(20)
    assert [record.getMessage() for record in caplog.records] == [
        "channel a (telegram) failed, alerts wait: the network is away",
        "channel a (telegram) works again",
    ]


def test_what_is_finished_is_forgotten_after_its_time(outbox: Outbox) -> None:
    outbox.put("a")
    outbox.deliver.deliver_due()
    outbox.clock.advance(29 * 86_400)
    outbox.deliver.tidy()
    assert outbox.store.messages
    outbox.clock.advance(2 * 86_400)
    assert outbox.deliver.tidy() == 1
    assert not outbox.store.messages


answers = st.sampled_from(
    [
        None,
        None,
        AWAY,
        DOUBT,
        ChannelFailed("no", is_permanent=True),
        ChannelFailed("slow", retry_after_s=40),
        ValueError("bug"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    answers=st.lists(answers, max_size=20),
    steps=st.lists(
        st.sampled_from(["put a", "put b", "put hook", "wait", "restart", "crash", "break"]), max_size=25
    ),
)
def test_nobody_is_told_twice_and_everybody_in_order(
    answers: list[Exception | None], steps: list[str]
) -> None:
    outbox = Outbox()
    outbox.telegram.next_answers.extend(answers)
    arrived: list[str] = []

    def arrive_and_crash(_: AlertChannel, message: OutboxMessage) -> None:
        arrived.append(message.message_id)
        raise KeyboardInterrupt

    for step in steps:
        if step.startswith("put"):
            message = waiting(step.split()[1], len(outbox.store.messages), at=outbox.clock.now)
            outbox.store.add_messages([message])
            outbox.clock.advance(0.5)
        elif step == "wait":
            outbox.clock.advance(45)
        elif step == "restart":
            outbox.restarted().recover()
        outbox.store.is_broken = step == "break"
        outbox.telegram.while_sending = arrive_and_crash if step == "crash" else lambda *_: None
        try:
            outbox.deliver.deliver_due()
        except StoreFailed:
            assert outbox.store.is_broken
        except KeyboardInterrupt:
            outbox.restarted().recover()
        outbox.store.is_broken = False
    outbox.telegram.next_answers.clear()
    outbox.telegram.while_sending = lambda *_: None
    outbox.clock.advance(1200)
    outbox.deliver.deliver_due()
    assert all(message.state in FINAL_STATES for message in outbox.store.messages.values())
    for channel_id in ("a", "b", "hook"):
        sent = [int(title.split()[1]) for title in outbox.sent(channel_id)]
        assert len(sent) == len(set(sent))
        attempts = [one.attempt_count for one in outbox.store.messages.values()]
        # One that failed so often may be passed.
        assert sent == sorted(sent) or max(attempts) >= 5
    doubtful = {
        message.message_id
        for message in outbox.store.messages.values()
        if message.state is MessageState.UNCERTAIN
    }
    taken = {message.message_id for _, message in outbox.telegram.sent}
    assert not doubtful & taken
    assert not taken & set(arrived)
    assert len(arrived) == len(set(arrived))


def wait_until(is_so: object, timeout_s: float = 5.0) -> None:
    ends_at = time.monotonic() + timeout_s
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.005)


def test_a_slow_kind_does_not_delay_the_others_and_the_end_is_bounded() -> None:
    outbox = Outbox()
    hangs, may_go_on = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        hangs.set()
        assert may_go_on.wait(10)

    outbox.telegram.while_sending = hang
    outbox.put("a")
    stop = threading.Event()
    runner = threading.Thread(target=outbox.deliver.run, args=(stop,))
    runner.start()
    try:
        assert hangs.wait(5)
        outbox.put("hook")
        outbox.deliver.wake()
        wait_until(lambda: outbox.sent("hook"))
        assert outbox.sent("a") == []
    finally:
        may_go_on.set()
        stop.set()
        runner.join(5)
    assert not runner.is_alive()
    assert outbox.sent("a") == ["title 0"]


def test_the_loop_outlives_a_store_that_goes_and_comes(caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox()
    outbox.store.is_broken = True
    stop = threading.Event()
    runner = threading.Thread(target=outbox.deliver.run, args=(stop,))
    runner.start()
    try:
        wait_until(lambda: "the disk is full" in caplog.text)
        outbox.store.is_broken = False
        outbox.put("a")
        outbox.deliver.wake()
        wait_until(lambda: outbox.sent("a"))
        outbox.store.is_broken = True
        wait_until(lambda: "alerts by telegram wait" in caplog.text)
        outbox.store.is_broken = False
        outbox.put("b")
        wait_until(lambda: outbox.sent("b"))
    finally:
        stop.set()
        runner.join(5)
    assert not runner.is_alive()
    assert sum("alerts by telegram wait" in one.getMessage() for one in caplog.records) <= 2


def test_what_was_being_sent_on_a_channel_that_is_gone_is_uncertain(outbox: Outbox) -> None:
    gone, unusable = outbox.put("a")[0], outbox.put("mqtt")[0]
    outbox.store.add_channel(channel("mqtt", ChannelKind.MQTT))
    for message in (gone, unusable):
        outbox.store.save_message(replace(message, state=MessageState.SENDING, attempt_count=1))
    outbox.store.delete_channel("a")
    outbox.restarted().recover()
    for message in (gone, unusable):
        stored = outbox.store.messages[message.message_id]
        assert (stored.state, stored.finished_at) == (MessageState.UNCERTAIN, outbox.clock.now)
        assert stored.last_error.startswith("the server ended")
    assert outbox.deliver.deliver_due() == 0
