"""The shipped curves can be read and say what was measured elsewhere, too."""

import pytest

from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.domain.templates import Metric

CURVES = {curve.model_id: curve for curve in shipped_curves()}


def test_every_net_that_is_shipped_has_a_curve() -> None:
    assert {model_id: curve.metric for model_id, curve in CURVES.items()} == {
        "sface-2021dec": Metric.COSINE,
        "dlib-resnet-v1": Metric.EUCLIDEAN,
    }


@pytest.mark.parametrize(("similarity", "rate"), [(0.391, 1e-4), (0.450, 1e-5)])
def test_the_sface_curve_agrees_with_the_larger_set(similarity: float, rate: float) -> None:
    assert CURVES["sface-2021dec"].similarity_at(rate) == pytest.approx(similarity, abs=1e-4)


def test_dlibs_usual_distance_of_0_6_accepts_one_stranger_in_a_hundred() -> None:
    # 1.1 % on 7.6 million impostor pairs with dlib's own alignment.
    assert CURVES["dlib-resnet-v1"].false_match_rate(1 - 0.6) == pytest.approx(0.011, abs=0.004)


@pytest.mark.parametrize("model_id", CURVES)
def test_the_tail_goes_on_falling_slowly_enough_to_be_cautious(model_id: str) -> None:
    curve = CURVES[model_id]
    steps = [
        curve.similarity_at(10.0**-power) - curve.similarity_at(10.0 ** (1 - power)) for power in (5, 6, 7)
    ]
    # Each further decade asks for at least as much as the decades that were measured on many pairs.
    measured = curve.similarity_at(1e-4) - curve.similarity_at(1e-3)
    assert all(step >= 0.95 * measured for step in steps)
