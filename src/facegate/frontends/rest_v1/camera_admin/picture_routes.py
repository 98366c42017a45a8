"""The routes of /v1 for live pictures of cameras."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from facegate.domain.errors import CameraFailed
from facegate.frontends.rest_v1.camera_admin.messages import PreviewQuery, SnapshotQuery
from facegate.frontends.rest_v1.camera_admin.parts import CameraAdminParts, CameraId
from facegate.frontends.rest_v1.camera_admin.previews import BOUNDARY, NumberedPicture, opening
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.live_streams import STREAM_HEADERS, EndlessResponse, admit_again
from facegate.use_cases.cameras.latest import LatestPicture


def add_camera_picture_routes(router: APIRouter, parts: CameraAdminParts) -> None:
    """Snapshot and preview."""

    @router.get(
        "/cameras/{camera_id}/snapshot.jpg",
        summary="Live picture",
        description="The last picture that was looked at, with faces and names.",
        responses={
            200: {"description": "The picture.", "content": {"image/jpeg": {}}},
            **errors(404, 422, 502, 503),
        },
        response_class=Response,
    )
    async def snapshot(camera_id: CameraId, query: Annotated[SnapshotQuery, Query()]) -> Response:
        parts.register.get(camera_id)
        latest = parts.running().latest(camera_id)
        if latest is None:
            raise CameraFailed(
                "no picture has come from this camera yet: look at its status", fault="unreachable"
            )
        jpeg = await _drawn(parts, latest, query)
        return Response(jpeg, media_type="image/jpeg", headers=STREAM_HEADERS)

    @router.get(
        "/cameras/{camera_id}/preview.mjpeg",
        summary="Live preview",
        description="Pictures as they are looked at, as `multipart/x-mixed-replace`: a browser shows it like "
        "a picture. It ends when none comes for half a minute, with the token, or with the server.",
        responses={
            200: {"description": "Pictures.", "content": {"multipart/x-mixed-replace": {}}},
            **errors(404, 422, 503),
        },
        response_class=StreamingResponse,
    )
    async def preview(
        camera_id: CameraId, query: Annotated[PreviewQuery, Query()], request: Request
    ) -> Response:
        parts.register.get(camera_id)
        runner = parts.running()
        parts.previews.check_room()

        async def next_picture(number: int) -> NumberedPicture | None:
            parts.register.get(camera_id)
            latest = runner.latest(camera_id)
            if latest is None or latest.number <= number:
                return None
            return NumberedPicture(latest.number, await _drawn(parts, latest, query))

        pictures = parts.previews.serve(
            next_picture, 1.0 / query.fps, lambda: admit_again(request, parts.gate)
        )
        return EndlessResponse(
            _from_the_opening(pictures),
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
            headers=STREAM_HEADERS,
        )


async def _drawn(parts: CameraAdminParts, latest: LatestPicture, query: SnapshotQuery) -> bytes:
    return await parts.engine_workers.run(lambda: parts.draw(latest, query.boxes, query.max_side_px))


async def _from_the_opening(pictures: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pictures):
        yield opening()
        async for picture in pictures:
            yield picture
