"""Cameras over /v1: added, shown, changed, switched, tried and deleted while they really run."""

import json
import logging
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.fakes.engine import fake_picture
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import (
    PASSWORD,
    Answer,
    CameraServer,
    new_source,
    until,
)

from facegate.domain.cameras.camera import WatchSettings
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import NotPermitted
from facegate.use_cases.cameras.register import CameraChange

WATCH = {
    "frames_per_s": 2.5,
    "detection_side_px": 320,
    "zone": [[0.0, 0.0], [1.0, 0.0], [1.0, 0.5]],
    "min_face_px": 64,
    "threshold": 0.7,
    "votes_needed": 5,
    "leave_after_s": 30.0,
    "has_motion_gate": False,
    "checks_liveness": True,
    "schedule": [
        {"begins": "08:00", "ends": "18:00", "days": [0, 1, 2, 3, 4]},
        {"begins": "22:15:30", "ends": "06:00", "days": [5]},
    ],
    "transport": "udp",
    "hardware_decode": "vaapi",
}

ALERTS = {
    "who": "chosen",
    "subject_ids": ["42", "ada"],
    "groups": ["staff"],
    "channel_ids": ["c1", "c2"],
    "cooldown_seconds": 60,
    "once_per_day": True,
    "quiet_hours": [{"begins": "22:00", "ends": "06:00", "days": [0, 1, 2, 3, 4, 5, 6]}],
    "digest_after_quiet": False,
    "digest_every_s": 600,
    "tells_leaving": True,
    "tells_health": False,
    "sends_picture": False,
}


def of(camera: Answer, verb: str = "") -> str:
    return f"/cameras/{camera['camera_id']}{verb}"


def without_status(camera: Answer) -> Answer:
    return {name: value for name, value in camera.items() if name not in ("status", "updated_at")}


def test_nobody_has_added_any(cameras: CameraServer) -> None:
    assert cameras.ok(cameras.get("/cameras")) == {"cameras": []}


def test_a_camera_with_the_least_that_must_be_said(cameras: CameraServer) -> None:
    source = new_source()
    cameras.source.camera(source)
    camera = cameras.ok(cameras.post("/cameras", {"nickname": " Front door ", "source": source}), 201)
    assert camera["nickname"] == "Front door"
    assert camera["source"] == source.replace(f"admin:{PASSWORD}", "***")
    assert camera["is_enabled"] is True
    assert camera["watch"] == {
        "frames_per_s": 5.0,
        "detection_side_px": 640,
        "zone": None,
        "min_face_px": 40,
        "threshold": 0.5,
        "votes_needed": 3,
        "leave_after_s": 10.0,
        "has_motion_gate": True,
        "checks_liveness": False,
        "schedule": None,
        "transport": "tcp",
        "hardware_decode": "none",
    }
    assert camera["alerts"] == {
        "who": "known",
        "subject_ids": [],
        "groups": [],
        "channel_ids": [],
        "cooldown_seconds": 3600,
        "once_per_day": False,
        "quiet_hours": None,
        "digest_after_quiet": True,
        "digest_every_s": 0,
        "snoozed_until": None,
        "tells_leaving": False,
        "tells_health": True,
        "sends_picture": True,
    }
    shown = cameras.ok(cameras.get(of(camera)))
    assert without_status(shown) == without_status(camera)


def test_everything_that_can_be_said(cameras: CameraServer) -> None:
    camera = cameras.add(watch=WATCH, alerts={**ALERTS, "subject_ids": [42, " ada "]})
    assert camera["watch"] == WATCH
    assert camera["alerts"] == {**ALERTS, "snoozed_until": None}
    (listed,) = cameras.ok(cameras.get("/cameras"))["cameras"]
    assert without_status(listed) == without_status(camera)


