"""Pictures 160 px wide, as a gate sees those of a camera; noise and flicker as they are after scaling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facegate.domain.cameras.motion import MotionDetector, MotionGate
from facegate.domain.cameras.zones import Zone

WIDTH, HEIGHT = 160, 90
FRAMES_PER_S = 10

Luma = NDArray[np.uint8]
Picture = NDArray[np.float64]


def room(seed: int = 0) -> Picture:
    """A still picture with light and dark parts, none at the ends of the scale."""
    blocks = np.random.default_rng(seed).uniform(40, 200, (9, 16))
    return enlarged(blocks)


def enlarged(blocks: Picture) -> Picture:
    """Each value as 10 x 10 px."""
    return np.repeat(np.repeat(blocks, 10, axis=0), 10, axis=1)


def shown(picture: Picture, noise: np.random.Generator | None = None, sigma: float = 1.0) -> Luma:
    if noise is not None:
        picture = picture + noise.normal(0.0, sigma, picture.shape)
    return picture.clip(0, 255).round().astype(np.uint8)


def with_person(picture: Picture, left: int, top: int = 40, width: int = 7, height: int = 23) -> Picture:
    changed = picture.copy()
    changed[top : top + height, left : left + width] = 90.0 if picture.mean() > 130 else 150.0
    return changed


def settled(detector: MotionDetector | MotionGate, picture: Picture, seconds: float = 5.0) -> float:
    """Shows a still picture for a while; the time afterwards."""
    look = detector.has_moved if isinstance(detector, MotionDetector) else detector.is_open
    for step in range(int(seconds * FRAMES_PER_S)):
        look(shown(picture), step / FRAMES_PER_S)
    return seconds


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0, 8.0, 20.0])
def test_noise_alone_closes_the_gate(sigma: float) -> None:
    gate, noise = MotionGate(), np.random.default_rng(1)
    opened = [gate.is_open(shown(room(), noise, sigma), step / FRAMES_PER_S) for step in range(300)]
    assert opened[0]
    assert not any(opened[60:])


def test_compression_that_pulses_closes_it() -> None:
    gate, noise = MotionGate(), np.random.default_rng(2)
    opened = []
    for step in range(300):
        pulse = enlarged(noise.uniform(-3, 3, (9, 16))) if step % 20 == 0 else 0.0
        opened.append(gate.is_open(shown(room() + pulse, noise), step / FRAMES_PER_S))
    assert not any(opened[60:])


def test_light_that_fades_closes_it() -> None:
    gate, noise = MotionGate(), np.random.default_rng(3)
    opened = []
    for step in range(600):
        brightness = 1.0 - 0.5 * step / 600
        opened.append(gate.is_open(shown(room() * brightness, noise), step / FRAMES_PER_S))
    assert not any(opened[60:])


def test_the_clock_in_the_picture_does_not_open_it() -> None:
    gate = MotionGate()
    opened = []
    for step in range(200):
        picture = room()
        picture[3:7, 140:143] = 255.0 if step // FRAMES_PER_S % 2 else 0.0
        opened.append(gate.is_open(shown(picture), step / FRAMES_PER_S))
    assert not any(opened[60:])


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0])
def test_somebody_small_and_far_away_opens_it_at_once(sigma: float) -> None:
    gate, noise = MotionGate(), np.random.default_rng(4)
    for step in range(60):
        gate.is_open(shown(room(), noise, sigma), step / FRAMES_PER_S)
    assert not gate.is_open(shown(room(), noise, sigma), 6.0)
    opened = [
        gate.is_open(shown(with_person(room(), 2 + 2 * step), noise, sigma), 6.1 + step / FRAMES_PER_S)
        for step in range(10)
    ]
    assert all(opened[3:])


@pytest.mark.parametrize("factor", [0.3, 0.75, 1.3])
def test_a_lamp_opens_it(factor: float) -> None:
    detector = MotionDetector()
    after_s = settled(detector, room())
    assert detector.has_moved(shown(room() * factor), after_s)


def test_light_in_a_dark_room_opens_it() -> None:
    detector = MotionDetector()
    after_s = settled(detector, np.full((HEIGHT, WIDTH), 3.0))
    assert detector.has_moved(shown(room()), after_s)


def test_it_stays_open_for_a_while_after_the_last_motion() -> None:
    gate = MotionGate(hold_s=2.0)
    after_s = settled(gate, room(), 8.0)
    assert gate.is_open(shown(with_person(room(), 50)), after_s)
    opened = [gate.is_open(shown(room()), after_s + 0.1 + step / FRAMES_PER_S) for step in range(150)]
    assert all(opened[:19])
    assert not any(opened[100:])


@given(
    seed=st.integers(0, 5),
    steps=st.lists(st.tuples(st.integers(0, 150), st.integers(0, 60)), min_size=30, max_size=60),
)
def test_it_never_closes_while_something_keeps_changing(seed: int, steps: list[tuple[int, int]]) -> None:
    gate, still = MotionGate(), np.full((HEIGHT, WIDTH), 100.0 + 10 * seed)
    before = (-100, -100)
    for number, (left, top) in enumerate(steps):
        picture = still.copy()
        if abs(left - before[0]) < 10 and abs(top - before[1]) < 12:
            left = (left + 60) % 150
        picture[top : top + 23, left : left + 10] = 200.0
        assert gate.is_open(shown(picture), number / FRAMES_PER_S)
        before = (left, top)


def test_a_camera_that_turns_keeps_it_open() -> None:
    gate, wide = MotionGate(), enlarged(np.random.default_rng(5).uniform(20, 230, (9, 64)))
    assert all(
        gate.is_open(shown(wide[:, 3 * step : 3 * step + WIDTH]), step / FRAMES_PER_S) for step in range(150)
    )


def test_what_moves_far_from_the_zone_does_not_count() -> None:
    left_third = Zone(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)))
    detector = MotionDetector(left_third)
    after_s = settled(detector, room())
    assert not detector.has_moved(shown(with_person(room(), 120)), after_s)
    assert detector.has_moved(shown(with_person(room(), 20)), after_s)


def test_another_size_is_motion_and_then_the_new_measure() -> None:
    detector = MotionDetector()
    after_s = settled(detector, room())
    smaller = shown(room()[:60])
    assert detector.has_moved(smaller, after_s)
    assert not detector.has_moved(smaller, after_s + 0.1)


@given(width=st.integers(1, 70), height=st.integers(1, 70))
def test_pictures_of_any_size_are_taken(width: int, height: int) -> None:
    gate = MotionGate()
    picture = np.full((height, width), 90, np.uint8)
    assert gate.is_open(picture, 0.0)
    assert not gate.is_open(picture, 10.0)


def test_the_first_picture_after_a_pause_is_held_against_the_last_one_before() -> None:
    detector = MotionDetector()
    after_s = settled(detector, room())
    assert not detector.has_moved(shown(room()), after_s + 600.0)
    assert detector.has_moved(shown(with_person(room(), 50)), after_s + 1200.0)
