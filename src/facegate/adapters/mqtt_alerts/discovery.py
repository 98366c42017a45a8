"""What Home Assistant is told so that each camera is a device with entities there.

One topic per entity, as every version with MQTT discovery reads it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from facegate.adapters.mqtt_alerts.options import BrokerOptions
from facegate.adapters.mqtt_alerts.topics import (
    OFFLINE,
    ONLINE,
    CameraTopics,
    Publication,
    status_topic,
    topic_word,
)
from facegate.domain.alerts.messages import AlertKind

_EVENT_TYPES = [kind.value for kind in AlertKind if kind is not AlertKind.TEST]


def discovery_publications(options: BrokerOptions, camera_id: str, name: str) -> list[Publication]:
    """The entities of one camera; none where discovery is switched off."""
    if not options.discovery_prefix:
        return []
    topics = CameraTopics(options.topic_prefix, camera_id)
    node = _node(topic_word(camera_id))
    shared: dict[str, object] = {
        "device": {"identifiers": [node], "name": name, "manufacturer": "facegate", "model": "camera"},
        "origin": {"name": "facegate"},
        "availability_topic": status_topic(options.topic_prefix),
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
    }
    entities = _entities(topics, options)
    return [
        Publication(
            _config_topic(options, component, node, word),
            json.dumps({**shared, **entity, "unique_id": f"{node}-{word}"}, ensure_ascii=False).encode(
                "utf-8", "replace"
            ),
            is_state=True,
        )
        for (component, word), entity in entities.items()
    ]


def discovery_topics(options: BrokerOptions, camera_word: str) -> list[str]:
    """Wherever anything may stand of the camera whose id is this as a word of topics."""
    if not options.discovery_prefix:
        return []
    node = _node(camera_word)
    with_all = _entities(CameraTopics(options.topic_prefix, ""), replace(options, with_picture=True))
    return [_config_topic(options, component, node, word) for component, word in with_all]


def _node(camera_word: str) -> str:
    return f"facegate-{camera_word}"


def _config_topic(options: BrokerOptions, component: str, node: str, word: str) -> str:
    return f"{options.discovery_prefix}/{component}/{node}/{word}/config"


def _entities(topics: CameraTopics, options: BrokerOptions) -> Mapping[tuple[str, str], Mapping[str, object]]:
    present: dict[str, object] = {
        "name": "Person present",
        "device_class": "occupancy",
        "state_topic": topics.topic("present"),
    }
    if options.off_delay_s:
        present["off_delay"] = options.off_delay_s
    entities: dict[tuple[str, str], Mapping[str, object]] = {
        ("sensor", "person"): {
            "name": "Last person",
            "icon": "mdi:account",
            "state_topic": topics.topic("person"),
            # None, where what is kept was taken away, is Home Assistant's word for unknown.
            "value_template": "{{ value_json.person if value_json is defined else None }}",
            "json_attributes_topic": topics.topic("person"),
        },
        ("binary_sensor", "present"): present,
        ("binary_sensor", "problem"): {
            "name": "Problem",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "state_topic": topics.topic("problem"),
        },
        ("event", "event"): {
            "name": "Event",
            "event_types": _EVENT_TYPES,
            "state_topic": topics.topic("event"),
        },
    }
    if options.with_picture:
        entities["image", "picture"] = {
            "name": "Last picture",
            "image_topic": topics.topic("picture"),
            "content_type": "image/jpeg",
        }
    return entities
