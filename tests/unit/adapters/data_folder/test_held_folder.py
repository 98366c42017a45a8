"""One process per data folder, and nothing to clean up after a killed one."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from facegate.adapters.data_folder import HeldDataFolder
from facegate.domain.errors import GalleryInUse, StoreFailed

_HOLDER = """
import sys, time
from pathlib import Path
from facegate.adapters.data_folder import HeldDataFolder
HeldDataFolder(Path(sys.argv[1]))
held = HeldDataFolder(Path(sys.argv[1]) / "second")
print("held", flush=True)
time.sleep(60)
"""


def test_a_new_folder_and_its_lock_are_for_their_owner_alone(tmp_path: Path) -> None:
    with HeldDataFolder(tmp_path / "a" / "data") as held:
        assert stat.S_IMODE(held.path.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in held.path.iterdir()} == {0o600}


def test_the_mode_of_a_folder_that_was_there_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with HeldDataFolder(tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_the_second_is_told_what_to_do(tmp_path: Path) -> None:
    with HeldDataFolder(tmp_path):
        with pytest.raises(GalleryInUse, match="FACEGATE_STORAGE__DATA_FOLDER") as caught:
            HeldDataFolder(tmp_path)
        assert str(tmp_path) not in caught.value.message
    HeldDataFolder(tmp_path).release()


def test_releasing_twice_does_nothing(tmp_path: Path) -> None:
    held = HeldDataFolder(tmp_path)
    held.release()
    held.release()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as lines:
        assert lines.readline() == b"held\n"
        with pytest.raises(GalleryInUse):
            HeldDataFolder(tmp_path / "second")
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    HeldDataFolder(tmp_path / "second").release()


def test_a_place_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be made"):
        HeldDataFolder(tmp_path / "file")
