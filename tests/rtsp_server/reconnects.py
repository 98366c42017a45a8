"""Opens and loses cameras many times, rightly and in every wrong way, and tells what grows.

python -m tests.rtsp_server.reconnects [count]
"""

import gc
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil
from tests.rtsp_server.clips import make_counting_clip
from tests.rtsp_server.http_cameras import mjpeg, running_http_camera
from tests.rtsp_server.launcher import RtspServer
from tests.rtsp_server.scripted_cameras import UNKNOWN_CODEC_SDP, playing, scripted_camera

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.camera import Transport
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest

_WARM_UP_ROUNDS = 3
"""What is loaded once, tables and buffers of the allocator, is there after these."""

_PATIENT_S = 10.0
"""For cameras that answer, in whatever way: a busy machine may take its time."""

_SHORT_S = 0.5
"""For those that never send a picture: many are asked."""


@dataclass(frozen=True)
class Holdings:
    """What this process holds."""

    memory_mb: float
    thread_count: int
    descriptor_count: int


def holdings() -> Holdings:
    """As of now, without garbage."""
    gc.collect()
    process = psutil.Process()
    return Holdings(process.memory_info().rss / 2**20, process.num_threads(), process.num_fds())


@dataclass(frozen=True)
class Growth:
    """Before and after, and what happened between."""

    before: Holdings
    after: Holdings
    opened_count: int
    failed_count: int
    seconds: float


def reconnect(clip: Path, count: int) -> Growth:
    """So many connections, one way after the other."""
    with _ways(clip) as ways:
        for way in [*ways] * _WARM_UP_ROUNDS:
            way()
        before, began_s = holdings(), time.monotonic()
        outcomes = [way() for way in itertools.islice(itertools.cycle(ways), count)]
        seconds = time.monotonic() - began_s
        _settle(before)
        return Growth(before, holdings(), sum(outcomes), count - sum(outcomes), seconds)


def _settle(before: Holdings) -> None:
    """Threads of the cameras played here end a moment after their clients."""
    until_s = time.monotonic() + 5
    while holdings().descriptor_count > before.descriptor_count and time.monotonic() < until_s:
        time.sleep(0.1)


@contextmanager
def _ways(clip: Path) -> Iterator[Sequence[Callable[[], bool]]]:
    with ExitStack() as stack:
        server = stack.enter_context(RtspServer())
        web = stack.enter_context(running_http_camera())
        garbage = stack.enter_context(scripted_camera(lambda _: bytes(range(256)) * 8))
        silent = stack.enter_context(scripted_camera(lambda _: None))
        hanging_up = stack.enter_context(scripted_camera(lambda _: b""))
        unknown = stack.enter_context(scripted_camera(playing(UNKNOWN_CODEC_SDP)))
        gate = server.show("/gate", clip)
        server.show("/locked", clip, user="guard", password="right")
        jpeg = bytes(cv2.imencode(".jpg", np.zeros((180, 320, 3), np.uint8))[1])
        live = web.show("/live", mjpeg([jpeg], fps=50))
        no_pictures = web.show("/garbage", mjpeg([b"nothing"], fps=500))
        yield [
            lambda: _watch(gate),
            lambda: _watch(gate, Transport.UDP),
            lambda: _watch(gate, then=server.drop_clients),
            lambda: _watch(server.address("/locked", "guard:right")),
            lambda: _watch(server.address("/locked", "guard:wrong")),
            lambda: _watch(server.address("/nowhere")),
            lambda: _watch(garbage.address(), open_timeout_s=_SHORT_S),
            lambda: _watch(silent.address(), open_timeout_s=_SHORT_S),
            lambda: _watch(hanging_up.address()),
            lambda: _watch(unknown.address(), open_timeout_s=_SHORT_S),
            lambda: _watch(live),
            lambda: _watch(no_pictures, open_timeout_s=_SHORT_S),
            lambda: _watch(str(clip)),
        ]


def _watch(
    address: str,
    transport: Transport = Transport.TCP,
    then: Callable[[], None] | None = None,
    open_timeout_s: float = _PATIENT_S,
) -> bool:
    """Opens, looks at a picture and closes; or until it breaks off. Whether a picture came."""
    source = AvVideoSource(frozenset(InsidePlace))
    try:
        stream = source.open(VideoRequest(address, transport, open_timeout_s=open_timeout_s))
    except CameraFailed:
        return False
    try:
        stream.grab().picture(160)
        if then is not None:
            then()
            while True:
                stream.grab()
    except CameraFailed:
        pass
    finally:
        stream.close()
    return True


def main() -> None:
    """Tells the growth."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        clip = make_counting_clip(Path(folder) / "clip.mp4", 2.0, (320, 180))
        growth = reconnect(clip, count)
    lines = [
        f"{count} connections in {growth.seconds:.0f} s: "
        f"{growth.opened_count} gave pictures, {growth.failed_count} failed as they should",
        f"memory       {growth.before.memory_mb:8.1f} -> {growth.after.memory_mb:.1f} MiB",
        f"threads      {growth.before.thread_count:8} -> {growth.after.thread_count}",
        f"descriptors  {growth.before.descriptor_count:8} -> {growth.after.descriptor_count}",
        f"Python's own threads: {sorted(one.name for one in threading.enumerate())}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
