"""How the tail of a larger set is put onto a measured curve."""

import pytest
from benchmarks.calibrations import with_cautious_tail

from facegate.domain.calibration import CalibrationCurve
from facegate.domain.templates import Metric

CURVE = CalibrationCurve(
    model_id="net",
    metric=Metric.COSINE,
    similarities=(0.0, 0.1, 0.2, 0.3, 0.4),
    log10_rates=(0.0, -1.0, -2.0, -3.0, -4.0),
    impostor_pair_count=300_000,
    genuine_pair_count=1_000,
    measured_on="a set",
)


def test_a_tail_that_asks_for_more_takes_over_from_its_first_knot() -> None:
    curve = with_cautious_tail(CURVE, ((0.42, -4.0), (0.6, -5.0)))
    assert curve.similarity_at(1e-3) == pytest.approx(0.3)
    assert curve.similarity_at(1e-4) == pytest.approx(0.42)
    assert curve.similarity_at(1e-5) == pytest.approx(0.6)
    assert curve.similarity_at(1e-6) == pytest.approx(0.78)
    assert curve.measured_on != CURVE.measured_on


def test_a_tail_that_asks_for_less_is_left_out() -> None:
    assert with_cautious_tail(CURVE, ((0.42, -4.0), (0.45, -5.0))) == CURVE


def test_no_tail_changes_nothing() -> None:
    assert with_cautious_tail(CURVE, ()) is CURVE
