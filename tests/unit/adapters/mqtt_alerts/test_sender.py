"""Messages to real brokers: one that everybody shares, and some of the test's own that break and refuse."""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from tests.contracts.alert_senders import LOOPBACK, make_channel, make_message
from tests.contracts.certificates import certificate_for
from tests.contracts.mqtt_brokers import Ear, OwnBroker, listening, own_broker
from tests.contracts.webhook_receivers import refused_port

from facegate.adapters.mqtt_alerts import MqttAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import AlertKind, OutboxMessage
from facegate.domain.errors import ChannelFailed

EVENT = "facegate/cameras/cam1/event"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with own_broker(tmp_path) as opened:
        yield opened


@pytest.fixture
def sender() -> Iterator[MqttAlerts]:
    alerts = MqttAlerts(3.0, LOOPBACK)
    yield alerts
    alerts.close()


def wait_until(is_so: Callable[[], bool], timeout_s: float = 8.0) -> None:
    ends_at = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.05)


def channel_to(broker: OwnBroker, password: str = "", **options: str) -> AlertChannel:
    given = {"host": "127.0.0.1", "port": str(broker.port), **options}
    return make_channel(ChannelKind.MQTT, given, {"password": password} if password else {})


def kept_by(broker: OwnBroker, *topics: str) -> dict[str, bytes]:
    """What somebody hears who comes now."""
    ear = Ear("127.0.0.1", broker.port, *(topics or ("facegate/#", "homeassistant/#")))
    time.sleep(0.3)
    found = {one.topic: bytes(one.payload) for one in ear.heard}
    ear._client.disconnect()
    ear._client.loop_stop()
    return found


def test_who_comes_later_finds_states_and_entities_but_no_events(
    broker: OwnBroker, sender: MqttAlerts
) -> None:
    sender.send(channel_to(broker), make_message())
    kept = kept_by(broker)
    assert kept["facegate/status"] == b"online"
    assert kept["facegate/cameras/cam1/present"] == b"ON"
    assert json.loads(kept["facegate/cameras/cam1/person"])["person"] == "Alice"
    assert EVENT not in kept
    assert "facegate/cameras/cam1/picture" not in kept
    assert len([topic for topic in kept if topic.startswith("homeassistant/")]) == 4


def told(kind: AlertKind, event_id: str, who: str | None, camera_id: str = "cam1") -> OutboxMessage:
    message = make_message(kind=kind, name=who or "unknown")
    return replace(message, event_id=event_id, subject_id=who, camera_id=camera_id)


