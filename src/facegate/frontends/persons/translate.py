"""From the persons door's form to use-case requests and back. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.errors import FacegateError, InvalidInput, NoFace, NotLive
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import RankedCandidate
from facegate.domain.subjects import Subject, new_subject_id, parse_subject_id
from facegate.frontends.persons.messages import (
    FIELD_REQUIRED,
    Action,
    AddedMessage,
    Box,
    Candidate,
    PersonEntry,
    PersonsMessage,
    RejectedFile,
    RetrievedMessage,
)
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest, EnrolPhotosResult, Photo
from facegate.use_cases.identify_faces import IdentifyFacesRequest, IdentifyFacesResult

CONFIDENCE_DECIMALS = 4
SIMILARITY_DECIMALS = 4

_SOURCE = "persons"


@dataclass(frozen=True, slots=True)
class PersonsOptions:
    """What the operator chose for this door. `liveness` None leaves the check out."""

    min_quality: float
    max_templates: int
    max_candidates: int
    max_image_bytes: int
    max_files: int = 100
    liveness: LivenessPolicy | None = None
    keep_cutouts: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SentFile:
    """One uploaded file: its bytes, or why it was not taken in."""

    name: str
    content: bytes | FacegateError


def parse_action(text: str | None) -> Action:
    """The action, in either case.

    Raises:
        InvalidInput: missing or not known.
    """
    if text is None or not text.strip():
        raise InvalidInput(FIELD_REQUIRED, field="action")
    try:
        return Action(text.strip().lower())
    except ValueError as error:
        known = ", ".join(action.value for action in Action)
        raise InvalidInput(f"unknown action; known ones are {known}", field="action") from error


def parse_person_id(text: str | None) -> str:
    """The subject's id.

    Raises:
        InvalidInput: missing or not a possible id.
    """
    if text is None or not text.strip():
        raise InvalidInput(FIELD_REQUIRED, field="person_id")
    try:
        return parse_subject_id(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="person_id") from error


def person_id_or_new(text: str | None) -> tuple[str, bool]:
    """The id that was sent, or a generated one, and whether it was generated."""
    if text is None or not text.strip():
        return new_subject_id(), True
    return parse_person_id(text), False


def enrolment_request(
    person_id: str, files: Sequence[SentFile], options: PersonsOptions
) -> EnrolPhotosRequest:
    """The files that could be read, under this door's rules, labelled by their place."""
    photos = tuple(
        Photo(str(place), file.content) for place, file in enumerate(files) if isinstance(file.content, bytes)
    )
    rules = EnrolmentRules(
        min_quality=options.min_quality,
        max_templates=options.max_templates,
        liveness=options.liveness,
        keep_cutouts=options.keep_cutouts,
    )
    return EnrolPhotosRequest(person_id, photos, _SOURCE, rules)


def added_message(
    result: EnrolPhotosResult, files: Sequence[SentFile], *, was_generated: bool, known: Subject | None
) -> AddedMessage:
    """What became of every file, in the order sent. `known` is who had the id already, if anybody."""
    reasons = {rejected.label: rejected.error for rejected in result.rejected}
    rejected = []
    for place, file in enumerate(files):
        error = file.content if isinstance(file.content, FacegateError) else reasons.get(str(place))
        if error is not None:
            rejected.append(RejectedFile(file=file.name, reason=error.message))
    subject = result.outcome.subject if result.outcome is not None else known
    is_nobody = result.outcome is None and was_generated
    return AddedMessage(
        person_id=None if is_nobody else result.subject_id,
        added=len(result.accepted),
        rejected=rejected,
        embeddings=0 if subject is None else subject.template_count,
    )


def retrieval_request(encoded: bytes, options: PersonsOptions) -> IdentifyFacesRequest:
    """Who is the largest face?"""
    return IdentifyFacesRequest(
        encoded, max_candidates=options.max_candidates, only_largest=True, liveness=options.liveness
    )


def retrieved_message(result: IdentifyFacesResult) -> RetrievedMessage:
    """The answer about the largest face. A match that a human should review is not recognised.

    Raises:
        NoFace: there is none.
        NotLive: the liveness check is on and the face fails it.
    """
    if not result.faces:
        raise NoFace("No face detected in image")
    face = result.faces[0]
    if face.is_live is False:
        raise NotLive("the face does not look live")
    match = face.identification.match
    return RetrievedMessage(
        recognized=match is not None,
        person_id=None if match is None else match.subject_id,
        confidence=0.0 if match is None else round(match.confidence, CONFIDENCE_DECIMALS),
        similarity=None if match is None else round(match.similarity, SIMILARITY_DECIMALS),
        box=_box_as_sent(face.face.box, result.frame),
        candidates=[_candidate(candidate) for candidate in face.identification.candidates],
    )


def persons_message(subjects: Sequence[Subject]) -> PersonsMessage:
    """Everybody with their number of embeddings."""
    return PersonsMessage(
        persons=[
            PersonEntry(person_id=subject.subject_id, embeddings=subject.template_count)
            for subject in subjects
        ]
    )


def _candidate(candidate: RankedCandidate) -> Candidate:
    return Candidate(
        person_id=candidate.subject_id,
        confidence=round(candidate.confidence, CONFIDENCE_DECIMALS),
        similarity=round(candidate.similarity, SIMILARITY_DECIMALS),
    )


def _box_as_sent(box: PixelBox, frame: Frame) -> Box:
    """The box in the upright picture's own pixels; a large JPEG may have been decoded smaller."""
    scale = frame.scale_to_original
    inside = PixelBox(
        box.left_px * scale, box.top_px * scale, box.right_px * scale, box.bottom_px * scale
    ).clipped_to(frame.original_size)
    return Box(
        left=round(inside.left_px),
        top=round(inside.top_px),
        right=round(inside.right_px),
        bottom=round(inside.bottom_px),
    )
