"""Frozen pictures, and still ones that are alive."""

import numpy as np
from numpy.typing import NDArray

from facegate.domain.cameras.freezing import PictureChanges

Luma = NDArray[np.uint8]

RANDOM = np.random.default_rng(7)
SCENE: Luma = RANDOM.integers(20, 230, (90, 160)).astype(np.uint8)


def noisy(picture: Luma, levels: float) -> Luma:
    noise = RANDOM.normal(0, levels, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def still_s(pictures: list[Luma]) -> float:
    """After one picture a second."""
    changes = PictureChanges()
    for at_s, picture in enumerate(pictures):
        changes.saw(picture, 100.0 + at_s)
    return changes.still_for_s(100.0 + len(pictures) - 1)


def test_the_same_picture_again_and_again_is_frozen() -> None:
    assert still_s([SCENE.copy() for _ in range(61)]) == 60


def test_an_empty_room_is_not_its_noise_is_always_new() -> None:
    assert still_s([noisy(SCENE, 0.2) for _ in range(61)]) == 0


def test_one_pixel_is_a_change() -> None:
    other = SCENE.copy()
    other[3, 4] += 50
    assert still_s([*[SCENE] * 30, other, *[other] * 10]) == 10


def test_a_hanging_sensor_whose_picture_is_encoded_anew_is_frozen() -> None:
    """Each group of pictures brings the same few variants, a level apart."""
    variants = [SCENE, noisy(SCENE, 0.3), noisy(SCENE, 0.3)]
    assert still_s([variants[number % 3] for number in range(63)]) == 60


def test_a_clip_that_runs_in_a_circle_is_not() -> None:
    clip = [np.roll(SCENE, number, axis=1) for number in range(5)]
    assert still_s([clip[number % 5] for number in range(60)]) == 0


def test_a_new_connection_begins_anew() -> None:
    changes = PictureChanges()
    changes.saw(SCENE, 0.0)
    changes.restart()
    assert changes.changed_at_s is None
    assert changes.still_for_s(500.0) == 0
    changes.saw(SCENE, 500.0)
    assert changes.still_for_s(501.0) == 1


def test_another_size_is_another_picture() -> None:
    assert still_s([SCENE, SCENE, SCENE[:45]]) == 0


def test_a_picture_may_be_reused_by_who_gave_it() -> None:
    changes, buffer = PictureChanges(), SCENE.copy()
    changes.saw(buffer, 0.0)
    buffer += 1
    changes.saw(buffer, 1.0)
    changes.saw(SCENE, 2.0)
    assert changes.changed_at_s == 1.0


def test_memory_is_bounded_and_slow_drift_is_alive() -> None:
    changes = PictureChanges()
    for number in range(1000):
        picture = SCENE.copy()
        picture[number % 90, number % 160] += 1
        changes.saw(picture, float(number))
    assert changes.still_for_s(999.0) == 0
    assert len(changes._known) <= 256
