"""From events to messages: for whom, how often, with what."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from tests.unit.use_cases.alerts.alert_scene import AlertScene, channel

from facegate.domain.alerts.messages import AlertKind, AlertMark, MessageState
from facegate.domain.alerts.policy import Reason
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventKind


def test_one_message_for_each_enabled_channel_of_the_rule() -> None:
    scene = AlertScene(AlertRule(channel_ids=("desk", "phone", "gone", "desk", "off")))
    scene.store.add_channel(channel("off", is_enabled=False))
    messages = scene.tell(scene.seen("alice"))
    assert [message.channel_id for message in messages] == ["desk", "phone"]
    message = messages[0]
    assert message.text.title == "Alice at Front door"
    assert (message.state, message.picture) == (MessageState.WAITING, b"jpeg")
    assert (message.camera_id, message.subject_id) == ("gate", "alice")
    assert message.expires_at == scene.clock.now + timedelta(hours=6)
    assert len({one.dedup_key for one in messages}) == 2


def test_nobody_is_marked_as_told_where_nobody_can_be() -> None:
    scene = AlertScene(AlertRule(channel_ids=("gone",)))
    raised = scene.raise_alerts.for_visit(scene.camera, scene.seen("alice"), AlertKind.SEEN)
    assert (raised.messages, raised.marks, raised.reason) == ((), (), Reason.NO_CHANNEL)


def test_the_cooldown_outlives_a_restart() -> None:
    scene = AlertScene()
    assert scene.tell(scene.seen("alice"))
    scene.clock.advance(3599)
    assert not scene.tell(scene.seen("alice"))
    scene.raise_alerts = scene.new_raise_alerts()
    assert not scene.tell(scene.seen("alice"))
    assert scene.tell(scene.seen("bob"))[0].text.title == "bob at Front door"
    scene.clock.advance(1)
    assert scene.tell(scene.seen("alice"))


def test_cooldowns_are_per_camera() -> None:
    scene = AlertScene()
    scene.tell(scene.seen("alice"))
    other = replace(scene.camera, camera_id="yard")
    assert scene.raise_alerts.for_visit(other, scene.seen("alice"), AlertKind.SEEN).messages


def test_a_stranger_who_is_named_is_told_as_that_person() -> None:
    scene = AlertScene(AlertRule(AlertWho.EVERYBODY, channel_ids=("phone",)))
    stranger = scene.seen(None)
    scene.tell(stranger)
    scene.tell(replace(stranger, subject_id="alice", confidence=0.9))
    scene.tell(replace(stranger, subject_id="alice", confidence=0.95))
    titles = sorted(message.text.title for message in scene.store.messages.values())
    assert titles == ["Alice at Front door", "Somebody unknown at Front door"]


def test_raising_the_same_event_again_stores_nothing_more() -> None:
    scene = AlertScene(AlertRule(channel_ids=("phone",), cooldown_s=0))
    event = scene.seen("alice")
    scene.tell(event)
    scene.tell(event)
    assert len(scene.store.messages) == 1


def test_chosen_groups_are_looked_up() -> None:
    scene = AlertScene(
        AlertRule(AlertWho.CHOSEN, groups=frozenset({"staff"}), channel_ids=("phone",), cooldown_s=0)
    )
    assert not scene.tell(scene.seen("alice"))
    scene.groups.set_groups("alice", ["staff"])
    assert scene.tell(scene.seen("alice"))


@pytest.mark.parametrize("sends_picture", [True, False])
def test_pictures_are_drawn_only_where_they_are_sent(sends_picture: bool) -> None:
    scene = AlertScene(AlertRule(channel_ids=("phone",), sends_picture=sends_picture))
    drawn: list[int] = []

    def picture() -> bytes:
        drawn.append(1)
        return b"jpeg"

    for _ in range(2):
        raised = scene.raise_alerts.for_visit(scene.camera, scene.seen("alice"), AlertKind.SEEN, picture)
        scene.store.add_events([], raised.messages, raised.marks)
    assert len(drawn) == int(sends_picture)


def test_held_messages_have_no_picture() -> None:
    night = WeeklySchedule((DailyHours(time(0), time(0)),))
    scene = AlertScene(AlertRule(channel_ids=("phone",), quiet_hours=night))
    message = scene.tell(scene.seen("alice"))[0]
    assert (message.state, message.picture) == (MessageState.HELD, None)


def test_a_mark_of_a_clock_that_was_years_ahead_silences_nobody_for_long() -> None:
    scene = AlertScene()
    scene.store.add_messages([], [AlertMark("gate", "subject:alice", scene.clock.now + timedelta(days=900))])
    assert not scene.tell(scene.seen("alice"))
    scene.clock.advance(3600)
    assert scene.tell(scene.seen("alice"))
    scene.clock.advance(3599)
    assert not scene.tell(scene.seen("alice"))
    scene.clock.advance(1)
    assert scene.tell(scene.seen("alice"))


def test_leaving_is_told_when_it_ended_and_after_how_long() -> None:
    scene = AlertScene(AlertRule(channel_ids=("phone",), tells_leaving=True))
    seen = scene.seen("alice", ended_at=scene.clock.now + timedelta(minutes=5), facts={"duration_s": 300.0})
    assert not scene.raise_alerts.for_visit(scene.camera, seen, AlertKind.LEFT).messages
    raised = scene.raise_alerts.for_visit(scene.camera, seen, AlertKind.LEFT, was_told=True)
    assert raised.messages[0].text.body == (
        "Alice was last seen at Front door on 21 Nov 2026 at 12:05:00, 5 min after they came."
    )
    assert raised.marks == ()


def test_what_was_stored_late_is_judged_by_when_it_was_known() -> None:
    scene = AlertScene()
    known_at = scene.clock.now
    scene.clock.advance(3 * 3600)
    raised = scene.raise_alerts.for_visit(
        scene.camera, scene.seen("alice"), AlertKind.SEEN, known_at=known_at
    )
    assert [mark.told_at for mark in raised.marks] == [known_at]
    (message,) = raised.messages
    assert message.expires_at == known_at + timedelta(hours=6)
    assert message.next_attempt_at == scene.clock.now
    scene.store.add_messages(raised.messages, raised.marks)
    # The cooldown counts from then: it was over long ago.
    assert scene.tell(scene.seen("alice"))


def test_two_visits_of_one_cooldown_are_one_alert_also_when_stored_together() -> None:
    scene = AlertScene()
    times = [scene.clock.now + timedelta(minutes=minute) for minute in (0, 30, 61)]
    scene.clock.advance(2 * 3600)
    reasons = []
    for known_at in times:
        event = scene.seen("alice")
        raised = scene.raise_alerts.for_visit(scene.camera, event, AlertKind.SEEN, known_at=known_at)
        scene.store.add_messages(raised.messages, raised.marks)
        reasons.append(raised.reason)
    assert reasons == [Reason.RAISED, Reason.COOLDOWN, Reason.RAISED]


def test_what_could_only_be_stored_too_late_is_not_told() -> None:
    scene = AlertScene(AlertRule(channel_ids=("phone",), tells_leaving=True))
    known_at = scene.clock.now
    scene.clock.advance(6 * 3600)
    for kind in (AlertKind.SEEN, AlertKind.LEFT):
        raised = scene.raise_alerts.for_visit(
            scene.camera, scene.seen("alice"), kind, was_told=True, known_at=known_at
        )
        assert (raised.messages, raised.marks, raised.reason) == ((), (), Reason.TOO_LATE)
    raised = scene.raise_alerts.for_visit(scene.camera, scene.seen(None), AlertKind.SEEN, known_at=known_at)
    assert raised.reason is Reason.NOT_CHOSEN


def test_quiet_hours_are_those_of_the_event() -> None:
    night = WeeklySchedule((DailyHours(time(22), time(6)),))
    rule = AlertRule(channel_ids=("phone",), quiet_hours=night, digest_after_quiet=False)
    scene = AlertScene(rule)
    known_at = scene.clock.now.replace(hour=5)
    scene.clock.now = known_at + timedelta(hours=3)
    raised = scene.raise_alerts.for_visit(
        scene.camera, scene.seen("alice"), AlertKind.SEEN, known_at=known_at
    )
    assert raised.reason is Reason.QUIET_HOURS


def test_a_clock_that_was_set_back_since_puts_nothing_into_the_future() -> None:
    scene = AlertScene()
    ahead = scene.clock.now + timedelta(hours=2)
    raised = scene.raise_alerts.for_visit(scene.camera, scene.seen("alice"), AlertKind.SEEN, known_at=ahead)
    assert [mark.told_at for mark in raised.marks] == [scene.clock.now]


def health(scene: AlertScene, kind: AlertKind, was_down_s: float | None = None) -> list[str]:
    event = Event(
        event_id="0" * 32,
        kind=EventKind(kind.value),
        door=scene.seen(None).door,
        occurred_at=scene.clock.now,
        facts={"fault": "timed_out"} if kind is AlertKind.CAMERA_DOWN else {},
    )
    raised = scene.raise_alerts.for_health(scene.camera, event, kind, was_down_s)
    scene.store.add_events([event], raised.messages, raised.marks)
    return [message.text.title for message in raised.messages]


def test_a_camera_is_told_as_back_when_it_was_told_as_down() -> None:
    scene = AlertScene()
    assert health(scene, AlertKind.CAMERA_UP, 5.0) == []
    assert health(scene, AlertKind.CAMERA_DOWN) == ["No picture from Front door"]
    scene.raise_alerts = scene.new_raise_alerts()
    scene.clock.advance(60)
    assert health(scene, AlertKind.CAMERA_DOWN) == []
    assert health(scene, AlertKind.CAMERA_UP, 60.0) == ["Front door is back"]
    assert health(scene, AlertKind.CAMERA_UP, 60.0) == []
    scene.clock.advance(60)
    assert health(scene, AlertKind.CAMERA_DOWN) == ["No picture from Front door"]


def test_a_store_that_is_away_is_told() -> None:
    scene = AlertScene()
    scene.store.is_broken = True
    with pytest.raises(StoreFailed):
        scene.raise_alerts.for_visit(scene.camera, scene.seen("alice"), AlertKind.SEEN)


def test_no_message_holds_the_address_of_the_camera() -> None:
    scene = AlertScene(AlertRule(AlertWho.EVERYBODY, channel_ids=("phone",)))
    for subject_id in ("alice", None):
        scene.tell(scene.seen(subject_id))
    health(scene, AlertKind.CAMERA_DOWN)
    assert "secret" not in repr(scene.store.messages)
    assert "rtsp" not in repr(scene.store.messages)
