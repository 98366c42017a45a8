"""The presence door of one test with two registered clients."""

from collections.abc import Iterator

import pytest
from tests.protocols.presence.in_process_sockets import PresenceDoor, open_presence_door


@pytest.fixture
def door() -> Iterator[PresenceDoor]:
    with open_presence_door() as opened:
        yield opened
