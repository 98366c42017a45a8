"""Who is told when: a table of cases, and what must hold for any order of times."""

import itertools
from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.alerts.messages import AlertKind
from facegate.domain.alerts.policy import (
    HEALTH_BACK_KEY,
    HEALTH_KEY,
    UNKNOWN_KEY,
    Concerned,
    Decision,
    Reason,
    Verdict,
    decide,
    keys_to_read,
    person_key,
)
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NIGHT = WeeklySchedule((DailyHours(time(22), time(6)),))
ALICE, STRANGER = Concerned("alice"), Concerned(None)


def decided(
    rule: AlertRule,
    who: Concerned = ALICE,
    marks: dict[str, datetime] | None = None,
    now: datetime = NOON,
    kind: AlertKind = AlertKind.SEEN,
) -> Decision:
    return decide(rule, who, marks or {}, now, now, kind)


@pytest.mark.parametrize(
    ("rule", "who", "is_told"),
    [
        (AlertRule(AlertWho.KNOWN), ALICE, True),
        (AlertRule(AlertWho.KNOWN), STRANGER, False),
        (AlertRule(AlertWho.UNKNOWN), ALICE, False),
        (AlertRule(AlertWho.UNKNOWN), STRANGER, True),
        (AlertRule(AlertWho.EVERYBODY), ALICE, True),
        (AlertRule(AlertWho.EVERYBODY), STRANGER, True),
        (AlertRule(AlertWho.NOBODY), ALICE, False),
        (AlertRule(AlertWho.NOBODY), STRANGER, False),
        (AlertRule(AlertWho.CHOSEN, subject_ids=frozenset({"alice"})), ALICE, True),
        (AlertRule(AlertWho.CHOSEN, subject_ids=frozenset({"bob"})), ALICE, False),
        (AlertRule(AlertWho.CHOSEN, groups=frozenset({"staff"})), ALICE, False),
        (
            AlertRule(AlertWho.CHOSEN, groups=frozenset({"staff"})),
            Concerned("al", frozenset({"staff"})),
            True,
        ),
        (AlertRule(AlertWho.CHOSEN), STRANGER, False),
    ],
)
def test_whose_visits_are_told(rule: AlertRule, who: Concerned, is_told: bool) -> None:
    decision = decided(rule, who)
    assert decision.verdict is (Verdict.SEND if is_told else Verdict.DROP)
    assert decision.reason is (Reason.RAISED if is_told else Reason.NOT_CHOSEN)


@pytest.mark.parametrize(
    ("rule", "told_ago", "reason"),
    [
        (AlertRule(), timedelta(minutes=59, seconds=59), Reason.COOLDOWN),
        (AlertRule(), timedelta(hours=1), Reason.RAISED),
        (AlertRule(cooldown_s=0), timedelta(0), Reason.RAISED),
        (AlertRule(once_per_day=True), timedelta(hours=2), Reason.ONCE_PER_DAY),
        (AlertRule(once_per_day=True), timedelta(hours=12, seconds=1), Reason.RAISED),
        (AlertRule(once_per_day=True, cooldown_s=86_400), timedelta(hours=13), Reason.COOLDOWN),
        (AlertRule(snoozed_until=NOON + timedelta(seconds=1)), None, Reason.SNOOZED),
        (AlertRule(snoozed_until=NOON), None, Reason.RAISED),
        (AlertRule(digest_every_s=600), None, Reason.DIGEST),
        (AlertRule(digest_every_s=600), timedelta(minutes=1), Reason.COOLDOWN),
        # The clock was set back: silent until the cooldown is over by the old time, but not for years.
        (AlertRule(), -timedelta(hours=3), Reason.COOLDOWN),
        (AlertRule(once_per_day=True, cooldown_s=0), -timedelta(hours=13), Reason.ONCE_PER_DAY),
        (AlertRule(), -timedelta(days=2), Reason.CLOCK_SET_BACK),
        (AlertRule(cooldown_s=0), -timedelta(days=2), Reason.RAISED),
    ],
)
def test_when_a_person_is_told_of_again(rule: AlertRule, told_ago: timedelta | None, reason: Reason) -> None:
    marks = {} if told_ago is None else {"subject:alice": NOON - told_ago}
    assert decided(rule, marks=marks).reason is reason


