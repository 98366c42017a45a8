"""Cameras attached to the server, by their number.

A device's driver waits as long as it likes and cannot be interrupted, so it is read on a thread of its own:
whoever loses patience leaves that thread behind, and it gives the device back with the next picture.
"""

import queue
import sys
import threading
from collections.abc import Iterator

import av
import av.error
from av.container import InputContainer

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.feeds import ContainerFeed, VideoPacket, probing
from facegate.adapters.av_video.patience import LOOK_EVERY_S, Patience
from facegate.domain.cameras.sources import ParsedSource
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, FacegateError

_WAITING_PACKETS = 2
_FAREWELL_S = 1.0


def open_webcam(parsed: ParsedSource, patience: Patience) -> "WebcamFeed":
    """Raises CameraFailed."""
    feed = WebcamFeed(int(parsed.path or "0"), patience)
    try:
        feed.wait_until_open()
    except BaseException:
        feed.close()
        raise
    return feed


class WebcamFeed:
    """A feed that is filled on another thread."""

    is_recorded = False

    def __init__(self, number: int, patience: Patience) -> None:
        self.failure: FacegateError | None = None
        self._number = number
        self._patience = patience
        self._feed: ContainerFeed | None = None
        self._is_closed = threading.Event()
        # None is the end.
        self._waiting: queue.Queue[VideoPacket | None] = queue.Queue(_WAITING_PACKETS)
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
        self._thread.start()

    def wait_until_open(self) -> None:
        """Raises CameraFailed when the device cannot be opened, or not in time."""
        while not self._is_open.wait(LOOK_EVERY_S):
            self._patience.check()
        if self.failure is not None:
            raise faults.again(self.failure)

    @property
    def decoder(self) -> av.VideoCodecContext:
        """The device's."""
        return self._opened.decoder

    @property
    def decoded_by(self) -> str:
        """The processor: what webcams give is hardly packed."""
        return self._opened.decoded_by

    @property
    def frames_per_s(self) -> float | None:
        """The device's."""
        return self._opened.frames_per_s

    @property
    def _opened(self) -> ContainerFeed:
        if self._feed is None:
            raise CameraFailed("the webcam is not open", fault=VideoFault.INTERNAL)
        return self._feed

    def packets(self) -> Iterator[VideoPacket]:
        """Raises CameraFailed when patience ends."""
        while True:
            try:
                packet = self._waiting.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                self._patience.check()
                continue
            if packet is None:
                return
            yield packet

    def close(self) -> None:
        """The device is given back, now or as soon as its driver returns."""
        self._is_closed.set()
        self._thread.join(_FAREWELL_S)

    def _run(self) -> None:
        try:
            with _container(self._number) as container:
                self._feed = ContainerFeed(container)
                self._is_open.set()
                for packet in self._feed.packets():
                    if not packet.size or not self._put(packet):
                        break
        except av.error.FFmpegError as error:
            self.failure = faults.of_error(error)
        except CameraFailed as error:
            self.failure = faults.again(error)
        finally:
            self._is_open.set()
            self._put(None)

    def _put(self, packet: VideoPacket | None) -> bool:
        """False when nobody wants it any more."""
        while not self._is_closed.is_set():
            try:
                self._waiting.put(packet, timeout=LOOK_EVERY_S)
            except queue.Full:
                continue
            return True
        return False


def _container(number: int) -> InputContainer:
    format_name, device = _device(number)
    return av.open(
        device,
        "r",
        format=format_name,
        options=probing(max_bytes=5_000_000, max_s=1.0),
        metadata_errors="replace",
    )


def _device(number: int) -> tuple[str, str]:
    """FFmpeg's name of the system's cameras, and of this one."""
    if sys.platform == "darwin":
        return "avfoundation", f"{number}:none"
    if sys.platform == "win32":
        return "dshow", f"video={_windows_camera(number)}"
    return "video4linux2,v4l2", f"/dev/video{number}"


def _windows_camera(number: int) -> str:
    """Windows knows cameras by name."""
    cameras = [one.name for one in av.enumerate_input_devices("dshow") if "video" in one.media_types]
    if number >= len(cameras):
        raise CameraFailed("there is no webcam of this number", fault=VideoFault.NOT_FOUND)
    return cameras[number]
