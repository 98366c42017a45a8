"""The routes of /v1 for cameras: the list and the cameras themselves. Pictures are in `picture_routes.py`."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.frontends.rest_v1.camera_admin import answers, messages, translate
from facegate.frontends.rest_v1.camera_admin.parts import CameraAdminParts, CameraId
from facegate.frontends.rest_v1.camera_admin.picture_routes import add_camera_picture_routes
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.terminal_parts import small_message
from facegate.frontends.wire.json_bodies import read_json_body
from facegate.frontends.wire.json_messages import M, message_from_json

_EXAMPLE = {
    "nickname": "Front door",
    "source": "rtsp://user:password@192.168.1.10:554/stream",
    "watch": {"threshold": 0.55},
    "alerts": {"who": "known", "cooldown_seconds": 60},
}


def camera_router(parts: CameraAdminParts) -> APIRouter:
    """Everything of /v1 about cameras."""
    router = v1_router(parts, "cameras")
    for group in (_list_routes, _camera_routes, _switch_routes, add_camera_picture_routes):
        group(router, parts)
    return router


def _list_routes(router: APIRouter, parts: CameraAdminParts) -> None:
    register, workers = parts.register, parts.store_workers

    @router.get(
        "/cameras",
        summary="List cameras",
        description="Every camera with how it is now, oldest first.",
        responses={200: openapi_model(answers.CameraList, "All cameras."), **errors()},
    )
    async def list_cameras() -> Response:
        return await workers.run(
            lambda: json_answer(answers.camera_list(register.list_cameras(), parts.statuses()))
        )

    @router.post(
        "/cameras",
        status_code=201,
        summary="Add a camera",
        description="It is watched from now on, after a restart too. The source is stored encrypted and "
        "shown without user and password.",
        responses={201: openapi_model(answers.CameraAnswer, "The camera."), **errors(403, 413, 422)},
        openapi_extra=body_of(messages.AddCameraMessage, example=_EXAMPLE),
    )
    async def add_camera(request: Request) -> Response:
        message = await _long_message(messages.AddCameraMessage, request)
        return await _shown(parts, lambda: register.add([translate.new_camera(message)])[0], status=201)

    @router.post(
        "/cameras/test",
        summary="Try an address",
        description="Connects once and tells what the stream is; nothing is stored.",
        responses={
            200: openapi_model(answers.SourceTest, "It gives pictures."),
            **errors(403, 413, 422, 502),
        },
        openapi_extra=body_of(messages.TestSourceMessage, example={"source": _EXAMPLE["source"]}),
    )
    async def test_source(request: Request) -> Response:
        message = await small_message(messages.TestSourceMessage, request)
        watch = WatchSettings(transport=message.transport, hardware_decode=message.hardware_decode)
        return await _tried(parts, translate.whole_source(message.source), watch)


def _camera_routes(router: APIRouter, parts: CameraAdminParts) -> None:
    register = parts.register
    camera_now = openapi_model(answers.CameraAnswer, "The camera as it is now.")

    @router.get(
        "/cameras/{camera_id}", summary="Show a camera", responses={200: camera_now, **errors(404, 422)}
    )
    async def show_camera(camera_id: CameraId) -> Response:
        return await _shown(parts, lambda: register.get(camera_id))

    @router.patch(
        "/cameras/{camera_id}",
        summary="Change a camera",
        description="What is not named stays. Only another source, transport or decoder makes it reconnect.",
        responses={200: camera_now, **errors(403, 404, 413, 422)},
        openapi_extra=body_of(messages.ChangeCameraMessage, example={"watch": {"threshold": 0.6}}),
    )
    async def change_camera(camera_id: CameraId, request: Request) -> Response:
        message = await _long_message(messages.ChangeCameraMessage, request)
        return await _shown(
            parts, lambda: register.change(camera_id, lambda now: translate.camera_change(message, now))
        )

    @router.delete(
        "/cameras/{camera_id}",
        status_code=204,
        summary="Remove a camera",
        description="Its events stay in the history; what waits to be told about it is dropped.",
        responses={204: {"description": "Removed."}, **errors(404, 422)},
    )
    async def delete_camera(camera_id: CameraId) -> Response:
        await parts.store_workers.run(lambda: register.delete(camera_id))
        return Response(status_code=204)


def _switch_routes(router: APIRouter, parts: CameraAdminParts) -> None:
    register = parts.register
    camera_now = openapi_model(answers.CameraAnswer, "The camera as it is now.")

    @router.post(
        "/cameras/{camera_id}/start", summary="Start", responses={200: camera_now, **errors(404, 422)}
    )
    async def start_camera(camera_id: CameraId) -> Response:
        return await _shown(parts, lambda: register.start(camera_id))

    @router.post("/cameras/{camera_id}/stop", summary="Stop", responses={200: camera_now, **errors(404, 422)})
    async def stop_camera(camera_id: CameraId) -> Response:
        return await _shown(parts, lambda: register.stop(camera_id))

    @router.post(
        "/cameras/{camera_id}/snooze",
        summary="Snooze alerts",
        description="Events are kept, nobody is told. An empty message ends it.",
        responses={200: camera_now, **errors(404, 413, 422)},
        openapi_extra=body_of(messages.SnoozeMessage, example={"minutes": 60}, is_required=False),
    )
    async def snooze_camera(camera_id: CameraId, request: Request) -> Response:
        message = await small_message(messages.SnoozeMessage, request)
        until = translate.snooze_until(message, parts.now_utc())
        return await _shown(parts, lambda: register.snooze(camera_id, until))

    @router.post(
        "/cameras/{camera_id}/test",
        summary="Try a camera",
        description="Connects once more, beside the running connection.",
        responses={200: openapi_model(answers.SourceTest, "It gives pictures."), **errors(404, 422, 502)},
    )
    async def test_camera(camera_id: CameraId) -> Response:
        camera = await parts.store_workers.run(lambda: register.get(camera_id))
        return await _tried(parts, camera.source, camera.watch)


async def _long_message(model: type[M], request: Request) -> M:
    """Lists of persons and of hours may be long."""
    content = await read_json_body(request, max_bytes=messages.MAX_BODY_BYTES)
    return message_from_json(model, content, max_parts=messages.MAX_PARTS)


async def _shown(parts: CameraAdminParts, call: Callable[[], Camera], *, status: int = 200) -> Response:
    def answer() -> Response:
        camera = translate.in_own_names(call)
        return json_answer(answers.camera_answer(camera, parts.statuses().get(camera.camera_id)), status)

    return await parts.store_workers.run(answer)


async def _tried(parts: CameraAdminParts, source: str, watch: WatchSettings) -> Response:
    runner = parts.running()

    def test() -> Response:
        tried = translate.in_own_names(lambda: runner.test(source, watch))
        return json_answer(
            answers.SourceTest(stream=answers.stream_answer(tried.stream), took_ms=round(tried.took_ms, 1))
        )

    return await parts.test_workers.run(test)
