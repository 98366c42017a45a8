"""Visits: one person at one camera, from the first sight until they have been gone for a while."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from facegate.domain.events.event import EventCandidate, new_event_id
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band


class VisitChangeKind(StrEnum):
    """What happened to a visit; each visit begins once and ends once."""

    BEGAN = "began"
    """Enough was seen to say who it is, or that it is nobody of the gallery."""

    NAMED = "named"
    """A stranger's visit turned out to be somebody's, or somebody else's than was said."""

    ENDED = "ended"


@dataclass(frozen=True, slots=True, eq=False)
class VisitShot:
    """The best picture of a visit so far, small enough to be sent.

    `box` is the person's face in pixels of `frame`; `quality` is the face's own, on 0..1.
    """

    frame: Frame
    box: PixelBox
    quality: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at one camera as far as is known now; a later change replaces it.

    `subject_id` is set with the band MATCH only. With REVIEW `candidates` say whom it may have been, most
    similar first. `is_live` is None where liveness is not checked; False is told as UNKNOWN, whoever the
    face looks like.
    """

    camera_id: str
    subject_id: str | None
    band: Band
    began_at: datetime
    last_seen_at: datetime
    confidence: float | None = None
    similarity: float | None = None
    candidates: tuple[EventCandidate, ...] = ()
    ended_at: datetime | None = None
    shot: VisitShot | None = field(default=None, repr=False)
    is_live: bool | None = None
    visit_id: str = field(default_factory=new_event_id)

    def as_nobodys(self) -> "Visit":
        """Without anything that says or shows whose it was: the person was deleted."""
        return replace(
            self,
            subject_id=None,
            band=Band.UNKNOWN,
            confidence=None,
            similarity=None,
            candidates=(),
            shot=None,
        )


@dataclass(frozen=True, slots=True)
class VisitChange:
    """A visit that began, got another name or ended, as it is afterwards."""

    kind: VisitChangeKind
    visit: Visit
