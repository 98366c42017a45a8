"""Letting go of evidence: in time, by size, and with the persons whom it concerns.

How nothing outlives its person: the gallery calls `ForgetEvidence` before and after it removes somebody; a
piece that is written meanwhile is looked at again after the write; and the sweep deletes what concerns
anybody who is not enrolled, so that whatever broke off heals.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from facegate.domain.presence.evidence import (
    EvidencePolicy,
    EvidenceRecord,
    EvidenceSummary,
    expired_evidence,
    surplus_evidence,
)
from facegate.ports.clock import Clock
from facegate.ports.evidence_store import EvidenceStore


@dataclass(frozen=True, slots=True)
class EvidenceSweep:
    """What a sweep deleted, and what is left. `damaged_count` are records left that cannot be read."""

    expired_count: int
    surplus_count: int
    orphan_count: int
    leftover_count: int
    kept_count: int
    kept_bytes: int
    damaged_count: int


class SweepEvidence:
    """Deletes what is too old, too much, or about somebody who is no longer enrolled."""

    def __init__(
        self, store: EvidenceStore, policy: EvidencePolicy, clock: Clock, is_enrolled: Callable[[str], bool]
    ) -> None:
        """`is_enrolled` tells whether a subject id is in the gallery; may raise StoreFailed."""
        self._store = store
        self._policy = policy
        self._clock = clock
        self._is_enrolled = is_enrolled

    def __call__(self) -> EvidenceSweep:
        """Sweeps once, evidence being kept or not: what was kept before still goes in time.

        Raises:
            StoreFailed: evidence or gallery cannot be read, or something cannot be deleted.
        """
        kept = self._store.summaries()
        orphans = self._orphans(kept)
        kept = _without(kept, orphans)
        expired = expired_evidence(kept, self._clock.now_utc(), self._policy.retention_days)
        kept = _without(kept, expired)
        surplus = surplus_evidence(kept, self._policy.max_bytes)
        kept = _without(kept, surplus)
        return EvidenceSweep(
            orphan_count=self._delete(orphans),
            expired_count=self._delete(expired),
            surplus_count=self._delete(surplus),
            leftover_count=self._store.remove_leftovers(),
            kept_count=len(kept),
            kept_bytes=sum(summary.byte_count for summary in kept),
            damaged_count=sum(summary.is_damaged for summary in kept),
        )

    def after_write(self, record: EvidenceRecord) -> bool:
        """Makes room where the new piece passed the limit; whether the new piece may stay.

        It may not when one of its persons has gone meanwhile: then it is deleted.

        Raises:
            StoreFailed: as the sweep itself.
        """
        if not all(self._is_enrolled(subject_id) for subject_id in record.subject_ids):
            self._store.delete([record.evidence_id])
            return False
        if self._store.total_bytes() > self._policy.max_bytes:
            self._delete(surplus_evidence(self._store.summaries(), self._policy.max_bytes))
        return True

    def _orphans(self, kept: Collection[EvidenceSummary]) -> list[EvidenceSummary]:
        concerned = {subject_id for summary in kept for subject_id in summary.subject_ids}
        gone = {subject_id for subject_id in concerned if not self._is_enrolled(subject_id)}
        return [summary for summary in kept if not gone.isdisjoint(summary.subject_ids)]

    def _delete(self, summaries: Collection[EvidenceSummary]) -> int:
        return self._store.delete([summary.evidence_id for summary in summaries]) if summaries else 0


def _without(kept: Collection[EvidenceSummary], gone: Collection[EvidenceSummary]) -> list[EvidenceSummary]:
    gone_ids = {summary.evidence_id for summary in gone}
    return [summary for summary in kept if summary.evidence_id not in gone_ids]


class ForgetEvidence:
    """Deletes what concerns persons who are removed; the gallery calls it."""

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Deletes every piece that concerns one of them.

        Damaged records go too: nobody can say whom they concern, and one of these persons may be in them.

        Raises:
            StoreFailed: something could not be deleted; the rest is.
        """
        gone = frozenset(subject_ids)
        concerned = [
            summary.evidence_id
            for summary in self._store.summaries()
            if summary.is_damaged or not gone.isdisjoint(summary.subject_ids)
        ]
        if concerned:
            self._store.delete(concerned)
