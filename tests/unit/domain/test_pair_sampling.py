"""All pairs where they are few, a fair sample where they are many."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.calibration import pairwise_similarities
from facegate.domain.pair_sampling import Pairs, genuine_pairs, impostor_pairs, similarities_of_pairs
from facegate.domain.templates import Metric


def as_set(pairs: Pairs) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)}


@given(st.lists(st.integers(0, 4), max_size=12))
def test_few_pairs_are_all_compared_once(persons: list[int]) -> None:
    numbers = np.asarray(persons, dtype=np.int64)
    random = np.random.default_rng(1)
    genuine, impostor = genuine_pairs(numbers, 1000, random), impostor_pairs(numbers, 1000, random)
    every = list(combinations(range(len(persons)), 2))
    assert as_set(genuine) == {frozenset(one) for one in every if persons[one[0]] == persons[one[1]]}
    assert as_set(impostor) == {frozenset(one) for one in every if persons[one[0]] != persons[one[1]]}
    assert len(genuine) + len(impostor) == len(every)
    assert genuine.is_all
    assert impostor.is_all


@pytest.mark.parametrize("max_pairs", [10, 50, 400])
def test_many_pairs_are_sampled_and_the_same_ones_each_time(max_pairs: int) -> None:
    persons = np.repeat(np.arange(20, dtype=np.int64), 10)
    for sample in (genuine_pairs, impostor_pairs):
        first = sample(persons, max_pairs, np.random.default_rng(3))
        again = sample(persons, max_pairs, np.random.default_rng(3))
        assert len(first) == max_pairs
        assert not first.is_all
        assert np.array_equal(first.left, again.left)
        is_same = persons[first.left] == persons[first.right]
        assert is_same.all() if sample is genuine_pairs else not is_same.any()
        assert (first.left != first.right).all()


def test_somebody_with_a_thousand_photos_is_not_the_whole_distribution() -> None:
    persons = np.asarray([0] * 1000 + [1, 1], dtype=np.int64)
    pairs = genuine_pairs(persons, 10_000, np.random.default_rng(0))
    assert len(pairs) == 60 * 59 // 2 + 1
    assert not pairs.is_all


@pytest.mark.parametrize("metric", list(Metric))
def test_similarities_are_those_of_the_search(metric: Metric) -> None:
    vectors = np.random.default_rng(0).standard_normal((300, 16)).astype(np.float32)
    rows, columns = np.triu_indices(300, k=1)
    pairs = Pairs(rows.astype(np.int64), columns.astype(np.int64), is_all=True)
    expected = pairwise_similarities(vectors, metric)[rows, columns]
    assert np.allclose(similarities_of_pairs(vectors, pairs, metric), expected, atol=1e-4)
