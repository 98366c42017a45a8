"""Sends prepared HTTP requests over kept connections as fast as the answers come."""

import base64
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.server_process import AUTHORIZATION, RunningServer
from benchmarks.timing import Timing, pin, timing_of

_BOUNDARY = "facegate-benchmark-boundary"
_LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A POST, ready to be sent; `name` tells in reports what it is."""

    name: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back. `server_cpu_ms` is processor time of the server per request."""

    request_count: int
    wall_s: float
    requests_per_s: float
    server_cpu_ms: float
    requests_per_core_s: float
    latency: Timing
    statuses: dict[int, int]
    seconds: tuple[float, ...] = field(repr=False, default=())


def joined(parts: Sequence[LoadResult]) -> LoadResult:
    """Parts of one measurement as one, without the single times."""
    whole = _result(
        wall_s=sum(part.wall_s for part in parts),
        cpu_s=sum(part.server_cpu_ms * part.request_count for part in parts) / 1e3,
        seconds=tuple(seconds for part in parts for seconds in part.seconds),
        statuses=sum((Counter(part.statuses) for part in parts), Counter()),
    )
    return replace(whole, seconds=())


def _result(wall_s: float, cpu_s: float, seconds: tuple[float, ...], statuses: Counter[int]) -> LoadResult:
    count = len(seconds)
    return LoadResult(
        request_count=count,
        wall_s=round(wall_s, 3),
        requests_per_s=round(count / wall_s, 2),
        server_cpu_ms=round(cpu_s / count * 1e3, 4),
        requests_per_core_s=round(count / cpu_s, 2),
        latency=timing_of(seconds),
        statuses=dict(statuses),
        seconds=seconds,
    )


def identify_request(name: str, encoded: bytes) -> PreparedRequest:
    """`POST /v1/identify` with the picture as a multipart file."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="frame.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = head.encode() + encoded + f"\r\n--{_BOUNDARY}--\r\n".encode()
    headers = {**AUTHORIZATION, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    return PreparedRequest(name, "/v1/identify", headers, body)


def recognize_request(name: str, encoded: bytes) -> PreparedRequest:
    """`POST /recognize` of the attendance door with the picture as a data URI."""
    photo = "data:image/jpeg;base64," + base64.b64encode(encoded).decode()
    body = json.dumps({"photo": photo}).encode()
    return PreparedRequest(name, "/recognize", {"Content-Type": "application/json"}, body)


class Load:
    """Requests over and over, `connections` at a time, sent from `cores`."""

    def __init__(
        self, server: RunningServer, requests: Sequence[PreparedRequest], *, connections: int, cores: set[int]
    ) -> None:
        self._server = server
        self._requests = requests
        self._connections = connections
        self._cores = cores
        # Appending to a list is atomic; a counter would lose some.
        self._answered: list[tuple[float, int]] = []
        self._first = 0

    def drive(self, count: int) -> LoadResult:
        """Sends so many requests, going on where the last call stopped, and waits for every answer.

        Raises:
            RuntimeError: some were not answered at all.
        """
        self._answered.clear()
        numbers = iter(range(self._first, self._first + count))
        self._first += count
        threads = [
            threading.Thread(target=self._one_connection, args=(numbers,)) for _ in range(self._connections)
        ]
        cpu_before_s, start_s = self._server.cpu_s(), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall_s = time.perf_counter() - start_s
        cpu_s = self._server.cpu_s() - cpu_before_s
        if len(self._answered) != count:
            raise RuntimeError(f"{count - len(self._answered)} of {count} requests were not answered")
        return _result(
            wall_s,
            cpu_s,
            tuple(seconds for seconds, _ in self._answered),
            Counter(status for _, status in self._answered),
        )

    def _one_connection(self, numbers: Iterator[int]) -> None:
        pin(self._cores)
        connection = http.client.HTTPConnection(self._server.host, self._server.port, timeout=_LIMIT_S)
        try:
            for number in numbers:
                request = self._requests[number % len(self._requests)]
                start_s = time.perf_counter()
                connection.request("POST", request.path, request.body, request.headers)
                answer = connection.getresponse()
                answer.read()
                self._answered.append((time.perf_counter() - start_s, answer.status))
        finally:
            connection.close()
