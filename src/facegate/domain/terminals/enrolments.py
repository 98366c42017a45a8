"""People on terminals: whom a terminal enrolled, and whom we want to have there."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PHOTO_BACKUP_NUMBER = 50
PASSWORD_BACKUP_NUMBER = 10
CARD_BACKUP_NUMBER = 11


class ReviewStatus(StrEnum):
    """What became of an enrolment that came from a terminal."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class TerminalEnrolment:
    """A `senduser` from a terminal; one per terminal, number and credential.

    Only photos are kept, and only until the review; of a password, a card or a fingerprint only that there
    is one.
    """

    serial_number: str
    enroll_id: int
    backup_number: int
    name: str
    received_at: datetime
    status: ReviewStatus = ReviewStatus.WAITING
    photo: bytes | None = field(default=None, repr=False)
    subject_id: str | None = None
    decided_at: datetime | None = None
    is_administrator: bool = False


class PlacementState(StrEnum):
    """`wanted` and `unwanted` wait for the terminal, `placed` is there, `refused` needs a look."""

    WANTED = "wanted"
    PLACED = "placed"
    UNWANTED = "unwanted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Placement:
    """A person of the gallery on a terminal. The photo is kept only while it waits to be sent.

    An `unwanted` placement outlives its subject: the terminal must still be told. `was_placed` holds from the
    moment on when the number there is known to be this person's: until then it may be somebody else's whom
    the terminal knows on its own.
    """

    serial_number: str
    enroll_id: int
    subject_id: str
    name: str
    state: PlacementState
    changed_at: datetime
    photo: bytes | None = field(default=None, repr=False)
    attempt_count: int = 0
    last_error: str = ""
    was_placed: bool = False
