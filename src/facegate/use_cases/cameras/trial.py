"""A trial connection: does this address give a picture?"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from facegate.domain.cameras.camera import WatchSettings
from facegate.domain.cameras.connection import failure_of
from facegate.domain.cameras.status import StreamInfo, VideoFault
from facegate.domain.errors import CameraFailed, EngineOverloaded, FacegateError
from facegate.domain.images import Frame
from facegate.ports.cameras.video_source import VideoRequest, VideoSource
from facegate.ports.clock import Clock
from facegate.use_cases.cameras.fault_log import words_of

logger = logging.getLogger(__name__)

MAX_TRIALS = 2
"""At once. Each is a connection to somewhere that a caller chose."""

_PICTURE_SIDE_PX = 1280
_GRACE_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class CameraTest:
    """What a trial connection gave: `took_ms` until the first picture was there."""

    stream: StreamInfo
    frame: Frame
    took_ms: float


class CameraTrials:
    """Bounded in number, and in time even where what connects hangs. Safe from several threads."""

    def __init__(
        self, source: VideoSource, clock: Clock, open_timeout_s: float, read_timeout_s: float
    ) -> None:
        self._source = source
        self._clock = clock
        self._open_timeout_s = open_timeout_s
        self._read_timeout_s = read_timeout_s
        self._free = threading.BoundedSemaphore(MAX_TRIALS)
        self._is_closing = threading.Event()

    def __call__(self, address: str, watch: WatchSettings) -> CameraTest:
        """Connects, takes one picture and hangs up.

        Raises:
            CameraFailed: no picture comes; the sentence holds neither address nor password.
            NotPermitted: the address, or what its name leads to, may not be used.
            EngineOverloaded: other trials are under way.
        """
        request = VideoRequest(
            address, watch.transport, watch.hardware_decode, self._open_timeout_s, self._read_timeout_s
        )
        if not self._free.acquire(blocking=False):
            raise EngineOverloaded("other cameras are being tried: try again in a moment", retry_after_s=5)
        result: Future[CameraTest] = Future()
        given_up = threading.Event()
        thread = threading.Thread(
            target=self._try, args=(request, result, given_up), name="camera-trial", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            self._free.release()
            raise EngineOverloaded("no more threads can be started") from error
        try:
            return result.result(self._open_timeout_s + self._read_timeout_s + _GRACE_S)
        except TimeoutError as error:
            given_up.set()
            failure = failure_of(VideoFault.TIMED_OUT, "", address)
            raise CameraFailed(failure.words, fault=failure.fault) from error

    def close(self) -> None:
        """Those under way end soon."""
        self._is_closing.set()

    def _try(self, request: VideoRequest, result: "Future[CameraTest]", given_up: threading.Event) -> None:
        """The place is free again only when the connection has really ended."""
        try:
            result.set_result(self._connect(request, lambda: given_up.is_set() or self._is_closing.is_set()))
        except CameraFailed as error:
            failure = failure_of(error.fault, error.message, request.source)
            result.set_exception(CameraFailed(failure.words, fault=failure.fault))
        except FacegateError as error:
            result.set_exception(error)
        except Exception as error:  # noqa: BLE001 - logged, and who waits is told; its text may hold the address
            logger.error("trying a camera failed: %s", words_of(error))
            failure = failure_of(VideoFault.INTERNAL, "", request.source)
            result.set_exception(CameraFailed(failure.words, fault=failure.fault))
        finally:
            self._free.release()

    def _connect(self, request: VideoRequest, should_stop: Callable[[], bool]) -> CameraTest:
        began_s = self._clock.monotonic_s()
        stream = self._source.open(request, should_stop)
        try:
            frame = stream.grab().picture(_PICTURE_SIDE_PX)
            took_ms = (self._clock.monotonic_s() - began_s) * 1000.0
            return CameraTest(stream.info, frame, round(took_ms, 1))
        finally:
            stream.close()
