"""What every sender of alerts does, each against a real other side."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest
from tests.contracts.alert_senders import (
    SENDER_KINDS,
    SenderKind,
    SenderSetup,
    closed_to_inside,
    make_channel,
    make_message,
)

from facegate.domain.alerts.messages import AlertKind
from facegate.domain.errors import ChannelFailed, FacegateError, InvalidInput, NotPermitted

LED_INSIDE = [kind for kind in SENDER_KINDS if kind.inside is not None]
REFUSING = [kind for kind in SENDER_KINDS if kind.name != "mqtt"]
"""What a broker refuses has tests of its own: it takes one with a list of who may what."""


@pytest.fixture(params=SENDER_KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> SenderKind:
    found: SenderKind = request.param
    return found


@pytest.fixture
def setup(kind: SenderKind) -> Iterator[SenderSetup]:
    with kind.opened() as opened:
        yield opened


def wait_until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.02)


def assert_says_no_secret(error: BaseException, secret: str) -> None:
    told = "".join(traceback.format_exception(error)) + repr(error)
    assert secret not in told
    assert secret.partition(":")[2] not in told or ":" not in secret


def test_messages_arrive_with_and_without_a_picture(setup: SenderSetup) -> None:
    setup.sender.check(setup.channel)
    setup.sender.send(setup.channel, make_message("Alice at Gate"))
    setup.sender.send(setup.channel, make_message("Somebody unknown at Gate", picture=None))
    wait_until(lambda: len(setup.titles()) == 2)
    first, second = setup.titles()
    assert first.startswith("Alice at Gate")
    assert second.startswith("Somebody unknown at Gate")


def test_other_kinds_of_alerts_are_taken_too(setup: SenderSetup) -> None:
    kinds = (AlertKind.CAMERA_DOWN, AlertKind.DIGEST, AlertKind.TEST)
    for count, alert_kind in enumerate(kinds, start=1):
        setup.sender.send(setup.channel, make_message(alert_kind.value, kind=alert_kind, picture=None))
        wait_until(lambda count=count: len(setup.titles()) == count)  # type: ignore[misc]
    assert [title.partition("\n")[0] for title in setup.titles()] == [one.value for one in kinds]


def test_any_text_goes_through(setup: SenderSetup) -> None:
    title = "*Ali_ce* <b>&amp; Ü 🧑‍🚀 \u202e"
    body = "line one\nline two\t\x01 \ud83d " + "long " * 2000
    setup.sender.send(setup.channel, make_message(title, body))
    wait_until(lambda: len(setup.titles()) == 1)
    assert setup.titles()[0].startswith("*Ali_ce* <b>&amp; Ü 🧑‍🚀")


def test_a_channel_without_anything_is_refused_and_never_tried_again(setup: SenderSetup) -> None:
    empty = make_channel(setup.sender.kind, {}, {})
    with pytest.raises(InvalidInput) as refused:
        setup.sender.check(empty)
    assert refused.value.field
    with pytest.raises(ChannelFailed) as failed:
        setup.sender.send(empty, make_message())
    assert failed.value.is_permanent
    assert not failed.value.may_have_arrived


def test_what_cannot_be_reached_did_not_arrive_and_can_be_tried_again(
    kind: SenderKind, caplog: pytest.LogCaptureFixture
) -> None:
    sender, channel = kind.strict(), kind.unreachable()
    caplog.set_level(logging.DEBUG)
    try:
        started_s = time.monotonic()
        with pytest.raises(ChannelFailed) as failed:
            sender.send(channel, make_message())
        assert time.monotonic() - started_s < 8
    finally:
        sender.close()
    assert not failed.value.is_permanent
    assert not failed.value.may_have_arrived
    assert_says_no_secret(failed.value, kind.secret)
    assert kind.secret not in caplog.text
    assert kind.secret not in repr(channel)


@pytest.mark.parametrize("refusing", REFUSING, ids=str)
def test_a_refusal_is_final_and_tells_no_secret(
    refusing: SenderKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with refusing.opened() as setup:
        assert setup.refuse_next is not None
        setup.refuse_next()
        with pytest.raises(ChannelFailed) as failed:
            setup.sender.send(setup.channel, make_message())
        assert failed.value.is_permanent
        assert not failed.value.may_have_arrived
        assert_says_no_secret(failed.value, refusing.secret)
        assert refusing.secret not in caplog.text
        setup.sender.send(setup.channel, make_message("Bob at Gate"))
        wait_until(lambda: any(title.startswith("Bob at Gate") for title in setup.titles()))


@pytest.mark.parametrize("inward", LED_INSIDE, ids=str)
def test_what_leads_inside_is_refused_unless_allowed(inward: SenderKind) -> None:
    assert inward.inside is not None
    sender = closed_to_inside(inward)
    with pytest.raises(NotPermitted, match="FACEGATE_ALERTS__ALLOWED_PLACES=loopback") as refused:
        sender.check(inward.inside)
    assert_says_no_secret(refused.value, inward.secret)
    with pytest.raises(ChannelFailed, match="FACEGATE_ALERTS__ALLOWED_PLACES") as failed:
        sender.send(inward.inside, make_message())
    assert failed.value.is_permanent
    sender.close()


def test_several_threads_send_at_once(setup: SenderSetup) -> None:
    failures: list[FacegateError] = []

    def send(number: int) -> None:
        try:
            setup.sender.send(setup.channel, make_message(f"number {number}"))
        except FacegateError as error:
            failures.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    wait_until(lambda: len(setup.titles()) == 3)
    assert {title.partition("\n")[0] for title in setup.titles()} == {"number 0", "number 1", "number 2"}


def test_what_is_deleted_is_no_failure_and_no_end(setup: SenderSetup) -> None:
    setup.sender.forget_subjects(["alice"])
    setup.sender.send(setup.channel, make_message("Alice at Gate"))
    setup.sender.forget_subjects(["alice", "bob"])
    setup.sender.forget_subjects([])
    setup.sender.drop_camera("cam1")
    setup.sender.drop_camera("never told of")
    setup.sender.drop_channel(make_channel(setup.sender.kind, {}, {}))
    setup.sender.send(setup.channel, make_message("Carol at Gate"))
    setup.sender.drop_channel(setup.channel)
    setup.sender.drop_channel(setup.channel)
    setup.sender.send(setup.channel, make_message("Dave at Gate"))
    wait_until(lambda: len(setup.titles()) == 3)


def test_nothing_is_kept_open_for_what_is_deleted_while_the_other_side_is_away(kind: SenderKind) -> None:
    sender, channel = kind.strict(), kind.unreachable()
    started_s = time.monotonic()
    sender.forget_subjects(["alice"])
    sender.drop_camera("cam1")
    sender.drop_channel(channel)
    sender.close()
    sender.forget_subjects(["alice"])
    sender.drop_camera("cam1")
    sender.drop_channel(channel)
    assert time.monotonic() - started_s < 1


def test_it_can_be_closed_twice(setup: SenderSetup) -> None:
    setup.sender.send(setup.channel, make_message())
    setup.sender.close()
    setup.sender.close()
