"""Galleries of any size whose templates are perturbed from real ones, with a fixed seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_templates import RealTemplates, real_templates
from facegate.domain.calibration import cross_similarities
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

_SEED = 20_260_101
_BATCH = 50_000
_MOST_ROWS = 160

Vectors = NDArray[np.float32]
"""Shape (n, dimension), float32."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Enrolled templates, one per person, and a second look at each person for searching.

    A person is a random mix of real persons' mean templates, with their mean and covariance, so that
    strangers are about as alike as real strangers are. The enrolled template and the second look each add
    a random mix of real deviations of single photos from their person's mean.
    """

    identity: EmbedderIdentity
    enrolled: Vectors
    seen_again: Vectors
    origin: str

    def entries(self) -> Iterator[tuple[str, str, Vector]]:
        """What an index takes: template id, subject id, vector."""
        for number, vector in enumerate(self.enrolled):
            yield f"t{number:08d}", subject_id_of(number), vector

    def query_numbers(self, count: int) -> list[int]:
        """Persons to look for, spread evenly over the gallery."""
        spread = np.linspace(0, len(self.enrolled) - 1, min(count, len(self.enrolled)))
        return [int(number) for number in spread]

    def queries(self, count: int) -> list[Vector]:
        """Second looks at these persons."""
        return [self.seen_again[number] for number in self.query_numbers(count)]


def subject_id_of(number: int) -> str:
    """The id of the n-th person."""
    return f"person-{number:08d}"


def synthetic_people(embedder_name: str, count: int) -> People:
    """So many persons; the same ones for the same count and the same photos."""
    real = real_templates(embedder_name)
    generator = np.random.default_rng(_SEED)
    means, deviations = _means_and_deviations(real, generator)
    centre = means.mean(0)
    enrolled = np.empty((count, real.identity.dimension), dtype=np.float32)
    seen_again = np.empty_like(enrolled)
    for start in range(0, count, _BATCH):
        rows = slice(start, min(count, start + _BATCH))
        row_count = rows.stop - rows.start
        person = centre + _mix(means - centre, row_count, generator)
        enrolled[rows] = person + _mix(deviations, row_count, generator)
        seen_again[rows] = person + _mix(deviations, row_count, generator)
    return People(real.identity, enrolled, seen_again, real.origin)


def likeness(people: People, count: int = 2000) -> dict[str, float]:
    """How alike the synthetic persons are, to be held against real ones."""
    found = cross_similarities(people.seen_again[:count], people.enrolled[:count], people.identity.metric)
    strangers = found[~np.eye(len(found), dtype=bool)]
    return {
        "genuine_median": round(float(np.median(np.diag(found))), 4),
        "genuine_5_percent": round(float(np.quantile(np.diag(found), 0.05)), 4),
        "impostor_median": round(float(np.median(strangers)), 4),
        "impostor_1_in_1000": round(float(np.quantile(strangers, 0.999)), 4),
    }


def _scaled(real: RealTemplates) -> Vectors:
    """At unit length where only the direction counts."""
    vectors = real.vectors
    if real.identity.metric is Metric.COSINE:
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
    return vectors


def _means_and_deviations(real: RealTemplates, generator: np.random.Generator) -> tuple[Vectors, Vectors]:
    scaled = _scaled(real)
    means, deviations = [], []
    for person in np.unique(real.persons):
        photos = scaled[real.persons == person]
        means.append(photos.mean(0))
        if len(photos) > 1:
            # Unbiased: deviations from a mean of few photos are too short.
            deviations.append((photos - means[-1]) * (len(photos) / (len(photos) - 1)) ** 0.5)
    stacked = np.concatenate(deviations)
    chosen = generator.permutation(len(stacked))[:_MOST_ROWS]
    return np.stack(means).astype(np.float32), stacked[chosen].astype(np.float32)


def _mix(rows: Vectors, count: int, generator: np.random.Generator) -> Vectors:
    """Random combinations with the covariance of `rows`, which are taken to be centred."""
    weights = generator.standard_normal((count, len(rows)), dtype=np.float32)
    return np.asarray(weights @ rows / len(rows) ** 0.5, dtype=np.float32)
