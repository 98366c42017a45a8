"""Reading JSON bodies, bounded. What is in them is found out by `json_messages`."""

from starlette.requests import Request

from facegate.domain.errors import ImageTooLarge, InvalidInput

SMALL_BODY_BYTES = 64 * 1024
"""Enough for every message without a picture."""


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


async def read_json_body(request: Request, *, max_bytes: int | None = None) -> bytes:
    """The body's bytes; what is in them is found out on a worker thread, by `json_messages`.

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
