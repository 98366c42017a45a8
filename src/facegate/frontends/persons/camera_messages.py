"""JSON of the persons door about cameras: jobs in, places and states out."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, RootModel, StrictStr
from pydantic_core import PydanticCustomError

MAX_JOBS = 100

_MAX_NUMBER_CHARS = 40


def _text_or_number(value: object) -> str:
    """A chat id as people write it; `true` and `1.0` are none."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip()
    raise PydanticCustomError("chat_id_type", "Input should be a text or a whole number")


def _number(value: object) -> object:
    """Numbers are taken in quotes too, as the old server took them."""
    try:
        return float(value) if isinstance(value, str) and len(value) <= _MAX_NUMBER_CHARS else value
    except ValueError:
        return value


def _whole_number(value: object) -> object:
    """`60`, `"60"` and `60.0`."""
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Seconds = Annotated[int, Field(ge=0, le=31_536_000)]


class CameraJobMessage(BaseModel):
    """One job of `POST /cameras/schedule`. Fields that are not named here are passed over.

    Empty `telegram_api_token` and `telegram_chat_id`: nobody is told.
    """

    model_config = ConfigDict(frozen=True)

    rtsp_link: StrictStr = Field(examples=["rtsp://user:pass@192.168.1.10:554/stream"], repr=False)
    camera_nickname: StrictStr = Field(examples=["FrontDoor"])
    telegram_api_token: StrictStr = Field(repr=False)
    telegram_chat_id: Annotated[str, PlainValidator(_text_or_number, json_schema_input_type=str | int)]
    threshold: Annotated[_Share, BeforeValidator(_number, json_schema_input_type=_Share | str)] = Field(
        0.5, description="The least calibrated confidence of a name."
    )
    cooldown_seconds: Annotated[
        _Seconds, BeforeValidator(_whole_number, json_schema_input_type=_Seconds | str)
    ] = Field(3600, description="A person is told of once in so long.")


class CameraJobsMessage(
    RootModel[Annotated[list[CameraJobMessage], Field(min_length=1, max_length=MAX_JOBS)]]
):
    """Several jobs."""


class ScheduledCamera(BaseModel):
    """A camera that is scheduled."""

    camera_id: str
    camera_nickname: str


class ScheduledMessage(BaseModel):
    """Answer of `POST /cameras/schedule`, in the order sent."""

    scheduled: list[ScheduledCamera]


class CameraStatusMessage(BaseModel):
    """Answer of `action=camera_status`.

    `status` is stopped, resting, connecting, live, frozen, down or ended; `error` says in one sentence why
    no picture comes, null while all is well.
    """

    camera_id: str
    camera_nickname: str
    status: str
    since: datetime
    error: str | None
    last_frame_at: datetime | None
    frames_per_s: float
    analysed_per_s: float
    people: int
    reconnects: int
