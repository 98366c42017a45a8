"""Evidence in memory, and pieces of it to keep. The store passes the same contract suite as the real one."""

import threading
import uuid
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from facegate.domain.images import Frame
from facegate.domain.presence.evidence import EvidenceQuery, EvidenceRecord, EvidenceSummary, age_order
from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Finding, Reason

PICTURE = b"\xff\xd8 a picture \xff\xd9"


def a_record(
    at: datetime,
    client_id: str = "ann",
    *,
    reason: Reason = Reason.WRONG_USER,
    actual_username: str = "bob",
    subject_ids: tuple[str, ...] | None = None,
    picture_bytes: int = len(PICTURE),
) -> EvidenceRecord:
    return EvidenceRecord(
        evidence_id=uuid.uuid4().hex,
        client_id=client_id,
        at=at,
        action=Action.LOCK_SCREEN,
        reason=reason,
        actual_username=actual_username,
        cues=(Cue(Finding.OTHER_PERSON, 0.71, 0.45, 2, 3), Cue(Finding.SECOND_FACE)),
        checks={Check.FACE: CheckState.RAN, Check.LIVENESS: CheckState.REUSED},
        subject_ids=(client_id, actual_username) if subject_ids is None else subject_ids,
        picture_bytes=picture_bytes,
    )


def a_frame(width_px: int = 64, height_px: int = 48) -> Frame:
    """Noise from a fixed seed: no picture compresses worse."""
    pixels = np.random.default_rng(7).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)
    return Frame.of(pixels)


class InMemoryEvidenceStore:
    """A piece takes as many bytes as its picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[EvidenceRecord, bytes]] = {}

    def save(self, record: EvidenceRecord, picture: bytes) -> None:
        with self._lock:
            self._kept[record.evidence_id] = record, picture

    def list_records(self, query: EvidenceQuery) -> list[EvidenceRecord]:
        newest_first = reversed(self.summaries())
        asked_for = [summary.evidence_id for summary in newest_first if query.accepts(summary)]
        return [self._kept[evidence_id][0] for evidence_id in asked_for[: query.limit]]

    def find(self, evidence_id: str) -> EvidenceRecord | None:
        piece = self._kept.get(evidence_id)
        return piece[0] if piece else None

    def open_picture(self, evidence_id: str) -> bytes | None:
        piece = self._kept.get(evidence_id)
        return piece[1] if piece else None

    def summaries(self) -> list[EvidenceSummary]:
        with self._lock:
            kept = list(self._kept.values())
        found = [
            EvidenceSummary(
                record.evidence_id,
                record.at,
                len(picture),
                record.client_id,
                record.reason,
                record.subject_ids,
            )
            for record, picture in kept
        ]
        return sorted(found, key=age_order)

    def total_bytes(self) -> int:
        return sum(summary.byte_count for summary in self.summaries())

    def delete(self, evidence_ids: Iterable[str]) -> int:
        with self._lock:
            return sum(self._kept.pop(evidence_id, None) is not None for evidence_id in evidence_ids)

    def remove_leftovers(self) -> int:
        return 0
