"""The liveness measurements as a page for people."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from benchmarks.liveness import (
    DIM_LIGHT_NOISE,
    FAIR_LIGHT_NOISE,
    THRESHOLDS,
    FrameLooks,
    LivenessResults,
    SampleResult,
    exact_interval,
)
from benchmarks.liveness_sequences import RATES_PER_S, SequenceResult
from benchmarks.results_files import facts_lines, markdown_table

_LISTED_ONE_BY_ONE = 12


def liveness_page(facts: dict[str, Any], results: LivenessResults) -> list[str]:
    """The whole page."""
    limits = results.limits
    return [
        "# Liveness over time",
        "",
        *facts_lines(facts),
        "Camera frames have noise, brightness that flickers by 3 %, JPEG of quality 70 to 95. In fair light",
        f"the noise has {FAIR_LIGHT_NOISE:g}, in dim light {DIM_LIGHT_NOISE:g} grey levels; these keep the",
        "size of the photo and move by whole pixels. Those of 640 x 480 are resampled to a face 150 px wide",
        "that sways, with edges repeated where the photo ends. Staged attacks are made by computer from real",
        "photos. Intervals are Clopper and Pearson's at 95 %, over photos: frames of one photo are not",
        f"independent. Defaults: median of {limits.liveness_window_s:g} s, "
        f"{limits.min_live_probability:g} passes.",
        "",
        "## The net's answer to each photo",
        "",
        "To the file as it is, then the least, median and greatest to its camera frames.",
        "",
        *markdown_table(
            [
                "What",
                "Photo",
                "as sent",
                "fair light",
                "dim light",
                "640 x 480",
                "frames each",
                "without a face",
            ],
            [_sample_row(sample) for sample in _listed(results.samples)],
        ),
        "## Photos below 0.5",
        "",
        "As sent; else the median over the camera frames.",
        "",
        *markdown_table(
            ["What", "photos", "as sent", "fair light", "dim light", "640 x 480"], _counts(results)
        ),
        "## Share of frames that the median tells as an attack",
        "",
        "For real people these are false alarms. The mean over photos.",
        "",
        *markdown_table(
            ["What", *[f"< {threshold:g}, {rate:g}/s" for threshold in THRESHOLDS for rate in RATES_PER_S]],
            [row for kind, samples in _by_kind(results.samples) for row in _told_rows(kind, samples)],
        ),
        "## Staged sequences: what tells them",
        "",
        "In how many sequences a finding showed at all, the share of frames that show it, and the seconds",
        "until the first, median and greatest. The phone detector's finding is counted in the last column.",
        "",
        *markdown_table(
            [
                "What",
                "frames/s",
                "sequences",
                "findings",
                "live probability (medians)",
                "frames with a phone",
            ],
            [
                _sequence_row(kind, rate, sequences)
                for (kind, rate), sequences in _by_kind_and_rate(results.sequences)
            ],
        ),
        "## Motion as of a flat picture",
        "",
        "What the best affine map between landmarks leaves, in distances between the eyes, where the face",
        "moved within the window by",
        f"{limits.rigid_shift:g} of it or more. Up to {limits.rigid_misfit:g} counts as flat.",
        "",
        *markdown_table(
            [
                "What",
                "frames/s",
                "frames that moved so far",
                "5th percentile",
                "median",
                "95th",
                "counted as flat",
            ],
            [
                _motion_row(kind, rate, sequences, limits.rigid_misfit)
                for (kind, rate), sequences in _by_kind_and_rate(results.sequences)
            ],
        ),
    ]


def summary(results: LivenessResults) -> list[str]:
    """A line for each kind of photo."""
    return [
        f"{kind}: of {count} photos below 0.5 as sent {sent}, fair light {fair}, dim light {dim}, "
        f"640 x 480 {placed}"
        for kind, count, sent, fair, dim, placed in _counts(results)
    ]


def _by_kind(samples: Sequence[SampleResult]) -> list[tuple[str, list[SampleResult]]]:
    return [(kind, list(found)) for kind, found in groupby(samples, key=lambda sample: sample.kind)]


def _by_kind_and_rate(
    sequences: Sequence[SequenceResult],
) -> list[tuple[tuple[str, float], list[SequenceResult]]]:
    found: dict[tuple[str, float], list[SequenceResult]] = {}
    for sequence in sequences:
        found.setdefault((sequence.kind, sequence.rate_per_s), []).append(sequence)
    return sorted(found.items())


def _listed(samples: Sequence[SampleResult]) -> list[SampleResult]:
    """Large sets are summed up below only."""
    return [sample for _, found in _by_kind(samples) if len(found) <= _LISTED_ONE_BY_ONE for sample in found]


def _sample_row(sample: SampleResult) -> list[str]:
    return [
        sample.kind,
        sample.name,
        "-" if sample.as_sent is None else f"{sample.as_sent:.2f}",
        _spread(sample.fair_light),
        _spread(sample.dim_light),
        _spread(sample.placed),
        str(sample.placed.frame_count),
        f"{sample.fair_light.without_face}, {sample.dim_light.without_face}, {sample.placed.without_face}",
    ]


def _spread(looks: FrameLooks) -> str:
    return f"{looks.least:.2f}, {looks.median:.2f}, {looks.greatest:.2f}"


def _counts(results: LivenessResults) -> list[list[str]]:
    rows = []
    for kind, samples in _by_kind(results.samples):
        below = (
            sum(sample.as_sent is not None and sample.as_sent < 0.5 for sample in samples),
            sum(sample.fair_light.median < 0.5 for sample in samples),
            sum(sample.dim_light.median < 0.5 for sample in samples),
            sum(sample.placed.median < 0.5 for sample in samples),
        )
        rows.append([kind, str(len(samples)), *[_share(hits, len(samples)) for hits in below]])
    return rows


def _share(hits: int, count: int) -> str:
    low, high = exact_interval(hits, count)
    return f"{hits} of {count} ({low:.0%} to {high:.0%})"


def _told_rows(kind: str, samples: Sequence[SampleResult]) -> list[list[str]]:
    looks_by_camera = {
        "fair light": [sample.fair_light for sample in samples],
        "dim light": [sample.dim_light for sample in samples],
        "640 x 480": [sample.placed for sample in samples],
    }
    return [
        [
            f"{kind}, {camera}",
            *[
                f"{np.mean([found.told[f'{threshold:g} at {rate:g}/s'] for found in looks]):.1%}"
                for threshold in THRESHOLDS
                for rate in RATES_PER_S
            ],
        ]
        for camera, looks in looks_by_camera.items()
    ]


def _sequence_row(kind: str, rate: float, sequences: Sequence[SequenceResult]) -> list[str]:
    lows = [found.least_median for found in sequences if found.least_median is not None]
    highs = [found.greatest_median for found in sequences if found.greatest_median is not None]
    frame_count = sum(found.frame_count for found in sequences)
    return [
        kind,
        f"{rate:g}",
        str(len(sequences)),
        _findings(sequences) or "none",
        f"{min(lows):.2f} to {max(highs):.2f}" if lows else "-",
        f"{sum(found.phone_frames for found in sequences)} of {frame_count}",
    ]


def _findings(sequences: Sequence[SequenceResult]) -> str:
    frame_count = sum(found.frame_count for found in sequences)
    texts = []
    for finding in sorted({name for found in sequences for name in found.shares}):
        showing = [found for found in sequences if finding in found.shares]
        share = sum(found.shares[finding] * found.frame_count for found in showing) / frame_count
        firsts = [found.first_s[finding] for found in showing]
        texts.append(
            f"{finding} in {len(showing)} of {len(sequences)}, {share:.0%} of frames, "
            f"first after {np.median(firsts):.1f} s, at most {max(firsts):.1f} s"
        )
    return "; ".join(texts)


def _motion_row(kind: str, rate: float, sequences: Sequence[SequenceResult], limit: float) -> list[str]:
    misfits = [misfit for found in sequences for misfit in found.misfits]
    if not misfits:
        return [kind, f"{rate:g}", "0", "-", "-", "-", "-"]
    low, middle, high = np.percentile(misfits, [5, 50, 95])
    flat = sum(misfit <= limit for misfit in misfits) / len(misfits)
    return [kind, f"{rate:g}", str(len(misfits)), f"{low:.3f}", f"{middle:.3f}", f"{high:.3f}", f"{flat:.0%}"]
