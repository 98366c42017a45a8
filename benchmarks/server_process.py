"""A real server in a process of its own, on a gallery that was written straight into its store."""

import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.people import People, subject_id_of
from benchmarks.timing import available_cores, pin
from facegate.adapters.sql_store import SqlGalleryStore, open_sqlite
from facegate.adapters.system_clock import SystemClock
from facegate.composition.storage import DATABASE_FILE_NAME
from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.templates import Template

_TOKEN = "benchmark-of-facegate"  # noqa: S105 - opens a server on loopback that lives for a minute
_COMMAND = (sys.executable, "-m", "facegate", "serve")
_START_LIMIT_S = 120.0
_POLL_S = 0.005

AUTHORIZATION = {"Authorization": f"Bearer {_TOKEN}"}


class ServerFailed(Exception):
    """The server did not start or died; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that is ready; `seconds_to_ready` counts from the start of the process."""

    host: str
    port: int
    process: psutil.Process
    seconds_to_ready: float

    def cpu_s(self) -> float:
        """Processor time of all its threads so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def resident_mib(self) -> float:
        """Resident memory now."""
        return float(self.process.memory_info().rss) / 2**20

    def peak_resident_mib(self) -> float | None:
        """The most it ever had; None where the system does not say."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.is_file():
            return None
        lines = dict(
            line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines() if ":" in line
        )
        return int(lines["VmHWM"].split()[0]) / 1024


def fill_gallery(data_folder: Path, people: People) -> None:
    """Enrols everybody, one template each, straight into the store of a server that is not running."""
    data_folder.mkdir(parents=True, exist_ok=True)
    database = open_sqlite(data_folder / DATABASE_FILE_NAME)
    try:
        now = SystemClock().now_utc()
        enrolments = [
            Enrolment(
                subject_id_of(number),
                (
                    NewTemplate(
                        uuid.uuid4().hex, Template(people.identity.model_id, vector), "benchmark", None
                    ),
                ),
                enrolled_at=now,
            )
            for number, vector in enumerate(people.enrolled)
        ]
        SqlGalleryStore(database, SystemClock()).restore(enrolments, replace=True)
    finally:
        database.close()


@contextlib.contextmanager
def running_server(
    data_folder: Path, *, cores: Iterable[int], settings: dict[str, str] | None = None
) -> Iterator[RunningServer]:
    """`facegate serve` on a free port of loopback, kept to these cores.

    Raises:
        ServerFailed: it did not get ready.
    """
    record, log = data_folder / "server.json", data_folder / "server.log"
    record.unlink(missing_ok=True)
    previous = available_cores()
    pin(cores)
    try:
        with log.open("wb") as output:
            start_s = time.perf_counter()
            process = subprocess.Popen(
                [*_COMMAND, "--port", "0"],
                cwd=data_folder,
                env=_environment(data_folder, settings or {}),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
    finally:
        pin(previous)
    try:
        host, port = _wait_until_ready(process, record, log)
        seconds = time.perf_counter() - start_s
        yield RunningServer(host, port, psutil.Process(process.pid), seconds)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment(data_folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """Ours only: what the user has set for a server of their own must not change a measurement."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FACEGATE_")}
    return {
        **clean,
        "FACEGATE_STORAGE__DATA_FOLDER": str(data_folder.resolve()),
        "FACEGATE_ACCESS__TOKEN": _TOKEN,
        # A free one: another server may have the usual one.
        "FACEGATE_TERMINALS__PORT": "0",
        **settings,
    }


def _wait_until_ready(process: subprocess.Popen[bytes], record: Path, log: Path) -> tuple[str, int]:
    deadline_s = time.perf_counter() + _START_LIMIT_S
    while time.perf_counter() < deadline_s:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, ValueError):
            url = httpx.URL(json.loads(record.read_text(encoding="utf-8"))["url"])
            if httpx.get(url.join("/readyz"), headers=AUTHORIZATION, timeout=30).status_code == 200:
                assert url.port is not None
                return url.host, url.port
        time.sleep(_POLL_S)
    raise ServerFailed(log.read_text(encoding="utf-8", errors="replace")[-1500:])
