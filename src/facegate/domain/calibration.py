"""From a similarity to the share of strangers who would reach it, per model, measured on impostor pairs."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegate.domain.templates import Metric

Similarities = NDArray[np.float32]
"""Shape (n,), float32: similarities of pairs of pictures."""

LOWEST_LOG10_RATE = -12.0
MIN_PAIRS_AT_LAST_KNOT = 30


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """False-match rate over similarity for one model.

    `similarities` rise strictly, `log10_rates` (log10 of the share of impostor pairs at or above that
    similarity) fall strictly. Between knots log-linear; beyond the last knot the slope of the last decade
    goes on. Measured tails fall faster than that, so an extrapolated rate errs towards caution.
    """

    model_id: str
    metric: Metric
    similarities: tuple[float, ...]
    log10_rates: tuple[float, ...]
    impostor_pair_count: int
    genuine_pair_count: int
    measured_on: str

    def __post_init__(self) -> None:
        knots = list(zip(self.similarities, self.log10_rates, strict=True))
        if len(knots) < 2:
            raise ValueError("a calibration curve needs at least two knots")
        if not all(math.isfinite(number) for knot in knots for number in knot):
            raise ValueError("a calibration curve holds finite numbers only")
        if any(b[0] <= a[0] or b[1] >= a[1] for a, b in pairwise(knots)):
            raise ValueError("similarities must rise and rates must fall")

    def false_match_rate(self, similarity: float) -> float:
        """The share of comparisons with strangers that reach this similarity, 1e-12..1."""
        if similarity <= self.similarities[0]:
            return 1.0
        if similarity < self.similarities[-1]:
            log10_rate = _between(similarity, self.similarities, self.log10_rates)
        else:
            log10_rate = self.log10_rates[-1] + self._tail_slope * (similarity - self.similarities[-1])
        return float(10.0 ** max(LOWEST_LOG10_RATE, min(0.0, log10_rate)))

    def similarity_at(self, false_match_rate: float) -> float:
        """The least similarity at which strangers pass no more often than this rate."""
        if not false_match_rate > 0:
            raise ValueError("a false-match rate is above zero")
        log10_rate = max(LOWEST_LOG10_RATE, math.log10(min(1.0, false_match_rate)))
        if log10_rate >= self.log10_rates[0]:
            return self.similarities[0]
        if log10_rate > self.log10_rates[-1]:
            return _between(log10_rate, self.log10_rates[::-1], self.similarities[::-1])
        return self.similarities[-1] + (log10_rate - self.log10_rates[-1]) / self._tail_slope

    def continued_by(self, reference: "CalibrationCurve") -> "CalibrationCurve":
        """This curve as far as it was measured, beyond it the reference's, moved to meet it.

        A few thousand pairs say how one's own cameras shift the curve, but nothing about one stranger in a
        million: a straight line from them asked for a similarity of 0.81 where 0.51 is right.

        Raises:
            ValueError: the reference belongs to another model.
        """
        if (reference.model_id, reference.metric) != (self.model_id, self.metric):
            raise ValueError("a curve can only be continued by one of the same model")
        join_similarity, join_rate = self.similarities[-1], self.log10_rates[-1]
        shift = join_similarity - reference.similarity_at(10.0**join_rate)
        rarer = [
            (similarity + shift, rate)
            for similarity, rate in zip(reference.similarities, reference.log10_rates, strict=True)
            if rate < join_rate - 1e-6
        ]
        return replace(
            self,
            similarities=(*self.similarities, *(similarity for similarity, _ in rarer)),
            log10_rates=(*self.log10_rates, *(rate for _, rate in rarer)),
        )

    @property
    def _tail_slope(self) -> float:
        """Change of log10 rate per unit of similarity over about the last measured decade; negative."""
        last_similarity, last_rate = self.similarities[-1], self.log10_rates[-1]
        for similarity, rate in zip(reversed(self.similarities), reversed(self.log10_rates), strict=True):
            if rate >= last_rate + 1.0:
                return (last_rate - rate) / (last_similarity - similarity)
        return (last_rate - self.log10_rates[0]) / (last_similarity - self.similarities[0])


def _between(place: float, places: Sequence[float], values: Sequence[float]) -> float:
    """The straight line between the knots about a place that lies among them; the places rise strictly.

    As numpy's `interp`, which makes arrays of all knots first: a tenth of a millisecond per search.
    """
    right = min(max(bisect_right(places, place), 1), len(places) - 1)
    share = (place - places[right - 1]) / (places[right] - places[right - 1])
    return values[right - 1] + share * (values[right] - values[right - 1])


def curve_as_data(curve: CalibrationCurve) -> dict[str, object]:
    """The curve as plain data for JSON."""
    return {**asdict(curve), "metric": curve.metric.value}


def curve_from_data(data: Mapping[str, Any]) -> CalibrationCurve:
    """The curve that `curve_as_data` wrote.

    Raises:
        ValueError: fields are missing or the knots are no curve.
    """
    try:
        return CalibrationCurve(
            model_id=str(data["model_id"]),
            metric=Metric(data["metric"]),
            similarities=tuple(float(knot) for knot in data["similarities"]),
            log10_rates=tuple(float(knot) for knot in data["log10_rates"]),
            impostor_pair_count=int(data["impostor_pair_count"]),
            genuine_pair_count=int(data["genuine_pair_count"]),
            measured_on=str(data["measured_on"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no calibration curve: {error}") from error


def measure_curve(
    *,
    model_id: str,
    metric: Metric,
    impostor_similarities: Similarities,
    genuine_pair_count: int,
    measured_on: str,
) -> CalibrationCurve:
    """The curve of an impostor distribution, ten knots a decade, down to the rate seen thirty times.

    Rarer rates rest on too few pairs to be believed (thirty give log10 of the rate to 0.08): there the
    tail's slope takes over.

    Raises:
        ValueError: fewer than 1,000 impostor pairs, or they are all alike.
    """
    impostors = np.sort(np.asarray(impostor_similarities, dtype=np.float64))
    if impostors.size < 1000:
        raise ValueError(f"{impostors.size} impostor pairs are too few to calibrate; 1,000 are the least")
    decades = math.log10(impostors.size / MIN_PAIRS_AT_LAST_KNOT)
    log10_rates = -np.arange(0, decades + 1e-9, 0.1)
    quantiles = np.quantile(impostors, 1.0 - 10.0**log10_rates)
    similarities: list[float] = []
    rates: list[float] = []
    for similarity, rate in zip(quantiles.tolist(), log10_rates.tolist(), strict=True):
        if not similarities or similarity > similarities[-1] + 1e-6:
            similarities.append(round(similarity, 6))
            rates.append(round(rate, 4))
    return CalibrationCurve(
        model_id=model_id,
        metric=metric,
        similarities=tuple(similarities),
        log10_rates=tuple(rates),
        impostor_pair_count=int(impostors.size),
        genuine_pair_count=genuine_pair_count,
        measured_on=measured_on,
    )


def true_accept_rate(genuine: Similarities, impostors: Similarities, false_accept_rate: float) -> float:
    """The share of genuine pairs at or above the similarity that this share of impostor pairs reaches."""
    threshold = np.quantile(np.asarray(impostors, dtype=np.float64), 1.0 - false_accept_rate)
    return float(np.mean(np.asarray(genuine, dtype=np.float64) > threshold))


def pairwise_similarities(vectors: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    """All similarities between n vectors of shape (n, dimension) as a matrix of shape (n, n), float32."""
    return cross_similarities(vectors, vectors, metric)


def cross_similarities(
    left: NDArray[np.float32], right: NDArray[np.float32], metric: Metric
) -> NDArray[np.float32]:
    """Similarities of every left vector, shape (n, d), with every right one, (m, d), as (n, m) float32."""
    if metric is Metric.COSINE:
        left_unit = left / np.linalg.norm(left, axis=1, keepdims=True)
        right_unit = right / np.linalg.norm(right, axis=1, keepdims=True)
        return np.asarray(left_unit @ right_unit.T, dtype=np.float32)
    squared = (left**2).sum(1)[:, None] + (right**2).sum(1)[None, :] - 2.0 * (left @ right.T)
    return np.asarray(1.0 - np.sqrt(np.maximum(squared, 0.0)), dtype=np.float32)


def similarity_of(left: NDArray[np.float32], right: NDArray[np.float32], metric: Metric) -> float:
    """Similarity of two vectors of one model."""
    return float(cross_similarities(left[None, :], right[None, :], metric)[0, 0])
