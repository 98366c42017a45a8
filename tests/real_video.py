"""A real person who moves and talks, as a web camera shows them; from a pinned clip, none is committed."""

from collections.abc import Sequence
from typing import overload

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.real_pictures import RealPictures

FRAME_COUNT = 120
_WIDTH_PX, _HEIGHT_PX = 640, 480
_JPEG_QUALITY = 85
_NOISE_SIGMA = 1.5


def moving_person_pixels(pictures: RealPictures) -> list[NDArray[np.uint8]]:
    """120 frames of 640 x 480, uint8 BGR, enlarged from 176 x 144 and cut to 4:3; thirty are a second."""
    clip = cv2.VideoCapture(str(pictures.path("moving_person.mp4")))
    frames = []
    while True:
        was_read, small = clip.read()
        if not was_read:
            break
        height_px = round(small.shape[0] * _WIDTH_PX / small.shape[1])
        large = cv2.resize(small, (_WIDTH_PX, height_px), interpolation=cv2.INTER_CUBIC)
        top = (height_px - _HEIGHT_PX) // 2
        frames.append(np.ascontiguousarray(large[top : top + _HEIGHT_PX], dtype=np.uint8))
    clip.release()
    if len(frames) != FRAME_COUNT:
        raise RuntimeError(f"the clip has {len(frames)} frames that can be read, not {FRAME_COUNT}")
    return frames


def as_jpeg(pixels_bgr: NDArray[np.uint8], quality: int = _JPEG_QUALITY) -> bytes:
    """One frame as a web page would send it."""
    was_encoded, encoded = cv2.imencode(".jpg", pixels_bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not was_encoded:
        raise RuntimeError("the frame could not be encoded")
    return encoded.tobytes()


class LiveCamera(Sequence[bytes]):
    """The frames as JPEGs, each look at one with other sensor noise: a camera never gives the same bytes."""

    def __init__(self, pictures: RealPictures) -> None:
        self._pixels = moving_person_pixels(pictures)
        self._noise = np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self._pixels)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self._look(pixels) for pixels in self._pixels[index]]
        return self._look(self._pixels[index])

    def _look(self, pixels: NDArray[np.uint8]) -> bytes:
        noisy = pixels + self._noise.normal(0, _NOISE_SIGMA, pixels.shape)
        return as_jpeg(noisy.clip(0, 255).astype(np.uint8))


def moving_person_jpegs(pictures: RealPictures) -> list[bytes]:
    """The frames as JPEGs."""
    return [as_jpeg(pixels) for pixels in moving_person_pixels(pictures)]
