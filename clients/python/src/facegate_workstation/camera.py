"""A webcam through OpenCV, read in a thread of its own so that a picture is never an old one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from facegate_workstation.errors import SourceUnavailable
from facegate_workstation.jpeg import JpegFormat, encoded, open_cv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

_LOGGER = logging.getLogger("facegate_workstation")

_REOPEN_AFTER_S = 2.0

OpenDevice = Callable[[], Any]
"""Opens what behaves like `cv2.VideoCapture`: `isOpened`, `read`, `release`."""


class CameraPictures:
    """What the camera sees at the moment it is asked. One that was unplugged is opened again and again."""

    def __init__(
        self,
        device: int | str = 0,
        *,
        picture_format: JpegFormat | None = None,
        open_device: OpenDevice | None = None,
    ) -> None:
        self._device = device
        self._format = picture_format or JpegFormat()
        self._open_device = open_device or self._open_with_opencv
        self._is_closing = threading.Event()
        self._lock = threading.Lock()
        self._wanted: asyncio.Future[Pixels] | None = None
        self._thread: threading.Thread | None = None

    async def open(self) -> None:
        """Raises SourceUnavailable where the camera, or OpenCV, is not there."""
        camera = await asyncio.to_thread(self._open_device)
        if not camera.isOpened():
            camera.release()
            raise SourceUnavailable(f"camera {self._device} cannot be opened: is it there, is it in use?")
        self._is_closing.clear()
        self._thread = threading.Thread(
            target=self._read_on, args=(camera, asyncio.get_running_loop()), name="camera", daemon=True
        )
        self._thread.start()

    async def newest(self) -> bytes | None:
        """The next picture that the camera takes; waits while there is none."""
        wanted: asyncio.Future[Pixels] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._wanted = wanted
        return await asyncio.to_thread(encoded, await wanted, self._format)

    def make_smaller(self) -> bool:
        """Scales further down."""
        return self._format.make_smaller()

    async def close(self) -> None:
        """Ends the thread and lets the camera go."""
        self._is_closing.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5.0)
            self._thread = None

    def _open_with_opencv(self) -> Any:
        return open_cv().VideoCapture(self._device)

    def _read_on(self, camera: Any, loop: asyncio.AbstractEventLoop) -> None:
        has_pictures = True
        while not self._is_closing.is_set():
            was_read, pixels = camera.read()
            if was_read:
                if not has_pictures:
                    _LOGGER.info("the camera gives pictures again")
                has_pictures = True
                self._hand_over(pixels, loop)
                continue
            if has_pictures:
                _LOGGER.warning("the camera gives no picture any more")
            has_pictures = False
            camera.release()
            self._is_closing.wait(_REOPEN_AFTER_S)
            camera = self._open_device()
        camera.release()

    def _hand_over(self, pixels: Pixels, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is not None:
            # The loop is closed where the program ends without closing the camera.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_give, wanted, pixels)


def _give(wanted: asyncio.Future[Pixels], pixels: Pixels) -> None:
    if not wanted.done():
        wanted.set_result(pixels)
