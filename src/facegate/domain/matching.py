"""When two faces are one person: tolerance, thresholds that follow the gallery's size, bands, confidence.

Strangers at "0.9" are the loudest complaint about systems of this kind. Here a threshold is a false-positive
rate that the operator chose, and a confidence is measured against it, never a raw cosine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from facegate.domain.calibration import CalibrationCurve
from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import Metric

BALANCED_TOLERANCE = 0.6

MIN_RATE_PER_COMPARISON = 1e-7
MAX_RATE_PER_SEARCH_COMPARISON = 1e-4

_CONFIDENCE_EXPONENT = 0.602
"""log10(4): ten times fewer false matches than balanced is confidence 0.8, ten times more 0.2."""

_REVIEW_FACTOR = 10.0
"""Up to ten times the accepted rate of false matches a person should look; beyond it nobody need."""

_MAX_REVIEWED_RATE = 1e-2
"""Per comparison; more would put nearly every stranger before a human."""


class MatchingMode(StrEnum):
    """How `RECOGNITION_TOLERANCE` is read."""

    CALIBRATED = "calibrated"
    """As a false-positive rate: 0.4 strict, 0.6 balanced, 0.8 permissive."""

    DISTANCE = "distance"
    """As the literal Euclidean distance of dlib's encodings, for those who depend on it."""


class Band(StrEnum):
    """What a search found."""

    MATCH = "match"
    """The best candidate is accepted."""

    REVIEW = "review"
    """Close, or two persons too close to each other: a human should look. The old doors say unknown."""

    UNKNOWN = "unknown"
    """Nobody in the gallery is close."""


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """One person with how close they are.

    `confidence` is calibrated on 0..1, 0.5 at the balanced operating point; `false_match_rate` is the
    estimated share of strangers who are this similar in one comparison.
    """

    subject_id: str
    template_id: str
    similarity: float
    confidence: float
    false_match_rate: float


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer of a 1:N search: distinct persons, most similar first.

    `margin` is the similarity of the first minus that of the second person, None with fewer than two.
    """

    band: Band
    candidates: tuple[RankedCandidate, ...]
    min_similarity: float
    margin: float | None
    searched_template_count: int

    @property
    def match(self) -> RankedCandidate | None:
        """The accepted person, or None."""
        return self.candidates[0] if self.band is Band.MATCH else None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of a 1:1 check against the closest of the claimed person's templates."""

    is_match: bool
    similarity: float
    confidence: float
    false_match_rate: float
    min_similarity: float


def search_rate(tolerance: float) -> float:
    """False-positive rate of a whole search: 0.4 -> 1e-3, 0.6 -> 1e-2, 0.8 -> 1e-1, log-linear, clamped."""
    return float(10.0 ** (5.0 * _clamped(tolerance) - 5.0))


def check_rate(tolerance: float) -> float:
    """False-match rate of a 1:1 check: 0.4 -> 1e-5, 0.6 -> 1e-4, 0.8 -> 1e-3, log-linear, clamped."""
    return float(10.0 ** (5.0 * _clamped(tolerance) - 7.0))


def search_rate_per_comparison(tolerance: float, template_count: int) -> float:
    """The rate left for one comparison when `template_count` strangers are compared, 1e-7..1e-4."""
    rate = search_rate(tolerance) / max(1, template_count)
    return min(MAX_RATE_PER_SEARCH_COMPARISON, max(MIN_RATE_PER_COMPARISON, rate))


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """One operator's choice for one model. `min_margin` 0 accepts the best however close the second is."""

    curve: CalibrationCurve
    tolerance: float = BALANCED_TOLERANCE
    mode: MatchingMode = MatchingMode.CALIBRATED
    min_margin: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.tolerance <= 1.0:
            raise ValueError("the tolerance is a number from 0 to 1")
        if self.mode is MatchingMode.DISTANCE and self.curve.metric is not Metric.EUCLIDEAN:
            raise ValueError("matching by distance needs a net with Euclidean distances, such as dlib's")

    def min_search_similarity(self, template_count: int) -> float:
        """The least similarity that is a match in a search over so many templates."""
        if self.mode is MatchingMode.DISTANCE:
            return 1.0 - self.tolerance
        return self.curve.similarity_at(search_rate_per_comparison(self.tolerance, template_count))

    def min_review_similarity(self, template_count: int) -> float:
        """The least similarity at which a human should look."""
        min_similarity = self.min_search_similarity(template_count)
        return min(min_similarity, self.curve.similarity_at(self._reviewed_rate(min_similarity)))

    def min_check_similarity(self) -> float:
        """The least similarity that passes a 1:1 check."""
        if self.mode is MatchingMode.DISTANCE:
            return 1.0 - self.tolerance
        return self.curve.similarity_at(check_rate(self.tolerance))

    def identify(self, candidates: Sequence[IndexCandidate], template_count: int) -> Identification:
        """Judges distinct subjects, given most similar first, found among `template_count` templates."""
        balanced_rate = search_rate_per_comparison(BALANCED_TOLERANCE, template_count)
        ranked = tuple(self._rank(candidate, balanced_rate) for candidate in candidates)
        min_similarity = self.min_search_similarity(template_count)
        margin = ranked[0].similarity - ranked[1].similarity if len(ranked) > 1 else None
        return Identification(
            band=self._band(ranked, min_similarity, margin),
            candidates=ranked,
            min_similarity=min_similarity,
            margin=margin,
            searched_template_count=template_count,
        )

    def verify(self, similarity: float) -> Verification:
        """Judges the closest similarity to the claimed person."""
        rate = self.curve.false_match_rate(similarity)
        min_similarity = self.min_check_similarity()
        return Verification(
            is_match=similarity >= min_similarity,
            similarity=similarity,
            confidence=_confidence(rate, check_rate(BALANCED_TOLERANCE)),
            false_match_rate=rate,
            min_similarity=min_similarity,
        )

    def _rank(self, candidate: IndexCandidate, balanced_rate: float) -> RankedCandidate:
        rate = self.curve.false_match_rate(candidate.similarity)
        return RankedCandidate(
            subject_id=candidate.subject_id,
            template_id=candidate.template_id,
            similarity=candidate.similarity,
            confidence=_confidence(rate, balanced_rate),
            false_match_rate=rate,
        )

    def _band(self, ranked: tuple[RankedCandidate, ...], min_similarity: float, margin: float | None) -> Band:
        if not ranked:
            return Band.UNKNOWN
        best = ranked[0]
        if best.similarity >= min_similarity:
            is_ambiguous = margin is not None and margin < self.min_margin
            return Band.REVIEW if is_ambiguous else Band.MATCH
        is_close = best.false_match_rate <= self._reviewed_rate(min_similarity)
        return Band.REVIEW if is_close else Band.UNKNOWN

    def _reviewed_rate(self, min_similarity: float) -> float:
        accepted_rate = self.curve.false_match_rate(min_similarity)
        # A literal distance may accept a stranger in a hundred; a tenth of all strangers is no review.
        return min(accepted_rate * _REVIEW_FACTOR, max(accepted_rate, _MAX_REVIEWED_RATE))


def _confidence(false_match_rate: float, balanced_rate: float) -> float:
    return float(1.0 / (1.0 + (false_match_rate / balanced_rate) ** _CONFIDENCE_EXPONENT))


def _clamped(tolerance: float) -> float:
    return min(1.0, max(0.0, tolerance))
