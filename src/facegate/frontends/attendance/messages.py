"""JSON bodies of the attendance door, in and out. What they mean to the engine is in `translate.py`."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictStr
from pydantic_core import PydanticCustomError

SERVICE_NAME: Final = "Face Recognition Server"

FACE_REGISTERED: Final = "Face registered successfully"
FACE_RECOGNIZED: Final = "Face recognized successfully"
FACE_NOT_RECOGNIZED: Final = "Face not recognized"
FACE_DELETED: Final = "Face data deleted successfully"
NO_FACE_DETECTED: Final = "No face detected in image"

UNKNOWN_USER: Final = "unknown"

UserId = int | str
"""A canonical decimal id is a JSON number, every other one a string."""


def _number_or_text(value: object) -> UserId:
    """The id as sent; `true` and `1.0`, which Python would take for numbers, are none."""
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("user_id_type", "Input should be a whole number or a text")


class RegisterFaceBody(BaseModel):
    """Body of `POST /register-face`. Fields that are not named here are passed over."""

    model_config = ConfigDict(frozen=True)

    user_id: Annotated[UserId, PlainValidator(_number_or_text, json_schema_input_type=UserId)]
    photo: StrictStr = Field(description="The picture as base64, bare or as a data URI.")


class RecognizeBody(BaseModel):
    """Body of `POST /recognize`. Fields that are not named here are passed over."""

    model_config = ConfigDict(frozen=True)

    photo: StrictStr = Field(description="The picture as base64, bare or as a data URI.")


class FailureMessage(BaseModel):
    """Every answer that is not about a recognised or unrecognised face and did not work."""

    success: Literal[False] = False
    message: str


class RegisteredMessage(BaseModel):
    """Answer of `POST /register-face`; the time is local, without a zone, as in the contract."""

    success: Literal[True] = True
    message: Literal["Face registered successfully"] = FACE_REGISTERED
    user_id: UserId
    registered_at: str


class RecognizedMessage(BaseModel):
    """Answer of `POST /recognize` when the face is somebody's; `confidence` is calibrated, 0..1."""

    success: Literal[True] = True
    message: Literal["Face recognized successfully"] = FACE_RECOGNIZED
    user_id: UserId
    confidence: float
    recognized_at: str


class NotRecognizedMessage(BaseModel):
    """Answer of `POST /recognize` for a stranger, for no face and for a face that is not live."""

    success: Literal[False] = False
    message: str = FACE_NOT_RECOGNIZED
    user_id: Literal["unknown"] = UNKNOWN_USER
    confidence: float = 0.0


class StatusMessage(BaseModel):
    """Answer of `GET /status/{user_id}`; `last_updated` is null for whom nothing is registered."""

    success: Literal[True] = True
    user_id: UserId
    registered: bool
    last_updated: str | None
    encoding_count: int


class DeletedMessage(BaseModel):
    """Answer of `DELETE /face/{user_id}`."""

    success: Literal[True] = True
    message: Literal["Face data deleted successfully"] = FACE_DELETED
    user_id: UserId


class HealthMessage(BaseModel):
    """Answer of `GET /health`."""

    status: Literal["online"] = "online"
    service: str = SERVICE_NAME
    version: str
    timestamp: str
    registered_faces: int
    face_data_dir: str
    recognition_tolerance: float


class ServerInfo(BaseModel):
    """Load of the machine, each in percent."""

    cpu_percent: float
    memory_percent: float
    disk_usage: float


class Stats(BaseModel):
    """The inner object of `GET /stats`."""

    registered_users: int
    total_encodings: int
    recognition_tolerance: float
    data_directory: str
    server_info: ServerInfo


class StatsMessage(BaseModel):
    """Answer of `GET /stats`."""

    success: Literal[True] = True
    stats: Stats
