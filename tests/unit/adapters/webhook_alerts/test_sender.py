"""Signed JSON to a real receiver, and what its answers mean."""

import base64
import hashlib
import hmac
import logging
import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.contracts.alert_senders import JPEG, LOOPBACK, make_channel, make_message
from tests.contracts.certificates import certificate_for
from tests.contracts.webhook_receivers import Reply, WebhookReceiver, webhook_receiver

from facegate.adapters.webhook_alerts import WebhookAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.errors import ChannelFailed, InvalidInput, NotPermitted

KEY = "a-key-to-sign-with"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as opened:
        yield opened


@pytest.fixture
def sender() -> WebhookAlerts:
    return WebhookAlerts(2.0, LOOPBACK)


def channel_to(url: str, signing_key: str = KEY, **options: str) -> AlertChannel:
    return make_channel(ChannelKind.WEBHOOK, options, {"url": url, "signing_key": signing_key})


def fail(sender: WebhookAlerts, channel: AlertChannel) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as failed:
        sender.send(channel, make_message())
    told = "".join(traceback.format_exception(failed.value))
    assert channel.secrets["url"] not in told
    return failed.value


def test_the_receiver_can_check_the_signature(receiver: WebhookReceiver, sender: WebhookAlerts) -> None:
    message = make_message("Älice 🚪", band="match", confidence=0.91)
    sender.send(channel_to(receiver.url("/hook?x=1")), message)
    (request,) = receiver.received
    assert request.path == "/hook?x=1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["x-facegate-delivery"] == message.message_id
    stamped, _, mac = request.headers["x-facegate-signature"].partition(",v1=")
    at = stamped.removeprefix("t=")
    assert abs(int(at) - time.time()) < 5
    expected = hmac.new(KEY.encode(), f"{at}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, expected)
    content = request.json()
    assert "picture" not in content
    assert content["title"] == "Älice 🚪"
    assert content["facts"]["confidence"] == 0.91
    assert (content["id"], content["kind"]) == (message.message_id, "seen")
    assert (content["camera_id"], content["subject_id"], content["event_id"]) == ("cam1", "alice", "e1")


def test_a_picture_only_where_it_is_wanted(receiver: WebhookReceiver, sender: WebhookAlerts) -> None:
    sender.send(channel_to(receiver.url(), picture="true"), make_message())
    picture = receiver.received[0].json()["picture"]
    assert base64.b64decode(picture["base64"]) == JPEG
    assert picture["content_type"] == "image/jpeg"


def test_without_a_key_nothing_is_signed(receiver: WebhookReceiver, sender: WebhookAlerts) -> None:
    sender.send(channel_to(receiver.url(), signing_key=""), make_message())
    assert "x-facegate-signature" not in receiver.received[0].headers


def test_user_and_password_of_the_address_are_sent(receiver: WebhookReceiver, sender: WebhookAlerts) -> None:
    url = receiver.url().replace("://", "://ga%40te:p%3Aw@")
    sender.send(channel_to(url), make_message())
    expected = "Basic " + base64.b64encode(b"ga@te:p:w").decode()
    assert receiver.received[0].headers["authorization"] == expected


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_taken(receiver: WebhookReceiver, sender: WebhookAlerts, status: int) -> None:
    receiver.replies.append(Reply(status))
    sender.send(channel_to(receiver.url()), make_message())


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 413, 422])
def test_what_would_fail_again_is_final(
    receiver: WebhookReceiver, sender: WebhookAlerts, status: int
) -> None:
    receiver.replies.append(Reply(status, {"Location": receiver.url("/elsewhere")}))
    assert fail(sender, channel_to(receiver.url())).is_permanent
    assert [request.path for request in receiver.received] == ["/alerts"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(receiver: WebhookReceiver, sender: WebhookAlerts, status: int) -> None:
    receiver.replies.append(Reply(status))
    failure = fail(sender, channel_to(receiver.url()))
    assert not failure.is_permanent
    assert failure.retry_after_s is None


@pytest.mark.parametrize(
    ("text", "at_least_s", "at_most_s"),
    [
        ("17", 17, 17),
        ("in an hour", 3500, 3600),
        ("an hour ago", 0, 0),
        ("1e9", 86_400, 86_400),
    ],
)
def test_retry_after_is_obeyed(
    receiver: WebhookReceiver, sender: WebhookAlerts, text: str, at_least_s: float, at_most_s: float
) -> None:
    # Dates count from now, and not from when the tests were collected.
    hours = {"in an hour": 1, "an hour ago": -1}.get(text)
    said = text if hours is None else format_datetime(datetime.now(UTC) + timedelta(hours=hours))
    receiver.replies.append(Reply(503, {"Retry-After": said}))
    retry_after_s = fail(sender, channel_to(receiver.url())).retry_after_s
    assert retry_after_s is not None
    assert at_least_s <= retry_after_s <= at_most_s


@pytest.mark.parametrize("text", ["soon", "nan", ""])
def test_a_retry_after_that_says_nothing(receiver: WebhookReceiver, sender: WebhookAlerts, text: str) -> None:
    receiver.replies.append(Reply(429, {"Retry-After": text}))
    assert fail(sender, channel_to(receiver.url())).retry_after_s is None


@pytest.mark.parametrize("word", ["hangs", "resets", "drips"])
def test_no_answer_may_have_arrived_and_ends_in_time(receiver: WebhookReceiver, word: str) -> None:
    receiver.replies.append(Reply(word=word))
    started_s = time.monotonic()
    failure = fail(WebhookAlerts(1.0, LOOPBACK), channel_to(receiver.url()))
    assert time.monotonic() - started_s < 2.5
    assert failure.may_have_arrived
    assert not failure.is_permanent


def test_a_large_body_that_is_not_read_did_not_arrive(receiver: WebhookReceiver) -> None:
    receiver.replies.append(Reply(word="hangs before body"))
    channel = channel_to(receiver.url(), picture="true")
    with pytest.raises(ChannelFailed) as failed:
        WebhookAlerts(1.0, LOOPBACK).send(channel, make_message(picture=JPEG + bytes(20_000_000)))
    assert not failed.value.may_have_arrived


def test_a_long_answer_is_not_read(receiver: WebhookReceiver, sender: WebhookAlerts) -> None:
    receiver.replies.append(Reply(200, {"Content-Length": str(2**40)}, b"x" * 100_000))
    sender.send(channel_to(receiver.url()), make_message())


def test_nothing_of_it_is_logged(
    receiver: WebhookReceiver, sender: WebhookAlerts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.replies.append(Reply(200, body=b"what the receiver says"))
    sender.send(channel_to(receiver.url("/k3y-in-the-path")), make_message())
    assert "k3y-in-the-path" not in caplog.text
    assert KEY not in caplog.text
    assert "what the receiver says" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://LOCALHOST.:9/",
        "http://sub.localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
    ],
)
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(NotPermitted):
        WebhookAlerts(2.0).check(channel_to(url))
    assert fail(WebhookAlerts(2.0), channel_to(url)).is_permanent


