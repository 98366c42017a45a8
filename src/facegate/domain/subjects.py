"""Persons in the gallery and the rule for their ids."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from facegate.domain.errors import InvalidInput

MAX_SUBJECT_ID_CHARS = 128
MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """One person. `enrolment_number` is the integer id that terminals use, allocated on first need."""

    subject_id: str
    display_name: str
    created_at: datetime
    updated_at: datetime
    template_count: int
    enrolment_number: int | None = None


def parse_subject_id(text: str) -> str:
    """The id in its one spelling: trimmed, Unicode NFC, 1..128 characters, no control characters.

    Slashes, blanks inside and emoji are allowed; `.` and `..` are not, since URLs fold them away.

    Raises:
        InvalidInput: with a sentence that says what is wrong.
    """
    subject_id = unicodedata.normalize("NFC", text).strip()
    if not subject_id:
        raise InvalidInput("the id is empty", field="subject_id")
    if len(subject_id) > MAX_SUBJECT_ID_CHARS:
        raise InvalidInput(f"the id is longer than {MAX_SUBJECT_ID_CHARS} characters", field="subject_id")
    # Cc: control, Cs: lone surrogate (cannot be stored as UTF-8).
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in subject_id):
        raise InvalidInput("the id holds a control character", field="subject_id")
    if subject_id in {".", ".."}:
        raise InvalidInput("the id may not be '.' or '..'", field="subject_id")
    return subject_id


def parse_display_name(text: str) -> str:
    """A name for people to read, trimmed, at most 200 characters, no control characters."""
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > MAX_NAME_CHARS:
        raise InvalidInput(f"the name is longer than {MAX_NAME_CHARS} characters", field="name")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise InvalidInput("the name holds a control character", field="name")
    return name


def new_subject_id() -> str:
    """A generated id, unique across nodes."""
    return uuid.uuid4().hex


def is_canonical_decimal(subject_id: str) -> bool:
    """True for `0`, `7`, `42`; false for `007`, `-1`, `4.2` and non-ASCII digits."""
    is_digits = subject_id.isascii() and subject_id.isdigit()
    return is_digits and (subject_id == "0" or not subject_id.startswith("0"))
