"""A real server and a real socket: what happens when the client hangs up."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.protocols.rest_v1.calls import picture
from tests.protocols.whole_server import Server, whole_server

from facegate.composition.listening.punctual_http import PunctualHttp
from facegate.domain.images import DetectedFace, Frame, SmallLook


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with whole_server(tmp_path / "data", {"engine.workers": "1"}) as running:
        yield running


@pytest.fixture
def address(server: Server) -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(server.app, lifespan="off", log_config=None, http=PunctualHttp)
    web = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(web.serve(sockets=[listener])))
    thread.start()
    _wait_for(lambda: web.started)
    yield listener.getsockname()
    web.should_exit = True
    thread.join(10)
    listener.close()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come to pass"
        time.sleep(0.005)


def _engine(server: Server) -> dict[str, int]:
    engine = server.client.get("/v1/status").json()["workers"][0]
    return {name: value for name, value in engine.items() if name != "name"}


def test_waiting_work_of_a_client_that_hangs_up_is_dropped(
    server: Server, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    looked_count = 0

    def held_up(frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        nonlocal looked_count
        looked_count += 1
        release.wait(10)
        return []

    monkeypatch.setattr(server.detector, "detect", held_up)
    url = f"http://{address[0]}:{address[1]}/v1/identify"
    request = httpx.Request("POST", url, files={"image": picture("ada")}, headers=server.headers)
    body = request.read()
    head = "POST /v1/identify HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers.items()
    )
    clients = []
    for place in range(3):
        client = socket.create_connection(address)
        client.sendall(head.encode() + b"\r\n" + body)
        clients.append(client)
        _wait_for(lambda expected=place: _engine(server)["waiting"] == expected)  # type: ignore[misc]
    clients[1].close()
    _wait_for(lambda: _engine(server)["waiting"] == 1)
    release.set()
    for client in (clients[0], clients[2]):
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.close()
    assert looked_count == 2
    metrics = server.client.get("/metrics").text
    assert 'facegate_workers_dropped_total{workers="engine"} 1.0' in metrics
    assert 'method="POST",route="/v1/identify",status="499"} 1.0' in metrics
    assert 'status="500"' not in metrics


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_client_that_leaves_amid_its_body_counts_as_its_own_choice(
    server: Server, address: tuple[str, int], content_type: str
) -> None:
    token = server.headers["Authorization"]
    head = f"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
    client = socket.create_connection(address)
    client.sendall(f"{head}Content-Type: {content_type}\r\nContent-Length: 1000\r\n\r\n--x\r\n".encode())
    client.close()
    _wait_for(lambda: 'route="/v1/identify",status=' in server.client.get("/metrics").text)
    metrics = server.client.get("/metrics").text
    assert 'route="/v1/identify",status="499"} 1.0' in metrics
    assert 'route="/v1/identify",status="500"' not in metrics
