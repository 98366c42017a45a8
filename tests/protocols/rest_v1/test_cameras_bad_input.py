"""Bad input at the routes of /v1 for cameras: refused in the door's own form, and nothing is kept."""

from typing import Any

import pytest
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import Answer, CameraServer, new_source


def of(camera: Answer, verb: str = "") -> str:
    return f"/cameras/{camera['camera_id']}{verb}"


@pytest.mark.parametrize(
    "body",
    [
        {"minutes": 0},
        {"minutes": -5},
        {"minutes": "60"},
        {"minutes": 1e300},
        {"minutes": 525_601},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2099-01-01T00:00:00"},
        {"until": "2099-01-01T00:00:00Z"},
        {"until": "9999-12-31T23:59:59Z"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"until": "tomorrow"},
        {"until": 4_000_000_000},
        {"minutes": 5, "until": "2099-01-01T00:00:00Z"},
        {"hours": 1},
        [],
    ],
)
def test_wrong_snoozes(cameras: CameraServer, body: object) -> None:
    camera = cameras.add()
    assert error_of(cameras.post(of(camera, "/snooze"), body)) == (422, "invalid_input")


REFUSED = [
    "file:///etc/passwd",
    "/etc/passwd",
    "webcam:0",
    "http://127.0.0.1/video",
    "http://localhost:8080/video",
    "http://LOCALHOST./video",
    "http://cam.localhost/video",
    "http://[::1]/video",
    "http://[::ffff:127.0.0.1]/video",
    "http://169.254.169.254/latest/meta-data",
    "rtsp://0.0.0.0/stream",
    "rtsp://224.0.0.1/stream",
]


@pytest.mark.parametrize("source", REFUSED)
def test_addresses_inside_are_refused_everywhere(cameras: CameraServer, source: str) -> None:
    camera = cameras.add()
    for method, path, body in (
        ("POST", "/cameras", {"nickname": "x", "source": source}),
        ("POST", "/cameras/test", {"source": source}),
        ("PATCH", of(camera), {"source": source}),
    ):
        assert error_of(cameras.call(method, path, body)) == (403, "not_permitted")
    assert len(cameras.ok(cameras.get("/cameras"))["cameras"]) == 1


@pytest.mark.parametrize(
    "source",
    [
        "",
        " ",
        "x",
        "rtsp://",
        "rtsp:///stream",
        "ftp://10.0.0.1/x",
        "rtsp://10.0.0.1/\x00",
        "-i x",
        "webcam:first",
        "concat:a|b",
        "rtsp://10.0.0.1:99999/",
        "a" * 3000,
    ],
)
def test_addresses_that_are_none(cameras: CameraServer, source: str) -> None:
    answer = cameras.post("/cameras", {"nickname": "x", "source": source})
    assert error_of(answer) == (422, "invalid_input")
    error = answer.json()["error"]
    assert error["field"] == "source"
    assert "rtsp_link" not in error["message"]


