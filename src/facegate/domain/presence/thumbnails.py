"""Small grey pictures of whole frames, and whether something new has come into one since another.

The figures are of 20 real portraits at the size of a web camera's picture (640 x 480, a face 130 px wide),
with noise, JPEG, brightness that flickers and a person who moves before a background that stays; and of the
same with a phone in them, in a hand or bare (docs/decisions/0011).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import PixelsRGB
from facegate.domain.presence.observation import Thumbnail

COLUMNS, ROWS = 64, 48

_PIXELS_PER_BLOCK_SIDE = 5
"""Of a block's pixels 5 x 5 are enough: the noise of a camera is gone in their mean."""

_WINDOW_ROWS, _WINDOW_COLUMNS = 8, 5
"""About a phone held upright at a desk, 80 x 50 px of 640 x 480."""

_FACE_MARGIN = 0.15
"""Hair and chin move with the face: this share of the box's size on each side is left out too."""

_MAX_DIFFERENCE = 8.0
"""Grey levels by which a block may differ from all that was near it, where that is plain."""

_MAX_DIFFERENCE_SHARE = 0.3
"""What is added of the contrast there: a thin line that moves on is two blocks of half its height. Without
this, and 12 grey levels instead, a camera that shook by 2 px changed 21 % of the pictures, so 7 %."""

_BRIGHTEST = 235.0
"""What is brighter counts as this bright: it is cut off by the camera and follows no change of light."""

_DARKEST = 8.0

_MAX_GAIN = 1.3
"""A camera that adapts changes brightness by less; more is a lamp that was switched."""

_MIN_SEEN_BLOCKS = 20

_Floats = NDArray[np.float32]


def thumbnail_of(pixels_rgb: PixelsRGB) -> Thumbnail:
    """Block means of the green channel, shape (48, 64), whatever the size of the picture."""
    height, width = pixels_rgb.shape[:2]
    step = min(height // (_PIXELS_PER_BLOCK_SIDE * ROWS), width // (_PIXELS_PER_BLOCK_SIDE * COLUMNS))
    step = max(1, step)
    grey = pixels_rgb[::step, ::step, 1]
    tops, lefts = _starts(grey.shape[0], ROWS), _starts(grey.shape[1], COLUMNS)
    sums = np.add.reduceat(grey, tops, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(sums, lefts, axis=1)
    counts = np.outer(_lengths(tops, grey.shape[0]), _lengths(lefts, grey.shape[1]))
    return np.asarray((sums + counts // 2) // counts, dtype=np.uint8)


def change_between(
    before: Thumbnail, now: Thumbnail, size: ImageSize, excluded: Sequence[PixelBox] = ()
) -> float:
    """The greatest share of changed blocks in any place the size of a phone, 0..1.

    A block has changed if it differs from everything within one block of it in the other picture, so that a
    small motion is none; and that with the brightness of both pictures made equal. `excluded` are
    boxes of faces in pixels of frames of `size`; they and a margin are not looked at. 1.0 where so little is
    left that nothing can be said, and where the light is another.
    """
    is_seen = _outside(excluded, size, before.shape)
    if np.count_nonzero(is_seen) < _MIN_SEEN_BLOCKS:
        return 1.0
    earlier, later = before.astype(np.float32), now.astype(np.float32)
    is_measured = is_seen & (earlier > _DARKEST) & (earlier < _BRIGHTEST)
    if np.count_nonzero(is_measured) >= _MIN_SEEN_BLOCKS:
        gain = float(np.median(later[is_measured] / earlier[is_measured]))
        if not 1.0 / _MAX_GAIN < gain < _MAX_GAIN:
            return 1.0
        later /= gain
    earlier, later = np.minimum(earlier, _BRIGHTEST), np.minimum(later, _BRIGHTEST)
    has_changed = _has_changed(earlier, later) & is_seen
    return _most_in_a_window(has_changed) / (_WINDOW_ROWS * _WINDOW_COLUMNS)


def _most_in_a_window(blocks: NDArray[np.bool_]) -> int:
    """The most true blocks that any window of the size of a phone holds."""
    sums = np.zeros((blocks.shape[0] + 1, blocks.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = blocks.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    columns = sums[:, _WINDOW_COLUMNS:] - sums[:, :-_WINDOW_COLUMNS]
    return int((columns[_WINDOW_ROWS:] - columns[:-_WINDOW_ROWS]).max())


def _has_changed(earlier: _Floats, later: _Floats) -> NDArray[np.bool_]:
    """Blocks that lie outside the range of the 3 x 3 blocks around their place in the other picture."""
    earlier_lowest, earlier_highest = _range_around(earlier)
    later_lowest, later_highest = _range_around(later)
    contrast = np.minimum(earlier_highest - earlier_lowest, later_highest - later_lowest)
    allowed = _MAX_DIFFERENCE + _MAX_DIFFERENCE_SHARE * contrast
    above = np.maximum(later - earlier_highest, earlier - later_highest)
    below = np.maximum(earlier_lowest - later, later_lowest - earlier)
    return np.asarray(np.maximum(above, below) > allowed)


def _range_around(picture: _Floats) -> tuple[_Floats, _Floats]:
    """Lowest and highest of the 3 x 3 blocks around each place."""
    around = np.pad(picture, 1, mode="edge")
    lowest = np.minimum(np.minimum(around[:-2], around[1:-1]), around[2:])
    highest = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:])
    lowest = np.minimum(np.minimum(lowest[:, :-2], lowest[:, 1:-1]), lowest[:, 2:])
    highest = np.maximum(np.maximum(highest[:, :-2], highest[:, 1:-1]), highest[:, 2:])
    return lowest, highest


def _outside(boxes: Sequence[PixelBox], size: ImageSize, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    is_seen = np.ones(shape, dtype=np.bool_)
    columns_per_px, rows_per_px = shape[1] / size.width_px, shape[0] / size.height_px
    for box in boxes:
        margin_x_px, margin_y_px = _FACE_MARGIN * box.width_px, _FACE_MARGIN * box.height_px
        left = max(0, int((box.left_px - margin_x_px) * columns_per_px))
        top = max(0, int((box.top_px - margin_y_px) * rows_per_px))
        right = max(0, int(np.ceil((box.right_px + margin_x_px) * columns_per_px)))
        bottom = max(0, int(np.ceil((box.bottom_px + margin_y_px) * rows_per_px)))
        is_seen[top:bottom, left:right] = False
    return is_seen


def _starts(length: int, blocks: int) -> NDArray[np.int64]:
    return np.arange(blocks, dtype=np.int64) * length // blocks


def _lengths(starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Pixels of each block; a picture with fewer pixels than blocks repeats some, one to a block."""
    return np.maximum(1, np.diff(starts, append=length))
