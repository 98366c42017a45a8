"""The door behind uvicorn, spoken to with the `websockets` library: what only a real server shows."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from tests.protocols.presence.in_process_sockets import (
    USER,
    PresenceDoor,
    open_presence_door,
    wait_until,
)
from tests.protocols.presence.moments import LOG_IN_PICTURE, frame_text
from tests.protocols.presence.scripted_judge import picture
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

MAX_MESSAGE_BYTES = 100_000
EVIL = Origin("https://evil.example")


@contextmanager
def served(door: PresenceDoor) -> Iterator[str]:
    """The door's address."""
    config = uvicorn.Config(
        door.app, port=0, log_config=None, access_log=False, lifespan="off", ws_max_size=MAX_MESSAGE_BYTES
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server under test")
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def door() -> Iterator[PresenceDoor]:
    with open_presence_door() as opened:
        yield opened


def ask(socket: ClientConnection, content: str | bytes) -> dict[str, Any]:
    socket.send(content)
    answer: dict[str, Any] = json.loads(socket.recv(timeout=20))
    return answer


def close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=20)
    return closed.value.rcvd.code if closed.value.rcvd else None


def test_exchanges_and_close_codes(door: PresenceDoor) -> None:
    with served(door) as url, connect(url) as socket:
        assert ask(socket, frame_text(USER, LOG_IN_PICTURE))["action"] == "NO_ACTION"
        assert ask(socket, frame_text(USER, picture("phone")))["action"] == "ACTION_SIGN_OUT"
        assert ask(socket, frame_text("nobody", LOG_IN_PICTURE)) == {
            "action": "ACTION_ERROR",
            "reason": "REASON_CLIENT_NOT_AVAILABLE",
        }
        assert close_code(socket) == 4001
    assert door.sessions.counts().connections == 0


def test_a_message_beyond_the_servers_limit_ends_that_connection_alone(door: PresenceDoor) -> None:
    with served(door) as url, connect(url) as good, connect(url) as bad:
        assert ask(good, frame_text(USER, LOG_IN_PICTURE))["action"] == "NO_ACTION"
        bad.send("x" * (MAX_MESSAGE_BYTES + 1))
        assert close_code(bad) == 1009
        assert ask(good, frame_text(USER, picture("present")))["action"] == "NO_ACTION"


def test_a_page_elsewhere_gets_403(door: PresenceDoor) -> None:
    with served(door) as url:
        with pytest.raises(InvalidStatus) as refused:
            connect(url, origin=EVIL).__enter__()
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body)["error"] == "AUTHENTICATION_FAILED"


def test_tokens_do_not_reach_the_log(door: PresenceDoor, caplog: pytest.LogCaptureFixture) -> None:
    _, token = door.clients.renew_token(USER)
    # The name too: another test may have quieted it, as the server does.
    with served(door) as url, caplog.at_level(logging.INFO, logger="uvicorn"):
        with connect(f"{url}?token={token}") as socket:
            assert ask(socket, frame_text(USER, LOG_IN_PICTURE))["action"] == "NO_ACTION"
        with pytest.raises(InvalidStatus):
            connect(f"{url}?token={token}", origin=EVIL).__enter__()
    assert "WebSocket /ws" in caplog.text
    assert token not in caplog.text


def test_who_drops_the_line_leaves_no_session(door: PresenceDoor) -> None:
    with served(door) as url:
        socket = connect(url).__enter__()
        assert ask(socket, frame_text(USER, LOG_IN_PICTURE))["action"] == "NO_ACTION"
        socket.socket.shutdown(2)
        wait_until(lambda: door.sessions.counts().connections == 0)
        assert door.sessions.snapshot() == ()
