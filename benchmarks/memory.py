"""Resident memory of a real server: at rest with 10,000 people, and over a soak of good and bad requests."""

import base64
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, PreparedRequest, identify_request, recognize_request
from benchmarks.people import synthetic_people
from benchmarks.pictures import NamedPicture
from benchmarks.progress import progress_bar
from benchmarks.server_process import RunningServer, fill_gallery, running_server
from benchmarks.timing import available_cores

FIRST_MARK = 2_000
_STEPS = 10
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class MemoryResult:
    """MiB of resident memory; `growth` is the last over the first mark, minus one."""

    gallery_size: int
    at_rest_mib: float
    after_requests_mib: dict[int, float]
    peak_mib: float | None
    growth: float
    requests_per_s: float
    statuses: dict[int, int]


def measure_memory(
    pictures: Sequence[NamedPicture], *, gallery_size: int, request_count: int
) -> MemoryResult:
    """Default settings, every core, a mix of frames, large photos, groups and damaged pictures."""
    cores = set(available_cores())
    requests = soak_requests(pictures)
    with tempfile.TemporaryDirectory() as folder:
        data_folder = Path(folder)
        fill_gallery(data_folder, synthetic_people("sface", gallery_size))
        with running_server(data_folder, cores=cores) as server:
            at_rest_mib = server.resident_mib()
            load = Load(server, requests, connections=_CONNECTIONS, cores=cores)
            with progress_bar("memory over requests", request_count) as advance_to:
                return _soak(server, load, request_count, at_rest_mib, advance_to, gallery_size)


def _soak(
    server: RunningServer,
    load: Load,
    request_count: int,
    at_rest_mib: float,
    advance_to: Callable[[int], None],
    gallery_size: int,
) -> MemoryResult:
    marks = soak_marks(request_count)
    resident: dict[int, float] = {}
    statuses: dict[int, int] = {}
    done_count, wall_s = 0, 0.0
    for mark in marks:
        result = load.drive(mark - done_count)
        wall_s += result.wall_s
        done_count = mark
        resident[mark] = round(server.resident_mib(), 1)
        for status, count in result.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
        advance_to(mark)
    return MemoryResult(
        gallery_size=gallery_size,
        at_rest_mib=round(at_rest_mib, 1),
        after_requests_mib=resident,
        peak_mib=server.peak_resident_mib(),
        growth=round(resident[marks[-1]] / resident[marks[0]] - 1, 4),
        requests_per_s=round(request_count / wall_s, 1),
        statuses=statuses,
    )


def soak_marks(request_count: int) -> list[int]:
    """The first mark, and ten more up to the end."""
    first = min(FIRST_MARK, max(1, request_count // 10))
    step = max(1, (request_count - first) // (_STEPS - 1))
    return [*range(first, request_count, step), request_count]


def soak_requests(pictures: Sequence[NamedPicture]) -> list[PreparedRequest]:
    """Every picture at both doors and bodies that are no request at all, in a mixed order."""
    requests = [
        prepare(picture.name, picture.encoded)
        for picture in pictures
        for prepare in (identify_request, recognize_request)
    ]
    plain = {"Content-Type": "application/json"}
    damaged = base64.b64encode(pictures[0].encoded)[:-7].replace(b"A", b"*")
    requests += [
        PreparedRequest("no JSON", "/recognize", plain, b"{"),
        PreparedRequest("no photo", "/recognize", plain, b"{}"),
        PreparedRequest("wrong type", "/recognize", plain, b'{"photo": 7}'),
        PreparedRequest("wrong base64", "/recognize", plain, b'{"photo": "' + damaged + b'"}'),
        PreparedRequest("no such path", "/nothing/here", plain, b"{}"),
    ]
    random.Random(0).shuffle(requests)  # noqa: S311 - no secret
    return requests
