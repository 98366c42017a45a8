import pytest
from tests.fakes.engine import FakeFace
from tests.protocols.rest_v1.calls import enrol, picture
from tests.protocols.whole_server import Server


def test_status_counts_what_is_there(server: Server) -> None:
    enrol(server, "ada", 0, 1)
    status = server.client.get("/v1/status").json()
    assert (status["subject_count"], status["template_count"]) == (1, 2)
    assert status["templates_by_model"] == {status["model_id"]: 2}
    assert status["searched_template_count"] == 2
    assert status["missing_checks"] == []
    assert [pool["name"] for pool in status["workers"]] == ["engine", "store", "transfer"]


def test_calibration_shows_the_curve_and_what_a_match_needs(server: Server) -> None:
    shown = server.client.get("/v1/calibration").json()
    assert shown["model_id"] == "sface-2021dec"
    assert len(shown["similarities"]) == len(shown["log10_false_match_rates"]) > 10
    assert shown["min_search_similarity"] == pytest.approx(0.39, abs=0.02)
    for number in range(5):
        enrol(server, f"person {number}")
    assert server.client.get("/v1/calibration").json()["searched_template_count"] == 5


def test_models_are_listed(server: Server) -> None:
    models = server.client.get("/v1/models").json()["models"]
    assert models
    assert {"model_id", "task", "is_ready", "is_optional", "licence", "size_bytes"} == models[0].keys()


def test_the_nightly_work_can_be_done_now(server: Server) -> None:
    enrol(server, "ada")
    lookalike = server.client.post(
        "/v1/enrol", data={"subject_id": "bob"}, files={"image": picture(FakeFace("ada", 7))}
    )
    assert lookalike.status_code == 201
    done = server.client.post("/v1/maintenance")
    assert done.status_code == 200
    report = done.json()["report"]
    assert report["index_agreed"] is True
    assert report["indexed_template_count"] == 2
    assert {outlier["lookalike_id"] for outlier in report["outliers"]} == {"ada", "bob"}
    assert server.client.get("/v1/maintenance").json()["report"] == report
