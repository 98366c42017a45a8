"""The outbox at work: a thread for each kind of channel, and one that makes digests and tidies up."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import MessageState
from facegate.domain.errors import FacegateError
from facegate.ports.alerts.alert_sender import AlertSender
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.clock import Clock
from facegate.use_cases.alerts.deliver_kind import DeliverKind, messages_in
from facegate.use_cases.alerts.make_digests import MakeDigests

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How often is looked, beside being woken. `keep_finished_s` is how long it is known what was sent.

    `close_wait_s` bounds how long the end waits for a channel that is just being asked; what is not known
    then is told as uncertain.
    """

    poll_s: float = 5.0
    expire_every_s: float = 30.0
    tidy_every_s: float = 600.0
    keep_finished_s: float = 30 * 86_400.0
    close_wait_s: float = 5.0


class DeliverAlerts:
    """Durable, in order per channel, nobody told twice; a slow kind of channel does not delay the others."""

    def __init__(
        self,
        store: AlertStore,
        senders: Mapping[ChannelKind, AlertSender],
        clock: Clock,
        make_digests: MakeDigests,
        options: DeliveryOptions | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._make_digests = make_digests
        self._options = options or DeliveryOptions()
        # A generator of its own: whoever seeds the process-wide one makes nobody come back in step.
        jitter = random.Random().random  # noqa: S311
        self._kinds = {kind: DeliverKind(store, sender, clock, jitter) for kind, sender in senders.items()}
        self._news = {kind: threading.Event() for kind in senders}

    def recover(self) -> None:
        """Settles what the last process was sending when it ended; once, before anything is delivered.

        Raises:
            StoreFailed: call it again.
        """
        interrupted = self._store.interrupted_messages()
        for kind in self._kinds.values():
            kind.recover(interrupted)
        now = self._clock.now_utc()
        channels = {channel.channel_id: channel.kind for channel in self._store.list_channels()}
        for message in interrupted:
            if channels.get(message.channel_id) not in self._kinds:
                why = "the server ended while it was being sent; its channel cannot be used now"
                uncertain = replace(message, state=MessageState.UNCERTAIN, finished_at=now, last_error=why)
                self._store.save_message(uncertain)

    def wake(self) -> None:
        """Something new was stored. Never waits; from any thread."""
        for news in self._news.values():
            news.set()

    def deliver_due(self) -> int:
        """Sends everything that is due, kind after kind; how many messages were tried. Raises StoreFailed."""
        return sum(kind.deliver_due() for kind in self._kinds.values())

    def make_digests(self) -> int:
        """Makes the digests whose time has come; how many. Raises StoreFailed."""
        made = self._make_digests()
        if made:
            self.wake()
        return made

    def expire(self) -> int:
        """Gives up what is too old; how many. Raises StoreFailed."""
        return sum(kind.expire() for kind in self._kinds.values())

    def tidy(self) -> int:
        """Forgets what was finished long ago, gives up what no channel takes; how many.

        Raises:
            StoreFailed: call it again.
        """
        now = self._clock.now_utc()
        channels = {channel.channel_id: channel.kind for channel in self._store.list_channels()}
        count = 0
        for message in messages_in(self._store, {MessageState.WAITING, MessageState.HELD}):
            if channels.get(message.channel_id) in self._kinds:
                continue
            why = "the channel is gone, or cannot be used in this server"
            failed = replace(message, state=MessageState.FAILED, finished_at=now, last_error=why)
            count += self._store.save_message(failed)
        return count + self._store.delete_finished(now - timedelta(seconds=self._options.keep_finished_s))

    def run(self, stop: threading.Event) -> None:
        """Delivers until `stop` is set; returns soon after."""
        recovered = _Chore("what was being sent when the server ended is not settled", self.recover)
        while not recovered():
            if stop.wait(self._options.poll_s):
                return
        threads = [
            threading.Thread(
                target=self._run_kind, args=(kind, stop), name=f"alerts-{kind.value}", daemon=True
            )
            for kind in self._kinds
        ]
        for thread in threads:
            thread.start()
        self._run_chores(stop)
        self.wake()
        ends_at = self._clock.monotonic_s() + self._options.close_wait_s
        for thread in threads:
            thread.join(max(0.0, ends_at - self._clock.monotonic_s()))

    def _run_chores(self, stop: threading.Event) -> None:
        digests = _Chore("digests of alerts cannot be made", self.make_digests)
        tidy = _Chore("the outbox of alerts cannot be tidied up", self.tidy)
        tidy_at_s = 0.0
        while not stop.wait(self._options.poll_s):
            digests()
            if self._clock.monotonic_s() >= tidy_at_s and tidy():
                tidy_at_s = self._clock.monotonic_s() + self._options.tidy_every_s

    def _run_kind(self, kind: ChannelKind, stop: threading.Event) -> None:
        deliver_kind, news = self._kinds[kind], self._news[kind]
        deliver = _Chore(f"alerts by {kind.value} wait", lambda: deliver_kind.deliver_due(stop.is_set))
        expire = _Chore(f"old alerts by {kind.value} are not given up", deliver_kind.expire)
        expire_at_s = 0.0
        while not stop.is_set():
            news.clear()
            deliver()
            if self._clock.monotonic_s() >= expire_at_s and expire():
                expire_at_s = self._clock.monotonic_s() + self._options.expire_every_s
            news.wait(deliver_kind.next_attempt_in_s(self._options.poll_s))


class _Chore:
    """Something done again and again that must survive whatever happens to it; an outage is logged once."""

    def __init__(self, outage: str, work: Callable[[], object]) -> None:
        self._outage = outage
        self._work = work
        self._is_failing = False

    def __call__(self) -> bool:
        """Whether it was done."""
        try:
            self._work()
        except FacegateError as error:
            self._failing("%s: %s", self._outage, error.message)
            return False
        except Exception as error:  # noqa: BLE001 - the thread must live; what it was is logged
            self._failing("%s: %s", self._outage, type(error).__name__, exc_info=error)
            return False
        if self._is_failing:
            logger.warning("over: %s", self._outage)
        self._is_failing = False
        return True

    def _failing(self, text: str, *parts: str, exc_info: Exception | None = None) -> None:
        if not self._is_failing:
            logger.error(text, *parts, exc_info=exc_info)
        self._is_failing = True
