"""The ROC curve of a calibration. The one place of the package that draws with matplotlib, an extra."""

from pathlib import Path

import matplotlib
import numpy as np

from facegate.commands.output.whole_files import whole_file
from facegate.use_cases.calibrate_matching import CalibrationReport


def plot_roc(report: CalibrationReport, path: Path) -> None:
    """True accepts over false accepts (logarithmic); rates with fewer than ten impostor pairs are left out.

    Raises:
        CommandRefused: the file cannot be written.
    """
    matplotlib.use("Agg")
    from matplotlib import pyplot

    genuine, impostors = np.sort(report.genuine), np.sort(report.impostors)
    rarest = 10 / max(20, impostors.size)
    rates = np.logspace(np.log10(rarest), 0, 400)
    thresholds = np.quantile(impostors, 1.0 - rates)
    kept = 1.0 - np.searchsorted(genuine, thresholds, side="right") / max(1, genuine.size)
    figure, axes = pyplot.subplots(figsize=(7, 5))
    try:
        axes.semilogx(rates, kept)
        axes.set_xlabel("false accepts per comparison")
        axes.set_ylabel("true accepts")
        axes.set_ylim(min(0.9, float(kept.min())), 1.005)
        axes.grid(visible=True, which="both", alpha=0.3)
        axes.set_title(
            f"{report.curve.model_id}: {report.photo_count} photos of {report.person_count} people"
        )
        with whole_file(path) as file:
            figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, bbox_inches="tight")
    finally:
        pyplot.close(figure)
