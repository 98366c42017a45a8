"""The presence door under load: every check on every frame, then many workstations with reused checks."""

import asyncio
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from tests.real_pictures import RealPictures, default_picture_folder
from tests.real_video import as_jpeg, moving_person_pixels

from benchmarks.people import synthetic_people
from benchmarks.presence_load import (
    SECOND,
    SITTING_STILL,
    LoadTally,
    Workstation,
    drive_closed_loop,
    drive_paced,
    encoded_pictures,
)
from benchmarks.progress import progress_bar
from benchmarks.server_process import AUTHORIZATION, RunningServer, fill_gallery, running_server
from benchmarks.timing import available_cores

PEOPLE = 10_000
REUSE_S = 10.0

_ROUNDS = 8
_NOISE_SIGMA = 0.5

_COMMON_SETTINGS = {"FACEGATE_NIGHTLY__ENABLED": "false"}


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the moment a frame was due to its answer."""

    median_ms: float
    p95_ms: float
    p99_ms: float
    greatest_ms: float


@dataclass(frozen=True, slots=True)
class PresenceResult:
    """One load on one server. `server_cpu_ms` is processor time of the server per answered frame.

    `frames_per_two_cores` is what two cores would answer if the server had them for itself. `looks` counts
    the full and the second views of the phone detector.
    """

    name: str
    embedder: str
    station_count: int
    reuse_s: float
    duration_s: float
    frame_bytes: int
    answered_count: int
    superseded_count: int
    dropped_connections: int
    frames_per_s: float
    server_cpu_ms: float
    frames_per_two_cores: float
    latency: Latency
    reasons: Mapping[str, int]
    looks: Mapping[str, int]
    resident_mib: Mapping[int, float]


def measure_throughput(embedder: str, *, connections: int, duration_s: float) -> PresenceResult:
    """Every check on every frame, as fast as answers come, the clients on the same cores."""
    with _PresenceServer(embedder, connections, reuse_s=0.0) as running:
        asyncio.run(drive_closed_loop(running.url, running.stations, min(5.0, duration_s)))
        before = running.mark()
        with progress_bar(f"presence: every check, {embedder}", 1) as advance_to:
            tally = asyncio.run(
                # Beyond the frames of the warm-up: what comes again is taken for a loop.
                drive_closed_loop(running.url, running.stations, duration_s, first=len(running.frames) // 2)
            )
            advance_to(1)
        return running.result("every check on every frame", before, tally, duration_s, {})


def measure_workstations(
    embedder: str, *, stations: int, duration_s: float, reuse_s: float = REUSE_S
) -> PresenceResult:
    """One frame a second from each, for a long time: latency, lost connections, memory."""
    resident: dict[int, float] = {}
    with _PresenceServer(embedder, stations, reuse_s=reuse_s, stride=SITTING_STILL) as running:
        marks = [running.mark()]
        with progress_bar(f"presence: {stations} workstations", round(duration_s)) as advance_to:

            def every_second(second: int) -> None:
                advance_to(second)
                if second == 0:
                    marks[0] = running.mark()
                if second % 30 == 0:
                    resident[second] = round(running.server.resident_mib(), 1)

            tally = asyncio.run(
                drive_paced(
                    running.url,
                    running.stations,
                    period_s=1.0,
                    duration_s=duration_s,
                    on_second=every_second,
                )
            )
        return running.result(f"{stations} at 1 frame/s", marks[0], tally, duration_s, resident)


class _PresenceServer:
    """A server with 10,000 people, the portraits' users registered, and the messages of their cameras."""

    def __init__(self, embedder: str, stations: int, *, reuse_s: float, stride: int = SECOND) -> None:
        self._embedder = embedder
        self._reuse_s = reuse_s
        self.frames = camera_frames()
        self.stations = make_stations(stations, self.frames, stride)
        self._folder = tempfile.TemporaryDirectory()
        self._settings = {
            **_COMMON_SETTINGS,
            "FACEGATE_ENGINE__EMBEDDER": embedder,
            "FACEGATE_PRESENCE__REUSE_S": str(reuse_s),
            "FACEGATE_PRESENCE__MAX_CONNECTIONS": str(max(150, stations)),
        }

    def __enter__(self) -> "_PresenceServer":
        data_folder = Path(self._folder.name)
        fill_gallery(data_folder, synthetic_people(self._embedder, PEOPLE))
        self._running = running_server(data_folder, cores=available_cores(), settings=self._settings)
        self.server: RunningServer = self._running.__enter__()
        self.url = f"ws://{self.server.host}:{self.server.port}/ws"
        _register(self.server, [station.user_name for station in self.stations], self.frames[0])
        return self

    def __exit__(self, *exception: object) -> None:
        self._running.__exit__(None, None, None)
        self._folder.cleanup()

    def mark(self) -> tuple[float, Mapping[str, int]]:
        """Processor time and looks so far."""
        return self.server.cpu_s(), _looks(self.server)

    def result(
        self,
        name: str,
        before: tuple[float, Mapping[str, int]],
        tally: LoadTally,
        duration_s: float,
        resident: Mapping[int, float],
    ) -> PresenceResult:
        """What the load came to."""
        cpu_s, looks = self.mark()
        if not tally.answered_count:
            raise RuntimeError("not one frame was answered")
        cpu_ms = (cpu_s - before[0]) / tally.answered_count * 1e3
        return PresenceResult(
            name=name,
            embedder=self._embedder,
            station_count=len(self.stations),
            reuse_s=self._reuse_s,
            duration_s=duration_s,
            frame_bytes=round(float(np.mean([len(frame) for frame in self.frames]))),
            answered_count=tally.answered_count,
            superseded_count=tally.superseded_count,
            dropped_connections=tally.dropped_connections,
            frames_per_s=round(tally.answered_count / duration_s, 1),
            server_cpu_ms=round(cpu_ms, 2),
            frames_per_two_cores=round(2e3 / cpu_ms, 1),
            latency=_latency(tally.seconds),
            reasons=dict(tally.reasons.most_common()),
            looks={name: count - before[1].get(name, 0) for name, count in looks.items()},
            resident_mib=resident,
        )


