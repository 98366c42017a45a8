"""What tests of the runner share: a register, a runner on fake cameras, a clock that can be moved on."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import numpy as np
from tests.fakes.cameras import FakeCameraStore, RecordingReports, ScriptedWatchers
from tests.fakes.video import FakeCamera, FakeVideoSource
from tests.unit.use_cases.cameras.waiting import until

from facegate.adapters.system_clock import SystemClock
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.status import CameraState
from facegate.domain.images import PixelsRGB
from facegate.use_cases.cameras.register import CameraRegister, NewCamera
from facegate.use_cases.cameras.runner import CameraRunner, RunnerOptions

GATE = "rtsp://admin:geheim7@10.0.0.7/gate"
YARD = "rtsp://admin:geheim7@10.0.0.8/yard"

EVERY_FRAME = WatchSettings(frames_per_s=30, has_motion_gate=False)

FAST = RunnerOptions(
    analysis_threads=2,
    open_timeout_s=20,
    read_timeout_s=20,
    reconnect_min_s=0.001,
    reconnect_max_s=0.002,
    oversee_every_s=0.002,
)

_NUMBERS = itertools.count(1)


def new_picture() -> PixelsRGB:
    """One that was not shown before."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    number = next(_NUMBERS)
    pixels[:24] = (number % 251, number % 241, number % 239)
    pixels[24:] = (number // 251 % 251, 7, 7)
    return pixels


class MovableClock(SystemClock):
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    def now_utc(self) -> datetime:
        return super().now_utc() + timedelta(seconds=self._ahead_s)

    def now_local(self) -> datetime:
        return super().now_local() + timedelta(seconds=self._ahead_s)

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self._ahead_s


class CameraHall:
    """A runner with all that it is made of."""

    def __init__(self, options: RunnerOptions = FAST) -> None:
        self.clock = MovableClock()
        self.store = FakeCameraStore()
        self.register = CameraRegister(self.store, self.clock, lambda _: None, 64)
        self.source = FakeVideoSource()
        self.watchers = ScriptedWatchers()
        self.reports = RecordingReports()
        self.runner = CameraRunner(
            self.register, self.source, self.watchers, self.reports, self.clock, options
        )
        self.register.on_changed = self.runner.apply
        self.gate = self.source.camera(GATE)

    def add(self, address: str = GATE, watch: WatchSettings = EVERY_FRAME, **facts: bool) -> Camera:
        return self.register.add([NewCamera("Gate", address, watch, AlertRule(), **facts)])[0]

    def state(self, camera: Camera) -> CameraState:
        return self.runner.status(camera.camera_id).state

    def until_state(self, camera: Camera, state: CameraState) -> None:
        until(lambda: self.state(camera) is state)

    def looked_count(self) -> int:
        return sum(len(watcher.looked_at) for watcher in self.watchers.made)

    def until_looked(self, shown_by: FakeCamera | None = None) -> None:
        """Shows pictures until one more is looked at."""
        before = self.looked_count()
        self.until_shown(lambda: self.looked_count() > before, shown_by)

    def until_shown(self, holds: Callable[[], bool], shown_by: FakeCamera | None = None) -> None:
        """Shows pictures, one after the other, until something holds."""
        camera = shown_by or self.gate

        def is_so() -> bool:
            if camera.waiting_count == 0:
                camera.show(new_picture())
            return holds()

        until(is_so)


@contextmanager
def running_hall(options: RunnerOptions = FAST) -> Iterator[CameraHall]:
    """Started; everything has ended afterwards."""
    hall = CameraHall(options)
    hall.runner.start()
    try:
        yield hall
    finally:
        for watcher in hall.watchers.made:
            watcher.may_go_on.set()
        hall.runner.close()
