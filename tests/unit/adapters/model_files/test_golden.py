"""The golden check says no to what is not the model."""

import numpy as np
import pytest
from tests.unit.adapters.model_files.conftest import tiny_entry, tiny_model

from facegate.adapters.model_files.golden import GoldenMismatch, check_golden, golden_picture


def test_the_picture_is_the_same_whole_numbers_everywhere() -> None:
    picture = golden_picture((1, 3, 112, 112))
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 255
    assert np.array_equal(picture, np.rint(picture))
    assert picture[0, :, 5, 7].tolist() == [220.0, 140.0, 60.0]
    assert int(picture.sum(dtype=np.float64)) == 4725365


def test_the_right_model_passes_and_bytes_that_are_none_do_not() -> None:
    (case,) = tiny_entry(tiny_model(), ()).golden
    check_golden(tiny_model(), [case])
    with pytest.raises(GoldenMismatch, match="does not take the file"):
        check_golden(b"not a model", [case])


def test_other_numbers_are_refused() -> None:
    (case,) = tiny_entry(tiny_model(), ()).golden
    output = case.outputs["answer"]
    moved = output.model_copy(update={"values": (output.values[0] + 0.1, *output.values[1:])})
    with pytest.raises(GoldenMismatch, match=r"differs by 0\.1"):
        check_golden(tiny_model(), [case.model_copy(update={"outputs": {"answer": moved}})])


def test_8_bit_builds_are_compared_by_direction() -> None:
    (case,) = tiny_entry(tiny_model(), ()).golden
    output = case.outputs["answer"]
    doubled = output.model_copy(update={"values": tuple(2 * value for value in output.values)})
    by_direction = case.model_copy(update={"min_cosine": 0.999, "outputs": {"answer": doubled}})
    check_golden(tiny_model(), [by_direction])
    turned = output.model_copy(update={"values": tuple(-value for value in output.values)})
    with pytest.raises(GoldenMismatch, match="points elsewhere"):
        check_golden(tiny_model(), [by_direction.model_copy(update={"outputs": {"answer": turned}})])
