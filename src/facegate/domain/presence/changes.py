"""Whether, and where, something new has come into a picture since another: small grey pictures held together.

The figures are those of `thumbnails.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.presence.observation import BlockPlace, Thumbnail

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

_PLACE_MARGIN_BLOCKS = 4
"""What shows of a phone may be half of it: about its width on each side is searched too."""

_LEAST_PLACE_BLOCKS = 20
"""On either side, 200 px of 640 x 480: a detector wants to see what a thing lies in."""

_Floats = NDArray[np.float32]
_Blocks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The blocks that differ, None where nothing can be said; `gain` is the later picture's brightness."""

    blocks: _Blocks | None
    gain: float = 1.0
    _counts: NDArray[np.int32] | None = field(init=False)

    def __post_init__(self) -> None:
        # Not when first asked for: cached_property of Python 3.11 has one lock for all clients.
        counts = None if self.blocks is None else _counts_in_windows(self.blocks)
        object.__setattr__(self, "_counts", counts)

    @property
    def greatest_share(self) -> float:
        """The greatest share of changed blocks in any place the size of a phone, 0..1; 1 where all may."""
        if self._counts is None:
            return 1.0
        return int(self._counts.max()) / (_WINDOW_ROWS * _WINDOW_COLUMNS)

    def place(self, above_share: float) -> BlockPlace | None:
        """Where more than this share of a phone's place has changed, with a margin; None if unknown."""
        if self.blocks is None or self._counts is None:
            return None
        tops, lefts = np.nonzero(self._counts > above_share * _WINDOW_ROWS * _WINDOW_COLUMNS)
        if not len(tops):
            return None
        rows, columns = self.blocks.shape
        within = _in_windows(self.blocks, tops, lefts)
        down, across = np.flatnonzero(within.any(axis=1)), np.flatnonzero(within.any(axis=0))
        left, right = _widened(int(across[0]), int(across[-1]) + 1, columns)
        top, bottom = _widened(int(down[0]), int(down[-1]) + 1, rows)
        return BlockPlace(left, top, right, bottom)


def changes_between(
    before: Thumbnail,
    now: Thumbnail,
    size: ImageSize,
    excluded: Sequence[PixelBox] = (),
    moved_px: tuple[float, float] = (0.0, 0.0),
) -> Changes:
    """What has changed since the picture before, with the brightness of both made equal.

    A block has changed if it differs from everything within one block of it in the other picture, so that a
    small motion is none. Where somebody has `moved_px`, right and down, a block has not changed either that
    shows what was anywhere on that way: hair, collar and shoulders follow the head, some of them by less.
    `excluded` are boxes of faces in pixels of frames of `size`; they and a margin are not looked at. Nothing
    is known where too little is left, and where the light is another.
    """
    is_seen = _outside(excluded, size, before.shape)
    if np.count_nonzero(is_seen) < _MIN_SEEN_BLOCKS:
        return Changes(None)
    earlier, later = before.astype(np.float32), now.astype(np.float32)
    is_measured = is_seen & (earlier > _DARKEST) & (earlier < _BRIGHTEST)
    gain = 1.0
    if np.count_nonzero(is_measured) >= _MIN_SEEN_BLOCKS:
        gain = float(np.median(later[is_measured] / earlier[is_measured]))
        if not 1.0 / _MAX_GAIN < gain < _MAX_GAIN:
            return Changes(None, gain)
        later /= gain
    earlier, later = np.minimum(earlier, _BRIGHTEST), np.minimum(later, _BRIGHTEST)
    around_later = _range_around(later)
    has_changed = _has_changed(earlier, later, around_later) & is_seen
    for right, down in _way(moved_px, size, before.shape):
        has_changed &= _has_changed(_moved(earlier, right, down), later, around_later)
    return Changes(has_changed, gain)


def patched(before: Thumbnail, now: Thumbnail, gain: float, place: BlockPlace) -> Thumbnail:
    """The picture before with this place as it is now, in the brightness of before."""
    mixed = before.copy()
    part = np.s_[place.top : place.bottom, place.left : place.right]
    mixed[part] = np.clip(np.rint(now[part] / gain), 0, 255)
    return mixed


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


def _counts_in_windows(blocks: _Blocks) -> NDArray[np.int32]:
    """How many true blocks each window of the size of a phone holds, by its left upper corner."""
    sums = np.zeros((blocks.shape[0] + 1, blocks.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = blocks.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    columns = sums[:, _WINDOW_COLUMNS:] - sums[:, :-_WINDOW_COLUMNS]
    return np.asarray(columns[_WINDOW_ROWS:] - columns[:-_WINDOW_ROWS], dtype=np.int32)


def _in_windows(blocks: _Blocks, tops: NDArray[np.intp], lefts: NDArray[np.intp]) -> _Blocks:
    """The true blocks that lie in any of these windows."""
    is_inside = np.zeros_like(blocks)
    for top, left in zip(tops, lefts, strict=True):
        is_inside[top : top + _WINDOW_ROWS, left : left + _WINDOW_COLUMNS] = True
    return blocks & is_inside


def _widened(start: int, end: int, available: int) -> tuple[int, int]:
    """The stretch with its margin and at least as long as a place has to be, inside of what is there."""
    wanted = max(end - start + 2 * _PLACE_MARGIN_BLOCKS, _LEAST_PLACE_BLOCKS)
    length = min(wanted, available)
    first = min(max(0, (start + end - length) // 2), available - length)
    return first, first + length


def _has_changed(earlier: _Floats, later: _Floats, around_later: tuple[_Floats, _Floats]) -> _Blocks:
    """Blocks that lie outside the range of the 3 x 3 blocks around their place in the other picture."""
    earlier_lowest, earlier_highest = _range_around(earlier)
    later_lowest, later_highest = around_later
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


def _outside(boxes: Sequence[PixelBox], size: ImageSize, shape: tuple[int, ...]) -> _Blocks:
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
