import asyncio
import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import UploadFile

from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.wire.images import decode_base64_image, read_upload

_LIMIT = 1000


def _decode(text: str, max_bytes: int = _LIMIT) -> bytes:
    return decode_base64_image(text, max_bytes=max_bytes, field="image")


@given(st.binary(min_size=1, max_size=200), st.sampled_from(["", "data:image/jpeg;base64,", "DATA:;BASE64,"]))
def test_what_was_encoded_comes_back(content: bytes, head: str) -> None:
    assert _decode(head + base64.b64encode(content).decode()) == content


@given(st.binary(min_size=1, max_size=200), st.integers(1, 10))
def test_line_breaks_and_blanks_are_passed_over(content: bytes, width: int) -> None:
    encoded = base64.b64encode(content).decode()
    lines = [encoded[start : start + width] for start in range(0, len(encoded), width)]
    assert _decode("\n  " + "\r\n\t ".join(lines) + " \n") == content


@pytest.mark.parametrize("length", [3 * 1024 * 1024 // 4, 1_500_001])
def test_large_pictures_come_back_whole(length: int) -> None:
    content = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
    text = base64.encodebytes(content).decode()
    assert _decode(text, 2_000_000) == content
    assert _decode(text.replace("\n", ""), 2_000_000) == content


def test_padding_is_refused_wherever_a_block_may_end() -> None:
    for length in (1024, 1024 * 1024, 3 * 1024 * 1024):
        with pytest.raises(InvalidInput):
            _decode("A" * (length - 2) + "==" + "AAAA", 4_000_000)


@given(st.text(max_size=100))
def test_any_text_decodes_or_is_refused_as_input(text: str) -> None:
    refusal: InvalidInput | None = None
    content = b""
    try:
        content = _decode(text)
    except InvalidInput as error:
        refusal = error
    assert content or (refusal is not None and refusal.field == "image")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "data:image/png;base64,",
        "data:image/png,abc",
        "data:image/png;base64",
        "data:" + "x" * 5000,
        "abc",
        "abcd=",
        "ab=d",
        "====",
        "abc-_w==",
        "aGVsbG8=aGVsbG8=",
        "äöü=",
        "aGVsbG8=\x00",
    ],
)
def test_wrong_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        _decode(text)


@pytest.mark.parametrize(
    "head", ["data:image/jpeg;name=a.jpg;base64,", "data:image/svg+xml;charset=utf-8;base64,"]
)
def test_parameters_of_a_data_uri_are_passed_over(head: str) -> None:
    assert _decode(head + "aGk=") == b"hi"


@pytest.mark.parametrize("size", [9, 10, 11, 12])
def test_the_limit_counts_decoded_bytes(size: int) -> None:
    encoded = base64.b64encode(bytes(size)).decode()
    if size <= 10:
        assert len(_decode(encoded, max_bytes=10)) == size
    else:
        with pytest.raises(ImageTooLarge):
            _decode(encoded, max_bytes=10)


@pytest.mark.parametrize("size", [0, 10, 11, 100_000])
def test_an_upload_is_read_up_to_the_limit(size: int) -> None:
    upload = UploadFile(io.BytesIO(bytes(size)))
    if size <= 10:
        assert asyncio.run(read_upload(upload, max_bytes=10)) == bytes(size)
    else:
        with pytest.raises(ImageTooLarge):
            asyncio.run(read_upload(upload, max_bytes=10))
