"""From something that happened at a camera to the messages that tell it, for each channel one."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facegate.domain.alerts.messages import (
    AlertKind,
    AlertMark,
    AlertText,
    MessageState,
    OutboxMessage,
)
from facegate.domain.alerts.phrases import Language
from facegate.domain.alerts.policy import (
    HEALTH_KEY,
    MAX_CLOCK_STEP,
    Concerned,
    Decision,
    Reason,
    Verdict,
    decide,
    keys_to_read,
)
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.alerts.wording import Told, alert_text, drawn_label
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import VideoFault
from facegate.domain.events.event import Event, new_event_id
from facegate.domain.subjects import Subject
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.clock import Clock
from facegate.ports.subject_groups import SubjectGroupStore

Picture = Callable[[], bytes | None]
"""Draws the JPEG of an alert; called only where one is sent."""


@dataclass(frozen=True, slots=True)
class RaisingOptions:
    """`expire_after_s`: how long a message that cannot be sent is tried."""

    expire_after_s: float = 6 * 3600.0
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Raised:
    """What is to be stored with the event, in one transaction; `reason` says why it is much or nothing."""

    messages: tuple[OutboxMessage, ...]
    marks: tuple[AlertMark, ...]
    reason: Reason


class RaiseAlerts:
    """Decides by the camera's rule and writes nothing itself. Of one camera one call at a time.

    Every method may raise StoreFailed. Raising the same twice is safe: the keys of messages are the same,
    and the store passes over those it has.
    """

    def __init__(
        self,
        store: AlertStore,
        groups: SubjectGroupStore,
        find_subject: Callable[[str], Subject | None],
        clock: Clock,
        options: RaisingOptions | None = None,
    ) -> None:
        self._store = store
        self._groups = groups
        self._find_subject = find_subject
        self._clock = clock
        self._options = options or RaisingOptions()
        self._expire_after = timedelta(seconds=self._options.expire_after_s)
        self._lock = threading.Lock()
        # The store keeps the newest mark; one of a clock that was far ahead is replaced here.
        self._in_place_of_wrong: dict[tuple[str, str], datetime] = {}

    def told_of(self, camera: Camera, event: Event, kind: AlertKind) -> Told:
        """What an alert about this visit says; the name is the one that the person has now."""
        subject = None if event.subject_id is None else self._find_subject(event.subject_id)
        name = event.subject_id if subject is None else subject.display_name or subject.subject_id
        lasted_s, is_live = event.facts.get("duration_s"), event.facts.get("is_live")
        return Told(
            kind=kind,
            event_id=event.event_id,
            camera_id=camera.camera_id,
            camera=camera.nickname,
            at=(event.ended_at if kind is AlertKind.LEFT else None) or event.occurred_at,
            subject_id=event.subject_id,
            name=name,
            band=event.band,
            confidence=event.confidence,
            similarity=event.similarity,
            is_live=is_live if isinstance(is_live, bool) else None,
            lasted_s=float(lasted_s) if isinstance(lasted_s, int | float) else None,
        )

    def label(self, camera: Camera, event: Event) -> str:
        """What stands at the face in the picture of an alert."""
        return drawn_label(self.told_of(camera, event, AlertKind.SEEN), self._options.language)

    def for_visit(
        self,
        camera: Camera,
        event: Event,
        kind: AlertKind,
        picture: Picture | None = None,
        *,
        was_told: bool = False,
        known_at: datetime | None = None,
    ) -> Raised:
        """Somebody came, got a name, or left; `was_told` is whether this visit's beginning was.

        The messages are about `event`, which for LEFT is the visit's first one: it has the picture.
        `known_at` is when the camera knew; None is now. Cooldown, quiet hours and expiry go by it: that it
        waited for a store that was away must not make another alert of it.
        """
        now = self._clock.now_utc()
        at = now if known_at is None else min(known_at, now)
        rule = camera.alerts
        groups = frozenset[str]()
        if rule.who is AlertWho.CHOSEN and event.subject_id is not None and rule.groups:
            groups = self._groups.groups_of(event.subject_id)
        who = Concerned(event.subject_id, groups, was_told)
        decision = self._decided(camera, who, kind, at)
        if decision.verdict is Verdict.DROP:
            return Raised((), self._marks(camera, decision), decision.reason)
        if now - at >= self._expire_after:
            return Raised((), (), Reason.TOO_LATE)
        told = self.told_of(camera, event, kind)
        digest = hashlib.sha256((event.subject_id or "").encode()).hexdigest()[:8]
        draft = _Draft(
            told.event_id,
            kind,
            alert_text(told, self._clock.now_local().tzinfo, self._options.language),
            f"{event.event_id}:{kind.value}:{digest}",
            camera.camera_id,
            event.subject_id,
        )
        return self._raised(camera, decision, draft, picture, at)

    def for_health(
        self, camera: Camera, event: Event, kind: AlertKind, was_down_s: float | None = None
    ) -> Raised:
        """The camera stays down, or is back after `was_down_s`; None counts from when somebody was told."""
        now = self._clock.now_utc()
        decision = self._decided(camera, Concerned(None), kind, now)
        if decision.verdict is Verdict.DROP:
            return Raised((), self._marks(camera, decision), decision.reason)
        fault, is_end = event.facts.get("fault"), kind is AlertKind.CAMERA_UP
        told = Told(
            kind=kind,
            event_id=event.event_id,
            camera_id=camera.camera_id,
            camera=camera.nickname,
            at=event.occurred_at,
            lasted_s=self._since_told_s(camera, event) if was_down_s is None and is_end else was_down_s,
            fault=VideoFault(fault) if isinstance(fault, str) else None,
        )
        text = alert_text(told, self._clock.now_local().tzinfo, self._options.language)
        # Not by the event's id: the same fact heard again makes another event.
        key = f"{camera.camera_id}:{kind.value}:{event.occurred_at.isoformat()}"
        draft = _Draft(event.event_id, kind, text, key, camera.camera_id, None)
        return self._raised(camera, decision, draft, None, now)

    def _since_told_s(self, camera: Camera, event: Event) -> float | None:
        mark = self._store.find_mark(camera.camera_id, HEALTH_KEY)
        return None if mark is None else max(0.0, (event.occurred_at - mark.told_at).total_seconds())

    def _decided(self, camera: Camera, who: Concerned, kind: AlertKind, at: datetime) -> Decision:
        now_utc, zone = self._clock.now_utc(), self._clock.now_local().tzinfo
        marks = {
            key: told_at
            for key in keys_to_read(who, kind)
            if (told_at := self._told_at(camera.camera_id, key, now_utc)) is not None
        }
        return decide(camera.alerts, who, marks, at, at.astimezone(zone), kind)

    def _told_at(self, camera_id: str, key: str, now_utc: datetime) -> datetime | None:
        mark = self._store.find_mark(camera_id, key)
        if mark is None:
            return None
        with self._lock:
            if mark.told_at - now_utc > MAX_CLOCK_STEP:
                return self._in_place_of_wrong.get((camera_id, key), mark.told_at)
            self._in_place_of_wrong.pop((camera_id, key), None)
        return mark.told_at

    def _marks(self, camera: Camera, decision: Decision) -> tuple[AlertMark, ...]:
        key, told_at = decision.marked_key, decision.marked_at
        if key is None or told_at is None:
            return ()
        with self._lock:
            place = (camera.camera_id, key)
            if decision.reason is Reason.CLOCK_SET_BACK or place in self._in_place_of_wrong:
                self._in_place_of_wrong[place] = told_at
        return (AlertMark(camera.camera_id, key, told_at),)

    def _raised(
        self, camera: Camera, decision: Decision, draft: "_Draft", picture: Picture | None, at: datetime
    ) -> Raised:
        channel_ids = self._enabled(camera.alerts)
        if not channel_ids:
            is_end = draft.kind is AlertKind.CAMERA_UP
            return Raised((), self._marks(camera, decision) if is_end else (), Reason.NO_CHANNEL)
        is_held = decision.verdict is Verdict.HOLD
        drawn = picture() if picture is not None and camera.alerts.sends_picture and not is_held else None
        now = self._clock.now_utc()
        expires_at = at + self._expire_after
        messages = tuple(
            OutboxMessage(
                message_id=new_event_id(),
                channel_id=channel_id,
                kind=draft.kind,
                text=draft.text,
                dedup_key=f"{draft.key}:{channel_id}",
                created_at=now,
                expires_at=expires_at,
                next_attempt_at=now,
                state=MessageState.HELD if is_held else MessageState.WAITING,
                event_id=draft.event_id,
                camera_id=draft.camera_id,
                subject_id=draft.subject_id,
                picture=drawn,
            )
            for channel_id in channel_ids
        )
        return Raised(messages, self._marks(camera, decision), decision.reason)

    def _enabled(self, rule: AlertRule) -> Sequence[str]:
        if not rule.channel_ids:
            return ()
        # What is raised for one whose secrets are lost waits until they are entered again, or expires.
        enabled = {channel.channel_id for channel in self._store.list_channels() if channel.is_enabled}
        return [channel_id for channel_id in dict.fromkeys(rule.channel_ids) if channel_id in enabled]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message without its channel."""

    event_id: str
    kind: AlertKind
    text: AlertText
    key: str
    camera_id: str
    subject_id: str | None
