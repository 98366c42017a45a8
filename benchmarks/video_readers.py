"""CPU per stream and latency of ways to read RTSP: ours, bare PyAV, OpenCV's VideoCapture.

    python -m benchmarks.video_readers [--seconds 10]

Each reader is a process of its own that does nothing but read one stream of 1280 x 720, 25 frames/s, H.264,
sent by the real RTSP server of the tests on the same machine. CPU is the reader's own. Latency is from a
picture's hand-over to the server until the reader has it decoded; each picture tells its number.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from tests.rtsp_server.clips import make_counting_clip, number_in
from tests.rtsp_server.launcher import RtspServer

from benchmarks.machine import machine_facts
from benchmarks.results_files import (
    RESULTS_FOLDER,
    facts_lines,
    markdown_table,
    result_stem,
    write_json,
    write_text,
)

FPS = 25
SIZE = (1280, 720)
_WARM_UP_FRAMES = 50

Grab = Callable[[], Any]
Look = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader did. `core_share` is of one core; latencies are None where no number was read."""

    reader: str
    frames_per_s: float
    core_share: float
    opened_after_s: float
    memory_mib: float
    latency_ms: float | None
    latency_p95_ms: float | None


def _ours(address: str) -> tuple[Grab, Look]:
    from facegate.adapters.av_video import AvVideoSource
    from facegate.domain.cameras.sources import InsidePlace
    from facegate.ports.cameras.video_source import VideoRequest

    stream = AvVideoSource(frozenset(InsidePlace)).open(VideoRequest(address))
    return stream.grab, lambda grabbed: grabbed.luma(320)


def _bare(thread_type: str, thread_count: int) -> Callable[[str], tuple[Grab, Look]]:
    def opened(address: str) -> tuple[Grab, Look]:
        import av

        options = {"rtsp_transport": "tcp", "probesize": "32", "fpsprobesize": "0"}
        container = av.open(address, format="rtsp", options=options)
        stream = container.streams.video[0]
        stream.codec_context.thread_type = thread_type  # type: ignore[assignment]
        stream.codec_context.thread_count = thread_count
        frames = container.decode(stream)
        return lambda: next(frames), lambda frame: frame.reformat(320, 180, "gray").to_ndarray()

    return opened


def _opencv(converts: bool) -> Callable[[str], tuple[Grab, Look]]:
    def opened(address: str) -> tuple[Grab, Look]:
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay"
        import cv2

        capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG)

        def grey(_: object) -> Any:
            pixels = capture.retrieve()[1]
            return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (320, 180))

        return (capture.read if converts else capture.grab), grey

    return opened


READERS: dict[str, Callable[[str], tuple[Grab, Look]]] = {
    "ours": _ours,
    "PyAV, one thread, no relay": _bare("SLICE", 1),
    "PyAV, frame threads": _bare("FRAME", 0),
    "OpenCV, grab": _opencv(converts=False),
    "OpenCV, read": _opencv(converts=True),
}


def _read(reader: str, address: str, seconds: float) -> dict[str, Any]:
    """Runs in a process of its own: first CPU without looking, then when which number was there."""
    began_s = time.monotonic()
    grab, look = READERS[reader](address)
    grab()
    opened_after_s = time.monotonic() - began_s
    for _ in range(_WARM_UP_FRAMES):
        grab()
    cpu_s, began_s, count = time.process_time(), time.monotonic(), 0
    while time.monotonic() - began_s < seconds:
        grab()
        count += 1
    wall_s = time.monotonic() - began_s
    core_share = (time.process_time() - cpu_s) / wall_s
    seen = []
    for _ in range(FPS * 4):
        grabbed = grab()
        at_s = time.monotonic()
        seen.append((number_in(look(grabbed)), at_s))
    return {
        "frames_per_s": count / wall_s,
        "core_share": core_share,
        "opened_after_s": opened_after_s,
        "memory_mib": psutil.Process().memory_info().rss / 2**20,
        "seen": seen,
    }