def test_a_mark_far_ahead_is_set_to_now() -> None:
    decision = decided(AlertRule(), marks={"subject:alice": NOON + timedelta(days=3000)})
    assert (decision.verdict, decision.marked_key, decision.marked_at) == (
        Verdict.DROP,
        "subject:alice",
        NOON,
    )


@pytest.mark.parametrize(
    ("digest_after_quiet", "verdict", "reason", "marked_key"),
    [
        (True, Verdict.HOLD, Reason.DIGEST, "subject:alice"),
        (False, Verdict.DROP, Reason.QUIET_HOURS, None),
    ],
)
def test_quiet_hours_hold_or_drop(
    digest_after_quiet: bool, verdict: Verdict, reason: Reason, marked_key: str | None
) -> None:
    rule = AlertRule(quiet_hours=NIGHT, digest_after_quiet=digest_after_quiet)
    night = NOON + timedelta(hours=11)
    decision = decided(rule, now=night)
    assert (decision.verdict, decision.reason, decision.marked_key) == (
        verdict,
        reason,
        marked_key,
    )
    assert decided(rule, now=night + timedelta(hours=7)).verdict is Verdict.SEND


def test_quiet_hours_and_days_are_those_of_the_place() -> None:
    jakarta = timezone(timedelta(hours=7))
    rule = AlertRule(quiet_hours=NIGHT, once_per_day=True, cooldown_s=0)
    at = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # 23:30 there
    assert decide(rule, ALICE, {}, at, at.astimezone(jakarta), AlertKind.SEEN).verdict is Verdict.HOLD
    morning = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # 06:30 of the next day there
    marks = {"subject:alice": at}
    told = decide(rule, ALICE, marks, morning, morning.astimezone(jakarta), AlertKind.SEEN)
    assert told.reason is Reason.RAISED


def test_strangers_share_a_mark_and_a_named_person_has_an_own() -> None:
    assert person_key(None) == UNKNOWN_KEY
    assert keys_to_read(STRANGER, AlertKind.SEEN) == (UNKNOWN_KEY,)
    everybody = AlertRule(AlertWho.EVERYBODY)
    marks = {UNKNOWN_KEY: NOON}
    assert decided(everybody, STRANGER, marks).reason is Reason.COOLDOWN
    assert decided(everybody, ALICE, marks).reason is Reason.RAISED


@pytest.mark.parametrize(
    ("rule", "was_told", "reason"),
    [
        (AlertRule(), True, Reason.NOT_WANTED),
        (AlertRule(tells_leaving=True), False, Reason.BEGINNING_NOT_TOLD),
        (AlertRule(tells_leaving=True), True, Reason.RAISED),
        (AlertRule(tells_leaving=True, snoozed_until=NOON + timedelta(1)), True, Reason.SNOOZED),
        (AlertRule(tells_leaving=True, digest_every_s=60), True, Reason.DIGEST),
    ],
)
def test_leaving_is_told_of_those_whose_coming_was(rule: AlertRule, was_told: bool, reason: Reason) -> None:
    who = Concerned("alice", was_told=was_told)
    decision = decided(rule, who, {"subject:alice": NOON}, kind=AlertKind.LEFT)
    assert decision.reason is reason
    assert decision.marked_key is None


@pytest.mark.parametrize(
    ("rule", "marks", "reason"),
    [
        (AlertRule(AlertWho.NOBODY), {}, Reason.RAISED),
        (AlertRule(tells_health=False), {}, Reason.NOT_WANTED),
        (AlertRule(snoozed_until=NOON + timedelta(1)), {}, Reason.SNOOZED),
        (AlertRule(digest_every_s=600, once_per_day=True), {}, Reason.RAISED),
        (AlertRule(), {HEALTH_KEY: NOON - timedelta(minutes=5)}, Reason.TOLD_ALREADY),
        # Its end may have been missed in a restart: rather twice than never.
        (AlertRule(), {HEALTH_KEY: NOON - timedelta(minutes=15)}, Reason.RAISED),
        (
            AlertRule(),
            {HEALTH_KEY: NOON - timedelta(minutes=5), HEALTH_BACK_KEY: NOON - timedelta(minutes=4)},
            Reason.RAISED,
        ),
    ],
)
def test_a_camera_that_stays_down(rule: AlertRule, marks: dict[str, datetime], reason: Reason) -> None:
    assert decided(rule, STRANGER, marks, kind=AlertKind.CAMERA_DOWN).reason is reason


