"""Curves: monotone, invertible, cautious beyond what was measured."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.calibration import (
    CalibrationCurve,
    cross_similarities,
    curve_as_data,
    curve_from_data,
    measure_curve,
    pairwise_similarities,
    similarity_of,
    true_accept_rate,
)
from facegate.domain.templates import Metric


def a_curve() -> CalibrationCurve:
    return CalibrationCurve(
        model_id="net",
        metric=Metric.COSINE,
        similarities=(0.0, 0.1, 0.2, 0.3, 0.4),
        log10_rates=(0.0, -1.0, -2.0, -3.0, -4.0),
        impostor_pair_count=100_000,
        genuine_pair_count=500,
        measured_on="synthetic",
    )


def test_rates_at_between_and_beyond_the_knots() -> None:
    curve = a_curve()
    assert curve.false_match_rate(-0.5) == 1.0
    assert curve.false_match_rate(0.2) == pytest.approx(1e-2)
    assert curve.false_match_rate(0.25) == pytest.approx(10**-2.5)
    assert curve.false_match_rate(0.5) == pytest.approx(1e-5)
    assert curve.false_match_rate(99.0) == pytest.approx(1e-12)


@given(st.floats(min_value=-11.9, max_value=0.0))
def test_similarity_and_rate_are_inverse(log10_rate: float) -> None:
    curve = a_curve()
    rate = 10.0**log10_rate
    assert curve.false_match_rate(curve.similarity_at(rate)) == pytest.approx(rate, rel=1e-6)


@given(st.floats(-1.0, 2.0), st.floats(-1.0, 2.0))
def test_more_similar_is_never_more_likely_a_stranger(one: float, other: float) -> None:
    curve = a_curve()
    low, high = sorted((one, other))
    assert curve.false_match_rate(high) <= curve.false_match_rate(low)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        a_curve().similarity_at(rate)


@pytest.mark.parametrize(
    ("similarities", "log10_rates"),
    [((0.1,), (0.0,)), ((0.1, 0.1), (0.0, -1.0)), ((0.1, 0.2), (-1.0, -1.0)), ((0.1, math.nan), (0.0, -1.0))],
)
def test_knots_that_are_no_curve_are_refused(
    similarities: tuple[float, ...], log10_rates: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"curve|rise"):
        CalibrationCurve("net", Metric.COSINE, similarities, log10_rates, 1, 1, "")


def test_a_curve_survives_json_like_data_and_nonsense_does_not() -> None:
    curve = a_curve()
    assert curve_from_data(curve_as_data(curve)) == curve
    with pytest.raises(ValueError, match="calibration curve"):
        curve_from_data({"model_id": "net"})


def test_a_measured_curve_gives_back_the_distribution() -> None:
    impostors = np.random.default_rng(7).normal(0.0, 0.1, 200_000).astype(np.float32)
    curve = measure_curve(
        model_id="net",
        metric=Metric.COSINE,
        impostor_similarities=impostors,
        genuine_pair_count=0,
        measured_on="normal distribution",
    )
    # One-sided normal quantiles: 2.326 sigma at 1e-2, 3.090 at 1e-3.
    assert curve.similarity_at(1e-2) == pytest.approx(0.2326, abs=0.005)
    assert curve.similarity_at(1e-3) == pytest.approx(0.3090, abs=0.01)
    # Rarer than measured: the straight tail must ask for at least what the normal one would (5.2 sigma).
    assert curve.similarity_at(1e-7) >= 0.52


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        measure_curve(
            model_id="net",
            metric=Metric.COSINE,
            impostor_similarities=np.zeros(999, dtype=np.float32),
            genuine_pair_count=0,
            measured_on="",
        )


def test_true_accepts_count_what_lies_above_the_impostors() -> None:
    impostors = np.linspace(0.0, 0.5, 1001, dtype=np.float32)
    genuine = np.array([0.4, 0.496, 0.9, 1.0], dtype=np.float32)
    assert true_accept_rate(genuine, impostors, 1e-2) == pytest.approx(0.75)


def test_similarities_agree_with_their_definitions() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(6, 128)).astype(np.float32)
    cosine = pairwise_similarities(vectors, Metric.COSINE)
    euclidean = cross_similarities(vectors[:2], vectors, Metric.EUCLIDEAN)
    expected = float(vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1]))
    assert cosine[0, 1] == pytest.approx(expected, abs=1e-6)
    assert euclidean[0, 1] == pytest.approx(1.0 - float(np.linalg.norm(vectors[0] - vectors[1])), abs=1e-4)
    assert similarity_of(vectors[0], vectors[0], Metric.COSINE) == pytest.approx(1.0, abs=1e-6)


def of_normal_impostors(pair_count: int, mean: float = 0.0) -> CalibrationCurve:
    impostors = np.random.default_rng(11).normal(mean, 0.1, pair_count).astype(np.float32)
    return measure_curve(
        model_id="net",
        metric=Metric.COSINE,
        impostor_similarities=impostors,
        genuine_pair_count=0,
        measured_on="normal distribution",
    )


def test_few_photos_shift_the_curve_and_leave_its_tail() -> None:
    reference = of_normal_impostors(500_000)
    alone = of_normal_impostors(1_225, mean=0.05)
    joined = alone.continued_by(reference)
    assert joined.similarity_at(0.1) == alone.similarity_at(0.1)
    # The strangers here are 0.05 more alike, at every rate; alone, 1,225 pairs would ask for far more.
    assert joined.similarity_at(1e-6) == pytest.approx(reference.similarity_at(1e-6) + 0.05, abs=0.03)
    assert alone.similarity_at(1e-6) > joined.similarity_at(1e-6) + 0.1


def test_a_curve_that_reaches_further_than_the_reference_stays_as_it_is() -> None:
    far, near = of_normal_impostors(100_000), of_normal_impostors(2_000)
    assert far.continued_by(near) == far


def test_a_curve_is_not_continued_by_another_models() -> None:
    other = CalibrationCurve("other", Metric.COSINE, (0.0, 0.5), (0.0, -5.0), 1, 1, "")
    with pytest.raises(ValueError, match="same model"):
        a_curve().continued_by(other)


@given(st.floats(0, 1))
def test_between_uneven_knots_the_line_is_straight(share: float) -> None:
    curve = replace(
        a_curve(), similarities=(-0.2, 0.1, 0.15, 0.4, 0.7), log10_rates=(0.0, -0.3, -2.0, -2.1, -6.0)
    )
    similarity = -0.2 + share * 0.9
    expected = np.interp(similarity, curve.similarities, curve.log10_rates)
    assert math.log10(curve.false_match_rate(similarity)) == pytest.approx(expected, abs=1e-9)
    back = np.interp(-6 * share, curve.log10_rates[::-1], curve.similarities[::-1])
    assert curve.similarity_at(10 ** (-6 * share)) == pytest.approx(back, abs=1e-9)
