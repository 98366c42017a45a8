"""Pictures as JPEGs of a bounded size, by OpenCV where it is installed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from facegate_workstation.errors import SettingsWrong, SourceUnavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SMALLEST_SIDE_PX = 320
_STEP = 0.7


@dataclass
class JpegFormat:
    """How large pictures go out. Enough for a face across a desk; larger ones cost the server time."""

    longest_side_px: int = 800
    quality: int = 85
    """1 to 100, as JPEG counts it."""

    def __post_init__(self) -> None:
        if not 64 <= self.longest_side_px <= 8192:
            raise SettingsWrong("the longest side has to be 64 to 8192 px")
        if not 1 <= self.quality <= 100:
            raise SettingsWrong("the JPEG quality has to be 1 to 100")

    def make_smaller(self) -> bool:
        """One step down; False at the smallest size in which a face can still be known."""
        if self.longest_side_px <= _SMALLEST_SIDE_PX:
            return False
        self.longest_side_px = max(_SMALLEST_SIDE_PX, int(self.longest_side_px * _STEP))
        return True


def can_scale() -> bool:
    """Whether OpenCV is installed."""
    return importlib.util.find_spec("cv2") is not None


def open_cv() -> Any:
    """The library.

    Raises:
        SourceUnavailable: it is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise SourceUnavailable(
            "the camera needs OpenCV: pip install 'facegate-workstation[camera]'"
        ) from error
    return cv2


def encoded(pixels_bgr: NDArray[np.uint8], wanted: JpegFormat) -> bytes:
    """Uint8 pixels, blue first, as a JPEG; never enlarged."""
    cv2 = open_cv()
    height_px, width_px = pixels_bgr.shape[:2]
    scale = wanted.longest_side_px / max(height_px, width_px)
    if scale < 1:
        size = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
        pixels_bgr = cv2.resize(pixels_bgr, size, interpolation=cv2.INTER_AREA)
    was_encoded, jpeg = cv2.imencode(".jpg", pixels_bgr, [cv2.IMWRITE_JPEG_QUALITY, wanted.quality])
    if not was_encoded:
        raise SourceUnavailable("OpenCV could not make a JPEG of the camera's picture")
    content: bytes = jpeg.tobytes()
    return content


def shrunk(picture: bytes, wanted: JpegFormat) -> bytes:
    """The picture, scaled down if need be; as it is where OpenCV is missing or cannot read it."""
    if not can_scale():
        return picture
    cv2 = open_cv()
    import numpy as np

    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return picture
    if pixels is None or max(pixels.shape[:2]) <= wanted.longest_side_px:
        return picture
    return encoded(pixels, wanted)
