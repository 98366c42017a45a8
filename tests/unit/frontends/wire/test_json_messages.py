import base64
import json

import pytest
from pydantic import BaseModel

from facegate.domain.errors import InvalidInput
from facegate.frontends.wire.json_messages import message_from_json


class _Message(BaseModel):
    image: str
    images: list[str] = []
    limit: int = 0


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
