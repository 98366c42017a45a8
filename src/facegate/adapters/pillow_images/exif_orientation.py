"""Reads the one EXIF number that matters here. Pillow's own reader warns and raises on damaged EXIF."""

import struct

_ORIENTATION_TAG = 0x0112
_SHORT, _LONG = 3, 4


def orientation_of(exif: bytes) -> int:
    """The EXIF orientation on 1..8; 1 (upright) where it is absent, damaged or out of range.

    `exif` is a TIFF structure, with or without the `Exif` marker in front of it.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    byte_order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if byte_order is None:
        return 1
    try:
        (directory_at,) = struct.unpack_from(f"{byte_order}I", tiff, 4)
        (entry_count,) = struct.unpack_from(f"{byte_order}H", tiff, directory_at)
        for entry_at in range(directory_at + 2, directory_at + 2 + 12 * entry_count, 12):
            tag, kind, _ = struct.unpack_from(f"{byte_order}HHI", tiff, entry_at)
            if tag == _ORIENTATION_TAG and kind in (_SHORT, _LONG):
                value_format = "H" if kind == _SHORT else "I"
                (value,) = struct.unpack_from(f"{byte_order}{value_format}", tiff, entry_at + 8)
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
