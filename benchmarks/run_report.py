"""The results of a run as a page of tables. The plot is `run_plot.py`."""

from collections.abc import Iterator
from typing import Any

from benchmarks.results_files import facts_lines, markdown_table
from benchmarks.run import RunResults, targets_of, times_the_baseline
from benchmarks.timing import Timing


def run_page(facts: dict[str, Any], results: RunResults, plot_name: str | None) -> list[str]:
    """All tables, the targets first."""
    lines = ["# Speed and memory", "", *facts_lines(facts), *[f"**{note}**" for note in results.notes], ""]
    if plot_name is not None:
        lines += [f"![Plot]({plot_name})", ""]
    for section in (_targets, _doors, _baseline, _stages, _parity, _indexes, _process):
        lines += section(results)
    return lines


def _targets(results: RunResults) -> Iterator[str]:
    targets = targets_of(results)
    if not targets:
        return
    yield from ("## Targets", "")
    rows = [
        [item.what, item.wanted, item.measured, "met" if item.is_met else "**missed**"] for item in targets
    ]
    yield from markdown_table(["What", "Target", "Measured", ""], rows)


def _doors(results: RunResults) -> Iterator[str]:
    if not results.doors:
        return
    yield from (
        "## Recognising a 640 x 480 JPEG over HTTP, server on one core",
        "",
        "Overhead is the share of the server's processor time that is not decode, detect, align, judge,",
        "embed and search; the bare engine and the requests took turns on the same core.",
        "",
    )
    head = [
        "Net, people, door",
        "requests/s",
        "per core-s",
        "p95 ms",
        "CPU ms",
        "engine CPU ms",
        "overhead",
        "times",
    ]
    rows = []
    for door in results.doors:
        ratio = times_the_baseline(results, door)
        rows.append(
            [
                f"{door.embedder}, {door.gallery_size:,}, {door.door}",
                f"{door.load.requests_per_s:.1f}",
                f"{door.load.requests_per_core_s:.1f}",
                f"{door.load.latency.p95_ms:.0f}",
                f"{door.load.server_cpu_ms:.2f}",
                f"{door.bare_engine.cpu_ms:.2f}",
                f"{door.overhead:.1%}",
                f"{ratio:.1f}" if ratio is not None else "",
            ]
        )
    yield from markdown_table(head, rows)
    yield from (
        "`times` is processor time of `face_recognition` per picture over that of the server, same files.",
        "",
    )


def _baseline(results: RunResults) -> Iterator[str]:
    if not results.baseline:
        return
    versions = ", ".join(f"{name} {found}" for name, found in results.baseline_versions.items())
    yield from (
        "## face_recognition with its defaults, one core, same files, same run",
        "",
        f"{versions}.",
        "",
    )
    rows = []
    for size, times in results.baseline.items():
        stages = times.stages_median_ms
        rows.append(
            [
                f"{size:,} encodings",
                *(f"{stages[name]:.1f}" for name in ("decode", "detect", "encode", "compare")),
                f"{times.total.median_ms:.1f}",
                f"{times.total.p95_ms:.1f}",
                f"{times.cpu_ms:.1f}",
                f"{times.pictures_with_a_face} of {times.picture_count}",
            ]
        )
    head = [
        "",
        "decode ms",
        "detect ms",
        "encode ms",
        "compare ms",
        "total ms",
        "p95 ms",
        "pictures/s",
        "face found",
    ]
    yield from markdown_table(head, rows)


def _stages(results: RunResults) -> Iterator[str]:
    if not results.stages:
        return
    yield from ("## Stages of the engine, one core: median (p95) in ms", "")
    runtimes = sorted({name for timings in results.stages.values() for name in timings if name})
    rows = [
        [stage, _cell(timings.get("")), *(_cell(timings.get(name)) for name in runtimes)]
        for stage, timings in results.stages.items()
    ]
    yield from markdown_table(["Stage", "without a net", *runtimes], rows)


def _cell(timing: Timing | None) -> str:
    return f"{timing.median_ms:.2f} ({timing.p95_ms:.2f})" if timing else ""


def _parity(results: RunResults) -> Iterator[str]:
    parity = results.parity
    if parity is None:
        return
    yield from (
        "## The converted net beside dlib, on dlib's own chips",
        "",
        f"{parity.chip_count} chips; dlib's `compute_face_descriptor`: {_cell(parity.dlib_timing)} ms.",
        "",
    )
    rows = [
        [
            f"{net.build}, {net.runtime}",
            f"{net.largest_difference:.1e}",
            f"{net.smallest_cosine:.6f}",
            _cell(net.timing),
            f"{net.times_faster:.1f}",
        ]
        for net in parity.nets
    ]
    yield from markdown_table(["Build", "largest difference", "smallest cosine", "ms", "times faster"], rows)


def _indexes(results: RunResults) -> Iterator[str]:
    if not results.indexes:
        return
    yield from ("## Search, one core, five candidates", "")
    head = [
        "Index",
        "median ms",
        "p95 ms",
        "recall@1",
        "near",
        "person found",
        "build s",
        "open s",
        "memory MiB",
        "disk MiB",
    ]
    rows = [
        [
            f"{index.kind}, {index.gallery_size:,}",
            f"{index.search.median_ms:.3f}",
            f"{index.search.p95_ms:.3f}",
            f"{index.recall_at_1:.4f}",
            f"{index.near_recall_at_1:.4f}",
            f"{index.person_found:.4f}",
            f"{index.build_s:.1f}",
            f"{index.open_s:.1f}" if index.open_s is not None else "",
            f"{index.memory_mib:.0f}",
            f"{index.disk_mib:.0f}" if index.disk_mib is not None else "",
        ]
        for gallery in results.indexes
        for index in (gallery.exact, gallery.approximate)
    ]
    yield from markdown_table(head, rows)
    last = results.indexes[-1]
    alike = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in last.likeness.items())
    yield from (
        "*near*: recall of looks half as far from the enrolled template. An index with a time under *open*",
        "was built by an earlier run and mapped from disk.",
        f"Templates perturbed from {last.origin}, fixed seed; likeness: {alike}.",
        "",
    )


def _process(results: RunResults) -> Iterator[str]:
    if results.start_up is not None:
        start = results.start_up
        listed = ", ".join(f"{seconds:.2f}" for seconds in start.seconds)
        yield from (
            "## Start and memory",
            "",
            f"Start to ready with {start.gallery_size:,} people, models cached: "
            f"median {start.median_s:.2f} s ({listed}).",
            "",
        )
    if results.memory is not None:
        memory = results.memory
        statuses = ", ".join(f"{count:,} x {status}" for status, count in sorted(memory.statuses.items()))
        peak = f", peak {memory.peak_mib:.0f} MiB" if memory.peak_mib else ""
        yield from (
            f"Memory with {memory.gallery_size:,} people: {memory.at_rest_mib:.0f} MiB when ready{peak}. "
            f"{memory.requests_per_s:.0f} requests/s, good and bad ones mixed ({statuses}).",
            "",
        )
        counts = [f"{count:,}" for count in memory.after_requests_mib]
        values = [f"{mib:.0f}" for mib in memory.after_requests_mib.values()]
        yield from markdown_table(["Requests", *counts], [["MiB", *values]])
