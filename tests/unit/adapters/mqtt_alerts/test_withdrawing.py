"""What brokers kept goes with the person, the camera and the channel it was of."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.alert_senders import JPEG, LOOPBACK, make_channel, make_message
from tests.contracts.mqtt_brokers import OwnBroker, listening, own_broker
from tests.unit.adapters.mqtt_alerts.test_sender import channel_to, kept_by, told, wait_until

from facegate.adapters.mqtt_alerts import MqttAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import AlertKind
from facegate.domain.errors import ChannelFailed, StoreFailed

PERSON, PICTURE = "facegate/cameras/cam1/person", "facegate/cameras/cam1/picture"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with own_broker(tmp_path) as opened:
        yield opened


@pytest.fixture
def sender() -> Iterator[MqttAlerts]:
    alerts = MqttAlerts(3.0, LOOPBACK)
    yield alerts
    alerts.close()


def with_pictures(broker: OwnBroker, **options: str) -> AlertChannel:
    return channel_to(broker, picture="true", **options)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_deleted_person_goes_and_others_stay(broker: OwnBroker, sender: MqttAlerts, protocol: str) -> None:
    channel = with_pictures(broker, protocol=protocol)
    sender.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    sender.send(channel, told(AlertKind.SEEN, "e2", "bob", "cam2"))
    with listening("127.0.0.1", broker.port, PERSON) as ear:
        ear.wait_for(PERSON)
        sender.forget_subjects(["alice", "carol"])
        told_last = ear.wait_for(PERSON, 3)
    assert json.loads(told_last[1])["person"] is None
    assert told_last[2] == b""
    kept = kept_by(broker)
    assert PERSON not in kept
    assert PICTURE not in kept
    assert kept["facegate/cameras/cam2/picture"] == JPEG
    assert json.loads(kept["facegate/cameras/cam2/person"])["person"] == "bob"


def test_a_deleted_person_does_not_come_back_with_the_broker(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = with_pictures(broker)
    sender.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    sender.send(channel, told(AlertKind.SEEN, "e2", "bob", "cam2"))
    broker.stop()
    sender.forget_subjects(["alice"])
    broker.start()
    wait_until(lambda: "facegate/cameras/cam2/person" in kept_by(broker))
    assert PERSON not in kept_by(broker)
    assert PICTURE not in kept_by(broker)


def test_what_an_earlier_run_told_goes_too(broker: OwnBroker) -> None:
    channel = with_pictures(broker)
    earlier = MqttAlerts(3.0, LOOPBACK)
    earlier.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    earlier.send(channel, told(AlertKind.SEEN, "e2", "bob", "cam2"))
    earlier.close()
    others = [
        replace(channel_to(broker), is_enabled=False),
        make_channel(ChannelKind.WEBHOOK, {}, {}),
        make_channel(ChannelKind.MQTT, {}, {}),
    ]
    sender = MqttAlerts(3.0, LOOPBACK, lambda: [*others, channel])
    sender.forget_subjects(["alice"])
    wait_until(lambda: PERSON not in kept_by(broker))
    kept = kept_by(broker)
    assert PICTURE not in kept
    assert "facegate/cameras/cam2/picture" in kept
    assert len(sender._links) == 1
    sender.close()


def test_who_is_enrolled_again_is_told_of_again(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = with_pictures(broker)
    sender.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    sender.forget_subjects(["alice"])
    sender.send(channel, told(AlertKind.SEEN, "e2", "alice"))
    sender.forget_subjects(["bob"])
    time.sleep(0.3)
    assert json.loads(kept_by(broker)[PERSON])["person"] == "alice"


def test_a_picture_does_not_stand_beside_another_name(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = with_pictures(broker)
    sender.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    sender.send(channel, replace(told(AlertKind.SEEN, "e2", "bob"), picture=None))
    assert PICTURE not in kept_by(broker)


def test_a_deleted_camera_leaves_nothing_though_visits_end_after_it(
    broker: OwnBroker, sender: MqttAlerts
) -> None:
    channel = with_pictures(broker)
    sender.send(channel, told(AlertKind.SEEN, "e1", "alice"))
    sender.send(channel, told(AlertKind.SEEN, "e2", "bob", "cam2"))
    sender.drop_camera("cam1")
    with listening("127.0.0.1", broker.port, "facegate/+/+/event") as ear:
        sender.send(channel, told(AlertKind.LEFT, "e1", "alice"))
        ear.wait_for("facegate/cameras/cam1/event")
    kept = kept_by(broker)
    assert not [topic for topic in kept if "cam1" in topic]
    assert len([topic for topic in kept if "cam2" in topic]) == 3 + 5


def test_a_camera_deleted_after_a_restart_leaves_nothing(broker: OwnBroker) -> None:
    channel = with_pictures(broker)
    earlier = MqttAlerts(3.0, LOOPBACK)
    earlier.send(channel, make_message())
    earlier.close()
    sender = MqttAlerts(3.0, LOOPBACK, lambda: [channel])
    sender.drop_camera("cam1")
    wait_until(lambda: not [topic for topic in kept_by(broker) if "cam1" in topic])
    sender.close()


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_dropped_channel_takes_everything_away_and_ends(broker: OwnBroker, is_restarted: bool) -> None:
    before = set(threading.enumerate())
    channel = with_pictures(broker)
    sender = MqttAlerts(3.0, LOOPBACK)
    sender.send(channel, make_message())
    sender.send(channel, replace(make_message(kind=AlertKind.CAMERA_DOWN), camera_id="cam 2"))
    if is_restarted:
        sender.close()
        sender = MqttAlerts(3.0, LOOPBACK)
    sender.drop_channel(channel)
    wait_until(lambda: kept_by(broker) == {})
    wait_until(lambda: set(threading.enumerate()) <= before)
    assert sender._links == {}
    sender.close()


def test_a_channel_to_the_same_topics_has_its_own_back(broker: OwnBroker, sender: MqttAlerts) -> None:
    one, other = channel_to(broker), channel_to(broker)
    sender.send(one, make_message())
    sender.send(other, make_message())
    before = kept_by(broker)
    with listening("127.0.0.1", broker.port, "facegate/status") as ear:
        sender.drop_channel(one)
        wait_until(lambda: ear.payloads("facegate/status")[-2:] == [b"", b"online"])
        wait_until(lambda: kept_by(broker).keys() == before.keys())


def test_a_test_over_a_channel_that_is_off_leaves_no_connection(
    broker: OwnBroker, sender: MqttAlerts
) -> None:
    message = replace(make_message(kind=AlertKind.TEST), camera_id=None)
    sender.send(replace(channel_to(broker), is_enabled=False), message)
    wait_until(lambda: kept_by(broker) == {})
    assert sender._links == {}


def test_a_broker_that_is_away_holds_nobody_up(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = channel_to(broker)
    sender.send(channel, make_message())
    broker.stop()
    time.sleep(0.2)
    started_s = time.monotonic()
    sender.forget_subjects(["alice"])
    sender.drop_camera("cam1")
    sender.drop_channel(channel)
    assert time.monotonic() - started_s < 0.5


def test_without_the_channels_what_is_connected_is_told(
    broker: OwnBroker, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> list[AlertChannel]:
        raise StoreFailed("the disk cannot be read")

    sender = MqttAlerts(3.0, LOOPBACK, broken)
    sender.send(channel_to(broker), make_message())
    sender.forget_subjects(["alice"])
    wait_until(lambda: PERSON not in kept_by(broker))
    assert "the disk cannot be read" in caplog.text
    sender.close()
    sender.drop_channel(channel_to(broker))
    with pytest.raises(ChannelFailed):
        sender.send(channel_to(broker), make_message())


@pytest.mark.parametrize(
    "strange",
    [b"", b"[]", b"{", b"[" * 4000, b"\xff", b'{"subject_id": 5}', b'{"subject_id": "alice"}' * 500],
)
def test_what_others_left_at_the_broker_breaks_nothing(
    broker: OwnBroker, sender: MqttAlerts, strange: bytes
) -> None:
    channel = channel_to(broker)
    with listening("127.0.0.1", broker.port, "facegate/#") as ear:
        ear._client.publish("facegate/cameras/odd/person", strange, qos=1, retain=True).wait_for_publish(2)
        sender.send(channel, make_message())
        sender.forget_subjects(["alice"])
        ear.wait_for(PERSON, 3)
        sender.send(channel, make_message())
