"""Events and messages for the suites of the history and the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.fakes.enrolments import later

from facegate.domain.alerts.messages import AlertKind, AlertMark, AlertText, MessageState, OutboxMessage
from facegate.domain.events.event import Event, EventDoor, EventKind
from facegate.domain.matching import Band


def event_id(number: int) -> str:
    """Ids in the order of the numbers, made a second apart from noon on."""
    made_at_ms = int(later(number).timestamp() * 1000)
    return f"{made_at_ms:012x}{number:020x}"


def an_event(number: int, subject_id: str | None = "anna", **fields: Any) -> Event:
    """The visit that began so many seconds after noon."""
    band = Band.MATCH if subject_id is not None else Band.UNKNOWN
    given: dict[str, Any] = {
        "event_id": event_id(number),
        "kind": EventKind.SEEN,
        "door": EventDoor.CAMERAS,
        "occurred_at": later(number),
        "place_id": "cam1",
        "place_name": "Gate",
        "subject_id": subject_id,
        "band": band,
    }
    return Event(**(given | fields))


def a_message(number: int, **fields: Any) -> OutboxMessage:
    """One that waits since so many seconds after noon and is due at once."""
    at: datetime = fields.pop("at", later(number))
    facts: Mapping[str, object] = fields.pop("facts", {"place": "Gate"})
    given: dict[str, Any] = {
        "message_id": event_id(number),
        "channel_id": "chan1",
        "kind": AlertKind.SEEN,
        "text": AlertText("Anna at Gate", "seen at noon", facts),
        "dedup_key": f"key {number}",
        "created_at": at,
        "expires_at": later(number + 1000),
        "next_attempt_at": at,
        "state": MessageState.WAITING,
    }
    return OutboxMessage(**(given | fields))


def a_mark(number: int, person_key: str = "subject:anna", camera_id: str = "cam1") -> AlertMark:
    return AlertMark(camera_id, person_key, later(number))
