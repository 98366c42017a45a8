from pathlib import Path

from tests.protocols.in_process import ELSEWHERE, InProcessClient
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.whole_server import whole_server


def test_one_request_too_many_hears_when_to_come_back(tmp_path: Path) -> None:
    settings = {"access.requests_per_minute_per_address": "3"}
    with whole_server(tmp_path / "data", settings) as server:
        assert all(server.client.get("/v1/models").status_code == 200 for _ in range(10))
        with InProcessClient(
            server.app, client=ELSEWHERE, base_url="http://192.0.2.1:8000", headers=server.headers
        ) as far_away:
            answers = [far_away.get("/v1/models") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert error_of(answers[3]) == (429, "rate_limited")
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
