"""A real small server over HTTP, and the page run in this process as Streamlit's own tests do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.unit.page.small_server import SmallServer, small_server

from facegate.page import launch
from facegate.page.launch import MAY_CHOOSE_NAME, SERVER_NAME, TOKEN_NAME

TIMEOUT_S = 30

_APP_FILE = Path(launch.__file__).with_name("app.py")

OpenView = Callable[[str], AppTest]


@pytest.fixture(scope="session")
def _page_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallServer]:
    with small_server(tmp_path_factory.mktemp("page") / "data") as server:
        yield server


@pytest.fixture
def page_server(_page_server: SmallServer) -> SmallServer:
    """A server with an empty gallery."""
    with _client(_page_server) as client:
        for subject in client.get("/subjects").json()["subjects"]:
            client.delete(f"/subjects/{quote(subject['subject_id'], safe='')}").raise_for_status()
    return _page_server


@pytest.fixture
def v1(page_server: SmallServer) -> Iterator[httpx.Client]:
    """The server as any client of /v1 has it, to set the scene and to look what the page did."""
    with _client(page_server) as client:
        yield client


@pytest.fixture
def open_page(page_server: SmallServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """The whole page before its first run; with `token` it begins signed in."""

    def open_it(token: str | None = page_server.token, *, may_choose: bool = True) -> AppTest:
        monkeypatch.setenv(SERVER_NAME, page_server.url)
        monkeypatch.setenv(MAY_CHOOSE_NAME, "1" if may_choose else "0")
        if token is None:
            monkeypatch.delenv(TOKEN_NAME, raising=False)
        else:
            monkeypatch.setenv(TOKEN_NAME, token)
        return AppTest.from_file(_APP_FILE, default_timeout=TIMEOUT_S)

    return open_it


@pytest.fixture
def open_view(page_server: SmallServer, monkeypatch: pytest.MonkeyPatch) -> OpenView:
    """One view, signed in, after its first run."""

    def open_it(name: str) -> AppTest:
        monkeypatch.setenv(SERVER_NAME, page_server.url)
        monkeypatch.setenv(TOKEN_NAME, page_server.token)
        shown = AppTest.from_function(_only, default_timeout=TIMEOUT_S, args=(name,))
        shown.run()
        assert not shown.exception
        return shown

    return open_it


def _only(name: str) -> None:
    from importlib import import_module

    from facegate.page import look, session

    session.begin()
    with look.plain_troubles():
        import_module(f"facegate.page.views.{name}").show()


def _client(server: SmallServer) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/v1",
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=TIMEOUT_S,
        trust_env=False,
    )
