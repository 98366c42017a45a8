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
    or on a wall. Another enrolled person has to be closer than the user by more than `min_lead_of_other`.

    An uncertain look is held for the user at most `identity_hold_s` after a certain one, on a track without a
    gap of more than `max_gap_s` in which the box overlaps from frame to frame by `min_track_overlap`. A look
    is uncertain when few strangers come as close to somebody as it does to the user: at most `max_good_rate`
    of them, or `max_poor_rate` if its quality is below `poor_below_quality`. Others are strangers at once.

    Checks in `allow_missing` may be missing.
    """

    identity_hold_s: float = 5.0
    max_gap_s: float = 2.0
    min_track_overlap: float = 0.3
    min_second_face_share: float = 0.1
    min_lead_of_other: float = 0.02
    poor_below_quality: float = 0.5
    max_good_rate: float = 0.02
    max_poor_rate: float = 0.1
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
    if identity is None:
        return []
    if _is_somebody_else(identity, limits):
        return [Cue(Finding.OTHER_PERSON, identity.best_similarity, identity.min_similarity)]
    if identity.is_user:
        return []
    if _is_uncertain(identity, limits) and _was_certain_on_this_track(observation, past, limits):
        return []
    return [Cue(Finding.STRANGER, identity.similarity, identity.min_similarity)]


def _is_somebody_else(identity: SeenIdentity, limits: IdentityLimits) -> bool:
    """Whether another enrolled person matches better than the user, even where the user matches too.

    The user is found by the search as well; being as close as they are, they have no lead over themselves.
    """
    if identity.best_subject_id is None or identity.best_similarity is None:
        return False
    return identity.best_similarity - identity.similarity > limits.min_lead_of_other


def _is_uncertain(identity: SeenIdentity, limits: IdentityLimits) -> bool:
    is_poor = identity.quality < limits.poor_below_quality
    return identity.false_match_rate <= (limits.max_poor_rate if is_poor else limits.max_good_rate)


def _was_certain_on_this_track(
    observation: Observation, past: Sequence[Observation], limits: IdentityLimits
) -> bool:
    """Whether the user was seen for certain a short time ago and has not been out of sight since.

    A frame between that shows somebody else, or two faces that could have changed places, ends the search.
    Only a look that was taken in its own frame is certain: one that was reused would prolong the hold, and a
    stranger could last longer than a check is ever reused.
    """
    later = observation
    for earlier in reversed(past):
        if observation.at_s - earlier.at_s > limits.identity_hold_s or earlier.identity is None:
            return False
        if not is_unbroken(earlier, later, limits) or _second_face(earlier.faces, limits):
            return False
        if _is_somebody_else(earlier.identity, limits):
            return False
        if earlier.identity.is_user:
            if earlier.checks.get(Check.IDENTITY) is CheckState.RAN:
                return True
            later = earlier
            continue
        if not _is_uncertain(earlier.identity, limits):
            return False
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
    """One cue for all checks that gave no answer where one was due; the verdict's `checks` name them."""
    missing = {check for check, state in observation.checks.items() if state is CheckState.MISSING}
    if observation.faces and observation.identity is None:
        missing.add(Check.IDENTITY)
    if observation.faces and observation.live_probability is None:
        missing |= _unless_not_needed(Check.LIVENESS, observation)
    if observation.phones is None:
        missing |= _unless_not_needed(Check.PHONE, observation)
    return [Cue(Finding.CHECK_MISSING)] if missing - limits.allow_missing else []


def _unless_not_needed(check: Check, observation: Observation) -> set[Check]:
    return set() if observation.checks.get(check) is CheckState.NOT_NEEDED else {check}
