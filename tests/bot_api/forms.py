"""Forms as the Bot API takes them: JSON, URL-encoded and multipart."""

import json
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Form:
    """Fields as texts, and files."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def parse_form(headers: Message, body: bytes) -> Form:
    """Whatever the content type says it is."""
    kind = headers.get_content_type()
    if kind == "multipart/form-data":
        return _parse_multipart(headers, body)
    if kind == "application/json":
        return Form({name: str(value) for name, value in json.loads(body or b"{}").items()})
    return Form(dict(parse_qsl(body.decode(), keep_blank_values=True)))


def _parse_multipart(headers: Message, body: bytes) -> Form:
    delimiter = b"--" + str(headers.get_param("boundary")).encode()
    form = Form()
    # The first piece is empty, the last is what closes the form.
    for piece in (b"\r\n" + body).split(b"\r\n" + delimiter)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part = message_from_bytes(head)
        name = str(part.get_param("name", header="content-disposition"))
        if part.get_filename() is None:
            form.fields[name] = content.decode()
        else:
            form.files[name] = content
    return form
