"""Whether anything moves in a camera's picture, told from a small grey one.

That takes 0.13 ms; a look at a 1280 x 720 picture takes 8 ms, 16 ms more for each face that is embedded (one
busy core of a server). Figures are of pictures 160 px wide: there a person whose face is 40 px high in 1920
is about 7 px wide and 23 px high; a digit of the clock that cameras paint into their pictures is 3 x 4 px.
"""

import math

import numpy as np
from numpy.typing import NDArray

from facegate.domain.cameras.zones import Zone

_BLOCKS_ACROSS = 40
"""Blocks of 4 x 4 px: the noise of single pixels is gone in their mean."""

_REFERENCE_S = 1.5
"""The picture is held against a running mean of about so long: somebody who walks slowly still differs from
it, and the light of a day that passes does not."""

_LEAST_DIFFERENCE = 6.0
"""Grey levels by which a block's mean must differ; compression makes still pictures pulse by up to 3."""

_TIMES_NOISE = 5.0
_MOST_NOISE = 4.0
"""What counts as noise at most, so that a picture in which everything moves does not pass for a noisy one."""

_WINDOW_ROWS, _WINDOW_COLUMNS = 4, 3
_BLOCKS_IN_WINDOW = 3
"""So many blocks must differ in one place of this size."""

_MOST_GAIN = 1.15
"""Brightness of the whole picture may drift by this factor from the running mean; more is a lamp."""

_DARKEST, _BRIGHTEST = 8.0, 235.0
_LEAST_MEASURED_BLOCKS = 20

_ZONE_MARGIN = 0.15
"""Around a zone, in shares of the picture: with a face in the zone, a body moves beside it."""

_Floats = NDArray[np.float32]


class MotionDetector:
    """Compares each picture with a running mean of those before; times are monotonic, in seconds."""

    def __init__(self, zone: Zone | None = None) -> None:
        """Outside the zone and a margin around it nothing is looked at."""
        self._zone = zone
        self._reference: _Floats | None = None
        self._shape: tuple[int, ...] = ()
        self._seen_s = 0.0

    def has_moved(self, luma: NDArray[np.uint8], at_s: float) -> bool:
        """Whether something is elsewhere, or the light is another, than in the seconds before.

        The first picture, and the first of another size, count as motion.
        """
        now = _block_means(luma, self._zone)
        passed_s, self._seen_s = max(0.0, at_s - self._seen_s), at_s
        if self._reference is None or self._shape != luma.shape:
            self._reference, self._shape = now, luma.shape
            return True
        has_moved = _differs(now, self._reference)
        self._reference += (now - self._reference) * np.float32(1.0 - math.exp(-passed_s / _REFERENCE_S))
        return has_moved


def _block_means(luma: NDArray[np.uint8], zone: Zone | None) -> _Floats:
    """Means of square blocks, those of the zone alone; at least one."""
    side = max(1, luma.shape[1] // _BLOCKS_ACROSS)
    rows, columns = max(1, luma.shape[0] // side), max(1, luma.shape[1] // side)
    whole = luma[: rows * side, : columns * side]
    by_rows = np.add.reduceat(whole, np.arange(0, whole.shape[0], side), axis=0, dtype=np.uint16)
    sums = np.add.reduceat(by_rows, np.arange(0, whole.shape[1], side), axis=1, dtype=np.uint32)
    means = sums.astype(np.float32) / np.float32(side * min(side, whole.shape[0]))
    return means if zone is None else means[_zone_part(zone, rows, columns)]


def _zone_part(zone: Zone, rows: int, columns: int) -> tuple[slice, slice]:
    across, down = zip(*zone.corners, strict=True)
    return _span(down, rows), _span(across, columns)


def _span(shares: tuple[float, ...], count: int) -> slice:
    first = math.floor((min(shares) - _ZONE_MARGIN) * count)
    last = math.ceil((max(shares) + _ZONE_MARGIN) * count)
    return slice(min(max(0, first), count - 1), max(1, last))


def _differs(now: _Floats, before: _Floats) -> bool:
    gain = _gain(now, before)
    if not 1.0 / _MOST_GAIN < gain < _MOST_GAIN:
        return True
    difference = np.abs(now * np.float32(1.0 / gain) - before)
    noise = min(_MOST_NOISE, float(np.median(difference)))
    has_changed = difference > max(_LEAST_DIFFERENCE, _TIMES_NOISE * noise)
    if np.count_nonzero(has_changed) < _BLOCKS_IN_WINDOW:
        return False
    return _most_in_a_window(has_changed) >= _BLOCKS_IN_WINDOW


def _gain(now: _Floats, before: _Floats) -> float:
    """By which factor the whole picture has become brighter; 1 where too little can be measured."""
    is_measured = (before > _DARKEST) & (before < _BRIGHTEST) & (now > _DARKEST) & (now < _BRIGHTEST)
    if np.count_nonzero(is_measured) < min(_LEAST_MEASURED_BLOCKS, now.size):
        return 1.0
    return float(np.median(now[is_measured] / before[is_measured]))


def _most_in_a_window(blocks: NDArray[np.bool_]) -> int:
    rows, columns = min(_WINDOW_ROWS, blocks.shape[0]), min(_WINDOW_COLUMNS, blocks.shape[1])
    sums = np.zeros((blocks.shape[0] + 1, blocks.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = blocks.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    across = sums[:, columns:] - sums[:, :-columns]
    return int((across[rows:] - across[:-rows]).max())


class MotionGate:
    """Open while something moved lately."""

    def __init__(self, zone: Zone | None = None, hold_s: float = 2.0) -> None:
        """`hold_s` is how long after the last motion it stays open."""
        self._detector = MotionDetector(zone)
        self._hold_s = hold_s
        self._moved_s = -math.inf

    def is_open(self, luma: NDArray[np.uint8], at_s: float) -> bool:
        """Whether something moves in this picture or did a moment ago; every picture is to be shown to it."""
        if self._detector.has_moved(luma, at_s):
            self._moved_s = at_s
        return at_s - self._moved_s <= self._hold_s
