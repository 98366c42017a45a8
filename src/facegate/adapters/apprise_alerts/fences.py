"""What Apprise's plugins may not do: reach inside, read the server's files, start programs.

Only for the process that runs Apprise: an audit hook cannot be taken away again. It sees every attempt of
Python code just before it happens, whichever library makes it, so the address that is judged is the one that
is connected to.
"""

import os
import socket
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

from facegate.domain.alerts.destinations import permitted_addresses
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import NotPermitted

_PROGRAMS = (
    "subprocess.",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "os.system",
    "os.fork",
    "pty.",
    "ctypes.dlopen",
)
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.truncate",
    "os.ch",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "shutil.",
)
_READABLE = (
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/lib/ssl", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone",
    "/etc/mime.types", "/etc/hosts", "/etc/resolv.conf", "/dev/null", "/dev/urandom",
)  # fmt: skip
"""Beside Python and its packages: certificates, time zones, kinds of files, names of hosts."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Fences:
    """`refusal` is the sentence of the first attempt that was stopped; `has_connected`: one got out."""

    def __init__(self, allowed: frozenset[InsidePlace]) -> None:
        self._allowed = allowed
        paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
        packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
        here = str(Path(__file__).parents[3])
        self._readable = tuple({os.path.realpath(path) for path in (*paths, *packages, here, *_READABLE)})
        self.refusal: str | None = None
        self.has_connected = False

    def put_up(self) -> None:
        """From here on, until the process ends."""
        self._watch_connections()
        sys.addaudithook(self._judge)

    def _watch_connections(self) -> None:
        original = socket.socket.connect

        def connect(sock: socket.socket, address: object) -> None:
            try:
                original(sock, address)  # type: ignore[arg-type]
            except BlockingIOError:
                # Under way: asyncio waits for it elsewhere.
                self.has_connected = True
                raise
            self.has_connected = True

        socket.socket.connect = connect  # type: ignore[method-assign,assignment]

    def _judge(self, event: str, details: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._judge_address(details[1])
        elif event == "open":
            self._judge_file(details[0], details[2])
        elif event.startswith(_PROGRAMS):
            self._stop("this service would start a program on the server")
        elif event.startswith(_CHANGES):
            self._stop("this service would change files of the server")

    def _judge_address(self, address: object) -> None:
        if address is None:
            return
        if not isinstance(address, tuple):
            self._stop("this service would speak to a program on the server")
        host = str(address[0])
        try:
            permitted_addresses([host], self._allowed)
        except NotPermitted as error:
            self._stop(error.message)
        except ValueError:
            # A name rather than an address: the system looks it up at once, so what it means now is judged.
            self._judge_name(host)

    def _judge_name(self, host: str) -> None:
        for place in socket.getaddrinfo(host, None):
            self._judge_address((str(place[4][0]),))

    def _judge_file(self, path: object, flags: object) -> None:
        if isinstance(path, int):
            return
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        real = os.path.realpath(str(path))
        is_writing = isinstance(flags, int) and flags & _WRITING and real != "/dev/null"
        is_readable = any(real == root or real.startswith(root + os.sep) for root in self._readable)
        if is_writing or not is_readable:
            self._stop("this service would use files of the server")

    def _stop(self, sentence: str) -> NoReturn:
        # The first refusal is told: what follows may come of it.
        self.refusal = self.refusal or sentence
        raise PermissionError(sentence)
