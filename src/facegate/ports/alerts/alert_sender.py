"""What a channel does with a message."""

from collections.abc import Collection
from typing import Protocol

from facegate.domain.alerts.channels import AlertChannel, ChannelKind, TelegramChat
from facegate.domain.alerts.messages import OutboxMessage


class AlertSender(Protocol):
    """One kind of channel. Waits for the network, bounded in time; safe from several threads."""

    @property
    def kind(self) -> ChannelKind:
        """What it speaks."""
        ...

    @property
    def may_repeat(self) -> bool:
        """Whether the other side can tell a repetition, so that sending again after a doubt does no harm."""
        ...

    def check(self, channel: AlertChannel) -> None:
        """Raises InvalidInput or NotPermitted where options or secrets are missing, wrong or lead inside."""
        ...

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        """Returns once the other side has taken it.

        Raises:
            ChannelFailed: it was refused, could not be reached, or nobody knows. The sentence holds no
                secret and no address with one.
            CapabilityMissing: the library for it is not installed.
        """
        ...

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """The other side shall keep nothing that names or shows them: messages that were sent stay sent.

        Neither this nor the next two waits for the network or fails.
        """
        ...

    def drop_camera(self, camera_id: str) -> None:
        """The camera was deleted: the other side shall keep nothing of it."""
        ...

    def drop_channel(self, channel: AlertChannel) -> None:
        """The channel was deleted or switched off: nothing is kept there, and no connection open."""
        ...

    def close(self) -> None:
        """Ends what is kept open."""
        ...


class TelegramChatFinder(Protocol):
    """Which chats a bot has heard of lately."""

    def find_chats(self, token: str) -> list[TelegramChat]:
        """Distinct chats of the recent updates, newest first; the updates stay for others to read.

        Raises:
            ChannelFailed: the token is wrong, or Telegram cannot be reached.
        """
        ...
