"""What terminals report: scans of people, strangers and events of the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DEVICE_EVENT_ENROLL_ID = 0
UNKNOWN_FACE_ENROLL_ID = 99_999_999

RecordKey = tuple[int, str, int, int]
"""enroll_id, time_text, mode, event: with the serial number what makes a record the same one when resent."""


class ActivityKind(StrEnum):
    """Only `attendance` counts for a person."""

    ATTENDANCE = "attendance"
    UNKNOWN_FACE = "unknown_face"
    DEVICE_EVENT = "device_event"


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """One record as the terminal sent it, codes raw. `note` is its JSON text, `{}` when there is none."""

    enroll_id: int
    time_text: str
    mode: int = 0
    in_out: int = 0
    event: int = 0
    alias_id: str = ""
    name: str = ""
    verify_mode: int | None = None
    temperature_c: float | None = None
    note: str = "{}"

    @property
    def key(self) -> RecordKey:
        """Equal for a record and its repetition."""
        return (self.enroll_id, self.time_text, self.mode, self.event)

    @property
    def kind(self) -> ActivityKind:
        """Whom it is about."""
        if self.enroll_id == DEVICE_EVENT_ENROLL_ID:
            return ActivityKind.DEVICE_EVENT
        if self.enroll_id == UNKNOWN_FACE_ENROLL_ID:
            return ActivityKind.UNKNOWN_FACE
        return ActivityKind.ATTENDANCE


@dataclass(frozen=True, slots=True)
class Scan:
    """A record with the picture that the terminal took, encoded; the picture is never stored or logged."""

    record: ActivityRecord
    snapshot: bytes | None = field(default=None, repr=False)


class SnapshotVerdict(StrEnum):
    """What our own engine saw on the terminal's picture."""

    CONFIRMED = "confirmed"
    OTHER_PERSON = "other_person"
    STRANGER = "stranger"
    NOT_LIVE = "not_live"
    NO_FACE = "no_face"
    NOT_COMPARABLE = "not_comparable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SnapshotCheck:
    """The outcome of looking at a snapshot; `subject_id` is whom it shows, if that is known."""

    verdict: SnapshotVerdict
    subject_id: str | None = None
    similarity: float | None = None
    live_probability: float | None = None


@dataclass(frozen=True, slots=True)
class NewActivity:
    """A record on its way into the store. `occurred_at` is None where the terminal's time cannot be read."""

    serial_number: str
    record: ActivityRecord
    received_at: datetime
    occurred_at: datetime | None = None
    has_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """A stored record. Ids grow in the order of storing."""

    activity_id: int
    serial_number: str
    record: ActivityRecord
    received_at: datetime
    occurred_at: datetime | None
    has_snapshot: bool
    check: SnapshotCheck | None = None


@dataclass(frozen=True, slots=True)
class AddedActivity:
    """What became of one record: `is_new` is False when it was stored before."""

    activity_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """Which activity is wanted; None and empty do not restrict.

    `from_at` and `until_at` bound `occurred_at`, from inclusive, until exclusive; records without a readable
    time are then left out. `before_id` and `after_id` are places in the order of storing, exclusive.
    """

    serial_number: str | None = None
    enroll_id: int | None = None
    kinds: frozenset[ActivityKind] = frozenset()
    from_at: datetime | None = None
    until_at: datetime | None = None
    after_id: int | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class TerminalEvent:
    """Something for those who watch live: `name` such as `activity`, `connected`, `enrolment`."""

    name: str
    serial_number: str
    at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
