"""Live pictures of a camera as one answer that never ends by itself (MJPEG)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from facegate.domain.errors import EngineOverloaded, FacegateError
from facegate.frontends.rest_v1.live_streams import OpenStreams, still_may_go_on

BOUNDARY = "facegate-frame"

_ASKED_AGAIN_EVERY_S = 15.0
_GIVEN_UP_AFTER_S = 30.0
"""A browser shows a broken picture once the answer ends: better than one that stands still for ever."""


@dataclass(frozen=True, slots=True)
class NumberedPicture:
    """A JPEG; `number` grows with each new frame."""

    number: int
    jpeg: bytes


NextPicture = Callable[[int], Awaitable[NumberedPicture | None]]
"""The newest picture if it is newer than this number, else None. Raises once there is no such camera."""


class PreviewStreams(OpenStreams):
    """Open previews."""

    def __init__(self, max_streams: int = 16) -> None:
        super().__init__(max_streams, "too many previews are open already: close one")

    async def serve(
        self, next_picture: NextPicture, every_s: float, may_go_on: Callable[[], object]
    ) -> AsyncGenerator[bytes, None]:
        """Parts of a multipart answer, a new picture each, until the camera, the token or the server goes."""
        now_s = asyncio.get_running_loop().time
        with self.listed() as end:
            number, came_s, asked_s = -1, now_s(), now_s()
            while not end.is_set():
                begun_s = now_s()
                try:
                    picture = await next_picture(number)
                except EngineOverloaded:
                    # Recognition goes first: this one is left out, a newer one comes.
                    picture = None
                except FacegateError:
                    return
                if picture is not None:
                    number, came_s = picture.number, begun_s
                    yield part_of(picture.jpeg)
                elif begun_s - came_s > _GIVEN_UP_AFTER_S:
                    return
                if begun_s - asked_s > _ASKED_AGAIN_EVERY_S:
                    asked_s = begun_s
                    if not still_may_go_on(may_go_on):
                        return
                await _sleep(end, every_s - (now_s() - begun_s))


def part_of(jpeg: bytes) -> bytes:
    """One part; the next boundary belongs to it, or browsers show each picture one too late."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
    return head + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


def opening() -> bytes:
    """What comes before the first part."""
    return f"--{BOUNDARY}\r\n".encode()


async def _sleep(end: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(end.wait(), max(0.01, seconds))
    except TimeoutError:
        return
