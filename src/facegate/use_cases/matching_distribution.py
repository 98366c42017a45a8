"""How similar the gallery's own persons are to themselves and to each other."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.calibration import Similarities
from facegate.domain.pair_sampling import Pairs, genuine_pairs, impostor_pairs, similarities_of_pairs
from facegate.domain.templates import Metric, Vector
from facegate.use_cases.gallery import Gallery

MAX_PAIRS = 200_000
"""Of each kind."""

_MAX_TEMPLATES = 50_000
"""25 MB of vectors; of a larger gallery every so many-th person is taken."""

_SEED = 20_260_101

_BIN_COUNT = 200
_LOWEST, _HIGHEST = -1.0, 1.0


@dataclass(frozen=True, slots=True)
class SimilarityHistogram:
    """Pairs per bin. `is_sample` where not every pair was compared; quantiles are None without pairs.

    `share_at_match` and `share_at_review` are those that reach the least similarity of the band.
    """

    counts: tuple[int, ...]
    pair_count: int
    is_sample: bool
    median: float | None
    share_at_match: float | None
    share_at_review: float | None


@dataclass(frozen=True, slots=True)
class BandThresholds:
    """The least similarity of a match, of the review band below it, and of a 1:1 check."""

    match: float
    review: float
    check: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share of comparisons with strangers that reach a similarity."""

    similarity: float
    false_match_rate: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """Both histograms on the same bins; `bin_edges` are one more than there are counts.

    `curve` is the calibration in use, `curve_measured_on` says on what it was measured.
    """

    model_id: str
    metric: Metric
    tolerance: float
    template_count: int
    person_count: int
    bin_edges: tuple[float, ...]
    genuine: SimilarityHistogram
    impostor: SimilarityHistogram
    thresholds: BandThresholds
    curve: tuple[CurvePoint, ...]
    curve_measured_on: str


class MatchingDistribution:
    """Compares pairs of templates of the model in use; the same gallery gives the same answer."""

    def __init__(
        self, gallery: Gallery, *, max_pairs: int = MAX_PAIRS, max_templates: int = _MAX_TEMPLATES
    ) -> None:
        self._gallery = gallery
        self._max_pairs = max_pairs
        self._max_templates = max_templates

    def __call__(self) -> Distribution:
        """Reads the whole gallery, which takes a while for a large one: never on the event loop.

        Raises:
            StoreFailed: the gallery could not be read.
        """
        policy = self._gallery.policy
        searched_count = self._gallery.indexed_template_count()
        vectors, persons, is_all = self._templates(searched_count)
        thresholds = BandThresholds(
            match=policy.min_search_similarity(searched_count),
            review=policy.min_review_similarity(searched_count),
            check=policy.min_check_similarity(),
        )
        random = np.random.default_rng(_SEED)
        genuine = genuine_pairs(persons, self._max_pairs, random)
        impostor = impostor_pairs(persons, self._max_pairs, random)
        metric = policy.curve.metric
        return Distribution(
            model_id=self._gallery.model_id,
            metric=metric,
            tolerance=policy.tolerance,
            template_count=int(persons.size),
            person_count=int(np.unique(persons).size),
            bin_edges=tuple(np.round(np.linspace(_LOWEST, _HIGHEST, _BIN_COUNT + 1), 6).tolist()),
            genuine=_histogram(similarities_of_pairs(vectors, genuine, metric), genuine, thresholds, is_all),
            impostor=_histogram(
                similarities_of_pairs(vectors, impostor, metric), impostor, thresholds, is_all
            ),
            thresholds=thresholds,
            curve=tuple(
                CurvePoint(similarity, 10.0**log10_rate)
                for similarity, log10_rate in zip(
                    policy.curve.similarities, policy.curve.log10_rates, strict=True
                )
            ),
            curve_measured_on=policy.curve.measured_on,
        )

    def _templates(self, expected_count: int) -> tuple[NDArray[np.float32], NDArray[np.int64], bool]:
        """Vectors, a number for each one's person, and whether all of the gallery are there.

        Whole persons are left out, or there would be no genuine pairs in a sample of a large gallery.
        """
        every = -(-max(1, expected_count) // self._max_templates)
        vectors: list[Vector] = []
        numbers: dict[str, int] = {}
        persons: list[int] = []
        for stored in self._gallery.templates_in_use():
            if every > 1 and zlib.crc32(stored.subject_id.encode()) % every:
                continue
            vectors.append(stored.template.vector)
            persons.append(numbers.setdefault(stored.subject_id, len(numbers)))
        stacked = np.stack(vectors) if vectors else np.zeros((0, 1), dtype=np.float32)
        return stacked, np.asarray(persons, dtype=np.int64), every == 1


def _histogram(
    similarities: Similarities, pairs: Pairs, thresholds: BandThresholds, is_all: bool
) -> SimilarityHistogram:
    clipped = np.clip(similarities, _LOWEST, _HIGHEST)
    counts, _ = np.histogram(clipped, bins=_BIN_COUNT, range=(_LOWEST, _HIGHEST))
    has_pairs = len(pairs) > 0
    return SimilarityHistogram(
        counts=tuple(counts.tolist()),
        pair_count=len(pairs),
        is_sample=not (is_all and pairs.is_all),
        median=float(np.median(similarities)) if has_pairs else None,
        share_at_match=float(np.mean(similarities >= thresholds.match)) if has_pairs else None,
        share_at_review=float(np.mean(similarities >= thresholds.review)) if has_pairs else None,
    )
