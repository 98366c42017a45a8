"""The picture in a plain form field: any text becomes bytes or one of our errors."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.verification.translate import bytes_of_text, has_supported_suffix

MAX_BYTES = 100


@given(st.text(max_size=300))
def test_any_text_becomes_bytes_or_our_error(text: str) -> None:
    try:
        content = bytes_of_text(text, MAX_BYTES)
    except InvalidInput:
        return
    assert 0 < len(content) <= MAX_BYTES


@given(st.binary(min_size=1, max_size=MAX_BYTES))
def test_base64_gives_the_bytes(content: bytes) -> None:
    assert bytes_of_text(base64.b64encode(content).decode(), MAX_BYTES) == content


@given(st.binary(max_size=MAX_BYTES - 1))
def test_raw_bytes_read_as_latin_1_give_the_bytes(content: bytes) -> None:
    raw = b"\xff" + content
    assert bytes_of_text(raw.decode("latin-1"), MAX_BYTES) == raw


def test_raw_bytes_have_the_same_limit() -> None:
    with pytest.raises(ImageTooLarge):
        bytes_of_text("\xff" * (MAX_BYTES + 1), MAX_BYTES)


@given(st.text(max_size=50))
def test_any_file_name_is_judged(name: str) -> None:
    assert has_supported_suffix(name + ".JPG")
    assert not has_supported_suffix(name + ".gif")
