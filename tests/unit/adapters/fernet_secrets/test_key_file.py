"""The key in the data folder, and keys from the settings."""

import logging
import os
import stat
from pathlib import Path

import pytest

from facegate.adapters.fernet_secrets import KEY_FILE_NAME, FernetSecretBox, load_or_make_key, new_key
from facegate.domain.errors import CapabilityMissing, InvalidInput, StoreFailed

SECRET = "rtsp://user:password@camera/stream"


def test_the_first_start_makes_a_key_that_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sealed = FernetSecretBox(load_or_make_key(tmp_path)).seal(SECRET)
    path = tmp_path / KEY_FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [KEY_FILE_NAME]
    assert FernetSecretBox(load_or_make_key(tmp_path)).open(sealed) == SECRET
    assert caplog.text == ""


def test_a_key_is_44_characters_and_another_each_time() -> None:
    keys = {new_key() for _ in range(10)}
    assert len(keys) == 10
    assert {len(key) for key in keys} == {44}


def test_what_a_crash_left_of_a_key_is_no_key(tmp_path: Path) -> None:
    (tmp_path / f"{KEY_FILE_NAME}.part").write_text("half a k")
    FernetSecretBox(load_or_make_key(tmp_path))
    assert [one.name for one in tmp_path.iterdir()] == [KEY_FILE_NAME]


@pytest.mark.parametrize("content", [b"", b"\n", b"half a key", b"\xff\xfe" * 22, b"0" * 100_000])
def test_a_damaged_key_is_told_and_set_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / KEY_FILE_NAME
    for kept in ("secrets.key.damaged", "secrets.key.damaged-2"):
        caplog.clear()
        path.write_bytes(content)
        path.chmod(0o600)
        key = load_or_make_key(tmp_path)
        assert load_or_make_key(tmp_path) == key
        assert (tmp_path / kept).read_bytes() == content
        (told,) = caplog.records
        assert told.levelname == "ERROR"
        assert "restore it from a backup" in told.getMessage()
    assert str(tmp_path) not in caplog.text


def test_a_key_that_others_may_read_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = load_or_make_key(tmp_path)
    (tmp_path / KEY_FILE_NAME).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert load_or_make_key(tmp_path) == key
    assert "chmod 600" in caplog.text
    assert key.strip() not in caplog.text
    assert str(tmp_path) not in caplog.text


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="owner"):
        load_or_make_key(tmp_path / "nowhere")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_a_key_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    load_or_make_key(tmp_path)
    (tmp_path / KEY_FILE_NAME).chmod(0)
    with pytest.raises(StoreFailed, match="mode"):
        load_or_make_key(tmp_path)


@pytest.mark.parametrize("wrong", ["", " ", "password", "A" * 44, "ü" * 44, "half\ud800", f"{'A' * 43}=,x"])
def test_a_wrong_key_is_told_without_repeating_it(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="44 characters") as refused:
        FernetSecretBox(wrong)
    assert refused.value.field == "alerts.secret_key"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert not wrong.strip() or wrong not in refused.value.message


@pytest.mark.parametrize("between", [",", " ", "\n", ", "])
def test_a_new_key_before_the_old_one_opens_what_was_sealed_under_either(between: str) -> None:
    old, new = new_key(), new_key()
    sealed = FernetSecretBox(old).seal(SECRET)
    both = FernetSecretBox(f"{new}{between}{old}\n")
    assert both.open(sealed) == SECRET
    assert FernetSecretBox(new).open(both.seal(SECRET)) == SECRET
    with pytest.raises(CapabilityMissing, match="FACEGATE_ALERTS__SECRET_KEY"):
        FernetSecretBox(old).open(both.seal(SECRET))


def test_a_box_does_not_show_its_key() -> None:
    key = new_key()
    box = FernetSecretBox(key)
    assert key not in repr(box)
    assert key not in repr(vars(box))
