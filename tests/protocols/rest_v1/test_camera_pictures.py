"""Live pictures of cameras over /v1: snapshots with boxes, and previews a browser shows by itself."""

import asyncio
import io
from collections.abc import Callable, Coroutine

import pytest
from PIL import Image
from tests.fakes.engine import fake_picture
from tests.fakes.video import FakeCamera
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import Answer, CameraServer, camera_server
from tests.protocols.rest_v1.open_streams import OpenStream, open_stream

from facegate.domain.access import Door
from facegate.domain.errors import EngineOverloaded
from facegate.frontends.rest_v1.camera_admin import previews
from facegate.frontends.rest_v1.camera_admin.previews import NumberedPicture, PreviewStreams


def size_of(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        picture.load()
        return picture.size


def live_camera(cameras: CameraServer) -> tuple[Answer, FakeCamera]:
    """One that has shown Ann."""
    cameras.enrol("ann")
    camera, shown = cameras.add_showing()
    latest = cameras.doors.cameras.running().latest
    cameras.show(shown, "ann", until=lambda: latest(camera["camera_id"]) is not None)
    return camera, shown


def test_a_snapshot_with_and_without_boxes(cameras: CameraServer) -> None:
    camera, shown = live_camera(cameras)
    path = f"/cameras/{camera['camera_id']}/snapshot.jpg"
    cameras.show(shown, "ann", until=lambda: bool(cameras.events(camera)))
    with_boxes = cameras.get(path)
    assert (with_boxes.status_code, with_boxes.headers["content-type"]) == (200, "image/jpeg")
    assert with_boxes.headers["cache-control"] == "no-store"
    without = cameras.get(path, boxes="false")
    assert size_of(with_boxes.content) == size_of(without.content) == (100, 100)
    assert with_boxes.content != without.content
    assert size_of(cameras.get(path, max_side_px=64).content) == (64, 64)


def test_no_snapshot_before_the_first_picture(cameras: CameraServer) -> None:
    camera = cameras.add()
    answer = cameras.get(f"/cameras/{camera['camera_id']}/snapshot.jpg")
    assert error_of(answer) == (502, "camera_failed")
    assert error_of(cameras.get("/cameras/nobody/snapshot.jpg")) == (404, "camera_not_found")


@pytest.mark.parametrize(
    "query", [{"boxes": "maybe"}, {"max_side_px": 63}, {"max_side_px": 9999}, {"colour": "red"}]
)
@pytest.mark.parametrize("name", ["snapshot.jpg", "preview.mjpeg"])
def test_wrong_wishes(cameras: CameraServer, name: str, query: dict[str, object]) -> None:
    assert error_of(cameras.get(f"/cameras/x/{name}", **query)) == (422, "invalid_input")


@pytest.mark.parametrize("fps", ["0", "nan", "inf", "-1", "16"])
def test_wrong_rates(cameras: CameraServer, fps: str) -> None:
    assert error_of(cameras.get("/cameras/x/preview.mjpeg", fps=fps)) == (422, "invalid_input")


async def next_jpeg(stream: OpenStream) -> bytes:
    """The picture of the next part, whose head is checked."""
    head = (await stream.read_until(b"\r\n\r\n")).decode()
    lines = head.strip().split("\r\n")
    assert lines[0] == "Content-Type: image/jpeg"
    jpeg = await stream.read(int(lines[1].removeprefix("Content-Length: ")))
    assert await stream.read_until(b"--facegate-frame\r\n") == b"\r\n--facegate-frame\r\n"
    return jpeg


def with_preview(
    cameras: CameraServer,
    scenario: Callable[[OpenStream, Answer, FakeCamera], Coroutine[None, None, None]],
    *,
    authorization: str | None = None,
) -> None:
    """Runs it with an open preview of a camera that shows Ann."""
    camera, shown = live_camera(cameras)
    path = f"/v1/cameras/{camera['camera_id']}/preview.mjpeg?fps=15"

    async def run() -> None:
        bearer = authorization or cameras.server.headers["Authorization"]
        async with open_stream(cameras.server.app, path, bearer) as stream:
            assert await stream.read_until(b"\r\n") == b"--facegate-frame\r\n"
            assert stream.status == 200
            assert stream.headers["content-type"] == "multipart/x-mixed-replace; boundary=facegate-frame"
            assert stream.headers["cache-control"] == "no-store"
            await scenario(stream, camera, shown)

    asyncio.run(run())
    assert cameras.doors.cameras.previews.count == 0


def test_a_preview_shows_each_new_picture(cameras: CameraServer) -> None:
    async def scenario(stream: OpenStream, camera: Answer, shown: FakeCamera) -> None:
        assert size_of(await next_jpeg(stream)) == (100, 100)
        shown.show(fake_picture())
        assert size_of(await next_jpeg(stream)) == (100, 100)
        assert not stream.has_ended.is_set()

    with_preview(cameras, scenario)


def test_a_preview_ends_with_the_camera(cameras: CameraServer) -> None:
    async def scenario(stream: OpenStream, camera: Answer, shown: FakeCamera) -> None:
        await next_jpeg(stream)
        cameras.watching.register.delete(camera["camera_id"])
        await stream.ended()

    with_preview(cameras, scenario)


def test_a_preview_ends_with_its_token(cameras: CameraServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_ASKED_AGAIN_EVERY_S", 0.0)
    access = cameras.server.application.access
    token = access.create("page", doors=[Door.REST_V1])

    async def scenario(stream: OpenStream, camera: Answer, shown: FakeCamera) -> None:
        await next_jpeg(stream)
        access.revoke(token.record.token_id)
        await stream.ended()

    with_preview(cameras, scenario, authorization=f"Bearer {token.secret}")


def test_a_preview_that_stands_still_ends(cameras: CameraServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_GIVEN_UP_AFTER_S", 0.05)

    async def scenario(stream: OpenStream, camera: Answer, shown: FakeCamera) -> None:
        await next_jpeg(stream)
        await stream.ended()

    with_preview(cameras, scenario)


def test_a_preview_of_a_camera_that_is_stopped_takes_the_next_start(cameras: CameraServer) -> None:
    async def scenario(stream: OpenStream, camera: Answer, shown: FakeCamera) -> None:
        await next_jpeg(stream)
        register = cameras.watching.register
        register.stop(camera["camera_id"])
        register.start(camera["camera_id"])

        async def show() -> None:
            while True:
                shown.show(fake_picture())
                await asyncio.sleep(0.04)

        showing = asyncio.ensure_future(show())
        await next_jpeg(stream)
        showing.cancel()

    with_preview(cameras, scenario)


def test_a_server_that_stops_ends_previews_and_takes_no_new_ones() -> None:
    streams = PreviewStreams()

    async def next_picture(number: int) -> NumberedPicture | None:
        return NumberedPicture(number + 1, b"jpeg")

    async def run() -> None:
        shown = streams.serve(next_picture, 0.01, lambda: None)
        assert await anext(shown) == previews.part_of(b"jpeg")
        streams.end_all()
        assert [part async for part in shown] == []
        with pytest.raises(EngineOverloaded):
            streams.check_room()
        assert [part async for part in streams.serve(next_picture, 0.01, lambda: None)] == []

    asyncio.run(run())
    assert streams.count == 0


def test_a_busy_engine_leaves_a_picture_out() -> None:
    calls: list[int] = []

    async def next_picture(number: int) -> NumberedPicture | None:
        calls.append(number)
        if len(calls) < 3:
            raise EngineOverloaded("busy")
        return NumberedPicture(number + 1, b"jpeg")

    async def run() -> None:
        shown = PreviewStreams().serve(next_picture, 0.001, lambda: None)
        assert await anext(shown) == previews.part_of(b"jpeg")
        await shown.aclose()

    asyncio.run(run())
    assert calls == [-1, -1, -1]


def test_there_is_room_for_so_many() -> None:
    streams = PreviewStreams(max_streams=1)

    async def nothing_yet(number: int) -> NumberedPicture | None:
        return None

    async def run() -> None:
        first = streams.serve(nothing_yet, 0.01, lambda: None)
        waiting = asyncio.ensure_future(anext(first, b""))
        await asyncio.sleep(0.02)
        with pytest.raises(EngineOverloaded) as refused:
            streams.check_room()
        assert refused.value.retry_after_s == 10
        streams.end_all()
        assert await waiting == b""

    asyncio.run(run())


def test_pictures_are_refused_where_cameras_are_switched_off(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with camera_server(tmp_path_factory.mktemp("off") / "data", cameras__enabled="false") as off:
        camera = off.add()
        assert camera["status"] is None
        assert off.ok(off.get("/cameras"))["cameras"] == [camera]
        for name in ("snapshot.jpg", "preview.mjpeg"):
            answer = off.get(f"/cameras/{camera['camera_id']}/{name}")
            assert error_of(answer) == (503, "capability_missing")
            assert "FACEGATE_CAMERAS__ENABLED" in answer.json()["error"]["message"]
        assert error_of(off.post(f"/cameras/{camera['camera_id']}/test")) == (503, "capability_missing")
        jobs = {
            "rtsp_link": "rtsp://a",
            "camera_nickname": "b",
            "telegram_api_token": "",
            "telegram_chat_id": "",
        }
        answer = off.server.client.post("/cameras/schedule", json=jobs)
        assert (answer.status_code, list(answer.json())) == (501, ["detail"])
        assert off.ok(off.get("/system"))["camera_count"] == 1
