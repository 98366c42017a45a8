"""The JavaScript agent that is handed out, in Node.js and in Chromium, against a real server."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.clients.agents_at_work import register, written
from tests.clients.chromium import browser_with_camera, quiet_page, served
from tests.clients.nodejs import JAVASCRIPT, node_command
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.end_to_end.test_presence import NO_ACTION, USER, outcome
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera, as_jpeg, moving_person_pixels

from facegate.adapters.model_files import CachedModelFiles

pytestmark = pytest.mark.models

LIMIT_MS = 60_000

AGENT = """
import { Backoff, PictureSource, Workstation } from "./facegate-workstation.js";
const [server, user, folder, loop] = process.argv.slice(1);
const workstation = new Workstation({
  server, user, framesPerSecond: 5, source: new PictureSource(folder, { loop: loop === "loop" }),
  backoff: new Backoff({ firstMs: 200, longestMs: 2000, asksHumanMs: 500 }),
});
for (const name of ["verdict", "state", "lock", "signout", "failure"]) {
  workstation.addEventListener(name, ({ detail }) => console.log(JSON.stringify({ name, ...detail })));
}
await workstation.start();
"""


def node_agent(server: ServerProcess, user: str, folder: Path, loop: str = "once") -> subprocess.Popen[str]:
    url = f"ws://127.0.0.1:{server.port}"
    return subprocess.Popen(
        [*node_command(), "--input-type=module", "-e", AGENT, url, user, str(folder), loop],
        cwd=JAVASCRIPT,
        stdout=subprocess.PIPE,
        text=True,
    )


def told_until(agent: subprocess.Popen[str], **wanted: str) -> list[dict[str, Any]]:
    """What it told, to the first line that holds all that is wanted."""
    assert agent.stdout is not None
    told = []
    for line in agent.stdout:
        told.append(json.loads(line))
        if wanted.items() <= told[-1].items():
            return told
    raise AssertionError(f"it ended without {wanted}: {told[-5:]}")


@pytest.fixture
def patience() -> Iterator[list[subprocess.Popen[str]]]:
    """Agents that are killed after a while, and at the end of the test."""
    agents: list[subprocess.Popen[str]] = []

    def end_them() -> None:
        for agent in agents:
            agent.kill()

    alarm = threading.Timer(90, end_them)
    alarm.start()
    yield agents
    alarm.cancel()
    for agent in agents:
        agent.kill()
        agent.communicate()


def test_node_shows_a_folder_and_locks_once(
    server: ServerProcess,
    real_pictures: RealPictures,
    camera: LiveCamera,
    tmp_path: Path,
    patience: list[subprocess.Popen[str]],
) -> None:
    room = real_pictures.read("coffee.png")
    folder = written(tmp_path / "pictures", [*camera[:2], room, room, room, camera[9]])
    agent = node_agent(server, USER, folder)
    patience.append(agent)
    told = told_until(agent, name="state", state="stopped")
    reasons = [line["reason"] for line in told if line["name"] == "verdict"]
    assert reasons == ["EMPTY_REASON"] * 2 + ["REASON_NO_FACE"] * 3 + ["EMPTY_REASON"]
    assert [line["name"] for line in told if line["name"] in ("lock", "signout", "failure")] == ["lock"]
    assert told[-1]["why"] == "the pictures are over"
    assert agent.wait(20) == 0


def test_node_finds_a_killed_server_again_and_hears_administrators(
    tmp_path: Path,
    model_files: CachedModelFiles,
    real_pictures: RealPictures,
    camera: LiveCamera,
    patience: list[subprocess.Popen[str]],
) -> None:
    folder = written(tmp_path / "pictures", camera[:100])
    with running_server(tmp_path) as server:
        register(server, real_pictures)
        agent = node_agent(server, USER, folder, "loop")
        patience.append(agent)
        told_until(agent, action="NO_ACTION")
        server.kill()
        waits_ms = [told_until(agent, state="connecting")[-1]["retryInMs"] for _ in range(3)]
        assert waits_ms == sorted(waits_ms)
        server.start()
        told_until(agent, action="NO_ACTION")
        with server.client() as admin:
            clients = f"/v1/presence/clients/{USER}"
            admin.post(f"{clients}/pause").raise_for_status()
            told_until(agent, state="paused")
            admin.post(f"{clients}/resume").raise_for_status()
            told_until(agent, state="connected")
            admin.post(f"{clients}/block").raise_for_status()
            assert "administrator" in told_until(agent, state="blocked")[-1]["why"]
            admin.post(f"{clients}/unblock").raise_for_status()
            told_until(agent, state="connected")
        with connected(server, USER) as other:
            other.log_in()
            told = told_until(agent, state="stopped")
            assert "another" in told[-1]["why"]
            assert outcome(other.show(camera[70])) == NO_ACTION
        assert agent.wait(20) == 0


def test_node_is_told_that_nobody_knows_the_user(
    server: ServerProcess, camera: LiveCamera, tmp_path: Path, patience: list[subprocess.Popen[str]]
) -> None:
    agent = node_agent(server, "nobody", written(tmp_path / "pictures", [camera[3]]))
    patience.append(agent)
    assert "no such client" in told_until(agent, state="rejected")[-1]["why"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, camera: LiveCamera, real_pictures: RealPictures) -> Path:
    """What stands before the browser's camera: the user for four seconds, then nobody for as long."""
    path = tmp_path_factory.mktemp("clip") / "user.mjpeg"
    room = moving_person_pixels(real_pictures)[0]
    room[:] = 90
    room[::7, :, 1] = 140
    room[:, ::11, 2] = 60
    frames = [*camera[:], *[as_jpeg(room, quality=80 + number % 15) for number in range(120)]]
    # Motion JPEG is one JPEG after the other.
    path.write_bytes(b"".join(frames))
    return path


def fill_in(page: Page, server: ServerProcess) -> None:
    page.get_by_label("Server").fill(f"ws://localhost:{server.port}/ws")
    page.get_by_label("User").fill(USER)
    page.get_by_role("button", name="Start").click()


def test_chromium_shows_its_camera_and_the_verdict(server: ServerProcess, clip: Path) -> None:
    with (
        served(JAVASCRIPT) as origin,
        browser_with_camera(clip) as browser,
        quiet_page(browser, f"{origin}/example.html?frames=5") as page,
        server.client() as admin,
    ):
        state, verdict = page.locator("#state"), page.locator("#verdict")
        fill_in(page, server)
        expect(verdict).to_have_text("All is well", timeout=LIMIT_MS)
        expect(state).to_have_text("connected")
        assert page.evaluate("document.querySelector('video').videoWidth") > 0
        expect(verdict).to_have_text("Nobody is seen", timeout=LIMIT_MS)
        assert page.evaluate("document.body.className") == "locked"
        admin.post(f"/v1/presence/clients/{USER}/pause").raise_for_status()
        expect(state).to_have_text("paused: an administrator has paused this client", timeout=LIMIT_MS)
        admin.post(f"/v1/presence/clients/{USER}/resume").raise_for_status()
        expect(state).to_have_text("connected", timeout=LIMIT_MS)
        admin.post(f"/v1/presence/clients/{USER}/block").raise_for_status()
        expect(state).to_contain_text("blocked: an administrator has blocked this client", timeout=LIMIT_MS)
        admin.post(f"/v1/presence/clients/{USER}/unblock").raise_for_status()
        page.get_by_role("button", name="Stop").click()
        expect(state).to_have_text("stopped")
        assert page.evaluate("document.querySelector('video').srcObject") is None
