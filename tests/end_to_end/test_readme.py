"""The README's examples, run as they stand against a real server with real photos."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from tests.bot_api.server import CHAT_ID, BotApiServer, bot_api
from tests.bot_api.server import TOKEN as BOT_TOKEN
from tests.end_to_end.server_process import clean_environment, running_server
from tests.real_pictures import RealPictures
from tests.rtsp_server.fixtures import rtsp_server, walk_in_clip  # noqa: F401 - fixtures
from tests.rtsp_server.launcher import RtspServer

from facegate.adapters.model_files import CachedModelFiles

pytestmark = pytest.mark.models

README = Path(__file__).parents[2] / "README.md"
EXAMPLE = re.compile(r"<!-- example: (?P<name>[a-z_0-9 ]+) -->\n```bash\n(?P<lines>.*?)```", re.DOTALL)


def examples() -> dict[str, str]:
    """Shell lines by the name in the comment above them, in the README's order."""
    return {match["name"]: match["lines"] for match in EXAMPLE.finditer(README.read_text())}


@dataclass(frozen=True)
class Reader:
    """Somebody with two photos of one person, a folder and a running server."""

    folder: Path
    url: str
    terminals_url: str
    environment: dict[str, str]

    def follow(self, name: str) -> str:
        """Runs an example's lines in the shell; what they print."""
        facegate = f"{sys.executable} -m facegate"
        lines = examples()[name].replace("http://127.0.0.1:8000", self.url)
        lines = lines.replace("ws://127.0.0.1:7788", self.terminals_url)
        lines = lines.replace("ws://127.0.0.1:8000", self.url.replace("http", "ws"))
        lines = lines.replace(".venv/bin/facegate", facegate)
        lines = lines.replace(".venv/bin/python examples", f"{sys.executable} {README.parent}/examples")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", lines],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def telegram() -> Iterator[BotApiServer]:
    with bot_api() as api:
        yield api


@pytest.fixture(scope="module")
def reader(
    tmp_path_factory: pytest.TempPathFactory,
    model_files: CachedModelFiles,
    real_pictures: RealPictures,
    telegram: BotApiServer,
) -> Iterator[Reader]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(real_pictures.path("obama.jpg"), folder / "alice.jpg")
    shutil.copy(real_pictures.path("obama2.jpg"), folder / "alice2.jpg")
    more = {"FACEGATE_ALERTS__TELEGRAM_API_URL": telegram.url, "FACEGATE_CAMERAS__ALLOWED_PLACES": "loopback"}
    with running_server(folder, **more) as server:
        environment = clean_environment(FACEGATE_STORAGE__DATA_FOLDER=str(server.data_folder), COLUMNS="200")
        yield Reader(folder, server.url, f"ws://127.0.0.1:{server.terminals_port}", environment)


def test_every_door_has_an_example() -> None:
    assert set(examples()) == {
        "attendance",
        "verification",
        "persons",
        "presence",
        "terminals",
        "cameras",
        "rest_v1",
        "operations",
        "command line",
    }


def test_the_examples_enrol_and_recognise_in_order(reader: Reader) -> None:
    attendance = reader.follow("attendance")
    assert '"Face registered successfully"' in attendance
    assert '"Face recognized successfully"' in attendance

    verification = reader.follow("verification")
    assert '"match-status":true' in verification.replace(" ", "")
    assert '"faceDetected":"1"' in verification.replace(" ", "")

    persons = reader.follow("persons").replace(" ", "")
    assert '"added":2' in persons
    assert '"recognized":true' in persons

    assert '"band":"match"' in reader.follow("rest_v1").replace(" ", "")
    presence = reader.follow("presence")
    assert '"client_id":"alice"' in presence.replace(" ", "")
    assert re.search(r"(NO_ACTION|ACTION_LOCK_SCREEN) \w+ alice\n", presence)
    terminals = reader.follow("terminals").replace(" ", "")
    assert '"ret":"getuserlist"' in terminals
    assert '"serial_number":"ZXRB22001001"' in terminals
    assert "ready" in reader.follow("operations")

    command_line = reader.follow("command line")
    assert "alice" in command_line
    assert "match" in command_line


@pytest.mark.slow
def test_a_camera_as_the_readme_schedules_it(
    reader: Reader,
    rtsp_server: RtspServer,  # noqa: F811
    walk_in_clip: Path,  # noqa: F811
    telegram: BotApiServer,
) -> None:
    reader.follow("persons")
    # The same photos are user 1 of the attendance door's example.
    httpx.delete(f"{reader.url}/face/1", trust_env=False)
    address = rtsp_server.show("/front-door", walk_in_clip)
    surroundings = {"CAMERA": address, "BOT": BOT_TOKEN, "CHAT": CHAT_ID}
    told = replace(reader, environment={**reader.environment, **surroundings}).follow("cameras")
    assert '"camera_nickname":"FrontDoor"' in told.replace(" ", "")
    assert '"state":"live"' in told.replace(" ", "")
    (message,) = telegram.wait_for_messages(1, 30.0)
    assert "alice" in message.text
    assert message.photo is not None
    assert BOT_TOKEN not in told
