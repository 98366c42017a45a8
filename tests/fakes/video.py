"""Cameras without a camera: tests decide what is shown, when it breaks off and whether it can be reached.

    source = FakeVideoSource()
    gate = source.camera("rtsp://gate/1")
    gate.show(fake_picture(FakeFace("ann")))   # or a Frame, or pixels; a grab waits until something is shown
    gate.break_off(VideoFault.BROKEN)          # after what was shown, the grab raises
    gate.refuse(VideoFault.UNAUTHORIZED)       # every open raises, until gate.accept()

Addresses without a camera are unreachable. Everything may be called from any thread.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from tests.fakes.engine import FakeDecoder

from facegate.domain.cameras.status import StreamInfo, VideoFault
from facegate.domain.errors import CameraFailed, FacegateError
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame, PixelsRGB
from facegate.ports.cameras.video_source import LumaPixels, VideoRequest

Shown = bytes | Frame | PixelsRGB

_LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class FakeGrabbedFrame:
    """A frame as shown; `converted` is called with `luma` or `picture` each time one is made."""

    frame: Frame
    converted: Callable[[str], None] = lambda _: None

    @property
    def size(self) -> ImageSize:
        return self.frame.size

    def luma(self, width_px: int) -> LumaPixels:
        self.converted("luma")
        size = self.size
        height_px = max(1, round(size.height_px * width_px / size.width_px))
        grey = cv2.cvtColor(self.frame.pixels_rgb, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)

    def picture(self, max_side_px: int | None = None) -> Frame:
        self.converted("picture")
        size = self.size
        longer_px = max(size.width_px, size.height_px)
        if max_side_px is None or longer_px <= max_side_px:
            return Frame(self.frame.pixels_rgb, size)
        # Nearest, so that the fake detector still sees its flat tiles.
        scale = max_side_px / longer_px
        width_px, height_px = (max(1, round(side * scale)) for side in (size.width_px, size.height_px))
        small = cv2.resize(self.frame.pixels_rgb, (width_px, height_px), interpolation=cv2.INTER_NEAREST)
        return Frame(np.ascontiguousarray(small, np.uint8), size)


def grabbed(shown: Shown) -> FakeGrabbedFrame:
    """A grabbed frame that shows this, for those who look at frames without any stream."""
    return FakeGrabbedFrame(_frame_of(shown))


class FakeCamera:
    """One camera; what it was shown waits in line for whoever grabs."""

    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        self.requests: list[VideoRequest] = []
        self.conversions: list[str] = []
        self._steps: deque[Frame | FacegateError] = deque()
        self._refusal: FacegateError | None = None
        self._is_hanging = False
        self._open_count = 0
        self._changed = threading.Condition()

    @property
    def open_count(self) -> int:
        """Streams that are open now."""
        return self._open_count

    @property
    def attempt_count(self) -> int:
        """How often it was opened, or tried to be."""
        return len(self.requests)

    @property
    def waiting_count(self) -> int:
        """What was shown and not grabbed yet."""
        return len(self._steps)

    def show(self, *shown: Shown) -> None:
        """Each is one frame."""
        with self._changed:
            self._steps.extend(_frame_of(one) for one in shown)
            self._changed.notify_all()

    def break_off(self, fault: VideoFault | FacegateError) -> None:
        """The grab after what was shown so far fails with this."""
        with self._changed:
            self._steps.append(_failure(fault))
            self._changed.notify_all()

    def refuse(self, fault: VideoFault | FacegateError) -> None:
        """Whoever opens it fails with this."""
        with self._changed:
            self._refusal = _failure(fault)

    def hang(self) -> None:
        """Whoever opens it waits until the time-out."""
        with self._changed:
            self._is_hanging = True

    def accept(self) -> None:
        """It can be opened again."""
        with self._changed:
            self._refusal = None
            self._is_hanging = False
            self._changed.notify_all()

    def opened(self, request: VideoRequest, should_stop: Callable[[], bool]) -> "FakeVideoStream":
        with self._changed:
            self.requests.append(request)
            self._await(lambda: not self._is_hanging, request.open_timeout_s, should_stop)
            if self._refusal is not None:
                raise self._refusal
            self._open_count += 1
        return FakeVideoStream(self, request, should_stop)

    def next_frame(self, timeout_s: float, should_stop: Callable[[], bool]) -> FakeGrabbedFrame:
        with self._changed:
            self._await(lambda: bool(self._steps), timeout_s, should_stop)
            step = self._steps.popleft()
        if isinstance(step, FacegateError):
            raise step
        return FakeGrabbedFrame(step, self.conversions.append)

    def closed(self) -> None:
        with self._changed:
            self._open_count -= 1

    def _await(self, is_ready: Callable[[], bool], timeout_s: float, should_stop: Callable[[], bool]) -> None:
        until_s = time.monotonic() + timeout_s
        while True:
            if should_stop():
                raise CameraFailed("the camera was told to stop", fault=VideoFault.ENDED)
            if is_ready():
                return
            if time.monotonic() >= until_s:
                raise CameraFailed("the camera gave no picture in time", fault=VideoFault.TIMED_OUT)
            self._changed.wait(_LOOK_EVERY_S)


class FakeVideoStream:
    """An open stream of a FakeCamera."""

    def __init__(self, camera: FakeCamera, request: VideoRequest, should_stop: Callable[[], bool]) -> None:
        self._camera = camera
        self._request = request
        self._should_stop = should_stop
        self._is_closed = False

    @property
    def info(self) -> StreamInfo:
        return self._camera.info

    def grab(self) -> FakeGrabbedFrame:
        if self._is_closed:
            raise CameraFailed("the stream is closed", fault=VideoFault.INTERNAL)
        return self._camera.next_frame(self._request.read_timeout_s, self._should_stop)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._camera.closed()


class FakeVideoSource:
    """A VideoSource of FakeCameras by address."""

    def __init__(self) -> None:
        self._cameras: dict[str, FakeCamera] = {}

    def camera(self, source: str, *, width_px: int = 640, height_px: int = 480) -> FakeCamera:
        """The camera at this address; made when it is not there."""
        info = StreamInfo("h264", ImageSize(width_px, height_px), 25.0, "software")
        return self._cameras.setdefault(source, FakeCamera(info))

    def open(self, request: VideoRequest, should_stop: Callable[[], bool] = lambda: False) -> FakeVideoStream:
        camera = self._cameras.get(request.source)
        if camera is None:
            raise CameraFailed("the camera cannot be reached", fault=VideoFault.UNREACHABLE)
        return camera.opened(request, should_stop)


def _frame_of(shown: Shown) -> Frame:
    if isinstance(shown, Frame):
        return shown
    if isinstance(shown, bytes):
        return FakeDecoder().decode(shown)
    return Frame.of(np.ascontiguousarray(shown))


def _failure(fault: VideoFault | FacegateError) -> FacegateError:
    if isinstance(fault, FacegateError):
        return fault
    return CameraFailed(f"the camera failed: {fault.value}", fault=fault)
