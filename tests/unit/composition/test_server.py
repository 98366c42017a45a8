"""The web application as a whole: every door is there, behind the middleware, and it stops cleanly."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from tests.fakes.engine import FakeFace, fake_picture
from tests.protocols.in_process import InProcessClient
from tests.unit.composition.fake_application import TOKEN, fake_application

from facegate.composition.server import make_app
from facegate.domain.errors import GalleryInUse

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def local_client(folder: Path, **environ: str) -> Iterator[InProcessClient]:
    application = fake_application(folder, **environ)
    with InProcessClient(make_app(application)) as client:
        yield client
    application.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[InProcessClient]:
    with local_client(tmp_path) as started:
        yield started


async def start_and_stop(app: FastAPI, meanwhile: Callable[[], object] = lambda: None) -> None:
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0)
        meanwhile()


def test_every_documented_path_is_served(client: InProcessClient) -> None:
    paths = set(client.get("/openapi.json").json()["paths"])
    documented = {
        "/", "/persons", "/person", "/register-face", "/recognize", "/status/{user_id}", "/face/{user_id}",
        "/health", "/stats", "/livez", "/readyz", "/metrics", "/v1/enrol", "/v1/identify", "/v1/verify",
        "/v1/detect", "/v1/subjects", "/v1/tokens", "/v1/models", "/v1/status", "/v1/maintenance",
        "/v1/calibration", "/v1/export", "/v1/restore", "/v1/import/encodings",
    }  # fmt: skip
    assert documented <= {path.replace(":id}", "}") for path in paths}


def test_no_two_doors_want_the_same_path(tmp_path: Path) -> None:
    application = fake_application(tmp_path)
    wanted: Counter[tuple[str, str]] = Counter()
    for route in make_app(application).routes:
        if not isinstance(route, APIRoute):
            continue
        wanted.update((method, route.path) for method in route.methods or ())
    assert len(wanted) > 25
    assert [path for path, count in wanted.items() if count > 1] == []
    application.close()


def test_one_gallery_behind_all_doors(client: InProcessClient) -> None:
    photo = ("a.jpg", fake_picture(FakeFace("ann")), "image/jpeg")
    added = client.post(
        "/person", headers=BEARER, data={"action": "add", "person_id": "ann"}, files={"image": photo}
    )
    assert added.json()["added"] == 1
    seen = ("b.jpg", fake_picture(FakeFace("ann", 5)), "image/jpeg")
    assert (
        client.post("/v1/identify", headers=BEARER, files={"image": seen}).json()["faces"][0]["band"]
        == "match"
    )
    assert client.post("/", data={"user_id": "ann"}, files={"file": seen}).json()["match-status"] is True
    assert client.get("/status/ann").json()["registered"] is True


def test_unknown_paths_and_methods_are_json(client: InProcessClient) -> None:
    missing = client.get("/nothing/here")
    assert (missing.status_code, missing.json()["error"]["kind"]) == (404, "not_found")
    wrong = client.delete("/recognize")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert missing.headers["X-Request-ID"] == missing.json()["error"]["request_id"]


def test_no_redirect_goes_where_the_host_header_says(client: InProcessClient) -> None:
    for path in ("/persons/", "/v1/tokens/", "/docs/", "/recognize/"):
        answer = client.get(path, headers={**BEARER, "Host": "evil.example"})
        assert answer.status_code in {404, 405}, path
        assert "location" not in answer.headers


def test_a_browser_is_shown_to_the_docs(client: InProcessClient) -> None:
    shown = client.get("/")
    assert (shown.status_code, shown.headers["location"]) == (307, "docs")
    assert client.get("/", headers={"Host": "facegate.example.com"}).status_code == 401
    wrong = client.delete("/")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST")
    assert client.post("/").json()["error-status"] == 1


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_probes_may_ask_for_the_head_alone(client: InProcessClient, path: str) -> None:
    asked, whole = (client.request(method, path, headers=BEARER) for method in ("HEAD", "GET"))
    assert (asked.status_code, whole.status_code) == (200, 200)
    assert asked.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/status/%ff", 400),
        ("DELETE", "/face/a%ff%fe", 400),
        ("GET", "/v1/subjects/%ff", 422),
        ("DELETE", "/v1/subjects/%c3%28", 422),
        ("DELETE", "/v1/templates/%ff", 404),
        ("GET", "/status/%C3%A4", 200),
    ],
)
def test_paths_that_are_no_utf8_name_nobody(
    client: InProcessClient, method: str, path: str, status: int
) -> None:
    assert client.request(method, path, headers=BEARER).status_code == status


def test_pages_on_this_machine_may_call_others_may_not(client: InProcessClient) -> None:
    for origin, is_allowed in (
        ("http://localhost:5173", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:8443", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
    ):
        asked = client.request(
            "OPTIONS", "/recognize", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert (asked.headers.get("access-control-allow-origin") == origin) is is_allowed, origin
        assert "access-control-allow-credentials" not in asked.headers


def test_listed_origins_may_call(tmp_path: Path) -> None:
    with local_client(tmp_path, FACEGATE_SERVER__CORS_ORIGINS="https://hr.example.com") as client:
        answer = client.get("/health", headers={"Origin": "https://hr.example.com"})
        assert answer.headers["access-control-allow-origin"] == "https://hr.example.com"


def test_too_large_a_body_is_refused_in_the_doors_own_form(tmp_path: Path) -> None:
    with local_client(tmp_path, FACEGATE_SERVER__MAX_REQUEST_BYTES="2048") as client:
        answer = client.post("/recognize", json={"photo": "x" * 4096})
        assert answer.status_code == 413
        assert answer.json()["success"] is False


def test_docs_are_free_on_this_machine_alone(client: InProcessClient, tmp_path: Path) -> None:
    assert client.get("/docs").status_code == 200
    foreign = {"Host": "facegate.example.com"}
    assert client.get("/docs", headers=foreign).status_code == 401
    assert client.get("/openapi.json", headers=foreign).status_code == 401
    assert client.get("/openapi.json", headers={**foreign, **BEARER}).status_code == 200
    assert client.get("/redoc").status_code == 404


def test_loopback_opens_nothing_where_the_operator_says_so(tmp_path: Path) -> None:
    with local_client(tmp_path, FACEGATE_ACCESS__TRUST_LOOPBACK="false") as client:
        assert client.get("/health").status_code == 403
        assert client.get("/docs").status_code == 401
        assert client.get("/health", headers=BEARER).status_code == 200


def test_operations_need_a_token_but_for_livez(client: InProcessClient) -> None:
    assert client.get("/livez").status_code == 200
    for path in ("/readyz", "/metrics"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=BEARER).status_code == 200


def test_requests_are_counted_by_route_and_not_by_path(client: InProcessClient) -> None:
    client.get("/status/somebody-private")
    metrics = client.get("/metrics", headers=BEARER).text
    assert "/status/{user_id" in metrics
    assert "somebody-private" not in metrics


def test_stopping_closes_the_gallery_and_frees_the_folder(tmp_path: Path) -> None:
    def folder_is_held() -> None:
        with pytest.raises(GalleryInUse):
            fake_application(tmp_path)

    asyncio.run(start_and_stop(make_app(fake_application(tmp_path)), folder_is_held))
    fake_application(tmp_path).close()


@pytest.mark.parametrize("is_enabled", ["true", "false"])
def test_the_nightly_work_can_be_switched_off(
    tmp_path: Path, is_enabled: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    application = fake_application(tmp_path, FACEGATE_NIGHTLY__ENABLED=is_enabled)
    asyncio.run(start_and_stop(make_app(application)))
    assert ("nightly work is due" in caplog.text) is (is_enabled == "true")
