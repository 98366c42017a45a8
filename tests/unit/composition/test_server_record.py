"""Where the running server is found."""

import os
from pathlib import Path

import pytest

from facegate.composition.server_record import ServerRecord, read_record, remove_record, write_record


def test_what_is_written_is_read(tmp_path: Path) -> None:
    record = ServerRecord("http://127.0.0.1:8000", os.getpid(), "0.1.0")
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    remove_record(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_servers_record_stays(tmp_path: Path) -> None:
    write_record(tmp_path, ServerRecord("http://127.0.0.1:8000", os.getpid() + 1, "0.1.0"))
    remove_record(tmp_path)
    assert read_record(tmp_path) is not None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"url": 1, "process_id": "x", "version": 1}', "\x00"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "server.json").write_text(content, encoding="utf-8")
    assert read_record(tmp_path) is None
