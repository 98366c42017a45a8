"""JSON bodies, read so that nobody can make the server think for long: bytes, shape, then the message."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from facegate.domain.errors import ImageTooLarge, InvalidInput

M = TypeVar("M", bound=BaseModel)

SMALL_BODY_BYTES = 64 * 1024
"""Enough for every message without a picture."""

_MAX_MARKS = 300
"""Commas and opening brackets in one body. 32 pictures as data URIs and every field need fewer than 100; a
body of ten million empty lists would hold up the interpreter, and so every request, for seconds."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


async def read_json_body(request: Request, *, max_bytes: int | None = None) -> bytes:
    """The body's bytes; what is in them is found out on a worker thread, by `message_from_json`.

    Raises:
        InvalidInput: it does not say that it is JSON.
        ImageTooLarge: more than `max_bytes`, or than the server takes at all.
    """
    if not is_json(request):
        raise InvalidInput("send the body as application/json", field="body")
    if max_bytes is None:
        return await request.body()
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise ImageTooLarge(f"the request is larger than {max_bytes // 1024} KiB", field="body")
    return bytes(content)


def message_from_json(model: type[M], content: bytes) -> M:
    """The message in a JSON body; types are taken strictly.

    A body of 27 MB that is one long text takes 10 ms, one of 27 MB of escapes 150 ms: call it on a worker
    thread. The interpreter is held meanwhile.

    Raises:
        InvalidInput: not JSON, or not this message; the field is named, its value is not repeated.
    """
    _refuse_many_parts(content)
    try:
        return model.model_validate_json(content.removeprefix(_BYTE_ORDER_MARK), strict=True)
    except ValidationError as error:
        raise complaint_of(error) from error


def complaint_of(error: ValidationError) -> InvalidInput:
    """The first complaint, without the value that was sent."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return InvalidInput("the body is not valid JSON", field="body")
    field = ".".join(str(part) for part in first["loc"])[:100] or "body"
    return InvalidInput(f"{field}: {first['msg']}", field=field)


def _refuse_many_parts(content: bytes) -> None:
    """Stops looking at the mark that is one too many; a body without marks is passed over in 1 ms."""
    count = 0
    for mark in (b",", b"[", b"{"):
        place = content.find(mark)
        while place >= 0:
            count += 1
            if count > _MAX_MARKS:
                raise InvalidInput("the body has more parts than any message", field="body")
            place = content.find(mark, place + 1)
