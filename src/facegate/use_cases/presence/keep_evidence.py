"""Keeping a picture and a record of a violation."""

import logging
import threading
import uuid
from dataclasses import dataclass

from facegate.domain.errors import StoreFailed
from facegate.domain.images import Frame
from facegate.domain.presence.evidence import EvidencePolicy, EvidenceRecord, concerned_subject_ids
from facegate.domain.presence.verdicts import Reason, Verdict
from facegate.ports.clock import Clock
from facegate.ports.evidence_store import EvidenceStore
from facegate.ports.picture_encoder import PictureEncoder
from facegate.use_cases.presence.sweep_evidence import SweepEvidence

logger = logging.getLogger(__name__)

_MAX_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class EvidenceCounts:
    """Since the start: `skipped_count` came too soon after the last of its client and reason."""

    kept_count: int
    skipped_count: int
    failed_count: int


class KeepEvidence:
    """Keeps a picture and a record of a violation. Safe from several threads."""

    def __init__(
        self,
        store: EvidenceStore,
        encoder: PictureEncoder,
        policy: EvidencePolicy,
        clock: Clock,
        sweep: SweepEvidence,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._policy = policy
        self._clock = clock
        self._sweep = sweep
        self._lock = threading.Lock()
        self._last_kept_s: dict[tuple[str, Reason], float] = {}
        self._kept_count = self._skipped_count = self._failed_count = 0

    def counts(self) -> EvidenceCounts:
        """What became of the violations so far."""
        with self._lock:
            return EvidenceCounts(self._kept_count, self._skipped_count, self._failed_count)

    def __call__(self, client_id: str, frame: Frame, verdict: Verdict) -> str | None:
        """The id under which the frame is kept; None when it is not: no violation, off, too soon, or failed.

        It encodes a picture and waits for the disk, so call it after the verdict was sent. A store that fails
        is logged and counted, and asked again after the same interval.
        """
        if not (self._policy.is_kept and verdict.is_violation) or not self._is_due(client_id, verdict.reason):
            return None
        picture = self._encoder.encode(frame)
        record = EvidenceRecord(
            evidence_id=uuid.uuid4().hex,
            client_id=client_id,
            at=self._clock.now_utc(),
            action=verdict.action,
            reason=verdict.reason,
            actual_username=verdict.actual_username,
            cues=verdict.cues,
            checks=dict(verdict.checks or {}),
            subject_ids=concerned_subject_ids(client_id, verdict),
            picture_bytes=len(picture),
        )
        is_kept = self._save(record, picture)
        with self._lock:
            self._kept_count += is_kept
            self._failed_count += not is_kept
        return record.evidence_id if is_kept and self._may_stay(record) else None

    def _save(self, record: EvidenceRecord, picture: bytes) -> bool:
        try:
            self._store.save(record, picture)
        except StoreFailed as error:
            logger.error("evidence of a violation was not kept: %s", error.message)
            return False
        return True

    def _may_stay(self, record: EvidenceRecord) -> bool:
        try:
            return self._sweep.after_write(record)
        except StoreFailed as error:
            logger.error("no room could be made after evidence was kept, the sweep will: %s", error.message)
            return True

    def _is_due(self, client_id: str, reason: Reason) -> bool:
        now_s, interval_s = self._clock.monotonic_s(), self._policy.min_interval_s
        with self._lock:
            last_s = self._last_kept_s.get((client_id, reason))
            if last_s is not None and now_s - last_s < interval_s:
                self._skipped_count += 1
                return False
            if len(self._last_kept_s) >= _MAX_REMEMBERED:
                self._last_kept_s = {
                    key: kept_s for key, kept_s in self._last_kept_s.items() if now_s - kept_s < interval_s
                }
            self._last_kept_s[client_id, reason] = now_s
            return True
