"""What clients tell /v1 about face terminals. No framework here."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from facegate.domain.subjects import MAX_NAME_CHARS, MAX_SUBJECT_ID_CHARS
from facegate.domain.terminals.activity import ActivityKind
from facegate.domain.terminals.commands import MAX_WORD_CHARS
from facegate.domain.terminals.devices import AccessEncoding, TerminalStatus
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER, PlacementState, ReviewStatus
from facegate.domain.terminals.user_commands import MAX_CARD, MAX_PASSWORD
from facegate.frontends.rest_v1.messages import Base64Image, Moment, SubjectIdInput

MAX_ENROLL_ID = 2**63 - 1
MAX_ACTIVITY_ID = 2**63 - 1

SERIAL_NUMBER_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

SerialNumberInput = Annotated[
    str,
    Field(
        pattern=SERIAL_NUMBER_PATTERN,
        description="A terminal's serial number.",
        examples=["ZXRB22001001"],
    ),
]

_Zone = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="IANA zone of the terminal's clock.",
        examples=["Europe/Berlin"],
    ),
]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AddTerminalMessage(_Message):
    """A terminal that is let in from now on."""

    serial_number: SerialNumberInput
    name: str = Field("", max_length=MAX_NAME_CHARS, description="For people to read.", examples=["Gate 1"])
    zone: _Zone | None = None


class ChangeTerminalMessage(_Message):
    """What changes; what is not named stays. `zone` or `access_encoding` null is the server's default."""

    name: str | None = Field(None, max_length=MAX_NAME_CHARS)
    zone: _Zone | None = None
    access_encoding: AccessEncoding | None = Field(
        None, description="Whether this terminal obeys `access` as 0 and 1 or as a boolean."
    )
    mode_labels: dict[int, str] | None = Field(
        None,
        max_length=100,
        description="How this terminal's `mode` codes are read, instead of the usual labels.",
        examples=[{"3": "face"}],
    )


class TerminalPageQuery(_Message):
    """Which terminals to list."""

    after: str | None = Field(None, max_length=64, description="The `next_after` of the page before.")
    limit: int = Field(100, ge=1, le=1000, description="Terminals per page.")
    status: TerminalStatus | None = Field(None, description="Only terminals of this status.")
    is_connected: bool | None = Field(None, description="Only terminals that are connected, or are not.")


class CommandMessage(_Message):
    """Any command that the terminal knows."""

    cmd: str = Field(min_length=1, max_length=MAX_WORD_CHARS, examples=["getuserlist"])
    fields: dict[str, JsonValue] = Field(
        default_factory=dict, description="The command's parameters as they go out.", examples=[{"stn": True}]
    )
    timeout_s: float | None = Field(
        None, gt=0, le=300, description="How long to wait for the answer; each command has a usual time."
    )
    confirm: bool = Field(False, description="Needed for commands that delete or restart.")


class ConfirmMessage(_Message):
    """That it is meant."""

    confirm: bool = Field(False, description="Has to be true.")


class OpenDoorMessage(_Message):
    """Which door."""

    door_number: int | None = Field(None, ge=1, le=4, description="On controllers with several doors.")


class SetTimeMessage(_Message):
    """The time for the terminal."""

    time: AwareDatetime | None = Field(
        None, description="With a time zone; without this field the server's time."
    )


class ParametersMessage(_Message):
    """Parameters by the terminal's own names; read them first, they differ by firmware."""

    parameters: dict[str, JsonValue] = Field(min_length=1, examples=[{"volume": 4}])


class CollectLogMessage(_Message):
    """Which scans to fetch from the terminal."""

    everything: bool = Field(False, description="All that it holds, not only what it has not sent yet.")
    from_date: date | None = Field(None, description="With `everything`: not before this day.")
    to_date: date | None = Field(None, description="With `everything`: up to this day.")


