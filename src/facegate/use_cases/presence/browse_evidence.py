"""Looking at evidence, and deleting a piece of it by hand."""

from dataclasses import dataclass, replace

from facegate.domain.errors import EvidenceNotFound
from facegate.domain.presence.evidence import EvidencePlace, EvidenceQuery, EvidenceRecord
from facegate.ports.evidence_store import EvidenceStore


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """Records, newest first; `next_after` is where the next page begins, None at the end."""

    records: tuple[EvidenceRecord, ...]
    next_after: EvidencePlace | None


class BrowseEvidence:
    """What an administrator does with evidence."""

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store

    def page(self, query: EvidenceQuery) -> EvidencePage:
        """A page of the records asked for, newest first."""
        # One more than asked for tells whether there is a next page.
        found = self._store.list_records(replace(query, limit=query.limit + 1))
        page = tuple(found[: query.limit])
        is_last = len(found) <= query.limit
        return EvidencePage(page, None if is_last else EvidencePlace(page[-1].at, page[-1].evidence_id))

    def get(self, evidence_id: str) -> EvidenceRecord:
        """The record.

        Raises:
            EvidenceNotFound: nothing is kept under this id.
        """
        record = self._store.find(evidence_id)
        if record is None:
            raise _not_found()
        return record

    def open_picture(self, evidence_id: str) -> bytes:
        """The JPEG.

        Raises:
            EvidenceNotFound: nothing is kept under this id.
        """
        picture = self._store.open_picture(evidence_id)
        if picture is None:
            raise _not_found()
        return picture

    def delete(self, evidence_id: str) -> None:
        """Deletes one piece.

        Raises:
            EvidenceNotFound: nothing is kept under this id.
        """
        if not self._store.delete([evidence_id]):
            raise _not_found()


def _not_found() -> EvidenceNotFound:
    return EvidenceNotFound("no evidence is kept under this id")
