"""One whole run of the speed and memory measurements, section by section, and what the targets say to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.baseline_environment import Baseline, BaselineMissing, running_baseline
from benchmarks.engine import measure_stages
from benchmarks.http_recognise import DoorResult, measure_http
from benchmarks.index import GalleryResult, measure_indexes
from benchmarks.memory import MemoryResult, measure_memory
from benchmarks.parity import Parity, measure_parity
from benchmarks.pictures import soak_pictures, web_camera_frames
from benchmarks.progress import console
from benchmarks.recognise import BaselineTimes, ask_baseline, sum_up_baseline
from benchmarks.startup import StartUpResult, measure_start_up
from benchmarks.timing import Timing, server_and_client_cores

SECTIONS = ("parity", "http", "engine", "index", "startup", "memory")
PEOPLE = 10_000
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How much is measured. `request_count` is per door and server, `soak_count` over all."""

    sections: tuple[str, ...] = SECTIONS
    embedders: tuple[str, ...] = ("sface", "sface-int8", "dlib", "dlib-int8")
    gallery_sizes: tuple[int, ...] = (1, PEOPLE)
    index_sizes: tuple[int, ...] = (PEOPLE, 100_000, MILLION)
    rounds: int = 6
    request_count: int = 384
    query_count: int = 1000
    start_count: int = 5
    soak_count: int = 20_000
    with_baseline: bool = True


QUICK = RunOptions(
    index_sizes=(PEOPLE,), rounds=1, request_count=48, query_count=50, start_count=1, soak_count=300
)


@dataclass(slots=True)
class RunResults:
    """What was measured; a section that did not run is empty or None."""

    baseline_versions: dict[str, Any] = field(default_factory=dict)
    baseline: dict[int, BaselineTimes] = field(default_factory=dict)
    parity: Parity | None = None
    doors: list[DoorResult] = field(default_factory=list)
    stages: dict[str, dict[str, Timing]] = field(default_factory=dict)
    indexes: list[GalleryResult] = field(default_factory=list)
    start_up: StartUpResult | None = None
    memory: MemoryResult | None = None
    notes: list[str] = field(default_factory=list)


def run_all(options: RunOptions) -> RunResults:
    """Every section that is asked for, the ones that share a baseline next to each other."""
    results = RunResults()
    pictures = web_camera_frames()
    with _baseline_if_wanted(options, results) as baseline:
        if "parity" in options.sections and baseline is not None:
            console.rule("the converted net beside dlib")
            results.parity = measure_parity(baseline, pictures, rounds=options.rounds)
        if "http" in options.sections:
            console.rule("recognising over HTTP")
            _measure_doors(options, results, baseline, pictures)
    if "engine" in options.sections:
        console.rule("stages of the engine")
        results.stages = measure_stages(pictures, rounds=options.rounds)
    if "index" in options.sections:
        for size in options.index_sizes:
            console.rule(f"search among {size:,} people")
            results.indexes.append(measure_indexes("sface", size, query_count=options.query_count))
    if "startup" in options.sections:
        results.start_up = measure_start_up(gallery_size=PEOPLE, rounds=options.start_count)
    if "memory" in options.sections:
        mix = soak_pictures(pictures)
        results.memory = measure_memory(mix, gallery_size=PEOPLE, request_count=options.soak_count)
    return results


@contextmanager
def _baseline_if_wanted(options: RunOptions, results: RunResults) -> Iterator[Baseline | None]:
    """The baseline on the core that our server will have, or None with a note why."""
    if not options.with_baseline:
        results.notes.append("The comparison with face_recognition was left out.")
        yield None
        return
    cores = sorted(server_and_client_cores()[0])
    with ExitStack() as running:
        baseline: Baseline | None = None
        try:
            baseline = running.enter_context(running_baseline(cores))
            results.baseline_versions = baseline.ask("versions", cores=cores)
        except BaselineMissing as error:
            results.notes.append(f"The comparison with face_recognition did not run: {error}")
            console.print(results.notes[-1])
        yield baseline


