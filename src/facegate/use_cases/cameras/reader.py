"""Reading one camera: connect, grab frames, decide which are worth a look, connect again."""

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.connection import Failure, failure_of
from facegate.domain.cameras.frame_pace import FramePace
from facegate.domain.cameras.frame_tally import FrameFate
from facegate.domain.cameras.freezing import PictureChanges
from facegate.domain.cameras.reconnecting import ReconnectPauses
from facegate.domain.cameras.sources import SourceKind, parse_source
from facegate.domain.cameras.status import CameraState, VideoFault
from facegate.domain.errors import CameraFailed, FacegateError, InvalidInput, NotPermitted
from facegate.ports.cameras.video_source import VideoRequest, VideoSource, VideoStream
from facegate.ports.clock import Clock
from facegate.use_cases.cameras.condition import CameraCondition
from facegate.use_cases.cameras.fault_log import FaultLog, words_of
from facegate.use_cases.cameras.look_threads import TakenFrame
from facegate.use_cases.cameras.sight import CameraSight

logger = logging.getLogger(__name__)

_SAMPLE_EVERY_S = 0.25
"""Pictures are compared so often, to see whether they have frozen."""

_PREDECESSOR_WAIT_S = 10.0
_MAX_HANGING = 3
"""Connections of one camera that do not end: with so many the next waits, or threads would pile up."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """Times as in the settings. `luma_width_px` is how wide pictures are compared for motion and freezing."""

    open_timeout_s: float = 10.0
    read_timeout_s: float = 8.0
    frozen_after_s: float = 60.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0
    luma_width_px: int = 160


@dataclass(frozen=True, slots=True)
class ReadCamera:
    """What a reader reads, and where it goes."""

    camera: Camera
    condition: CameraCondition
    sight: CameraSight


class CameraReader:
    """One thread for one camera with one address, until `stop`. It survives whatever the stream does."""

    def __init__(self, read: ReadCamera, source: VideoSource, clock: Clock, options: ReaderOptions) -> None:
        self._camera = read.camera
        self._condition = read.condition
        self._sight = read.sight
        self._source = source
        self._clock = clock
        self._options = options
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._pauses = ReconnectPauses(options.reconnect_min_s, options.reconnect_max_s)
        # Jitter is no secret; a generator of its own, which nobody seeds for all cameras at once.
        self._jitter = random.Random()  # noqa: S311
        self._changes = PictureChanges()
        self._sample_at_s = float("-inf")
        self._live_since_s: float | None = None
        self._predecessors: Sequence[CameraReader] = ()
        self._frame_faults = FaultLog(logger, f"camera {read.camera.camera_id}: its frames cannot be read")
        self.is_finished = False
        """A file was played to its end: there is nothing more to do."""

        self.thread = threading.Thread(target=self._run, name=f"camera-{read.camera.camera_id}")

    def start(self, predecessors: Sequence["CameraReader"]) -> None:
        """Begins once those before it have let go of the camera, or will not."""
        self._predecessors = predecessors
        self.thread.start()

    def stop(self) -> None:
        """Ends soon; nothing is reported of it from now on."""
        self._stopping.set()
        self._woken.set()

    def hurry(self) -> None:
        """The next attempt is due now."""
        self._pauses.restart()
        self._woken.set()

    def take_over(self, camera: Camera) -> None:
        """Other settings of the same connection; the next frame goes by them."""
        self._camera = camera

    def _run(self) -> None:
        try:
            self._keep_connected()
        except Exception as error:  # noqa: BLE001 - logged; the runner starts another reader
            logger.error("camera %s: its reader ended: %s", self._camera.camera_id, words_of(error))

    def _keep_connected(self) -> None:
        self._wait_for_predecessors()
        while not self._stopping.is_set():
            self._woken.clear()
            failure, gave_pictures = self._connect()
            if self._stopping.is_set():
                return
            if failure.fault is VideoFault.ENDED and _is_file(self._camera.source):
                self.is_finished = True
                self._condition.quiet(CameraState.ENDED)
                return
            now_s = self._clock.monotonic_s()
            live_for_s = 0.0 if self._live_since_s is None else now_s - self._live_since_s
            pause_s = self._pauses.next_s(failure.fault, live_for_s, self._jitter.random())
            next_attempt_at = self._clock.now_utc() + timedelta(seconds=pause_s)
            self._condition.lost(failure, next_attempt_at, gave_pictures=gave_pictures)
            self._woken.wait(pause_s)

    def _wait_for_predecessors(self) -> None:
        """Many cameras allow one connection, a webcam only one."""
        waited_s = 0.0
        while not self._stopping.is_set():
            hanging = [reader for reader in self._predecessors if reader.thread.is_alive()]
            if not hanging or (waited_s >= _PREDECESSOR_WAIT_S and len(hanging) < _MAX_HANGING):
                return
            if waited_s >= _PREDECESSOR_WAIT_S:
                sentence = "connections before this one do not end; the server has to be restarted"
                self._condition.lost(Failure(VideoFault.INTERNAL, sentence), None, gave_pictures=False)
            hanging[0].thread.join(0.1)
            waited_s += 0.1

    def _connect(self) -> tuple[Failure, bool]:
        """One connection from attempt to end: why it ended, and whether it gave pictures."""
        camera, options = self._camera, self._options
        request = VideoRequest(
            camera.source,
            camera.watch.transport,
            camera.watch.hardware_decode,
            options.open_timeout_s,
            options.read_timeout_s,
        )
        self._live_since_s = None
        self._condition.trying()
        stream: VideoStream | None = None
        try:
            stream = self._source.open(request, self._stopping.is_set)
            self._changes.restart()
            self._sample_at_s = float("-inf")
            self._condition.opened(stream.info)
            self._read(stream)
            failure = Failure(VideoFault.INTERNAL)
        except Exception as error:  # noqa: BLE001 - shown in the status; a reader must never die quietly
            failure = self._failure_of(error)
        finally:
            if stream is not None:
                stream.close()
        return failure, self._live_since_s is not None

    def _failure_of(self, error: Exception) -> Failure:
        source = self._camera.source
        if isinstance(error, CameraFailed):
            return failure_of(error.fault, error.message, source)
        if isinstance(error, NotPermitted | InvalidInput):
            return failure_of(VideoFault.REFUSED, error.message, source)
        logger.error("camera %s: reading it failed: %s", self._camera.camera_id, words_of(error))
        sentence = error.message if isinstance(error, FacegateError) else ""
        return failure_of(VideoFault.INTERNAL, sentence, source)

    def _read(self, stream: VideoStream) -> None:
        """Frames until the stream ends or the reader is to stop; either raises or returns."""
        pace = FramePace(self._camera.watch.frames_per_s)
        while not self._stopping.is_set():
            grabbed = stream.grab()
            if self._stopping.is_set():
                return
            frame = TakenFrame(grabbed, self._clock.now_utc(), self._clock.monotonic_s())
            self._condition.grabbed(frame.at, frame.at_s)
            if pace.frames_per_s != self._camera.watch.frames_per_s:
                pace = FramePace(self._camera.watch.frames_per_s)
            fate = self._sort(frame, is_due=pace.takes(frame.at_s))
            if fate is None:
                self._sight.offer(frame)
            else:
                self._condition.settle(fate)
                self._sight.show(frame)

    def _sort(self, frame: TakenFrame, *, is_due: bool) -> FrameFate | None:
        """What becomes of the frame; None when it is to be looked at."""
        has_gate = self._camera.watch.has_motion_gate
        is_sampled = frame.at_s >= self._sample_at_s
        try:
            # A fraction of a picture's cost, but not nothing: only where somebody asks.
            needs_luma = is_sampled or (is_due and has_gate)
            luma = frame.grabbed.luma(self._options.luma_width_px) if needs_luma else None
        except Exception as error:  # noqa: BLE001 - counted, logged and shown: the next frame may be better
            self._frame_faults.failed(error)
            self._condition.watching_fails(f"its frames cannot be read: {words_of(error)}")
            self._is_frozen(frame)
            return FrameFate.FAILED
        if luma is not None:
            self._frame_faults.went_well()
        if luma is not None and is_sampled:
            self._sample_at_s = frame.at_s + _SAMPLE_EVERY_S
            self._changes.saw(luma, frame.at_s)
        if self._is_frozen(frame):
            return FrameFate.STILL
        if not is_due:
            return FrameFate.NOT_DUE
        if luma is not None and has_gate and not self._sight.is_moving(luma, frame.at_s):
            return FrameFate.STILL
        return None

    def _is_frozen(self, frame: TakenFrame) -> bool:
        """Tells the status which it is."""
        if self._changes.still_for_s(frame.at_s) < self._options.frozen_after_s:
            if self._live_since_s is None:
                self._live_since_s = frame.at_s
            self._condition.live(frame.at_s)
            return False
        if self._condition.state is not CameraState.FROZEN:
            self._condition.frozen(Failure(VideoFault.FROZEN), self._changes.changed_at_s)
        return True


def _is_file(source: str) -> bool:
    return parse_source(source).kind is SourceKind.FILE
