"""Ways to tell people: Telegram, a webhook, MQTT, and whatever Apprise knows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ChannelKind(StrEnum):
    """What a channel speaks."""

    TELEGRAM = "telegram"
    WEBHOOK = "webhook"
    MQTT = "mqtt"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True)
class AlertChannel:
    """One way to tell somebody.

    `options` may be shown: `chat_id` (Telegram); `url` without its secrets (webhook); `host`, `port`,
    `user`, `tls`, `topic_prefix`, `discovery_prefix` (MQTT). `secrets` are stored encrypted and never shown
    again: `token` (Telegram); `url`, `signing_key` (webhook); `password` (MQTT); `url` (Apprise). With
    `has_lost_secrets` they could not be read from where they are kept and have to be entered again.
    """

    channel_id: str
    kind: ChannelKind
    name: str
    options: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    is_enabled: bool
    created_at: datetime
    has_lost_secrets: bool = False


def new_channel_id() -> str:
    """A generated id, unique across nodes."""
    return uuid.uuid4().hex[:16]


def masked_secret(secret: str) -> str:
    """The last four characters of a long secret, nothing of a short one; what is masked stays as it is."""
    if secret.startswith("…") and len(secret) <= 5:
        return secret
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


@dataclass(frozen=True, slots=True)
class TelegramChat:
    """A chat that a bot has heard of lately."""

    chat_id: str
    title: str
    kind: str
    """`private`, `group`, `supergroup` or `channel`."""
