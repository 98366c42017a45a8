"""Alerts that were collected, as one message: when it is due and what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facegate.domain.alerts.messages import AlertKind, OutboxMessage
from facegate.domain.alerts.policy import MAX_CLOCK_STEP
from facegate.domain.alerts.rules import AlertRule


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One person, or one kind of trouble: how often, when first and last. `name` is empty for strangers."""

    kind: AlertKind
    subject_id: str | None
    name: str
    count: int
    first_at: datetime
    last_at: datetime


def is_digest_due(rule: AlertRule, oldest_held_at: datetime, now_utc: datetime, now_local: datetime) -> bool:
    """Whether what is held is to be told now: neither in quiet hours nor while snoozed."""
    if rule.quiet_hours is not None and rule.quiet_hours.holds(now_local):
        return False
    if rule.snoozed_until is not None and now_utc < rule.snoozed_until:
        return False
    waited = now_utc - oldest_held_at
    return waited >= timedelta(seconds=rule.digest_every_s) or -waited > MAX_CLOCK_STEP


def summarised(held: Sequence[OutboxMessage]) -> list[DigestLine]:
    """A line for each person and kind, in the order in which they first came."""
    lines: dict[tuple[AlertKind, str | None], DigestLine] = {}
    for message in held:
        at = happened_at(message)
        key = (message.kind, message.subject_id)
        known = lines.get(key)
        if known is None:
            name = message.text.facts.get("name")
            shown = name if isinstance(name, str) else ""
            lines[key] = DigestLine(message.kind, message.subject_id, shown, 1, at, at)
        else:
            lines[key] = DigestLine(
                known.kind,
                known.subject_id,
                known.name,
                known.count + 1,
                min(known.first_at, at),
                max(known.last_at, at),
            )
    return sorted(lines.values(), key=lambda line: line.first_at)


def happened_at(message: OutboxMessage) -> datetime:
    """When it happened, which may be before it was raised."""
    at = message.text.facts.get("at")
    if isinstance(at, str):
        try:
            return datetime.fromisoformat(at)
        except ValueError:
            return message.created_at
    return message.created_at
