"""What counts as a change between two small pictures, and where it lies."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.domain.presence.scene import FACE, SIZE, room, seen, with_phone

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.presence.changes import changes_between, patched
from facegate.domain.presence.observation import BlockPlace, Thumbnail
from facegate.domain.presence.thumbnails import COLUMNS, ROWS

UNCHANGED = 0.05


def share_changed(
    before: Thumbnail,
    now: Thumbnail,
    size: ImageSize,
    excluded: Sequence[PixelBox] = (),
    moved_px: tuple[float, float] = (0.0, 0.0),
) -> float:
    return changes_between(before, now, size, excluded, moved_px).greatest_share


@given(seed=st.integers(0, 1000), gain=st.floats(0.85, 1.15))
def test_noise_and_another_exposure_are_no_change(seed: int, gain: float) -> None:
    before = seen(room(), seed)
    now = seen(room() * np.float32(gain), seed + 1)
    assert share_changed(before, now, SIZE, [FACE]) == 0.0


@pytest.mark.parametrize("motion_px", [-6, 3, 6])
def test_a_small_motion_is_no_change(motion_px: int) -> None:
    before, now = room(), np.roll(room(), motion_px, axis=1)
    inner = slice(20, 620)
    size = ImageSize(600, 480)
    assert share_changed(seen(before[:, inner], 1), seen(now[:, inner], 2), size, [FACE]) <= UNCHANGED


@given(x=st.integers(0, 585), y=st.integers(310, 380), seed=st.integers(0, 50))
def test_a_phone_that_comes_or_goes_is_a_change(x: int, y: int, seed: int) -> None:
    without, phone = seen(room(seed), seed), seen(with_phone(room(seed), x, y), seed + 1)
    assert share_changed(without, phone, SIZE, [FACE]) > UNCHANGED
    assert share_changed(phone, without, SIZE, [FACE]) > UNCHANGED


def test_a_phone_that_moves_from_one_hand_to_the_other_is_a_change() -> None:
    left, right = (seen(with_phone(room(), x, 350)) for x in (80, 500))
    assert share_changed(left, right, SIZE, [FACE]) > UNCHANGED


def test_what_happens_in_the_face_is_not_looked_at() -> None:
    before, now = seen(room()), seen(with_phone(room(), 290, 150))
    assert share_changed(before, now, SIZE, [FACE]) == 0.0
    assert share_changed(before, now, SIZE) > UNCHANGED


def with_shirt(grey: NDArray[np.float32], x: int) -> NDArray[np.float32]:
    """The same with a striped shirt below the face, its left edge there."""
    changed = grey.copy()
    for left in range(x, x + 160, 40):
        changed[360:480, left : left + 20] = 240.0
    return changed


def test_what_follows_the_head_is_no_change_and_a_phone_still_is() -> None:
    before, now = seen(with_shirt(room(), 240)), seen(with_shirt(room(), 280))
    assert share_changed(before, now, SIZE, [FACE]) > 0.3
    assert share_changed(before, now, SIZE, [FACE], (40.0, 0.0)) <= UNCHANGED
    assert share_changed(before, now, SIZE, [FACE], (-40.0, 0.0)) > 0.3
    phone = seen(with_phone(with_shirt(room(), 280), 480, 350))
    assert share_changed(before, phone, SIZE, [FACE], (40.0, 0.0)) > 0.3


def test_a_lamp_that_is_switched_is_a_change() -> None:
    assert share_changed(seen(room()), seen(room() * np.float32(0.6)), SIZE, [FACE]) == 1.0


def test_where_everything_is_face_nothing_can_be_said() -> None:
    whole = PixelBox(-10, -10, 700, 500)
    assert share_changed(seen(room()), seen(room()), SIZE, [whole]) == 1.0


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_pictures_can_be_compared(level: int) -> None:
    plain = np.full((ROWS, COLUMNS), level, dtype=np.uint8)
    assert share_changed(plain, plain, SIZE, [FACE]) == 0.0
    assert share_changed(plain, seen(room()), SIZE, [FACE]) > UNCHANGED


@given(x=st.integers(0, 585), y=st.integers(310, 380), seed=st.integers(0, 50))
def test_the_place_of_a_change_holds_the_whole_phone(x: int, y: int, seed: int) -> None:
    before, now = seen(room(seed), seed), seen(with_phone(room(seed), x, y), seed + 1)
    changes = changes_between(before, now, SIZE, [FACE])
    place = changes.place(UNCHANGED)
    assert place is not None
    box = place.box(before, SIZE)
    assert box.left_px <= x
    assert box.right_px >= x + 55
    assert box.top_px <= y
    assert box.bottom_px >= y + 100
    assert place.share_of(before) < 0.3
    # Searched once, it is no change any more, and whatever else had changed still is.
    mixed = patched(before, now, changes.gain, place)
    assert share_changed(mixed, now, SIZE, [FACE]) <= UNCHANGED
    assert (mixed[: place.top] == before[: place.top]).all()


def test_a_place_is_as_large_as_a_detector_needs_even_in_a_corner() -> None:
    before = seen(room())
    now = before.copy()
    now[44:48, 61:64] = 20
    place = changes_between(before, now, SIZE).place(UNCHANGED)
    assert place == BlockPlace(COLUMNS - 20, ROWS - 20, COLUMNS, ROWS)


@pytest.mark.parametrize("gain", [0.9, 1.0, 1.12])
def test_a_patch_takes_the_brightness_of_what_it_is_put_into(gain: float) -> None:
    before, now = seen(room()), seen(room() * np.float32(gain))
    changes = changes_between(before, now, SIZE, [FACE])
    mixed = patched(before, now, changes.gain, BlockPlace(0, 24, 30, 48))
    assert np.abs(mixed.astype(int) - before.astype(int)).max() <= 2


def test_without_a_change_and_in_another_light_there_is_no_place() -> None:
    before = seen(room())
    assert changes_between(before, before, SIZE).place(UNCHANGED) is None
    assert changes_between(before, seen(room() * np.float32(0.6)), SIZE).place(UNCHANGED) is None
