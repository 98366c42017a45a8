"""What a terminal is told that lets the server decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from facegate.domain.terminals.activity import ActivityKind, ActivityRecord, SnapshotCheck, SnapshotVerdict


class AccessRule(StrEnum):
    """Who gets in: everybody the terminal reports, those in our gallery, or those our engine confirmed."""

    EVERYBODY = "everybody"
    ENROLLED = "enrolled"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The rule, how long the decision may take, and what holds when it took longer.

    Attributes:
        grant_when_late: None is yes under the rule `everybody` alone.
        accept_codes: Whether QR codes and PINs, which nothing here can check, open under that rule.
    """

    rule: AccessRule = AccessRule.EVERYBODY
    time_limit_s: float = 1.0
    grant_when_late: bool | None = None
    accept_codes: bool = False

    @property
    def opens_when_late(self) -> bool:
        """What holds when there was no decision in time."""
        if self.grant_when_late is None:
            return self.rule is AccessRule.EVERYBODY
        return self.grant_when_late


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """`message` is for the terminal's screen."""

    is_granted: bool
    message: str = ""


def decide_code(policy: AccessPolicy) -> AccessDecision:
    """The decision on a QR code or a PIN: any or none, since nobody here knows whose it is."""
    if policy.accept_codes and policy.rule is AccessRule.EVERYBODY:
        return AccessDecision(is_granted=True)
    return AccessDecision(is_granted=False, message="codes are not accepted")


FRESH_FOR = timedelta(minutes=3)


def is_fresh(occurred_at: datetime | None, received_at: datetime) -> bool:
    """Whether somebody may still be standing there: a decision on an old record opens a door for nobody."""
    return occurred_at is not None and abs(received_at - occurred_at) <= FRESH_FOR


def decide_access(
    rule: AccessRule, record: ActivityRecord, subject_id: str | None, check: SnapshotCheck | None
) -> AccessDecision:
    """The decision on one scan; `subject_id` is who has this number in our gallery, if anybody."""
    if rule is AccessRule.EVERYBODY:
        return AccessDecision(is_granted=True)
    if record.kind is not ActivityKind.ATTENDANCE or subject_id is None:
        return AccessDecision(is_granted=False, message="not enrolled")
    if rule is AccessRule.ENROLLED:
        return AccessDecision(is_granted=True)
    if check is not None and check.verdict is SnapshotVerdict.CONFIRMED and check.subject_id == subject_id:
        return AccessDecision(is_granted=True)
    return AccessDecision(is_granted=False, message="not confirmed")
