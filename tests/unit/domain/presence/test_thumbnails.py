"""Small pictures: whatever the size of the frame, and what counts as a change between two of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.presence.observation import Thumbnail
from facegate.domain.presence.thumbnails import (
    COLUMNS,
    ROWS,
    change_between,
    likeness_of_faces,
    thumbnail_of,
)

SIZE = ImageSize(640, 480)
FACE = PixelBox(250, 120, 390, 300)
UNCHANGED = 0.05


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


def test_a_thumbnail_holds_the_means_of_its_blocks() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    means = pixels[:, :, 1].reshape(ROWS, 5, COLUMNS, 5).mean(axis=(1, 3))
    assert np.abs(thumbnail_of(pixels) - means).max() <= 0.5


@given(
    width=st.integers(1, 900),
    height=st.integers(1, 700),
    level=st.integers(0, 255),
    stride=st.sampled_from([1, 2]),
)
def test_a_plain_picture_of_any_size_gives_a_plain_thumbnail(
    width: int, height: int, level: int, stride: int
) -> None:
    pixels = np.full((height * stride, width, 3), level, dtype=np.uint8)[::stride]
    thumbnail = thumbnail_of(pixels)
    assert thumbnail.shape == (ROWS, COLUMNS)
    assert thumbnail.dtype == np.uint8
    assert (thumbnail == level).all()


def test_a_large_picture_gives_nearly_the_thumbnail_of_a_small_one() -> None:
    small = room()
    large = np.repeat(np.repeat(small, 3, axis=0), 3, axis=1)
    assert np.abs(seen(small).astype(int) - seen(large).astype(int)).max() <= 1


@given(seed=st.integers(0, 1000), gain=st.floats(0.85, 1.15))
def test_noise_and_another_exposure_are_no_change(seed: int, gain: float) -> None:
    before = seen(room(), seed)
    now = seen(room() * np.float32(gain), seed + 1)
    assert change_between(before, now, SIZE, [FACE]) == 0.0


@pytest.mark.parametrize("motion_px", [-6, 3, 6])
def test_a_small_motion_is_no_change(motion_px: int) -> None:
    before, now = room(), np.roll(room(), motion_px, axis=1)
    inner = slice(20, 620)
    size = ImageSize(600, 480)
    assert change_between(seen(before[:, inner], 1), seen(now[:, inner], 2), size, [FACE]) <= UNCHANGED


@given(x=st.integers(0, 585), y=st.integers(310, 380), seed=st.integers(0, 50))
def test_a_phone_that_comes_or_goes_is_a_change(x: int, y: int, seed: int) -> None:
    without, phone = seen(room(seed), seed), seen(with_phone(room(seed), x, y), seed + 1)
    assert change_between(without, phone, SIZE, [FACE]) > UNCHANGED
    assert change_between(phone, without, SIZE, [FACE]) > UNCHANGED


def test_a_phone_that_moves_from_one_hand_to_the_other_is_a_change() -> None:
    left, right = (seen(with_phone(room(), x, 350)) for x in (80, 500))
    assert change_between(left, right, SIZE, [FACE]) > UNCHANGED


def test_what_happens_in_the_face_is_not_looked_at() -> None:
    before, now = seen(room()), seen(with_phone(room(), 290, 150))
    assert change_between(before, now, SIZE, [FACE]) == 0.0
    assert change_between(before, now, SIZE) > UNCHANGED


def with_shirt(grey: NDArray[np.float32], x: int) -> NDArray[np.float32]:
    """The same with a striped shirt below the face, its left edge there."""
    changed = grey.copy()
    for left in range(x, x + 160, 40):
        changed[360:480, left : left + 20] = 240.0
    return changed


def test_what_follows_the_head_is_no_change_and_a_phone_still_is() -> None:
    before, now = seen(with_shirt(room(), 240)), seen(with_shirt(room(), 280))
    assert change_between(before, now, SIZE, [FACE]) > 0.3
    assert change_between(before, now, SIZE, [FACE], (40.0, 0.0)) <= UNCHANGED
    assert change_between(before, now, SIZE, [FACE], (-40.0, 0.0)) > 0.3
    phone = seen(with_phone(with_shirt(room(), 280), 480, 350))
    assert change_between(before, phone, SIZE, [FACE], (40.0, 0.0)) > 0.3


@given(right=st.integers(-40, 40), down=st.integers(-40, 40), gain=st.floats(0.7, 1.2))
def test_a_face_is_like_itself_wherever_it_has_moved_and_in_another_light(
    right: int, down: int, gain: float
) -> None:
    now = seen(np.roll(room(), (down, right), axis=(0, 1)) * np.float32(gain), 1)
    assert likeness_of_faces(seen(room()), FACE, now, FACE.moved(right, down), SIZE) > 0.9


@given(seed=st.integers(1, 500))
def test_another_face_in_the_same_place_is_told(seed: int) -> None:
    inverted = seen(250 - room(seed), 1)
    assert likeness_of_faces(seen(room(seed)), FACE, inverted, FACE, SIZE) < 0.0


def test_plain_faces_are_alike_and_unlike_any_other() -> None:
    plain = np.full((ROWS, COLUMNS), 90, dtype=np.uint8)
    assert likeness_of_faces(plain, FACE, plain, FACE, SIZE) == 1.0
    assert likeness_of_faces(plain, FACE, seen(room()), FACE, SIZE) == 0.0


@given(left=st.floats(-900, 900), top=st.floats(-900, 900), side=st.floats(0, 900))
def test_a_face_may_lie_anywhere(left: float, top: float, side: float) -> None:
    box = PixelBox(left, top, left + side, top + side)
    assert -1.01 <= likeness_of_faces(seen(room()), FACE, seen(room()), box, SIZE) <= 1.01


def test_a_lamp_that_is_switched_is_a_change() -> None:
    assert change_between(seen(room()), seen(room() * np.float32(0.6)), SIZE, [FACE]) == 1.0


def test_where_everything_is_face_nothing_can_be_said() -> None:
    whole = PixelBox(-10, -10, 700, 500)
    assert change_between(seen(room()), seen(room()), SIZE, [whole]) == 1.0


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_pictures_can_be_compared(level: int) -> None:
    plain = np.full((ROWS, COLUMNS), level, dtype=np.uint8)
    assert change_between(plain, plain, SIZE, [FACE]) == 0.0
    assert change_between(plain, seen(room()), SIZE, [FACE]) > UNCHANGED
