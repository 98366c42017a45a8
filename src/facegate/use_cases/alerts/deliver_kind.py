"""Delivering what waits for the channels of one kind: in order per channel, never twice.

A message that its channel will not take holds up the others for a minute, not until it expires.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.messages import MessageState, OutboxMessage
from facegate.domain.alerts.retries import retry_pause_s
from facegate.domain.errors import ChannelFailed, FacegateError, StoreFailed
from facegate.ports.alerts.alert_sender import AlertSender
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.clock import Clock
from facegate.use_cases.alerts.channel_fields import LOST_SECRETS
from facegate.use_cases.alerts.channel_rests import ChannelRests

logger = logging.getLogger(__name__)

MAX_ERROR_CHARS = 200

_FARTHEST_ATTEMPT = timedelta(days=1, minutes=5)
"""Nothing is put off for longer; what is, was by a clock that has been set back since."""

_PAGE = 200

_STUBBORN_AFTER = 5
"""Failures of the oldest message after which another is tried too: either the channel is down, or it will
not take that message."""

_LOOK_AHEAD = 20


class DeliverKind:
    """One call at a time; the next waits.

    A message is SENDING in the store before the channel is asked. So what is found so after a crash may have
    arrived, and only where the other side can tell a repetition it is sent again.
    """

    def __init__(
        self, store: AlertStore, sender: AlertSender, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self._store = store
        self._sender = sender
        self._clock = clock
        self._jitter = jitter
        self._rests = ChannelRests(jitter)
        self._calling = threading.Lock()
        self._looked_at = clock.now_utc()
        # What was sent, or not, but could not be written down. In the store it is SENDING.
        self._unsaved: dict[str, OutboxMessage] = {}
        self._told_lost: set[str] = set()
        # Messages that failed again and again on channels that took others: they rest, their channels do not.
        self._stuck: set[str] = set()

    def recover(self, interrupted: list[OutboxMessage]) -> None:
        """Settles what the last process left SENDING on channels of this kind, and takes over their rests.

        Raises:
            StoreFailed: call it again.
        """
        now = self._clock.now_utc()
        mine = {channel.channel_id for channel in self._channels()}
        for message in interrupted:
            if message.channel_id not in mine:
                continue
            if self._sender.may_repeat:
                self._store.save_message(replace(message, state=MessageState.WAITING, next_attempt_at=now))
            else:
                why = "the server ended while it was being sent"
                self._store.save_message(_final(message, MessageState.UNCERTAIN, now, why))
        for message in messages_in(self._store, {MessageState.WAITING}):
            is_resting = message.attempt_count and now < message.next_attempt_at <= now + _FARTHEST_ATTEMPT
            if message.channel_id in mine and is_resting:
                self._rests.restore(message.channel_id, message.attempt_count, message.next_attempt_at)

    def deliver_due(self, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Sends what is due, a message of each channel in turn; how many were tried.

        Raises:
            StoreFailed: the outbox cannot be read or written; nothing is sent that is not written down.
        """
        with self._calling:
            self._looked_at = self._clock.now_utc()
            self._save_unsaved()
            tried = 0
            while not should_stop():
                self._looked_at = self._clock.now_utc()
                # Read anew each time: somebody may have deleted a channel, or given it a new token.
                channels = self._channels()
                # One that failed before may cost a time-out, so the others go first.
                channels.sort(key=lambda one: self._rests.failure_count(one.channel_id))
                count = sum(self._deliver_next(channel) for channel in channels if not should_stop())
                if not count:
                    break
                tried += count
            return tried

    def expire(self) -> int:
        """Gives up what is too old, also on channels that rest; how many.

        Raises:
            StoreFailed: call it again.
        """
        with self._calling:
            now = self._clock.now_utc()
            channels = self._channels()
            mine = {channel.channel_id for channel in channels}
            lost = {channel.channel_id for channel in channels if channel.has_lost_secrets}
            self._tell_lost(lost)
            self._rests.keep_only(mine, now + _FARTHEST_ATTEMPT)
            expired, waiting = 0, set[str]()
            for message in messages_in(self._store, {MessageState.WAITING}):
                waiting.add(message.message_id)
                if message.channel_id not in mine:
                    continue
                if message.channel_id in lost and message.last_error != LOST_SECRETS:
                    message = replace(message, last_error=LOST_SECRETS)
                    self._store.save_message(message)
                if message.expires_at <= now:
                    expired += self._store.save_message(_expired(message, now))
                elif message.next_attempt_at - now > _FARTHEST_ATTEMPT:
                    self._store.save_message(replace(message, next_attempt_at=now))
            self._stuck &= waiting
            return expired

    def next_attempt_in_s(self, longest_s: float) -> float:
        """After how long a channel's rest is over, at most so long."""
        end = self._rests.next_end(self._looked_at)
        if end is None:
            return longest_s
        return min(longest_s, max(0.05, (end - self._clock.now_utc()).total_seconds()))

    def _tell_lost(self, channel_ids: set[str]) -> None:
        for channel_id in sorted(channel_ids - self._told_lost):
            logger.error("channel %s: %s", channel_id, LOST_SECRETS)
        self._told_lost = channel_ids

    def _channels(self) -> list[AlertChannel]:
        return [channel for channel in self._store.list_channels() if channel.kind is self._sender.kind]

    def _deliver_next(self, channel: AlertChannel) -> bool:
        """Whether there was a message."""
        now = self._clock.now_utc()
        if channel.has_lost_secrets or self._rests.is_resting(channel.channel_id, now):
            return False
        due = self._store.due_messages(now, limit=1, channel_ids=[channel.channel_id])
        if not due:
            return False
        message = due[0]
        if message.expires_at <= now:
            self._store.save_message(_expired(message, now))
        elif not channel.is_enabled:
            why = "the channel is switched off"
            self._store.save_message(_final(message, MessageState.FAILED, now, why))
        else:
            after = self._send(channel, message)
            if after is not None and self._may_be_stuck(channel, after):
                self._try_another(channel, after)
        return True

    def _may_be_stuck(self, channel: AlertChannel, message: OutboxMessage) -> bool:
        has_failed = message.state is MessageState.WAITING and message.attempt_count >= _STUBBORN_AFTER
        is_known = message.message_id in self._stuck
        return has_failed and not is_known and not self._rests.was_asked_for(channel.channel_id)

    def _try_another(self, channel: AlertChannel, stuck: OutboxMessage) -> None:
        """The next one goes before it, once. If that gets through, the channel is well: the others follow."""
        now = self._clock.now_utc()
        due = self._store.due_messages(now, limit=_LOOK_AHEAD, channel_ids=[channel.channel_id])
        others = [one for one in due if one.message_id != stuck.message_id and one.expires_at > now]
        if not others:
            return
        # Where several are stuck: the first that is not.
        after = self._send(channel, min(others, key=lambda one: one.attempt_count >= _STUBBORN_AFTER))
        if after is None or after.state is not MessageState.SENT:
            return
        self._stuck.add(stuck.message_id)
        logger.warning(
            "channel %s (%s) takes other messages, but not one that failed %d times: %s",
            channel.channel_id,
            channel.kind.value,
            stuck.attempt_count,
            stuck.last_error,
        )
        self._store.save_message(replace(stuck, next_attempt_at=now + self._pause_of(stuck)))

    def _pause_of(self, stuck: OutboxMessage) -> timedelta:
        return timedelta(seconds=retry_pause_s(stuck.attempt_count, self._jitter()))

    def _send(self, channel: AlertChannel, message: OutboxMessage) -> OutboxMessage | None:
        """What became of it; None where it is gone."""
        sending = replace(message, state=MessageState.SENDING, attempt_count=message.attempt_count + 1)
        if not self._store.save_message(sending):
            return None  # its person was deleted a moment ago
        try:
            self._sender.send(channel, sending)
        except ChannelFailed as error:
            after = self._after_failure(channel, sending, error)
        except FacegateError as error:
            self._rests.refused(channel, error.message)
            after = _final(sending, MessageState.FAILED, self._clock.now_utc(), error.message)
        except Exception as error:  # noqa: BLE001 - one broken library must not silence all other channels
            # The type alone: what such an error says may hold an address with its token.
            doubt = ChannelFailed(f"sending broke: {type(error).__name__}", may_have_arrived=True)
            logger.error("channel %s: %s", channel.channel_id, doubt.message)
            after = self._after_failure(channel, sending, doubt)
        else:
            self._rests.worked(channel)
            after = _final(sending, MessageState.SENT, self._clock.now_utc(), "")
        self._unsaved[after.message_id] = after
        self._save_unsaved()
        return after

    def _after_failure(
        self, channel: AlertChannel, sending: OutboxMessage, error: ChannelFailed
    ) -> OutboxMessage:
        now = self._clock.now_utc()
        if error.is_permanent:
            self._rests.refused(channel, error.message)
            return _final(sending, MessageState.FAILED, now, error.message)
        if sending.message_id in self._stuck and error.retry_after_s is None:
            until = now + self._pause_of(sending)
        else:
            until = self._rests.failed(channel, error.message, now, error.retry_after_s)
        if error.may_have_arrived and not self._sender.may_repeat:
            return _final(sending, MessageState.UNCERTAIN, now, error.message)
        return replace(
            sending,
            state=MessageState.WAITING,
            next_attempt_at=until,
            last_error=error.message[:MAX_ERROR_CHARS],
        )

    def _save_unsaved(self) -> None:
        """Raises StoreFailed; nothing else is sent before what was sent is written down."""
        for message_id, message in list(self._unsaved.items()):
            try:
                self._store.save_message(message)
            except StoreFailed:
                logger.error("what became of a message could not be written down; it is not sent again")
                raise
            del self._unsaved[message_id]


def messages_in(store: AlertStore, states: Collection[MessageState]) -> Iterator[OutboxMessage]:
    """All in these states, on whatever channel, newest first, without pictures. Raises StoreFailed."""
    before_id: str | None = None
    while page := store.list_messages(limit=_PAGE, states=frozenset(states), before_id=before_id):
        yield from page
        before_id = page[-1].message_id


def _expired(message: OutboxMessage, now: datetime) -> OutboxMessage:
    why = message.last_error or "it was too old to be sent"
    return _final(message, MessageState.EXPIRED, now, why)


def _final(message: OutboxMessage, state: MessageState, now: datetime, why: str) -> OutboxMessage:
    return replace(message, state=state, finished_at=now, last_error=why[:MAX_ERROR_CHARS])
