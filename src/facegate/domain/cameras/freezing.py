"""Whether a picture has frozen: a live camera never gives the same picture again, its noise is always new.

The picture of a camera whose sensor hangs may still be encoded anew, and then differs by a level here and
there, over and over in the same ways. So a picture counts as new only when it was not there before, as far
back as all pictures were nearly the same; a clip that runs in a circle is not frozen.

Tried with a still picture at 160 px through x264 at constant quality, MPEG-4 and MJPEG: found. An encoder
that is held to a bit rate never repeats itself, and differs by as much as a quiet room does: not found.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

_NEAR_LEVELS = 6
"""In brightness on 0..255. Encoding a still picture anew changed a scaled-down one by up to 6; anything that
moves in a clip changes it by far more."""

_MAX_REMEMBERED = 256
"""More than an encoder makes of one still picture before it begins again with a key frame."""


class PictureChanges:
    """When the picture last changed. Give it a few small brightness pictures each second."""

    def __init__(self) -> None:
        self._first: NDArray[np.uint8] | None = None
        self._known: set[bytes] = set()
        self._changed_at_s: float | None = None

    def saw(self, luma: NDArray[np.uint8], at_s: float) -> None:
        """Compares the picture with those since it last really changed."""
        digest = hashlib.blake2b(luma.tobytes(), digest_size=16).digest()
        if digest in self._known:
            return
        if len(self._known) >= _MAX_REMEMBERED or not self._is_near(luma):
            self._first = luma.copy()
            self._known.clear()
        self._known.add(digest)
        self._changed_at_s = at_s

    def restart(self) -> None:
        """A new connection: time without pictures is not time with a still one."""
        self._first = None
        self._known.clear()
        self._changed_at_s = None

    @property
    def changed_at_s(self) -> float | None:
        """When a new picture was seen last; None before the first."""
        return self._changed_at_s

    def still_for_s(self, at_s: float) -> float:
        """How long no new picture has come."""
        return 0.0 if self._changed_at_s is None else max(0.0, at_s - self._changed_at_s)

    def _is_near(self, luma: NDArray[np.uint8]) -> bool:
        if self._first is None or self._first.shape != luma.shape:
            return False
        difference = np.abs(luma.astype(np.int16) - self._first)
        return bool(difference.max(initial=0) <= _NEAR_LEVELS)
