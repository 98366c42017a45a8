"""Accuracy as one small picture. Needs matplotlib (the extra `plots`)."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.accuracy import AccuracyResults, MethodResult

_COLOURS = ("#1f6f8b", "#6a8d3f", "#a6bf5b", "#b5541c")
_RATE = "0.001"


def plot_accuracy(results: AccuracyResults, path: Path, title: str) -> None:
    """ROC curves over all sets and, beside them, true accepts at 1e-3 set by set."""
    figure, (curves, bars) = plt.subplots(1, 2, figsize=(11, 4.5))
    set_names = list(dict.fromkeys(result.photo_set for result in results.as_rejected))
    methods = list(dict.fromkeys(result.method for result in results.as_rejected))
    for position, (method, colour) in enumerate(zip(methods, _COLOURS, strict=False)):
        own = [result for result in results.as_rejected if result.method == method]
        rates, shares = own[-1].roc
        curves.semilogx(rates, shares, color=colour, label=method)
        _draw_bars(bars, own, position - (len(methods) - 1) / 2, colour)
    curves.set_xlabel("false accepts")
    curves.set_ylabel("true accepts")
    curves.set_title(f"ROC, {set_names[-1]}; a face that was not found is rejected", fontsize=9)
    curves.grid(alpha=0.3)
    curves.legend(fontsize=8)
    bars.set_xticks(range(len(set_names)), set_names, fontsize=8)
    bars.set_ylim(0, 1.02)
    bars.set_title("True accepts at 1e-3 with 95 % intervals", fontsize=9)
    figure.suptitle(title, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _draw_bars(panel: Axes, own: list[MethodResult], shift: float, colour: str) -> None:
    for number, result in enumerate(own):
        rate = result.rates.get(_RATE)
        if rate is None:
            continue
        height, (low, high) = rate.true_accepts, rate.interval
        error = [[max(0.0, height - low)], [max(0.0, high - height)]]
        panel.bar(number + 0.2 * shift, height, 0.18, yerr=error, color=colour, capsize=2)
