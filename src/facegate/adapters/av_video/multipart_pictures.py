"""MJPEG over HTTP: one JPEG after the other in a multipart body. Bytes in, pictures out.

Own code since FFmpeg's reader refuses cameras that write `image/jpg`, and waits for the next picture before
it gives one whose length was told.
"""

import re
from email.message import Message

_MAX_HEAD_BYTES = 16 * 1024
_MAX_PICTURE_BYTES = 20 * 1024 * 1024

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)
_FIRST_LINE = re.compile(rb"--[^\r\n]{1,200}\r?\n")


class NotMultipart(ValueError):
    """The bytes are no multipart body, or a part of it is larger than any picture."""


def boundary_of(content_type: str) -> bytes:
    """The boundary that the header tells, without dashes in front; empty where there is none."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    return boundary.strip().lstrip("-").encode("latin-1", "replace") if isinstance(boundary, str) else b""


class MultipartPictures:
    """Takes parts out of a body. Without a boundary in the header, the first line tells it."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"--" + boundary if boundary else b""
        self._waiting = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The parts that are complete now, oldest first; what they hold is not looked at.

        Raises:
            NotMultipart: see there.
        """
        self._waiting += data
        parts = []
        while (part := self._next_part()) is not None:
            if part:
                parts.append(part)
        return parts

    def _next_part(self) -> bytes | None:
        if not self._delimiter and not self._found_delimiter():
            return None
        begin = self._waiting.find(self._delimiter)
        if begin < 0:
            # What stands before the first delimiter belongs to nobody.
            self._limit(_MAX_HEAD_BYTES)
            return None
        del self._waiting[:begin]
        head = _HEAD_END.search(self._waiting, 0, _MAX_HEAD_BYTES)
        if head is None:
            self._limit(_MAX_HEAD_BYTES)
            return None
        length = _LENGTH.search(self._waiting, 0, head.end())
        if length is not None and int(length[1]) > 0:
            return self._part_of(head.end(), int(length[1]))
        return self._part_until_delimiter(head.end())

    def _found_delimiter(self) -> bool:
        first = _FIRST_LINE.search(self._waiting)
        if first is None:
            self._limit(_MAX_HEAD_BYTES)
            return False
        self._delimiter = bytes(first[0].rstrip())
        return True

    def _part_of(self, begin: int, length: int) -> bytes | None:
        if length > _MAX_PICTURE_BYTES:
            raise NotMultipart
        if len(self._waiting) < begin + length:
            return None
        part = bytes(self._waiting[begin : begin + length])
        del self._waiting[: begin + length]
        return part

    def _part_until_delimiter(self, begin: int) -> bytes | None:
        end = self._waiting.find(self._delimiter, max(begin, self._searched - len(self._delimiter)))
        if end < 0:
            self._searched = len(self._waiting)
            self._limit(_MAX_PICTURE_BYTES)
            return None
        self._searched = 0
        part = bytes(self._waiting[begin:end]).rstrip(b"-").removesuffix(b"\n").removesuffix(b"\r")
        del self._waiting[:end]
        return part

    def _limit(self, size: int) -> None:
        if len(self._waiting) > size:
            raise NotMultipart
