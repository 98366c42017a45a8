from typing import Any

import pytest
from tests.protocols.in_process import ELSEWHERE, InProcessClient
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.whole_server import Server


def _make(server: Server, **fields: object) -> dict[str, Any]:
    answer = server.client.post("/v1/tokens", json={"name": "kiosk", **fields})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_lives_from_its_making_to_its_end(server: Server) -> None:
    made = _make(server, doors=["rest_v1", "attendance"], expires_in_days=1.5)
    assert made["doors"] == ["attendance", "rest_v1"]
    status = server.client.get("/v1/status", headers=_bearer(made["secret"]))
    assert status.status_code == 200
    listed = server.client.get("/v1/tokens")
    assert made["token_id"] in [token["token_id"] for token in listed.json()["tokens"]]
    assert made["secret"] not in listed.text
    assert "hash" not in listed.text
    assert server.client.delete(f"/v1/tokens/{made['token_id']}").status_code == 204
    ended = server.client.get("/v1/status", headers=_bearer(made["secret"]))
    assert error_of(ended) == (401, "not_authenticated")
    assert error_of(server.client.delete(f"/v1/tokens/{made['token_id']}")) == (404, "token_not_found")


def test_a_token_of_the_settings_cannot_be_revoked(server: Server) -> None:
    assert error_of(server.client.delete("/v1/tokens/main")) == (404, "token_not_found")
    assert server.client.get("/v1/status").status_code == 200


def test_a_narrow_token_cannot_widen_itself(server: Server) -> None:
    narrow = _bearer(_make(server, doors=["rest_v1"])["secret"])
    for method, path in (("GET", "/v1/tokens"), ("POST", "/v1/tokens"), ("DELETE", "/v1/tokens/main")):
        answer = server.client.request(method, path, headers=narrow, json={"name": "wide"})
        assert error_of(answer) == (403, "not_permitted")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": 5},
        {"name": "x", "doors": ["cellar"]},
        {"name": "x", "doors": "rest_v1"},
        {"name": "x", "expires_in_days": 0},
        {"name": "x", "expires_in_days": -1},
        {"name": "x", "expires_in_days": 1e9},
        {"name": "x", "expires_in_days": "1"},
        {"name": "x", "secret": "fg_mine"},
    ],
)
def test_wrong_tokens_are_input_errors(server: Server, body: dict[str, object]) -> None:
    assert error_of(server.client.post("/v1/tokens", json=body)) == (422, "invalid_input")


def _routes(server: Server) -> list[tuple[str, str]]:
    paths = server.app.openapi()["paths"]
    return [
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, methods in paths.items()
        if path.startswith("/v1/")
        for method in methods
    ]


def test_every_route_of_v1_needs_a_token_for_it(server: Server) -> None:
    elsewhere = _bearer(_make(server, doors=["attendance"])["secret"])
    routes = _routes(server)
    assert len(routes) >= 20
    for client_address, base_url in (
        (("127.0.0.1", 1), "http://127.0.0.1:8000"),
        (ELSEWHERE, "http://192.0.2.1:8000"),
    ):
        with InProcessClient(server.app, client=client_address, base_url=base_url) as anybody:
            for method, path in routes:
                answer = anybody.request(method, path)
                assert error_of(answer) == (401, "not_authenticated")
                assert answer.headers["www-authenticate"] == "Bearer"
                assert error_of(anybody.request(method, path, headers=elsewhere)) == (403, "not_permitted")
