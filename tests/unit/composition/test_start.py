"""The first steps of a server: what it logs of its settings."""

import logging

import pytest

from facegate.composition import start
from facegate.settings.loading import load_settings


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({}, "FACEGATE_STORAGE__DATA_FOLDER="),
        (
            {"FACEGATE_SERVER__PORT": "8123", "FACEGATE_ACCESS__TOKEN": "x" * 40},
            "FACEGATE_SERVER__PORT=8123",
        ),
    ],
)
def test_only_settings_that_differ_from_the_defaults_are_logged(
    environ: dict[str, str], text: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The process is the tests': its logging, threads and memory stay as they are.
    for name in ("configure_logging", "limit_library_threads", "limit_heap_growth"):
        monkeypatch.setattr(start, name, lambda *_: None)
    with caplog.at_level(logging.INFO, logger=start.logger.name):
        start.set_up_process(load_settings(environ, env_file=None))
    (line,) = [message for message in caplog.messages if message.startswith("settings")]
    assert text in line
    assert "FACEGATE_SERVER__HOST" not in line
    assert "x" * 40 not in line
