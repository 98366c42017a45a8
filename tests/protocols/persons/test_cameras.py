"""Cameras at the persons door: scheduled one or many, asked for their state, and really watched."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.bot_api.server import CHAT_ID, TOKEN
from tests.protocols.contract_doors import Doors
from tests.protocols.rest_v1.camera_server import (
    AT_ONCE,
    PASSWORD,
    CameraServer,
    camera_server,
    new_source,
    until,
)

from facegate.domain.access import Door
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import StoreFailed

JSON = {"Content-Type": "application/json"}
GROUP_ID = "-100200300"


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CameraServer]:
    with camera_server(tmp_path_factory.mktemp("persons") / "data") as running:
        yield running


@pytest.fixture
def cameras(_running: CameraServer) -> CameraServer:
    """Nobody enrolled, no camera, no channel."""
    _running.empty()
    return _running


def job(source: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "rtsp_link": source or new_source(),
        "camera_nickname": "FrontDoor",
        "telegram_api_token": TOKEN,
        "telegram_chat_id": CHAT_ID,
        **fields,
    }


def post(cameras: CameraServer, jobs: object) -> httpx.Response:
    return cameras.server.client.post("/cameras/schedule", json=jobs)


def schedule(cameras: CameraServer, jobs: object) -> list[dict[str, str]]:
    answer = post(cameras, jobs)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["scheduled"]
    assert PASSWORD not in answer.text
    assert TOKEN not in answer.text
    return list(answer.json()["scheduled"])


def status(cameras: CameraServer, **fields: str) -> httpx.Response:
    return cameras.server.client.post("/person", data={"action": "camera_status", **fields})


def listed(cameras: CameraServer) -> list[dict[str, Any]]:
    return list(cameras.ok(cameras.get("/cameras"))["cameras"])


def channels(cameras: CameraServer) -> list[dict[str, Any]]:
    return list(cameras.ok(cameras.get("/alerts/channels"))["channels"])


def is_problem(answer: httpx.Response, *steps: str | int, kind: str = "value_error") -> bool:
    """Whether the answer names this one field, as FastAPI servers do."""
    (problem,) = answer.json()["detail"]
    assert set(problem) == {"type", "loc", "msg"}
    found = (answer.status_code, problem["loc"], problem["type"])
    assert found == (422, ["body", *steps], kind), found
    return True


def test_one_job(cameras: CameraServer) -> None:
    (scheduled,) = schedule(cameras, job(threshold=0.55, cooldown_seconds=60))
    (camera,) = listed(cameras)
    assert scheduled == {"camera_id": camera["camera_id"], "camera_nickname": "FrontDoor"}
    assert camera["watch"]["threshold"] == 0.55
    (channel,) = channels(cameras)
    assert (channel["kind"], channel["name"], channel["options"]) == (
        "telegram",
        "FrontDoor",
        {"chat_id": CHAT_ID},
    )
    rule = camera["alerts"]
    assert (rule["who"], rule["channel_ids"], rule["cooldown_seconds"]) == (
        "known",
        [channel["channel_id"]],
        60,
    )


def test_defaults_and_fields_that_are_not_known(cameras: CameraServer) -> None:
    schedule(cameras, job(colour="red"))
    (camera,) = listed(cameras)
    assert (camera["watch"]["threshold"], camera["alerts"]["cooldown_seconds"]) == (0.5, 3600)


def test_several_jobs_in_their_order(cameras: CameraServer) -> None:
    names = [f"Cam{number:02}" for number in range(12, 0, -1)]
    scheduled = schedule(cameras, [job(camera_nickname=name) for name in names])
    assert [one["camera_nickname"] for one in scheduled] == names
    assert len({one["camera_id"] for one in scheduled}) == 12
    assert [one["nickname"] for one in listed(cameras)] == names
    assert len(channels(cameras)) == 1


def test_numbers_as_people_write_them(cameras: CameraServer) -> None:
    schedule(cameras, job(telegram_chat_id=int(GROUP_ID), threshold="0.6", cooldown_seconds="120"))
    (camera,) = listed(cameras)
    assert (camera["watch"]["threshold"], camera["alerts"]["cooldown_seconds"]) == (0.6, 120)
    assert channels(cameras)[0]["options"] == {"chat_id": GROUP_ID}


def test_nobody_is_told_without_a_chat(cameras: CameraServer) -> None:
    schedule(cameras, job(telegram_api_token="", telegram_chat_id=""))
    assert channels(cameras) == []
    assert listed(cameras)[0]["alerts"]["channel_ids"] == []


def test_the_same_job_again_changes_its_camera(cameras: CameraServer) -> None:
    source = new_source()
    (first,) = schedule(cameras, job(source))
    path = f"/cameras/{first['camera_id']}"
    cameras.ok(cameras.call("PATCH", path, {"watch": {"votes_needed": 7}, "alerts": {"once_per_day": True}}))
    cameras.ok(cameras.post(f"{path}/stop"))
    again = schedule(
        cameras,
        [job(), job(f" {source} ", threshold=0.9, cooldown_seconds=5, telegram_chat_id=GROUP_ID)],
    )
    assert again[1] == first
    assert len(listed(cameras)) == 2
    camera = cameras.ok(cameras.get(path))
    assert camera["is_enabled"] is True
    assert (camera["watch"]["threshold"], camera["watch"]["votes_needed"]) == (0.9, 7)
    assert (camera["alerts"]["cooldown_seconds"], camera["alerts"]["once_per_day"]) == (5, True)
    by_id = {channel["channel_id"]: channel["options"]["chat_id"] for channel in channels(cameras)}
    assert [by_id[one] for one in camera["alerts"]["channel_ids"]] == [GROUP_ID]


def test_the_same_job_twice_in_one_call(cameras: CameraServer) -> None:
    source = new_source()
    first, second = schedule(cameras, [job(source), job(source, threshold=0.8)])
    assert first == second
    assert [one["watch"]["threshold"] for one in listed(cameras)] == [0.8]


def test_the_same_job_from_two_scripts_at_once(cameras: CameraServer) -> None:
    answers = cameras.server.client.together([("POST", "/cameras/schedule", job(new_source()))] * 6)
    assert len({answer.text for answer in answers}) == 1
    assert len(listed(cameras)) == 1
    assert len(channels(cameras)) == 1


def test_all_or_none(cameras: CameraServer) -> None:
    known = job()
    (first,) = schedule(cameras, known)
    before = (listed(cameras)[0]["watch"], channels(cameras))
    changed = {**known, "threshold": 0.9, "telegram_chat_id": GROUP_ID}
    for wrong, steps in (
        (job(rtsp_link="nowhere"), (2, "rtsp_link")),
        (job(camera_nickname="a\nb"), (2, "camera_nickname")),
        (job(telegram_chat_id="nobody"), (2, "telegram_chat_id")),
        (job(telegram_api_token="none"), (2, "telegram_api_token")),
        (job(threshold=2), (2, "threshold")),
    ):
        assert is_problem(post(cameras, [job(telegram_chat_id="-555"), changed, wrong]), *steps)
        assert (listed(cameras)[0]["watch"], channels(cameras)) == before
        assert [one["camera_id"] for one in listed(cameras)] == [first["camera_id"]]


def test_all_or_none_where_the_store_fails_half_way(
    cameras: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [job(), job()]
    schedule(cameras, known)
    before = [(one["camera_id"], one["watch"], one["alerts"]) for one in listed(cameras)]
    store, saved = cameras.watching.stores.cameras, []

    def fails_once_in_between(camera: Any) -> bool:
        saved.append(camera)
        if len(saved) == 2:
            raise StoreFailed("the disk is full")
        return real_save(camera)

    real_save = store.save_camera
    monkeypatch.setattr(store, "save_camera", fails_once_in_between)
    answer = post(cameras, [job(), *({**one, "threshold": 0.9} for one in known)])
    assert (answer.status_code, answer.json()) == (503, {"detail": "the disk is full"})
    assert [(one["camera_id"], one["watch"], one["alerts"]) for one in listed(cameras)] == before


@pytest.mark.parametrize("source", ["file:///etc/passwd", "http://localhost/x", "http://169.254.169.254/x"])
def test_addresses_inside(cameras: CameraServer, source: str) -> None:
    answer = post(cameras, job(source))
    assert (answer.status_code, list(answer.json())) == (403, ["detail"])
    assert "FACEGATE_CAMERAS__ALLOWED_PLACES" in answer.json()["detail"]
    answer = post(cameras, [job(), job(source)])
    assert answer.json()["detail"].startswith("camera 2: ")
    assert listed(cameras) == []


@pytest.mark.parametrize("name", ["rtsp_link", "camera_nickname", "telegram_api_token", "telegram_chat_id"])
def test_a_missing_field(cameras: CameraServer, name: str) -> None:
    wrong = job()
    del wrong[name]
    assert is_problem(post(cameras, wrong), name, kind="missing")
    assert post(cameras, wrong).json()["detail"][0]["msg"] == "Field required"
    assert is_problem(post(cameras, [job(), wrong]), 1, name, kind="missing")


WRONG: list[dict[str, Any]] = [
    {"rtsp_link": 5},
    {"rtsp_link": ""},
    {"rtsp_link": "x" * 5000},
    {"rtsp_link": "rtsp://10.0.0.1/\x00"},
    {"camera_nickname": ""},
    {"camera_nickname": "x" * 101},
    {"camera_nickname": "a\u202eb"},
    {"camera_nickname": None},
    {"telegram_api_token": 5},
    {"telegram_api_token": ""},
    {"telegram_api_token": "123:\n"},
    {"telegram_chat_id": ""},
    {"telegram_chat_id": True},
    {"telegram_chat_id": 1.5},
    {"telegram_chat_id": [CHAT_ID]},
    {"threshold": -0.1},
    {"threshold": "high"},
    {"threshold": "nan"},
    {"threshold": True},
    {"threshold": None},
    {"cooldown_seconds": -1},
    {"cooldown_seconds": 1.5},
    {"cooldown_seconds": 10**30},
    {"cooldown_seconds": "soon"},
]


@pytest.mark.parametrize("fields", WRONG, ids=lambda fields: str(fields)[:60])
def test_wrong_fields(cameras: CameraServer, fields: dict[str, Any]) -> None:
    assert is_problem(post(cameras, job(**fields)), *fields)
    assert listed(cameras) == channels(cameras) == []


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_none(cameras: CameraServer, text: str) -> None:
    content = f'{{"rtsp_link": "rtsp://10.1.1.1/", "camera_nickname": "x", "telegram_api_token": "", \
        "telegram_chat_id": "", "threshold": {text}}}'
    answer = cameras.server.client.post("/cameras/schedule", content=content, headers=JSON)
    assert is_problem(answer, "threshold")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"nonsense",
        b"5",
        b"null",
        b'"rtsp://a"',
        b"[]",
        b"[5]",
        b"[[]]",
        b"[" * 3000,
        b"\xff\xfe[]",
    ],
)
def test_bodies_that_are_no_jobs(cameras: CameraServer, content: bytes) -> None:
    answer = cameras.server.client.post("/cameras/schedule", content=content, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


def test_other_content_types_and_byte_order_marks(cameras: CameraServer) -> None:
    form = cameras.server.client.post("/cameras/schedule", data=job())
    assert is_problem(form)
    marked = b'\xef\xbb\xbf [{"rtsp_link": 5}]'
    answer = cameras.server.client.post("/cameras/schedule", content=marked, headers=JSON)
    assert answer.json()["detail"][0]["loc"][:2] == ["body", 0]


def test_as_many_as_there_may_be(cameras: CameraServer) -> None:
    most = cameras.server.application.settings.cameras.max_cameras
    jobs = [job(camera_nickname=f"c{number}") for number in range(most + 1)]
    answer = post(cameras, jobs)
    assert answer.status_code == 422
    assert str(most) in answer.json()["detail"]
    assert listed(cameras) == channels(cameras) == []
    assert is_problem(post(cameras, [job() for _ in range(101)]))
    assert len(schedule(cameras, jobs[:most])) == most
    too_large = b"[" + b" " * 600_000
    assert cameras.server.client.post("/cameras/schedule", content=too_large, headers=JSON).status_code == 413


def test_the_state_of_a_camera(cameras: CameraServer) -> None:
    source = new_source()
    shown = cameras.source.camera(source)
    shown.refuse(VideoFault.UNREACHABLE)
    (scheduled,) = schedule(cameras, job(source))

    def now() -> dict[str, Any]:
        answer = status(cameras, camera_id=f" {scheduled['camera_id']} ")
        assert answer.status_code == 200
        return dict(answer.json())

    until(lambda: now()["error"] is not None)
    down = now()
    assert set(down) == {
        "camera_id",
        "camera_nickname",
        "status",
        "since",
        "error",
        "last_frame_at",
        "frames_per_s",
        "analysed_per_s",
        "people",
        "reconnects",
    }
    assert (down["camera_id"], down["camera_nickname"]) == (scheduled["camera_id"], "FrontDoor")
    assert down["status"] in ("down", "connecting")
    shown.accept()
    cameras.show(shown, until=lambda: now()["status"] == "live")
    assert now()["error"] is None
    cameras.ok(cameras.post(f"/cameras/{scheduled['camera_id']}/stop"))
    assert now()["status"] == "stopped"


def test_the_state_of_no_camera(cameras: CameraServer) -> None:
    answer = status(cameras, camera_id="nobody")
    assert (answer.status_code, answer.json()) == (404, {"detail": "no camera has this id"})
    for fields in ({}, {"camera_id": " "}):
        assert is_problem(status(cameras, **fields), "camera_id", kind="missing")
    assert status(cameras, camera_id="x\x00" * 5000).status_code == 404


def test_who_gets_in(cameras: CameraServer) -> None:
    client, access = cameras.server.client, cameras.server.application.access
    other = access.create("other", doors=[Door.ATTENDANCE])
    for authorization, expected in (("", 401), ("Bearer nonsense", 401), (f"Bearer {other.secret}", 403)):
        headers = {"Authorization": authorization}
        answer = client.post("/cameras/schedule", json=job(), headers=headers)
        assert (answer.status_code, list(answer.json())) == (expected, ["detail"])
        form = {"action": "camera_status", "camera_id": "x"}
        assert client.post("/person", data=form, headers=headers).status_code == expected
    assert listed(cameras) == []


def test_somebody_known_walks_in_and_the_chat_has_it_once(cameras: CameraServer) -> None:
    cameras.enrol("ann", display_name="Ann Lee")
    source = new_source()
    shown = cameras.source.camera(source)
    (scheduled,) = schedule(cameras, job(source, cooldown_seconds=600))
    cameras.ok(cameras.call("PATCH", f"/cameras/{scheduled['camera_id']}", {"watch": AT_ONCE}))
    cameras.show(shown, "ann", until=lambda: bool(cameras.bot.sent))
    (message,) = cameras.bot.sent
    assert message.chat_id == CHAT_ID
    assert "Ann Lee" in message.text
    assert "FrontDoor" in message.text
    assert message.photo is not None
    assert message.photo.startswith(b"\xff\xd8")
    # Away for longer than a visit lasts, and back.
    until(lambda: cameras.events(scheduled, kind="seen")[0]["ended_at"] is not None)
    cameras.show(shown, "ann", until=lambda: len(cameras.events(scheduled, kind="seen")) == 2)
    time.sleep(0.2)
    assert len(cameras.bot.sent) == 1
    assert cameras.events(scheduled, kind="seen")[0]["facts"]["alert"] == "cooldown"


def test_no_secret_is_ever_told(cameras: CameraServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    source = new_source()
    (scheduled,) = schedule(cameras, job(source))
    told = [
        status(cameras, camera_id=scheduled["camera_id"]).text,
        post(cameras, job(source, threshold=7)).text,
        post(cameras, job(source, camera_nickname="")).text,
        post(cameras, job(f"{source}\x01")).text,
        post(cameras, job(source, telegram_chat_id="nobody")).text,
        post(cameras, job(source, telegram_api_token=f"{TOKEN} x")).text,
        post(cameras, [[job(source)]]).text,
        cameras.get("/alerts/channels").text,
        cameras.get("/alerts/messages").text,
        cameras.get("/cameras").text,
        caplog.text,
    ]
    secret_part = TOKEN.partition(":")[2]
    assert not [text for text in told if PASSWORD in text or secret_part in text]


def test_doors_without_cameras_say_so(doors: Doors) -> None:
    form = {"action": "camera_status", "camera_id": "1"}
    asked = doors.client.post("/person", data=form, headers=doors.bearer)
    assert (asked.status_code, set(asked.json())) == (501, {"detail"})
    assert "FACEGATE_CAMERAS__ENABLED" in asked.json()["detail"]
    for jobs in ({"rtsp_link": "rtsp://camera.example"}, [{"rtsp_link": "rtsp://camera.example"}]):
        response = doors.client.post("/cameras/schedule", json=jobs, headers=doors.bearer)
        assert (response.status_code, response.json()) == (501, asked.json())
