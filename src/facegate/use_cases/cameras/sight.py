"""One camera's watcher at work: what was seen goes to the picture, the status and the reports."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.frame_tally import FrameFate
from facegate.ports.cameras.frame_drawer import DrawnBox
from facegate.ports.cameras.video_source import LumaPixels
from facegate.ports.clock import Clock
from facegate.use_cases.cameras.condition import CameraCondition
from facegate.use_cases.cameras.fault_log import FaultLog, words_of
from facegate.use_cases.cameras.latest import LatestPictures
from facegate.use_cases.cameras.look_threads import LookPlace, LookThreads, TakenFrame
from facegate.use_cases.cameras.report_queue import ReportQueue
from facegate.use_cases.cameras.watching import CameraWatcher

logger = logging.getLogger(__name__)

WatcherMaker = Callable[[Camera], CameraWatcher]

PREVIEW_SIDE_PX = 1280
_PREVIEW_INTERVAL_S = 0.25
_BOXES_HOLD_S = 1.0
_PASS_INTERVAL_S = 1.0
_MAKE_AGAIN_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What all cameras have together."""

    clock: Clock
    looks: LookThreads
    reports: ReportQueue
    make_watcher: WatcherMaker


class CameraSight:
    """The looking side of one camera. Its watcher is made, asked and ended on the look threads alone.

    Only `is_moving` is asked on the thread that reads the camera: it must not wait for a look.
    """

    def __init__(self, camera: Camera, condition: CameraCondition, parts: SharedParts) -> None:
        self.latest = LatestPictures(parts.clock.monotonic_s)
        self._camera = camera
        self._condition = condition
        self._parts = parts
        self._lock = threading.Lock()
        self._watcher: CameraWatcher | None = None
        self._make_at_s: float | None = None
        self._worked_at_s = parts.clock.monotonic_s()
        self._boxes: tuple[tuple[DrawnBox, ...], float] = ((), float("-inf"))
        self._place = LookPlace(self._look, FaultLog(logger, f"camera {camera.camera_id}"))
        self._look_faults = FaultLog(logger, f"camera {camera.camera_id}: looking at its pictures failed")
        self._gate_faults = FaultLog(logger, f"camera {camera.camera_id}: its motion gate failed")
        self._show_faults = FaultLog(logger, f"camera {camera.camera_id}: its picture cannot be shown")

    def take_over(self, camera: Camera) -> None:
        """The camera as it is wanted now; other watch settings need a new watcher, and visits end."""
        with self._lock:
            before, self._camera = self._camera, camera
            if before.watch == camera.watch:
                return
            watcher, self._watcher = self._watcher, None
            self._make_at_s = None
        if watcher is not None:
            self._parts.looks.add_chore(self._place, lambda: self._end(watcher))

    def is_moving(self, luma: LumaPixels, at_s: float) -> bool:
        """The motion gate's word; where it fails or there is none yet, the frame is looked at."""
        watcher = self._watcher
        if watcher is None:
            return True
        try:
            is_moving = watcher.is_moving(luma, at_s)
        except Exception as error:  # noqa: BLE001 - logged: a broken gate must not make the camera blind
            self._gate_faults.failed(error)
            return True
        self._gate_faults.went_well()
        return is_moving

    def offer(self, frame: TakenFrame) -> None:
        """A frame to be looked at, unless a newer one comes first."""
        if self._parts.looks.offer(self._place, frame):
            self._condition.settle(FrameFate.SUPERSEDED)

    def show(self, frame: TakenFrame) -> None:
        """A frame that is not looked at, for people who look on, if there are any."""
        if not self.latest.wants_more(_PREVIEW_INTERVAL_S):
            return
        boxes, seen_s = self._boxes
        is_current = frame.at_s - seen_s <= _BOXES_HOLD_S
        try:
            picture = frame.grabbed.picture(PREVIEW_SIDE_PX)
        except Exception as error:  # noqa: BLE001 - logged: a preview that fails must not end the reading
            self._show_faults.failed(error)
            return
        self._show_faults.went_well()
        self.latest.put(frame.at, picture, boxes if is_current else ())

    def pass_time(self) -> None:
        """Lets visits end while there is nothing to look at. Costs nothing when called too often."""
        if self._watcher is None or self._parts.clock.monotonic_s() - self._worked_at_s < _PASS_INTERVAL_S:
            return
        self._parts.looks.add_chore(self._place, self._pass, only_if_idle=True)

    def retire(self) -> None:
        """Ends the visits; the camera is not looked at any more."""
        if self._parts.looks.retire(self._place, self._end_last):
            self._condition.settle(FrameFate.SUPERSEDED)
        self.latest.close()

    def _look(self, frame: TakenFrame) -> None:
        self._worked_at_s = self._parts.clock.monotonic_s()
        try:
            watcher = self._ready_watcher()
            look = None if watcher is None else watcher.look(frame.grabbed, frame.at, frame.at_s)
        except Exception as error:  # noqa: BLE001 - logged and shown: the camera goes on
            self._failed(error)
            look = None
        if look is None:
            self._condition.settle(FrameFate.FAILED)
            self.show(frame)
            return
        self._look_faults.went_well()
        self._boxes = (look.boxes, frame.at_s)
        self._condition.looked(frame.at_s, look.people_count)
        self._parts.reports.visits_changed(self._camera, look.changes)
        self.latest.put(frame.at, look.frame, look.boxes)

    def _pass(self) -> None:
        clock = self._parts.clock
        self._worked_at_s = clock.monotonic_s()
        watcher = self._watcher
        if watcher is None:
            return
        try:
            changes = watcher.pass_time(clock.now_utc(), clock.monotonic_s())
        except Exception as error:  # noqa: BLE001 - logged and shown: the camera goes on
            self._failed(error)
            return
        self._parts.reports.visits_changed(self._camera, changes)

    def _end(self, watcher: CameraWatcher) -> None:
        changes = watcher.end(self._parts.clock.now_utc())
        self._parts.reports.visits_changed(self._camera, changes)

    def _end_last(self) -> None:
        with self._lock:
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            self._end(watcher)

    def _ready_watcher(self) -> CameraWatcher | None:
        """The watcher; one that could not be made is tried again after a while, None meanwhile."""
        now_s = self._parts.clock.monotonic_s()
        while True:
            with self._lock:
                watcher, camera = self._watcher, self._camera
                if watcher is not None or (self._make_at_s is not None and now_s < self._make_at_s):
                    return watcher
                self._make_at_s = now_s + _MAKE_AGAIN_AFTER_S
            watcher = self._parts.make_watcher(camera)
            with self._lock:
                self._make_at_s = None
                if self._camera.watch == camera.watch:
                    self._watcher = watcher
            # Else other settings came meanwhile: this one has seen nothing, another is made.

    def _failed(self, error: Exception) -> None:
        self._look_faults.failed(error)
        self._condition.watching_fails(f"its pictures cannot be looked at: {words_of(error)}")
