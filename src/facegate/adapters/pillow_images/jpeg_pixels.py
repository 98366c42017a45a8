"""Pixels of sound JPEGs. Pillow copies them three times while it holds the interpreter, this does not."""

import numpy as np
import simplejpeg

from facegate.domain.geometry import ImageSize
from facegate.domain.images import PixelsRGB


def jpeg_pixels(encoded: bytes, size: ImageSize) -> PixelsRGB | None:
    """The same pixels as Pillow gives, scaled by the codec to just this size; None where it has a complaint.

    What is damaged is for Pillow to say, or to read in part.
    """
    try:
        pixels = simplejpeg.decode_jpeg(
            encoded, "RGB", min_height=size.height_px, min_width=size.width_px, strict=True
        )
    except ValueError:
        return None
    if pixels.shape != (size.height_px, size.width_px, 3):
        return None
    pixels.setflags(write=False)  # as Pillow's are
    return np.asarray(pixels, dtype=np.uint8)
