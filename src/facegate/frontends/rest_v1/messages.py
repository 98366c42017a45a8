"""What clients send to /v1: typed and checked. Answers are in `answers.py`; no framework here."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from facegate.domain.access import Door
from facegate.domain.presence.evidence import MAX_PAGE
from facegate.domain.presence.verdicts import Reason
from facegate.domain.subjects import MAX_NAME_CHARS, MAX_SUBJECT_ID_CHARS
from facegate.frontends.wire.json_messages import complaint_of

MAX_PHOTOS_PER_REQUEST = 32


def _text_of_id(value: Any) -> Any:
    # JSON has no leading zeros in numbers, so a natural number is the same id as its digits.
    return str(value) if type(value) is int and value >= 0 else value


SubjectIdInput = Annotated[
    str,
    BeforeValidator(_text_of_id),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT_ID_CHARS, "pattern": r"[^\s]"},
                {"type": "integer", "minimum": 0},
            ],
            "description": "1 to 128 characters; slashes, blanks inside and emoji are allowed.",
            "examples": ["ada", 42],
        }
    ),
]


def _no_number(value: Any) -> Any:
    """In a query everything is text, and pydantic reads `2.5` as 2.5 seconds since 1970."""
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return value
    raise PydanticCustomError("datetime_type", "Input should be a time such as 2026-05-01T08:00:00Z")


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
"""A time with its zone, in a query."""

Base64Image = Annotated[
    str,
    Field(
        min_length=1,
        description="A JPEG, PNG, WebP, BMP or HEIC picture as base64, bare or as a data URI.",
        json_schema_extra={"format": "byte", "contentEncoding": "base64"},
    ),
]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EnrolMessage(_Message):
    """Photos of one person; each gives one template."""

    subject_id: SubjectIdInput
    display_name: str | None = Field(
        None, max_length=MAX_NAME_CHARS, description="A name for people to read.", examples=["Ada Lovelace"]
    )
    images: list[Base64Image] = Field(default_factory=list, max_length=MAX_PHOTOS_PER_REQUEST)
    min_quality: float | None = Field(
        None, ge=0.0, le=1.0, description="The least face quality that is accepted, instead of the setting."
    )
    check_liveness: bool = Field(False, description="Refuse photos whose face does not look live.")
    skip_known: bool = Field(
        False, description="Add nothing for a photo that the person is enrolled with already."
    )


class IdentifyMessage(_Message):
    """One picture with any number of faces."""

    image: Base64Image | None = None
    max_candidates: int = Field(5, ge=1, le=50, description="How many persons to name per face.")
    only_largest: bool = Field(False, description="Look at the largest face alone.")
    check_liveness: bool = Field(False, description="Tell for each face whether it looks live.")


class VerifyMessage(_Message):
    """One picture and whom it is said to show."""

    subject_id: SubjectIdInput
    image: Base64Image | None = None
    check_liveness: bool = Field(False, description="A face that does not look live is no match.")


class DetectMessage(_Message):
    """One picture to look at without asking who is in it."""

    image: Base64Image | None = None
    check_liveness: bool = Field(False, description="Tell for each face whether it looks live.")
    find_phones: bool = Field(False, description="Look for mobile phones too.")


class RenameMessage(_Message):
    """A new display name."""

    display_name: str = Field(max_length=MAX_NAME_CHARS, examples=["Ada Lovelace"])


class TokenMessage(_Message):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=100, examples=["attendance kiosk"])
    doors: list[Door] = Field(
        default_factory=list,
        max_length=len(Door),
        description="The doors that it opens; empty means every one.",
    )
    expires_in_days: float | None = Field(
        None, gt=0.0, le=36_500.0, description="Days until it ends; without it the token lives until revoked."
    )


class PageQuery(_Message):
    """Which persons to list."""

    after: str | None = Field(
        None, max_length=MAX_SUBJECT_ID_CHARS, description="The `next_after` of the page before."
    )
    limit: int = Field(100, ge=1, le=1000, description="Persons per page.")
    containing: str | None = Field(
        None, max_length=MAX_NAME_CHARS, description="Only persons with this in their id or name."
    )


class EvidencePageQuery(_Message):
    """Which evidence to list, newest first."""

    client: str | None = Field(
        None, max_length=MAX_SUBJECT_ID_CHARS, description="Only of this client.", examples=["ada"]
    )
    reason: Reason | None = Field(None, description="Only with this reason.")
    since: Moment | None = Field(None, description="Not older than this; with a time zone.")
    until: Moment | None = Field(None, description="Older than this; with a time zone.")
    after: str | None = Field(None, max_length=100, description="The `next_after` of the page before.")
    limit: int = Field(100, ge=1, le=MAX_PAGE, description="Records per page.")


class RestoreFields(_Message):
    """The text fields beside the archive."""

    replace: bool


M = TypeVar("M", bound=BaseModel)


def message_from_texts(model: type[M], texts: Mapping[str, Any]) -> M:
    """The message in the text fields of a form, where numbers and truth values are spelled out.

    Raises:
        InvalidInput: not this message.
    """
    try:
        return model.model_validate(dict(texts))
    except ValidationError as error:
        raise complaint_of(error) from error
