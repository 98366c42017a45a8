"""Where pictures and records of violations are kept."""

from collections.abc import Iterable
from typing import Protocol

from facegate.domain.presence.evidence import EvidenceQuery, EvidenceRecord, EvidenceSummary


class EvidenceStore(Protocol):
    """Durable when a method returns; safe from several threads. Every method may raise StoreFailed.

    A piece is a picture and its record; it is listed only when both are there. A record that is damaged is
    logged, counted and otherwise passed over. Deleting what is absent is no error.
    """

    def save(self, record: EvidenceRecord, picture: bytes) -> None:
        """Keeps both; when it fails nothing of them is listed."""
        ...

    def list_records(self, query: EvidenceQuery) -> list[EvidenceRecord]:
        """The records asked for, newest first, at most `query.limit`."""
        ...

    def find(self, evidence_id: str) -> EvidenceRecord | None:
        """The record, or None."""
        ...

    def open_picture(self, evidence_id: str) -> bytes | None:
        """The JPEG, or None."""
        ...

    def summaries(self) -> list[EvidenceSummary]:
        """All pieces, damaged ones too, oldest first."""
        ...

    def total_bytes(self) -> int:
        """What all pieces take together."""
        ...

    def delete(self, evidence_ids: Iterable[str]) -> int:
        """How many of them were there; what cannot be deleted does not keep the others."""
        ...

    def remove_leftovers(self) -> int:
        """Removes what a crash left half written or half deleted; how many pieces that were."""
        ...
