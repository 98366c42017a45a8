"""An environment of its own for `face_recognition` and dlib, and the process that runs in it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from benchmarks.progress import console

ENVIRONMENT = Path("build/benchmarks/baseline-venv")

# dlib-bin is dlib without a compiler; setuptools because face_recognition_models imports pkg_resources.
REQUIREMENTS = (
    "face_recognition==1.3.0",
    "face_recognition_models==0.3.0",
    "dlib-bin>=19.24",
    "click>=8",
    "numpy>=1.26",
    "pillow>=10.4",
    "setuptools<81",
)


class BaselineMissing(Exception):
    """The environment could not be made; the message says why."""


class Baseline:
    """The running process; one request at a time."""

    def __init__(self, requests: IO[str], answers: IO[str], faults: IO[bytes]) -> None:
        self._requests = requests
        self._answers = answers
        self._faults = faults

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """The answer to one request.

        Raises:
            BaselineMissing: the process broke; the message holds its last words.
        """
        try:
            self._requests.write(json.dumps({"action": action, **fields}) + "\n")
            self._requests.flush()
        except BrokenPipeError as error:
            raise BaselineMissing(self._last_words()) from error
        line = self._answers.readline()
        if not line:
            raise BaselineMissing(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        self._faults.seek(0)
        return self._faults.read().decode(errors="replace").strip()[-600:] or "the baseline ended"


@contextmanager
def running_baseline(cores: Sequence[int] = ()) -> Iterator[Baseline]:
    """The baseline on these cores (one, for a fair comparison).

    Raises:
        BaselineMissing: the environment cannot be made, or does not work.
    """
    python = _environment_python()
    script = Path(__file__).with_name("face_recognition_baseline.py")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    with tempfile.TemporaryFile() as faults:
        process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=faults,
            text=True,
            env=clean,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            baseline = Baseline(process.stdin, process.stdout, faults)
            baseline.ask("versions", cores=list(cores))
            yield baseline
        finally:
            process.stdin.close()
            process.wait(timeout=60)
            process.stdout.close()


def _environment_python() -> Path:
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = ENVIRONMENT / "requirements-installed.txt"
    wanted = "\n".join(REQUIREMENTS)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    console.print("making an environment for face_recognition and dlib (100 MB, once)")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], [*install, *REQUIREMENTS]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BaselineMissing(f"face_recognition cannot be installed: {done.stderr.strip()[-600:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return python
