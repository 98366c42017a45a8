"""The form of a record on disk. Its field names are those of `EvidenceRecord`; a test pins them."""

from dataclasses import replace
from datetime import UTC

from pydantic import TypeAdapter, ValidationError

from facegate.domain.presence.evidence import EvidenceRecord

_RECORD = TypeAdapter(EvidenceRecord)


class DamagedRecord(Exception):
    """These bytes are no record."""


def record_to_json(record: EvidenceRecord) -> bytes:
    """One JSON object for people and programs, UTF-8."""
    return _RECORD.dump_json(record, indent=1)


def record_from_json(content: bytes) -> EvidenceRecord:
    """The record again; fields that are not known are passed over.

    Raises:
        DamagedRecord: not JSON, a field is missing or wrong, or the time has no zone.
    """
    try:
        record = _RECORD.validate_json(content)
    except ValidationError as error:
        # Without the cause: pydantic's text quotes what it read, which may name people.
        raise DamagedRecord(f"{error.error_count()} fields are missing or wrong") from None
    if record.at.tzinfo is None:
        raise DamagedRecord("the time has no zone")
    return replace(record, at=record.at.astimezone(UTC))
