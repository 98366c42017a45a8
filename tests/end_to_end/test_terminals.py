"""Real servers with simulated terminals: nothing lost through kill -9, and two servers on one Redis."""

import csv
import io
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from tests.contracts.redis_servers import REDIS_URL, redis_options, require_redis
from tests.end_to_end.server_process import ServerProcess, clean_environment, running_server
from websockets.sync.client import ClientConnection, connect

from facegate.adapters.model_files import CachedModelFiles
from facegate.commands.simulated_terminals.ledger import read_ledger

pytestmark = pytest.mark.models

SERIAL_NUMBER = "ZXRB22001001"
WAIT_S = 30.0


@pytest.fixture(autouse=True)
def _models_are_there(model_files: CachedModelFiles) -> None:
    """The server needs them to start."""


def wait_until(holds: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def terminal(server: ServerProcess, serial_number: str = SERIAL_NUMBER) -> Iterator[ClientConnection]:
    """A terminal by an independent client, registered."""
    with connect(f"ws://127.0.0.1:{server.terminals_port}/any/path") as socket:
        socket.send(json.dumps({"cmd": "reg", "sn": serial_number, "devinfo": {"modelname": "AiFace"}}))
        assert json.loads(socket.recv(timeout=WAIT_S))["result"] is True
        yield socket


def push(server: ServerProcess, **body: object) -> tuple[int, dict[str, Any]]:
    with server.client() as client:
        answer = client.post("/admin/push", json=body)
        return answer.status_code, answer.json()


def is_connected(server: ServerProcess, serial_number: str) -> bool:
    with server.client() as client:
        listed = client.get("/v1/terminals").json()["terminals"]
    return any(one["serial_number"] == serial_number and one["is_connected"] for one in listed)


def history(server: ServerProcess) -> Counter[tuple[str, int, str, int, int]]:
    """How often each record is in the exported history."""
    with server.client() as client:
        text = client.get("/v1/terminals/activity.csv").text
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return Counter(
        (row["serial_number"], int(row["enroll_id"]), row["time"], int(row["mode"]), int(row["event"]))
        for row in rows
    )


def test_terminals_on_their_own_port_and_on_the_main_one(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, terminal(server) as socket:
        with connect(f"ws://127.0.0.1:{server.port}/pub/chat") as other:
            other.send(json.dumps({"cmd": "reg", "sn": "OTHER1"}))
            assert json.loads(other.recv(timeout=WAIT_S))["ret"] == "reg"
            wait_until(lambda: is_connected(server, SERIAL_NUMBER) and is_connected(server, "OTHER1"))
        with server.client() as client:
            plain = client.get(f"http://127.0.0.1:{server.terminals_port}/")
        assert plain.status_code == 404
        server.stop()
        with pytest.raises(Exception, match="1001"):
            socket.recv(timeout=WAIT_S)


def test_two_servers_on_one_redis(tmp_path: Path) -> None:
    require_redis()
    options = redis_options()
    shared = {
        "FACEGATE_REDIS__HOST": options.host,
        "FACEGATE_REDIS__PORT": str(options.port),
        "FACEGATE_REDIS__DATABASE": str(options.database),
        "FACEGATE_REDIS__NAMESPACE": options.namespace,
        "FACEGATE_REDIS__LIST_PREFIX": f"{options.namespace}-old",
    }
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with (
        running_server(folders[0], **shared) as one,
        running_server(folders[1], **shared) as two,
        terminal(one) as socket,
        redis.Redis.from_url(REDIS_URL) as client,
    ):
        wait_until(lambda: push_and_answer(socket, two)[0] == 200)
        status, reply = push_and_answer(socket, two)
        assert (status, reply["ret"], reply["time"]) == (200, "gettime", "2024-05-02 09:00:01")
        # A script of old pushes on one list and pops from the other.
        old = f"{options.namespace}-old_{SERIAL_NUMBER}"
        client.rpush(f"{old}_OUT", json.dumps({"cmd": "gettime"}))
        answer_command(socket)
        popped: Any = client.blpop([f"{old}_IN"], timeout=10)
        assert json.loads(popped[1])["ret"] == "gettime"
        client.delete(f"{old}_OUT", f"{old}_IN")


def answer_command(socket: ClientConnection) -> None:
    command = json.loads(socket.recv(timeout=WAIT_S))
    socket.send(json.dumps({"ret": command["cmd"], "time": "2024-05-02 09:00:01"}))


def push_and_answer(socket: ClientConnection, server: ServerProcess) -> tuple[int, dict[str, Any]]:
    """Pushes from another process while the terminal answers from this one."""
    code = (
        "import sys,httpx\n"
        "url,token,sn=sys.argv[1:]\n"
        "a=httpx.post(url+'/admin/push',json={'sn':sn,'cmd':'gettime'},"
        "headers={'Authorization':'Bearer '+token},timeout=30,trust_env=False)\n"
        "print(a.status_code,a.text)\n"
    )
    asking = subprocess.Popen(
        [sys.executable, "-c", code, server.url, server.token, SERIAL_NUMBER],
        stdout=subprocess.PIPE,
        text=True,
    )
    # Where the server answered without asking the terminal, the status says it.
    with suppress(TimeoutError):
        answer_command(socket)
    output, _ = asking.communicate(timeout=60)
    status, _, text = output.partition(" ")
    return int(status), json.loads(text)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_through_kill_9(tmp_path: Path) -> None:
    ledger = tmp_path / "acknowledged.csv"
    with running_server(tmp_path) as server:
        command = [
            *(sys.executable, "-m", "facegate", "terminal", "simulate"),
            f"ws://127.0.0.1:{server.terminals_port}",
            *("--count", "20", "--scans", "60", "--every", "0.2", "--nasty", "0.05", "--for", "90"),
            *("--quiet", "--ledger", str(ledger)),
        ]
        simulator = subprocess.Popen(command, cwd=tmp_path, env=clean_environment())
        try:
            for _ in range(3):
                time.sleep(3)
                server.kill()
                server.start()
            assert simulator.wait(120) == 0
        finally:
            if simulator.poll() is None:
                simulator.kill()
                simulator.wait()
        stored = history(server)
    acknowledged = {(serial_number, *key) for serial_number, key in read_ledger(ledger)}
    assert len(acknowledged) >= 20 * 60 * 0.9
    assert acknowledged <= stored.keys()
    assert max(stored.values()) == 1
