"""`facegate terminal simulate` as a person calls it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.commands.simulated_terminals.small_server import SmallServer
from typer.testing import CliRunner, Result

from facegate.commands.app import app
from facegate.commands.simulated_terminals.ledger import read_ledger


@contextmanager
def small_server() -> Iterator[SmallServer]:
    """In a thread of its own, as the command has a loop of its own."""
    server = SmallServer()
    is_ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with server.running():
            is_ready.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="small server")
    thread.start()
    try:
        assert is_ready.wait(20)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


def simulate(*arguments: str | float | Path) -> Result:
    return CliRunner().invoke(app, ["terminal", "simulate", *map(str, arguments)])


def test_one_terminal_prints_the_conversation(tmp_path: Path) -> None:
    with small_server() as server:
        result = simulate(server.url, "--scans", 2, "--every", 0.05, "--ledger", tmp_path / "ledger.csv")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert " · connected" in lines[0]
    assert ' → {"cmd": "reg", "sn": "ZXRB22001001"' in lines[1]
    assert ' ← {"ret": "reg", "result": true' in lines[2]
    assert "2 scans, 2 acknowledged; 0 waiting" in lines[-1]
    assert len(read_ledger(tmp_path / "ledger.csv")) == sum(server.stored.values()) == 2


def test_many_terminals_print_what_it_came_to() -> None:
    with small_server() as server:
        result = simulate(
            server.url, "--count", 8, "--scans", 3, "--every", 0.1, "--model", "old", "--model", "ai518"
        )
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    assert line.startswith("8 terminals; ")
    assert "24 scans, 24 acknowledged; 0 waiting; 0 sent again" in line


def test_scans_that_nobody_took_are_an_exit_code() -> None:
    result = simulate("ws://127.0.0.1:9/pub/chat", "--backlog", 2, "--scans", 0, "--for", 0.2, "--quiet")
    assert result.exit_code == 1
    assert "2 waiting" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["http://127.0.0.1:7788"], "looks like ws://"),
        (["--model", "x1"], "x1 is no model; there are aiface, ai518, tfs30, old."),
        (["--photo", "missing.jpg"], "missing.jpg cannot be read"),
        (["--scans", "0", "--for", "0.1", "--ledger", "/missing/ledger.csv"], "cannot be written"),
    ],
)
def test_wrong_wishes_are_refused(arguments: list[str], sentence: str) -> None:
    result = simulate(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_help() -> None:
    result = CliRunner().invoke(app, ["terminal", "simulate", "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "--nasty" in result.stdout
