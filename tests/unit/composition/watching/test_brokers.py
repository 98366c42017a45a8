"""What a broker keeps goes when a person, a camera or a channel is deleted anywhere in the server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.mqtt_brokers import OwnBroker, own_broker
from tests.fakes.video import FakeVideoSource
from tests.unit.adapters.mqtt_alerts.test_sender import kept_by, told, wait_until
from tests.unit.composition.watching.serving import add_camera, enrol, serving

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import AlertKind
from facegate.use_cases.alerts.channels import ChannelChange, NewChannel

LOOPBACK = {"FACEGATE_ALERTS__ALLOWED_PLACES": "loopback"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with own_broker(tmp_path) as opened:
        yield opened


def new_channel(broker: OwnBroker, prefix: str) -> NewChannel:
    options = {"host": "127.0.0.1", "port": str(broker.port), "topic_prefix": prefix, "discovery_prefix": ""}
    return NewChannel(ChannelKind.MQTT, prefix, options)


def kept(broker: OwnBroker) -> set[str]:
    return set(kept_by(broker, "#"))


def test_the_broker_hears_of_what_is_deleted(tmp_path: Path, broker: OwnBroker) -> None:
    with serving(tmp_path / "data", FakeVideoSource(), **LOOPBACK) as (application, watching):
        enrol(application, "ann")
        camera = add_camera(watching)
        channels = [watching.channels.add(new_channel(broker, name)) for name in ("deleted", "off")]
        sender = watching.senders[ChannelKind.MQTT]
        for channel in channels:
            sender.send(channel, told(AlertKind.SEEN, "e1", "ann", camera.camera_id))
        at_camera = f"cameras/{camera.camera_id}"
        assert kept(broker) == {
            f"{name}/{word}"
            for name in ("deleted", "off")
            for word in ("status", f"{at_camera}/person", f"{at_camera}/present")
        }

        application.gallery.remove_subject("ann")
        wait_until(lambda: not any(topic.endswith("/person") for topic in kept(broker)))

        watching.register.delete(camera.camera_id)
        wait_until(lambda: kept(broker) == {"deleted/status", "off/status"})

        watching.channels.delete(channels[0].channel_id)
        wait_until(lambda: kept(broker) == {"off/status"})
        watching.channels.change(channels[1].channel_id, ChannelChange(is_enabled=False))
        wait_until(lambda: kept(broker) == set())


def test_the_broker_hears_of_it_also_after_a_restart(tmp_path: Path, broker: OwnBroker) -> None:
    folder = tmp_path / "data"
    with serving(folder, FakeVideoSource(), **LOOPBACK) as (application, watching):
        enrol(application, "ann")
        channel = watching.channels.add(new_channel(broker, "house"))
        message = replace(told(AlertKind.SEEN, "e1", "ann"), channel_id=channel.channel_id)
        watching.senders[ChannelKind.MQTT].send(channel, message)
    with serving(folder, FakeVideoSource(), **LOOPBACK) as (application, _):
        application.gallery.remove_subject("ann")
        wait_until(lambda: "house/cameras/cam1/person" not in kept(broker))