def camera_frames() -> list[bytes]:
    """The clip several times over, each time with other sensor noise: a clip that repeats is an attack."""
    generator = np.random.default_rng(0)
    pixels = moving_person_pixels(RealPictures(default_picture_folder()))
    return [
        as_jpeg((frame + generator.normal(0, _NOISE_SIGMA, frame.shape)).clip(0, 255).astype(np.uint8))
        for _ in range(_ROUNDS)
        for frame in pixels
    ]


def make_stations(count: int, frames: Sequence[bytes], stride: int) -> list[Workstation]:
    """So many users at different points of the same clip."""
    pictures = encoded_pictures(frames)
    return [
        Workstation(user_name_of(number), pictures, first=number * 7, stride=stride)
        for number in range(count)
    ]


def user_name_of(number: int) -> str:
    """The n-th workstation's user."""
    return f"workstation-{number:03d}"


def _register(server: RunningServer, user_names: Iterable[str], picture: bytes) -> None:
    """Enrols each with the same picture, so that none is closer than the others, and makes them clients."""
    base = f"http://{server.host}:{server.port}/v1"
    with httpx.Client(headers=AUTHORIZATION, timeout=60) as client:
        for name in user_names:
            files = {"images": ("first.jpg", picture, "image/jpeg")}
            client.post(
                f"{base}/enrol", data={"subject_id": name, "min_quality": "0"}, files=files
            ).raise_for_status()
            client.post(f"{base}/presence/clients", json={"user_name": name}).raise_for_status()


def _looks(server: RunningServer) -> dict[str, int]:
    """Counts of the phone detector's views, from the metrics page."""
    page = httpx.get(f"http://{server.host}:{server.port}/metrics", headers=AUTHORIZATION, timeout=30).text
    found = {}
    for line in page.splitlines():
        if line.startswith("facegate_phone_looks_total{"):
            label, _, number = line.rpartition(" ")
            found[label.split('"')[1]] = int(float(number))
    return found


def _latency(seconds: Sequence[float]) -> Latency:
    times_ms = np.asarray(seconds) * 1e3
    median, p95, p99 = (round(float(np.quantile(times_ms, share)), 1) for share in (0.5, 0.95, 0.99))
    return Latency(median, p95, p99, round(float(times_ms.max()), 1))
