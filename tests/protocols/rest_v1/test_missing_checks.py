from pathlib import Path

import pytest
from tests.protocols.rest_v1.calls import error_of, picture
from tests.protocols.whole_server import whole_server


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/enrol", {"subject_id": "ada", "check_liveness": "true"}),
        ("/v1/identify", {"check_liveness": "true"}),
        ("/v1/detect", {"check_liveness": "true"}),
        ("/v1/detect", {"find_phones": "true"}),
    ],
)
def test_a_check_that_cannot_run_never_passes_silently(
    tmp_path: Path, path: str, fields: dict[str, str]
) -> None:
    with whole_server(tmp_path / "data", has_checks=False) as server:
        answer = server.client.post(path, data=fields, files={"image": picture("ada")})
        assert error_of(answer) == (503, "capability_missing")
        assert "facegate models fetch" in answer.json()["error"]["message"]
        assert server.client.get("/v1/status").json()["missing_checks"] == ["liveness", "phones"]


def test_a_door_that_requires_liveness_checks_unasked(tmp_path: Path) -> None:
    settings = {"liveness.doors": "rest_v1", "engine.liveness": "true"}
    with whole_server(tmp_path / "data", settings) as server:
        (face,) = server.client.post("/v1/identify", files={"image": picture("ada")}).json()["faces"]
    assert face["liveness"]["is_live"] is True
