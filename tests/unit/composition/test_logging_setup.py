"""The two forms of a log line, secrets, request ids, and the rotating file."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from facegate.composition.logging_setup import JsonFormatter, LogOptions, TextFormatter, configure_logging

SECRET = "fg_very-secret"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("facegate.test").makeRecord(
        "facegate.test", logging.INFO, "file.py", 1, message, arguments, None, extra=extra
    )


def test_text_is_one_line_even_if_a_message_has_two() -> None:
    line = TextFormatter([]).format(record("first\nINFO forged %s", "x\r\ny"))
    assert "\n" not in line
    assert line.endswith("facegate.test first\\nINFO forged x\\r\\ny")


def test_json_has_the_facts_as_fields() -> None:
    line = JsonFormatter([]).format(
        record("GET %s", "/persons", status=200, request_id="abc", path=Path("x"))
    )
    fields = json.loads(line)
    assert fields["message"] == "GET /persons"
    assert (fields["status"], fields["request_id"], fields["level"], fields["path"]) == (
        200,
        "abc",
        "INFO",
        "x",
    )
    assert fields["time"].endswith("+00:00")


def test_the_request_id_is_shown_where_there_is_one() -> None:
    assert "[abc]" in TextFormatter([]).format(record("hello", request_id="abc"))
    assert "[" not in TextFormatter([]).format(record("hello", request_id="-"))
    assert "request_id" not in json.loads(JsonFormatter([]).format(record("hello")))


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_secrets_are_masked_wherever_they_stand(formatter: type[TextFormatter | JsonFormatter]) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        entry = record("token=%s", SECRET, header=f"Bearer {SECRET}")
        entry.exc_info = sys.exc_info()
    line = formatter([SECRET]).format(entry)
    assert SECRET not in line
    assert "********" in line
    assert "ValueError" in line


def test_a_file_is_rotated(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "facegate.log"
    configure_logging(LogOptions(file=path, max_bytes=10_000, backup_count=2))
    for number in range(400):
        logging.getLogger("facegate.test").info("line %d %s", number, "x" * 60)
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["facegate.log", "facegate.log.1", "facegate.log.2"]
    assert all(file.stat().st_size <= 10_000 for file in path.parent.iterdir())
    assert "line 399" in path.read_text(encoding="utf-8")


def test_setting_it_up_again_replaces_what_was_there(tmp_path: Path) -> None:
    first, second = tmp_path / "1.log", tmp_path / "2.log"
    configure_logging(LogOptions(file=first))
    configure_logging(LogOptions(file=second, level="WARNING"))
    logging.getLogger("facegate.test").info("unheard")
    logging.getLogger("facegate.test").warning("heard")
    assert first.read_text(encoding="utf-8") == ""
    text = second.read_text(encoding="utf-8")
    assert "heard" in text
    assert "unheard" not in text


def test_libraries_are_quiet_unless_debugging(tmp_path: Path) -> None:
    configure_logging(LogOptions(file=tmp_path / "1.log"))
    assert not logging.getLogger("asyncio").isEnabledFor(logging.INFO)
    configure_logging(LogOptions(file=tmp_path / "1.log", level="DEBUG"))
    assert logging.getLogger("asyncio").isEnabledFor(logging.DEBUG)


def test_the_server_below_never_writes_addresses_and_headers_of_sockets(tmp_path: Path) -> None:
    """They hold tokens."""
    configure_logging(LogOptions(file=tmp_path / "1.log", level="DEBUG"))
    assert not logging.getLogger("uvicorn.error").isEnabledFor(logging.INFO)


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
def test_no_level_writes_the_addresses_that_are_asked(tmp_path: Path, level: str) -> None:
    """They hold the passwords of cameras and the keys of webhooks."""
    path = tmp_path / "1.log"
    configure_logging(LogOptions(file=path, level=level))
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        client.get(f"http://gate.example/mjpeg?psw={SECRET}")
    logging.getLogger("httpcore.http11").debug("send_request_headers %s", SECRET)
    assert SECRET not in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - a folder where the file should be, whatever the system says
        configure_logging(LogOptions(file=tmp_path))
