"""What an RTSP camera answers while a stream is set up, read before FFmpeg reads it. Bytes in, bytes out.

FFmpeg follows every redirection, wherever it leads. So each answer is taken apart here and written anew:
redirections never reach it, and over UDP pictures are asked for from the camera's own address alone.
"""

import re

from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed

_MAX_HEAD_BYTES = 64 * 1024
_MAX_BODY_BYTES = 1024 * 1024
_MAX_LOCATION_CHARS = 2048

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(r"RTSP/[12]\.\d (\d{3})(?: .*)?")
_REQUEST_LINE = re.compile(r"[A-Z_]{3,20} \S+ RTSP/[12]\.\d")


class Redirected(Exception):
    """The camera wants to be asked elsewhere."""

    def __init__(self, location: str) -> None:
        super().__init__("the camera is elsewhere")
        self.location = location


class RtspReplies:
    """One connection's answers; `last_status` is the code of the newest."""

    def __init__(self, camera_ip: str) -> None:
        self._camera_ip = camera_ip
        self._waiting = bytearray()
        self._is_set_up = False
        self.last_status: int | None = None

    def pass_freely(self) -> None:
        """The stream is set up: FFmpeg follows nothing any more, and bytes go through as they are."""
        self._is_set_up = True

    def feed(self, data: bytes) -> bytes:
        """What FFmpeg may read now.

        Raises:
            Redirected: see there.
            CameraFailed: `broken`, this is not RTSP.
        """
        if self._is_set_up:
            if not self._waiting:
                return data
            data = bytes(self._waiting) + data
            self._waiting.clear()
            return data
        self._waiting += data
        passed = bytearray()
        while unit := self._next_unit():
            passed += unit
        return bytes(passed)

    def _next_unit(self) -> bytes:
        """The next packet or answer that is complete, rewritten; empty when more has to come."""
        waiting = self._waiting
        if waiting[:1] == b"$":
            size = 4 + int.from_bytes(waiting[2:4], "big")
            return self._taken(size) if len(waiting) >= max(4, size) else b""
        while waiting.startswith((b"\r", b"\n")):
            del waiting[:1]
        if len(waiting) >= 8 and not re.match(rb"[A-Z_]+[/ ]", waiting):
            raise _not_rtsp()
        found = _HEAD_END.search(waiting)
        if found is None:
            if len(waiting) > _MAX_HEAD_BYTES:
                raise _not_rtsp()
            return b""
        lines = waiting[: found.start()].decode("latin-1").splitlines()
        body_size = _body_size(lines)
        if len(waiting) < found.end() + body_size:
            return b""
        self._taken(found.end())
        return self._rewritten(lines, self._taken(body_size))

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken

    def _rewritten(self, lines: list[str], body: bytes) -> bytes:
        status = _STATUS_LINE.fullmatch(lines[0])
        if status is None and not _REQUEST_LINE.fullmatch(lines[0]):
            raise _not_rtsp()
        location = ""
        kept = [lines[0]]
        for line in lines[1:]:
            name, _, value = line.partition(":")
            lowered = name.strip().lower()
            if lowered == "location":
                location = value.strip()
            elif lowered == "transport":
                kept.append(f"Transport: {self._from_the_camera(value.strip())}")
            elif lowered != "content-length":
                kept.append(line)
        if status is not None:
            self.last_status = int(status[1])
            if 300 <= self.last_status < 400:
                raise Redirected(location[:_MAX_LOCATION_CHARS])
        if body:
            kept.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*kept, "", ""]).encode("latin-1") + body

    def _from_the_camera(self, transport: str) -> str:
        """The transport with the camera's address as the sender; interleaved, it does not matter."""
        parts = [part for part in transport.split(";") if not part.strip().lower().startswith("source=")]
        if "interleaved" not in transport.lower():
            parts.append(f"source={self._camera_ip}")
        return ";".join(parts)


def _body_size(lines: list[str]) -> int:
    sizes = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("content-length")]
    if not sizes:
        return 0
    if not (sizes[-1].isascii() and sizes[-1].isdigit()) or int(sizes[-1]) > _MAX_BODY_BYTES:
        raise _not_rtsp()
    return int(sizes[-1])


def _not_rtsp() -> CameraFailed:
    return CameraFailed("what answers does not speak RTSP", fault=VideoFault.BROKEN)
