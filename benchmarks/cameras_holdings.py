"""What processes use while something is measured: processor time, memory, threads, descriptors."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil


@dataclass(frozen=True, slots=True)
class Holding:
    """What the server holds, so many seconds after the beginning."""

    at_s: float
    memory_mib: float
    thread_count: int
    descriptor_count: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one stretch of time. `cores` is processor time per second of wall time, by process.

    `machine_busy_share` is of all cores, whoever keeps them busy: where it is near 1, what was measured had
    to wait for others.
    """

    seconds: float
    cores: dict[str, float]
    machine_busy_share: float
    holdings: Sequence[Holding] = field(default_factory=tuple)

    @property
    def peak_mib(self) -> float:
        """The most memory that was seen."""
        return max((one.memory_mib for one in self.holdings), default=0.0)


def holding_of(process: psutil.Process, start_s: float) -> Holding:
    """As of now; `start_s` is monotonic."""
    with process.oneshot():
        return Holding(
            at_s=round(time.monotonic() - start_s, 2),
            memory_mib=round(process.memory_info().rss / 2**20, 1),
            thread_count=process.num_threads(),
            descriptor_count=process.num_fds(),
        )


class UsageMeter:
    """Watches from `watching` until its block ends; `usage` is there then.

    `processes` are those whose processor time counts, by name; what the first of them holds is sampled.
    """

    def __init__(self, processes: Mapping[str, psutil.Process], every_s: float) -> None:
        self._processes = dict(processes)
        self._every_s = every_s
        self._holdings: list[Holding] = []
        self._stopping = threading.Event()
        self.usage: Usage | None = None

    @contextmanager
    def watching(self) -> Iterator["UsageMeter"]:
        """Of what runs inside."""
        first = next(iter(self._processes.values()))
        start_s, before = time.monotonic(), self._cpu_s()
        psutil.cpu_percent()
        thread = threading.Thread(target=self._sample, args=(first, start_s))
        thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            thread.join()
        seconds = time.monotonic() - start_s
        cores = {name: round((spent - before[name]) / seconds, 4) for name, spent in self._cpu_s().items()}
        self.usage = Usage(
            round(seconds, 2), cores, round(psutil.cpu_percent() / 100, 3), tuple(self._holdings)
        )

    def _cpu_s(self) -> dict[str, float]:
        spent = {}
        for name, process in self._processes.items():
            times = process.cpu_times()
            spent[name] = times.user + times.system
        return spent

    def _sample(self, process: psutil.Process, start_s: float) -> None:
        while True:
            # A process that ends says so by other means.
            with suppress(psutil.Error):
                self._holdings.append(holding_of(process, start_s))
            if self._stopping.wait(self._every_s):
                return
