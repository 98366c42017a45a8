from collections.abc import Iterator

import pytest
from tests.protocols.whole_server import Server, whole_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server without optional checks; one per module."""
    with whole_server(tmp_path_factory.mktemp("operations") / "data", has_checks=False) as running:
        yield running
