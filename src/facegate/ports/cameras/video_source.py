"""Moving pictures, from wherever they come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facegate.domain.cameras.camera import HardwareDecode, Transport
from facegate.domain.cameras.status import StreamInfo
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame

LumaPixels = NDArray[np.uint8]
"""Shape (height, width), uint8, brightness alone."""


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What to open; the address holds secrets. `read_timeout_s` bounds the wait for each frame."""

    source: str = field(repr=False)
    transport: Transport = Transport.TCP
    hardware_decode: HardwareDecode = HardwareDecode.NONE
    open_timeout_s: float = 10.0
    read_timeout_s: float = 8.0


class GrabbedFrame(Protocol):
    """One decoded frame, not yet converted. May be used on another thread than its stream's, after it too."""

    @property
    def size(self) -> ImageSize:
        """Upright, in pixels."""
        ...

    def luma(self, width_px: int) -> LumaPixels:
        """Brightness scaled to this width; a fraction of the cost of `picture`."""
        ...

    def picture(self, max_side_px: int | None = None) -> Frame:
        """RGB, upright, on demand with no side longer than this; the frame knows its original size."""
        ...


class VideoStream(Protocol):
    """An open stream; one thread uses it. Memory, descriptors and threads are gone once it is closed."""

    @property
    def info(self) -> StreamInfo:
        """Codec, size, rate and who decodes."""
        ...

    def grab(self) -> GrabbedFrame:
        """Waits for the next frame and decodes it, nothing more.

        A file is played at its own pace. A frame that cannot be decoded is passed over; many in a row are
        CameraFailed with `broken`.

        Raises:
            CameraFailed: no frame in time, the stream ended or cannot be read, or `should_stop` said so;
                the stream is of no use any more.
        """
        ...

    def close(self) -> None:
        """Twice does no harm; never raises."""
        ...


class VideoSource(Protocol):
    """Opens streams: RTSP, HTTP (MJPEG and what FFmpeg reads), files, webcams. Safe from several threads."""

    def open(self, request: VideoRequest, should_stop: Callable[[], bool] = lambda: False) -> VideoStream:
        """Connects and reads far enough to know codec and size.

        `should_stop` is asked often, from any thread, as long as the stream is open.

        Raises:
            CameraFailed: with the fault; the sentence holds neither address nor password.
            NotPermitted: the address, or what its name leads to, may not be used.
        """
        ...
