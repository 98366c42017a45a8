"""Whether somebody is told: now, in a digest, or not at all. No clock and no store; both are passed in.

Cooldown and once per day go by marks, which are stored with the message and so outlive a restart. All times
are the server's; where its clock is set back nobody is told twice for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from facegate.domain.alerts.messages import AlertKind
from facegate.domain.alerts.rules import AlertRule, AlertWho

UNKNOWN_KEY = "unknown"
"""All strangers of a camera have one mark."""

HEALTH_KEY = "health"
"""When a camera's failure was last told."""

HEALTH_BACK_KEY = "health:back"
"""When the end of a failure that had been told was last seen."""

MAX_CLOCK_STEP = timedelta(days=1)
"""A mark further ahead is of a clock that was wrong, and must not silence a camera for years."""

REPEATED_FAILURE = timedelta(minutes=15)
"""A failure found again so soon, as after a restart, is the one that was told. Later it is told again:
its end may have been missed."""


class Verdict(StrEnum):
    """What becomes of an alert."""

    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


class Reason(StrEnum):
    """Why; kept with the event, so that nobody has to guess why they were not told."""

    RAISED = "raised"
    DIGEST = "digest"
    """It is told together with others, later."""

    QUIET_HOURS = "quiet_hours"
    NOT_CHOSEN = "not_chosen"
    NOT_WANTED = "not_wanted"
    """Leaving, or the camera's health, is not told at this camera."""

    SNOOZED = "snoozed"
    COOLDOWN = "cooldown"
    ONCE_PER_DAY = "once_per_day"
    CLOCK_SET_BACK = "clock_set_back"
    TOLD_ALREADY = "told_already"
    BEGINNING_NOT_TOLD = "beginning_not_told"
    """Nobody heard that they came, or that the camera failed."""

    TOO_LATE = "too_late"
    """It could be stored only when a message about it would have expired."""

    NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who it is about. `groups` count with CHOSEN; `was_told` is whether this visit's beginning was."""

    subject_id: str | None
    groups: frozenset[str] = frozenset()
    was_told: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict. Where `marked_key` is given, its mark is set to `marked_at` with what is stored."""

    verdict: Verdict
    reason: Reason
    marked_key: str | None = None
    marked_at: datetime | None = None


def person_key(subject_id: str | None) -> str:
    """Under which key marks of this person stand."""
    return UNKNOWN_KEY if subject_id is None else f"subject:{subject_id}"


def keys_to_read(who: Concerned, kind: AlertKind) -> tuple[str, ...]:
    """The marks on which the decision depends."""
    if kind in (AlertKind.CAMERA_DOWN, AlertKind.CAMERA_UP):
        return (HEALTH_KEY, HEALTH_BACK_KEY)
    return (person_key(who.subject_id),) if kind is AlertKind.SEEN else ()


def decide(
    rule: AlertRule,
    who: Concerned,
    marks: Mapping[str, datetime],
    now_utc: datetime,
    now_local: datetime,
    kind: AlertKind,
) -> Decision:
    """What becomes of an alert of this kind about this person; `marks` hold `keys_to_read`."""
    if kind is AlertKind.CAMERA_DOWN:
        return _decide_down(rule, marks, now_utc, now_local)
    if kind is AlertKind.CAMERA_UP:
        return _decide_up(rule, marks, now_utc, now_local)
    if kind is AlertKind.LEFT:
        return _decide_left(rule, who, now_utc, now_local)
    if not is_chosen(rule, who):
        return Decision(Verdict.DROP, Reason.NOT_CHOSEN)
    if _is_snoozed(rule, now_utc):
        return Decision(Verdict.DROP, Reason.SNOOZED)
    key = person_key(who.subject_id)
    told_at = marks.get(key)
    if told_at is not None:
        silence = _silence(rule, told_at, now_utc, now_local)
        if silence is Reason.CLOCK_SET_BACK:
            return Decision(Verdict.DROP, silence, key, now_utc)
        if silence is not None:
            return Decision(Verdict.DROP, silence)
    decision = _timely(rule, now_utc, now_local, collects=True)
    if decision.verdict is Verdict.DROP:
        return decision
    marked_at = now_utc if told_at is None else max(now_utc, told_at)
    return Decision(decision.verdict, decision.reason, key, marked_at)


def is_chosen(rule: AlertRule, who: Concerned) -> bool:
    """Whether visits of this person are told at all."""
    match rule.who:
        case AlertWho.EVERYBODY:
            return True
        case AlertWho.NOBODY:
            return False
        case AlertWho.UNKNOWN:
            return who.subject_id is None
        case AlertWho.KNOWN:
            return who.subject_id is not None
        case AlertWho.CHOSEN:
            return who.subject_id is not None and (
                who.subject_id in rule.subject_ids or not rule.groups.isdisjoint(who.groups)
            )


def _silence(rule: AlertRule, told_at: datetime, now_utc: datetime, now_local: datetime) -> Reason | None:
    """Why a person who was told of at `told_at` is not told of again."""
    if not rule.cooldown_s and not rule.once_per_day:
        return None
    if told_at - now_utc > MAX_CLOCK_STEP:
        return Reason.CLOCK_SET_BACK
    if rule.cooldown_s and now_utc - told_at < timedelta(seconds=rule.cooldown_s):
        return Reason.COOLDOWN
    # A day ahead is one of a clock that was set back over midnight.
    if rule.once_per_day and told_at.astimezone(now_local.tzinfo).date() >= now_local.date():
        return Reason.ONCE_PER_DAY
    return None


def _decide_left(rule: AlertRule, who: Concerned, now_utc: datetime, now_local: datetime) -> Decision:
    if not rule.tells_leaving:
        return Decision(Verdict.DROP, Reason.NOT_WANTED)
    if not who.was_told:
        return Decision(Verdict.DROP, Reason.BEGINNING_NOT_TOLD)
    return _timely(rule, now_utc, now_local, collects=True)


def _decide_down(
    rule: AlertRule, marks: Mapping[str, datetime], now_utc: datetime, now_local: datetime
) -> Decision:
    if not rule.tells_health:
        return Decision(Verdict.DROP, Reason.NOT_WANTED)
    down_at, back_at = marks.get(HEALTH_KEY), marks.get(HEALTH_BACK_KEY)
    if down_at is not None and _is_open(marks) and abs(now_utc - down_at) < REPEATED_FAILURE:
        return Decision(Verdict.DROP, Reason.TOLD_ALREADY)
    decision = _timely(rule, now_utc, now_local, collects=False)
    if decision.verdict is Verdict.DROP:
        return decision
    after_back = now_utc if back_at is None else max(now_utc, back_at + timedelta(microseconds=1))
    return Decision(decision.verdict, decision.reason, HEALTH_KEY, after_back)


def _decide_up(
    rule: AlertRule, marks: Mapping[str, datetime], now_utc: datetime, now_local: datetime
) -> Decision:
    if not _is_open(marks):
        return Decision(Verdict.DROP, Reason.BEGINNING_NOT_TOLD)
    # Marked also where it is not told: the next failure is another one.
    marked_at = max(now_utc, marks[HEALTH_KEY])
    if not rule.tells_health:
        return Decision(Verdict.DROP, Reason.NOT_WANTED, HEALTH_BACK_KEY, marked_at)
    decision = _timely(rule, now_utc, now_local, collects=False)
    return Decision(decision.verdict, decision.reason, HEALTH_BACK_KEY, marked_at)


def _is_open(marks: Mapping[str, datetime]) -> bool:
    """Whether a failure was told of which the end was not seen."""
    down_at, back_at = marks.get(HEALTH_KEY), marks.get(HEALTH_BACK_KEY)
    return down_at is not None and (back_at is None or back_at < down_at)


def _timely(rule: AlertRule, now_utc: datetime, now_local: datetime, *, collects: bool) -> Decision:
    """Whether this is a time to tell; `collects` where a digest every so often takes it."""
    if _is_snoozed(rule, now_utc):
        return Decision(Verdict.DROP, Reason.SNOOZED)
    if rule.quiet_hours is not None and rule.quiet_hours.holds(now_local):
        if rule.digest_after_quiet:
            return Decision(Verdict.HOLD, Reason.DIGEST)
        return Decision(Verdict.DROP, Reason.QUIET_HOURS)
    if collects and rule.digest_every_s:
        return Decision(Verdict.HOLD, Reason.DIGEST)
    return Decision(Verdict.SEND, Reason.RAISED)


def _is_snoozed(rule: AlertRule, now_utc: datetime) -> bool:
    return rule.snoozed_until is not None and now_utc < rule.snoozed_until
