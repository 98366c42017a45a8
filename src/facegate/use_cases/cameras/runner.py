"""All cameras that are wanted, at work: threads, status, pictures, trial connections."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.status import CameraState, CameraStatus, VideoFault
from facegate.ports.cameras.video_source import VideoSource
from facegate.ports.clock import Clock
from facegate.use_cases.cameras.fault_log import FaultLog
from facegate.use_cases.cameras.joining import still_alive
from facegate.use_cases.cameras.latest import LatestPicture
from facegate.use_cases.cameras.look_threads import LookThreads
from facegate.use_cases.cameras.reader import CameraReader, ReaderOptions
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.cameras.report_queue import ReportQueue
from facegate.use_cases.cameras.reports import VisitReports
from facegate.use_cases.cameras.running_camera import CameraLimits, RunningCamera
from facegate.use_cases.cameras.sight import SharedParts
from facegate.use_cases.cameras.trial import CameraTest, CameraTrials
from facegate.use_cases.cameras.watching import CameraWatcher

__all__ = ["CameraRunner", "CameraTest", "LatestPicture", "RunnerOptions"]

logger = logging.getLogger(__name__)

_LOOKS_SHARE = 0.5
"""Of the time for closing: what the looks report has to be stored in the rest of it."""

_NO_SOURCE = "the stored address cannot be read (another key of secrets, or damage): enter it again"


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """As in the settings of cameras; `analysis_threads` is at least 1 here.

    `oversee_every_s`: how often schedules, silence and outages are looked at. `end_within_s`: how long
    closing may wait for all threads together.
    """

    analysis_threads: int = 2
    open_timeout_s: float = 10.0
    read_timeout_s: float = 8.0
    frozen_after_s: float = 60.0
    down_after_s: float = 60.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0
    luma_width_px: int = 160
    oversee_every_s: float = 0.5
    end_within_s: float = 10.0


class CameraRunner:
    """A reader thread for each wanted camera, a few threads that look, one that tells and one that oversees.

    Safe from several threads. A camera that hangs or is down costs the others nothing.
    """

    def __init__(
        self,
        register: CameraRegister,
        source: VideoSource,
        make_watcher: Callable[[Camera], CameraWatcher],
        reports: VisitReports,
        clock: Clock,
        options: RunnerOptions,
    ) -> None:
        self._register = register
        self._source = source
        self._options = options
        self._reports = ReportQueue(reports)
        self._looks = LookThreads(options.analysis_threads)
        self._parts = SharedParts(clock, self._looks, self._reports, make_watcher)
        self._limits = CameraLimits(_reading(options), options.down_after_s)
        self._trials = CameraTrials(source, clock, options.open_timeout_s, options.read_timeout_s)
        self._lock = threading.Lock()
        self._running: dict[str, RunningCamera] = {}
        self._leaving: dict[str, list[CameraReader]] = {}
        self._is_started = False
        self._is_closing = threading.Event()
        self._faults = FaultLog(logger, "overseeing cameras")
        self._overseer = threading.Thread(target=self._oversee_all, name="camera-overseer")

    def start(self) -> None:
        """Begins with the cameras that are wanted. The register has been loaded."""
        self._reports.start()
        self._looks.start()
        with self._lock:
            self._is_started = True
        self.apply([camera.camera_id for camera in self._register.list_cameras()])
        self._overseer.start()

    def close(self) -> None:
        """Ends every stream, tells of the visits that end with it, and waits for the threads; for seconds.

        All are told at once. Those whose visits are still to be stored are waited for first.
        """
        ends_s = time.monotonic() + self._options.end_within_s
        self._is_closing.set()
        self._trials.close()
        with self._lock:
            was_started, self._is_started = self._is_started, False
            running, self._running = self._running, {}
            for camera_id, one in running.items():
                self._leaving[camera_id] = one.retire()
            readers = [reader for leaving in self._leaving.values() for reader in leaving]
        if not was_started:
            return
        if not self._looks.close(_LOOKS_SHARE * self._options.end_within_s):
            logger.warning("looking at a picture takes longer than closing may")
        self._reports.close(max(0.0, ends_s - time.monotonic()))
        threads = [self._overseer, *(reader.thread for reader in readers)]
        for thread in still_alive(threads, max(0.0, ends_s - time.monotonic())):
            logger.warning("%s does not end: what it waits for takes longer than allowed", thread.name)

    def apply(self, camera_ids: Sequence[str]) -> None:
        """Does what the register says of these cameras now. Waits for nothing."""
        with self._lock:
            if self._is_started:
                self._each(camera_ids, self._apply_one)

    def oversee(self) -> None:
        """One round of looking after the cameras; the overseer does this a few times a second."""
        with self._lock:
            if self._each(list(self._running), lambda camera_id: self._running[camera_id].oversee()):
                self._faults.went_well()
            for camera_id, leaving in list(self._leaving.items()):
                if not any(reader.thread.is_alive() for reader in leaving):
                    del self._leaving[camera_id]

    @property
    def report_backlog(self) -> int:
        """Reports that are not stored yet."""
        return self._reports.waiting_count

    @property
    def lost_report_count(self) -> int:
        """Reports that were given up since the start."""
        return self._reports.lost_count

    def status(self, camera_id: str) -> CameraStatus:
        """How the camera is.

        Raises:
            CameraNotFound: there is none.
        """
        return self._status_of(self._register.get(camera_id))

    def statuses(self) -> dict[str, CameraStatus]:
        """How all of them are, by id."""
        return {camera.camera_id: self._status_of(camera) for camera in self._register.list_cameras()}

    def latest(self, camera_id: str) -> LatestPicture | None:
        """The last picture; None when there is none or the camera is not running."""
        running = self._running.get(camera_id)
        return None if running is None else running.sight.latest.get()

    def wait_newer(self, camera_id: str, number: int, timeout_s: float) -> LatestPicture | None:
        """The last picture as soon as its number is higher than this; None when none came in time.

        Of a camera that is not running it waits just as long, so that who asks again and again need not.
        """
        running = self._running.get(camera_id)
        if running is None:
            self._is_closing.wait(timeout_s)
            return None
        return running.sight.latest.wait_newer(number, timeout_s)

    def test(self, source: str, watch: WatchSettings) -> CameraTest:
        """Connects, takes one picture and hangs up; nothing is kept.

        Raises:
            InvalidInput: the address is none.
            NotPermitted: it, or what its name leads to, may not be used.
            CameraFailed: no picture comes.
            EngineOverloaded: two others are being tried.
        """
        return self._trials(self._register.checked_source(source), watch)

    def _apply_one(self, camera_id: str) -> None:
        camera, running = self._register.find(camera_id), self._running.get(camera_id)
        if camera is None or not camera.is_enabled or not camera.source:
            if running is not None:
                del self._running[camera_id]
                self._leaving[camera_id] = running.retire()
        elif running is not None:
            running.apply(camera)
        else:
            running = RunningCamera(
                camera, self._source, self._parts, self._limits, self._leaving.pop(camera_id, [])
            )
            self._running[camera_id] = running
            running.oversee()

    def _each(self, camera_ids: Sequence[str], work: Callable[[str], None]) -> bool:
        """One camera's trouble, such as no more threads, must not be the others'; whether there was none."""
        are_well = True
        for camera_id in camera_ids:
            try:
                work(camera_id)
            except Exception as error:  # noqa: BLE001 - logged, and tried again by the overseer
                self._faults.failed(error)
                are_well = False
        return are_well

    def _oversee_all(self) -> None:
        while not self._is_closing.wait(self._options.oversee_every_s):
            self.oversee()

    def _status_of(self, camera: Camera) -> CameraStatus:
        running = self._running.get(camera.camera_id)
        if running is not None:
            return running.status()
        if not camera.source:
            state = CameraState.DOWN if camera.is_enabled else CameraState.STOPPED
            return CameraStatus(
                camera.camera_id, state, camera.updated_at, VideoFault.REFUSED, trouble=_NO_SOURCE
            )
        is_missed = camera.is_enabled and not self._is_started
        trouble = "this server does not run cameras" if is_missed else ""
        return CameraStatus(camera.camera_id, CameraState.STOPPED, camera.updated_at, trouble=trouble)


def _reading(options: RunnerOptions) -> ReaderOptions:
    return ReaderOptions(
        options.open_timeout_s,
        options.read_timeout_s,
        options.frozen_after_s,
        options.reconnect_min_s,
        options.reconnect_max_s,
        options.luma_width_px,
    )
