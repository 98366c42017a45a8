"""Who is in front of the camera: the user, somebody else, somebody beside them, nobody; and phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.images import DetectedFace
from facegate.domain.presence.observation import Observation, SeenIdentity
from facegate.domain.presence.verdicts import Check, CheckState, Cue, Finding


@dataclass(frozen=True, slots=True)
class IdentityLimits:
    """Who counts, and how long a user who turns away is still taken for themselves.

    A second face counts from `min_second_face_share` of the main face's area on: smaller ones are far behind
    or on a wall. An uncertain look is held for the user at most `identity_hold_s` after a certain one, on a
    track without a gap of more than `max_gap_s` in which the box overlaps from frame to frame by
    `min_track_overlap`. A look of a quality below `uncertain_below_quality` is uncertain if its similarity is
    at least `stranger_share` of the one needed, a better look if it is at least `uncertain_share` of that:
    a good look at another face is a stranger at once. Checks in `allow_missing` may be missing.
    """

    identity_hold_s: float = 5.0
    max_gap_s: float = 2.0
    min_track_overlap: float = 0.3
    min_second_face_share: float = 0.1
    uncertain_below_quality: float = 0.5
    uncertain_share: float = 0.6
    stranger_share: float = 0.25
    allow_missing: frozenset[Check] = frozenset()


def identity_cues(observation: Observation, past: Sequence[Observation], limits: IdentityLimits) -> list[Cue]:
    """What speaks against the user sitting there alone, without a phone. `past` is oldest first."""
    cues = [*_missing_checks(observation, limits), *_phones(observation)]
    if not observation.faces:
        return [Cue(Finding.NO_FACE), *cues]
    return [
        *_main_face(observation, past, limits),
        *_second_face(observation.faces, limits),
        *cues,
    ]


def is_unbroken(earlier: Observation, later: Observation, limits: IdentityLimits) -> bool:
    """Whether the main face of one frame can be that of the next: near in time and place."""
    if not (earlier.faces and later.faces):
        return False
    overlap = earlier.faces[0].box.intersection_over_union(later.faces[0].box)
    return 0.0 <= later.at_s - earlier.at_s <= limits.max_gap_s and overlap >= limits.min_track_overlap


def _main_face(observation: Observation, past: Sequence[Observation], limits: IdentityLimits) -> list[Cue]:
    identity = observation.identity
    if identity is None or identity.is_user:
        return []
    if identity.best_subject_id is not None:
        return [Cue(Finding.OTHER_PERSON, identity.best_similarity, identity.min_similarity)]
    if _is_uncertain(identity, limits) and _was_certain_on_this_track(observation, past, limits):
        return []
    return [Cue(Finding.STRANGER, identity.similarity, identity.min_similarity)]


def _is_uncertain(identity: SeenIdentity, limits: IdentityLimits) -> bool:
    is_poor = identity.quality < limits.uncertain_below_quality
    share = limits.stranger_share if is_poor else limits.uncertain_share
    return identity.similarity >= share * identity.min_similarity


def _was_certain_on_this_track(
    observation: Observation, past: Sequence[Observation], limits: IdentityLimits
) -> bool:
    """Whether the user was seen for certain a short time ago and has not been out of sight since."""
    later = observation
    for earlier in reversed(past):
        if observation.at_s - earlier.at_s > limits.identity_hold_s:
            return False
        if not is_unbroken(earlier, later, limits):
            return False
        # Only a look that was taken then: one that was itself reused would prolong the hold.
        was_looked_at = earlier.checks.get(Check.IDENTITY) is CheckState.RAN
        if was_looked_at and earlier.identity is not None and earlier.identity.is_user:
            return True
        later = earlier
    return False


def _second_face(faces: Sequence[DetectedFace], limits: IdentityLimits) -> list[Cue]:
    if len(faces) < 2:
        return []
    share = faces[1].box.area_px / max(1.0, faces[0].box.area_px)
    counts = share >= limits.min_second_face_share
    return [Cue(Finding.SECOND_FACE, share, limits.min_second_face_share)] if counts else []


def _phones(observation: Observation) -> list[Cue]:
    if not observation.phones:
        return []
    surest = max(phone.detection_confidence for phone in observation.phones)
    return [Cue(Finding.PHONE, surest)]


def _missing_checks(observation: Observation, limits: IdentityLimits) -> list[Cue]:
    missing = {check for check, state in observation.checks.items() if state is CheckState.MISSING}
    return [Cue(Finding.CHECK_MISSING)] if missing - limits.allow_missing else []