@pytest.mark.parametrize(
    ("rule", "marks", "reason", "is_marked"),
    [
        (AlertRule(), {}, Reason.BEGINNING_NOT_TOLD, False),
        (AlertRule(), {HEALTH_KEY: NOON - timedelta(days=3)}, Reason.RAISED, True),
        (AlertRule(), {HEALTH_KEY: NOON, HEALTH_BACK_KEY: NOON}, Reason.BEGINNING_NOT_TOLD, False),
        (AlertRule(tells_health=False), {HEALTH_KEY: NOON}, Reason.NOT_WANTED, True),
        (AlertRule(snoozed_until=NOON + timedelta(1)), {HEALTH_KEY: NOON}, Reason.SNOOZED, True),
    ],
)
def test_a_camera_that_is_back(
    rule: AlertRule, marks: dict[str, datetime], reason: Reason, is_marked: bool
) -> None:
    decision = decided(rule, STRANGER, marks, kind=AlertKind.CAMERA_UP)
    assert decision.reason is reason
    assert (decision.marked_key == HEALTH_BACK_KEY) is is_marked


def test_every_outage_is_told_once_and_so_is_its_end() -> None:
    marks: dict[str, datetime] = {}
    told = []
    for minute, kind in enumerate([AlertKind.CAMERA_DOWN, AlertKind.CAMERA_UP] * 3):
        now = NOON - timedelta(minutes=minute)  # whatever the clock does
        decision = decided(AlertRule(), STRANGER, marks, now, kind)
        told.append(decision.verdict)
        assert decision.marked_key is not None
        assert decision.marked_at is not None
        marks[decision.marked_key] = decision.marked_at
    assert told == [Verdict.SEND] * 6


offsets_s = st.lists(st.integers(0, 86_400), min_size=1, max_size=40)
rules = st.builds(
    AlertRule,
    who=st.just(AlertWho.EVERYBODY),
    cooldown_s=st.integers(0, 7200),
    once_per_day=st.booleans(),
    quiet_hours=st.sampled_from([None, NIGHT]),
    digest_after_quiet=st.booleans(),
    digest_every_s=st.sampled_from([0, 600]),
)


@given(rule=rules, offsets=offsets_s)
def test_never_told_twice_within_a_cooldown_in_whatever_order_the_times_come(
    rule: AlertRule, offsets: list[int]
) -> None:
    marks: dict[str, datetime] = {}
    told: list[datetime] = []
    for offset in offsets:
        now = NOON + timedelta(seconds=offset)
        decision = decided(rule, marks=marks, now=now)
        if decision.verdict is Verdict.DROP:
            continue
        told.append(now)
        assert decision.marked_key is not None
        assert decision.marked_at is not None
        # The store keeps the newest, and a restart finds it there.
        marks = {decision.marked_key: max(decision.marked_at, marks.get(decision.marked_key, NOON))}
    told.sort()
    for earlier, later in itertools.pairwise(told):
        assert (later - earlier).total_seconds() >= rule.cooldown_s
        assert not (rule.once_per_day and earlier.date() == later.date())


@given(
    cooldown_s=st.integers(1, 7200),
    steps=st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from([0, 0, 0, 60, 3600, 5 * 86_400])), max_size=40
    ),
)
def test_a_clock_that_is_set_back_tells_nobody_twice(cooldown_s: int, steps: list[tuple[int, int]]) -> None:
    """By a watch that nobody sets back."""
    rule = AlertRule(cooldown_s=cooldown_s)
    marks: dict[str, datetime] = {}
    really_s, set_back_s = 0, 0
    last_told_s: int | None = None
    for passed_s, back_s in steps:
        really_s += passed_s
        set_back_s += back_s
        now = NOON + timedelta(seconds=really_s - set_back_s)
        decision = decided(rule, marks=marks, now=now)
        if decision.marked_key is not None and decision.marked_at is not None:
            marks[decision.marked_key] = decision.marked_at
        if decision.verdict is Verdict.SEND:
            assert last_told_s is None or really_s - last_told_s >= cooldown_s
            last_told_s = really_s
