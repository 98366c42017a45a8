"""Measures the calibration curves that facegate ships, with the product's own `CalibrateMatching`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.engine_parts import open_analysis
from benchmarks.photo_folders import PhotoFolders
from benchmarks.progress import progress_bar
from facegate.domain.calibration import CalibrationCurve, curve_as_data
from facegate.use_cases.calibrate_matching import CalibrateMatching, CalibrationReport

SHIPPED_EMBEDDERS = ("sface", "dlib")

# Similarity and log10 of the false-match rate as measured on 3,904 grey LFW photos of 869 persons (7.6
# million impostor pairs), a set that cannot be passed on. A set of 565,000 pairs must extrapolate below
# 5e-5, and put 1e-5 at 0.439: too low. The larger set decides the tail.
LARGER_SET_KNOTS: dict[str, tuple[tuple[float, float], ...]] = {
    "sface-2021dec": ((0.391, -4.0), (0.450, -5.0)),
}
_LARGER_SET_NOTE = "; from 1e-4 on 3,904 grey photos of 869 persons"


def write_calibrations(
    folders: Sequence[Path], target: Path, measured_on: str, thread_count: int
) -> list[CalibrationReport]:
    """Writes `<model id>.json` for every shipped embedder into `target`; the reports."""
    target.mkdir(parents=True, exist_ok=True)
    reports = []
    for name in SHIPPED_EMBEDDERS:
        source = PhotoFolders(folders)
        calibrate = CalibrateMatching(open_analysis(name), thread_count=thread_count)
        with progress_bar(f"calibrate {name}", source.photo_count()) as advance_to:
            report = calibrate(source, measured_on, advance_to)
        curve = with_cautious_tail(report.curve, LARGER_SET_KNOTS.get(report.curve.model_id, ()))
        text = json.dumps(curve_as_data(curve), indent=1) + "\n"
        (target / f"{curve.model_id}.json").write_text(text, encoding="utf-8")
        reports.append(replace(report, curve=curve))
    return reports


def with_cautious_tail(curve: CalibrationCurve, knots: Sequence[tuple[float, float]]) -> CalibrationCurve:
    """The curve with a tail from a larger set, unless its own tail asks for more similarity already."""
    if not knots or any(
        curve.similarity_at(10.0**log10_rate) > similarity for similarity, log10_rate in knots
    ):
        return curve
    first_similarity, first_rate = knots[0]
    own = [
        (similarity, rate)
        for similarity, rate in zip(curve.similarities, curve.log10_rates, strict=True)
        if rate > first_rate and similarity < first_similarity
    ]
    similarities, log10_rates = zip(*own, *knots, strict=True)
    return replace(
        curve,
        similarities=similarities,
        log10_rates=log10_rates,
        measured_on=curve.measured_on + _LARGER_SET_NOTE,
    )


def describe(report: CalibrationReport) -> str:
    """What a person wants to know of a calibration, in a few lines."""
    curve = report.curve
    lines = [
        f"{curve.model_id}: {report.photo_count} photos of {report.person_count} persons, "
        f"{len(report.skipped)} without a usable face; "
        f"{curve.genuine_pair_count} genuine and {curve.impostor_pair_count} impostor pairs",
        *(f"  true accepts at {rate:g}: {share:.4f}" for rate, share in report.true_accepts.items()),
        *(
            f"  similarity {curve.similarity_at(10.0**-power):.4f} is a false-match rate of 1e-{power}, "
            f"true accepts {(report.genuine >= curve.similarity_at(10.0**-power)).mean():.4f}"
            for power in range(2, 8)
        ),
    ]
    return "\n".join(lines)