def _measure_doors(
    options: RunOptions, results: RunResults, baseline: Baseline | None, pictures: Sequence[Path]
) -> None:
    """The baseline has a turn before, between and after our servers, so that both see the same machine."""
    times: dict[int, list[dict[str, Any]]] = {size: [] for size in options.gallery_sizes}

    def baseline_turn() -> None:
        if baseline is not None:
            for size in options.gallery_sizes:
                times[size] += ask_baseline(baseline, pictures, size)

    baseline_turn()
    for embedder in options.embedders:
        for size in options.gallery_sizes:
            results.doors += measure_http(
                embedder, pictures, gallery_size=size, request_count=options.request_count
            )
        baseline_turn()
    if baseline is not None:
        results.baseline = {size: sum_up_baseline(found, len(pictures)) for size, found in times.items()}


@dataclass(frozen=True, slots=True)
class Target:
    """One number to reach."""

    what: str
    wanted: str
    measured: str
    is_met: bool


def targets_of(results: RunResults) -> list[Target]:
    """The targets for which this run has a measurement."""
    judges: tuple[Callable[[RunResults], Iterator[Target]], ...] = (
        _throughput_targets,
        _overhead_target,
        _parity_targets,
        _search_targets,
        _process_targets,
    )
    return [target for judge in judges for target in judge(results)]


def times_the_baseline(results: RunResults, door: DoorResult) -> float | None:
    """How often this door's throughput per core is that of the baseline: processor time over the same."""
    baseline = results.baseline.get(door.gallery_size)
    if baseline is None:
        return None
    return baseline.cpu_ms / door.load.server_cpu_ms


def _throughput_targets(results: RunResults) -> Iterator[Target]:
    for embedder, wanted in (("sface", 10), ("sface-int8", 10), ("dlib", 20), ("dlib-int8", 20)):
        ratios = [
            ratio
            for door in results.doors
            if door.embedder == embedder and door.gallery_size == PEOPLE
            if (ratio := times_the_baseline(results, door)) is not None
        ]
        if ratios:
            yield Target(
                f"recognise over HTTP among {PEOPLE:,} with {embedder}, times face_recognition",
                f"at least {wanted}",
                " and ".join(f"{ratio:.1f}" for ratio in ratios),
                min(ratios) >= wanted,
            )


def _overhead_target(results: RunResults) -> Iterator[Target]:
    shares = [
        door.overhead for door in results.doors if door.embedder == "sface" and door.gallery_size == PEOPLE
    ]
    if shares:
        measured = " and ".join(f"{share:.1%}" for share in shares)
        yield Target("server overhead with sface", "under 10 %", measured, max(shares) < 0.10)


def _parity_targets(results: RunResults) -> Iterator[Target]:
    if results.parity is None:
        return
    net = next(net for net in results.parity.nets if (net.build, net.runtime) == ("dlib", "onnxruntime"))
    difference = f"{net.largest_difference:.1e}"
    yield Target("converted dlib net, largest difference", "1e-5", difference, net.largest_difference <= 1e-5)
    yield Target(
        "converted dlib net, times dlib", "at least 15", f"{net.times_faster:.1f}", net.times_faster >= 15
    )


def _search_targets(results: RunResults) -> Iterator[Target]:
    for gallery in results.indexes:
        exact, approximate = gallery.exact, gallery.approximate
        if exact.gallery_size == PEOPLE:
            is_met = exact.search.median_ms < 1
            yield Target("search among 10,000", "under 1 ms", f"{exact.search.median_ms:.2f} ms", is_met)
        if exact.gallery_size == MILLION:
            measured = f"{approximate.search.median_ms:.2f} ms, recall {approximate.recall_at_1:.4f}"
            is_met = approximate.search.median_ms < 5 and approximate.recall_at_1 >= 0.999
            yield Target("search among 1,000,000", "under 5 ms at recall 0.999", measured, is_met)


def _process_targets(results: RunResults) -> Iterator[Target]:
    if results.start_up is not None:
        seconds = results.start_up.median_s
        yield Target("start to ready, models cached", "under 3 s", f"{seconds:.2f} s", seconds < 3)
    if results.memory is not None:
        memory = results.memory
        most_mib = max(memory.at_rest_mib, *memory.after_requests_mib.values())
        yield Target(
            "memory with 10,000 people", "under 450 MB", f"{most_mib * 1.048576:.0f} MB", most_mib < 429
        )
        counts = list(memory.after_requests_mib)
        yield Target(
            f"memory after {counts[-1]:,} requests over that after {counts[0]:,}",
            "within 5 %",
            f"{memory.growth:+.1%}",
            abs(memory.growth) <= 0.05,
        )
