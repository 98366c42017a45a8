"""The ways to tell people, as the operator keeps them. Secrets go in and are not given out again."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from facegate.domain.alerts.channels import (
    AlertChannel,
    ChannelKind,
    TelegramChat,
    masked_secret,
    new_channel_id,
)
from facegate.domain.alerts.messages import AlertKind, MessageState, OutboxMessage
from facegate.domain.alerts.phrases import Language
from facegate.domain.alerts.wording import trial_text
from facegate.domain.errors import (
    CapabilityMissing,
    ChannelFailed,
    ChannelNotFound,
    EngineOverloaded,
    InvalidInput,
)
from facegate.domain.events.event import new_event_id
from facegate.ports.alerts.alert_sender import AlertSender, TelegramChatFinder
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.clock import Clock
from facegate.use_cases.alerts.channel_fields import (
    LOST_SECRETS,
    MAX_NAME_CHARS,
    changed_fields,
    checked_name,
    sorted_fields,
)

logger = logging.getLogger(__name__)

MAX_CHANNELS = 200

_TESTS_AT_ONCE = 4
"""Each may take a thread for as long as a channel may take."""


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What a channel is made of; see AlertChannel for the names."""

    kind: ChannelKind
    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """What is to be different; None leaves it. Secrets that are not given stay, an empty one goes."""

    name: str | None = None
    options: Mapping[str, str] | None = None
    secrets: Mapping[str, str] | None = field(default=None, repr=False)
    is_enabled: bool | None = None

    @property
    def has_to_pass(self) -> bool:
        """Whether the channel is checked again: one that no longer passes can be renamed and switched off."""
        return self.options is not None or self.secrets is not None or bool(self.is_enabled)


