"""Many streams at once: what is looked at, what is dropped, what it costs, with and without motion gate."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tests.rtsp_server.launcher import RtspServer

from benchmarks.cameras_clips import FPS, Clip, empty_room_clip, walk_in_clip
from benchmarks.cameras_holdings import Usage, UsageMeter
from benchmarks.cameras_stage import CameraClient, camera_server, process_of
from benchmarks.progress import progress_bar

SERVER, RTSP_SERVER, ASKING = "server", "RTSP server", "benchmark"
FATES = ("analysed", "still", "superseded", "failed", "not_due")

_EMPTY_PICTURES = 10 * FPS
_BUSY_EMPTY_PICTURES, _BUSY_PRESENT_PICTURES = 31, 4 * FPS
"""Somebody is there three quarters of the time; 131 pictures, so that looks fall elsewhere in every round."""

_STATUS_EVERY_S = 2.0
_MOST_IDLE_S = 3.0


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """How many streams, for how long after `warm_up_s`, and how many pictures of each are to be looked at."""

    streams: int = 8
    seconds: float = 120.0
    warm_up_s: float = 15.0
    analysed_per_s: float = 5.0
    gallery_size: int = 10_000


@dataclass(frozen=True, slots=True)
class StreamCase:
    """What is shown and whether the motion gate is on."""

    name: str
    is_walked_in: bool
    has_gate: bool


CASES = (
    StreamCase("empty room, gate", is_walked_in=False, has_gate=True),
    StreamCase("empty room, no gate", is_walked_in=False, has_gate=False),
    StreamCase("person in and out, gate", is_walked_in=True, has_gate=True),
    StreamCase("person in and out, no gate", is_walked_in=True, has_gate=False),
)


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """One case. Rates are means over the streams, `least_analysed_per_s` that of the worst stream.

    `core_per_stream` is the server's processor time without what it takes when no camera is there.
    `latency_ms` are readings of every camera's status: from a frame's coming to the end of the look at it.
    """

    case: StreamCase
    streams: int
    megabits_per_s: float
    idle_cores: float
    core_per_stream: float
    usage: Usage
    decoded_per_s: float
    least_decoded_per_s: float
    fates_per_s: dict[str, float]
    least_analysed_per_s: float
    latency_ms: dict[str, float] = field(default_factory=dict)
    trouble: Sequence[str] = ()


def measure_streams(options: StreamOptions) -> list[CaseFigures]:
    """Every case on a server of its own."""
    found = []
    with progress_bar("streams", len(CASES)) as advance_to:
        for number, case in enumerate(CASES, start=1):
            found.append(measure_case(case, options))
            advance_to(number)
    return found


def clip_of(case: StreamCase) -> Clip:
    """What this case shows."""
    if case.is_walked_in:
        return walk_in_clip(_BUSY_EMPTY_PICTURES, _BUSY_PRESENT_PICTURES)
    return empty_room_clip(_EMPTY_PICTURES)


def measure_case(case: StreamCase, options: StreamOptions) -> CaseFigures:
    """From start to end."""
    clip = clip_of(case)
    watch = {"frames_per_s": options.analysed_per_s, "has_motion_gate": case.has_gate}
    with RtspServer() as rtsp, camera_server(options.gallery_size) as (server, client):
        idle_cores = _idle_cores(server.process, min(_MOST_IDLE_S, options.seconds / 2))
        with shown(rtsp, client, clip.path, options.streams, watch) as camera_ids:
            client.wait_until_live(*camera_ids)
            time.sleep(options.warm_up_s)
            processes = {
                SERVER: server.process,
                RTSP_SERVER: process_of(rtsp),
                ASKING: psutil.Process(),
            }
            before = client.statuses()
            readings: list[dict[str, dict[str, Any]]] = []
            with UsageMeter(processes, every_s=1.0).watching() as meter:
                _repeat(options.seconds, lambda: readings.append(client.statuses()))
            after = client.statuses()
    assert meter.usage is not None
    return _figures(case, clip, idle_cores, meter.usage, [before, *readings, after])


@contextlib.contextmanager
def shown(
    rtsp: RtspServer, client: CameraClient, clip: Path, count: int, watch: dict[str, Any]
) -> Iterator[list[str]]:
    """So many cameras that show the clip, each from its own beginning."""
    camera_ids = []
    for number in range(1, count + 1):
        source = rtsp.show(f"/camera-{number}", clip, fps=FPS)
        camera_ids.append(client.add(f"Camera {number}", source, watch))
    yield camera_ids
    for camera_id in camera_ids:
        client.remove(camera_id)


def rates_between(before: dict[str, Any], after: dict[str, Any], seconds: float) -> dict[str, float]:
    """What became of one camera's frames, per second; `decoded` beside the fates."""
    return {name: (after["counts"][name] - before["counts"][name]) / seconds for name in ("decoded", *FATES)}


def _idle_cores(process: psutil.Process, seconds: float) -> float:
    with UsageMeter({SERVER: process}, every_s=seconds).watching() as meter:
        time.sleep(seconds)
    assert meter.usage is not None
    return meter.usage.cores[SERVER]


def _repeat(seconds: float, act: Callable[[], object]) -> None:
    """Now and then for so long."""
    end_s = time.monotonic() + seconds
    while (rest_s := end_s - time.monotonic()) > 0:
        time.sleep(min(_STATUS_EVERY_S, rest_s))
        act()


def _figures(
    case: StreamCase,
    clip: Clip,
    idle_cores: float,
    usage: Usage,
    readings: Sequence[dict[str, dict[str, Any]]],
) -> CaseFigures:
    first, last = readings[0], readings[-1]
    rates = [rates_between(first[camera_id], last[camera_id], usage.seconds) for camera_id in first]
    latencies = [
        status["latency_ms"]
        for reading in readings
        for status in reading.values()
        if status["latency_ms"] is not None
    ]
    trouble = {
        f"{status['state']}: {status['trouble']}"
        for reading in readings
        for status in reading.values()
        if status["state"] != "live"
    }
    return CaseFigures(
        case=case,
        streams=len(first),
        megabits_per_s=clip.megabits_per_s,
        idle_cores=idle_cores,
        core_per_stream=round((usage.cores[SERVER] - idle_cores) / len(first), 4),
        usage=usage,
        decoded_per_s=round(statistics.mean(one["decoded"] for one in rates), 2),
        least_decoded_per_s=round(min(one["decoded"] for one in rates), 2),
        fates_per_s={fate: round(statistics.mean(one[fate] for one in rates), 3) for fate in FATES},
        least_analysed_per_s=round(min(one["analysed"] for one in rates), 3),
        latency_ms=_spread(latencies),
        trouble=sorted(trouble),
    )


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {"median": round(statistics.median(values), 1), "greatest": round(max(values), 1)}