@pytest.mark.parametrize("url", ["http://192.168.1.5/hook", "https://10.1.2.3:8443/", "http://[fd12::1]/"])
def test_the_operators_own_network_is_allowed(url: str) -> None:
    WebhookAlerts(2.0).check(channel_to(url))


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x/", "file:///etc/passwd", "http://", "http://a b/", "http://x:99999/", "//x/", "x" * 3000],
)
def test_what_is_no_address_is_refused_by_field(sender: WebhookAlerts, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        sender.check(channel_to(url))
    assert refused.value.field == "url"


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def rebinding(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        # First an address that may be used, and at once another that may not.
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, receiver.port))]

    monkeypatch.setattr("facegate.adapters.webhook_alerts.target.socket.getaddrinfo", _only_for(rebinding))
    sender = WebhookAlerts(2.0, LOOPBACK)
    sender.send(channel_to(f"http://rebinding.test:{receiver.port}/"), make_message())
    assert asked == ["rebinding.test"]
    assert receiver.received[0].headers["host"] == f"rebinding.test:{receiver.port}"
    assert "link-local" in fail(sender, channel_to(f"http://rebinding.test:{receiver.port}/")).message


def _only_for(answer: object, original: object = socket.getaddrinfo) -> object:
    """The socket module is one for all: only the name of the test is answered otherwise."""

    def look_up(host: str, *rest: object, **named: object) -> object:
        found = answer if host == "rebinding.test" else original
        return found(host, *rest, **named)  # type: ignore[operator]

    return look_up


def test_certificates_are_held_against_the_name(tmp_path: Path) -> None:
    paths = certificate_for("localhost", tmp_path)
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(*paths)
    trusting = ssl.create_default_context(cafile=str(paths[0]))
    with webhook_receiver(server_tls) as receiver:
        WebhookAlerts(3.0, LOOPBACK, trusting).send(
            channel_to(receiver.url(host="localhost")), make_message()
        )
        assert len(receiver.received) == 1
        for sender, host in (
            (WebhookAlerts(3.0, LOOPBACK, trusting), "127.0.0.1"),
            (WebhookAlerts(3.0, LOOPBACK), "localhost"),
        ):
            failure = fail(sender, channel_to(receiver.url(host=host)))
            assert "certificate" in failure.message
            assert not failure.may_have_arrived
        assert len(receiver.received) == 1
