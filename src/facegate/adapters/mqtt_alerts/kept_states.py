"""What a broker shall keep for one channel, and what it shall keep no longer."""

import json
import threading
from collections.abc import Collection, Iterable

from facegate.adapters.mqtt_alerts.discovery import discovery_topics
from facegate.adapters.mqtt_alerts.options import BrokerOptions
from facegate.adapters.mqtt_alerts.topics import STATE_WORDS, Publication, state_topic, topic_word

_MAX_EMPTY = 5_000
_MAX_FORGOTTEN = 10_000
_MAX_HEARD_BYTES = 4_096

_NOBODY = json.dumps({"person": None, "subject_id": None, "event_id": None, "at": None}).encode()
"""For those who listen now: an empty payload alone leaves the name in Home Assistant's attributes."""


class KeptStates:
    """The last state of each topic; an empty one takes what is kept away, again after each connect.

    Safe from several threads, and holds its lock for moments only.
    """

    def __init__(self, options: BrokerOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._states: dict[str, Publication] = {}
        self._forgotten: dict[str, None] = {}
        self._cameras: dict[str, None] = {}

    def put(self, state: Publication) -> None:
        """This is what the broker shall keep."""
        with self._lock:
            self._put(state)
            if state.subject_id is not None:
                # Enrolled again: what is told of them from now on stays.
                self._forgotten.pop(state.subject_id, None)

    def has(self, state: Publication) -> bool:
        """Whether exactly this is kept."""
        with self._lock:
            return self._states.get(state.topic) == state

    def all(self) -> list[Publication]:
        """In the order in which they came."""
        with self._lock:
            return list(self._states.values())

    def forget(self, subject_ids: Collection[str]) -> list[Publication]:
        """What takes away all that names or shows these people."""
        with self._lock:
            self._forgotten.update(dict.fromkeys(subject_ids))
            _shorten(self._forgotten, _MAX_FORGOTTEN)
            topics = [one.topic for one in self._states.values() if one.subject_id in subject_ids]
            return self._empty(topics)

    def drop_camera(self, camera_id: str) -> list[Publication]:
        """What takes away everything of this camera."""
        with self._lock:
            return self._drop(topic_word(camera_id))

    def drop_all(self) -> list[Publication]:
        """What takes away everything of all cameras that were told of or heard of."""
        with self._lock:
            return [one for word in list(self._cameras) for one in self._drop(word)]

    def hear(self, topic: str, payload: bytes) -> list[Publication]:
        """What the broker has kept, perhaps from an earlier run; gives what has to go of it."""
        prefix = f"{self._options.topic_prefix}/cameras/"
        word, _, name = topic.removeprefix(prefix).partition("/")
        if not topic.startswith(prefix) or not payload:
            return []
        with self._lock:
            self._cameras[word] = None
            _shorten(self._cameras, _MAX_EMPTY)
            if name != "person" or _subject_of(payload) not in self._forgotten:
                return []
            # A picture is always that of the person who is named beside it.
            return self._empty(
                state_topic(self._options.topic_prefix, word, one) for one in ("person", "picture")
            )

    def _drop(self, word: str) -> list[Publication]:
        self._cameras.pop(word, None)
        topics = [state_topic(self._options.topic_prefix, word, name) for name in STATE_WORDS]
        return self._empty([*discovery_topics(self._options, word), *topics])

    def _empty(self, topics: Iterable[str]) -> list[Publication]:
        telling: list[Publication] = []
        for topic in topics:
            empty = Publication(topic, b"", is_state=True)
            self._put(empty)
            if topic.endswith("/person"):
                telling.append(Publication(topic, _NOBODY))
            telling.append(empty)
        return telling

    def _put(self, state: Publication) -> None:
        # Whatever is newest comes last, so that the oldest empty ones are the first to go.
        self._states.pop(state.topic, None)
        self._states[state.topic] = state
        word = state.topic.removeprefix(f"{self._options.topic_prefix}/cameras/").partition("/")[0]
        if state.payload and word and state.topic.startswith(f"{self._options.topic_prefix}/cameras/"):
            self._cameras[word] = None
        empty_topics = [one.topic for one in self._states.values() if not one.payload]
        for topic in empty_topics[: max(0, len(empty_topics) - _MAX_EMPTY)]:
            del self._states[topic]


def _subject_of(payload: bytes) -> str | None:
    if len(payload) > _MAX_HEARD_BYTES:
        return None
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    subject_id = content.get("subject_id") if isinstance(content, dict) else None
    return subject_id if isinstance(subject_id, str) else None


def _shorten(remembered: dict[str, None], most: int) -> None:
    while len(remembered) > most:
        del remembered[next(iter(remembered))]
