import asyncio
import base64
import json
from collections.abc import Iterable

import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.types import Message

from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.wire.json_bodies import message_from_json, read_json_body


class _Message(BaseModel):
    image: str
    images: list[str] = []
    limit: int = 0


def _request(chunks: Iterable[bytes], content_type: str | None = "application/json") -> Request:
    waiting = list(chunks)

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"]
)
def test_a_body_that_says_that_it_is_json_is_read_whole(content_type: str) -> None:
    request = _request([b'{"ima', b'ge":""}'], content_type)
    assert asyncio.run(read_json_body(request)) == b'{"image":""}'


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "multipart/form-data", "text/x+json"])
def test_other_content_types_are_input_errors(content_type: str | None) -> None:
    with pytest.raises(InvalidInput, match="application/json"):
        asyncio.run(read_json_body(_request([b"{}"], content_type)))


def test_a_small_body_is_refused_while_it_comes() -> None:
    asyncio.run(read_json_body(_request([b"x" * 6, b"x" * 4]), max_bytes=10))
    chunks = [b"x" * 6, b"x" * 6, b"x" * 6]
    with pytest.raises(ImageTooLarge):
        asyncio.run(read_json_body(_request(chunks), max_bytes=10))


@pytest.mark.parametrize(
    "content",
    [
        b'{"image":"x",' + b",".join(b'"%d":[]' % number for number in range(1000)) + b"}",
        b'{"image":[' + b"[]," * 1000 + b"[]]}",
        b'{"image":' + b"[" * 1000,
        b'{"image":' + b'{"a":' * 1000,
    ],
)
def test_a_body_of_many_parts_is_refused_before_it_is_parsed(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="more parts"):
        message_from_json(_Message, content)


def test_as_many_pictures_as_a_request_may_have_pass() -> None:
    picture = "data:image/jpeg;base64," + base64.b64encode(bytes(range(256)) * 100).decode()
    sent = {"image": picture, "images": [picture] * 32, "limit": 3}
    assert message_from_json(_Message, json.dumps(sent).encode()) == _Message.model_validate(sent)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert message_from_json(_Message, b'\xef\xbb\xbf{"image": "a"}').image == "a"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b'{"image": "\\ud800"}', "body"),
        (b"[]", "body"),
        (b'{"image": 5}', "image"),
        (b'{"image": "a", "limit": "secret"}', "limit"),
        (b'{"image": "a", "limit": NaN}', "limit"),
        (b'{"image": "a", "images": ["a", 5]}', "images.1"),
    ],
)
def test_the_field_is_named_and_its_value_is_not(content: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        message_from_json(_Message, content)
    assert caught.value.field == field
    assert "secret" not in caught.value.message
