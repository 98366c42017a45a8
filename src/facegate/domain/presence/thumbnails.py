"""Small grey pictures of whole frames, and whether a face in one is that of another.

The figures are of 20 real portraits at the size of a web camera's picture (640 x 480, a face 130 px wide),
with noise, JPEG, brightness that flickers and a person who moves before a background that stays; and of the
same with a phone in them, in a hand or bare (docs/decisions/0011).
"""

import math

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import PixelsRGB
from facegate.domain.presence.observation import FaceSamples, Thumbnail

COLUMNS, ROWS = 64, 48

_PIXELS_PER_BLOCK_SIDE = 5
"""Of a block's pixels 5 x 5 are enough: the noise of a camera is gone in their mean."""

_FACE_SAMPLES = 12
"""Points across and down a face; 8 and 16 tell people apart as well."""

_PLAIN_FACE = 2.0
"""Grey levels of spread under which a face has nothing to compare."""


def thumbnail_of(pixels_rgb: PixelsRGB) -> Thumbnail:
    """Block means of the green channel, shape (48, 64), whatever the size of the picture."""
    height, width = pixels_rgb.shape[:2]
    step = min(height // (_PIXELS_PER_BLOCK_SIDE * ROWS), width // (_PIXELS_PER_BLOCK_SIDE * COLUMNS))
    step = max(1, step)
    grey = pixels_rgb[::step, ::step, 1]
    if grey.shape[0] % ROWS == 0 and grey.shape[1] % COLUMNS == 0:
        return _means_of_equal_blocks(grey)
    tops, lefts = _starts(grey.shape[0], ROWS), _starts(grey.shape[1], COLUMNS)
    sums = np.add.reduceat(grey, tops, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(sums, lefts, axis=1)
    counts = np.outer(_lengths(tops, grey.shape[0]), _lengths(lefts, grey.shape[1]))
    return np.asarray((sums + counts // 2) // counts, dtype=np.uint8)


def likeness_of_faces(before: FaceSamples, now: FaceSamples) -> float:
    """Correlation of what two thumbnails show inside of a face's box, wherever it has moved, -1..1.

    Too coarse to know anybody by, but another face in the same place is another picture: docs/decisions/0011
    has the figures.
    """
    spreads = [math.sqrt(np.vdot(face, face) / face.size) for face in (before, now)]
    if min(spreads) < _PLAIN_FACE:
        return 1.0 if max(spreads) < _PLAIN_FACE else 0.0
    covariance = float(np.vdot(before, now) / before.size)
    return covariance / (spreads[0] * spreads[1])


def face_samples(thumbnail: Thumbnail, box: PixelBox, size: ImageSize) -> FaceSamples:
    """Values at a grid of points in the box, between blocks as they lie nearer to one or the other.

    Their mean is taken off.
    """
    steps = (np.arange(_FACE_SAMPLES, dtype=np.float32) + 0.5) / _FACE_SAMPLES
    rows, columns = thumbnail.shape
    y = (box.top_px + steps * box.height_px) * rows / size.height_px - 0.5
    x = (box.left_px + steps * box.width_px) * columns / size.width_px - 0.5
    y, x = np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    bottom, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    down, across = (y - top)[:, None], x - left
    # Taken from the integers: floats of all blocks, and grids by np.ix_, took twice as long.
    top, bottom = top[:, None], bottom[:, None]
    upper = thumbnail[top, left] * (1 - across) + thumbnail[top, right] * across
    lower = thumbnail[bottom, left] * (1 - across) + thumbnail[bottom, right] * across
    samples = np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)
    samples -= samples.mean()
    return samples


def _means_of_equal_blocks(grey: NDArray[np.uint8]) -> Thumbnail:
    """What 4:3 pictures of most cameras come to; a third of the time of blocks that differ in size."""
    high, wide = grey.shape[0] // ROWS, grey.shape[1] // COLUMNS
    lines = np.ascontiguousarray(grey).reshape(ROWS, high, grey.shape[1])
    rows = np.add.reduce(lines, axis=1, dtype=np.uint32)
    sums = np.add.reduce([rows[:, left::wide] for left in range(wide)], axis=0)
    return np.asarray((sums + high * wide // 2) // (high * wide), dtype=np.uint8)


def _starts(length: int, blocks: int) -> NDArray[np.int64]:
    return np.arange(blocks, dtype=np.int64) * length // blocks


def _lengths(starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Pixels of each block; a picture with fewer pixels than blocks repeats some, one to a block."""
    return np.maximum(1, np.diff(starts, append=length))
