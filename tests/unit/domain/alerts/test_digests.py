"""When what was collected is told, and how it is counted."""

from datetime import UTC, datetime, time, timedelta

import pytest

from facegate.domain.alerts.digests import is_digest_due, summarised
from facegate.domain.alerts.messages import AlertKind, AlertText, MessageState, OutboxMessage
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
AROUND_NOON = WeeklySchedule((DailyHours(time(11), time(13)),))


@pytest.mark.parametrize(
    ("rule", "waited_s", "is_due"),
    [
        (AlertRule(), 0, True),
        (AlertRule(digest_every_s=600), 599, False),
        (AlertRule(digest_every_s=600), 600, True),
        (AlertRule(quiet_hours=AROUND_NOON), 86_400, False),
        (AlertRule(snoozed_until=NOON + timedelta(seconds=1)), 86_400, False),
        (AlertRule(snoozed_until=NOON), 0, True),
        (AlertRule(digest_every_s=600), -3600, False),
        (AlertRule(digest_every_s=600), -90_000, True),
    ],
)
def test_when_a_digest_is_due(rule: AlertRule, waited_s: int, is_due: bool) -> None:
    assert is_digest_due(rule, NOON - timedelta(seconds=waited_s), NOON, NOON) is is_due


def held(
    minute: int, subject_id: str | None, name: str | None, kind: AlertKind = AlertKind.SEEN
) -> OutboxMessage:
    at = NOON + timedelta(minutes=minute)
    return OutboxMessage(
        message_id=f"m{minute}",
        channel_id="phone",
        kind=kind,
        text=AlertText("", "", {"name": name, "at": at.isoformat()}),
        dedup_key=f"m{minute}",
        created_at=at + timedelta(seconds=5),
        expires_at=at,
        next_attempt_at=at,
        state=MessageState.HELD,
        subject_id=subject_id,
    )


def test_people_are_counted_in_the_order_in_which_they_came() -> None:
    lines = summarised(
        [
            held(9, "bo", "Bo"),
            held(1, None, None),
            held(3, "bo", "Bo"),
            held(5, None, None, AlertKind.CAMERA_DOWN),
        ]
    )
    assert [(line.kind, line.name, line.count) for line in lines] == [
        (AlertKind.SEEN, "", 1),
        (AlertKind.SEEN, "Bo", 2),
        (AlertKind.CAMERA_DOWN, "", 1),
    ]
    assert (lines[1].first_at, lines[1].last_at) == (NOON + timedelta(minutes=3), NOON + timedelta(minutes=9))
