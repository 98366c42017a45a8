"""What the doors of terminals stand on: nothing is left running where it cannot be built."""

import threading
from pathlib import Path

import pytest
from tests.fakes.gallery import InMemoryGalleryStore
from tests.unit.composition.fake_application import TOKEN, fake_ports

from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.domain.errors import InvalidInput
from facegate.settings.loading import load_settings


def serving_application(folder: Path, **environ: str) -> Application:
    names = {"FACEGATE_STORAGE__DATA_FOLDER": str(folder), "FACEGATE_ACCESS__TOKEN": TOKEN, **environ}
    settings = load_settings(names, env_file=None).settings
    return build_application(settings, ports=fake_ports(InMemoryGalleryStore()), is_serving=True)


def writers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "activity-writer"}


def test_no_writer_is_left_where_the_copy_cannot_be_had(tmp_path: Path) -> None:
    before = writers()
    with pytest.raises(InvalidInput, match="FACEGATE_SINK__URL"):
        serving_application(tmp_path, FACEGATE_SINK__URL="nowhere://")
    assert writers() == before


def test_another_table_is_copied_from_the_beginning(tmp_path: Path) -> None:
    readers = []
    for place in ("one", "two", "one"):
        url = f"sqlite:///{tmp_path}/{place}.sqlite3"
        application = serving_application(tmp_path / "data", FACEGATE_SINK__URL=url)
        try:
            assert application.terminals is not None
            assert application.terminals.copy is not None
            readers.append(application.terminals.copy.reader)
        finally:
            application.close()
    assert readers[0] == readers[2] != readers[1]
    assert str(tmp_path) not in readers[0]
