"""One server and one camera for each agent's suite."""

from collections.abc import Iterator

import pytest
from tests.clients.agents_at_work import register
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera

from facegate.adapters.model_files import CachedModelFiles


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model_files: CachedModelFiles, real_pictures: RealPictures
) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("agents")) as started:
        register(started, real_pictures)
        yield started


@pytest.fixture(scope="module")
def camera(real_pictures: RealPictures) -> LiveCamera:
    """One for all: pictures that the server has seen before would be a looped picture."""
    return LiveCamera(real_pictures)
