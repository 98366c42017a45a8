"""Starts the RTSP server of `server.py` and tells it what to show."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

PYTHON = os.environ.get("FACEGATE_TEST_RTSP") or "/usr/bin/python3"
"""A Python that has GStreamer's RTSP server: Debian's `python3-gi` with `gir1.2-gst-rtsp-server-1.0`."""

_PARTS = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer, Gst; "
    "Gst.init(None); "
    "assert all(Gst.ElementFactory.find(one) for one in ('appsrc', 'h264parse', 'rtph264pay', 'rtppcmapay'))"
)


@cache
def _is_there() -> bool:
    if not Path(PYTHON).is_file() or shutil.which("ffmpeg") is None:
        return False
    return subprocess.run([PYTHON, "-c", _PARTS], capture_output=True, check=False).returncode == 0


def require_rtsp() -> None:
    """Skips the test where there is no RTSP server or no ffmpeg to make clips with."""
    if not _is_there():
        pytest.skip("RTSP: no server answers (FACEGATE_TEST_RTSP names a Python with GStreamer's)")


class RtspServer:
    """One server process on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [PYTHON, str(Path(__file__).with_name("server.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.port = int(self._read()["port"])

    def address(self, path: str, user_info: str = "") -> str:
        """The whole address of a path; `user_info` as `user:password`."""
        return f"rtsp://{user_info}{'@' if user_info else ''}127.0.0.1:{self.port}{path}"

    def show(
        self,
        path: str,
        clip: Path,
        *,
        fps: int = 25,
        loops: bool = True,
        shared: bool = False,
        user: str | None = None,
        password: str = "",
        scheme: str = "basic",
        stamps: Path | None = None,
    ) -> str:
        """Shows a clip of H.264 at a path as it is; each client from its beginning unless it is shared.

        `stamps` is a file to which each picture's number and the time it was sent (`time.monotonic`) are
        added. Gives the address, without the user.
        """
        self._order(
            do="mount",
            path=path,
            units=str(byte_stream(clip)),
            fps=fps,
            loops=loops,
            shared=shared,
            user=user,
            password=password,
            scheme=scheme,
            stamps=None if stamps is None else str(stamps),
        )
        return self.address(path)

    def launch(self, path: str, pipeline: str) -> str:
        """Shows what a GStreamer pipeline makes."""
        self._order(do="launch", path=path, launch=pipeline)
        return self.address(path)

    def sound(self, path: str) -> str:
        """A stream without video."""
        source = "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1"
        return self.launch(path, f"( {source} ! alawenc ! rtppcmapay name=pay0 pt=8 )")

    def play(self, path: str) -> None:
        """Goes on."""
        self._order(do="set_mode", path=path, mode="play")

    def mute(self, path: str) -> None:
        """Sends nothing more; who is connected stays so."""
        self._order(do="set_mode", path=path, mode="mute")

    def freeze(self, path: str) -> None:
        """Sends the same picture again and again."""
        self._order(do="set_mode", path=path, mode="freeze")

    def end(self, path: str) -> None:
        """Tells clients that the stream is over."""
        self._order(do="set_mode", path=path, mode="end")

    def drop_clients(self) -> None:
        """Hangs up on everybody; they may come again."""
        self._order(do="drop")

    @property
    def client_count(self) -> int:
        """How many are connected now."""
        return int(self._order(do="clients"))

    def close(self) -> None:
        """Ends the process, as a camera that loses its power."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> "RtspServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _order(self, **order: object) -> Any:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return self._read()["answer"]

    def _read(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        line = stdout.readline()
        assert line, "the RTSP server has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


def byte_stream(clip: Path) -> Path:
    """The clip's H.264 as a byte stream with delimiters, beside it; made once."""
    stream = clip.with_suffix(".delimited.h264")
    if not stream.is_file():
        part = stream.with_suffix(".part")
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-an", "-c:v", "copy"]
        # The first filter turns what MP4 holds into a byte stream; it leaves a byte stream as it is.
        filters = "h264_mp4toannexb,h264_metadata=aud=insert"
        subprocess.run([*command, "-bsf:v", filters, "-f", "h264", str(part)], check=True)
        part.rename(stream)
    return stream


@contextmanager
def running_server() -> Iterator[RtspServer]:
    """A server for one test or one script."""
    with RtspServer() as server:
        yield server