def conversions(clip: Path) -> dict[str, float]:
    """Milliseconds of each thing that may be asked of a frame, the median of many."""
    from facegate.adapters.av_video import AvVideoSource
    from facegate.domain.cameras.sources import InsidePlace
    from facegate.ports.cameras.video_source import VideoRequest

    stream = AvVideoSource(frozenset(InsidePlace)).open(VideoRequest(str(clip)))
    frames = [stream.grab() for _ in range(30)]
    stream.close()
    asked: dict[str, Callable[[Any], Any]] = {
        "luma(160)": lambda frame: frame.luma(160),
        "luma(320)": lambda frame: frame.luma(320),
        "picture(640)": lambda frame: frame.picture(640),
        "picture()": lambda frame: frame.picture(),
    }
    return {name: statistics.median(_timed(look, frame) for frame in frames) for name, look in asked.items()}


def _timed(look: Callable[[Any], Any], frame: object) -> float:
    began_s = time.perf_counter()
    look(frame)
    return (time.perf_counter() - began_s) * 1000


def measure(reader: str, clip: Path, seconds: float) -> Reading:
    """One reader on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, RtspServer() as server:
        stamps = Path(folder) / "stamps"
        address = server.show("/camera", clip, fps=FPS, stamps=stamps)
        words = [sys.executable, "-m", "benchmarks.video_readers", "--reader", reader, "--address", address]
        done = subprocess.run([*words, "--seconds", str(seconds)], check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        sent = [line.split() for line in stamps.read_text().splitlines()]
    latencies = _latencies([(int(number), float(at_s)) for number, at_s in sent], found.pop("seen"))
    return Reading(
        reader,
        **found,
        latency_ms=statistics.median(latencies) * 1000 if latencies else None,
        latency_p95_ms=float(np.percentile(latencies, 95)) * 1000 if latencies else None,
    )


def _latencies(sent: list[tuple[int, float]], seen: list[list[float]]) -> list[float]:
    """From the latest sending of each number before it was seen."""
    found = []
    for number, seen_s in seen:
        before = [at_s for one, at_s in sent if one == number and at_s <= seen_s]
        if before:
            found.append(seen_s - max(before))
    return found


def table(readings: list[Reading], facts: dict[str, Any]) -> list[str]:
    """For people."""
    head = ("Reader", "frames/s", "core per stream", "first frame", "memory", "latency", "95 %")
    rows = [
        (
            one.reader,
            f"{one.frames_per_s:.1f}",
            f"{one.core_share:.1%}",
            f"{one.opened_after_s:.2f} s",
            f"{one.memory_mib:.0f} MiB",
            "-" if one.latency_ms is None else f"{one.latency_ms:.0f} ms",
            "-" if one.latency_p95_ms is None else f"{one.latency_p95_ms:.0f} ms",
        )
        for one in readings
    ]
    title = f"# Readers of RTSP: {SIZE[0]} x {SIZE[1]}, {FPS} frames/s, H.264 over TCP"
    return [title, "", *facts_lines(facts), *markdown_table(head, rows)]


def main() -> None:
    """Measures all, or is one reader."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", help="readers with these letters in their name", default="")
    parser.add_argument("--reader")
    parser.add_argument("--address")
    parser.add_argument("--write", action="store_true", help="into benchmarks/results")
    asked = parser.parse_args()
    if asked.reader:
        print(json.dumps(_read(asked.reader, asked.address, asked.seconds)))
        # Decoders of other threads would wait for a stream that nobody reads any more.
        sys.stdout.flush()
        os._exit(0)
    facts = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        clip = make_counting_clip(Path(folder) / "clip.mp4", 20.0, SIZE, FPS)
        size_mib = clip.stat().st_size / 2**20
        costs = conversions(clip)
        readings = [measure(reader, clip, asked.seconds) for reader in READERS if asked.only in reader]
    lines = [*table(readings, facts), f"The clip has {size_mib * 8 / 20:.1f} Mbit/s.", ""]
    lines += ["A frame costs " + ", ".join(f"{name} {cost:.2f} ms" for name, cost in costs.items()) + ".", ""]
    print("\n".join(lines))
    if asked.write:
        stem = result_stem("video-readers", facts)
        write_json(
            RESULTS_FOLDER,
            stem,
            {"facts": facts, "conversions_ms": costs, "readings": [asdict(one) for one in readings]},
        )
        write_text(RESULTS_FOLDER, stem, lines)


if __name__ == "__main__":
    main()
