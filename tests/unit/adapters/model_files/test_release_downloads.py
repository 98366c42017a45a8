"""Downloads resume where they broke, and never grow beyond the published size."""

from pathlib import Path

import pytest
from tests.unit.adapters.model_files.conftest import LocalServer

from facegate.adapters.model_files.file_hashes import SourceUnavailable
from facegate.adapters.model_files.release_downloads import download

CONTENT = bytes(range(256)) * 1000


def _download(server: LocalServer, tmp_path: Path, path: str = "/file") -> bytes:
    return download(server.url + path, "the server", tmp_path / "part", len(CONTENT), lambda _: None)


def test_a_whole_file_and_its_progress(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT
    heard: list[int] = []
    content = download(f"{local_server.url}/file", "server", tmp_path / "part", len(CONTENT), heard.append)
    assert content == CONTENT
    assert heard == sorted(heard)
    assert heard[-1] == len(CONTENT)


def test_a_broken_transfer_goes_on_from_where_it_broke(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT
    local_server.break_after = [100_000, 50_000]
    assert _download(local_server, tmp_path) == CONTENT
    assert local_server.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_without_ranges_makes_it_start_again(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT
    local_server.break_after = [100_000]
    local_server.honours_ranges = False
    assert _download(local_server, tmp_path) == CONTENT


def test_a_server_that_keeps_breaking_off_is_given_up(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT
    local_server.break_after = [10] * 20
    with pytest.raises(SourceUnavailable, match="broke off"):
        _download(local_server, tmp_path)


def test_a_wrong_address_and_a_dead_server_are_told_apart(local_server: LocalServer, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="answered 404"):
        _download(local_server, tmp_path)
    with pytest.raises(SourceUnavailable, match="did not answer"):
        download("http://127.0.0.1:9/file", "a dead server", tmp_path / "part", 5, lambda _: None)


def test_more_than_the_published_size_is_refused(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT + b"more"
    with pytest.raises(SourceUnavailable, match="more than the published size"):
        _download(local_server, tmp_path)


def test_leftovers_of_an_earlier_download_are_not_trusted(local_server: LocalServer, tmp_path: Path) -> None:
    local_server.files["/file"] = CONTENT
    (tmp_path / "part").write_bytes(b"x" * 100)
    assert _download(local_server, tmp_path) == CONTENT
