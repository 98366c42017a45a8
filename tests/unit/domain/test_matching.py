"""Tolerance as a false-positive rate, thresholds that follow the gallery, bands and confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.calibration import CalibrationCurve
from facegate.domain.gallery import IndexCandidate
from facegate.domain.matching import (
    Band,
    MatchingMode,
    MatchPolicy,
    check_rate,
    search_rate,
    search_rate_per_comparison,
)
from facegate.domain.templates import Metric

CURVE = CalibrationCurve(
    "net", Metric.COSINE, (0.0, 0.1, 0.2, 0.3, 0.4), (0.0, -1.0, -2.0, -3.0, -4.0), 100_000, 10, "synthetic"
)
DLIB_CURVE = CalibrationCurve(
    "dlib-resnet-v1", Metric.EUCLIDEAN, (0.0, 0.4, 0.5), (0.0, -2.0, -4.0), 100_000, 10, "synthetic"
)

similarities = st.floats(min_value=-1.0, max_value=1.0)
counts = st.integers(min_value=1, max_value=2_000_000)


def candidates(*values: float) -> list[IndexCandidate]:
    return [IndexCandidate(f"person-{rank}", f"t{rank}", value) for rank, value in enumerate(values)]


@pytest.mark.parametrize(("tolerance", "rate"), [(0.4, 1e-3), (0.6, 1e-2), (0.8, 1e-1)])
def test_the_labels_of_the_old_setting_are_rates_of_a_search(tolerance: float, rate: float) -> None:
    assert search_rate(tolerance) == pytest.approx(rate)


@pytest.mark.parametrize(("tolerance", "rate"), [(0.4, 1e-5), (0.6, 1e-4), (0.8, 1e-3)])
def test_the_labels_of_the_old_setting_are_rates_of_a_check(tolerance: float, rate: float) -> None:
    assert check_rate(tolerance) == pytest.approx(rate)


@given(st.floats(0.0, 1.0), counts)
def test_a_comparison_stays_between_the_two_bounds(tolerance: float, count: int) -> None:
    assert 1e-7 <= search_rate_per_comparison(tolerance, count) <= 1e-4


@given(counts, counts)
def test_a_larger_gallery_never_needs_less_similarity(one: int, other: int) -> None:
    small, large = sorted((one, other))
    policy = MatchPolicy(CURVE)
    assert policy.min_search_similarity(large) >= policy.min_search_similarity(small)


def test_the_similarity_needed_follows_the_gallery() -> None:
    policy = MatchPolicy(CURVE)
    assert policy.min_search_similarity(100) == pytest.approx(0.4)  # 1e-4 per comparison
    assert policy.min_search_similarity(10_000) == pytest.approx(0.6)  # 1e-6 per comparison


def test_bands() -> None:
    policy = MatchPolicy(CURVE)  # a match needs 0.4 among 100, a review 0.3
    assert policy.identify(candidates(0.45, 0.1), 100).band is Band.MATCH
    assert policy.identify(candidates(0.35, 0.1), 100).band is Band.REVIEW
    assert policy.identify(candidates(0.25), 100).band is Band.UNKNOWN
    assert policy.identify([], 0).band is Band.UNKNOWN


def test_two_persons_who_are_too_close_are_for_review_when_a_margin_is_asked_for() -> None:
    close = candidates(0.60, 0.59)
    assert MatchPolicy(CURVE).identify(close, 100).band is Band.MATCH
    assert MatchPolicy(CURVE, min_margin=0.05).identify(close, 100).band is Band.REVIEW
    assert MatchPolicy(CURVE, min_margin=0.05).identify(candidates(0.60), 100).band is Band.MATCH


def test_margin_is_to_the_second_person() -> None:
    identification = MatchPolicy(CURVE).identify(candidates(0.6, 0.25, 0.2), 100)
    assert identification.margin == pytest.approx(0.35)
    assert MatchPolicy(CURVE).identify(candidates(0.6), 100).margin is None


def test_confidence_is_one_half_at_the_balanced_operating_point_and_low_for_strangers() -> None:
    policy = MatchPolicy(CURVE)
    at_the_point = policy.identify(candidates(0.4), 100)
    assert at_the_point.candidates[0].confidence == pytest.approx(0.5)
    ten_times_stricter = policy.identify(candidates(0.5), 100)
    assert ten_times_stricter.candidates[0].confidence == pytest.approx(0.8, abs=1e-3)
    stranger = policy.identify(candidates(0.1), 100)
    assert stranger.candidates[0].confidence < 0.02


@given(similarities, similarities, counts)
def test_confidence_rises_with_similarity(one: float, other: float, count: int) -> None:
    low, high = sorted((one, other))
    ranked = MatchPolicy(CURVE).identify(candidates(high, low), count).candidates
    assert 0.0 <= ranked[1].confidence <= ranked[0].confidence <= 1.0


def test_a_check_has_its_own_operating_point() -> None:
    policy = MatchPolicy(CURVE)
    passed = policy.verify(0.41)
    assert passed.is_match
    assert passed.min_similarity == pytest.approx(0.4)
    assert policy.verify(0.4).confidence == pytest.approx(0.5)
    assert not policy.verify(0.39).is_match


def test_distance_mode_is_the_literal_distance() -> None:
    policy = MatchPolicy(DLIB_CURVE, tolerance=0.6, mode=MatchingMode.DISTANCE)
    assert policy.min_search_similarity(1_000_000) == pytest.approx(0.4)
    assert policy.min_check_similarity() == pytest.approx(0.4)
    assert policy.identify(candidates(0.41), 1_000_000).band is Band.MATCH


def test_distance_mode_does_not_send_every_stranger_to_review() -> None:
    policy = MatchPolicy(DLIB_CURVE, tolerance=0.7, mode=MatchingMode.DISTANCE)
    assert policy.identify(candidates(0.29), 100).band is Band.UNKNOWN
    assert policy.identify(candidates(0.31), 100).band is Band.MATCH


def test_distance_mode_needs_a_net_with_distances() -> None:
    with pytest.raises(ValueError, match="Euclidean"):
        MatchPolicy(CURVE, mode=MatchingMode.DISTANCE)


@pytest.mark.parametrize("tolerance", [-0.1, 1.1, float("nan")])
def test_a_tolerance_outside_0_to_1_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        MatchPolicy(CURVE, tolerance=tolerance)
