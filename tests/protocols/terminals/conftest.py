"""The terminals' door of one test."""

from collections.abc import Iterator

import pytest
from tests.protocols.terminals.real_door import TerminalDoor, open_terminal_door


@pytest.fixture
def door() -> Iterator[TerminalDoor]:
    with open_terminal_door() as opened:
        yield opened
