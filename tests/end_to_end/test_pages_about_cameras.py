"""The examples of the pages about cameras, the history and their routes, pasted into a shell."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.bot_api.server import CHAT_ID, BotApiServer, bot_api
from tests.bot_api.server import TOKEN as BOT_TOKEN
from tests.end_to_end.server_process import ServerProcess, clean_environment
from tests.real_pictures import RealPictures
from tests.rtsp_server.fixtures import rtsp_server, walk_in_clip  # noqa: F401 - fixtures
from tests.rtsp_server.launcher import RtspServer

from facegate.adapters.model_files import CachedModelFiles

pytestmark = [pytest.mark.models, pytest.mark.slow]

DOCS = Path(__file__).parents[2] / "docs"
PASSWORD = "geheim-7"
BLOCK = re.compile(r"```bash\n(?P<lines>.*?)```", re.DOTALL)


class Page:
    """A server, a camera that shows somebody, and a shell."""

    def __init__(self, server: ServerProcess, camera: str, bot: BotApiServer) -> None:
        self.server = server
        self.camera = camera
        self.bot = bot

    def paste(self, page: str, since: str = "") -> str:
        """All blocks from this heading on in one shell; everything they print."""
        text = (DOCS / page).read_text(encoding="utf-8")
        lines = "\n".join(match["lines"] for match in BLOCK.finditer(text[text.index(since) :]))
        lines = lines.replace("http://127.0.0.1:8000", self.server.url)
        lines = lines.replace(".venv/bin/facegate", f"{sys.executable} -m facegate")
        environment = clean_environment(
            FACEGATE_STORAGE__DATA_FOLDER=str(self.server.data_folder),
            CAMERA=self.camera,
            BOT=BOT_TOKEN,
            CHAT=CHAT_ID,
            TOKEN=self.server.token,
            AUTH_TOKEN=self.server.token,
        )
        # Without -e: a stream that is cut off after five seconds is no success to curl.
        done = subprocess.run(
            ["bash", "-uo", "pipefail", "-c", lines],
            cwd=self.server.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        assert PASSWORD not in printed
        assert BOT_TOKEN not in printed
        assert "Traceback" not in printed
        assert "unbound variable" not in printed
        return printed


@pytest.fixture(scope="module")
def page(
    tmp_path_factory: pytest.TempPathFactory,
    model_files: CachedModelFiles,
    real_pictures: RealPictures,
    rtsp_server: RtspServer,  # noqa: F811
    walk_in_clip: Path,  # noqa: F811
) -> Iterator[Page]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    folder = tmp_path_factory.mktemp("pages")
    address = rtsp_server.show("/gate", walk_in_clip)
    with bot_api() as bot:
        server = ServerProcess(
            folder,
            {
                "FACEGATE_ALERTS__TELEGRAM_API_URL": bot.url,
                "FACEGATE_CAMERAS__ALLOWED_PLACES": "loopback",
            },
        )
        server.start()
        try:
            with server.client() as client:
                for subject_id, name in (("ada", "obama.jpg"), ("ada.l", "obama2.jpg")):
                    photo = real_pictures.path(name).read_bytes()
                    form = {"subject_id": subject_id}
                    answer = client.post("/v1/enrol", data=form, files={"image": (name, photo)})
                    assert answer.status_code == 201, answer.text
            yield Page(server, address.replace("rtsp://", f"rtsp://admin:{PASSWORD}@"), bot)
        finally:
            server.stop()


def get(page: Page, path: str) -> httpx.Response:
    with page.server.client() as client:
        return client.get(f"/v1{path}")


def test_cameras(page: Page) -> None:
    printed = page.paste("cameras.md")
    assert '"error":{' not in printed
    assert '"codec":"h264"' in printed
    names = [camera["nickname"] for camera in get(page, "/cameras").json()["cameras"]]
    assert names == ["FrontDoor", "Yard"]
    assert (page.server.folder / "preview.mjpeg").read_bytes().startswith(b"--facegate-frame")


def test_the_history(page: Page) -> None:
    printed = page.paste("events.md")
    assert "retry: 2000\n: listening" in printed
    kinds = re.findall(r'"error":\{"kind":"([a-z_]+)"', printed)
    # Nothing waited for a review.
    assert kinds == ["event_not_found"] * 3
    assert (page.server.folder / "ada.csv").read_text().startswith("event_id,")


def test_routes(page: Page) -> None:
    printed = page.paste("protocols/rest_v1.md", "## Cameras")
    assert '"sent":true' in printed
    assert '"moved_count":1' in printed
    assert '"bin_edges"' in printed
    kinds = re.findall(r'"error":\{"kind":"([a-z_]+)"', printed)
    # The first picture may not be there yet when it is asked for.
    assert set(kinds) <= {"camera_failed"}
    assert [one.chat_id for one in page.bot.sent] == [CHAT_ID]


def test_the_persons_door(page: Page) -> None:
    printed = page.paste("protocols/persons.md", "## Cameras")
    scheduled = json.loads(printed[printed.index('{"scheduled"') :].split("}]}")[0] + "}]}")
    assert [one["camera_nickname"] for one in scheduled["scheduled"]] == ["Cam01", "Cam02"]
    assert "no camera has this id" in printed
