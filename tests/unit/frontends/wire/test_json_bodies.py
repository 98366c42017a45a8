import asyncio
from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.wire.json_bodies import read_json_body


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
