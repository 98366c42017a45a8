"""The first steps of a server: what it logs of its settings."""

import logging

import pytest

from facegate.composition import start
from facegate.composition.listening.serving import server_config
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
    for name in ("configure_logging", "limit_library_threads", "limit_heap_growth", "allow_open_files"):
        monkeypatch.setattr(start, name, lambda *_: None)
    with caplog.at_level(logging.INFO, logger=start.logger.name):
        start.set_up_process(load_settings(environ, env_file=None))
    (line,) = [message for message in caplog.messages if message.startswith("settings")]
    assert text in line
    assert "FACEGATE_SERVER__HOST" not in line
    assert "x" * 40 not in line


def test_there_are_files_for_all_connections_that_the_ports_take(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def allow(count: int) -> int:
        asked.append(count)
        return 1024

    for name in ("configure_logging", "limit_library_threads", "limit_heap_growth"):
        monkeypatch.setattr(start, name, lambda *_: None)
    monkeypatch.setattr(start, "allow_open_files", allow)
    environ = {"FACEGATE_SERVER__MAX_CONNECTIONS": "300", "FACEGATE_TERMINALS__MAX_CONNECTIONS": "4000"}
    loaded = load_settings(environ, env_file=None)
    start.set_up_process(loaded)
    ports = [start.listen_options(loaded.settings), start.terminal_listen_options(loaded.settings)]
    limits = [server_config("app", options).limit_concurrency for options in ports]
    assert limits == [300, 5000]
    assert asked[0] >= 300 + 5000
    assert "allows 1024 open files" in caplog.text
    asked.clear()
    start.set_up_process(load_settings({**environ, "FACEGATE_TERMINALS__ENABLED": "false"}, env_file=None))
    assert asked[0] < 4000
