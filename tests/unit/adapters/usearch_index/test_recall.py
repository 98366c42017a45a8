"""How often the graph finds whom exact search finds, at a size that a test can build."""

import numpy as np
import pytest
from numpy.typing import NDArray

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.usearch_index import GraphOptions, UsearchTemplateIndex
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

Rows = NDArray[np.float32]


def identity(metric: Metric) -> EmbedderIdentity:
    return EmbedderIdentity("recall", 128, metric)


def people(count: int, per_person: int, seed: int = 5) -> Rows:
    """Templates in clusters: those of a person lie much closer together than those of two persons."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(count, 128)), per_person, axis=0)
    return (centres + 0.4 * random.normal(size=centres.shape)).astype(np.float32)


def perturbed(rows: Rows, seed: int = 6) -> Rows:
    return (rows + 0.3 * np.random.default_rng(seed).normal(size=rows.shape)).astype(np.float32)


def named(rows: Rows, per_person: int, prefix: str = "") -> list[tuple[str, str, Vector]]:
    return [(f"{prefix}t{n}", f"{prefix}s{n // per_person}", vector) for n, vector in enumerate(rows)]


def filled(index: UsearchTemplateIndex, entries: list[tuple[str, str, Vector]]) -> UsearchTemplateIndex:
    index.replace_all(entries)
    index.wait_for_merge()
    return index


def graph(metric: Metric) -> UsearchTemplateIndex:
    options = GraphOptions(max_overlay=0)
    return UsearchTemplateIndex(identity(metric), lambda: ExactTemplateIndex(identity(metric)), options)


@pytest.mark.parametrize("metric", list(Metric))
def test_recall_at_one_agrees_with_exact_search(metric: Metric) -> None:
    rows = people(1500, 2)
    approximate = filled(graph(metric), named(rows, 2))
    exact = ExactTemplateIndex(identity(metric))
    exact.add(named(rows, 2))
    queries = perturbed(rows[::6])
    expected = [exact.search(query, 1)[0] for query in queries]
    found = [approximate.search(query, 1)[0] for query in queries]
    agreed = [left.subject_id == right.subject_id for left, right in zip(found, expected, strict=True)]
    # Over many builds by several threads 0.996 to 1.0 agreed.
    assert sum(agreed) / len(agreed) >= 0.99
    # A person has two templates: the other one may be found instead, since threads build no two graphs alike.
    same = [
        (left.similarity, right.similarity)
        for left, right in zip(found, expected, strict=True)
        if left.template_id == right.template_id
    ]
    assert len(same) / len(found) >= 0.98
    assert [left for left, _ in same] == pytest.approx([right for _, right in same], abs=1e-6)


def test_persons_with_hundreds_of_nearly_equal_photos_do_not_hide_others() -> None:
    others = people(600, 1)
    crowds = people(6, 1, seed=9).repeat(300, axis=0)
    crowds += 0.01 * np.random.default_rng(3).normal(size=crowds.shape).astype(np.float32)
    entries = [*named(crowds, 300, "crowd "), *named(others, 1)]
    index = filled(graph(Metric.COSINE), entries)
    assert index.template_count() == len(entries)
    found = [index.search(query, 1)[0].template_id for query in perturbed(others)]
    # Threads build no two graphs alike; without the cap on one person's rows 79 % were found.
    assert sum(name == f"t{n}" for n, name in enumerate(found)) >= 0.98 * len(found)
    assert index.search(crowds[450], 1)[0].subject_id == "crowd s1"
