"""What was collected at a camera becomes one message per channel when its time has come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facegate.domain.alerts.digests import is_digest_due, summarised
from facegate.domain.alerts.messages import AlertKind, MessageState, OutboxMessage
from facegate.domain.alerts.phrases import Language
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.alerts.wording import digest_text
from facegate.domain.cameras.camera import Camera
from facegate.domain.events.event import new_event_id
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.clock import Clock

_LONGEST_HELD = timedelta(days=1)
"""Beyond the time at which a message expires; the longest interval of digests."""

_LONGEST_QUIET = timedelta(days=7)
"""The same where there are quiet hours: a weekend is one stretch of them, and a week the longest."""


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """`expire_after_s` counts from when the digest is made: what it tells may be a night old."""

    expire_after_s: float = 6 * 3600.0
    language: Language = Language.ENGLISH


class MakeDigests:
    """Goes by the rule that the camera has now."""

    def __init__(
        self,
        store: AlertStore,
        clock: Clock,
        find_camera: Callable[[str], Camera | None],
        options: DigestOptions | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._find_camera = find_camera
        self._options = options or DigestOptions()

    def __call__(self) -> int:
        """How many digests were made. Raises StoreFailed; what was not made comes next time."""
        return sum(self._make(channel_id, camera_id) for channel_id, camera_id in self._store.held_keys())

    def _make(self, channel_id: str, camera_id: str) -> bool:
        held = self._store.held_messages(channel_id, camera_id)
        if not held:
            return False
        camera = self._find_camera(camera_id)
        rule = AlertRule() if camera is None else camera.alerts
        now, now_local = self._clock.now_utc(), self._clock.now_local()
        if not is_digest_due(rule, held[0].created_at, now, now_local):
            self._expire(held, now, _LONGEST_QUIET if rule.quiet_hours is not None else _LONGEST_HELD)
            return False
        nickname = camera.nickname if camera is not None else str(held[0].text.facts.get("camera", ""))
        text = digest_text((camera_id, nickname), summarised(held), now_local.tzinfo, self._options.language)
        digest = OutboxMessage(
            message_id=new_event_id(),
            channel_id=channel_id,
            kind=AlertKind.DIGEST,
            text=text,
            dedup_key=f"digest:{held[0].message_id}",
            created_at=now,
            expires_at=now + timedelta(seconds=self._options.expire_after_s),
            next_attempt_at=now,
            camera_id=camera_id,
        )
        self._store.replace_held([message.message_id for message in held], digest)
        return True

    def _expire(self, held: Sequence[OutboxMessage], now: datetime, longest: timedelta) -> None:
        for message in held:
            if message.expires_at + longest <= now:
                expired = replace(
                    message,
                    state=MessageState.EXPIRED,
                    finished_at=now,
                    last_error="it was held for too long",
                )
                self._store.save_message(expired)
