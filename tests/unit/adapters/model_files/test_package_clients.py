"""The real pip and the real npm, pointed at a local folder and a local registry."""

import base64
import hashlib
import io
import json
import shutil
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from tests.unit.adapters.model_files.conftest import LocalServer

from facegate.adapters.model_files.file_hashes import SourceUnavailable
from facegate.adapters.model_files.manifest import Archive
from facegate.adapters.model_files.package_clients import _bytes_below, fetch_archive

WHEEL_NAME = "tinypackage-1.0-py3-none-any.whl"


def _wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        wheel.writestr("tinypackage/model.onnx", b"model")
        info = "tinypackage-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinypackage\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def _npm_tarball() -> bytes:
    buffer = io.BytesIO()
    package = json.dumps({"name": "tinypackage", "version": "1.0.0"}).encode()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in (("package/package.json", package), ("package/model.onnx", b"model")):
            item = tarfile.TarInfo(name)
            item.size = len(content)
            tar.addfile(item, io.BytesIO(content))
    return buffer.getvalue()


def _archive(kind: Literal["wheel", "npm"], file_name: str, content: bytes, version: str) -> Archive:
    return Archive(
        kind=kind,
        project="tinypackage",
        version=version,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )


@pytest.fixture
def wheel_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def test_pip_brings_the_wheel_that_was_pinned(wheel_folder: Path, tmp_path: Path) -> None:
    content = _wheel()
    (wheel_folder / WHEEL_NAME).write_bytes(content)
    steps: list[str] = []
    workspace = tmp_path / "work"
    archive = _archive("wheel", WHEEL_NAME, content, "1.0")
    path = fetch_archive(archive, workspace, lambda _: None, steps.append)
    assert path.read_bytes() == content
    assert path.is_relative_to(workspace)
    assert steps == ["download tinypackage 1.0"]


def test_a_wheel_with_another_hash_is_refused(wheel_folder: Path, tmp_path: Path) -> None:
    (wheel_folder / WHEEL_NAME).write_bytes(_wheel())
    with pytest.raises(SourceUnavailable, match="pip could not get"):
        fetch_archive(_archive("wheel", WHEEL_NAME, b"other", "1.0"), tmp_path / "work", lambda _: None)
    assert not list((tmp_path / "work" / "archive").iterdir())


def test_an_index_without_the_package_is_a_short_reason(wheel_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"^pip could not get tinypackage 1\.0$"):
        fetch_archive(_archive("wheel", WHEEL_NAME, b"x", "1.0"), tmp_path / "work", lambda _: None)


def test_without_npm_and_without_a_node_wheel_the_reason_says_so(
    wheel_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    archive = _archive("npm", "tinypackage-1.0.0.tgz", b"x", "1.0.0")
    with pytest.raises(SourceUnavailable, match="npm is missing and pip could not get a Node wheel"):
        fetch_archive(archive, tmp_path / "work", lambda _: None)


def _serve_npm(server: LocalServer, content: bytes) -> None:
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    version = {
        "name": "tinypackage",
        "version": "1.0.0",
        "dist": {"tarball": f"{server.url}/tinypackage-1.0.0.tgz", "integrity": integrity},
    }
    listing = {"name": "tinypackage", "versions": {"1.0.0": version}, "dist-tags": {"latest": "1.0.0"}}
    server.files["/tinypackage"] = json.dumps(listing).encode()
    server.files["/tinypackage-1.0.0.tgz"] = content


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on the search path")
def test_npm_brings_the_pinned_tarball_and_another_hash_is_refused(
    local_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", local_server.url)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_update_notifier", "false")
    content = _npm_tarball()
    _serve_npm(local_server, content)
    archive = _archive("npm", "tinypackage-1.0.0.tgz", content, "1.0.0")
    assert fetch_archive(archive, tmp_path / "work", lambda _: None).read_bytes() == content
    wrong = _archive("npm", "tinypackage-1.0.0.tgz", b"other", "1.0.0")
    with pytest.raises(SourceUnavailable, match="wrong SHA-256"):
        fetch_archive(wrong, tmp_path / "work2", lambda _: None)


def test_folders_that_come_and_go_while_a_client_works_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "stays").write_bytes(b"12345")
    is_over = threading.Event()

    def churn() -> None:
        while not is_over.is_set():
            for number in range(20):
                deep = tmp_path / f"build-{number}" / "a" / "b"
                deep.mkdir(parents=True, exist_ok=True)
                (deep / "file").write_bytes(b"x")
            for number in range(20):
                shutil.rmtree(tmp_path / f"build-{number}")

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        sizes = [_bytes_below(tmp_path) for _ in range(200)]
    finally:
        is_over.set()
        thread.join()
    assert min(sizes) >= 5
