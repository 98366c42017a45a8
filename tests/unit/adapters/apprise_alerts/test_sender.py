"""Apprise with a real receiver behind its json:// service, and what its plugins may not do."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.alert_senders import JPEG, LOOPBACK, make_channel, make_message
from tests.contracts.webhook_receivers import Reply, WebhookReceiver, webhook_receiver

from facegate.adapters.apprise_alerts import AppriseAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.errors import ChannelFailed, InvalidInput, NotPermitted


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as opened:
        yield opened


@pytest.fixture
def sender() -> AppriseAlerts:
    return AppriseAlerts(8.0, LOOPBACK)


def channel_to(url: str) -> AlertChannel:
    return make_channel(ChannelKind.APPRISE, {}, {"url": url})


def to(receiver: WebhookReceiver, query: str = "") -> AlertChannel:
    return channel_to(f"json://127.0.0.1:{receiver.port}/alerts{query}")


def fail(sender: AppriseAlerts, channel: AlertChannel) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as failed:
        sender.send(channel, make_message())
    return failed.value


def test_title_words_and_picture_arrive(receiver: WebhookReceiver, sender: AppriseAlerts) -> None:
    sender.send(to(receiver), make_message("Älice <b> at Gate", "Seen & heard."))
    content = receiver.received[0].json()
    assert content["title"] == "Älice <b> at Gate"
    assert content["message"] == "Seen & heard."
    (attached,) = content["attachments"]
    assert base64.b64decode(attached["base64"]) == JPEG
    assert attached["mimetype"] == "image/jpeg"


@pytest.mark.parametrize(
    ("reply", "is_permanent", "may_have_arrived", "retry_after_s"),
    [
        (Reply(404), True, False, None),
        (Reply(302, {"Location": "http://127.0.0.1:9/"}), True, False, None),
        (Reply(429, {"Retry-After": "9"}), False, False, 9.0),
        (Reply(500), False, False, None),
        (Reply(502), False, True, None),
        (Reply(word="resets"), False, True, None),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_what_failures_mean(
    receiver: WebhookReceiver,
    sender: AppriseAlerts,
    reply: Reply,
    is_permanent: bool,
    may_have_arrived: bool,
    retry_after_s: float | None,
) -> None:
    receiver.replies.append(reply)
    failure = fail(sender, to(receiver, "?retry=3&wait=0&optional=yes&redirect=yes"))
    assert (failure.is_permanent, failure.may_have_arrived) == (is_permanent, may_have_arrived)
    assert failure.retry_after_s == retry_after_s
    assert len(receiver.received) == 1


def test_a_service_that_hangs_is_left_in_time(receiver: WebhookReceiver) -> None:
    receiver.replies.append(Reply(word="hangs"))
    started_s = time.monotonic()
    failure = fail(AppriseAlerts(3.0, LOOPBACK), to(receiver, "?rto=600&cto=600"))
    assert time.monotonic() - started_s < 4.0
    assert failure.may_have_arrived


@pytest.mark.parametrize(
    "url",
    ["", "hello", "no-such-service://x", "json://", "tgram://x y/1", "https://example.org/x", "json:/x"],
)
def test_what_apprise_does_not_know_is_refused_by_field(sender: AppriseAlerts, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        sender.check(channel_to(url))
    assert refused.value.field == "url"


@pytest.mark.parametrize("scheme", ["dbus", "qt", "gnome", "windows", "macosx", "SysLog", "file", "blink1"])
def test_what_acts_on_the_server_is_refused(sender: AppriseAlerts, scheme: str) -> None:
    with pytest.raises(NotPermitted):
        sender.check(channel_to(f"{scheme}://"))


@pytest.mark.parametrize(
    "url",
    [
        "json://2130706433:{port}/",
        "mqtt://0x7f000001:{port}/topic",
        "mailto://user:pw@example.org?smtp=0x7f000001&port={port}&mode=insecure",
        "rsyslog://0x7f000001:{port}/",
    ],
)
def test_ways_inside_are_fenced_where_they_are_taken(receiver: WebhookReceiver, url: str) -> None:
    failure = fail(AppriseAlerts(8.0), channel_to(url.format(port=receiver.port)))
    assert "FACEGATE_ALERTS__ALLOWED_PLACES=loopback" in failure.message
    assert failure.is_permanent
    assert receiver.received == []


def test_files_of_the_server_are_not_read(tmp_path: Path, sender: AppriseAlerts) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"type": "service_account", "project_id": "p", "private_key": "x"}))
    failure = fail(sender, channel_to(f"fcm://project/device/?keyfile={key}"))
    assert "files of the server" in failure.message
    assert failure.is_permanent


def test_nothing_is_started_after_closing(receiver: WebhookReceiver, sender: AppriseAlerts) -> None:
    sender.close()
    assert not fail(sender, to(receiver)).may_have_arrived
    assert receiver.received == []
