"""The recognise path over HTTP on one core of the server, and what the server costs over the bare engine."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, LoadResult, PreparedRequest, identify_request, joined, recognize_request
from benchmarks.people import synthetic_people
from benchmarks.progress import progress_bar
from benchmarks.recognise import BareEngine, EngineTime, measure_engine
from benchmarks.server_process import fill_gallery, running_server
from benchmarks.timing import server_and_client_cores

_CONNECTIONS = 4
"""Enough to keep one core busy: one is worked on while others arrive."""

_DOORS: dict[str, Callable[[str, bytes], PreparedRequest]] = {
    "POST /v1/identify": identify_request,
    "POST /recognize": recognize_request,
}

ONE_CORE_SETTINGS = {"FACEGATE_ENGINE__WORKERS": "1"}


@dataclass(frozen=True, slots=True)
class DoorResult:
    """One door of one server. `overhead` is the share of the server's processor time that is not engine."""

    embedder: str
    gallery_size: int
    door: str
    load: LoadResult
    bare_engine: EngineTime
    overhead: float


def measure_http(
    embedder: str, pictures: Sequence[Path], *, gallery_size: int, request_count: int
) -> list[DoorResult]:
    """Both doors of one server on one core, with the bare engine on the same core in between."""
    encoded = [(path.name, path.read_bytes()) for path in pictures]
    people = synthetic_people(embedder, gallery_size)
    engine = BareEngine(embedder, gallery_size)
    server_cores, client_cores = server_and_client_cores()
    half = max(1, request_count // 2)
    with tempfile.TemporaryDirectory() as folder:
        data_folder = Path(folder)
        fill_gallery(data_folder, people)
        settings = {**ONE_CORE_SETTINGS, "FACEGATE_ENGINE__EMBEDDER": embedder}
        with running_server(data_folder, cores=server_cores, settings=settings) as server:
            loads = {
                door: Load(
                    server,
                    [prepare(name, content) for name, content in encoded],
                    connections=_CONNECTIONS,
                    cores=client_cores,
                )
                for door, prepare in _DOORS.items()
            }
            _warm_up(loads)
            # Before and after the bare engine, so that a machine that slows down slows both.
            label = f"{embedder}, {gallery_size:,} people"
            with progress_bar(f"over HTTP: {label}", len(loads) * 2 * half) as advance_to:
                before = _drive_all(loads, half, advance_to, 0)
                bare = measure_engine(engine, [content for _, content in encoded], count=request_count)
                after = _drive_all(loads, half, advance_to, len(loads) * half)
    return [
        DoorResult(
            embedder=embedder,
            gallery_size=gallery_size,
            door=door,
            load=(load := joined(before[door], after[door])),
            bare_engine=bare,
            overhead=round(1 - bare.cpu_ms / load.server_cpu_ms, 4),
        )
        for door in loads
    ]


def _warm_up(loads: dict[str, Load]) -> None:
    for door, load in loads.items():
        statuses = load.drive(24).statuses
        if set(statuses) != {200}:
            raise RuntimeError(f"{door} answers {statuses}")


def _drive_all(
    loads: dict[str, Load], count: int, advance_to: Callable[[int], None], done_count: int
) -> dict[str, LoadResult]:
    results = {}
    for position, (door, load) in enumerate(loads.items()):
        start = done_count + position * count
        results[door] = load.drive(count)
        advance_to(start + count)
    return results
