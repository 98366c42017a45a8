"""A real server process on a free port, with a data folder of its own and nothing of our environment."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30

_KEPT_NAMES = ("HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TMPDIR", "XDG_CACHE_HOME")
"""What a process needs of its surroundings; anything else could be a setting."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def command_line(*options: str) -> list[str]:
    return [sys.executable, "-m", "facegate", "serve", *options]


def clean_environment(**environ: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
    return {**kept, "PYTHONWARNINGS": "default", **environ}


def refused_start(folder: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a start that is expected to fail."""
    return subprocess.run(
        command_line(*options),
        cwd=folder,
        env=clean_environment(**environ),
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        check=False,
    )


@dataclass
class ServerProcess:
    """One data folder and the servers that run on it, one after the other."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    terminals_port: int = field(default_factory=free_port)
    scheme: str = "http"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def data_folder(self) -> Path:
        return self.folder / "data"

    @property
    def token(self) -> str:
        return (self.data_folder / "token").read_text(encoding="ascii").strip()

    @property
    def output(self) -> str:
        return (self.folder / "output.txt").read_text(encoding="utf-8")

    def start(self) -> None:
        settings = {
            "FACEGATE_SERVER__PORT": str(self.port),
            "FACEGATE_TERMINALS__PORT": str(self.terminals_port),
            "FACEGATE_STORAGE__DATA_FOLDER": str(self.data_folder),
            "FACEGATE_ENGINE__MAY_FETCH": "false",
            "FACEGATE_NIGHTLY__ENABLED": "false",
            **self.environ,
        }
        with (self.folder / "output.txt").open("wb") as output:
            self.process = subprocess.Popen(
                command_line(),
                cwd=self.folder,
                env=clean_environment(**settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_alive():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def client(self, *, has_token: bool = True, timeout_s: float = 60) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"} if has_token else {}
        return httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=timeout_s,
            verify=False,  # noqa: S501 - the certificate is made for the test
            trust_env=False,
        )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(STOP_TIMEOUT_S)

    def stop(self) -> int:
        """Asks it to stop and waits."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Kill -9."""
        self.signal(signal.SIGKILL)
        self.wait()

    def memory_bytes(self) -> int:
        assert self.process is not None
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident

    def _is_alive(self) -> bool:
        try:
            with httpx.Client(verify=False, trust_env=False, timeout=5) as client:  # noqa: S501
                return client.get(f"{self.url}/livez").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_server(folder: Path, **environ: str) -> Iterator[ServerProcess]:
    """A started server; whatever runs at the end is killed."""
    server = ServerProcess(folder, environ)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
