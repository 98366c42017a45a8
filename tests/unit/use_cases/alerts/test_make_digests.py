"""Collected alerts: told together, when the interval or the night is over."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from tests.unit.use_cases.alerts.alert_scene import AlertScene

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import AlertKind, MessageState, OutboxMessage
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.use_cases.alerts.deliver_alerts import DeliverAlerts
from facegate.use_cases.alerts.make_digests import MakeDigests

NIGHT = WeeklySchedule((DailyHours(time(22), time(6)),))
EVENING = datetime(2026, 11, 21, 23, tzinfo=UTC)


class Night(AlertScene):
    """Everybody is told, strangers at once again."""

    def __init__(self, **rule: object) -> None:
        super().__init__(AlertRule(AlertWho.EVERYBODY, channel_ids=("phone", "desk"), cooldown_s=0))
        self.rule = replace(self.rule, **rule)  # type: ignore[arg-type]
        self.clock.now = EVENING
        make_digests = MakeDigests(self.store, self.clock, lambda _: self.camera)
        self.deliver = DeliverAlerts(
            self.store, {ChannelKind.TELEGRAM: self.sender}, self.clock, make_digests
        )

    def digests(self) -> list[OutboxMessage]:
        return [one for one in self.store.messages.values() if one.kind is AlertKind.DIGEST]


def test_after_the_night_each_channel_gets_one_message() -> None:
    scene = Night(quiet_hours=NIGHT)
    for subject_id in ("alice", None, "alice"):
        assert scene.tell(scene.seen(subject_id))
        scene.clock.advance(60)
    assert (scene.deliver.make_digests(), scene.deliver.deliver_due()) == (0, 0)
    scene.clock.now = EVENING + timedelta(hours=7)
    assert scene.deliver.make_digests() == 2
    assert scene.deliver.make_digests() == 0
    assert scene.deliver.deliver_due() == 2
    assert sorted(channel_id for channel_id, _ in scene.sender.sent) == ["desk", "phone"]
    text = scene.sender.sent[0][1].text
    assert text.title == "Front door: 3 alerts"
    assert "Alice: 2 times, last 21 Nov 2026 at 23:02:00" in text.body
    assert "Somebody unknown: once, 21 Nov 2026 at 23:01:00" in text.body
    assert {message.state for message in scene.store.messages.values()} == {MessageState.SENT}


def test_a_night_longer_than_messages_live_loses_nothing() -> None:
    scene = Night(quiet_hours=NIGHT)
    scene.clock.now = EVENING - timedelta(minutes=59)
    scene.tell(scene.seen("alice"))
    scene.clock.now = EVENING + timedelta(hours=7)
    scene.deliver.expire()
    scene.deliver.make_digests()
    assert scene.deliver.deliver_due() == 2


def test_an_interval_collects_from_its_first_alert_on() -> None:
    scene = Night(digest_every_s=600)
    scene.tell(scene.seen("alice"))
    scene.clock.advance(599)
    scene.tell(scene.seen("bob"))
    assert scene.deliver.make_digests() == 0
    scene.clock.advance(1)
    assert scene.deliver.make_digests() == 2
    scene.tell(scene.seen("bob"))
    assert scene.deliver.make_digests() == 0


def test_a_changed_rule_counts_for_what_is_held_already() -> None:
    scene = Night(digest_every_s=86_400)
    scene.tell(scene.seen("alice"))
    scene.clock.advance(60)
    scene.rule = replace(scene.rule, digest_every_s=0)
    assert scene.deliver.make_digests() == 2


def test_who_is_forgotten_is_in_no_digest() -> None:
    scene = Night(quiet_hours=NIGHT)
    scene.tell(scene.seen("alice"))
    scene.tell(scene.seen("bob"))
    scene.store.forget_subjects(["alice"])
    scene.clock.now = EVENING + timedelta(hours=7)
    scene.deliver.make_digests()
    assert "Alice" not in repr(scene.digests())
    scene.store.forget_subjects(["bob"])
    assert scene.digests() == []


def test_failures_of_the_camera_are_told_in_it_too() -> None:
    scene = Night(quiet_hours=NIGHT)
    down = replace(scene.seen(None), facts={"fault": "timed_out"})
    raised = scene.raise_alerts.for_health(scene.camera, down, AlertKind.CAMERA_DOWN)
    scene.store.add_events([], raised.messages, raised.marks)
    scene.clock.now = EVENING + timedelta(hours=7)
    scene.deliver.make_digests()
    assert "No picture: once, 21 Nov 2026 at 23:00:00" in scene.digests()[0].text.body


ALWAYS = WeeklySchedule((DailyHours(time(0), time(12)), DailyHours(time(12), time(0))))


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        ({"snoozed_until": EVENING + timedelta(days=99), "quiet_hours": None}, 30),
        ({"quiet_hours": ALWAYS}, 174),
    ],
    ids=["snoozed", "quiet"],
)
def test_what_is_held_has_an_end_too(rule: dict[str, Any], hours: int) -> None:
    scene = Night(digest_every_s=86_400)
    scene.tell(scene.seen("alice"))
    scene.rule = replace(scene.rule, **rule)
    scene.clock.now = EVENING + timedelta(hours=hours, seconds=-1)
    assert scene.deliver.make_digests() == 0
    assert {message.state for message in scene.store.messages.values()} == {MessageState.HELD}
    scene.clock.advance(1)
    assert scene.deliver.make_digests() == 0
    assert {message.state for message in scene.store.messages.values()} == {MessageState.EXPIRED}
    assert {message.last_error for message in scene.store.messages.values()} == {"it was held for too long"}
