"""The verification door's JSON answer and its documented sentences. `translate.py` decides between them."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field


class Refusal(StrEnum):
    """Outcomes 1 to 6 of the contract, by their documented text. The seventh has no text."""

    NO_USER_ID = "No user id provided"
    FILENAME_NOT_SUPPORTED = "Filename not supported"
    NO_FACE = "No face detected"
    SEVERAL_FACES_ONE_MATCHED = "Found more than 1 face, but one face matched"
    SEVERAL_FACES_NONE_MATCHED = "Found more than 1 face, and none of the faces matched"
    NOT_IN_DATASET = "Face detected but not in dataset"


UNKNOWN_PERSON: Final = "unknown"

SUPPORTED_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".heif", ".heic")

DetectedNames = str | list[str] | None
"""The id for one face, a list for several (largest face first), null for none; a stranger is `unknown`."""


class VerdictMessage(BaseModel):
    """Outcome 7: whether the face is the claimed user's. `confidence` is a decimal text or null."""

    model_config = ConfigDict(populate_by_name=True, frozen=True)

    face_detected: DetectedNames = Field(default=None, alias="faceDetected")
    confidence: str | None = None
    match_status: bool = Field(default=False, alias="match-status")
    error_status: int = Field(default=0, alias="error-status")


class RefusalMessage(VerdictMessage):
    """Outcomes 1 to 6, and every answer outside the contract."""

    error_status: int = Field(default=1, alias="error-status")
    error_message: str = Field(alias="error-message")


def as_json(message: VerdictMessage) -> dict[str, object]:
    """The documented fields in their documented order; `error-message` only where there is an error."""
    return message.model_dump(by_alias=True)
