"""Every sender with a real other side: Telegram's API, a webhook, a broker, and Apprise to a webhook."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.bot_api.server import CHAT_ID, TOKEN, Fault, bot_api
from tests.contracts.mqtt_brokers import broker_place, listening, new_prefix, require_mqtt
from tests.contracts.webhook_receivers import Reply, refused_port, webhook_receiver

from facegate.adapters.apprise_alerts import AppriseAlerts
from facegate.adapters.mqtt_alerts import MqttAlerts
from facegate.adapters.telegram_alerts import TelegramAlerts
from facegate.adapters.webhook_alerts import WebhookAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind, new_channel_id
from facegate.domain.alerts.messages import AlertKind, AlertText, OutboxMessage
from facegate.domain.cameras.sources import InsidePlace
from facegate.ports.alerts.alert_sender import AlertSender

LOOPBACK = frozenset({InsidePlace.LOOPBACK})
TIMEOUT_S = 5.0
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\xff\xd9"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def make_channel(kind: ChannelKind, options: Mapping[str, str], secrets: Mapping[str, str]) -> AlertChannel:
    return AlertChannel(new_channel_id(), kind, "to test", options, secrets, True, NOW)


def make_message(
    title: str = "Alice at Gate",
    body: str = "Alice was seen at Gate.",
    kind: AlertKind = AlertKind.SEEN,
    picture: bytes | None = JPEG,
    **facts: object,
) -> OutboxMessage:
    message_id = uuid.uuid4().hex
    return OutboxMessage(
        message_id=message_id,
        channel_id="c1",
        kind=kind,
        text=AlertText(title, body, {"camera": "Gate", "name": "Alice", "at": NOW.isoformat(), **facts}),
        dedup_key=message_id,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=6),
        next_attempt_at=NOW,
        event_id="e1",
        camera_id="cam1",
        subject_id="alice",
        picture=picture,
    )


@dataclass(frozen=True)
class SenderSetup:
    """A sender with its other side. `titles` are the messages that arrived, each as text with its title.

    `refuse_next` makes the other side refuse the next message for good; None where it never does so.
    """

    sender: AlertSender
    channel: AlertChannel
    titles: Callable[[], list[str]]
    refuse_next: Callable[[], None] | None


@dataclass(frozen=True)
class SenderKind:
    """`unreachable` leads to a port on which nobody listens; `inside` leads to loopback by name."""

    name: str
    opened: Callable[[], AbstractContextManager[SenderSetup]]
    strict: Callable[[], AlertSender]
    unreachable: Callable[[], AlertChannel]
    inside: AlertChannel | None
    secret: str

    def __str__(self) -> str:
        return self.name


@contextmanager
def _telegram() -> Iterator[SenderSetup]:
    with bot_api() as api:
        sender = TelegramAlerts(api.url, TIMEOUT_S)
        channel = make_channel(ChannelKind.TELEGRAM, {"chat_id": CHAT_ID}, {"token": TOKEN})
        try:
            yield SenderSetup(
                sender,
                channel,
                lambda: [message.text for message in api.sent],
                lambda: api.faults.append(Fault.BLOCKED),
            )
        finally:
            sender.close()


@contextmanager
def _webhook() -> Iterator[SenderSetup]:
    with webhook_receiver() as receiver:
        sender = WebhookAlerts(TIMEOUT_S, LOOPBACK)
        channel = make_channel(
            ChannelKind.WEBHOOK,
            {"picture": "true"},
            {"url": receiver.url(f"/alerts/{_KEY}"), "signing_key": _KEY},
        )
        yield SenderSetup(
            sender,
            channel,
            lambda: [one.json()["title"] for one in receiver.received],
            lambda: receiver.replies.append(Reply(404)),
        )
        sender.close()


@contextmanager
def _mqtt() -> Iterator[SenderSetup]:
    require_mqtt()
    host, port = broker_place()
    prefix, discovery = new_prefix(), new_prefix()
    with listening(host, port, f"{prefix}/#", f"{discovery}/#") as ear:
        sender = MqttAlerts(TIMEOUT_S, LOOPBACK)
        options = {"host": host, "port": str(port), "topic_prefix": prefix, "discovery_prefix": discovery}
        try:
            yield SenderSetup(
                sender,
                make_channel(ChannelKind.MQTT, options, {}),
                lambda: [
                    json.loads(payload)["title"] for payload in ear.payloads(f"{prefix}/cameras/cam1/event")
                ],
                None,
            )
        finally:
            sender.close()


@contextmanager
def _apprise() -> Iterator[SenderSetup]:
    with webhook_receiver() as receiver:
        sender = AppriseAlerts(TIMEOUT_S * 2, LOOPBACK)
        url = f"json://gate:{_KEY}@127.0.0.1:{receiver.port}/alerts"
        yield SenderSetup(
            sender,
            make_channel(ChannelKind.APPRISE, {}, {"url": url}),
            lambda: [one.json()["title"] for one in receiver.received],
            lambda: receiver.replies.append(Reply(403)),
        )
        sender.close()


_KEY = "s3cret-" + "k" * 24


def _mqtt_channel(host: str, port: int) -> AlertChannel:
    options = {"host": host, "port": str(port), "user": "gate"}
    return make_channel(ChannelKind.MQTT, options, {"password": _KEY})


SENDER_KINDS = (
    SenderKind(
        "telegram",
        _telegram,
        lambda: TelegramAlerts(f"http://127.0.0.1:{refused_port()}", 2.0),
        lambda: make_channel(ChannelKind.TELEGRAM, {"chat_id": CHAT_ID}, {"token": TOKEN}),
        None,
        TOKEN,
    ),
    SenderKind(
        "webhook",
        _webhook,
        lambda: WebhookAlerts(2.0, LOOPBACK),
        lambda: make_channel(
            ChannelKind.WEBHOOK, {}, {"url": f"http://127.0.0.1:{refused_port()}/{_KEY}", "signing_key": _KEY}
        ),
        make_channel(ChannelKind.WEBHOOK, {}, {"url": f"http://localhost:9/{_KEY}"}),
        _KEY,
    ),
    SenderKind(
        "mqtt",
        _mqtt,
        lambda: MqttAlerts(1.0, LOOPBACK),
        lambda: _mqtt_channel("127.0.0.1", refused_port()),
        _mqtt_channel("localhost", 9),
        _KEY,
    ),
    SenderKind(
        "apprise",
        _apprise,
        lambda: AppriseAlerts(6.0, LOOPBACK),
        lambda: make_channel(
            ChannelKind.APPRISE, {}, {"url": f"json://gate:{_KEY}@127.0.0.1:{refused_port()}/"}
        ),
        make_channel(ChannelKind.APPRISE, {}, {"url": f"json://gate:{_KEY}@localhost:9/"}),
        _KEY,
    ),
)


def closed_to_inside(kind: SenderKind) -> AlertSender:
    """The same sender where the operator allows nothing inside."""
    senders: dict[str, Callable[[], AlertSender]] = {
        "webhook": lambda: WebhookAlerts(2.0),
        "mqtt": lambda: MqttAlerts(2.0),
        "apprise": lambda: AppriseAlerts(6.0),
    }
    return senders[kind.name]()
