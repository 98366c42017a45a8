"""The recognise path over HTTP on one core of the server, and what the server costs over the bare engine."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, LoadResult, PreparedRequest, identify_request, joined, recognize_request
from benchmarks.people import synthetic_people
from benchmarks.progress import progress_bar
from benchmarks.recognise import BareEngine, EngineTime, mean_of, measure_engine
from benchmarks.server_process import fill_gallery, running_server
from benchmarks.timing import server_and_client_cores

_CONNECTIONS = 4
"""Enough to keep one core busy: one is worked on while others arrive."""

_TURNS = 6
"""The doors and the bare engine take turns of a second or two: a shared machine slows down for longer."""

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
    """Both doors of one server and the bare engine, in turns on the same core."""
    encoded = [(path.name, path.read_bytes()) for path in pictures]
    people = synthetic_people(embedder, gallery_size)
    engine = BareEngine(embedder, gallery_size)
    server_cores, client_cores = server_and_client_cores()
    part = max(1, request_count // _TURNS)
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
            label = f"{embedder}, {gallery_size:,} people"
            found: dict[str, list[LoadResult]] = {door: [] for door in loads}
            bare: list[EngineTime] = []
            with progress_bar(f"over HTTP: {label}", _TURNS) as advance_to:
                for turn in range(_TURNS):
                    for door, load in loads.items():
                        found[door].append(load.drive(part))
                    bare.append(measure_engine(engine, [content for _, content in encoded], count=part))
                    advance_to(turn + 1)
    engine_time = mean_of(bare)
    return [
        _door_result(embedder, gallery_size, door, joined(parts), engine_time)
        for door, parts in found.items()
    ]


def _door_result(
    embedder: str, gallery_size: int, door: str, load: LoadResult, bare: EngineTime
) -> DoorResult:
    return DoorResult(
        embedder=embedder,
        gallery_size=gallery_size,
        door=door,
        load=load,
        bare_engine=bare,
        overhead=round(1 - bare.cpu_ms / load.server_cpu_ms, 4),
    )


def _warm_up(loads: dict[str, Load]) -> None:
    for door, load in loads.items():
        statuses = load.drive(24).statuses
        if set(statuses) != {200}:
            raise RuntimeError(f"{door} answers {statuses}")