def test_present_as_long_as_anybody_is(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = channel_to(broker)
    with listening("127.0.0.1", broker.port, "facegate/#") as ear:
        for kind, event_id, who in (
            (AlertKind.SEEN, "e1", "alice"),
            (AlertKind.SEEN, "e2", None),
            (AlertKind.SEEN, "e3", None),
            (AlertKind.LEFT, "e1", "alice"),
            (AlertKind.LEFT, "e2", None),
            (AlertKind.LEFT, "e3", None),
        ):
            sender.send(channel, told(kind, event_id, who))
        assert ear.wait_for("facegate/cameras/cam1/present", 6) == [b"ON"] * 5 + [b"OFF"]
        assert len(ear.wait_for(EVENT, 6)) == 6


def test_entities_are_announced_once_and_again_under_a_new_name(
    broker: OwnBroker, sender: MqttAlerts
) -> None:
    channel = channel_to(broker)
    config = "homeassistant/event/facegate-cam1/event/config"
    with listening("127.0.0.1", broker.port, "#") as ear:
        sender.send(channel, make_message())
        sender.send(channel, make_message())
        sender.send(channel, make_message(camera="Back door"))
        ear.wait_for(EVENT, 3)
        names = [json.loads(payload)["device"]["name"] for payload in ear.payloads(config)]
    assert names == ["Gate", "Back door"]


def test_messages_without_a_camera_have_a_topic_too(broker: OwnBroker, sender: MqttAlerts) -> None:
    message = make_message(kind=AlertKind.TEST)
    object.__setattr__(message, "camera_id", None)
    with listening("127.0.0.1", broker.port, "#") as ear:
        sender.send(channel_to(broker), message)
        assert json.loads(ear.wait_for("facegate/messages")[0])["event_type"] == "test"


def test_goodbye_and_last_will_both_say_offline(broker: OwnBroker) -> None:
    sender = MqttAlerts(3.0, LOOPBACK)
    sender.send(channel_to(broker), make_message())
    sender.close()
    assert kept_by(broker)["facegate/status"] == b"offline"

    program = (
        "import os\n"
        "from tests.unit.adapters.mqtt_alerts.test_sender import *\n"
        "broker = OwnBroker.__new__(OwnBroker)\n"
        f"broker.port = {broker.port}\n"
        "MqttAlerts(3.0, LOOPBACK).send(channel_to(broker), make_message())\n"
        "print('sent', flush=True)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert done.stdout == b"sent\n"
    assert kept_by(broker)["facegate/status"] == b"offline"


def test_a_broker_that_was_restarted_is_told_everything_again(
    broker: OwnBroker, sender: MqttAlerts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "facegate.alerts")
    channel = channel_to(broker)
    sender.send(channel, make_message())
    broker.stop()
    with pytest.raises(ChannelFailed) as failed:
        MqttAlerts(0.5, LOOPBACK).send(channel, make_message())
    assert not failed.value.is_permanent
    time.sleep(1.5)
    broker.start()
    ends_at = time.monotonic() + 8
    while not kept_by(broker).get("facegate/cameras/cam1/present"):
        assert time.monotonic() < ends_at, "the states did not come back"
    assert kept_by(broker)["facegate/status"] == b"online"
    sender.send(channel, make_message())


def test_a_broker_that_hangs_is_left_in_time_and_asked_anew(broker: OwnBroker) -> None:
    sender, channel = MqttAlerts(1.0, LOOPBACK), channel_to(broker)
    sender.send(channel, make_message())
    broker.hang()
    started_s = time.monotonic()
    for may_have_arrived in (True, False):
        # The second time nobody even takes the connection.
        with pytest.raises(ChannelFailed) as failed:
            sender.send(channel, make_message())
        assert failed.value.may_have_arrived is may_have_arrived
        assert not failed.value.is_permanent
    assert time.monotonic() - started_s < 3.5
    broker.go_on()
    ends_at = time.monotonic() + 5
    while True:
        with suppress(ChannelFailed):
            sender.send(channel, make_message())
            break
        assert time.monotonic() < ends_at
    sender.close()


def test_attempts_that_fail_leave_nothing_open() -> None:
    sender = MqttAlerts(1.0, LOOPBACK)
    channel = make_channel(ChannelKind.MQTT, {"host": "127.0.0.1", "port": str(refused_port())}, {})
    counts = []
    for _ in range(4):
        for _ in range(10):
            with pytest.raises(ChannelFailed):
                sender.send(channel, make_message())
        counts.append((psutil.Process().num_fds(), threading.active_count()))
    assert counts[-1] <= counts[0]
    sender.close()


def test_nothing_that_was_given_up_comes_late(broker: OwnBroker) -> None:
    sender = MqttAlerts(0.7, LOOPBACK)
    channel = channel_to(broker)
    sender.send(channel, make_message())
    broker.stop()
    time.sleep(0.2)
    for _ in range(2):
        with pytest.raises(ChannelFailed):
            sender.send(channel, make_message("too late"))
    with_ear = own_ear_after(broker)
    time.sleep(2.5)
    assert [json.loads(one)["title"] for one in with_ear.payloads(EVENT)] == []
    with_ear.close()
    sender.close()


def own_ear_after(broker: OwnBroker) -> Ear:
    broker.start()
    return Ear("127.0.0.1", broker.port, "facegate/#")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OwnBroker]:
    """Knows one user, who may write below `facegate/` but not to one camera."""
    passwords, rights = tmp_path / "passwords", tmp_path / "rights"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "gate", "s3cret-word"], check=True)
    rights.write_text("user gate\ntopic readwrite facegate/#\ntopic deny facegate/cameras/cam1/#\n")
    with own_broker(
        tmp_path, "allow_anonymous false", f"password_file {passwords}", f"acl_file {rights}"
    ) as opened:
        yield opened


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_wrong_password_is_final_and_not_told(
    guarded: OwnBroker, sender: MqttAlerts, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = channel_to(guarded, "wr0ng-word", user="gate", protocol=protocol)
    with pytest.raises(ChannelFailed, match="refuses the user and password") as failed:
        sender.send(wrong, make_message())
    assert failed.value.is_permanent
    assert "wr0ng-word" not in str(failed.value) + caplog.text


def test_a_topic_that_may_not_be_written_is_told(guarded: OwnBroker, sender: MqttAlerts) -> None:
    channel = channel_to(guarded, "s3cret-word", user="gate", discovery_prefix="")
    with pytest.raises(ChannelFailed, match="refused the message") as failed:
        sender.send(channel, make_message())
    assert failed.value.is_permanent
    message = make_message()
    object.__setattr__(message, "camera_id", "cam2")
    sender.send(channel, message)


def test_tls_is_held_against_the_name(tmp_path: Path) -> None:
    certificate, key = certificate_for("localhost", tmp_path)
    pem = certificate.read_text()
    sender = MqttAlerts(2.0, LOOPBACK)
    with own_broker(tmp_path, "allow_anonymous true", f"certfile {certificate}", f"keyfile {key}") as broker:
        sender.send(channel_to(broker, host="localhost", tls="true", ca_certificate=pem), make_message())
        for options in ({"host": "127.0.0.1", "ca_certificate": pem}, {"host": "localhost"}):
            with pytest.raises(ChannelFailed) as failed:
                sender.send(channel_to(broker, tls="true", **options), make_message())
            assert not failed.value.may_have_arrived
        sender.close()


def test_a_changed_channel_gets_a_new_connection(broker: OwnBroker, sender: MqttAlerts) -> None:
    channel = channel_to(broker)
    sender.send(channel, make_message())
    changed = AlertChannel(
        channel.channel_id,
        channel.kind,
        channel.name,
        {**channel.options, "topic_prefix": "house"},
        {},
        True,
        channel.created_at,
    )
    sender.send(changed, make_message())
    wait_until(lambda: not [topic for topic in kept_by(broker) if topic.startswith("facegate/")])
    kept = kept_by(broker, "#")
    assert kept["house/status"] == b"online"
    assert kept["house/cameras/cam1/present"] == b"ON"
    assert len([topic for topic in kept if topic.startswith("homeassistant/")]) == 4
    with sender._lock:
        assert len(sender._links) == 1
