import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.protocols.in_process import ELSEWHERE, InProcessClient
from tests.protocols.rest_v1.calls import enrol, error_of
from tests.protocols.whole_server import Server


def _samples(server: Server) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_alive_needs_no_token_from_anywhere(server: Server) -> None:
    with InProcessClient(server.app, client=ELSEWHERE, base_url="http://192.0.2.1") as anybody:
        answer = anybody.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


def test_ready_names_what_was_tried_and_what_is_missing(server: Server) -> None:
    answer = server.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    checks = [(check["name"], check["ok"], check["problem"]) for check in answer.json()["checks"]]
    assert checks == [(name, True, None) for name in ("detector", "embedder", "search", "store")]
    assert answer.json()["missing_checks"] == ["liveness", "phones"]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_the_others_need_a_token(server: Server, path: str) -> None:
    with InProcessClient(server.app) as anybody:
        refused = anybody.get(path)
    assert refused.status_code == 401
    assert refused.json()["error"]["kind"] == "not_authenticated"
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_description_is_free_on_this_machine_alone(server: Server, path: str) -> None:
    with InProcessClient(server.app) as here:
        assert here.get(path).status_code == 200
    with InProcessClient(server.app, client=ELSEWHERE, base_url="http://192.0.2.1") as anybody:
        assert anybody.get(path).status_code == 401
        assert anybody.get(path, headers=server.headers).status_code == 200


def test_the_docs_page_lists_everything_even_where_no_script_can_be_loaded(server: Server) -> None:
    page = server.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path in server.app.openapi()["paths"]:
        assert f" {path}</code>" in page.text
    assert "SwaggerUIBundle" in page.text


def test_metrics_count_requests_by_route_and_hold_nothing_personal(server: Server) -> None:
    enrol(server, "ada-lovelace")
    server.client.get("/v1/subjects/ada-lovelace")
    error_of(server.client.get("/v1/subjects/nobody-here"))
    text = server.client.get("/metrics").text
    assert "ada-lovelace" not in text
    assert "nobody-here" not in text
    assert server.application.token.secret not in text
    samples = _samples(server)
    labels = {"door": "rest_v1", "method": "GET", "route": "/v1/subjects/{subject_id:id}"}
    for status in ("200", "404"):
        key = tuple(sorted({**labels, "status": status}.items()))
        assert samples["facegate_requests_total", key] == 1
    assert samples["facegate_subjects", ()] == 1
    assert samples["facegate_searched_templates", ()] == 1
    assert samples["facegate_templates", (("model_id", "sface-2021dec"),)] == 1
    assert samples["facegate_workers_threads", (("workers", "engine"),)] == 2
    assert samples["facegate_workers_waiting", (("workers", "engine"),)] == 0
    assert samples["facegate_workers_rejected_total", (("workers", "store"),)] == 0
    assert samples["process_resident_memory_bytes", ()] > 0


def test_the_description_names_every_door_and_its_token(server: Server) -> None:
    described = server.client.get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("description"), (method, path)
            if path.startswith("/v1/"):
                assert operation["security"] == [{"HTTPBearer": []}], (method, path)
                assert {"401", "403", "429", "500", "503"} <= operation["responses"].keys(), (method, path)