class AlertChannels:
    """Adds, changes, tries and deletes channels. Safe from several threads.

    Whatever channel it gives out has its secrets masked: enough to recognise them, of no use to anybody.
    Every method may raise StoreFailed.
    """

    def __init__(
        self,
        store: AlertStore,
        senders: Mapping[ChannelKind, AlertSender],
        clock: Clock,
        chats: TelegramChatFinder,
        language: Language = Language.ENGLISH,
    ) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock
        self._chats = chats
        self._language = language
        self._changing = threading.Lock()
        self._tests = threading.BoundedSemaphore(_TESTS_AT_ONCE)

    def list_channels(self) -> list[AlertChannel]:
        """All, oldest first."""
        return [_shown(channel) for channel in self._store.list_channels()]

    def get(self, channel_id: str) -> AlertChannel:
        """The channel. Raises ChannelNotFound."""
        return _shown(self._found(channel_id))

    def add(self, new: NewChannel) -> AlertChannel:
        """Keeps it, enabled.

        Raises:
            InvalidInput, NotPermitted: something is missing or wrong, or leads inside.
            CapabilityMissing: this kind cannot be sent here.
        """
        channel = self._made(new)
        with self._changing:
            self._keep(channel)
        return _shown(channel)

    def change(self, channel_id: str, change: ChannelChange) -> AlertChannel:
        """The changed channel.

        Raises:
            ChannelNotFound: there is none.
            InvalidInput, NotPermitted, CapabilityMissing: see `add`; it is as it was.
        """
        while True:
            known = self._found(channel_id)
            channel = _with(known, change)
            # Checking may wait for names to be looked up, and others change channels meanwhile.
            if change.has_to_pass:
                self._sender(channel.kind).check(channel)
            with self._changing:
                if self._found(channel_id) != known:
                    continue
                if not self._store.save_channel(channel):
                    raise _not_found()
            if known.is_enabled and not channel.is_enabled:
                self._drop_at_sender(known)
            return _shown(channel)

    def delete(self, channel_id: str) -> None:
        """Drops it with what waits for it; rules that name it tell nobody over it. Raises ChannelNotFound."""
        channel = self._found(channel_id)
        if not self._store.delete_channel(channel_id):
            raise _not_found()
        self._drop_at_sender(channel)

    def send_test(self, channel_id: str) -> None:
        """Sends a message that says it is a test, also over a channel that is switched off; waits for it.

        Raises:
            ChannelNotFound: there is none.
            ChannelFailed: it was not taken; says why.
            CapabilityMissing: this kind cannot be sent here.
            EngineOverloaded: enough tests are running.
        """
        channel = self._whole(channel_id)
        sender = self._sender(channel.kind)
        now = self._clock.now_utc()
        message = OutboxMessage(
            message_id=new_event_id(),
            channel_id=channel_id,
            kind=AlertKind.TEST,
            text=trial_text(now, self._language),
            dedup_key=f"test:{new_event_id()}",
            created_at=now,
            expires_at=now + timedelta(minutes=5),
            next_attempt_at=now,
            state=MessageState.SENDING,
            attempt_count=1,
        )
        if not self._tests.acquire(blocking=False):
            raise EngineOverloaded("other channels are being tried: try again in a moment")
        try:
            sender.send(channel, message)
        finally:
            self._tests.release()

    def telegram_channel(self, token: str, chat_id: str, name: str) -> AlertChannel:
        """The channel to this chat by this bot: one that is there, switched on, or a new one of this name.

        Raises:
            InvalidInput, CapabilityMissing: see `add`.
        """
        shown = "".join(char for char in name if char.isprintable()).strip()[:MAX_NAME_CHARS]
        new = NewChannel(
            ChannelKind.TELEGRAM,
            shown or "Telegram",
            {"chat_id": chat_id.strip()},
            {"token": token.strip()},
        )
        wanted = self._made(new)
        with self._changing:
            for channel in self._store.list_channels():
                if not _is_same_chat(channel, wanted):
                    continue
                if not channel.is_enabled:
                    channel = replace(channel, is_enabled=True)
                    self._store.save_channel(channel)
                return _shown(channel)
            self._keep(wanted)
        return _shown(wanted)

    def telegram_chats(self, token: str | None, channel_id: str | None) -> list[TelegramChat]:
        """Chats that the bot of this token, or of this channel, has heard of lately.

        Raises:
            InvalidInput: neither or both are given, or the channel is no Telegram one.
            ChannelNotFound: there is no such channel.
            ChannelFailed: the token is wrong or lost, or Telegram cannot be reached.
        """
        if (token is None) == (channel_id is None):
            raise InvalidInput("give the bot's token or a channel", field="token")
        if channel_id is not None:
            channel = self._whole(channel_id)
            if channel.kind is not ChannelKind.TELEGRAM:
                raise InvalidInput("the channel is not one of Telegram", field="channel_id")
            token = channel.secrets.get("token", "")
        return self._chats.find_chats((token or "").strip())

    def _made(self, new: NewChannel) -> AlertChannel:
        options, secrets = sorted_fields(new.kind, new.options, new.secrets)
        channel = AlertChannel(
            channel_id=new_channel_id(),
            kind=new.kind,
            name=checked_name(new.name),
            options=options,
            secrets=secrets,
            is_enabled=True,
            created_at=self._clock.now_utc(),
        )
        self._sender(new.kind).check(channel)
        return channel

    def _keep(self, channel: AlertChannel) -> None:
        if len(self._store.list_channels()) >= MAX_CHANNELS:
            raise InvalidInput(f"there are {MAX_CHANNELS} channels already: delete one first", field="kind")
        self._store.add_channel(channel)
        logger.info("channel %s (%s) was added", channel.channel_id, channel.kind.value)

    def _found(self, channel_id: str) -> AlertChannel:
        channel = self._store.find_channel(channel_id)
        if channel is None:
            raise _not_found()
        return channel

    def _whole(self, channel_id: str) -> AlertChannel:
        channel = self._found(channel_id)
        if channel.has_lost_secrets:
            raise ChannelFailed(LOST_SECRETS, is_permanent=True)
        return channel

    def _drop_at_sender(self, channel: AlertChannel) -> None:
        sender = self._senders.get(channel.kind)
        if sender is not None:
            sender.drop_channel(channel)

    def _sender(self, kind: ChannelKind) -> AlertSender:
        sender = self._senders.get(kind)
        if sender is None:
            raise CapabilityMissing(
                f"alerts by {kind.value} are not available in this server", capability=kind.value
            )
        return sender


def _with(known: AlertChannel, change: ChannelChange) -> AlertChannel:
    options, secrets = known.options, known.secrets
    if change.options is not None or change.secrets is not None:
        options, secrets = changed_fields(known, change.options, change.secrets)
    return replace(
        known,
        name=known.name if change.name is None else checked_name(change.name),
        options=options,
        secrets=secrets,
        is_enabled=known.is_enabled if change.is_enabled is None else change.is_enabled,
        has_lost_secrets=known.has_lost_secrets and change.secrets is None and not secrets,
    )


def _is_same_chat(channel: AlertChannel, wanted: AlertChannel) -> bool:
    """A channel that somebody made silent, or for one topic of the group, is another one."""
    return channel.kind is wanted.kind and (dict(channel.options), dict(channel.secrets)) == (
        dict(wanted.options),
        dict(wanted.secrets),
    )


def _shown(channel: AlertChannel) -> AlertChannel:
    secrets = {name: masked_secret(secret) for name, secret in channel.secrets.items()}
    return replace(channel, secrets=secrets)


def _not_found() -> ChannelNotFound:
    return ChannelNotFound("no channel has this id")
