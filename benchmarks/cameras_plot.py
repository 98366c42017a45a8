"""One picture of the measurement of cameras. Needs matplotlib (the extra `plots`)."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks import cameras_parts as parts
from benchmarks.cameras import CameraResults
from benchmarks.cameras_walk_ins import WANTED_S

OURS, THEIRS, OTHER = "#1f6f8b", "#b5541c", "#7aa5b5"

_SHOWN_PARTS = (
    *(parts.DECODE, parts.LUMA, parts.GATE, parts.SMALL, parts.DETECT, parts.WHOLE),
    *(parts.JUDGE, parts.EMBED, parts.SEARCH, parts.NAME, parts.REST),
)


def plot_cameras(results: CameraResults, path: Path, title: str) -> None:
    """Writes a PNG; panels without a measurement stay empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.5))
    panels: list[tuple[Callable[[CameraResults, Axes], None], Axes]] = [
        (_streams, axes[0][0]),
        (_parts, axes[0][1]),
        (_delays, axes[1][0]),
        (_reconnects, axes[1][1]),
    ]
    for draw, panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        draw(results, panel)
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _streams(results: CameraResults, panel: Axes) -> None:
    panel.set_title("Processor of the server per stream, % of a core", fontsize=10)
    if not results.streams:
        return
    cases = list(results.streams)[::-1]
    lengths = [100 * case.core_per_stream for case in cases]
    colours = [OURS if case.case.has_gate else OTHER for case in cases]
    drawn = panel.barh([case.case.name for case in cases], lengths, color=colours)
    panel.bar_label(drawn, fmt="%.1f", fontsize=8)
    panel.tick_params(axis="y", labelsize=8)


def _parts(results: CameraResults, panel: Axes) -> None:
    panel.set_title("Steps on one core, median ms (decoding: of 25 frames)", fontsize=10)
    shown = [name for name in _SHOWN_PARTS if name in results.parts][::-1]
    if not shown:
        return
    drawn = panel.barh(shown, [results.parts[name].median_ms for name in shown], color=OURS)
    panel.bar_label(drawn, fmt="%.2f", fontsize=7)
    panel.tick_params(axis="y", labelsize=7)


def _delays(results: CameraResults, panel: Axes) -> None:
    panel.set_title("From the first pixel of a person to the Telegram message, s", fontsize=10)
    times = [
        [one.message_s for one in figures.walk_ins if one.message_s is not None]
        for figures in results.walk_ins
    ]
    if not any(times):
        return
    longest_s = max(WANTED_S, *(max(seconds, default=0.0) for seconds in times))
    panel.hist(
        times,
        bins=list(np.linspace(0.0, longest_s * 1.02, 42)),
        color=[OURS, OTHER, THEIRS][: len(times)],
        label=[figures.name for figures in results.walk_ins],
    )
    panel.axvline(WANTED_S, color=THEIRS, linewidth=1, linestyle="--")
    panel.legend(fontsize=8)


def _reconnects(results: CameraResults, panel: Axes) -> None:
    panel.set_title("What the server holds over reconnects", fontsize=10)
    figures = results.reconnects
    if figures is None:
        return
    counts = [sample.reconnects for sample in figures.samples]
    panel.plot(counts, [one.holding.memory_mib for one in figures.samples], color=OURS, label="MiB")
    panel.set_ylim(bottom=0)
    panel.set_ylabel("MiB", fontsize=8)
    panel.set_xlabel("reconnects", fontsize=8)
    beside = panel.twinx()
    beside.plot(
        counts, [one.holding.descriptor_count for one in figures.samples], color=THEIRS, label="descriptors"
    )
    beside.plot(counts, [one.holding.thread_count for one in figures.samples], color=OTHER, label="threads")
    beside.set_ylim(bottom=0)
    lines = [*panel.get_lines(), *beside.get_lines()]
    panel.legend(lines, [str(line.get_label()) for line in lines], fontsize=8, loc="lower right")
