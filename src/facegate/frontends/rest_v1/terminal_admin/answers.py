"""What /v1 answers about face terminals."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from facegate.domain.terminals.devices import AccessEncoding, DeviceInfo, Terminal, TerminalStatus
from facegate.frontends.rest_v1.answers import AnswerModel

_KINDS = {
    "users": ("useduser", "usersize"),
    "faces": ("usedface", "facesize"),
    "fingerprints": ("usedfp", "fpsize"),
    "palms": ("usedpalm", "palmsize"),
    "cards": ("usedcard", "cardsize"),
    "passwords": ("usedpwd", "pwdsize"),
    "records": ("usedlog", "logsize"),
}
"""By what terminals call the number that they hold and the number that they have room for."""


class HoldingAnswer(AnswerModel):
    """How many a terminal holds of something; null where it does not tell."""

    used: int | None
    capacity: int | None


class TerminalAnswer(AnswerModel):
    """A terminal. What it says of itself is from its last registration."""

    serial_number: str
    name: str
    status: TerminalStatus = Field(
        description="`waiting` ones registered and are not let in until somebody allows them."
    )
    zone: str | None = Field(description="The zone of its clock; null is the server's default.")
    is_listed: bool = Field(
        description="Whether somebody added or allowed it; others were let in because unknown ones are."
    )
    access_encoding: AccessEncoding | None = Field(
        description="How it takes `access`; null is the server's default."
    )
    mode_labels: dict[int, str]
    model_name: str
    firmware: str
    mac_address: str
    holdings: dict[str, HoldingAnswer] = Field(
        description="Users, faces, fingerprints, palms, cards, passwords and records, as far as it tells."
    )
    uncollected_record_count: int | None = Field(description="Records that no server has got yet.")
    clock_offset_s: float | None = Field(
        description="How far its clock was ahead when it registered; null when it did not tell the time."
    )
    is_connected: bool | None = Field(
        description="null when it cannot be told: the other servers cannot be asked just now."
    )
    pending_command_count: int | None = Field(description="Commands that wait for it or are being answered.")
    created_at: datetime
    registered_at: datetime | None
    last_seen_at: datetime | None


class TerminalDetails(TerminalAnswer):
    """A terminal with everything that it says of itself, by its own names."""

    facts: dict[str, str | int | float | bool]
    activity_count: int = Field(description="Records of it that are stored here.")


class TerminalPage(AnswerModel):
    """Terminals in order of serial number; `next_after` is null on the last page."""

    terminals: list[TerminalAnswer]
    next_after: str | None


class CommandAnswer(AnswerModel):
    """A terminal's answer to a command."""

    has_succeeded: bool = Field(description="False when the terminal refused.")
    reply: dict[str, object] = Field(
        description="As it came, empty for `reboot`. It may hold photos, card numbers and passwords."
    )


class DoneAnswer(AnswerModel):
    """The terminal did it."""

    serial_number: str


class TimeAnswer(AnswerModel):
    """A terminal's clock."""

    serial_number: str
    time: str = Field(description="As the terminal writes it: wall clock without zone.")
    clock_offset_s: float | None = Field(
        description="How far it is ahead of the server's; null when it cannot be read."
    )


class ParametersAnswer(AnswerModel):
    """Settings of a terminal or its door, by the terminal's own names; `***` stands for passwords."""

    parameters: dict[str, object]


class CollectedLogAnswer(AnswerModel):
    """What was fetched from a terminal; all of it is stored."""

    new_count: int
    repeated_count: int = Field(description="Records that were stored before.")
    bad_count: int = Field(description="Records that could not be read.")
    page_count: int
    is_complete: bool = Field(description="False when the terminal fell silent, or holds too many.")


class UserAnswer(AnswerModel):
    """Somebody on a terminal."""

    enroll_id: int
    name: str = Field(description="Empty where the terminal lists no names.")
    alias_id: str
    admin: int = Field(description="0 user, 1 administrator, 2 super user.")
    credentials: dict[int, str] = Field(
        description="What the terminal knows the person by: number and meaning.", examples=[{"50": "photo"}]
    )


class UserListAnswer(AnswerModel):
    """Everybody on a terminal, in order of their numbers."""

    users: list[UserAnswer]
    is_complete: bool = Field(description="False when the terminal fell silent, or holds too many.")


def terminal_facts(
    terminal: Terminal, pending_count: int | None, *, is_connected: bool | None
) -> dict[str, object]:
    """The fields of a `TerminalAnswer`."""
    info = terminal.info
    return {
        "serial_number": terminal.serial_number,
        "name": terminal.name,
        "status": terminal.status,
        "zone": terminal.zone_name,
        "is_listed": terminal.is_listed,
        "access_encoding": terminal.access_encoding,
        "mode_labels": dict(terminal.mode_labels),
        "model_name": info.model_name,
        "firmware": info.firmware,
        "mac_address": info.mac_address,
        "holdings": _holdings(info),
        "uncollected_record_count": info.count("usednewlog"),
        "clock_offset_s": terminal.clock_offset_s,
        "is_connected": is_connected,
        "pending_command_count": pending_count,
        "created_at": terminal.created_at,
        "registered_at": terminal.registered_at,
        "last_seen_at": terminal.last_seen_at,
    }


def _holdings(info: DeviceInfo) -> Mapping[str, HoldingAnswer]:
    found = {
        name: HoldingAnswer(used=info.count(used), capacity=info.count(capacity))
        for name, (used, capacity) in _KINDS.items()
    }
    return {name: one for name, one in found.items() if one.used is not None or one.capacity is not None}
