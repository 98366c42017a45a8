"""A blurred scene as thumbnails, with and without a phone."""

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.presence.observation import Thumbnail
from facegate.domain.presence.thumbnails import thumbnail_of

SIZE = ImageSize(640, 480)
FACE = PixelBox(250, 120, 390, 300)


def room(seed: int = 0) -> NDArray[np.float32]:
    """A blurred, varied scene of 480 x 640, grey."""
    coarse = np.random.default_rng(seed).uniform(60, 190, (13, 17))
    rows, columns = np.linspace(0, 11.999, 480), np.linspace(0, 15.999, 640)
    down, right = rows.astype(int), columns.astype(int)
    y, x = (rows - down)[:, None], (columns - right)[None, :]
    upper = coarse[np.ix_(down, right)] * (1 - x) + coarse[np.ix_(down, right + 1)] * x
    lower = coarse[np.ix_(down + 1, right)] * (1 - x) + coarse[np.ix_(down + 1, right + 1)] * x
    return np.asarray(upper * (1 - y) + lower * y, dtype=np.float32)


def seen(grey: NDArray[np.float32], noise_seed: int | None = None) -> Thumbnail:
    """The thumbnail of a grey picture, with the noise of a camera."""
    if noise_seed is not None:
        grey = grey + np.random.default_rng(noise_seed).normal(0, 5, grey.shape).astype(np.float32)
    pixels = np.clip(grey, 0, 255).astype(np.uint8)
    return thumbnail_of(np.repeat(pixels[:, :, None], 3, axis=2))


def with_phone(
    grey: NDArray[np.float32], x: int, y: int, *, width: int = 55, height: int = 100
) -> NDArray[np.float32]:
    """The same with a black phone whose upper left corner is there."""
    changed = grey.copy()
    changed[y : y + height, x : x + width] = 20.0
    return changed
