"""Real clients at the presence door: the documented exchanges, staged violations, administrators."""

import contextlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera, as_jpeg, moving_person_jpegs, moving_person_pixels
from websockets.exceptions import ConnectionClosed

from facegate.adapters.model_files import CachedModelFiles

pytestmark = pytest.mark.models

USER = "client_001"
FIELDS = ["action", "reason", "actual_username", "send_time", "finish_time"]
CLOCK_TIME = re.compile(r"[0-2]\d:[0-5]\d:[0-5]\d")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model_files: CachedModelFiles, real_pictures: RealPictures
) -> Iterator[ServerProcess]:
    """The moving person is registered, another one only enrolled."""
    folder = tmp_path_factory.mktemp("presence")
    with running_server(folder, FACEGATE_PRESENCE__FROZEN_AFTER_S="1") as started:
        with started.client() as client:
            enrol(client, USER, moving_person_jpegs(real_pictures)[0])
            enrol(client, "obama", real_pictures.read("obama.jpg"))
            client.post("/v1/presence/clients", json={"user_name": USER}).raise_for_status()
        yield started


def enrol(client: httpx.Client, subject_id: str, picture: bytes) -> None:
    answer = client.post(
        "/v1/enrol", data={"subject_id": subject_id}, files={"image": ("p.jpg", picture, "image/jpeg")}
    )
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def frames(real_pictures: RealPictures) -> LiveCamera:
    return LiveCamera(real_pictures)


def outcome(answer: dict[str, Any]) -> tuple[str, str, str]:
    assert list(answer) == FIELDS
    assert CLOCK_TIME.fullmatch(answer["send_time"])
    assert CLOCK_TIME.fullmatch(answer["finish_time"])
    return answer["action"], answer["reason"], answer["actual_username"]


NO_ACTION = ("NO_ACTION", "EMPTY_REASON", USER)


def test_the_documented_exchanges(server: ServerProcess, frames: LiveCamera) -> None:
    with connected(server, USER) as workstation:
        assert outcome(workstation.log_in()) == NO_ACTION
        assert outcome(workstation.show(frames[3])) == NO_ACTION
        timed = workstation.show(frames[9], timestamp="07:08:09")
        assert outcome(timed) == NO_ACTION
        assert timed["send_time"] == "07:08:09"


def test_a_user_who_moves_and_talks_is_left_alone(server: ServerProcess, frames: LiveCamera) -> None:
    with connected(server, USER) as workstation:
        answers = {outcome(workstation.show(frame)) for frame in frames}
    assert answers == {NO_ACTION}


@pytest.mark.parametrize("name", ["nobody", "obama"])
def test_who_is_no_client_is_turned_away(server: ServerProcess, name: str) -> None:
    with connected(server, name) as workstation:
        assert workstation.log_in() == {"action": "ACTION_ERROR", "reason": "REASON_CLIENT_NOT_AVAILABLE"}
        assert workstation.close_code() == 4001


def test_an_empty_room_and_other_people_lock_the_screen(
    server: ServerProcess, frames: LiveCamera, real_pictures: RealPictures
) -> None:
    with connected(server, USER) as workstation:
        assert outcome(workstation.show(frames[0])) == NO_ACTION
        room = workstation.show(real_pictures.read("coffee.png"))
        assert outcome(room) == ("ACTION_LOCK_SCREEN", "REASON_NO_FACE", USER)
        colleague = workstation.show(real_pictures.read("obama2.jpg"))
        assert outcome(colleague) == ("ACTION_LOCK_SCREEN", "REASON_WRONG_USER", "obama")
        stranger = workstation.show(real_pictures.read("biden.jpg"))
        assert outcome(stranger) == ("ACTION_LOCK_SCREEN", "REASON_WRONG_USER", "unknown")
        assert outcome(workstation.show(frames[40])) == NO_ACTION


