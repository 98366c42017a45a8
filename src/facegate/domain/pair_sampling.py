"""Which pairs of templates are compared when there are too many to compare them all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.calibration import Similarities
from facegate.domain.templates import Metric

Indices = NDArray[np.int64]
"""Shape (n,), int64: rows of the matrix of templates."""

_PAIRS_AT_ONCE = 20_000

_MAX_TEMPLATES_OF_ONE = 60
"""1,770 pairs of one person: somebody with a thousand photos must not be the whole distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rows that are compared with each other; `is_all` where no pair was left out."""

    left: Indices
    right: Indices
    is_all: bool

    def __len__(self) -> int:
        return int(self.left.size)


def genuine_pairs(persons: Indices, max_pairs: int, random: np.random.Generator) -> Pairs:
    """Pairs of templates of the same person; `persons` has shape (n,), a number per template."""
    order = np.argsort(persons, kind="stable")
    starts = np.flatnonzero(np.diff(persons[order], prepend=-1))
    groups = np.split(order, starts[1:]) if order.size else []
    lefts: list[Indices] = []
    rights: list[Indices] = []
    is_all = True
    for group in groups:
        if group.size < 2:
            continue
        if group.size > _MAX_TEMPLATES_OF_ONE:
            group, is_all = random.choice(group, _MAX_TEMPLATES_OF_ONE, replace=False), False
        rows, columns = np.triu_indices(group.size, k=1)
        lefts.append(group[rows])
        rights.append(group[columns])
    left, right = _joined(lefts), _joined(rights)
    if left.size > max_pairs:
        chosen = random.choice(left.size, max_pairs, replace=False)
        return Pairs(left[chosen], right[chosen], is_all=False)
    return Pairs(left, right, is_all)


def impostor_pairs(persons: Indices, max_pairs: int, random: np.random.Generator) -> Pairs:
    """Pairs of templates of different persons: all, or as many as were drawn at random."""
    count = persons.size
    if count * (count - 1) // 2 <= 2 * max_pairs:
        rows, columns = np.triu_indices(count, k=1)
        is_other = persons[rows] != persons[columns]
        left, right = rows[is_other].astype(np.int64), columns[is_other].astype(np.int64)
        if left.size <= max_pairs:
            return Pairs(left, right, is_all=True)
        chosen = random.choice(left.size, max_pairs, replace=False)
        return Pairs(left[chosen], right[chosen], is_all=False)
    # Drawn with repetition: of so many pairs hardly any comes twice. A person with most of the templates
    # makes most draws pairs of their own, which are left out.
    left, right = random.integers(0, count, (2, 4 * max_pairs))
    is_other = persons[left] != persons[right]
    return Pairs(left[is_other][:max_pairs], right[is_other][:max_pairs], is_all=False)


def similarities_of_pairs(vectors: NDArray[np.float32], pairs: Pairs, metric: Metric) -> Similarities:
    """One similarity per pair; `vectors` has shape (templates, dimension), float32."""
    if metric is Metric.COSINE:
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        left, right = vectors[pairs.left[part]], vectors[pairs.right[part]]
        if metric is Metric.COSINE:
            found[part] = np.einsum("ij,ij->i", left, right)
        else:
            found[part] = 1.0 - np.linalg.norm(left - right, axis=1)
    return found


def _joined(parts: list[Indices]) -> Indices:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
