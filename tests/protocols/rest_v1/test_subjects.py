import json
from urllib.parse import quote

import pytest
from tests.protocols.bad_pictures import IMPOSSIBLE_IDS, ODD_IDS
from tests.protocols.rest_v1.calls import enrol, error_of, identify, picture
from tests.protocols.whole_server import Server


def _path(subject_id: str) -> str:
    return "/v1/subjects/" + quote(subject_id, safe="")


@pytest.mark.parametrize("subject_id", ODD_IDS)
def test_any_possible_id_works_on_every_route(server: Server, subject_id: str) -> None:
    assert enrol(server, subject_id).status_code == 201
    shown = server.client.get(_path(subject_id)).json()
    assert shown["subject_id"] == subject_id
    assert len(shown["templates"]) == 1
    renamed = server.client.patch(_path(subject_id), json={"display_name": "Somebody"})
    assert renamed.json()["display_name"] == "Somebody"
    assert server.client.get("/v1/subjects").json()["subjects"][0]["subject_id"] == subject_id
    removed = server.client.delete(_path(subject_id))
    assert (removed.status_code, removed.content) == (204, b"")
    assert error_of(server.client.get(_path(subject_id))) == (404, "subject_not_found")


@pytest.mark.parametrize("subject_id", IMPOSSIBLE_IDS)
def test_impossible_ids_are_input_errors(server: Server, subject_id: str) -> None:
    assert error_of(enrol(server, subject_id)) == (422, "invalid_input")
    by_json = server.client.post("/v1/verify", json={"subject_id": subject_id, "image": "aGk="})
    assert error_of(by_json) == (422, "invalid_input")
    if subject_id not in {".", "..", ""}:  # clients fold these away before they send them
        for method in ("GET", "DELETE"):
            answer = server.client.request(method, _path(subject_id))
            assert error_of(answer) == (422, "invalid_input")


@pytest.mark.parametrize("subject_id", [True, None, 1.5, ["ada"], {"id": "ada"}, "\ud800"])
def test_ids_of_other_types_are_input_errors(server: Server, subject_id: object) -> None:
    content = json.dumps({"subject_id": subject_id, "image": "aGk="})
    answer = server.client.post("/v1/verify", content=content, headers={"content-type": "application/json"})
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] in {"subject_id", "body"}


def test_pages_follow_each_other_without_gap_or_repetition(server: Server) -> None:
    names = sorted(f"person {number:02}" for number in range(7))
    for name in reversed(names):
        enrol(server, name)
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "3"} | ({"after": after} if after else {})
        page = server.client.get("/v1/subjects", params=params).json()
        seen.extend(subject["subject_id"] for subject in page["subjects"])
        after = page["next_after"]
        if after is None:
            break
        assert len(page["subjects"]) == 3
    assert seen == names


def test_a_page_can_be_searched(server: Server) -> None:
    enrol(server, "ada", display_name="Countess")
    enrol(server, "bob")
    for text, expected in (("count", ["ada"]), ("bo", ["bob"]), ("zz", []), ("%", [])):
        found = server.client.get("/v1/subjects", params={"containing": text}).json()["subjects"]
        assert [subject["subject_id"] for subject in found] == expected


@pytest.mark.parametrize(
    "params",
    [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"after": "a\x00"}, {"containing": "\x1b"}],
)
def test_wrong_pages_name_the_field(server: Server, params: dict[str, str]) -> None:
    answer = server.client.get("/v1/subjects", params=params)
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == next(iter(params))


def test_removing_a_template_keeps_the_person(server: Server) -> None:
    template_id = enrol(server, "ada").json()["accepted"][0]["template_id"]
    assert server.client.delete(f"/v1/templates/{template_id}").status_code == 204
    assert error_of(server.client.delete(f"/v1/templates/{template_id}")) == (404, "template_not_found")
    assert server.client.get("/v1/subjects/ada").json()["templates"] == []
    assert identify(server, picture("ada")).json()["faces"][0]["candidates"] == []
    verdict = server.client.post("/v1/verify", data={"subject_id": "ada"}, files={"image": picture("ada")})
    assert verdict.json()["faces"][0]["verification"] is None


def test_a_removed_person_is_a_stranger_at_once(server: Server) -> None:
    enrol(server, "ada")
    server.client.delete("/v1/subjects/ada")
    assert identify(server, picture("ada")).json()["faces"][0]["band"] == "unknown"
    assert server.client.get("/v1/status").json()["subject_count"] == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"display_name": 5}', b'{"name": "x"}', b"\xff"])
def test_a_wrong_new_name_is_an_input_error(server: Server, content: bytes) -> None:
    enrol(server, "ada")
    answer = server.client.patch("/v1/subjects/ada", content=content)
    assert error_of(answer) == (422, "invalid_input")
