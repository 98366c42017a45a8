from pathlib import Path

from tests.protocols.rest_v1.calls import enrol
from tests.protocols.whole_server import whole_server

from facegate.domain.errors import EngineFailed


def test_a_broken_part_makes_it_503_and_is_named(tmp_path: Path) -> None:
    with whole_server(tmp_path / "data") as server:
        server.detector.failure = EngineFailed("the runtime broke")
        answer = server.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    failed = [check for check in answer.json()["checks"] if not check["ok"]]
    assert [(check["name"], check["problem"]) for check in failed] == [("detector", "the runtime broke")]


def test_metrics_survive_a_store_that_is_closed(tmp_path: Path) -> None:
    with whole_server(tmp_path / "data") as server:
        enrol(server, "ada")
        server.application.store.close()
        answer = server.client.get("/metrics")
    assert answer.status_code == 200
    assert "facegate_searched_templates 1.0" in answer.text
    assert "facegate_subjects" not in answer.text
