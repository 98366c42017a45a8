"""Terminals as the operator knows them, by serial number, and what they say about themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from facegate.domain.errors import InvalidInput

_SERIAL_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}")

_MAX_FACTS = 60
_MAX_TEXT_CHARS = 64
_MAX_FACTS_CHARS = 2000
_MAX_NUMBER = 2**63


def parse_serial_number(text: str) -> str:
    """The serial number as it stands: 1..64 letters, digits, `_` and `-`.

    Raises:
        InvalidInput: it is none.
    """
    if not _SERIAL_NUMBER.fullmatch(text):
        raise InvalidInput("a serial number has 1 to 64 letters, digits, _ and -", field="sn")
    return text


class TerminalStatus(StrEnum):
    """`waiting` was never let in; an administrator allows or blocks it."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    BLOCKED = "blocked"


class AccessEncoding(StrEnum):
    """How a terminal wants `access`: most take 0 and 1, some obey only a boolean."""

    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a terminal says when it registers; `facts` is every plain value of it, by its own names."""

    model_name: str = ""
    firmware: str = ""
    mac_address: str = ""
    time_text: str = ""
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def count(self, name: str) -> int | None:
        """One of the numbers, such as `useduser`; None when the terminal does not tell it."""
        value = self.facts.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def bounded(info: DeviceInfo) -> DeviceInfo:
    """What is kept of it: anybody can register, and says what they like.

    Texts are cut; facts beyond what devices tell, and numbers that are none, are left out.
    """
    facts: dict[str, str | int | float | bool] = {}
    room_chars = _MAX_FACTS_CHARS
    for name, value in info.facts.items():
        kept = value[:_MAX_TEXT_CHARS] if isinstance(value, str) else value
        size_chars = len(name) + len(str(kept)) if _is_sane(kept) else _MAX_FACTS_CHARS + 1
        if len(facts) < _MAX_FACTS and len(name) <= _MAX_TEXT_CHARS and size_chars <= room_chars:
            facts[name] = kept
            room_chars -= size_chars
    return DeviceInfo(
        info.model_name[:_MAX_TEXT_CHARS],
        info.firmware[:_MAX_TEXT_CHARS],
        info.mac_address[:_MAX_TEXT_CHARS],
        info.time_text[:_MAX_TEXT_CHARS],
        facts,
    )


def _is_sane(value: str | int | float | bool) -> bool:
    # A comparison with NaN is false, and with an integer of any length it is cheap.
    return isinstance(value, str) or -_MAX_NUMBER <= value < _MAX_NUMBER


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal. `zone_name` is the IANA zone of its clock, `access_encoding` how it takes `access`.

    None of either is the server's default. `is_listed` tells that an administrator added or allowed it;
    others were let in because unknown ones are, or wait. `clock_offset_s` is how far its clock was ahead of
    ours when it last registered. `mode_labels` override how its `mode` codes are read.
    """

    serial_number: str
    status: TerminalStatus
    created_at: datetime
    name: str = ""
    zone_name: str | None = None
    access_encoding: AccessEncoding | None = None
    is_listed: bool = False
    mode_labels: Mapping[int, str] = field(default_factory=dict)
    info: DeviceInfo = DeviceInfo()
    registered_at: datetime | None = None
    last_seen_at: datetime | None = None
    clock_offset_s: float | None = None
