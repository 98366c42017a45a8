"""Figures of the server, who gets in at the newer routes, and what a browser's preflight is told."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.protocols.in_process import ELSEWHERE, InProcessClient
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import CameraServer

import facegate
from facegate.domain.access import Door

NEWER = (
    "/v1/cameras",
    "/v1/events",
    "/v1/alerts",
    "/v1/groups",
    "/v1/subject-groups",
    "/v1/subjects/merge",
    "/v1/matching",
    "/v1/system",
)


def newer_operations(cameras: CameraServer) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path with ids filled in, and description of each."""
    described: dict[str, Any] = cameras.server.client.get("/openapi.json").json()["paths"]
    found = []
    for path, operations in described.items():
        if path.startswith(NEWER):
            filled = path.replace("{event_id}", "0" * 32)
            for name in ("camera_id", "channel_id", "subject_id"):
                filled = filled.replace(f"{{{name}}}", "x")
            found += [(method.upper(), filled, operation) for method, operation in operations.items()]
    return found


def test_figures(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing()
    cameras.show(shown, until=lambda: cameras.status(camera)["state"] == "live")
    figures = cameras.ok(cameras.get("/system"))
    assert figures["version"] == facegate.__version__
    assert (figures["camera_count"], figures["cameras_live"]) == (1, 1)
    assert 0 < figures["memory_bytes"] < figures["machine_memory_bytes"]
    assert 0 < figures["machine_memory_free_bytes"] <= figures["machine_memory_bytes"]
    assert 0 < figures["disk_free_bytes"] <= figures["disk_total_bytes"]
    assert figures["uptime_s"] > 0
    assert figures["core_count"] >= 1
    assert figures["thread_count"] > 3
    assert figures["descriptor_count"] > 3
    assert figures["events_dropped"] == 0
    queues = {queue["name"]: queue for queue in figures["queues"]}
    assert set(queues) == {"engine", "store", "transfer", "readiness", "network"}
    # The call itself runs on one of them.
    assert queues["store"]["running"] == 1
    assert queues["engine"] == {"name": "engine", "threads": 2, "running": 0, "waiting": 0, "rejected": 0}
    assert cameras.ok(cameras.get("/system"))["cpu_percent"] >= 0


def test_nobody_gets_in_without_a_token_for_this_door(cameras: CameraServer) -> None:
    access = cameras.server.application.access
    other = access.create("other", doors=[Door.PERSONS]).secret
    with InProcessClient(cameras.server.app, client=ELSEWHERE) as stranger:
        for method, path, _ in newer_operations(cameras):
            for headers, expected in (
                ({}, (401, "not_authenticated")),
                ({"Authorization": "Bearer nonsense"}, (401, "not_authenticated")),
                ({"Authorization": f"Bearer {other}"}, (403, "not_permitted")),
            ):
                answer = stranger.request(method, path, headers=headers)
                assert error_of(answer) == expected, (method, path)
                assert (answer.status_code == 401) == ("www-authenticate" in answer.headers)


def test_methods_that_are_not_there(cameras: CameraServer) -> None:
    for method, path in (
        ("PUT", "/cameras"),
        ("DELETE", "/events"),
        ("POST", "/system"),
        ("GET", "/cameras/x/start"),
    ):
        answer = cameras.call(method, path)
        assert error_of(answer) == (405, "method_not_allowed")
        assert answer.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_browser_may_ask_for_every_method(cameras: CameraServer, method: str) -> None:
    headers = {
        "Origin": "http://localhost:8501",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answer = cameras.server.client.request("OPTIONS", "/v1/subject-groups/ann", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8501"
    assert method in answer.headers["access-control-allow-methods"]
    elsewhere = {**headers, "Origin": "https://elsewhere.example"}
    refused = cameras.server.client.request("OPTIONS", "/v1/subject-groups/ann", headers=elsewhere)
    assert "access-control-allow-origin" not in refused.headers


def test_the_description_of_the_newer_routes(cameras: CameraServer) -> None:
    operations = newer_operations(cameras)
    assert len(operations) == 35
    for method, path, operation in operations:
        assert {"401", "403", "429", "500", "503"} <= set(operation["responses"]), (method, path)
        assert operation["summary"]
        assert operation["security"] == [{"HTTPBearer": []}]


def test_metrics_of_a_whole_server(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing()
    cameras.show(shown, until=lambda: cameras.status(camera)["counts"]["analysed"] > 0)
    text = cameras.server.client.get("/metrics").text
    types = [line for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(types) == len(set(types))
    families = {family.name: family for family in text_string_to_metric_families(text)}
    states = {one.labels["state"]: one.value for one in families["facegate_cameras"].samples}
    assert (states["live"], states["down"]) == (1.0, 0.0)
    outcomes = {one.labels["outcome"]: one.value for one in families["facegate_camera_frames"].samples}
    assert outcomes["analysed"] > 0
    workers = {one.labels["workers"] for one in families["facegate_workers_threads"].samples}
    assert {"engine", "store", "transfer", "network"} <= workers
    assert camera["camera_id"] not in text
    assert "Gate" not in text
