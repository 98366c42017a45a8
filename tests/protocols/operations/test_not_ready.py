import asyncio
import threading
from pathlib import Path

import httpx
import pytest
from tests.protocols.in_process import LOCAL
from tests.protocols.rest_v1.calls import enrol, picture
from tests.protocols.whole_server import whole_server

from facegate.domain.errors import EngineFailed
from facegate.domain.images import DetectedFace, Frame, SmallLook


def test_a_broken_part_makes_it_503_and_is_named(tmp_path: Path) -> None:
    with whole_server(tmp_path / "data") as server:
        server.detector.failure = EngineFailed("the runtime broke")
        answer = server.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    failed = [check for check in answer.json()["checks"] if not check["ok"]]
    assert [(check["name"], check["problem"]) for check in failed] == [("detector", "the runtime broke")]


def test_a_server_that_is_merely_busy_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, started = threading.Event(), threading.Semaphore(0)
    with whole_server(tmp_path / "data", {"engine.workers": "1", "engine.max_waiting": "0"}) as server:
        detect = server.detector.detect

        def held_up(frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
            if threading.current_thread().name.startswith("engine"):
                started.release()
                release.wait(10)
            return detect(frame, seen)

        monkeypatch.setattr(server.detector, "detect", held_up)

        async def scenario() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
            transport = httpx.ASGITransport(server.app, client=LOCAL)
            base_url = "http://127.0.0.1:8000"
            async with httpx.AsyncClient(
                transport=transport, base_url=base_url, headers=server.headers
            ) as client:
                files = {"image": picture("ada")}
                working = asyncio.ensure_future(client.post("/v1/identify", files=files))
                await asyncio.to_thread(started.acquire, timeout=10)
                refused = await client.post("/v1/identify", files=files)
                ready = await client.get("/readyz")
                release.set()
                return refused, ready, await working

        refused, ready, answered = asyncio.run(scenario())
    assert (refused.status_code, ready.status_code, answered.status_code) == (503, 200, 200)
    assert ready.json()["ready"] is True


def test_metrics_survive_a_store_that_is_closed(tmp_path: Path) -> None:
    with whole_server(tmp_path / "data") as server:
        enrol(server, "ada")
        server.application.store.close()
        answer = server.client.get("/metrics")
    assert answer.status_code == 200
    assert "facegate_searched_templates 1.0" in answer.text
    assert "facegate_subjects" not in answer.text
