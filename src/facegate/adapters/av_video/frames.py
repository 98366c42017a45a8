"""A decoded frame, converted when somebody looks at it: brightness, or RGB for the engine."""

import threading

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame, PixelsRGB
from facegate.ports.cameras.video_source import LumaPixels


class _Converters(threading.local):
    """One set per thread: they keep tables for the sizes seen last and are not to be shared."""

    def __init__(self) -> None:
        self.luma = VideoReformatter()
        self.picture = VideoReformatter()


_converters = _Converters()


class AvGrabbedFrame:
    """Holds the decoder's own buffers until it is dropped; nothing is converted before it is asked for."""

    def __init__(self, frame: av.VideoFrame) -> None:
        self._frame = frame
        self._quarter_turns = round(frame.rotation / 90) % 4
        # A conversion writes into the frame's description for a moment.
        self._converting = threading.Lock()

    @property
    def size(self) -> ImageSize:
        """Upright."""
        stored = (self._frame.width, self._frame.height)
        return ImageSize(*(reversed(stored) if self._quarter_turns % 2 else stored))

    def luma(self, width_px: int) -> LumaPixels:
        """By the average over each pixel's area, so that noise of the sensor is smoothed."""
        size = self.size
        height_px = max(1, round(size.height_px * width_px / size.width_px))
        return self._converted(_converters.luma, "gray", ImageSize(width_px, height_px))

    def picture(self, max_side_px: int | None = None) -> Frame:
        """RGB; never enlarged."""
        size = self.size
        longer_px = max(size.width_px, size.height_px)
        scale = 1.0 if max_side_px is None else min(1.0, max_side_px / longer_px)
        wanted = ImageSize(max(1, round(size.width_px * scale)), max(1, round(size.height_px * scale)))
        pixels: PixelsRGB = self._converted(_converters.picture, "rgb24", wanted)
        return Frame(pixels, size)

    def _converted(self, converter: VideoReformatter, format_name: str, upright: ImageSize) -> PixelsRGB:
        width_px, height_px = upright.width_px, upright.height_px
        if self._quarter_turns % 2:
            width_px, height_px = height_px, width_px
        with self._converting:
            converted = converter.reformat(
                self._frame,
                width=width_px,
                height=height_px,
                format=format_name,
                dst_color_range=ColorRange.JPEG,
                interpolation=Interpolation.AREA,
                # More threads cost more than they bring when eight cameras share two cores.
                threads=1,
            )
            pixels = converted.to_ndarray()
        return np.ascontiguousarray(np.rot90(pixels, self._quarter_turns), dtype=np.uint8)