def test_somebody_who_looks_over_the_shoulder_locks_the_screen(
    server: ServerProcess, real_pictures: RealPictures
) -> None:
    pixels = moving_person_pixels(real_pictures)
    with connected(server, USER) as workstation:
        assert outcome(workstation.show(as_jpeg(pixels[0], quality=91))) == NO_ACTION
        both = workstation.show(as_jpeg(with_second_face(pixels[5], real_pictures)))
        assert outcome(both) == ("ACTION_LOCK_SCREEN", "REASON_WRONG_USER", USER)


def with_second_face(frame_bgr: NDArray[np.uint8], pictures: RealPictures) -> NDArray[np.uint8]:
    other = cv2.imread(str(pictures.path("biden.jpg")))
    assert other is not None
    height_px = 900
    large = cv2.resize(other, (round(other.shape[1] * height_px / other.shape[0]), height_px))
    both = frame_bgr.copy()
    both[180:480, 0:200] = large[20:320, 131:331]
    return both


def test_a_camera_that_stands_still_is_taken_for_a_picture(server: ServerProcess, frames: LiveCamera) -> None:
    with connected(server, USER) as workstation:
        end_s = time.monotonic() + 10
        still = frames[20]
        answer = workstation.show(still)
        while answer["action"] == "NO_ACTION":
            assert time.monotonic() < end_s
            time.sleep(0.2)
            answer = workstation.show(still)
        assert outcome(answer) == ("ACTION_LOCK_SCREEN", "REASON_SPOOF_IMAGE", USER)
        assert outcome(workstation.show(frames[60])) == NO_ACTION


def test_an_administrator_pauses_blocks_and_sees(server: ServerProcess, frames: LiveCamera) -> None:
    with server.client() as admin, connected(server, USER) as workstation:
        workstation.log_in()
        admin.post(f"/v1/presence/clients/{USER}/pause").raise_for_status()
        assert outcome(workstation.show(frames[1])) == ("ACTION_WARNING", "REASON_PAUSED_CLIENT", USER)
        admin.post(f"/v1/presence/clients/{USER}/resume").raise_for_status()
        assert outcome(workstation.show(frames[2])) == NO_ACTION
        (session,) = admin.get("/v1/presence/sessions").raise_for_status().json()["sessions"]
        assert session["client_id"] == USER
        admin.post(f"/v1/presence/clients/{USER}/block", json={"note": "test"}).raise_for_status()
        assert workstation.heard()["reason"] == "REASON_BLOCKED_CLIENT"
        assert workstation.close_code() == 4001
        with connected(server, USER) as again:
            assert again.log_in()["reason"] == "REASON_BLOCKED_CLIENT"
            assert again.close_code() == 4001
        admin.post(f"/v1/presence/clients/{USER}/unblock").raise_for_status()
        with connected(server, USER) as again:
            assert outcome(again.log_in()) == NO_ACTION


def test_a_violation_leaves_evidence_that_an_administrator_can_fetch(
    server: ServerProcess, real_pictures: RealPictures
) -> None:
    with server.client() as admin, connected(server, USER) as workstation:
        workstation.show(real_pictures.read("obama3.jpg"))
        end_s = time.monotonic() + 10
        while not (found := admin.get("/v1/presence/evidence").raise_for_status().json()["evidence"]):
            assert time.monotonic() < end_s
            time.sleep(0.1)
        picture = admin.get(f"/v1/presence/evidence/{found[0]['evidence_id']}/picture")
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8")
    with server.client(has_token=False) as nobody:
        assert nobody.get("/v1/presence/evidence").status_code == 401


@pytest.mark.parametrize(
    "message",
    [
        "no JSON at all",
        "[1, 2, 3]",
        '{"user_name": "client_001"}',
        '{"user_name": 7, "image": "AAAA"}',
        '{"user_name": "client_001", "image": "no base64!"}',
        '{"user_name": "client_001", "image": "AAAA"}',
        '{"user_name": "client_001", "image": null}',
        b"\x00\xff\xfe",
    ],
)
def test_bad_messages_hurt_nobody_else(
    server: ServerProcess, frames: LiveCamera, message: str | bytes
) -> None:
    with connected(server, USER) as good, connected(server, "somebody else") as bad:
        assert outcome(good.show(frames[30])) == NO_ACTION
        answer = bad.send_raw(message)
        assert answer["action"] == "ACTION_ERROR"
        assert outcome(good.show(frames[33])) == NO_ACTION