BAD_BODIES: list[tuple[object, str | None]] = [
    ({}, "nickname"),
    ({"nickname": "x"}, "source"),
    ({"nickname": "", "source": "rtsp://a"}, "nickname"),
    ({"nickname": " ", "source": "rtsp://a"}, "nickname"),
    ({"nickname": "a\nb", "source": "rtsp://a"}, "nickname"),
    ({"nickname": "x" * 101, "source": "rtsp://a"}, "nickname"),
    ({"nickname": 5, "source": "rtsp://a"}, "nickname"),
    ({"nickname": "x", "source": 5}, "source"),
    ({"nickname": "x", "source": "rtsp://a", "colour": "red"}, "colour"),
    ({"nickname": "x", "source": "rtsp://a", "is_enabled": "yes"}, "is_enabled"),
    ([], "body"),
    ("text", "body"),
    (None, "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
def test_wrong_messages(cameras: CameraServer, body: object, field: str | None) -> None:
    answer = cameras.post("/cameras", body)
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == field
    assert cameras.ok(cameras.get("/cameras"))["cameras"] == []


HOURS = {"begins": "08:00", "ends": "18:00"}

BAD_WATCH: list[dict[str, Any]] = [
    {"frames_per_s": 0},
    {"frames_per_s": 31},
    {"frames_per_s": "5"},
    {"frames_per_s": True},
    {"detection_side_px": 641},
    {"detection_side_px": 640.5},
    {"zone": []},
    {"zone": [[0, 0], [1, 1]]},
    {"zone": [[0, 0], [1, 0], [2, 1]]},
    {"zone": [[0, 0], [1, 0], [1]]},
    {"zone": [[0, 0]] * 33},
    {"zone": "everything"},
    {"min_face_px": 15},
    {"threshold": 1.01},
    {"threshold": -0.01},
    {"votes_needed": 0},
    {"votes_needed": 2.5},
    {"leave_after_s": 0.5},
    {"has_motion_gate": 1},
    {"schedule": [HOURS] * 51},
    {"schedule": [{"begins": "8", "ends": "25:00"}]},
    {"schedule": [{**HOURS, "days": [7]}]},
    {"schedule": [{**HOURS, "days": []}]},
    {"schedule": [{**HOURS, "days": [True]}]},
    {"schedule": [{**HOURS, "begins": "08:00+01:00"}]},
    {"schedule": HOURS},
    {"transport": "carrier pigeon"},
    {"hardware_decode": 1},
    {"speed": 1},
]


@pytest.mark.parametrize("watch", BAD_WATCH, ids=str)
def test_wrong_ways_of_watching(cameras: CameraServer, watch: dict[str, Any]) -> None:
    camera = cameras.add()
    for method, path, body in (
        ("POST", "/cameras", {"nickname": "x", "source": new_source(), "watch": watch}),
        ("PATCH", of(camera), {"watch": watch}),
    ):
        answer = cameras.call(method, path, body)
        assert error_of(answer) == (422, "invalid_input")
        assert answer.json()["error"]["field"].startswith(f"watch.{next(iter(watch))}")
    assert cameras.ok(cameras.get("/cameras"))["cameras"] == [cameras.ok(cameras.get(of(camera)))]


BAD_ALERTS: list[dict[str, Any]] = [
    {"who": "everyone"},
    {"who": None, "colour": 1},
    {"subject_ids": "ada"},
    {"subject_ids": ["a\x00b"]},
    {"subject_ids": [""]},
    {"subject_ids": [1.5]},
    {"groups": [" "]},
    {"groups": ["x" * 65]},
    {"channel_ids": ["x"] * 21},
    {"channel_ids": [5]},
    {"cooldown_seconds": -1},
    {"cooldown_seconds": 31_536_001},
    {"cooldown_seconds": 1.5},
    {"digest_every_s": 30},
    {"digest_every_s": 86_401},
    {"quiet_hours": [{**HOURS, "days": [-1]}]},
    {"quiet_hours": 22},
    {"snoozed_until": "2099-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("alerts", BAD_ALERTS, ids=str)
def test_wrong_rules(cameras: CameraServer, alerts: dict[str, Any]) -> None:
    camera = cameras.add()
    answer = cameras.call("PATCH", of(camera), {"alerts": alerts})
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"].startswith("alerts.")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(cameras: CameraServer, text: str) -> None:
    camera = cameras.add()
    for name in ("threshold", "frames_per_s", "leave_after_s"):
        content = f'{{"watch": {{"{name}": {text}}}}}'
        answer = cameras.server.client.patch(
            f"/v1{of(camera)}", content=content, headers={"Content-Type": "application/json"}
        )
        assert error_of(answer)[0] == 422


def test_bodies_that_are_too_much(cameras: CameraServer) -> None:
    def sent(content: bytes) -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        return error_of(cameras.server.client.post("/v1/cameras", content=content, headers=headers))

    assert sent(b"[" * 6000) == (422, "invalid_input")
    assert sent(b" " * 600_000) == (413, "image_too_large")
    assert sent(b'{"nickname": "\\ud800", "source": "rtsp://a"}') == (422, "invalid_input")


@pytest.mark.parametrize("camera_id", ["nobody", "0" * 64, "0" * 65, "a b", "a%00b", "%F0%9F%98%80"])
def test_ids_that_no_camera_has(cameras: CameraServer, camera_id: str) -> None:
    for method, verb in (("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("POST", "/test")):
        status, _ = error_of(cameras.call(method, f"/cameras/{camera_id}{verb}"))
        assert status in (404, 422)
