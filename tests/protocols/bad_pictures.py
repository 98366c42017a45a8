"""Bytes that are no usable picture, each in the way that people send them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def truncated_jpeg() -> bytes:
    """The first third of a photo-sized JPEG."""
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(noise).save(written, "JPEG")
    return written.getvalue()[: written.tell() // 3]


def gif() -> bytes:
    """A whole GIF."""
    written = io.BytesIO()
    Image.new("P", (64, 64)).save(written, "GIF")
    return written.getvalue()


def png_header(side_px: int = 50_000) -> bytes:
    """A PNG that says it is enormous and holds nothing."""
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"") + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


NO_IMAGE = b"This is a letter, not a picture. " * 20

UNREADABLE: dict[str, bytes] = {
    "not an image": NO_IMAGE,
    "truncated JPEG": truncated_jpeg(),
    "GIF": gif(),
}

HUGE_HEADER = png_header()

THIRTY_MEGABYTES = 30 * 1024 * 1024

ODD_IDS = ("a/b", "a/b/c d", "José", "\N{GRINNING FACE}", "007", "-1", "1.0", "1e3", "null", "x" * 128)
"""Ids that must come back as they were sent."""

IMPOSSIBLE_IDS = ("", "   ", "x" * 10_000, "a\x00b", "a\nb", "..", ".")
"""Ids that nobody can have."""