def test_a_message_beyond_the_limit_ends_that_connection_alone(
    server: ServerProcess, frames: LiveCamera
) -> None:
    with connected(server, USER) as good, connected(server, "flood") as bad:
        good.log_in()
        # The server stops reading in the middle: the client hears 1009, or only that nobody listens.
        with contextlib.suppress(ConnectionClosed):
            bad.send_raw("x" * (17 * 2**20))
        assert bad.close_code() in (1009, None)
        assert outcome(good.show(frames[50])) == NO_ACTION


def test_one_workstation_too_many_is_told_so(
    tmp_path: Path, model_files: CachedModelFiles, frames: LiveCamera
) -> None:
    with running_server(tmp_path, FACEGATE_PRESENCE__MAX_CONNECTIONS="1") as small_server:
        with small_server.client() as client:
            enrol(client, USER, frames[0])
            client.post("/v1/presence/clients", json={"user_name": USER}).raise_for_status()
        with connected(small_server, USER) as first:
            assert outcome(first.log_in()) == NO_ACTION
            with connected(small_server, USER) as second:
                refused = second.heard()
                assert (refused["error"], refused["code"]) == ("CONNECTION_REFUSED", 4002)
                assert second.close_code() == 4002
            assert outcome(first.show(frames[1])) == NO_ACTION
        with connected(small_server, USER) as later:
            assert outcome(later.log_in()) == NO_ACTION


def test_a_stopping_server_says_so(tmp_path: Path, model_files: CachedModelFiles, frames: LiveCamera) -> None:
    with running_server(tmp_path, FACEGATE_PRESENCE__REGISTER_ENROLLED="true") as stopping:
        with stopping.client() as client:
            enrol(client, USER, frames[0])
        with connected(stopping, USER) as workstation:
            assert outcome(workstation.log_in()) == NO_ACTION
            assert stopping.process is not None
            stopping.process.terminate()
            goodbye = workstation.heard()
            assert (goodbye["error"], goodbye["code"]) == ("NETWORK_ERROR", 4000)
            assert workstation.close_code() == 4000
        stopping.wait()


def test_the_documented_javascript_client(
    server: ServerProcess, frames: LiveCamera, real_pictures: RealPictures, tmp_path: Path
) -> None:
    node = node_with_websocket()
    pictures = [tmp_path / "present.jpg", tmp_path / "away.png"]
    pictures[0].write_bytes(frames[70])
    pictures[1].write_bytes(real_pictures.read("coffee.png"))
    told = run_javascript(node, server, USER, pictures)
    assert [line["did"] for line in told] == ["continue", "lock", "ended"]
    assert outcome(told[0]["answer"]) == NO_ACTION
    told = run_javascript(node, server, "nobody", pictures)
    assert told[0]["did"] == "error REASON_CLIENT_NOT_AVAILABLE"
    assert told[-1] == {"closed": 4001, "did": "authentication failed"}


def node_with_websocket() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    probe = subprocess.run(
        [node, "--experimental-websocket", "-e", "new WebSocket"], capture_output=True, text=True, check=False
    )
    if "bad option" in probe.stderr or "is not defined" in probe.stderr:
        pytest.skip("this Node.js has no WebSocket: 20.10 or newer is needed")
    return node


def run_javascript(
    node: str, server: ServerProcess, user_name: str, pictures: list[Path]
) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("presence_client.mjs")
    url = f"ws://127.0.0.1:{server.port}/ws"
    ran = subprocess.run(
        [node, "--experimental-websocket", str(script), url, user_name, *map(str, pictures)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]