def test_a_long_rule(cameras: CameraServer) -> None:
    ids = sorted(f"person number {number}" for number in range(1000))
    camera = cameras.add(alerts={"who": "chosen", "subject_ids": ids})
    assert camera["alerts"]["subject_ids"] == ids
    more = [*ids, "one more"]
    assert error_of(cameras.call("PATCH", of(camera), {"alerts": {"subject_ids": more}}))[0] == 422


def test_what_a_camera_tells_of_itself(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    camera, shown = cameras.add_showing()
    assert camera["status"]["state"] in ("stopped", "connecting")
    cameras.show(shown, "ann", until=lambda: cameras.status(camera)["counts"]["analysed"] > 2)
    status = cameras.status(camera)
    assert status["state"] == "live"
    assert (status["fault"], status["trouble"]) == (None, None)
    assert status["stream"] == {
        "codec": "h264",
        "size": {"width_px": 640, "height_px": 480},
        "frames_per_s": 25.0,
        "decoder": "software",
    }
    assert status["people_count"] == 1
    assert status["latency_ms"] > 0
    counts = status["counts"]
    settled = (
        counts["analysed"] + counts["not_due"] + counts["superseded"] + counts["still"] + counts["failed"]
    )
    assert counts["decoded"] - 1 <= settled <= counts["decoded"]


@pytest.mark.parametrize(
    "fault", [VideoFault.UNREACHABLE, VideoFault.UNAUTHORIZED, VideoFault.NOT_FOUND, VideoFault.UNSUPPORTED]
)
def test_why_no_picture_comes(cameras: CameraServer, fault: VideoFault) -> None:
    source = new_source()
    cameras.source.camera(source).refuse(fault)
    camera = cameras.add(source)
    until(lambda: cameras.status(camera)["fault"] == fault.value)
    status = cameras.status(camera)
    assert status["state"] in ("down", "connecting")
    assert status["trouble"]
    assert "10.0.0." not in status["trouble"]
    cameras.source.camera(source).accept()
    # After a wrong password the next attempt is far: accounts would be locked. Start tries at once.
    cameras.ok(cameras.post(of(camera, "/start")))
    cameras.show(cameras.source.camera(source), until=lambda: cameras.status(camera)["state"] == "live")
    assert cameras.status(camera)["fault"] is None


def test_what_is_not_named_stays(cameras: CameraServer) -> None:
    camera = cameras.add(watch=WATCH, alerts=ALERTS)
    same = cameras.ok(cameras.call("PATCH", of(camera), {}))
    assert without_status(same) == without_status(camera)
    changed = cameras.ok(cameras.call("PATCH", of(camera), {"nickname": "Gate 2"}))
    assert without_status(changed) == {**without_status(camera), "nickname": "Gate 2"}
    changed = cameras.ok(
        cameras.call("PATCH", of(camera), {"watch": {"threshold": 0.6}, "alerts": {"once_per_day": False}})
    )
    assert changed["watch"] == {**WATCH, "threshold": 0.6}
    assert changed["alerts"] == {**ALERTS, "once_per_day": False, "snoozed_until": None}


def test_null_means_something_for_some_fields_alone(cameras: CameraServer) -> None:
    camera = cameras.add(watch=WATCH, alerts=ALERTS)
    everything_null = {
        "nickname": None,
        "source": None,
        "watch": dict.fromkeys(WATCH),
        "alerts": dict.fromkeys(ALERTS),
    }
    changed = cameras.ok(cameras.call("PATCH", of(camera), everything_null))
    assert changed["watch"] == {**WATCH, "zone": None, "schedule": None}
    assert changed["alerts"] == {**ALERTS, "quiet_hours": None, "snoozed_until": None}
    assert (changed["nickname"], changed["source"]) == (camera["nickname"], camera["source"])
    nulls = {"watch": None, "alerts": None}
    assert cameras.ok(cameras.call("PATCH", of(camera), nulls))["watch"] == changed["watch"]


def test_a_new_source_is_connected_to_and_another_threshold_is_not(cameras: CameraServer) -> None:
    camera, first = cameras.add_showing()
    cameras.show(first, until=lambda: cameras.status(camera)["state"] == "live")
    attempts = first.attempt_count
    cameras.ok(cameras.call("PATCH", of(camera), {"watch": {"threshold": 0.9}}))
    cameras.show(first, until=lambda: cameras.status(camera)["counts"]["analysed"] > 3)
    assert first.attempt_count == attempts
    source = new_source()
    second = cameras.source.camera(source)
    changed = cameras.ok(cameras.call("PATCH", of(camera), {"source": source}))
    assert changed["source"] == source.replace(f"admin:{PASSWORD}", "***")
    cameras.show(second, until=lambda: second.open_count == 1 and first.open_count == 0)


def test_a_masked_source_sent_back_is_not_taken_for_one(cameras: CameraServer) -> None:
    """A client that edits what it was shown must not lose the password."""
    camera = cameras.add()
    address = cameras.watching.register.get(camera["camera_id"]).source
    changed = cameras.ok(cameras.call("PATCH", of(camera), {"source": camera["source"], "nickname": "x"}))
    assert (changed["nickname"], changed["source"]) == ("x", camera["source"])
    assert cameras.watching.register.get(camera["camera_id"]).source == address
    for method, path, body in (
        ("PATCH", of(camera), {"source": "rtsp://***@10.9.9.9/stream"}),
        ("POST", "/cameras", {"nickname": "x", "source": camera["source"]}),
        ("POST", "/cameras/test", {"source": camera["source"]}),
    ):
        answer = cameras.call(method, path, body)
        assert error_of(answer) == (422, "invalid_input")
        assert answer.json()["error"]["field"] == "source"


def test_stop_and_start(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing()
    cameras.show(shown, until=lambda: cameras.status(camera)["state"] == "live")
    stopped = cameras.ok(cameras.post(of(camera, "/stop")))
    assert (stopped["is_enabled"], stopped["status"]["state"]) == (False, "stopped")
    until(lambda: shown.open_count == 0)
    assert cameras.ok(cameras.post(of(camera, "/start")))["is_enabled"] is True
    cameras.show(shown, until=lambda: cameras.status(camera)["state"] == "live")


def test_one_that_is_not_wanted_yet(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing(is_enabled=False)
    assert (camera["is_enabled"], camera["status"]["state"]) == (False, "stopped")
    assert shown.attempt_count == 0


def test_delete_while_it_runs(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    camera, shown = cameras.add_showing()
    cameras.show(shown, "ann", until=lambda: bool(cameras.events(camera)))
    assert cameras.call("DELETE", of(camera)).status_code == 204
    until(lambda: shown.open_count == 0)
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/start"), ("POST", "/snooze")):
        body: object = {} if method in ("PATCH", "POST") else None
        assert error_of(cameras.call(method, of(camera, path), body)) == (404, "camera_not_found")
    until(lambda: cameras.events(camera)[-1]["ended_at"] is not None)
    assert cameras.events(camera)[-1]["subject_id"] == "ann"


def test_snooze(cameras: CameraServer) -> None:
    camera = cameras.add(alerts=ALERTS)
    snoozed = cameras.ok(cameras.post(of(camera, "/snooze"), {"minutes": 60}))
    assert snoozed["alerts"]["snoozed_until"] is not None
    kept = cameras.ok(cameras.call("PATCH", of(camera), {"alerts": {"once_per_day": False}}))
    assert kept["alerts"]["snoozed_until"] == snoozed["alerts"]["snoozed_until"]
    then = (datetime.now(UTC) + timedelta(days=300)).replace(hour=17, minute=0, second=0, microsecond=0)
    sent = then.astimezone(timezone(timedelta(hours=7))).isoformat()
    until_then = cameras.ok(cameras.post(of(camera, "/snooze"), {"until": sent}))
    assert until_then["alerts"]["snoozed_until"] == f"{then:%Y-%m-%dT%H:%M:%SZ}"
    for nothing in ({}, {"minutes": None, "until": None}, None):
        ended = cameras.ok(cameras.post(of(camera, "/snooze"), nothing))
        assert ended["alerts"]["snoozed_until"] is None


def test_trying_an_address(cameras: CameraServer) -> None:
    source = new_source()
    camera = cameras.source.camera(source)
    camera.show(fake_picture())
    tried = cameras.ok(cameras.post("/cameras/test", {"source": source}))
    assert tried["stream"]["codec"] == "h264"
    assert tried["took_ms"] >= 0
    assert camera.open_count == 0
    assert cameras.ok(cameras.get("/cameras"))["cameras"] == []
    camera.refuse(VideoFault.UNAUTHORIZED)
    refused = cameras.post("/cameras/test", {"source": source, "transport": "udp"})
    assert error_of(refused) == (502, "camera_failed")
    assert PASSWORD not in refused.text


def test_trying_a_camera_that_runs(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing()
    cameras.show(shown, until=lambda: cameras.status(camera)["state"] == "live")
    is_tried = threading.Event()

    def go_on() -> None:
        while not is_tried.wait(0.01):
            shown.show(fake_picture())

    # One frame is for the running connection, one for the other.
    showing = threading.Thread(target=go_on)
    showing.start()
    try:
        assert cameras.ok(cameras.post(of(camera, "/test")))["stream"]["decoder"] == "software"
    finally:
        is_tried.set()
        showing.join()


def test_there_is_room_for_so_many(cameras: CameraServer) -> None:
    most = cameras.server.application.settings.cameras.max_cameras
    for _ in range(most):
        cameras.add(is_enabled=False)
    answer = cameras.post("/cameras", {"nickname": "x", "source": new_source()})
    assert error_of(answer) == (422, "invalid_input")
    assert str(most) in answer.json()["error"]["message"]


def test_changes_at_the_same_time_do_not_undo_each_other(cameras: CameraServer) -> None:
    camera = cameras.add()
    register = cameras.watching.register
    bodies: list[dict[str, Any]] = [{"watch": {"threshold": 0.75}}, {"watch": {"votes_needed": 9}}]
    for _ in range(20):
        register.change(camera["camera_id"], CameraChange(watch=WatchSettings()))
        answers = cameras.server.client.together([("PATCH", f"/v1{of(camera)}", body) for body in bodies])
        assert [answer.status_code for answer in answers] == [200, 200]
        watch = register.get(camera["camera_id"]).watch
        assert (watch.threshold, watch.votes_needed) == (0.75, 9)


def test_no_secret_is_ever_told(cameras: CameraServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    source = new_source().replace("/stream", f"/stream?token={PASSWORD}&user=x")
    cameras.source.camera(source).refuse(NotPermitted("addresses of the server itself are refused"))
    camera = cameras.add(source)
    assert camera["source"].endswith("/stream?token=***&user=***")
    until(lambda: cameras.status(camera)["fault"] is not None)
    told = [
        cameras.get("/cameras").text,
        cameras.get(of(camera)).text,
        cameras.post(of(camera, "/test")).text,
        cameras.post("/cameras/test", {"source": source}).text,
        cameras.post("/cameras", {"nickname": "\n", "source": source}).text,
        cameras.post("/cameras", {"nickname": "x", "source": f"gopher://{PASSWORD}"}).text,
        cameras.post("/cameras", {"nickname": "x", "source": source, "password": PASSWORD}).text,
        cameras.call("PATCH", of(camera), {"source": [source]}).text,
        cameras.get("/events", place_id=camera["camera_id"]).text,
        cameras.server.client.get("/metrics").text,
        json.dumps([record.getMessage() for record in caplog.records]),
        caplog.text,
        repr(cameras.watching.register.list_cameras()),
    ]
    assert not [text for text in told if PASSWORD in text]
