"""Small pictures: whatever the size of the frame, and whether faces in two of them are one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.scene import FACE, SIZE, room, seen

from facegate.domain.geometry import PixelBox
from facegate.domain.presence.observation import Thumbnail
from facegate.domain.presence.thumbnails import COLUMNS, ROWS, face_samples, likeness_of_faces, thumbnail_of


def likeness(before: Thumbnail, box_before: PixelBox, now: Thumbnail, box_now: PixelBox) -> float:
    return likeness_of_faces(face_samples(before, box_before, SIZE), face_samples(now, box_now, SIZE))


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


@given(right=st.integers(-40, 40), down=st.integers(-40, 40), gain=st.floats(0.7, 1.2))
def test_a_face_is_like_itself_wherever_it_has_moved_and_in_another_light(
    right: int, down: int, gain: float
) -> None:
    now = seen(np.roll(room(), (down, right), axis=(0, 1)) * np.float32(gain), 1)
    assert likeness(seen(room()), FACE, now, FACE.moved(right, down)) > 0.9


@given(seed=st.integers(1, 500))
def test_another_face_in_the_same_place_is_told(seed: int) -> None:
    inverted = seen(250 - room(seed), 1)
    assert likeness(seen(room(seed)), FACE, inverted, FACE) < 0.0


def test_plain_faces_are_alike_and_unlike_any_other() -> None:
    plain = np.full((ROWS, COLUMNS), 90, dtype=np.uint8)
    assert likeness(plain, FACE, plain, FACE) == 1.0
    assert likeness(plain, FACE, seen(room()), FACE) == 0.0


@given(left=st.floats(-900, 900), top=st.floats(-900, 900), side=st.floats(0, 900))
def test_a_face_may_lie_anywhere(left: float, top: float, side: float) -> None:
    box = PixelBox(left, top, left + side, top + side)
    assert -1.01 <= likeness(seen(room()), FACE, seen(room()), box) <= 1.01
