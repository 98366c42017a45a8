"""What is told, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlertKind(StrEnum):
    """Why something is told."""

    SEEN = "seen"
    LEFT = "left"
    CAMERA_DOWN = "camera_down"
    CAMERA_UP = "camera_up"
    DIGEST = "digest"
    TEST = "test"


class MessageState(StrEnum):
    """What became of a message."""

    HELD = "held"
    """Waits for a digest."""

    WAITING = "waiting"
    SENDING = "sending"
    """Handed to the channel; found after a crash, it is UNCERTAIN where sending twice would show."""

    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have arrived, and is not sent again: nobody is told twice."""


FINAL_STATES = frozenset(
    {MessageState.SENT, MessageState.EXPIRED, MessageState.FAILED, MessageState.UNCERTAIN}
)
"""Those in which a message stays."""


@dataclass(frozen=True, slots=True)
class AlertText:
    """The words, and the facts for programs (webhook, MQTT). Neither holds a camera's address or a secret."""

    title: str
    body: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message to one channel, durable until it is sent, expired or given up.

    `picture` is a JPEG, dropped once the message is through. `dedup_key` is unique: the same event is told
    once on one channel.
    """

    message_id: str
    channel_id: str
    kind: AlertKind
    text: AlertText
    dedup_key: str
    created_at: datetime
    expires_at: datetime
    next_attempt_at: datetime
    state: MessageState = MessageState.WAITING
    attempt_count: int = 0
    last_error: str = ""
    finished_at: datetime | None = None
    event_id: str | None = None
    camera_id: str | None = None
    subject_id: str | None = None
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AlertMark:
    """When a person was last told of at a camera; what cooldown and once-per-day go by, also after a restart.

    `person_key` is a subject id prefixed `subject:`, or `unknown`, or `health`.
    """

    camera_id: str
    person_key: str
    told_at: datetime
