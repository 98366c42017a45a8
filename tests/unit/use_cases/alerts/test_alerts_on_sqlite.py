"""From a visit to a sent message on the real store, over restarts in the middle of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.alert_senders import FakeSender, SettableClock
from tests.fakes.secrets import FakeSecretBox
from tests.fakes.subject_groups import FakeSubjectGroups
from tests.unit.use_cases.alerts.alert_scene import START, AlertScene, channel

from facegate.adapters.sql_store import SqlAlertStore, SqlEventStore, open_sqlite
from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import AlertKind, AlertMark, MessageState, OutboxMessage
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.errors import ChannelFailed
from facegate.domain.events.event import EventQuery
from facegate.use_cases.alerts.deliver_alerts import DeliverAlerts
from facegate.use_cases.alerts.make_digests import MakeDigests
from facegate.use_cases.alerts.raise_alerts import RaiseAlerts


class Server:
    """One start of the server on a file; `scene` makes cameras and visits."""

    def __init__(
        self, alerts: SqlAlertStore, events: SqlEventStore, scene: AlertScene, sender: FakeSender
    ) -> None:
        self.alerts, self.events, self.scene = alerts, events, scene
        self.raise_alerts = RaiseAlerts(alerts, FakeSubjectGroups(), scene.people.get, scene.clock)
        digests = MakeDigests(alerts, scene.clock, lambda _: scene.camera)
        self.deliver = DeliverAlerts(alerts, {ChannelKind.TELEGRAM: sender}, scene.clock, digests)
        self.deliver.recover()

    def see(self, subject_id: str | None) -> str:
        event = self.scene.seen(subject_id)
        raised = self.raise_alerts.for_visit(self.scene.camera, event, AlertKind.SEEN, lambda: b"jpeg")
        self.events.add_events([event], raised.messages, raised.marks)
        return event.event_id

    def messages(self) -> list[OutboxMessage]:
        return self.alerts.list_messages(limit=100)[::-1]


class Site:
    """What outlives a restart: the file, the clock, the channel's other side."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.scene = AlertScene(AlertRule(AlertWho.EVERYBODY, channel_ids=("phone",)))
        self.clock: SettableClock = self.scene.clock
        self.sender = FakeSender(ChannelKind.TELEGRAM)

    @contextmanager
    def started(self) -> Iterator[Server]:
        database = open_sqlite(self._path)
        try:
            alerts = SqlAlertStore(database, FakeSecretBox())
            if alerts.find_channel("phone") is None:
                alerts.add_channel(channel("phone"))
            yield Server(alerts, SqlEventStore(database), self.scene, self.sender)
        finally:
            database.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "facegate.db")


def test_one_message_and_none_again_within_the_cooldown_after_a_restart_too(site: Site) -> None:
    for _ in range(3):
        with site.started() as server:
            server.see("alice")
            server.deliver.deliver_due()
        site.clock.advance(1000)
    assert len(site.sender.sent) == 1
    assert site.sender.sent[0][1].picture == b"jpeg"
    site.clock.advance(600)
    with site.started() as server:
        server.see("alice")
        server.deliver.deliver_due()
        assert len(site.sender.sent) == 2
        assert server.events.count_events(EventQuery()) == 4
        assert all(message.picture is None for message in server.alerts.interrupted_messages())


def test_an_alert_of_an_outage_is_sent_after_the_restart(site: Site) -> None:
    site.sender.next_answers.append(ChannelFailed("the network is away"))
    with site.started() as server:
        server.see("alice")
        assert server.deliver.deliver_due() == 1
    with site.started() as server:
        assert server.deliver.deliver_due() == 0
        site.clock.advance(3)
        assert server.deliver.deliver_due() == 1
        assert [one.state for one in server.messages()] == [MessageState.SENT]
    assert site.sender.sent[0][1].picture == b"jpeg"


def test_a_crash_while_sending_leaves_a_doubt_and_no_repetition(site: Site) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    site.sender.while_sending = crash
    with site.started() as server:
        server.see(None)
        with pytest.raises(KeyboardInterrupt):
            server.deliver.deliver_due()
    site.sender.while_sending = lambda *_: None
    with site.started() as server:
        assert server.deliver.deliver_due() == 0
        assert [one.state for one in server.messages()] == [MessageState.UNCERTAIN]


def test_a_night_is_told_in_the_morning_by_another_process(site: Site) -> None:
    site.scene.rule = replace(site.scene.rule, digest_every_s=3600, cooldown_s=0)
    with site.started() as server:
        for subject_id in ("alice", None, "alice"):
            server.see(subject_id)
            site.clock.advance(60)
    site.clock.advance(3600)
    with site.started() as server:
        assert server.deliver.make_digests() == 1
        assert server.deliver.deliver_due() == 1
        assert server.deliver.make_digests() == 0
    assert site.sender.sent[0][1].text.title == "Front door: 3 alerts"


def test_a_forgotten_person_is_in_no_message_and_no_digest(site: Site) -> None:
    site.scene.rule = replace(site.scene.rule, digest_every_s=60, cooldown_s=0)
    with site.started() as server:
        server.see("alice")
        server.see("bob")
        site.clock.advance(60)
        server.deliver.make_digests()
        server.deliver.deliver_due()
        site.scene.rule = replace(site.scene.rule, digest_every_s=0)
        server.see("alice")
        server.events.forget_subjects(["alice"])
        assert "alice" not in repr(server.messages()).lower()
        assert server.alerts.find_mark("gate", "subject:alice") is None
        assert server.deliver.deliver_due() == 0


def test_a_mark_is_never_set_back(site: Site) -> None:
    with site.started() as server:
        for offset_s in (10, 0, 5):
            mark = AlertMark("gate", "unknown", START + timedelta(seconds=offset_s))
            server.events.add_events([], (), [mark])
        found = server.alerts.find_mark("gate", "unknown")
        assert found is not None
        assert found.told_at == START + timedelta(seconds=10)
