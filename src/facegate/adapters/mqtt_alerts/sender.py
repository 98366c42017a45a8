"""A message to a broker: the event, the states it changes, and the camera's entities where they are new."""

import contextlib
import hashlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable

from facegate.adapters.mqtt_alerts.broker_link import BrokerLink
from facegate.adapters.mqtt_alerts.discovery import discovery_publications
from facegate.adapters.mqtt_alerts.options import BrokerOptions, broker_options
from facegate.adapters.mqtt_alerts.present_visits import PresentVisits
from facegate.adapters.mqtt_alerts.topics import (
    Publication,
    camera_name,
    event_publication,
    state_publications,
)
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.destinations import permitted_addresses
from facegate.domain.alerts.messages import OutboxMessage
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import ChannelFailed, InvalidInput, NotPermitted, StoreFailed

_LOGGER = logging.getLogger("facegate.alerts")

_LONGEST_LEAVING_S = 3.0

_MAX_DROPPED = 1_000
"""Cameras that are gone, of which something may still wait in the outbox."""


class MqttAlerts:
    """Publishes with QoS 1 and returns when the broker has acknowledged.

    Options and secrets: see `BrokerOptions`. Every event carries the message's id, by which a repetition is
    known. Connections stay open, one per channel; one whose channel was changed is replaced.
    """

    kind = ChannelKind.MQTT
    may_repeat = True

    def __init__(
        self,
        timeout_s: float,
        allowed_places: frozenset[InsidePlace] = frozenset(),
        list_channels: Callable[[], Iterable[AlertChannel]] = tuple,
    ) -> None:
        """`list_channels` gives those of any kind: brokers keep what was told before this process began."""
        self._timeout_s = timeout_s
        self._allowed = allowed_places
        self._list_channels = list_channels
        self._lock = threading.Lock()
        self._links: dict[str, BrokerLink] = {}
        self._present: dict[tuple[str, str], PresentVisits] = {}
        self._dropped_cameras: dict[str, None] = {}
        self._leaving: list[threading.Thread] = []
        self._is_closed = False

    def check(self, channel: AlertChannel) -> None:
        """Raises InvalidInput or NotPermitted; a host that is not known now may be known later."""
        options = broker_options(channel, self._allowed)
        try:
            found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        except OSError:
            return
        permitted_addresses((str(place[4][0]) for place in found), self._allowed)

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        """See the port."""
        ends_at = time.monotonic() + self._timeout_s
        try:
            options = broker_options(channel, self._allowed)
        except (InvalidInput, NotPermitted) as error:
            raise ChannelFailed(error.message, is_permanent=True) from None
        link = self._link(channel.channel_id, options)
        publications = self._publications(channel.channel_id, link, message)
        try:
            link.publish(publications, ends_at)
        except ChannelFailed as error:
            if error.may_have_arrived or error.is_permanent:
                # A broker that hangs, or a password that may be right next time: asked anew.
                self._drop(channel.channel_id, link)
            raise
        if not channel.is_enabled:
            self.drop_channel(channel)

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Brokers keep what names or shows them no longer, those that are away once they are back."""
        for link in self._all_links():
            link.forget_subjects(subject_ids)

    def drop_camera(self, camera_id: str) -> None:
        """Its topics and entities go; what is told of it later is an event and nothing that is kept."""
        with self._lock:
            self._dropped_cameras[camera_id] = None
            while len(self._dropped_cameras) > _MAX_DROPPED:
                del self._dropped_cameras[next(iter(self._dropped_cameras))]
            self._present = {key: one for key, one in self._present.items() if key[1] != camera_id}
        for link in self._all_links():
            link.drop_camera(camera_id)

    def drop_channel(self, channel: AlertChannel) -> None:
        """Takes everything away from its broker and ends the connection, in a thread of its own."""
        with self._lock:
            if self._is_closed:
                return
            self._present = {key: one for key, one in self._present.items() if key[0] != channel.channel_id}
            link = self._links.pop(channel.channel_id, None)
        if link is None:
            link = self._opened(channel)
        if link is not None:
            self._leave(self._withdraw, link)

    def close(self) -> None:
        """Ends all connections, each with a goodbye."""
        with self._lock:
            self._is_closed = True
            links = list(self._links.values())
            self._links.clear()
            leaving = list(self._leaving)
        for link in links:
            link.close()
        ends_at = time.monotonic() + _LONGEST_LEAVING_S
        for thread in leaving:
            thread.join(max(ends_at - time.monotonic(), 0.0))

    def _link(self, channel_id: str, options: BrokerOptions) -> BrokerLink:
        with self._lock:
            if self._is_closed:
                raise ChannelFailed("the server is shutting down")
            link = self._links.get(channel_id)
            if link is not None and link.options == options:
                return link
            self._links[channel_id] = fresh = BrokerLink(options, self._allowed, _client_word(channel_id))
        if link is not None and _place(link.options) == _place(options):
            link.close()
        elif link is not None:
            self._leave(self._withdraw, link)
        return fresh

    def _opened(self, channel: AlertChannel) -> BrokerLink | None:
        """A connection of its own, which is nobody else's."""
        if channel.has_lost_secrets:
            return None
        try:
            options = broker_options(channel, self._allowed)
        except (InvalidInput, NotPermitted):
            return None
        return BrokerLink(options, self._allowed, _client_word(channel.channel_id))

    def _all_links(self) -> list[BrokerLink]:
        """Those to all brokers that are in use; one that is not connected yet begins to."""
        try:
            channels = [one for one in self._list_channels() if one.kind is self.kind and one.is_enabled]
            channels = [one for one in channels if not one.has_lost_secrets]
        except StoreFailed as error:
            _LOGGER.error("brokers may keep what is deleted: the channels cannot be read: %s", error.message)
            channels = []
        for channel in channels:
            with contextlib.suppress(InvalidInput, NotPermitted, ChannelFailed):
                self._link(channel.channel_id, broker_options(channel, self._allowed))
        with self._lock:
            return list(self._links.values())

    def _withdraw(self, link: BrokerLink) -> None:
        link.withdraw(self._timeout_s)
        with self._lock:
            others = [
                one for one in self._links.values() if _place(one.options)[:2] == _place(link.options)[:2]
            ]
        for other in others:
            other.republish()

    def _drop(self, channel_id: str, link: BrokerLink) -> None:
        with self._lock:
            if self._links.get(channel_id) is link:
                del self._links[channel_id]
        # A broker that hangs makes goodbye take seconds, which are not the message's.
        self._leave(BrokerLink.close, link)

    def _leave(self, leave: Callable[[BrokerLink], None], link: BrokerLink) -> None:
        thread = threading.Thread(target=leave, args=(link,), name="mqtt goodbye", daemon=True)
        thread.start()
        with self._lock:
            self._leaving = [one for one in self._leaving if one.is_alive()] + [thread]

    def _publications(self, channel_id: str, link: BrokerLink, message: OutboxMessage) -> list[Publication]:
        options = link.options
        publications: list[Publication] = []
        if message.camera_id is not None and message.camera_id not in self._dropped_cameras:
            announced = discovery_publications(options, message.camera_id, camera_name(message))
            publications += [one for one in announced if not link.has_state(one)]
            publications += state_publications(
                options.topic_prefix,
                message,
                is_present=self._is_somebody_present(channel_id, options, message),
                with_picture=options.with_picture,
            )
        # Last: whoever hears of the event finds the states as they are after it.
        return [*publications, event_publication(options.topic_prefix, message)]

    def _is_somebody_present(self, channel_id: str, options: BrokerOptions, message: OutboxMessage) -> bool:
        with self._lock:
            visits = self._present.setdefault((channel_id, message.camera_id or ""), PresentVisits())
            return visits.is_anybody_after(message, options.off_delay_s)


def _place(options: BrokerOptions) -> tuple[str, int, str, str]:
    """Where its topics are; two channels may have the same."""
    return options.host, options.port, options.topic_prefix, options.discovery_prefix


def _client_word(channel_id: str) -> str:
    return hashlib.sha256(channel_id.encode()).hexdigest()[:8]
