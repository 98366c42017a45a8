"""How one camera is: what its reader, its looks and the runner know of it, put together for the status."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from facegate.domain.cameras.connection import Connection, Failure
from facegate.domain.cameras.frame_tally import FrameFate, FrameTally, RateMeter
from facegate.domain.cameras.status import CameraState, CameraStatus, StreamInfo, VideoFault
from facegate.ports.clock import Clock

logger = logging.getLogger(__name__)

_LATENCY_SHARE = 0.2
"""Of the newest look in the mean: one slow picture shows, and is forgotten after a dozen."""


class CameraCondition:
    """Safe from several threads; nothing here waits."""

    def __init__(self, camera_id: str, clock: Clock) -> None:
        self._camera_id = camera_id
        self._clock = clock
        self._lock = threading.Lock()
        started_s = clock.monotonic_s()
        self._connection = Connection(CameraState.CONNECTING, clock.now_utc())
        self._trying_since_s: float | None = None
        self._stream: StreamInfo | None = None
        self._opened_count = 0
        self._tally = FrameTally()
        self._grabbed_rate, self._looked_rate = RateMeter(started_s), RateMeter(started_s)
        self._last_frame_at: datetime | None = None
        self._last_frame_s: float | None = None
        self._last_fresh_s: float | None = None
        self._latency_ms: float | None = None
        self._people_count = 0
        self._watch_trouble = ""

    @property
    def state(self) -> CameraState:
        """What it is doing."""
        return self._connection.state

    @property
    def last_fresh_s(self) -> float | None:
        """When a picture was last known to be live; None before the first."""
        return self._last_fresh_s

    def trying(self) -> None:
        """An attempt to connect begins."""
        with self._lock:
            self._trying_since_s = self._clock.monotonic_s()
            self._move(lambda link, at: link.trying(at))

    def opened(self, stream: StreamInfo) -> None:
        """The stream is open; pictures are still to come."""
        with self._lock:
            self._trying_since_s = self._clock.monotonic_s()
            self._stream = stream
            self._opened_count += 1

    def grabbed(self, at: datetime, at_s: float) -> None:
        """A frame was decoded."""
        with self._lock:
            self._trying_since_s = None
            self._tally.decoded()
            self._grabbed_rate.mark(at_s)
            self._last_frame_at, self._last_frame_s = at, at_s

    def live(self, at_s: float) -> None:
        """The frames are fresh."""
        with self._lock:
            self._last_fresh_s = at_s
            if self._connection.state is not CameraState.LIVE:
                self._move(lambda link, at: link.become(CameraState.LIVE, at))

    def frozen(self, failure: Failure, fresh_until_s: float | None = None) -> None:
        """It is connected, but nothing new is to be seen; `fresh_until_s` says since when."""
        with self._lock:
            if fresh_until_s is not None:
                self._last_fresh_s = fresh_until_s
            self._people_count = 0
            self._move(lambda link, at: link.become(CameraState.FROZEN, at, failure))

    def lost(self, failure: Failure, next_attempt_at: datetime | None, *, gave_pictures: bool) -> None:
        """The attempt or the stream ended."""
        with self._lock:
            self._trying_since_s = None
            self._people_count = 0
            self._move(
                lambda link, at: link.lost(
                    failure, at, gave_pictures=gave_pictures, next_attempt_at=next_attempt_at
                )
            )

    def quiet(self, state: CameraState, failure: Failure | None = None) -> None:
        """Nothing is wanted of it any more, or for now: RESTING or ENDED."""
        with self._lock:
            self._trying_since_s = None
            self._people_count = 0
            self._move(lambda link, at: link.become(state, at, failure))

    def check_waits(self, connect_within_s: float, picture_within_s: float) -> None:
        """A connection that hangs without a word, against the promise of what reads it, is told as such."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            state, trying_s, frame_s = self._connection.state, self._trying_since_s, self._last_frame_s
            timed_out = Failure(VideoFault.TIMED_OUT)
            if trying_s is not None and now_s - trying_s > connect_within_s:
                if state is CameraState.CONNECTING:
                    self._move(lambda link, at: link.become(CameraState.DOWN, at, timed_out))
            elif state is CameraState.LIVE and frame_s is not None and now_s - frame_s > picture_within_s:
                self._people_count = 0
                self._move(lambda link, at: link.become(CameraState.FROZEN, at, timed_out))

    def settle(self, fate: FrameFate) -> None:
        """What became of a frame that was not looked at."""
        with self._lock:
            self._tally.settle(fate)

    def looked(self, grabbed_s: float, people_count: int) -> None:
        """A frame that was grabbed then has been looked at."""
        now_s = self._clock.monotonic_s()
        taken_ms = (now_s - grabbed_s) * 1000.0
        with self._lock:
            self._tally.settle(FrameFate.ANALYSED)
            self._looked_rate.mark(now_s)
            before = taken_ms if self._latency_ms is None else self._latency_ms
            self._latency_ms = before + _LATENCY_SHARE * (taken_ms - before)
            self._people_count = people_count if self._connection.state is CameraState.LIVE else 0
            self._watch_trouble = ""

    def watching_fails(self, trouble: str) -> None:
        """Pictures come, but cannot be looked at; until a look goes well."""
        with self._lock:
            self._watch_trouble = trouble

    def status(self) -> CameraStatus:
        """All of it, of one moment."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            link = self._connection
            return CameraStatus(
                camera_id=self._camera_id,
                state=link.state,
                since=link.since,
                fault=link.fault,
                trouble=link.trouble or self._watch_trouble,
                stream=self._stream,
                last_frame_at=self._last_frame_at,
                frames_per_s=round(self._grabbed_rate.per_s(now_s), 2),
                analysed_per_s=round(self._looked_rate.per_s(now_s), 2),
                latency_ms=None if self._latency_ms is None else round(self._latency_ms, 1),
                reconnect_count=max(0, self._opened_count - 1),
                next_attempt_at=link.next_attempt_at,
                counts=self._tally.counts(),
                people_count=self._people_count,
            )

    def _move(self, move: Callable[[Connection, datetime], Connection]) -> None:
        """Under the lock. Each change of state, or of its reason, is logged once."""
        before = self._connection
        after = self._connection = move(before, self._clock.now_utc())
        if (after.state, after.fault) == (before.state, before.fault):
            return
        if after.fault is None:
            logger.info("camera %s: %s", self._camera_id, after.state.value)
        else:
            logger.warning(
                "camera %s: %s, %s: %s", self._camera_id, after.state.value, after.fault.value, after.trouble
            )
