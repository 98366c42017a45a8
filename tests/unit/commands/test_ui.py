"""`facegate ui`: what it starts, when the page begins signed in, and how both end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.end_to_end.server_process import clean_environment, free_port
from typer.testing import CliRunner, Result

from facegate.commands.app import app
from facegate.page import launch

TOKEN = "a-token-for-the-page-0123456789"

START_TIMEOUT_S = 60


class Started:
    """Stands in for the page's process: what it was started with."""

    def __init__(self, code: int = 0) -> None:
        self.arguments: list[str] = []
        self.environ: dict[str, str] = {}
        self._code = code

    def __call__(self, arguments: list[str], *, env: dict[str, str]) -> "Started":
        self.arguments, self.environ = arguments, env
        return self

    def wait(self) -> int:
        return self._code


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    for name in list(os.environ):
        if name.startswith("FACEGATE_") or name in {"AUTH_TOKEN", "UTILITIES_URL", "CAMERA_SCHEDULER_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    one = Started()
    monkeypatch.setattr("subprocess.Popen", one)
    return one


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ui", *arguments])


def test_on_this_machine_the_page_begins_with_the_token(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("UTILITIES_URL", "http://127.0.0.1:8123/person")

    result = run()

    assert result.exit_code == 0
    assert started.environ[launch.TOKEN_NAME] == TOKEN
    assert started.environ[launch.SERVER_NAME] == "http://127.0.0.1:8123"
    assert started.environ[launch.MAY_CHOOSE_NAME] == "1"
    assert TOKEN not in " ".join(started.arguments) + result.output


def test_the_cameras_address_of_the_old_page_is_enough(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_SCHEDULER_URL", "http://127.0.0.1:8124/cameras/schedule")

    run()

    assert started.environ[launch.SERVER_NAME] == "http://127.0.0.1:8124"


@pytest.mark.parametrize(
    "options",
    [("--host", "0.0.0.0"), ("--public-url", "https://faces.example.org")],  # noqa: S104
)
def test_where_others_reach_it_the_page_has_no_token_and_one_server(
    started: Started, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str]
) -> None:
    monkeypatch.setenv("AUTH_TOKEN", TOKEN)

    assert run(*options).exit_code == 0

    assert TOKEN not in started.environ.values()
    assert started.environ[launch.MAY_CHOOSE_NAME] == "0"


def test_options_reach_the_page(started: Started) -> None:
    run("--port", "9001", "--server", "https://10.0.0.1:8443")

    assert "--server.port=9001" in started.arguments
    assert started.environ[launch.SERVER_NAME] == "https://10.0.0.1:8443"


@pytest.mark.parametrize("url", ["faces.example.org", "ftp://faces.example.org", "https://"])
def test_a_public_address_that_is_none_is_refused(started: Started, url: str) -> None:
    result = run("--public-url", url)

    assert result.exit_code == 2
    assert "FACEGATE_UI__PUBLIC_URL" in result.output
    assert started.arguments == []


def test_without_streamlit_the_next_step_is_told(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    result = run()

    assert result.exit_code == 3
    assert "make ui" in result.output


def test_the_pages_own_failure_is_the_commands(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", Started(code=7))

    assert run().exit_code == 7


@pytest.mark.slow
def test_a_real_page_answers_and_ends_with_its_command(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "facegate", "ui", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=clean_environment(AUTH_TOKEN=TOKEN)) as page:
        try:
            _wait_until_it_answers(port)
            own = f"127.0.0.1:{port}"
            assert _handshake(port, host=own, origin=f"http://{own}") == 101
            # Another site in the visitor's browser, under its own name and under one that leads to us.
            assert _handshake(port, host=f"evil.example:{port}", origin=f"http://evil.example:{port}") == 403
            page.send_signal(signal.SIGTERM)
            assert page.wait(START_TIMEOUT_S) == 0
        finally:
            page.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False)


def _handshake(port: int, *, host: str, origin: str) -> int:
    """The status of a WebSocket's beginning."""
    headers = {
        "Host": host,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT_S) as link:
        lines = [
            "GET /_stcore/stream HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        link.sendall("\r\n".join(lines).encode())
        return int(link.recv(100).split()[1])


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            found = httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            continue
        assert found.status_code == 200
        return
