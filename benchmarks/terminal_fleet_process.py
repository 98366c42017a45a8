"""Starts the fleet's process and asks it things."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_COMMAND = (sys.executable, "-m", "benchmarks.terminal_fleet")
_POLL_S = 0.05


class FleetFailed(Exception):
    """The fleet's process died, or its terminals did not do in time what they should."""


@dataclass(frozen=True, slots=True)
class FleetWishes:
    """`picture_share` of the scans carry a photo. Terminals answer commands after `answer_delay_s`."""

    url: str
    ledger: str
    count: int
    picture_share: float = 0.2
    photo_quality: int = 95
    answer_delay_s: float = 0.02
    back_after_s: float = 1.0


class RunningFleet:
    """Orders to the fleet. From one thread at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def scan(self, scans_per_s: float) -> None:
        """So many scans a second from now on; 0 stops."""
        self.ask({"do": "scan", "rate": scans_per_s})

    def state(self) -> dict[str, Any]:
        """Counts, see `FleetState`."""
        return self.ask({"do": "state"})

    def latencies_s(self) -> list[float]:
        """Of all records acknowledged since the last question."""
        seconds: list[float] = self.ask({"do": "latencies"})["seconds"]
        return seconds

    def wait_until_registered(self, limit_s: float = 180.0) -> float:
        """Until every terminal is; how long that took.

        Raises:
            FleetFailed: it took too long.
        """
        start_s = time.perf_counter()
        while (state := self.state())["registered"] < state["terminals"]:
            if time.perf_counter() - start_s > limit_s:
                raise FleetFailed(
                    f"{state['registered']} of {state['terminals']} registered after {limit_s:g} s"
                )
            time.sleep(_POLL_S)
        return time.perf_counter() - start_s

    def wait_until_settled(self, limit_s: float = 180.0) -> float:
        """Until every scan is acknowledged; how long that took.

        Raises:
            FleetFailed: it took too long.
        """
        start_s = time.perf_counter()
        while waiting := self.state()["waiting"]:
            if time.perf_counter() - start_s > limit_s:
                raise FleetFailed(f"{waiting} scans wait for their acknowledgement after {limit_s:g} s")
            time.sleep(_POLL_S)
        return time.perf_counter() - start_s

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """One order, one answer. Raises FleetFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise FleetFailed(f"the fleet's process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def running_fleet(wishes: FleetWishes) -> Iterator[RunningFleet]:
    """The terminals try to connect inside the block. After it the ledger is whole."""
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(wishes)) + "\n")
            process.stdin.flush()
            fleet = RunningFleet(process)
            # Its first answer says that the process is up; starting Python is no part of a storm.
            fleet.state()
            yield fleet
            fleet.ask({"do": "stop"})
            process.wait(timeout=60)
        finally:
            process.kill()
