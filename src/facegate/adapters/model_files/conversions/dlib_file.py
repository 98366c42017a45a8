"""Reads the parameters of dlib's face recognition net out of its own `.dat` file, without dlib.

The file is dlib's serialisation: integers of variable length (one byte: sign in bit 7, byte count in the low
bits; then little-endian bytes), strings as length and bytes, tensors as version 2, four dimensions and raw
little-endian float32. Layers stand from input to output. Nothing is unpickled or executed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TENSOR_VERSION = 2
_MAX_FLOATS = 4_000_000


class BrokenDlibFile(ValueError):
    """The bytes are not a dlib net of the shape that we know."""


@dataclass(frozen=True, slots=True, eq=False)
class DlibLayer:
    """Kind of a layer (`con`, `affine`, `fc`) and its flat float32 parameters as stored."""

    kind: str
    parameters: NDArray[np.float32]


_KINDS = {b"con_4": "con", b"affine_": "affine", b"fc_2": "fc"}
_INTEGERS_BEFORE_TENSOR = {"con": 0, "affine": 0, "fc": 2}
"""A fully connected layer states its outputs and inputs first."""


def read_integer(data: bytes, offset: int) -> tuple[int, int]:
    """The variable-length integer at `offset`, and the offset after it."""
    if offset >= len(data):
        raise BrokenDlibFile("the file ends inside a number")
    head = data[offset]
    byte_count = head & 0x0F
    end = offset + 1 + byte_count
    if byte_count > 8 or head & 0x70 or end > len(data):
        raise BrokenDlibFile(f"no number at byte {offset}")
    magnitude = int.from_bytes(data[offset + 1 : end], "little")
    return (-magnitude if head & 0x80 else magnitude), end


def read_tensor(data: bytes, offset: int) -> tuple[NDArray[np.float32], int]:
    """The tensor at `offset`, flat, and the offset after it."""
    version, offset = read_integer(data, offset)
    if version != TENSOR_VERSION:
        raise BrokenDlibFile(f"tensor version {version} is not known")
    count = 1
    for _ in range(4):
        side, offset = read_integer(data, offset)
        if side < 0:
            raise BrokenDlibFile("a tensor side is negative")
        count *= side
    end = offset + 4 * count
    if count > _MAX_FLOATS or end > len(data):
        raise BrokenDlibFile("a tensor is larger than the file")
    return np.frombuffer(data, "<f4", count, offset).astype(np.float32), end


def read_layers(data: bytes) -> list[DlibLayer]:
    """Every convolution, affine and fully connected layer with its parameters, input first.

    Raises:
        BrokenDlibFile: the bytes do not hold such layers.
    """
    layers: list[DlibLayer] = []
    offset = 0
    while (found := _next_layer(data, offset)) is not None:
        name, offset = found
        kind = _KINDS[name]
        for _ in range(_INTEGERS_BEFORE_TENSOR[kind]):
            _, offset = read_integer(data, offset)
        parameters, offset = read_tensor(data, offset)
        layers.append(DlibLayer(kind, parameters))
    if not layers:
        raise BrokenDlibFile("no layers in the file")
    return layers


def _next_layer(data: bytes, offset: int) -> tuple[bytes, int] | None:
    """Name of the next parameter layer and the offset of its tensor.

    Names are searched with their length in front, and searching goes on after each tensor, so weights
    cannot be taken for names.
    """
    hits = []
    for name in _KINDS:
        tag = bytes([1, len(name)]) + name
        at = data.find(tag, offset)
        if at >= 0:
            hits.append((at, name, at + len(tag)))
    if not hits:
        return None
    _, name, end = min(hits)
    return name, end
