"""From the attendance door's messages to use-case requests and back. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from facegate.domain.errors import InvalidInput
from facegate.domain.gallery import GalleryCounts
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.subjects import is_canonical_decimal, parse_subject_id
from facegate.domain.templates import StoredTemplate
from facegate.frontends.attendance.messages import (
    NO_FACE_DETECTED,
    HealthMessage,
    NotRecognizedMessage,
    RecognizedMessage,
    RegisteredMessage,
    ServerInfo,
    Stats,
    StatsMessage,
    StatusMessage,
    UserId,
)
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest, EnrolPhotosResult, Photo
from facegate.use_cases.identify_faces import IdentifyFacesRequest, IdentifyFacesResult

CONFIDENCE_DECIMALS = 4
NOT_LIVE = "The face does not look live"

_SOURCE = "attendance"


@dataclass(frozen=True, slots=True)
class AttendanceOptions:
    """What the operator chose for this door.

    `data_folder` is measured for `disk_usage`; `shown_data_folder` is what clients see of it: the value
    as configured, never an absolute path that was worked out. `liveness` None leaves the check out.
    """

    min_quality: float
    max_templates: int
    max_image_bytes: int
    data_folder: Path
    shown_data_folder: str
    version: str
    liveness: LivenessPolicy | None = None
    keep_cutouts: bool = False


def parse_user_id(user_id: UserId) -> str:
    """The subject's one text id; 7 and "7" are the same person.

    Raises:
        InvalidInput: not a possible id.
    """
    try:
        return parse_subject_id(str(user_id))
    except InvalidInput as error:
        raise InvalidInput(f"user_id: {error.message}", field="user_id") from error
    except ValueError as error:  # Python refuses to write out integers of more than 4,300 digits
        raise InvalidInput("user_id: the number is too long", field="user_id") from error


def shown_user_id(subject_id: str) -> UserId:
    """A canonical decimal id as a number, every other one as it is."""
    return int(subject_id) if is_canonical_decimal(subject_id) else subject_id


def local_time_text(moment: datetime) -> str:
    """An aware time as the contract writes it: local, whole seconds, no zone."""
    return moment.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")


def enrolment_request(subject_id: str, encoded: bytes, options: AttendanceOptions) -> EnrolPhotosRequest:
    """One photo under this door's rules."""
    return EnrolPhotosRequest(
        subject_id=subject_id,
        photos=(Photo("photo", encoded),),
        source=_SOURCE,
        rules=EnrolmentRules(
            min_quality=options.min_quality,
            max_templates=options.max_templates,
            liveness=options.liveness,
            keep_cutouts=options.keep_cutouts,
        ),
    )


def registered_message(result: EnrolPhotosResult) -> RegisteredMessage:
    """The answer to an enrolment of one photo.

    Raises:
        FacegateError: why the photo was refused.
    """
    if result.outcome is None:
        raise result.rejected[0].error
    return RegisteredMessage(
        user_id=shown_user_id(result.subject_id),
        registered_at=local_time_text(result.outcome.subject.updated_at),
    )


def recognition_request(encoded: bytes, options: AttendanceOptions) -> IdentifyFacesRequest:
    """Who is the largest face?"""
    return IdentifyFacesRequest(encoded, max_candidates=1, only_largest=True, liveness=options.liveness)


def recognition_message(
    result: IdentifyFacesResult, recognized_at: datetime
) -> RecognizedMessage | NotRecognizedMessage:
    """The answer about the largest face. A match that a human should review is not recognised."""
    if not result.faces:
        return NotRecognizedMessage(message=NO_FACE_DETECTED)
    face = result.faces[0]
    if face.is_live is False:
        return NotRecognizedMessage(message=NOT_LIVE)
    match = face.identification.match
    if match is None:
        return NotRecognizedMessage()
    return RecognizedMessage(
        user_id=shown_user_id(match.subject_id),
        confidence=round(match.confidence, CONFIDENCE_DECIMALS),
        recognized_at=local_time_text(recognized_at),
    )


def status_message(subject_id: str, templates: Sequence[StoredTemplate], model_id: str) -> StatusMessage:
    """What is registered. Templates of other models recognise nobody, so they are not counted."""
    current = [stored for stored in templates if stored.template.model_id == model_id]
    newest = max((stored.created_at for stored in current), default=None)
    return StatusMessage(
        user_id=shown_user_id(subject_id),
        registered=bool(current),
        last_updated=None if newest is None else local_time_text(newest),
        encoding_count=len(current),
    )


def health_message(
    counts: GalleryCounts, *, tolerance: float, now: datetime, options: AttendanceOptions
) -> HealthMessage:
    """The state of the server; `registered_faces` counts persons."""
    return HealthMessage(
        version=options.version,
        timestamp=local_time_text(now),
        registered_faces=counts.subject_count,
        face_data_dir=options.shown_data_folder,
        recognition_tolerance=tolerance,
    )


def stats_message(
    counts: GalleryCounts,
    *,
    model_id: str,
    tolerance: float,
    server_info: ServerInfo,
    options: AttendanceOptions,
) -> StatsMessage:
    """The numbers of the server; encodings are those of the model in use, as in the status."""
    return StatsMessage(
        stats=Stats(
            registered_users=counts.subject_count,
            total_encodings=counts.templates_by_model.get(model_id, 0),
            recognition_tolerance=tolerance,
            data_directory=options.shown_data_folder,
            server_info=server_info,
        )
    )
