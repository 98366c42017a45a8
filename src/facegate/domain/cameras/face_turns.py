"""Whose face is looked at closely in this picture: an embedding costs as much as a whole detection."""

from collections.abc import Sequence

from facegate.domain.cameras.people_in_view import PersonInView
from facegate.domain.face_quality import head_angles_degrees, pose_part, size_part, visibility_part
from facegate.domain.images import DetectedFace

MAX_FACES_PER_LOOK = 4

_LEAST_EXPECTED = 0.02
_UNDECIDED_FACES = 12
_UNDECIDED_EVERY_S = 1.0
"""After so many faces without a verdict there is no hurry any more."""

_NAMED_EVERY_S = 4.0
_STRANGER_EVERY_S = 2.0
"""Somebody who is enrolled while they stand there gets their name soon."""

_BETTER_TIMES, _BETTER_BY, _BETTER_EVERY_S = 1.5, 0.1, 1.0
"""A face that is plainly better than every one before is worth a look of its own."""


def expected_quality(face: DetectedFace) -> float:
    """What can be said of a face's quality without its pixels; the true one is at most this."""
    pose = pose_part(*head_angles_degrees(face.landmarks))
    return size_part(face.landmarks.interocular_px) * pose * visibility_part(face.detection_confidence)


def choose_faces(
    seen: Sequence[PersonInView], faces: Sequence[DetectedFace], at_s: float, limit: int = MAX_FACES_PER_LOOK
) -> list[int]:
    """Positions of the faces to look at, at most `limit`.

    Those that have to say who they are come first, among them who waits longest; then those that only have
    to be looked at again.
    """
    ranked = []
    for number, (person, face) in enumerate(zip(seen, faces, strict=True)):
        expected = expected_quality(face)
        if expected >= _LEAST_EXPECTED and _is_due(person, expected, at_s):
            waiting_since_s = float("-inf") if person.read_s is None else person.read_s
            ranked.append((person.is_settled, waiting_since_s, -expected, number))
    return [number for *_, number in sorted(ranked)[:limit]]


def _is_due(person: PersonInView, expected: float, at_s: float) -> bool:
    if person.read_s is None:
        return True
    passed_s = at_s - person.read_s
    if not person.is_settled:
        is_endless = person.votes.verdict is None and person.votes.count >= _UNDECIDED_FACES
        return passed_s >= (_UNDECIDED_EVERY_S if is_endless else 0.0)
    verdict = person.votes.verdict
    is_named = verdict is not None and verdict.subject_id is not None
    is_better = expected > _BETTER_TIMES * person.best_quality + _BETTER_BY
    return passed_s >= (_NAMED_EVERY_S if is_named else _STRANGER_EVERY_S) or (
        is_better and passed_s >= _BETTER_EVERY_S
    )
