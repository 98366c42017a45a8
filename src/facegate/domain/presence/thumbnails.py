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

_FACE_SAMPLES = 12
"""Points across and down a face; 8 and 16 tell people apart as well."""

_PLAIN_FACE = 2.0
"""Grey levels of spread under which a face has nothing to compare."""

_Floats = NDArray[np.float32]


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


def likeness_of_faces(
    before: Thumbnail, box_before: PixelBox, now: Thumbnail, box_now: PixelBox, size: ImageSize
) -> float:
    """Correlation of what two thumbnails show inside of a face's box, wherever it has moved, -1..1.

    Too coarse to know anybody by, but another face in the same place is another picture: docs/decisions/0011
    has the figures.
    """
    earlier, later = _face_samples(before, box_before, size), _face_samples(now, box_now, size)
    spreads = float(earlier.std()), float(later.std())
    if min(spreads) < _PLAIN_FACE:
        return 1.0 if max(spreads) < _PLAIN_FACE else 0.0
    covariance = float(((earlier - earlier.mean()) * (later - later.mean())).mean())
    return covariance / (spreads[0] * spreads[1])


def _face_samples(thumbnail: Thumbnail, box: PixelBox, size: ImageSize) -> _Floats:
    """Values at a grid of points in the box, between blocks as they lie nearer to one or the other."""
    steps = (np.arange(_FACE_SAMPLES, dtype=np.float32) + 0.5) / _FACE_SAMPLES
    rows, columns = thumbnail.shape
    y = (box.top_px + steps * box.height_px) * rows / size.height_px - 0.5
    x = (box.left_px + steps * box.width_px) * columns / size.width_px - 0.5
    y, x = np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    bottom, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    down, across = (y - top)[:, None], (x - left)[None, :]
    picture = thumbnail.astype(np.float32)
    upper = picture[np.ix_(top, left)] * (1 - across) + picture[np.ix_(top, right)] * across
    lower = picture[np.ix_(bottom, left)] * (1 - across) + picture[np.ix_(bottom, right)] * across
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)


def _means_of_equal_blocks(grey: NDArray[np.uint8]) -> Thumbnail:
    """What 4:3 pictures of most cameras come to; a third of the time of blocks that differ in size."""
    high, wide = grey.shape[0] // ROWS, grey.shape[1] // COLUMNS
    lines = np.ascontiguousarray(grey).reshape(ROWS, high, grey.shape[1])
    rows = np.add.reduce(lines, axis=1, dtype=np.uint32)
    sums = np.add.reduce([rows[:, left::wide] for left in range(wide)], axis=0)
    return np.asarray((sums + high * wide // 2) // (high * wide), dtype=np.uint8)


def change_between(
    before: Thumbnail,
    now: Thumbnail,
    size: ImageSize,
    excluded: Sequence[PixelBox] = (),
    moved_px: tuple[float, float] = (0.0, 0.0),
) -> float:
    """The greatest share of changed blocks in any place the size of a phone, 0..1.

    A block has changed if it differs from everything within one block of it in the other picture, so that a
    small motion is none; and that with the brightness of both pictures made equal. Where somebody has
    `moved_px`, right and down, a block has not changed either that shows what was anywhere on that way: hair,
    collar and shoulders follow the head, some of them by less. `excluded` are
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
    for right, down in _way(moved_px, size, before.shape):
        has_changed &= _has_changed(_moved(earlier, right, down), later)
    return _most_in_a_window(has_changed) / (_WINDOW_ROWS * _WINDOW_COLUMNS)


def _way(moved_px: tuple[float, float], size: ImageSize, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Whole blocks right and down, after each two blocks: what lies between is within one block of them."""
    right = moved_px[0] * shape[1] / size.width_px
    down = moved_px[1] * shape[0] / size.height_px
    count = int(np.ceil(max(abs(right), abs(down)) / 2))
    return [(round(right * step / count), round(down * step / count)) for step in range(1, count + 1)]


def _moved(picture: _Floats, right: int, down: int) -> _Floats:
    """The picture moved by whole blocks; its edge is repeated."""
    rows, columns = picture.shape
    down_rows = np.clip(np.arange(rows) - down, 0, rows - 1)
    right_columns = np.clip(np.arange(columns) - right, 0, columns - 1)
    return picture[down_rows[:, None], right_columns]


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
    # Three times as fast as np.pad with mode="edge".
    around = np.empty((picture.shape[0] + 2, picture.shape[1] + 2), dtype=np.float32)
    around[1:-1, 1:-1] = picture
    around[0, 1:-1], around[-1, 1:-1] = picture[0], picture[-1]
    around[:, 0], around[:, -1] = around[:, 1], around[:, -2]
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
