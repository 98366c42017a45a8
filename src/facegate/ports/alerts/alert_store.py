"""Channels, the durable outbox, and the marks by which nobody is told twice."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.messages import AlertMark, MessageState, OutboxMessage


class AlertStore(Protocol):
    """Durable when a method returns; safe from several threads. Every method may raise StoreFailed.

    Secrets of channels are encrypted at rest. A channel whose secrets cannot be decrypted (another key), or
    whose row is damaged, is given out without and with `has_lost_secrets`.
    """

    def add_channel(self, channel: AlertChannel) -> None:
        """Keeps it."""
        ...

    def save_channel(self, channel: AlertChannel) -> bool:
        """Replaces it; False when there is none of this id. Lost secrets leave those that are stored."""
        ...

    def find_channel(self, channel_id: str) -> AlertChannel | None:
        """The channel, or None."""
        ...

    def list_channels(self) -> list[AlertChannel]:
        """All, oldest first."""
        ...

    def delete_channel(self, channel_id: str) -> bool:
        """Whether it was there; what waits for it is dropped."""
        ...

    def add_messages(self, messages: Sequence[OutboxMessage], marks: Sequence[AlertMark] = ()) -> int:
        """One transaction; a known `dedup_key` is passed over. How many were new."""
        ...

    def due_messages(
        self, now: datetime, *, limit: int = 50, channel_ids: Collection[str] | None = None
    ) -> list[OutboxMessage]:
        """WAITING ones whose next attempt is due, oldest first, with their pictures.

        With `channel_ids` only those of these channels, so that a slow one does not hide the others'.
        """
        ...

    def held_messages(self, channel_id: str, camera_id: str) -> list[OutboxMessage]:
        """HELD ones of this channel and camera, oldest first, without pictures."""
        ...

    def held_keys(self) -> list[tuple[str, str]]:
        """Channels and cameras for which something is held."""
        ...

    def save_message(self, message: OutboxMessage) -> bool:
        """State, attempts, times and error; the picture goes once the state is final.

        False when the message is gone (its person or channel was deleted): it does not come back.
        """
        ...

    def replace_held(self, message_ids: Sequence[str], digest: OutboxMessage) -> None:
        """The held ones are SENT in favour of this digest, in one transaction.

        Nothing happens when one of them is held no more: the person in it may just have been forgotten.
        """
        ...

    def interrupted_messages(self) -> list[OutboxMessage]:
        """Those found SENDING: asked once at start."""
        ...

    def list_messages(
        self, *, limit: int, states: frozenset[MessageState] = frozenset(), before_id: str | None = None
    ) -> list[OutboxMessage]:
        """Newest first, without pictures; empty states are all."""
        ...

    def find_mark(self, camera_id: str, person_key: str) -> AlertMark | None:
        """When that person was last told of at that camera, or None."""
        ...

    def delete_finished(self, before: datetime) -> int:
        """Drops final messages that are older; how many."""
        ...
