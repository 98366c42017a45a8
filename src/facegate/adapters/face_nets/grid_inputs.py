"""What nets with output cells at strides 8, 16 and 32 have in common: their padded input and their cells."""

from functools import lru_cache

import cv2
import numpy as np

from facegate.domain.images import PixelsRGB
from facegate.ports.inference_session import Tensor

STRIDES_PX = (8, 16, 32)


def padded_blob(pixels_rgb: PixelsRGB, scale: float, padding: int) -> tuple[Tensor, tuple[int, int]]:
    """The scaled picture in the corner of one with sides that are multiples of 32, and its width and height.

    1 x 3 x h x w float32, BGR 0..255; what is beyond the picture has the value `padding`.
    """
    height, width = pixels_rgb.shape[:2]
    scaled_width, scaled_height = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = pixels_rgb
    if (scaled_width, scaled_height) != (width, height):
        how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        resized = cv2.resize(pixels_rgb, (scaled_width, scaled_height), interpolation=how)
        scaled = np.asarray(resized, dtype=np.uint8)
    below_px, right_px = -scaled_height % STRIDES_PX[-1], -scaled_width % STRIDES_PX[-1]
    # Padded and split as bytes: floats in rows that are not whole, or strided channels, take twice as long.
    padded = cv2.copyMakeBorder(
        scaled, 0, below_px, 0, right_px, cv2.BORDER_CONSTANT, value=(padding, padding, padding)
    )
    blob = np.empty((1, 3, *padded.shape[:2]), dtype=np.float32)
    for channel, plane in enumerate(cv2.split(padded)):
        blob[0, 2 - channel] = plane
    return blob, (scaled_width, scaled_height)


@lru_cache(maxsize=256)
def grid_cells(width_px: int, height_px: int) -> tuple[Tensor, Tensor]:
    """Column and line of every cell, n x 2, and its stride, n x 1, in the order of the nets' rows.

    The arrays are shared and cannot be written to.
    """
    cells, strides = [], []
    for stride_px in STRIDES_PX:
        columns_count = width_px // stride_px
        lines, columns = np.divmod(np.arange(columns_count * (height_px // stride_px)), columns_count)
        cells.append(np.stack([columns, lines], axis=1))
        strides.append(np.full((len(columns), 1), stride_px))
    joined = tuple(np.concatenate(levels).astype(np.float32) for levels in (cells, strides))
    for array in joined:
        array.flags.writeable = False
    return joined[0], joined[1]
