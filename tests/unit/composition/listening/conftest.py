"""A client of the server that a module starts by its fixture `port`."""

import socket
from collections.abc import Iterator

import pytest
from tests.unit.composition.listening.served import PATIENCE_S


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connected:
        yield connected
