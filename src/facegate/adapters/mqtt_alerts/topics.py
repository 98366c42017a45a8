"""Where what is published, and what of it stays at the broker for those who come later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from facegate.domain.alerts.messages import AlertKind, OutboxMessage

ONLINE, OFFLINE = "online", "offline"
ON, OFF = "ON", "OFF"

NOBODY_KNOWN = "unknown"
"""What stands for a stranger where a person's name would."""

STATE_WORDS = ("person", "present", "problem", "picture")
"""What the broker keeps of a camera."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message to the broker. `is_state`: the broker keeps it (retained), and an empty one takes it away.

    `subject_id` is whom it names or shows.
    """

    topic: str
    payload: bytes = field(repr=False)
    is_state: bool = False
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class CameraTopics:
    """The topics of one camera."""

    prefix: str
    camera_id: str

    def topic(self, word: str) -> str:
        """`facegate/cameras/<id>/<word>`."""
        return state_topic(self.prefix, topic_word(self.camera_id), word)


def state_topic(prefix: str, camera_word: str, word: str) -> str:
    """A topic of the camera whose id is this as a word of topics."""
    return f"{prefix}/cameras/{camera_word}/{word}"


def status_topic(prefix: str) -> str:
    """Whether this server is there: `online`, and `offline` by its last will."""
    return f"{prefix}/status"


def topic_word(text: str) -> str:
    """One level of a topic that is an object id to Home Assistant too; different texts stay different."""
    return "".join(
        char if char.isascii() and (char.isalnum() or char == "-") else f"_{ord(char):x}_" for char in text
    )


def camera_name(message: OutboxMessage) -> str:
    """The camera's name for people, from the facts; its id where they do not say."""
    return _fact(message, "camera") or message.camera_id or ""


def person_name(message: OutboxMessage) -> str:
    """Who, from the facts, else the id; `unknown` for a stranger."""
    return _fact(message, "name") or message.subject_id or NOBODY_KNOWN


def event_publication(prefix: str, message: OutboxMessage) -> Publication:
    """The message itself; not kept by the broker: an event is over when it was told."""
    content: dict[str, object] = {
        "event_type": message.kind.value,
        "message_id": message.message_id,
        "event_id": message.event_id,
        "camera_id": message.camera_id,
        "subject_id": message.subject_id,
        "title": message.text.title,
        "body": message.text.body,
        "at": _happened_at(message),
        "facts": dict(message.text.facts),
    }
    topic = (
        f"{prefix}/messages"
        if message.camera_id is None
        else CameraTopics(prefix, message.camera_id).topic("event")
    )
    return Publication(topic, _json(content))


def state_publications(
    prefix: str, message: OutboxMessage, *, is_present: bool, with_picture: bool
) -> list[Publication]:
    """What a camera's topics say after this message."""
    if message.camera_id is None:
        return []
    topics = CameraTopics(prefix, message.camera_id)
    states: list[Publication] = []
    if message.kind is AlertKind.SEEN:
        person = {
            "person": person_name(message)[:255],
            "subject_id": message.subject_id,
            "event_id": message.event_id,
            "at": _happened_at(message),
        }
        subject_id = message.subject_id
        states.append(
            Publication(topics.topic("person"), _json(person), is_state=True, subject_id=subject_id)
        )
        if with_picture:
            # Without a picture the last one goes: it would stand beside somebody else's name.
            picture = message.picture or b""
            states.append(Publication(topics.topic("picture"), picture, is_state=True, subject_id=subject_id))
    if message.kind in (AlertKind.SEEN, AlertKind.LEFT):
        present = (ON if is_present else OFF).encode()
        states.append(Publication(topics.topic("present"), present, is_state=True))
    if message.kind in (AlertKind.CAMERA_DOWN, AlertKind.CAMERA_UP):
        problem = ON if message.kind is AlertKind.CAMERA_DOWN else OFF
        states.append(Publication(topics.topic("problem"), problem.encode(), is_state=True))
    return states


def _happened_at(message: OutboxMessage) -> str:
    return _fact(message, "at") or message.created_at.isoformat()


def _fact(message: OutboxMessage, name: str) -> str:
    text = message.text.facts.get(name)
    return text if isinstance(text, str) else ""


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, default=str).encode("utf-8", "replace")
