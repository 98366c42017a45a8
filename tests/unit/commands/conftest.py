"""The whole command line in this process, on a data folder of its own and an engine without models."""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contracts.test_gallery_access import fake_engine
from tests.fakes.engine import FakeFace, fake_picture
from typer.testing import CliRunner, Result

from facegate.commands.app import app
from facegate.composition import embedded

Run = Callable[..., Result]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `facegate` with these arguments. Settings of whoever runs the tests do not count."""
    for name in list(os.environ):
        if name.startswith("FACEGATE_") or name in {"AUTH_TOKEN", "FACE_DATA_DIR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("FACEGATE_STORAGE__DATA_FOLDER", str(data_folder))
    monkeypatch.setenv("FACEGATE_ENROLMENT__MIN_QUALITY", "0")
    monkeypatch.chdir(tmp_path)
    real = embedded.build_application
    monkeypatch.setattr(embedded, "build_application", functools.partial(real, ports=fake_engine()))

    def run_command(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run_command


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Path]:
    """Writes a picture of these people and gives its path."""

    def write(name: str, *people: str, variant: int = 0) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fake_picture(*(FakeFace(person, variant) for person in people)))
        return path

    return write
