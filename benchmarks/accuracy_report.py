"""Accuracy as a page of tables and one plot."""

from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy import DEFAULT_METHOD, DLIB_PIPELINE, POOLED, AccuracyResults, MethodResult
from benchmarks.accuracy_pairs import FALSE_ACCEPT_RATES
from benchmarks.results_files import facts_lines, markdown_table

RATE_NAMES = tuple(f"{rate:g}" for rate in FALSE_ACCEPT_RATES)


def accuracy_page(facts: dict[str, Any], results: AccuracyResults, plot_name: str) -> list[str]:
    """Both ways of counting, set by set, pooled last, and the verdict on the default model first."""
    sizes = "; ".join(
        f"{name}: {counts['photos']} photos of {counts['persons']} persons"
        for name, counts in results.sets.items()
    )
    return [
        "# Accuracy",
        "",
        *facts_lines(facts),
        f"{sizes}. The largest face of each photo, all pairs within a set.",
        "",
        *[f"**{note}**" for note in results.notes],
        *verdict(results),
        "",
        f"![Plot]({plot_name})",
        "",
        "## A face that was not found counts as rejected",
        "",
        *_table(results.as_rejected),
        "## Only photos in which every detector found a face",
        "",
        *_table(results.common),
        "True accepts in percent at three false-accept rates, with the 95 % interval over resampled persons.",
        "*Gain* is the default model minus this one at 1e-3, in points, over the same resamples.",
        "`~` marks figures whose threshold rests on fewer than ten impostor pairs.",
    ]


def verdict(results: AccuracyResults) -> list[str]:
    """Whether the default model is below dlib's own pipeline: pooled, and set by set."""
    lines = []
    for result in results.as_rejected:
        rate = result.rates.get("0.001")
        if result.method != DLIB_PIPELINE or rate is None or rate.difference is None:
            continue
        ours = next(
            other.rates["0.001"].true_accepts
            for other in results.as_rejected
            if (other.photo_set, other.method) == (result.photo_set, DEFAULT_METHOD)
        )
        _, low, high = rate.difference
        is_met = ours >= rate.true_accepts if result.photo_set == POOLED else high >= 0
        lines.append(
            f"- {result.photo_set}, true accepts at 1e-3: {DEFAULT_METHOD} {ours:.1%}, {DLIB_PIPELINE} "
            f"{rate.true_accepts:.1%}, difference {100 * low:+.1f} to {100 * high:+.1f} points (95 %): "
            f"{'met' if is_met else '**missed**'}."
        )
    return lines


def _table(results: Sequence[MethodResult]) -> list[str]:
    head = ["Set, method", "no face", *(f"at {name}" for name in RATE_NAMES), "gain at 1e-3"]
    return markdown_table(head, [_row(result) for result in results])


def _row(result: MethodResult) -> list[str]:
    cells = []
    for name in RATE_NAMES:
        rate = result.rates.get(name)
        if rate is None:
            cells.append("")
            continue
        low, high = rate.interval
        mark = "" if rate.is_sure else "~"
        cells.append(f"{mark}{100 * rate.true_accepts:.1f} ({100 * low:.1f} to {100 * high:.1f})")
    gain = ""
    if (rate := result.rates.get("0.001")) is not None and rate.difference is not None:
        middle, low, high = rate.difference
        gain = f"{100 * middle:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
    return [f"{result.photo_set}, {result.method}", str(result.photos_without_a_face), *cells, gain]
