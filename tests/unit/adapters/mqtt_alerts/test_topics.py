"""Topics, states and what Home Assistant is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.alert_senders import JPEG, make_channel, make_message

from facegate.adapters.mqtt_alerts.discovery import discovery_publications
from facegate.adapters.mqtt_alerts.options import BrokerOptions, broker_options
from facegate.adapters.mqtt_alerts.topics import event_publication, state_publications, topic_word
from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import AlertKind
from facegate.domain.errors import InvalidInput

OPTIONS = BrokerOptions("broker", 1883, False, None, None)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_topic_word_is_one_level_and_keeps_differences(one: str, other: str) -> None:
    words = topic_word(one), topic_word(other)
    assert not set("".join(words)) & set("/+#$ \0")
    assert (words[0] == words[1]) == (one == other)


def test_states_of_each_kind() -> None:
    def states(kind: AlertKind, *, is_present: bool = True) -> dict[str, bytes]:
        found = state_publications("p", make_message(kind=kind), is_present=is_present, with_picture=True)
        assert all(one.is_state for one in found)
        return {one.topic.removeprefix("p/cameras/cam1/"): one.payload for one in found}

    seen = states(AlertKind.SEEN)
    assert set(seen) == {"person", "present", "picture"}
    assert json.loads(seen["person"])["person"] == "Alice"
    assert seen["picture"] == JPEG
    assert states(AlertKind.LEFT, is_present=False) == {"present": b"OFF"}
    assert states(AlertKind.CAMERA_DOWN) == {"problem": b"ON"}
    assert states(AlertKind.CAMERA_UP) == {"problem": b"OFF"}
    assert states(AlertKind.DIGEST) == {}


def test_an_event_is_told_whole_and_not_kept() -> None:
    message = make_message(kind=AlertKind.LEFT, duration_s=3.5)
    event = event_publication("p", message)
    assert (event.topic, event.is_state) == ("p/cameras/cam1/event", False)
    content = json.loads(event.payload)
    assert content["event_type"] == "left"
    assert content["message_id"] == message.message_id
    assert content["facts"]["duration_s"] == 3.5


def test_entities_share_a_device_and_know_their_topics() -> None:
    announced = discovery_publications(OPTIONS, "cam1", "Gate")
    topics = [one.topic for one in announced]
    assert topics == [
        "homeassistant/sensor/facegate-cam1/person/config",
        "homeassistant/binary_sensor/facegate-cam1/present/config",
        "homeassistant/binary_sensor/facegate-cam1/problem/config",
        "homeassistant/event/facegate-cam1/event/config",
    ]
    entities = [json.loads(one.payload) for one in announced]
    assert {entity["device"]["name"] for entity in entities} == {"Gate"}
    assert len({entity["unique_id"] for entity in entities}) == 4
    assert {entity["availability_topic"] for entity in entities} == {"facegate/status"}
    assert entities[1]["off_delay"] == 300


def test_discovery_can_be_switched_off() -> None:
    options = broker_options(
        make_channel(ChannelKind.MQTT, {"host": "broker", "discovery_prefix": ""}, {}), frozenset()
    )
    assert discovery_publications(options, "cam1", "Gate") == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "broker", "port": "0"}, "port"),
        ({"host": "broker", "port": "1e3"}, "port"),
        ({"host": "broker", "tls": "maybe"}, "tls"),
        ({"host": "broker", "topic_prefix": "a/#"}, "topic_prefix"),
        ({"host": "broker", "topic_prefix": "$SYS"}, "topic_prefix"),
        ({"host": "broker", "discovery_prefix": "a\0b"}, "discovery_prefix"),
        ({"host": "broker", "protocol": "4"}, "protocol"),
        ({"host": "broker", "off_delay_s": "-1"}, "off_delay_s"),
        ({"host": "broker", "ca_certificate": "no certificate"}, "ca_certificate"),
    ],
)
def test_what_cannot_work_is_refused_by_field(options: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        broker_options(make_channel(ChannelKind.MQTT, options, {}), frozenset())
    assert refused.value.field == field


def test_ports_follow_tls_and_passwords_need_a_user() -> None:
    assert broker_options(make_channel(ChannelKind.MQTT, {"host": "b"}, {}), frozenset()).port == 1883
    secure = make_channel(ChannelKind.MQTT, {"host": "b", "tls": "true", "user": "u"}, {"password": "p"})
    options = broker_options(secure, frozenset())
    assert (options.port, options.tls) == (8883, True)
    assert "'p'" not in repr(options)
    with pytest.raises(InvalidInput):
        broker_options(make_channel(ChannelKind.MQTT, {"host": "b"}, {"password": "p"}), frozenset())
