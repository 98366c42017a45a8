"""What is kept of a violation, how long, and how much of it. Rules only; files belong to an adapter."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Reason, Verdict
from facegate.domain.subjects import STRANGER_ID

EVIDENCE_ID_PATTERN = re.compile(r"[0-9a-f]{32}")

MAX_PAGE = 1000

_REFILL_SHARE = 0.95
_PLACE_PATTERN = re.compile(r"(\d{8}T\d{12})-([0-9a-f]{32})", re.ASCII)
_PLACE_TIME = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One violation that was kept beside its picture.

    `evidence_id` is a UUID as 32 hex digits, `at` aware and in UTC. `subject_ids` are the persons whom it
    concerns: the client, and who else was recognised in the picture; it goes when one of them goes.
    `picture_bytes` is the size of the JPEG.
    """

    evidence_id: str
    client_id: str
    at: datetime
    action: Action
    reason: Reason
    actual_username: str
    cues: tuple[Cue, ...]
    checks: Mapping[Check, CheckState]
    subject_ids: tuple[str, ...]
    picture_bytes: int


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """What sweeping and searching need of one piece; `byte_count` is all that it takes in the store.

    `client_id` and `reason` are None where the record is damaged: nobody can say any more whom it concerns.
    `at` is then the latest moment it can be from.
    """

    evidence_id: str
    at: datetime
    byte_count: int
    client_id: str | None
    reason: Reason | None
    subject_ids: tuple[str, ...] = ()

    @property
    def is_damaged(self) -> bool:
        """Whether the record cannot be read."""
        return self.client_id is None


@dataclass(frozen=True, slots=True)
class EvidencePolicy:
    """How much is kept. `min_interval_s` is the least time between two pieces of one client and reason."""

    is_kept: bool = True
    retention_days: float = 30.0
    max_bytes: int = 2**30
    min_interval_s: float = 10.0

    def __post_init__(self) -> None:
        if not self.retention_days > 0.0:
            raise ValueError("evidence is kept for more than 0 days, or not at all")
        if self.max_bytes < 0 or not self.min_interval_s >= 0.0:
            raise ValueError("the size limit and the interval are not negative")


@dataclass(frozen=True, slots=True)
class EvidenceQuery:
    """Which records are asked for: newest first, `since` and later, before `until`, older than `after`."""

    client_id: str | None = None
    reason: Reason | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: "EvidencePlace | None" = None
    limit: int = 100

    def accepts(self, summary: EvidenceSummary) -> bool:
        """Whether a piece is among those asked for; a damaged one never is."""
        return (
            not summary.is_damaged
            and self.client_id in (None, summary.client_id)
            and self.reason in (None, summary.reason)
            and (self.since is None or summary.at >= self.since)
            and (self.until is None or summary.at < self.until)
            and (self.after is None or age_order(summary) < (self.after.at, self.after.evidence_id))
        )


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """A place in the list. It holds even when the piece that stood there is gone."""

    at: datetime
    evidence_id: str

    def __str__(self) -> str:
        return f"{self.at:{_PLACE_TIME}}-{self.evidence_id}"

    @staticmethod
    def parse(text: str) -> "EvidencePlace":
        """The place that `str` wrote.

        Raises:
            InvalidInput: it did not.
        """
        found = _PLACE_PATTERN.fullmatch(text)
        try:
            if found is not None:
                at = datetime.strptime(found[1], _PLACE_TIME).replace(tzinfo=UTC)
                return EvidencePlace(at, found[2])
        except ValueError:  # such as a thirteenth month
            pass
        raise InvalidInput("after is the next_after of an earlier page", field="after")


def concerned_subject_ids(client_id: str, verdict: Verdict) -> tuple[str, ...]:
    """The persons whom a violation concerns: the client, then another one who was recognised."""
    other = verdict.actual_username
    return (client_id,) if other in (client_id, STRANGER_ID) else (client_id, other)


def age_order(summary: EvidenceSummary) -> tuple[datetime, str]:
    """Sorts oldest first; ids settle what came at the same moment."""
    return summary.at, summary.evidence_id


def expired_evidence(
    kept: Iterable[EvidenceSummary], now: datetime, retention_days: float
) -> list[EvidenceSummary]:
    """Those older than the retention time."""
    retention = timedelta(days=retention_days)
    return [summary for summary in kept if now - summary.at > retention]


def surplus_evidence(kept: Sequence[EvidenceSummary], max_bytes: int) -> list[EvidenceSummary]:
    """Those that must go, oldest first, because together they take more than `max_bytes`.

    Then as many go that the rest takes at most 95 % of it: a full store is not swept at every write.
    """
    excess_bytes = sum(summary.byte_count for summary in kept)
    if excess_bytes <= max_bytes:
        return []
    excess_bytes -= int(max_bytes * _REFILL_SHARE)
    surplus: list[EvidenceSummary] = []
    for summary in sorted(kept, key=age_order):
        if excess_bytes <= 0:
            break
        surplus.append(summary)
        excess_bytes -= summary.byte_count
    return surplus
