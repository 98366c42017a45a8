"""What becomes events at the doors. Pure: results in, events out; no picture goes with them."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from facegate.domain.events.concerned import CLAIMED_FACT
from facegate.domain.events.event import (
    Event,
    EventCandidate,
    EventDoor,
    EventKind,
    ReviewState,
    new_event_id,
)
from facegate.domain.matching import Band, RankedCandidate
from facegate.domain.presence.verdicts import Verdict
from facegate.domain.subjects import STRANGER_ID
from facegate.use_cases.identify_faces import IdentifiedFace, IdentifyFacesResult
from facegate.use_cases.verify_face import VerifiedFace, VerifyFaceResult

MAX_FACES = 5
"""Of one picture: a photo of a whole class is not a hundred visits."""

MAX_CANDIDATES = 3


def identified(door: EventDoor, result: IdentifyFacesResult, at: datetime) -> list[Event]:
    """One event per face, largest first, for the largest ones; none where no face was seen."""
    faces = result.faces[:MAX_FACES]
    return [_identified_face(door, face, at, len(result.faces)) for face in faces]


def _identified_face(door: EventDoor, face: IdentifiedFace, at: datetime, face_count: int) -> Event:
    found = face.identification
    match = found.match
    is_fake = face.is_live is False
    # Whoever holds up somebody's picture has not brought them here.
    band = Band.UNKNOWN if is_fake else found.band
    best = found.candidates[0] if found.candidates else None
    return Event(
        event_id=new_event_id(),
        kind=EventKind.IDENTIFIED,
        door=door,
        occurred_at=at,
        subject_id=None if is_fake or match is None else match.subject_id,
        band=band,
        confidence=None if best is None else best.confidence,
        similarity=None if best is None else best.similarity,
        candidates=_candidates(found.candidates, band),
        review=_review_of(band),
        facts=_face_facts(face.judged.quality.quality, face.live_probability, face.is_live, face_count),
    )


def verified(door: EventDoor, claimed_id: str, result: VerifyFaceResult, at: datetime) -> list[Event]:
    """One event: of the face that is the claimed person's, else of the largest; none where no face was seen.

    Somebody who does not exist in the gallery is not named, whatever was claimed.
    """
    if not result.faces:
        return []
    face = next((one for one in result.faces if one.is_claimed and one.is_live is not False), result.faces[0])
    is_fake = face.is_live is False
    subject_id = None if is_fake else face.subject_id
    band = _verified_band(face, subject_id, is_fake=is_fake)
    confidence, similarity = _sureness(face, subject_id)
    facts = _face_facts(face.judged.quality.quality, face.live_probability, face.is_live, len(result.faces))
    facts["is_match"] = result.is_match
    if result.is_enrolled:
        facts[CLAIMED_FACT] = claimed_id
    return [
        Event(
            event_id=new_event_id(),
            kind=EventKind.VERIFIED,
            door=door,
            occurred_at=at,
            subject_id=subject_id,
            band=band,
            confidence=confidence,
            similarity=similarity,
            candidates=_candidates(face.identification.candidates, band),
            review=_review_of(band),
            facts=facts,
        )
    ]


def _verified_band(face: VerifiedFace, subject_id: str | None, *, is_fake: bool) -> Band:
    if subject_id is not None:
        return Band.MATCH
    # A search that matches, but whom the stricter check did not accept, is for a human to look at.
    is_close = face.identification.band is not Band.UNKNOWN
    return Band.REVIEW if is_close and not is_fake else Band.UNKNOWN


def _sureness(face: VerifiedFace, subject_id: str | None) -> tuple[float | None, float | None]:
    """Of the claim where it holds or nobody else is recognised, else of whom the search found."""
    if face.verification is not None and (subject_id is None or face.is_claimed):
        return face.verification.confidence, face.verification.similarity
    best = face.identification.candidates[0] if face.identification.candidates else None
    return (None, None) if best is None else (best.confidence, best.similarity)


def sameness(event: Event) -> Hashable:
    """Equal for events that say the same of one door: the person, or a stranger, or the doubt about whom.

    A check is the same only with the same claim and outcome; a picture of somebody is not the same as them.
    """
    doubted = event.candidates[0].subject_id if event.band is Band.REVIEW and event.candidates else None
    return (
        event.door,
        event.kind,
        event.band,
        event.subject_id,
        doubted,
        event.facts.get("is_live") is False,
        event.facts.get("is_match"),
        event.facts.get(CLAIMED_FACT),
    )


def violation(client_id: str, verdict: Verdict, at: datetime) -> Event:
    """The beginning of a violation at a workstation. It is the other person's who was recognised there.

    Otherwise it is the user's own, also where nobody was seen; a stranger's is nobody's.
    """
    seen = verdict.actual_username
    is_stranger = seen == STRANGER_ID
    return Event(
        event_id=new_event_id(),
        kind=EventKind.VIOLATION,
        door=EventDoor.PRESENCE,
        occurred_at=at,
        place_id=client_id,
        place_name=client_id,
        subject_id=None if is_stranger else seen or client_id,
        band=Band.UNKNOWN if is_stranger else Band.MATCH,
        facts={
            "action": verdict.action.value,
            "reason": verdict.reason.value,
            "findings": sorted({cue.finding.value for cue in verdict.cues}),
        },
    )


def _candidates(ranked: Sequence[RankedCandidate], band: Band) -> tuple[EventCandidate, ...]:
    """None for a stranger: whoever is closest to somebody who is close to nobody is a chance finding."""
    if band is Band.UNKNOWN:
        return ()
    return tuple(
        EventCandidate(one.subject_id, one.confidence, one.similarity) for one in ranked[:MAX_CANDIDATES]
    )


def _review_of(band: Band) -> ReviewState:
    return ReviewState.PENDING if band is Band.REVIEW else ReviewState.NOT_NEEDED


def _face_facts(
    quality: float, live_probability: float | None, is_live: bool | None, face_count: int
) -> dict[str, object]:
    facts: dict[str, object] = {"quality": round(quality, 3), "face_count": face_count}
    if is_live is not None:
        facts["is_live"] = is_live
    if live_probability is not None:
        facts["live_probability"] = round(live_probability, 3)
    return facts
