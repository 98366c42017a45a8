"""True accepts at chosen false-accept rates, with intervals from resampled persons. Pure numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.calibration import pairwise_similarities, true_accept_rate
from facegate.domain.templates import Metric
from facegate.use_cases.calibrate_matching import split_pairs

REJECTED = -10.0
"""Similarity of a pair in which a face was not found: below every threshold, for friend and stranger."""

FALSE_ACCEPT_RATES = (1e-2, 1e-3, 1e-4)
SURE_PAIRS = 10
"""With fewer impostor pairs beyond a rate, the true accepts at that rate are marked as unsure."""

Vectors = NDArray[np.float32]
Persons = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SetPairs:
    """All pairs of one photo set under one net: similarities, and the person (or the two) of each."""

    genuine: NDArray[np.float32]
    genuine_person: Persons
    impostors: NDArray[np.float32]
    impostor_persons: NDArray[np.int64]
    person_count: int


def pairs_of(vectors: Vectors, is_found: NDArray[np.bool_], persons: Persons, metric: Metric) -> SetPairs:
    """Pairs of one set.

    Args:
        vectors: shape (n, dimension); rows without a face may hold anything finite and not zero.
        is_found: shape (n,), whether a face was found.
        persons: shape (n,), the person of each photo as 0..person_count - 1.
        metric: how the net's vectors are compared.
    """
    similarities = pairwise_similarities(vectors, metric)
    similarities[~is_found, :] = REJECTED
    similarities[:, ~is_found] = REJECTED
    genuine, impostors = split_pairs(similarities, persons)
    rows, columns = np.triu_indices(len(persons), k=1)
    is_genuine = persons[rows] == persons[columns]
    return SetPairs(
        genuine=genuine,
        genuine_person=persons[rows[is_genuine]],
        impostors=impostors,
        impostor_persons=np.stack([persons[rows[~is_genuine]], persons[columns[~is_genuine]]]),
        person_count=int(persons.max()) + 1,
    )


def pooled(sets: Sequence[SetPairs]) -> SetPairs:
    """The pairs of several sets together; no pair spans two sets, and no person is in two."""
    offsets = np.cumsum([0, *(found.person_count for found in sets)])
    shifted = list(zip(sets, offsets[:-1], strict=True))
    return SetPairs(
        genuine=np.concatenate([found.genuine for found in sets]),
        genuine_person=np.concatenate([found.genuine_person + offset for found, offset in shifted]),
        impostors=np.concatenate([found.impostors for found in sets]),
        impostor_persons=np.concatenate(
            [found.impostor_persons + offset for found, offset in shifted], axis=1
        ),
        person_count=int(offsets[-1]),
    )


def reportable_rates(pairs: SetPairs) -> list[float]:
    """Rates beyond which there is at least one impostor pair."""
    return [rate for rate in FALSE_ACCEPT_RATES if pairs.impostors.size * rate >= 1]


def is_sure(pairs: SetPairs, rate: float) -> bool:
    """Whether enough impostor pairs lie beyond the rate for its threshold to be believed."""
    return bool(pairs.impostors.size * rate >= SURE_PAIRS)


def true_accepts(pairs: SetPairs) -> dict[float, float]:
    """By false-accept rate."""
    return {rate: true_accept_rate(pairs.genuine, pairs.impostors, rate) for rate in reportable_rates(pairs)}


def resampled_true_accepts(pairs: SetPairs, weights: NDArray[np.int64]) -> NDArray[np.float64]:
    """True accepts of resampled persons, shape (resamples, rates).

    `weights` has shape (resamples, person_count): how often each person was drawn. A genuine pair counts
    as often as its person, an impostor pair as often as the product of its two.
    """
    rates = np.asarray(reportable_rates(pairs))
    order = np.argsort(-pairs.impostors, kind="stable")
    falling = pairs.impostors[order].astype(np.float64)
    left, right = pairs.impostor_persons[:, order]
    found = np.full((len(weights), len(rates)), np.nan)
    for row, drawn in enumerate(weights):
        accepted = np.cumsum(drawn[left] * drawn[right])
        genuine_weights = drawn[pairs.genuine_person]
        if accepted.size == 0 or accepted[-1] == 0 or genuine_weights.sum() == 0:
            continue
        positions = np.searchsorted(accepted, rates * accepted[-1], side="right")
        thresholds = falling[np.minimum(positions, falling.size - 1)]
        is_accepted = pairs.genuine[None, :] > thresholds[:, None]
        found[row] = is_accepted @ genuine_weights / genuine_weights.sum()
    return found


def drawn_persons(
    person_counts: Sequence[int], resample_count: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Weights for `resampled_true_accepts`: within each set as many persons as it has, with replacement."""
    return np.concatenate(
        [generator.multinomial(count, np.full(count, 1 / count), resample_count) for count in person_counts],
        axis=1,
    ).astype(np.int64)


def roc_points(pairs: SetPairs, point_count: int = 60) -> tuple[list[float], list[float]]:
    """False-accept rates, log-spaced down to a single pair, and the true accepts at each."""
    rates = np.geomspace(1.0 / max(1, pairs.impostors.size), 1.0, point_count)
    thresholds = np.quantile(pairs.impostors.astype(np.float64), 1.0 - rates)
    shares = [float(np.mean(pairs.genuine > threshold)) for threshold in thresholds]
    return [float(rate) for rate in rates], shares
