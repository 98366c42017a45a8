"""What clients tell /v1 about alerts. No framework here."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import MessageState

MESSAGE_ID_PATTERN = "^[0-9a-f]{1,64}$"

_Values = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=20)]


def _kind(value: object) -> object:
    """A word of JSON, where strict validation takes none."""
    return ChannelKind(value) if isinstance(value, str) and value in set(ChannelKind) else value


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AddChannelMessage(_Message):
    """A way to tell somebody; docs/alerts.md says what each kind needs."""

    kind: Annotated[ChannelKind, BeforeValidator(_kind)] = Field(examples=["telegram"])
    name: str = Field(min_length=1, max_length=100, examples=["Family chat"])
    options: _Values = Field({}, examples=[{"chat_id": "123456789"}])
    secrets: _Values = Field({}, repr=False, description="Stored encrypted, never shown again.")


class ChangeChannelMessage(_Message):
    """What changes; secrets that are not named stay."""

    name: str | None = Field(None, min_length=1, max_length=100)
    options: _Values | None = None
    secrets: _Values | None = Field(None, repr=False)
    is_enabled: bool | None = None


class TelegramChatsMessage(_Message):
    """Whose chats: those of a bot by its token, or of a channel that has it."""

    token: str | None = Field(None, min_length=1, max_length=200, repr=False)
    channel_id: str | None = Field(None, min_length=1, max_length=64)


class OutboxQuery(_Message):
    """Which messages to list."""

    state: list[MessageState] = Field([], max_length=10)
    after: str | None = Field(
        None, pattern=MESSAGE_ID_PATTERN, description="`next_after` of the page before."
    )
    limit: int = Field(50, ge=1, le=500)
