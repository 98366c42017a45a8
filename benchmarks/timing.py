"""How long things take on one core: wall times of single calls, summed up by median and 95th percentile."""

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call over `call_count` calls."""

    median_ms: float
    p95_ms: float
    mean_ms: float
    call_count: int


def timing_of(seconds: Sequence[float]) -> Timing:
    """Sums up single times."""
    times_ms = np.asarray(seconds) * 1e3
    return Timing(
        median_ms=round(float(np.median(times_ms)), 4),
        p95_ms=round(float(np.quantile(times_ms, 0.95)), 4),
        mean_ms=round(float(times_ms.mean()), 4),
        call_count=len(times_ms),
    )


def time_calls(
    call: Callable[[Item], object], items: Sequence[Item], *, rounds: int, warm_up: int = 3
) -> Timing:
    """Times `call` on every item, `rounds` times over, after a warm-up that is not counted."""
    for item in items[:warm_up]:
        call(item)
    return timing_of(list(_timed(call, items, rounds)))


def _timed(call: Callable[[Item], object], items: Sequence[Item], rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        for item in items:
            start_s = time.perf_counter()
            call(item)
            yield time.perf_counter() - start_s


def available_cores() -> list[int]:
    """Numbers of the cores this process may use; [0] where the system does not say."""
    if platform.system() != "Linux":
        return [0]
    return sorted(os.sched_getaffinity(0))


def server_and_client_cores() -> tuple[set[int], set[int]]:
    """One core for what is measured, the others for who asks; the same one where there is only one."""
    cores = available_cores()
    return {cores[0]}, set(cores[1:] or cores)


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """This thread on one core, and the pools of BLAS and OpenCV down to one thread."""
    cores = available_cores()
    cv_threads = cv2.getNumThreads()
    pin({cores[0]})
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        cv2.setNumThreads(cv_threads)
        pin(cores)


def pin(cores: Iterable[int]) -> None:
    """Keeps the calling thread, and what it starts from now on, to these cores; Linux only."""
    if platform.system() == "Linux":
        os.sched_setaffinity(0, cores)


def load_average() -> float | None:
    """Of the last minute, so that a busy machine shows in the results."""
    path = Path("/proc/loadavg")
    return float(path.read_text(encoding="ascii").split()[0]) if path.is_file() else None
