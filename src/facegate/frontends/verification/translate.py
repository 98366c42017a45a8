"""From the verification door's form to the check and back: the seven outcomes. No I/O."""

from dataclasses import dataclass

from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.verification.messages import (
    SUPPORTED_SUFFIXES,
    UNKNOWN_PERSON,
    Refusal,
    RefusalMessage,
    VerdictMessage,
)
from facegate.frontends.wire.images import decode_base64_image
from facegate.use_cases.verify_face import VerifiedFace, VerifyFaceRequest, VerifyFaceResult

CONFIDENCE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class VerificationOptions:
    """What the operator chose for this door. `liveness` None leaves the check out."""

    max_image_bytes: int
    liveness: LivenessPolicy | None = None


def parse_claimed_id(user_id: str) -> str:
    """The claimed subject's id.

    Raises:
        InvalidInput: not a possible id; an empty one is outcome 1 and does not come here.
    """
    try:
        return parse_subject_id(user_id)
    except InvalidInput as error:
        raise InvalidInput(f"user_id: {error.message}", field="user_id") from error


def has_supported_suffix(file_name: str) -> bool:
    """Whether the name ends in one of the documented suffixes, in either case."""
    return file_name.strip().lower().endswith(SUPPORTED_SUFFIXES)


def bytes_of_text(text: str, max_bytes: int) -> bytes:
    """The picture of a plain form field: base64, a data URI, or the raw bytes as a form part without a name.

    Raises:
        InvalidInput: none of these.
        ImageTooLarge: larger than `max_bytes`.
    """
    if text.isascii():
        return decode_base64_image(text, max_bytes=max_bytes, field="file")
    # A part that is no UTF-8 is read as Latin-1, which keeps every byte.
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise InvalidInput("the picture is neither base64 nor raw bytes", field="file") from error
    if len(raw) > max_bytes:
        raise ImageTooLarge("the picture has too many bytes", field="file")
    return raw


def check_request(encoded: bytes, subject_id: str, options: VerificationOptions) -> VerifyFaceRequest:
    """Is one of these faces the claimed user's?"""
    return VerifyFaceRequest(encoded, subject_id, liveness=options.liveness)


def refusal_message(refusal: Refusal) -> RefusalMessage:
    """An outcome that names nobody."""
    return RefusalMessage(error_message=refusal.value)


def outcome_message(result: VerifyFaceResult) -> VerdictMessage:
    """Outcomes 3 to 7. A face that fails the liveness check is nobody's."""
    if not result.faces:
        return refusal_message(Refusal.NO_FACE)
    if len(result.faces) > 1:
        return _several_faces(result)
    face = result.faces[0]
    if not _is_known(face):
        return RefusalMessage(face_detected=UNKNOWN_PERSON, error_message=Refusal.NOT_IN_DATASET.value)
    return VerdictMessage(
        face_detected=_name_of(face), confidence=_confidence_text(face), match_status=_is_accepted(face)
    )


def _several_faces(result: VerifyFaceResult) -> RefusalMessage:
    names = [_name_of(face) for face in result.faces]
    accepted = next((face for face in result.faces if _is_accepted(face)), None)
    if accepted is None:
        return RefusalMessage(face_detected=names, error_message=Refusal.SEVERAL_FACES_NONE_MATCHED.value)
    return RefusalMessage(
        face_detected=names,
        confidence=_confidence_text(accepted),
        match_status=True,
        error_message=Refusal.SEVERAL_FACES_ONE_MATCHED.value,
    )


def _is_known(face: VerifiedFace) -> bool:
    return face.subject_id is not None and face.is_live is not False


def _is_accepted(face: VerifiedFace) -> bool:
    return face.is_claimed and _is_known(face)


def _name_of(face: VerifiedFace) -> str:
    return face.subject_id if face.subject_id is not None and _is_known(face) else UNKNOWN_PERSON


def _confidence_text(face: VerifiedFace) -> str | None:
    """How sure the name is: of the claim if it is they, else of the search."""
    if face.is_claimed and face.verification is not None:
        return f"{face.verification.confidence:.{CONFIDENCE_DECIMALS}f}"
    match = face.identification.match
    return None if match is None else f"{match.confidence:.{CONFIDENCE_DECIMALS}f}"
