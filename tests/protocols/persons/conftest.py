"""The doors of one test, empty gallery."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.protocols.contract_doors import DoorOptions, Doors, open_doors


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    with open_doors(DoorOptions(data_folder=tmp_path)) as opened:
        yield opened
