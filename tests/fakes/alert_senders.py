"""Channels of which a test decides what becomes of each message, and a clock that a test sets.

sender = FakeSender(ChannelKind.TELEGRAM)
sender.next_answers.append(ChannelFailed("away"))   # the next message; those after it are taken
sender.sent                                          # what was taken, with its channel
"""

from collections import deque
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta, tzinfo

from facegate.domain.alerts.channels import AlertChannel, ChannelKind, TelegramChat
from facegate.domain.alerts.messages import OutboxMessage
from facegate.domain.errors import ChannelFailed, InvalidInput


class SettableClock:
    """Stands still until the test moves it; the time of day may go back, the monotonic one does not."""

    def __init__(self, now: datetime | None = None, zone: tzinfo = UTC) -> None:
        self.now = now or datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.zone = zone
        self._monotonic_s = 1000.0

    def now_utc(self) -> datetime:
        return self.now

    def now_local(self) -> datetime:
        return self.now.astimezone(self.zone)

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._monotonic_s += max(0.0, seconds)


class FakeSender:
    """Takes everything but what `next_answers` and `failing_channels` say.

    Tokens are right where they are not empty. `while_sending` is called before a message is taken.
    """

    def __init__(self, kind: ChannelKind, *, may_repeat: bool = False) -> None:
        self.kind = kind
        self.may_repeat = may_repeat
        self.asked: list[tuple[str, OutboxMessage]] = []
        self.sent: list[tuple[str, OutboxMessage]] = []
        self.channels: list[AlertChannel] = []
        self.next_answers: deque[Exception | None] = deque()
        self.failing_channels: dict[str, Exception] = {}
        self.while_sending: Callable[[AlertChannel, OutboxMessage], None] = lambda *_: None
        self.forgotten: list[str] = []
        self.dropped_cameras: list[str] = []
        self.dropped_channels: list[str] = []
        self.is_closed = False

    def check(self, channel: AlertChannel) -> None:
        wanted = {ChannelKind.TELEGRAM: "token", ChannelKind.WEBHOOK: "url", ChannelKind.APPRISE: "url"}
        name = wanted.get(self.kind)
        if name is not None and not channel.secrets.get(name):
            raise InvalidInput(f"{name} is missing", field=name)
        if self.kind is ChannelKind.TELEGRAM and not channel.options.get("chat_id"):
            raise InvalidInput("chat_id is missing", field="chat_id")

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        self.asked.append((channel.channel_id, message))
        self.channels.append(channel)
        self.while_sending(channel, message)
        failure = self.failing_channels.get(channel.channel_id)
        if failure is None and self.next_answers:
            failure = self.next_answers.popleft()
        if failure is not None:
            raise failure
        self.sent.append((channel.channel_id, message))

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        self.forgotten += subject_ids

    def drop_camera(self, camera_id: str) -> None:
        self.dropped_cameras.append(camera_id)

    def drop_channel(self, channel: AlertChannel) -> None:
        self.dropped_channels.append(channel.channel_id)

    def close(self) -> None:
        self.is_closed = True


class FakeChatFinder:
    """Knows the chats of one token."""

    def __init__(self, token: str = "", chats: list[TelegramChat] | None = None) -> None:
        self.token = token
        self.chats = chats or []

    def find_chats(self, token: str) -> list[TelegramChat]:
        if token != self.token:
            raise ChannelFailed("Telegram does not know this token", is_permanent=True)
        return list(self.chats)
