"""Persons in the gallery and the rule for their ids."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from facegate.domain.errors import InvalidInput

MAX_SUBJECT_ID_CHARS = 128
MAX_NAME_CHARS = 200

STRANGER_ID = "unknown"
"""What the old doors answer for somebody who is not in the gallery; nobody can be enrolled under it."""


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

    Slashes, blanks inside and emoji are allowed. A segment `.` or `..` between slashes is not, since URLs
    fold those away and would name somebody else; nor is U+FFFD, to which undecodable bytes turn; nor is
    `unknown`, by which the old doors name a stranger.

    Raises:
        InvalidInput: with a sentence that says what is wrong.
    """
    subject_id = unicodedata.normalize("NFC", text).strip()
    if not subject_id:
        raise InvalidInput("the id is empty", field="subject_id")
    if len(subject_id) > MAX_SUBJECT_ID_CHARS:
        raise InvalidInput(f"the id is longer than {MAX_SUBJECT_ID_CHARS} characters", field="subject_id")
    _refuse_broken_characters(subject_id, "id", field="subject_id")
    if not {".", ".."}.isdisjoint(subject_id.split("/")):
        raise InvalidInput("the id may not hold '.' or '..' between slashes", field="subject_id")
    if subject_id.casefold() == STRANGER_ID:
        raise InvalidInput(f"the id '{STRANGER_ID}' stands for strangers", field="subject_id")
    return subject_id


def _refuse_broken_characters(text: str, what: str, *, field: str) -> None:
    categories = {unicodedata.category(char) for char in text}
    if "Cc" in categories:
        raise InvalidInput(f"the {what} holds a control character", field=field)
    if "Cs" in categories or "\ufffd" in text:
        raise InvalidInput(f"the {what} holds a character that is not valid Unicode", field=field)


def parse_display_name(text: str) -> str:
    """A name for people to read, trimmed, at most 200 characters, no control characters."""
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > MAX_NAME_CHARS:
        raise InvalidInput(f"the name is longer than {MAX_NAME_CHARS} characters", field="name")
    _refuse_broken_characters(name, "name", field="name")
    return name


def new_subject_id() -> str:
    """A generated id, unique across nodes."""
    return uuid.uuid4().hex


def is_canonical_decimal(subject_id: str) -> bool:
    """True for `0`, `7`, `42`; false for `007`, `-1`, `4.2` and non-ASCII digits."""
    is_digits = subject_id.isascii() and subject_id.isdigit()
    return is_digits and (subject_id == "0" or not subject_id.startswith("0"))
