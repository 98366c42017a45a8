"""Real processes that fetch at once, and one that is killed."""

import subprocess
import sys
import time
from pathlib import Path

from tests.unit.adapters.model_files.conftest import LocalServer

from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.model_files.manifest import Manifest

RACE = """
import sys
from pathlib import Path
from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.model_files.manifest import Manifest
manifest = Manifest.model_validate_json(Path(sys.argv[1]).read_bytes())
sys.stdin.readline()
print(CachedModelFiles(Path(sys.argv[2]), manifest=manifest).locate("tiny"))
"""


def test_two_processes_at_once_fetch_once_and_both_get_the_file(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    described = tmp_path / "manifest.json"
    described.write_text(published.model_dump_json())
    command = [sys.executable, "-c", RACE, str(described), str(tmp_path / "cache")]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert [racer.returncode for racer in racers] == [0, 0]
    assert answers == {str(tmp_path / "cache" / "tiny.onnx")}
    assert local_server.ranges == [None]


def test_after_a_fetch_was_killed_the_next_one_waits_for_nothing_and_cleans_up(
    published: Manifest, local_server: LocalServer, tmp_path: Path
) -> None:
    described = tmp_path / "manifest.json"
    described.write_text(published.model_dump_json())
    cache = tmp_path / "cache"
    local_server.stalls = True
    command = [sys.executable, "-c", RACE, str(described), str(cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as fetch:
        assert fetch.stdin is not None
        fetch.stdin.write(b"go\n")
        fetch.stdin.flush()
        part = cache / "work" / "tiny" / "tiny_published.onnx.part"
        deadline = time.monotonic() + 60
        while not part.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        fetch.kill()
    assert part.exists()
    local_server.stalls = False
    assert CachedModelFiles(cache, manifest=published).locate("tiny").is_file()
    assert not part.parent.exists()
