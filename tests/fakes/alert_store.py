"""Channels and the outbox in memory. It passes the same contract suite as the real store.

Set `is_broken` and every call raises StoreFailed until it is False again. `FakeEventStore` in
`tests/fakes/events.py` is one of these and keeps events too.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.terminal_people import Breakable, refuse_unstorable, storable

from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.messages import FINAL_STATES, AlertMark, AlertText, MessageState, OutboxMessage
from facegate.domain.errors import StoreFailed
from facegate.domain.events.forgotten import mentions

_WAITING_STATES = (MessageState.HELD, MessageState.WAITING)


class FakeAlertStore(Breakable):
    """Channels, messages and marks in dicts."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, AlertChannel] = {}
        self.messages: dict[str, OutboxMessage] = {}
        self.marks: dict[tuple[str, str], AlertMark] = {}
        self._digest_of: dict[str, str] = {}

    def add_channel(self, channel: AlertChannel) -> None:
        self._check()
        refuse_unstorable([channel.channel_id, channel.name])
        with self._lock:
            if channel.channel_id in self.channels:
                raise StoreFailed("something with this id is already in the gallery")
            self.channels[channel.channel_id] = channel

    def save_channel(self, channel: AlertChannel) -> bool:
        self._check()
        with self._lock:
            is_known = channel.channel_id in self.channels
            if is_known:
                self.channels[channel.channel_id] = channel
            return is_known

    def lose_secrets(self, channel_id: str) -> None:
        """As when their key was lost."""
        self.channels[channel_id] = replace(self.channels[channel_id], secrets={}, has_lost_secrets=True)

    def find_channel(self, channel_id: str) -> AlertChannel | None:
        self._check()
        return self.channels.get(channel_id)

    def list_channels(self) -> list[AlertChannel]:
        self._check()
        with self._lock:
            return sorted(self.channels.values(), key=lambda one: (one.created_at, one.channel_id))

    def delete_channel(self, channel_id: str) -> bool:
        self._check()
        with self._lock:
            if self.channels.pop(channel_id, None) is None:
                return False
            self._drop(
                one.message_id
                for one in list(self.messages.values())
                if one.channel_id == channel_id and one.state in _WAITING_STATES
            )
            return True

    def add_messages(self, messages: Sequence[OutboxMessage], marks: Sequence[AlertMark] = ()) -> int:
        self._check()
        self._refuse_unstorable(messages, marks)
        with self._lock:
            return self._add_messages(messages, marks)

    def due_messages(
        self, now: datetime, *, limit: int = 50, channel_ids: Collection[str] | None = None
    ) -> list[OutboxMessage]:
        self._check()
        return [
            one
            for one in self._oldest_first()
            if one.state is MessageState.WAITING
            and one.next_attempt_at <= now
            and (channel_ids is None or one.channel_id in channel_ids)
        ][: max(0, limit)]

    def held_messages(self, channel_id: str, camera_id: str) -> list[OutboxMessage]:
        self._check()
        return [
            replace(one, picture=None)
            for one in self._oldest_first()
            if one.state is MessageState.HELD
            and (one.channel_id, one.camera_id or "") == (channel_id, camera_id)
        ]

    def held_keys(self) -> list[tuple[str, str]]:
        self._check()
        return sorted(
            {
                (one.channel_id, one.camera_id or "")
                for one in self._oldest_first()
                if one.state is MessageState.HELD
            }
        )

    def save_message(self, message: OutboxMessage) -> bool:
        self._check()
        with self._lock:
            known = self.messages.get(message.message_id)
            if known is None:
                return False
            self.messages[message.message_id] = replace(
                known,
                state=message.state,
                attempt_count=message.attempt_count,
                last_error=storable(message.last_error),
                next_attempt_at=message.next_attempt_at,
                expires_at=message.expires_at,
                finished_at=message.finished_at,
                picture=None if message.state in FINAL_STATES else known.picture,
            )
            return True

    def replace_held(self, message_ids: Sequence[str], digest: OutboxMessage) -> None:
        self._check()
        with self._lock:
            held = [self.messages.get(message_id) for message_id in set(message_ids)]
            if any(one is None or one.state is not MessageState.HELD for one in held):
                return
            for one in held:
                assert one is not None
                self.messages[one.message_id] = replace(
                    one, state=MessageState.SENT, finished_at=digest.created_at, picture=None
                )
                self._digest_of[one.message_id] = digest.message_id
            self._add_messages([digest], ())

    def interrupted_messages(self) -> list[OutboxMessage]:
        self._check()
        return [one for one in self._oldest_first() if one.state is MessageState.SENDING]

    def list_messages(
        self, *, limit: int, states: frozenset[MessageState] = frozenset(), before_id: str | None = None
    ) -> list[OutboxMessage]:
        self._check()
        ordered = self._oldest_first()
        if before_id is not None:
            ids = [one.message_id for one in ordered]
            ordered = ordered[: ids.index(before_id)] if before_id in ids else []
        found = [one for one in reversed(ordered) if not states or one.state in states]
        return [replace(one, picture=None) for one in found[: max(0, limit)]]

    def find_mark(self, camera_id: str, person_key: str) -> AlertMark | None:
        self._check()
        return self.marks.get((camera_id, person_key))

    def delete_finished(self, before: datetime) -> int:
        self._check()
        with self._lock:
            return self._drop(
                one.message_id
                for one in list(self.messages.values())
                if one.state in FINAL_STATES and (one.finished_at or one.created_at) < before
            )

    def forget_camera(self, camera_id: str) -> None:
        """What goes with a camera: call it from a fake camera store."""
        with self._lock:
            self.marks = {key: mark for key, mark in self.marks.items() if mark.camera_id != camera_id}
            self._drop(
                one.message_id
                for one in list(self.messages.values())
                if one.camera_id == camera_id and one.state in _WAITING_STATES
            )

    def _forget_people(self, subject_ids: Collection[str], event_ids: Collection[str]) -> None:
        gone = set(subject_ids)
        keys = {f"subject:{subject_id}" for subject_id in gone}
        self.marks = {key: mark for key, mark in self.marks.items() if mark.person_key not in keys}
        theirs = {
            one.message_id
            for one in self.messages.values()
            if one.subject_id in gone or one.event_id in event_ids or mentions(one.text.facts, gone)
        }
        theirs |= {self._digest_of[message_id] for message_id in theirs & set(self._digest_of)}
        self._drop(theirs)

    def _refuse_unstorable(self, messages: Sequence[OutboxMessage], marks: Sequence[AlertMark]) -> None:
        for one in messages:
            ids = (one.event_id, one.camera_id, one.subject_id)
            refuse_unstorable([one.message_id, one.channel_id, one.dedup_key, *(part or "" for part in ids)])
        for mark in marks:
            refuse_unstorable([mark.camera_id, mark.person_key])

    def _add_messages(self, messages: Sequence[OutboxMessage], marks: Sequence[AlertMark]) -> int:
        for mark in marks:
            known = self.marks.get((mark.camera_id, mark.person_key))
            if known is None or known.told_at < mark.told_at:
                self.marks[mark.camera_id, mark.person_key] = mark
        keys = {one.dedup_key for one in self.messages.values()}
        new_count = 0
        for message in messages:
            if message.dedup_key in keys or message.message_id in self.messages:
                continue
            keys.add(message.dedup_key)
            text = AlertText(
                storable(message.text.title),
                storable(message.text.body),
                json.loads(json.dumps(dict(message.text.facts))),
            )
            self.messages[message.message_id] = replace(
                message,
                text=text,
                last_error=storable(message.last_error),
                picture=None if message.state in FINAL_STATES else message.picture,
            )
            new_count += 1
        return new_count

    def _oldest_first(self) -> list[OutboxMessage]:
        with self._lock:
            return sorted(self.messages.values(), key=lambda one: (one.created_at, one.message_id))

    def _drop(self, message_ids: Iterable[str]) -> int:
        return sum(self.messages.pop(message_id, None) is not None for message_id in list(message_ids))