class UserMessage(_Message):
    """Somebody on a terminal. What is given is set, the rest stays as it is."""

    name: str | None = Field(None, max_length=MAX_NAME_CHARS, examples=["Ana"])
    admin: int | None = Field(None, ge=0, le=2, description="0 user, 1 administrator, 2 super user.")
    image: Base64Image | None = None
    password: int | None = Field(
        None, ge=0, le=MAX_PASSWORD, description="At most 8 digits; terminals take it as a number."
    )
    card: int | None = Field(None, ge=0, le=MAX_CARD, description="The card's number.")


class EnableUserMessage(_Message):
    """Whether the terminal lets this person in."""

    is_enabled: bool


class StartEnrolmentMessage(_Message):
    """What the terminal is to take from the person who stands before it."""

    backup_number: int = Field(PHOTO_BACKUP_NUMBER, ge=0, le=255, description="50 is the photo.")
    admin: int = Field(0, ge=0, le=2, description="0 user, 1 administrator, 2 super user.")


class ActivityFilter(_Message):
    """Which activity is wanted."""

    serial_number: SerialNumberInput | None = None
    enroll_id: int | None = Field(None, ge=0, le=MAX_ENROLL_ID, description="Only of this person's number.")
    kind: list[ActivityKind] = Field(
        default_factory=list, max_length=10, description="Only of these kinds; may be given several times."
    )
    since: Moment | None = Field(None, description="Not older than this; with a time zone.")
    until: Moment | None = Field(None, description="Older than this; with a time zone.")


class ActivityPageQuery(ActivityFilter):
    """Which activity to list, and in which order."""

    order: Literal["newest_first", "oldest_first"] = Field("newest_first", description="By arrival.")
    after: int | None = Field(
        None, ge=0, le=MAX_ACTIVITY_ID, description="The `next_after` of the page before."
    )
    limit: int = Field(100, ge=1, le=1000, description="Records per page.")


class EventQuery(_Message):
    """Which events to hear of."""

    serial_number: SerialNumberInput | None = None
    name: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Only of these names, such as `activity`; may be given several times.",
    )


class EnrolmentQuery(_Message):
    """Which enrolments to list."""

    status: ReviewStatus | None = Field(None, description="Only of this status.")
    serial_number: SerialNumberInput | None = None
    limit: int = Field(1000, ge=1, le=10_000, description="How many at most, oldest first.")


class AcceptEnrolmentMessage(_Message):
    """Who it is. Without `subject_id` the person whose number it is, or a new one."""

    subject_id: SubjectIdInput | None = None
    display_name: str | None = Field(None, max_length=MAX_NAME_CHARS)
    received_at: AwareDatetime | None = Field(
        None, description="That of the enrolment that was looked at: a newer one is not accepted (409)."
    )


class PlacementQuery(_Message):
    """Which placements to list."""

    serial_number: SerialNumberInput | None = None
    subject_id: str | None = Field(None, max_length=MAX_SUBJECT_ID_CHARS)
    state: list[PlacementState] = Field(default_factory=list, max_length=10)
    after: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]{1,64}/[0-9]{1,18}$", description="The `next_after` of the page before."
    )
    limit: int = Field(100, ge=1, le=1000, description="Placements per page.")


def _split(value: object) -> object:
    # A form has one text where JSON has a list.
    return value.split(",") if isinstance(value, str) else value


_SerialNumbers = Annotated[
    list[SerialNumberInput],
    BeforeValidator(_split, json_schema_input_type=list[SerialNumberInput]),
    Field(min_length=1, max_length=250),
]


class PlaceMessage(_Message):
    """Somebody of the gallery who shall be on terminals."""

    subject_id: SubjectIdInput
    serial_numbers: _SerialNumbers | None = Field(
        None,
        description="On which; without this field on every one that an administrator added or allowed. "
        "In a form with commas.",
    )
    image: Base64Image | None = None


class UnplaceMessage(_Message):
    """Somebody who shall not be on terminals any more."""

    subject_id: SubjectIdInput
    serial_numbers: _SerialNumbers | None = Field(
        None, description="From which; without this field from every one."
    )
