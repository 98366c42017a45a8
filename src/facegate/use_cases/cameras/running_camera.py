"""A camera that is wanted: its reader, its sight, its status, and what is told of its outages."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.connection import Failure
from facegate.domain.cameras.outage import Outage
from facegate.domain.cameras.status import CameraState, CameraStatus, VideoFault
from facegate.ports.cameras.video_source import VideoSource
from facegate.use_cases.cameras.condition import CameraCondition
from facegate.use_cases.cameras.reader import CameraReader, ReadCamera, ReaderOptions
from facegate.use_cases.cameras.sight import CameraSight, SharedParts

_GRACE_S = 1.0
"""What reads a camera keeps its own time limits; only beyond them somebody else says so."""


@dataclass(frozen=True, slots=True)
class CameraLimits:
    """Times of reading, and after how long without pictures somebody hears of it."""

    reading: ReaderOptions
    down_after_s: float


class RunningCamera:
    """From start to stop of one camera. Its owner calls one method at a time; reading it is always safe."""

    def __init__(
        self,
        camera: Camera,
        source: VideoSource,
        parts: SharedParts,
        limits: CameraLimits,
        leaving: Sequence[CameraReader],
    ) -> None:
        self.camera = camera
        self.condition = CameraCondition(camera.camera_id, parts.clock)
        self.sight = CameraSight(camera, self.condition, parts)
        self._source = source
        self._parts = parts
        self._limits = limits
        self._outage = Outage(limits.down_after_s)
        self._reader: CameraReader | None = None
        self._leaving = list(leaving)

    def apply(self, camera: Camera) -> None:
        """The camera as it is wanted now. Only another address, transport or decoder needs a new connection.

        With nothing different somebody has pressed start again: it is tried at once, a file is played anew.
        """
        before, self.camera = self.camera, camera
        if (before.source, before.nickname, before.watch, before.alerts) == (
            camera.source,
            camera.nickname,
            camera.watch,
            camera.alerts,
        ):
            self._try_at_once()
        self.sight.take_over(camera)
        if self._reader is not None:
            self._reader.take_over(camera)
        if _connection_of(before) != _connection_of(camera):
            self._let_go()
        self.oversee()

    def oversee(self) -> None:
        """To be called often: keeps a reader where one is wanted, ends visits, tells of outages."""
        clock, reading = self._parts.clock, self._limits.reading
        schedule = self.camera.watch.schedule
        if schedule is None or schedule.holds(clock.now_local()):
            self._keep_reading()
            connect_within_s = max(reading.open_timeout_s, reading.read_timeout_s) + _GRACE_S
            self.condition.check_waits(connect_within_s, reading.read_timeout_s + _GRACE_S)
        else:
            self._let_go()
            if self.condition.state is not CameraState.RESTING:
                self.condition.quiet(CameraState.RESTING)
        self.sight.pass_time()
        self._tell()

    def retire(self) -> list[CameraReader]:
        """Ends all of it; the readers whose threads may still run."""
        self._let_go()
        self.sight.retire()
        return self._leaving

    def status(self) -> CameraStatus:
        """How it is now."""
        return self.condition.status()

    def _keep_reading(self) -> None:
        reader = self._reader
        if reader is not None and (reader.is_finished or reader.thread.is_alive()):
            return
        if reader is not None:
            # Its thread ended against its promise; the log says why.
            self.condition.lost(Failure(VideoFault.INTERNAL), None, gave_pictures=False)
            self._let_go()
        read = ReadCamera(self.camera, self.condition, self.sight)
        self._leaving = [one for one in self._leaving if one.thread.is_alive()]
        new = CameraReader(read, self._source, self._parts.clock, self._limits.reading)
        new.start(tuple(self._leaving))
        self._reader = new

    def _try_at_once(self) -> None:
        if self._reader is not None and self._reader.is_finished:
            self._let_go()
        elif self._reader is not None:
            self._reader.hurry()

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._leaving.append(self._reader)
            self._reader = None

    def _tell(self) -> None:
        state = self.condition.state
        if state in (CameraState.RESTING, CameraState.ENDED):
            self._outage.pause()
            return
        news = self._outage.observe(
            is_live=state is CameraState.LIVE,
            last_fresh_s=self.condition.last_fresh_s,
            at_s=self._parts.clock.monotonic_s(),
        )
        if news is not None and news.is_over:
            self._parts.reports.camera_up(self.camera, self.status(), news.lasted_s)
        elif news is not None:
            self._parts.reports.camera_down(self.camera, self.status())


def _connection_of(camera: Camera) -> tuple[object, ...]:
    return camera.source, camera.watch.transport, camera.watch.hardware_decode
