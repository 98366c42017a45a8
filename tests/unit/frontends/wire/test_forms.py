import asyncio
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from facegate.domain.errors import InvalidInput
from facegate.frontends.wire.forms import FormLimits, open_form

_URLENCODED = "application/x-www-form-urlencoded"
_LIMITS = FormLimits(max_files=1, max_fields=3, max_text_bytes=1_000_000)


def _fields(content: bytes, content_type: str = _URLENCODED) -> list[tuple[str, str | bytes]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)

    async def read() -> list[tuple[str, str | bytes]]:
        async with open_form(request, _LIMITS) as form:
            return [
                (name, await value.read() if isinstance(value, UploadFile) else value)
                for name, value in form.multi_items()
            ]

    return asyncio.run(read())


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=50)), max_size=3))
def test_what_was_encoded_comes_back(fields: list[tuple[str, str]]) -> None:
    fields = [(name.encode("utf-8", "replace").decode(), value) for name, value in fields]
    fields = [(name, value.encode("utf-8", "replace").decode()) for name, value in fields]
    assert _fields(urlencode(fields).encode()) == fields


@given(st.text(alphabet="%=+&aF09;\x00\x7f", max_size=60).filter(lambda text: text.count("&") < 3))
def test_odd_bodies_are_read_as_the_standard_library_does(text: str) -> None:
    assert _fields(text.encode()) == parse_qsl(text, keep_blank_values=True)


@pytest.mark.parametrize("lead", [b"", b"x", b"xx"])
def test_escapes_at_the_edge_of_a_block_stay_whole(lead: bytes) -> None:
    content = b"file=" + lead + b"%C3%A4" * 100_000
    assert _fields(content) == [("file", lead.decode() + "ä" * 100_000)]


@pytest.mark.parametrize("content", [b"a=1&b=2&c=3&d=4", b"a=" + b"x" * 1_000_001, b"&" * 1_000_000])
def test_too_many_fields_or_bytes_are_input_errors(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        _fields(content)


def test_multipart_forms_are_read_too() -> None:
    content = (
        b'--x\r\nContent-Disposition: form-data; name="user_id"\r\n\r\nada\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\r\n--x--\r\n'
    )
    assert _fields(content, "multipart/form-data; boundary=x") == [("user_id", "ada"), ("file", b"\xff\xd8")]


def test_other_content_types_are_empty_forms() -> None:
    assert _fields(b"user_id=ada", "text/plain") == []
