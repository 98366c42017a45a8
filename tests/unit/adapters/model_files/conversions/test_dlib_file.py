"""dlib's serialisation, on bytes made here from its description."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from facegate.adapters.model_files.conversions.dlib_file import (
    BrokenDlibFile,
    read_integer,
    read_layers,
    read_tensor,
)

FLOATS = arrays(np.float32, st.integers(0, 20), elements=st.floats(-1e6, 1e6, width=32))


def _integer(value: int) -> bytes:
    magnitude = abs(value)
    digits = magnitude.to_bytes(max(1, (magnitude.bit_length() + 7) // 8), "little")
    return bytes([len(digits) | (0x80 if value < 0 else 0)]) + digits


def _tensor(values: NDArray[np.float32]) -> bytes:
    sides = b"".join(_integer(side) for side in (values.size, 1, 1, 1))
    return _integer(2) + sides + values.astype("<f4").tobytes()


def _name(name: bytes) -> bytes:
    return _integer(len(name)) + name


@given(st.integers(-(2**63), 2**63))
def test_integers_come_back(value: int) -> None:
    packed = _integer(value)
    assert read_integer(b"\xff" + packed + b"rest", 1) == (value, 1 + len(packed))


@given(FLOATS)
def test_tensors_come_back(values: NDArray[np.float32]) -> None:
    packed = _tensor(values)
    read, end = read_tensor(packed + b"rest", 0)
    assert np.array_equal(read, values)
    assert end == len(packed)


@given(FLOATS, st.data())
def test_a_truncated_tensor_is_refused(values: NDArray[np.float32], data: st.DataObject) -> None:
    packed = _tensor(values)
    with pytest.raises(BrokenDlibFile):
        read_tensor(packed[: data.draw(st.integers(0, len(packed) - 1))], 0)


def test_layers_are_found_in_order_among_other_things() -> None:
    first, second, third = (np.full(count, count, np.float32) for count in (5, 4, 6))
    data = b"".join(
        [
            _name(b"loss_metric_2"),
            _name(b"con_4") + _tensor(first) + _integer(32),
            _name(b"affine_") + _tensor(second),
            _name(b"relu_") + b"\x01\x00",
            _name(b"fc_2") + _integer(3) + _integer(2) + _tensor(third),
        ]
    )
    layers = read_layers(data)
    assert [layer.kind for layer in layers] == ["con", "affine", "fc"]
    assert [layer.parameters.size for layer in layers] == [5, 4, 6]


def test_weights_that_spell_a_layers_name_are_not_taken_for_one() -> None:
    spelt = np.frombuffer((_name(b"con_4") * 4)[:28], "<f4").copy()
    layers = read_layers(_name(b"con_4") + _tensor(spelt))
    assert len(layers) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(BrokenDlibFile):
        read_layers(data)


def test_a_tensor_that_claims_to_be_huge_is_refused() -> None:
    sides = b"".join(_integer(side) for side in (2**40, 2**20, 1, 1))
    with pytest.raises(BrokenDlibFile, match="larger than the file"):
        read_tensor(_integer(2) + sides, 0)
