"""One camera, its rule, two channels and everything between a visit and a message, on stores in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.fakes.alert_senders import FakeSender, SettableClock
from tests.fakes.events import FakeEventStore
from tests.fakes.subject_groups import FakeSubjectGroups

from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import AlertKind, AlertText, MessageState, OutboxMessage
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.events.event import Event, EventDoor, EventKind, new_event_id
from facegate.domain.matching import Band
from facegate.domain.subjects import Subject
from facegate.use_cases.alerts.raise_alerts import RaiseAlerts

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def channel(channel_id: str, kind: ChannelKind = ChannelKind.TELEGRAM, **changes: object) -> AlertChannel:
    made = AlertChannel(
        channel_id, kind, channel_id, {"chat_id": "1"}, {"token": f"1:{'t' * 30}"}, True, START
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def waiting(
    channel_id: str, number: int, *, at: datetime = START, picture: bytes | None = b"jpeg"
) -> OutboxMessage:
    """A message that waits; those of higher numbers are younger."""
    created_at = at + timedelta(milliseconds=number)
    return OutboxMessage(
        message_id=f"{channel_id}-{number:05}",
        channel_id=channel_id,
        kind=AlertKind.SEEN,
        text=AlertText(f"title {number}", "body", {"kind": "seen"}),
        dedup_key=f"{channel_id}-{number}",
        created_at=created_at,
        expires_at=created_at + timedelta(hours=6),
        next_attempt_at=created_at,
        state=MessageState.WAITING,
        camera_id="gate",
        picture=picture,
    )


class AlertScene:
    """The parts; a test changes `rule` and moves `clock`."""

    def __init__(self, rule: AlertRule | None = None) -> None:
        self.clock = SettableClock(START)
        self.store = FakeEventStore()
        self.store.add_channel(channel("phone"))
        self.store.add_channel(channel("desk", created_at=START + timedelta(seconds=1)))
        self.groups = FakeSubjectGroups()
        self.people = {
            subject_id: Subject(subject_id, name, START, START, 1)
            for subject_id, name in (("alice", "Alice"), ("bob", ""))
        }
        self.rule = rule or AlertRule(channel_ids=("phone",))
        self.sender = FakeSender(ChannelKind.TELEGRAM)
        self.raise_alerts = self.new_raise_alerts()

    def new_raise_alerts(self) -> RaiseAlerts:
        """As after a restart: only what is stored is known."""
        return RaiseAlerts(self.store, self.groups, self.people.get, self.clock)

    @property
    def camera(self) -> Camera:
        return Camera(
            "gate", "Front door", "rtsp://u:secret@cam/1", WatchSettings(), self.rule, True, START, START
        )

    def seen(self, subject_id: str | None, **changes: object) -> Event:
        event = Event(
            event_id=new_event_id(),
            kind=EventKind.SEEN,
            door=EventDoor.CAMERAS,
            occurred_at=self.clock.now,
            place_id="gate",
            place_name="Front door",
            subject_id=subject_id,
            band=Band.UNKNOWN if subject_id is None else Band.MATCH,
            confidence=None if subject_id is None else 0.93,
            similarity=None if subject_id is None else 0.61,
        )
        return replace(event, **changes)  # type: ignore[arg-type]

    def tell(self, event: Event, kind: AlertKind = AlertKind.SEEN) -> list[OutboxMessage]:
        """Raises and stores, as the reports do."""
        raised = self.raise_alerts.for_visit(self.camera, event, kind, lambda: b"jpeg")
        self.store.add_events([event], raised.messages, raised.marks)
        return list(raised.messages)
