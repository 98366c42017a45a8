"""One connection to a broker that stays open and comes back by itself."""

import logging
import threading
import time
from collections.abc import Collection, Iterable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from facegate.adapters.mqtt_alerts.connecting import (
    LONGEST_CONNECT_S,
    Trouble,
    connect,
    new_client,
    refusal_of,
)
from facegate.adapters.mqtt_alerts.kept_states import KeptStates
from facegate.adapters.mqtt_alerts.options import BrokerOptions
from facegate.adapters.mqtt_alerts.topics import OFFLINE, ONLINE, Publication, state_topic, status_topic
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import ChannelFailed

_LOGGER = logging.getLogger("facegate.alerts")

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_REFUSALS_KEPT = 100
_LOOKING_S = 0.25
"""How often it is looked whether the connection still stands, while an acknowledgement is waited for."""

_HEARING_S = 0.5
"""What a broker keeps follows the acknowledgement of the subscription; none says which is the last."""


class BrokerLink:
    """Connects at once in a thread of its own, and again after every loss, to an address that was checked.

    What the broker shall keep is published anew after each connect: a broker that was restarted may have
    forgotten it. Safe from several threads.
    """

    def __init__(self, options: BrokerOptions, allowed: frozenset[InsidePlace], channel_id: str) -> None:
        self.options = options
        self._allowed = allowed
        self._channel_id = channel_id
        self._changed = threading.Condition()
        self._is_up = False
        self._failure_count = 0
        self._trouble = Trouble("it does not answer")
        self._was_told = False
        self._kept = KeptStates(options)
        # Held while something is kept and sent, so that nothing older is sent after something newer.
        self._telling = threading.Lock()
        self._looks_back = False
        self._has_looked = threading.Event()
        self._refused: dict[int, str] = {}
        self._is_ending = False
        self._is_wanted = threading.Event()
        self._is_disconnected = threading.Event()
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._stay_connected, name="mqtt alerts", daemon=True)
        self._thread.start()

    def publish(self, publications: Iterable[Publication], ends_at: float) -> None:
        """Returns when the broker has acknowledged every one; `ends_at` is a monotonic time.

        Raises:
            ChannelFailed: it is away, refuses, or did not acknowledge in time.
        """
        client = self._wait_until_up(ends_at)
        waiting = []
        with self._telling:
            for one in publications:
                if one.is_state:
                    self._kept.put(one)
                waiting.append(_send(client, one))
        for info in waiting:
            self._wait_for(info, client, ends_at)

    def has_state(self, publication: Publication) -> bool:
        """Whether exactly this was published before and is kept."""
        return self._kept.has(publication)

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Takes away what names or shows them, now or after the next connect; also that of an earlier run."""
        with self._telling:
            self._tell(self._kept.forget(subject_ids))
            self._look_back()

    def drop_camera(self, camera_id: str) -> None:
        """Takes away what is kept of it, now or after the next connect."""
        with self._telling:
            self._tell(self._kept.drop_camera(camera_id))

    def republish(self) -> None:
        """Everything anew: another link may have taken it away."""
        with self._telling:
            if self._is_up:
                self._tell_everything(self._client)

    def withdraw(self, wait_s: float) -> None:
        """Takes everything away, also that of an earlier run, and closes. A broker that is away keeps it."""
        ends_at = time.monotonic() + wait_s
        try:
            client = self._wait_until_up(ends_at)
        except ChannelFailed as error:
            _LOGGER.warning("an MQTT broker still keeps what it was told of a channel: %s", error.message)
            self._end()
            return
        self._has_looked.clear()
        with self._telling:
            self._look_back()
        if self._has_looked.wait(max(ends_at - time.monotonic(), 0.0)):
            time.sleep(_HEARING_S)
        empty_status = Publication(status_topic(self.options.topic_prefix), b"", is_state=True)
        with self._telling:
            sent = [_send(client, one) for one in (*self._kept.drop_all(), empty_status)]
        try:
            for info in sent:
                self._wait_for(info, client, ends_at)
        except ChannelFailed as error:
            _LOGGER.warning("an MQTT broker may still keep what it was told of a channel: %s", error.message)
        self._end()

    def close(self) -> None:
        """Says goodbye, so that the last will is not needed, and ends the thread."""
        if self._is_up:
            info = self._client.publish(status_topic(self.options.topic_prefix), OFFLINE, qos=1, retain=True)
            try:
                info.wait_for_publish(1.0)
            except (RuntimeError, ValueError):
                # The connection broke just now: the last will says the same.
                _LOGGER.debug("a broker was gone before goodbye")
        self._end()

    def _end(self) -> None:
        self._is_ending = True
        self._is_wanted.set()
        self._is_disconnected.set()
        self._client.disconnect()
        self._thread.join(LONGEST_CONNECT_S + 1.0)

    def _wait_until_up(self, ends_at: float) -> mqtt.Client:
        """Waits no longer than the next attempt takes, which whoever has a message asks for at once."""
        with self._changed:
            failures_before = self._failure_count
            self._is_wanted.set()
            self._changed.wait_for(
                lambda: self._is_up or self._failure_count > failures_before,
                max(ends_at - time.monotonic(), 0.0),
            )
            if not self._is_up:
                raise ChannelFailed(
                    f"the MQTT broker cannot be used: {self._trouble.text}",
                    is_permanent=self._trouble.is_permanent,
                )
            return self._client

    def _stay_connected(self) -> None:
        """Until the end: connects, waits for the loss, pauses, and looks the name up again."""
        pause_s = _FIRST_PAUSE_S
        while not self._is_ending:
            self._is_wanted.clear()
            self._is_disconnected.clear()
            failures_before = self._failure_count
            # A new one each time: what was given up in the old one is not sent late.
            self._client = self._make_client()
            trouble = connect(self._client, self.options, self._allowed)
            if trouble is None:
                self._client.loop_start()
                self._is_disconnected.wait()
                self._client.loop_stop()
            else:
                self._fail(trouble)
            _let_go(self._client)
            was_up = self._failure_count == failures_before
            pause_s = _FIRST_PAUSE_S if was_up else min(pause_s * 2, _LONGEST_PAUSE_S)
            self._is_wanted.wait(pause_s)

    def _fail(self, trouble: Trouble) -> None:
        """An attempt came to nothing; the log says it once per outage."""
        with self._changed:
            self._trouble = trouble
            self._failure_count += 1
            self._changed.notify_all()
        if not self._was_told and not self._is_ending:
            _LOGGER.warning("the MQTT broker of an alert channel cannot be used: %s", trouble.text)
            self._was_told = True

    def _wait_for(self, info: mqtt.MQTTMessageInfo, client: mqtt.Client, ends_at: float) -> None:
        try:
            while not info.is_published():
                if not self._is_up or self._client is not client:
                    raise ChannelFailed("the connection to the MQTT broker was lost", may_have_arrived=True)
                left_s = ends_at - time.monotonic()
                if left_s <= 0:
                    raise ChannelFailed("the MQTT broker did not acknowledge in time", may_have_arrived=True)
                info.wait_for_publish(min(left_s, _LOOKING_S))
        except (RuntimeError, ValueError):
            # Not queued, because the connection broke or too much waits already.
            raise ChannelFailed("the connection to the MQTT broker was lost") from None
        refusal = self._refused.pop(info.mid, None)
        if refusal is not None:
            raise ChannelFailed(f"the MQTT broker refused the message: {refusal}", is_permanent=True)

    def _make_client(self) -> mqtt.Client:
        client = new_client(self.options, self._channel_id)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_publish = self._acknowledged
        client.on_subscribe = lambda *_: self._has_looked.set()
        client.on_message = self._heard
        return client

    def _tell(self, publications: Iterable[Publication]) -> None:
        """What is kept and cannot be sent now goes out after the next connect."""
        if self._is_up:
            for one in publications:
                _send(self._client, one)

    def _tell_everything(self, client: mqtt.Client) -> None:
        client.publish(status_topic(self.options.topic_prefix), ONLINE, qos=1, retain=True)
        for one in self._kept.all():
            _send(client, one)

    def _look_back(self) -> None:
        """Asks for what the broker keeps; from then on after each connect."""
        self._looks_back = True
        if self._is_up:
            self._subscribe(self._client)

    def _subscribe(self, client: mqtt.Client) -> None:
        for word in ("person", "present", "problem"):
            client.subscribe(state_topic(self.options.topic_prefix, "+", word), qos=1)

    def _heard(self, client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        if message.retain:
            with self._telling:
                for one in self._kept.hear(message.topic, bytes(message.payload)):
                    _send(client, one)

    def _connected(
        self, client: mqtt.Client, _: Any, __: mqtt.ConnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        if reason.is_failure:
            self._fail(refusal_of(reason))
            return
        if self._was_told:
            _LOGGER.info("the MQTT broker of an alert channel is back")
        self._was_told = False
        with self._telling:
            self._tell_everything(client)
            if self._looks_back:
                self._subscribe(client)
            with self._changed:
                self._is_up = True
                self._changed.notify_all()

    def _disconnected(
        self, _: mqtt.Client, __: Any, flags: mqtt.DisconnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        with self._changed:
            was_up, self._is_up = self._is_up, False
        if was_up and not self._is_ending:
            _LOGGER.warning("the MQTT broker of an alert channel was lost")
            self._was_told = True
        self._is_disconnected.set()

    def _acknowledged(self, _: mqtt.Client, __: Any, mid: int, reason: ReasonCode, ___: Properties) -> None:
        if reason.is_failure:
            self._refused[mid] = str(reason).lower()
            while len(self._refused) > _REFUSALS_KEPT:
                self._refused.pop(next(iter(self._refused)))


def _let_go(client: mqtt.Client) -> None:
    """Without its way back to the link it closes its sockets as soon as nobody has it."""
    client.on_connect = client.on_disconnect = client.on_publish = None
    client.on_subscribe = client.on_message = None


def _send(client: mqtt.Client, one: Publication) -> mqtt.MQTTMessageInfo:
    return client.publish(one.topic, one.payload, qos=1, retain=one.is_state)
