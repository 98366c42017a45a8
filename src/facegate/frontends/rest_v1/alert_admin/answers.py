"""What /v1 answers about alerts. Secrets are shown masked."""

from datetime import datetime

from pydantic import Field

from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import AlertKind, MessageState, OutboxMessage
from facegate.frontends.rest_v1.answers import AnswerModel


class ChannelAnswer(AnswerModel):
    """A way to tell somebody."""

    channel_id: str
    kind: ChannelKind
    name: str
    options: dict[str, str]
    secrets: dict[str, str] = Field(description="Masked: the last characters at most.")
    has_lost_secrets: bool = Field(
        description="They cannot be read (another key, or damage): nothing is sent until they are entered."
    )
    is_enabled: bool
    created_at: datetime


class ChannelList(AnswerModel):
    """All channels, oldest first."""

    channels: list[ChannelAnswer]


class TelegramChatAnswer(AnswerModel):
    """A chat that the bot has heard of lately."""

    chat_id: str
    title: str
    kind: str = Field(description="private, group, supergroup or channel.")


class TelegramChatList(AnswerModel):
    """Newest first. Empty: write to the bot, or to a group that it is in, and ask again."""

    chats: list[TelegramChatAnswer]


class TestAnswer(AnswerModel):
    """The test message was taken."""

    sent: bool


class OutboxAnswer(AnswerModel):
    """A message and what became of it."""

    message_id: str
    channel_id: str
    kind: AlertKind
    state: MessageState
    title: str
    body: str
    created_at: datetime
    expires_at: datetime
    next_attempt_at: datetime
    finished_at: datetime | None
    attempt_count: int
    last_error: str | None
    event_id: str | None
    camera_id: str | None
    subject_id: str | None


class OutboxPage(AnswerModel):
    """Messages newest first. `next_after` is the `after` of the next page, null on the last."""

    messages: list[OutboxAnswer]
    next_after: str | None


def channel_answer(channel: AlertChannel) -> ChannelAnswer:
    """The channel; its secrets come masked already."""
    return ChannelAnswer(
        channel_id=channel.channel_id,
        kind=channel.kind,
        name=channel.name,
        options=dict(channel.options),
        secrets=dict(channel.secrets),
        has_lost_secrets=channel.has_lost_secrets,
        is_enabled=channel.is_enabled,
        created_at=channel.created_at,
    )


def outbox_answer(message: OutboxMessage) -> OutboxAnswer:
    """The message without its picture."""
    return OutboxAnswer(
        message_id=message.message_id,
        channel_id=message.channel_id,
        kind=message.kind,
        state=message.state,
        title=message.text.title,
        body=message.text.body,
        created_at=message.created_at,
        expires_at=message.expires_at,
        next_attempt_at=message.next_attempt_at,
        finished_at=message.finished_at,
        attempt_count=message.attempt_count,
        last_error=message.last_error or None,
        event_id=message.event_id,
        camera_id=message.camera_id,
        subject_id=message.subject_id,
    )
