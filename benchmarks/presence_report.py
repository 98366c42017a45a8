"""The presence measurements as a page for people."""

from collections.abc import Sequence
from typing import Any

from benchmarks.presence import PresenceResult
from benchmarks.results_files import facts_lines, markdown_table

WANTED_FRAMES_PER_S = {"sface": 45.0, "sface-int8": 45.0, "dlib-int8": 60.0}
WANTED_P99_MS = 1000.0


def presence_page(facts: dict[str, Any], results: Sequence[PresenceResult]) -> list[str]:
    """The whole page."""
    return [
        "# The presence door under load",
        "",
        *facts_lines(facts),
        "Server and clients share all cores. Frames are 640 x 480 JPEGs of a real person who moves;",
        "10,000 people are enrolled beside the workstations' users. Many workstations show the clip in slow",
        "motion, as of users who sit still: where somebody moves as much as in the clip, nothing is reused.",
        "They connect within half a minute, and frames count once all are there.",
        "",
        "## Targets",
        "",
        *markdown_table(["What", "Wanted", "Measured", ""], [list(row) for row in target_rows(results)]),
        "## Loads",
        "",
        *markdown_table(
            [
                "Load, net",
                "frames/s",
                "CPU ms/frame",
                "frames/s if the server had 2 cores",
                "p50 ms",
                "p95 ms",
                "p99 ms",
                "greatest ms",
                "superseded",
                "lost connections",
                "second looks for phones",
            ],
            [_load_row(result) for result in results],
        ),
        "## Answers",
        "",
        *[f"* {result.name}, {result.embedder}: {_counts(result.reasons)}" for result in results],
        "",
        "## Resident memory in MiB over the seconds",
        "",
        *[
            f"* {result.name}, {result.embedder}: {_counts(result.resident_mib)}"
            for result in results
            if result.resident_mib
        ],
    ]


def target_rows(results: Sequence[PresenceResult]) -> list[tuple[str, str, str, str]]:
    """What was asked for, what was measured, and whether that is enough."""
    rows = []
    for result in results:
        wanted = WANTED_FRAMES_PER_S.get(result.embedder)
        if result.reuse_s == 0 and wanted is not None:
            is_met = result.frames_per_s >= wanted
            rows.append(
                (
                    f"every check on every frame with {result.embedder}",
                    f"{wanted:g} frames/s",
                    f"{result.frames_per_s:g} frames/s",
                    "met" if is_met else "**missed**",
                )
            )
        if result.reuse_s > 0:
            is_met = result.latency.p99_ms < WANTED_P99_MS and result.dropped_connections == 0
            rows.append(
                (
                    f"{result.station_count} workstations at 1 frame/s with {result.embedder}",
                    "p99 under 1 s, none lost",
                    f"p99 {result.latency.p99_ms:g} ms, {result.dropped_connections} lost",
                    "met" if is_met else "**missed**",
                )
            )
    return rows


def _load_row(result: PresenceResult) -> list[str]:
    latency = result.latency
    full = result.looks.get("full", 0)
    second = result.looks.get("second", 0)
    share = f"{second} in {full}" if full else "-"
    return [
        f"{result.name}, {result.embedder}" + (f", reuse {result.reuse_s:g} s" if result.reuse_s else ""),
        f"{result.frames_per_s:g}",
        f"{result.server_cpu_ms:g}",
        f"{result.frames_per_two_cores:g}",
        f"{latency.median_ms:g}",
        f"{latency.p95_ms:g}",
        f"{latency.p99_ms:g}",
        f"{latency.greatest_ms:g}",
        str(result.superseded_count),
        str(result.dropped_connections),
        share,
    ]


def _counts(counts: Any) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
