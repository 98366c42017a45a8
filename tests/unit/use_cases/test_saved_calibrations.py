"""The operator's own curve comes before the shipped one; without either nothing is matched."""

import pytest
from tests.unit.use_cases.conftest import CURVE, Core

from facegate.domain.calibration import CalibrationCurve
from facegate.domain.errors import CapabilityMissing, StoreFailed
from facegate.use_cases.saved_calibrations import curve_for, save_curve


def test_a_kept_curve_comes_before_the_shipped_one(core: Core) -> None:
    assert curve_for(core.store, CURVE.model_id, [CURVE]) == CURVE
    own = CalibrationCurve(CURVE.model_id, CURVE.metric, (0.1, 0.5), (0.0, -5.0), 5000, 10, "own photos")
    save_curve(core.store, own)
    assert curve_for(core.store, CURVE.model_id, [CURVE]) == own


def test_without_a_curve_the_way_out_is_said(core: Core) -> None:
    with pytest.raises(CapabilityMissing, match="facegate calibrate"):
        curve_for(core.store, "some-net", [CURVE])


@pytest.mark.parametrize("damaged", ["{", "{}", '{"model_id": "x"}', "[]"])
def test_a_damaged_curve_is_said_and_not_passed_over(core: Core, damaged: str) -> None:
    core.store.save_report(f"calibration:{CURVE.model_id}", damaged)
    with pytest.raises(StoreFailed, match="damaged"):
        curve_for(core.store, CURVE.model_id, [CURVE])
