"""True accepts and their intervals, on numbers small enough to count by hand."""

import numpy as np
import pytest
from benchmarks.accuracy_pairs import (
    REJECTED,
    SetPairs,
    drawn_persons,
    is_sure,
    pairs_of,
    pooled,
    reportable_rates,
    resampled_true_accepts,
    true_accepts,
)

from facegate.domain.templates import Metric


def random_pairs(seed: int, person_count: int = 30, photos_each: int = 4) -> SetPairs:
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(person_count, 16))
    persons = np.repeat(np.arange(person_count), photos_each)
    vectors = centres[persons] + generator.normal(0, 0.8, (len(persons), 16))
    everything = np.ones(len(persons), dtype=np.bool_)
    return pairs_of(vectors.astype(np.float32), everything, persons, Metric.COSINE)


def test_every_pair_is_there_once() -> None:
    pairs = random_pairs(0, person_count=5, photos_each=3)
    assert (pairs.genuine.size, pairs.impostors.size) == (5 * 3, 15 * 14 // 2 - 15)
    assert np.bincount(pairs.genuine_person).tolist() == [3] * 5
    assert bool((pairs.impostor_persons[0] != pairs.impostor_persons[1]).all())


def test_a_photo_without_a_face_is_below_every_threshold() -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    pairs = pairs_of(vectors, np.array([True, True, False]), np.array([0, 0, 0]), Metric.COSINE)
    assert sorted(pairs.genuine.tolist()) == [REJECTED, REJECTED, pytest.approx(1.0)]


def test_pooled_sets_keep_their_persons_apart() -> None:
    first, second = random_pairs(1, person_count=4), random_pairs(2, person_count=3)
    both = pooled([first, second])
    assert both.person_count == 7
    assert both.impostors.size == first.impostors.size + second.impostors.size
    assert set(both.genuine_person.tolist()) == set(range(7))
    assert not bool(((both.impostor_persons[0] < 4) & (both.impostor_persons[1] >= 4)).any())


def test_drawing_everybody_once_gives_the_plain_figure() -> None:
    pairs = random_pairs(3)
    once = resampled_true_accepts(pairs, np.ones((1, pairs.person_count), dtype=np.int64))[0]
    # The plain figure interpolates between two impostor pairs, the resampled one takes the higher.
    assert once[0] == pytest.approx(true_accepts(pairs)[0.01], abs=0.02)


def test_drawing_somebody_twice_equals_having_them_twice() -> None:
    pairs = random_pairs(4, person_count=6)
    weights = np.array([[2, 1, 1, 0, 1, 1]])
    genuine_weights = weights[0][pairs.genuine_person]
    impostor_weights = weights[0][pairs.impostor_persons].prod(axis=0)
    twice = SetPairs(
        genuine=np.repeat(pairs.genuine, genuine_weights),
        genuine_person=np.repeat(pairs.genuine_person, genuine_weights),
        impostors=np.repeat(pairs.impostors, impostor_weights),
        impostor_persons=np.repeat(pairs.impostor_persons, impostor_weights, axis=1),
        person_count=6,
    )
    alone = resampled_true_accepts(twice, np.ones((1, 6), dtype=np.int64))
    drawn = resampled_true_accepts(pairs, weights)
    assert drawn[0, 0] == pytest.approx(alone[0, 0])


def test_the_interval_of_resampled_persons_holds_the_plain_figure() -> None:
    pairs = random_pairs(5)
    weights = drawn_persons([pairs.person_count], 200, np.random.default_rng(0))
    low, high = np.nanquantile(resampled_true_accepts(pairs, weights)[:, 0], [0.025, 0.975])
    assert low <= true_accepts(pairs)[0.01] <= high
    assert low < high


def test_every_resample_draws_as_many_persons_as_each_set_has() -> None:
    weights = drawn_persons([4, 9], 50, np.random.default_rng(0))
    assert weights.shape == (50, 13)
    assert set(weights[:, :4].sum(1).tolist()) == {4}
    assert set(weights[:, 4:].sum(1).tolist()) == {9}


def test_a_rate_needs_a_pair_and_ten_to_be_sure() -> None:
    pairs = random_pairs(6, person_count=20, photos_each=4)
    assert pairs.impostors.size == 3040
    assert reportable_rates(pairs) == [1e-2, 1e-3]
    assert is_sure(pairs, 1e-2)
    assert not is_sure(pairs, 1e-3)
