"""One small picture of a run: throughput, stages, search, memory. Needs matplotlib (the extra `plots`)."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.run import PEOPLE, RunResults

OURS, THEIRS, OTHER = "#1f6f8b", "#b5541c", "#7aa5b5"


def plot_run(results: RunResults, path: Path, title: str) -> None:
    """Writes a PNG of some 60 kB; panels without a measurement stay empty."""
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.5))
    panels: list[tuple[Any, Axes]] = [
        (_throughput, axes[0][0]),
        (_stages, axes[0][1]),
        (_search, axes[1][0]),
        (_memory, axes[1][1]),
    ]
    for draw, panel in panels:
        draw(results, panel)
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _throughput(results: RunResults, panel: Axes) -> None:
    panel.set_title("Pictures recognised per second and core, 10,000 people", fontsize=10)
    bars: list[tuple[str, float, str]] = [
        (f"{door.embedder}, {door.door.removeprefix('POST ')}", door.load.requests_per_core_s, OURS)
        for door in results.doors
        if door.gallery_size == PEOPLE
    ]
    if PEOPLE in results.baseline:
        bars.insert(0, ("face_recognition, in process", 1000 / results.baseline[PEOPLE].cpu_ms, THEIRS))
    if not bars:
        return
    names, lengths, colours = zip(*bars[::-1], strict=True)
    drawn = panel.barh(names, lengths, color=colours)
    panel.bar_label(drawn, fmt="%.1f", fontsize=8)
    panel.tick_params(axis="y", labelsize=8)


def _stages(results: RunResults, panel: Axes) -> None:
    panel.set_title("Stages on one core, median ms", fontsize=10)
    if not results.stages:
        return
    shown = [
        (stage if not runtime else f"{stage} ({runtime})", timing.median_ms, runtime)
        for stage, timings in results.stages.items()
        for runtime, timing in timings.items()
        if "at once" not in stage
    ][::-1]
    names = [name for name, _, _ in shown]
    colours = [OTHER if runtime == "openvino" else OURS for _, _, runtime in shown]
    drawn = panel.barh(names, [value for _, value, _ in shown], color=colours)
    panel.bar_label(drawn, fmt="%.2f", fontsize=7)
    panel.tick_params(axis="y", labelsize=7)


def _search(results: RunResults, panel: Axes) -> None:
    panel.set_title("Search on one core, median ms", fontsize=10)
    if not results.indexes:
        return
    sizes = [gallery.exact.gallery_size for gallery in results.indexes]
    exact = [gallery.exact.search.median_ms for gallery in results.indexes]
    approximate = [gallery.approximate.search.median_ms for gallery in results.indexes]
    panel.loglog(sizes, exact, "o-", color=THEIRS, label="exact")
    panel.loglog(sizes, approximate, "s-", color=OURS, label="usearch (HNSW)")
    for gallery in results.indexes:
        index = gallery.approximate
        note = f"recall {index.recall_at_1:.4f}"
        where = (index.gallery_size, index.search.median_ms)
        panel.annotate(note, where, textcoords="offset points", xytext=(0, -14), ha="center", fontsize=7)
    panel.set_xlabel("people", fontsize=8)
    panel.margins(x=0.15, y=0.25)
    panel.legend(fontsize=8)


def _memory(results: RunResults, panel: Axes) -> None:
    panel.set_title("Resident memory of the server, MiB", fontsize=10)
    if results.memory is None:
        return
    memory = results.memory
    counts = [0, *memory.after_requests_mib]
    panel.plot(counts, [memory.at_rest_mib, *memory.after_requests_mib.values()], "o-", color=OURS)
    panel.set_ylim(bottom=0)
    panel.set_xlabel("requests, good and bad ones mixed", fontsize=8)
