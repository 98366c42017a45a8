"""A real page process, as `facegate ui` starts it, with nothing of our environment."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.end_to_end.server_process import clean_environment, free_port

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 30


@contextmanager
def running_page(folder: Path, server_url: str, **environ: str) -> Iterator[str]:
    """The page's address as long as it runs."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    told = folder / "page_output.txt"
    with told.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "facegate", "ui", "--server", server_url, "--port", str(port)],
            cwd=folder,
            env=clean_environment(**environ),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not _is_alive(address):
            assert process.poll() is None, told.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, told.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_alive(address: str) -> bool:
    try:
        return httpx.get(f"{address}/_stcore/health", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
