"""Faces and templates for tests of who is in view: people are directions, photos of them lie close by."""

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np

from facegate.domain.cameras.appearance import Likeness
from facegate.domain.cameras.people_in_view import FaceReading
from facegate.domain.cameras.votes import FaceVote
from facegate.domain.events.event import EventCandidate
from facegate.domain.geometry import PixelBox
from facegate.domain.matching import Band
from facegate.domain.templates import Metric, Template

LIKENESS = Likeness(Metric.COSINE, same_from=0.5, other_below=0.3, join_from=0.6)
BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
FACE_PX = 50.0


def when(at_s: float) -> datetime:
    """The time of day at that many seconds."""
    return BEGAN + timedelta(seconds=at_s)


def face_at(x: float, y: float = 100.0, size_px: float = FACE_PX) -> PixelBox:
    """A square face about this middle."""
    return PixelBox(x - size_px / 2, y - size_px / 2, x + size_px / 2, y + size_px / 2)


def template_of(person: str, variant: int = 0) -> Template:
    """Two of one person have a cosine of about 0.9, of two persons of about 0."""
    seed = int.from_bytes(hashlib.sha256(person.encode()).digest()[:4], "big")
    own = np.random.default_rng(seed).standard_normal(128)
    change = np.random.default_rng([seed, variant]).standard_normal(128)
    return Template("model", np.asarray(own + 0.3 * change, dtype=np.float32))


def vote(
    subject_id: str | None = None,
    at_s: float = 0.0,
    *,
    band: Band = Band.MATCH,
    quality: float = 0.8,
    is_live: bool | None = None,
) -> FaceVote:
    """For that person, with the band as a review about them, or without one for a stranger."""
    if subject_id is None:
        return FaceVote(at_s, quality, Band.UNKNOWN, (EventCandidate("other", 0.01, 0.1),), is_live)
    return FaceVote(at_s, quality, band, (EventCandidate(subject_id, 0.9, 0.7),), is_live)


def reading(person: str, box: PixelBox, face_vote: FaceVote, variant: int = 0) -> FaceReading:
    """What the engine makes of that person's face."""
    return FaceReading(box, face_vote.quality, template_of(person, variant), face_vote)
