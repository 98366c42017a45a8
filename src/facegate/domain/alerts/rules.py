"""Who raises an alert at a camera, and when people want to hear of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from facegate.domain.cameras.weekly_schedule import WeeklySchedule
from facegate.domain.errors import InvalidInput

_MAX_NAMES = 1000
_MAX_CHANNELS = 20


class AlertWho(StrEnum):
    """Whose visits are told."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    EVERYBODY = "everybody"
    CHOSEN = "chosen"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One camera's rule.

    `subject_ids` and `groups` count with CHOSEN. `cooldown_s` is per camera and person; all strangers
    together are one. `once_per_day` tells of a person once per local day. In `quiet_hours` nothing is sent:
    what happened is told in one digest afterwards where `digest_after_quiet`, else not at all. With
    `digest_every_s` above 0 alerts are collected and sent as one message that often. Until `snoozed_until`
    nothing is raised. `tells_leaving` also tells when somebody has gone; `tells_health` when the camera stays
    down and when it is back.
    """

    who: AlertWho = AlertWho.KNOWN
    subject_ids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    channel_ids: tuple[str, ...] = ()
    cooldown_s: int = 3600
    once_per_day: bool = False
    quiet_hours: WeeklySchedule | None = None
    digest_after_quiet: bool = True
    digest_every_s: int = 0
    snoozed_until: datetime | None = None
    tells_leaving: bool = False
    tells_health: bool = True
    sends_picture: bool = True

    def __post_init__(self) -> None:
        checks = (
            ("subject_ids", len(self.subject_ids) <= _MAX_NAMES, f"at most {_MAX_NAMES}"),
            ("groups", len(self.groups) <= _MAX_NAMES, f"at most {_MAX_NAMES}"),
            ("channel_ids", len(self.channel_ids) <= _MAX_CHANNELS, f"at most {_MAX_CHANNELS}"),
            ("cooldown_seconds", 0 <= self.cooldown_s <= 31_536_000, "from 0 to 31536000"),
            (
                "digest_every_s",
                self.digest_every_s == 0 or 60 <= self.digest_every_s <= 86_400,
                "0 or from 60 to 86400",
            ),
        )
        for name, is_right, allowed in checks:
            if not is_right:
                raise InvalidInput(f"{name} must be {allowed}", field=name)


def without_people(rule: AlertRule, subject_ids: Collection[str]) -> AlertRule:
    """The rule without these persons; the same one where it names none of them."""
    left = rule.subject_ids.difference(subject_ids)
    return rule if left == rule.subject_ids else replace(rule, subject_ids=left)


def with_person_replaced(rule: AlertRule, from_id: str, into_id: str) -> AlertRule:
    """The rule with one person in the place of another; the same one where it does not name the first."""
    if from_id not in rule.subject_ids:
        return rule
    return replace(rule, subject_ids=rule.subject_ids - {from_id} | {into_id})
