"""One thing that happened: who, where, when, how sure."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from facegate.domain.matching import Band


class EventKind(StrEnum):
    """What happened."""

    SEEN = "seen"
    """A visit at a camera began; `ended_at` is set when it is over."""

    LEFT = "left"
    IDENTIFIED = "identified"
    """A picture was sent to be named."""

    VERIFIED = "verified"
    """A picture was held against a claim."""

    SCAN = "scan"
    """A face terminal reported somebody."""

    VIOLATION = "violation"
    """A workstation's user left, or somebody or something else is there."""

    CAMERA_DOWN = "camera_down"
    CAMERA_UP = "camera_up"


class EventDoor(StrEnum):
    """Where it came from."""

    CAMERAS = "cameras"
    ATTENDANCE = "attendance"
    VERIFICATION = "verification"
    PERSONS = "persons"
    REST_V1 = "rest_v1"
    PRESENCE = "presence"
    TERMINALS = "terminals"


class ReviewState(StrEnum):
    """Whether a person should look, or has."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"
    """It was nobody of the gallery."""


@dataclass(frozen=True, slots=True)
class EventCandidate:
    """Whom it may have been."""

    subject_id: str
    confidence: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `place_id` is the camera, terminal or workstation user, empty where there is none.

    `event_id` orders events by when they were made. `origin` names what it was made of elsewhere (such as
    `terminal:42`), so that it is stored once. `facts` are small and hold neither pictures nor secrets.
    """

    event_id: str
    kind: EventKind
    door: EventDoor
    occurred_at: datetime
    place_id: str = ""
    place_name: str = ""
    subject_id: str | None = None
    band: Band | None = None
    confidence: float | None = None
    similarity: float | None = None
    candidates: tuple[EventCandidate, ...] = ()
    ended_at: datetime | None = None
    has_shot: bool = False
    review: ReviewState = ReviewState.NOT_NEEDED
    reviewed_at: datetime | None = None
    origin: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_stranger(self) -> bool:
        """Somebody was there whom nobody knew. Neither a camera's health nor a person since forgotten is."""
        is_health = self.kind in (EventKind.CAMERA_DOWN, EventKind.CAMERA_UP)
        return self.subject_id is None and not is_health and self.band is not Band.MATCH


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are wanted; None and empty do not restrict. From inclusive, until exclusive.

    `before_id` is the place of a page, exclusive, newest first.
    """

    subject_id: str | None = None
    is_stranger: bool | None = None
    doors: frozenset[EventDoor] = frozenset()
    kinds: frozenset[EventKind] = frozenset()
    bands: frozenset[Band] = frozenset()
    reviews: frozenset[ReviewState] = frozenset()
    place_id: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    before_id: str | None = None

    def accepts(self, event: Event) -> bool:
        """Whether the event is wanted."""
        return (
            self.subject_id in (None, event.subject_id)
            and self.is_stranger in (None, event.is_stranger)
            and (not self.doors or event.door in self.doors)
            and (not self.kinds or event.kind in self.kinds)
            and (not self.bands or event.band in self.bands)
            and (not self.reviews or event.review in self.reviews)
            and self.place_id in (None, event.place_id)
            and (self.from_at is None or event.occurred_at >= self.from_at)
            and (self.until_at is None or event.occurred_at < self.until_at)
            and (self.before_id is None or event.event_id < self.before_id)
        )


class _EventIds:
    """Ids of one process, each greater than the one before, also when a clock is set back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def next(self) -> str:
        now_ms = time.time_ns() // 1_000_000
        with self._lock:
            last_ms, count = self._last
            if now_ms > last_ms:
                self._last = (now_ms, 0)
            else:
                # More than 65,536 in a millisecond borrow from the next one.
                self._last = (last_ms, count + 1) if count < _MAX_PER_MS else (last_ms + 1, 0)
            at_ms, count = self._last
        return f"{at_ms:012x}{count:04x}{secrets.token_hex(8)}"


_MAX_PER_MS = 0xFFFF
_ids = _EventIds()


def new_event_id() -> str:
    """32 hexadecimal digits: 12 of milliseconds since 1970, 4 that count within one, 64 random bits.

    Ids sort by when they were made, those of one process strictly.
    """
    return _ids.next()
