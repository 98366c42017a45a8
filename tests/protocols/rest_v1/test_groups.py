"""Groups of persons over /v1."""

from typing import Any

import pytest
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import CameraServer


def put(cameras: CameraServer, subject_id: str, groups: list[str]) -> list[str]:
    answer = cameras.ok(cameras.call("PUT", f"/subject-groups/{subject_id}", {"groups": groups}))
    return list(answer["groups"])


def test_a_person_in_groups(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    cameras.enrol("bob")
    assert cameras.ok(cameras.get("/groups")) == {"groups": []}
    assert cameras.ok(cameras.get("/subject-groups/ann")) == {"subject_id": "ann", "groups": []}
    assert put(cameras, "ann", [" staff ", "ground floor", "staff"]) == ["ground floor", "staff"]
    assert put(cameras, "bob", ["staff"]) == ["staff"]
    assert cameras.ok(cameras.get("/groups"))["groups"] == [
        {"name": "ground floor", "subject_count": 1},
        {"name": "staff", "subject_count": 2},
    ]
    assert put(cameras, "ann", []) == []
    assert cameras.ok(cameras.get("/groups"))["groups"] == [{"name": "staff", "subject_count": 1}]
    assert cameras.call("DELETE", "/subjects/bob").status_code == 204
    assert cameras.ok(cameras.get("/groups")) == {"groups": []}


@pytest.mark.parametrize("subject_id", ["a/b", "groups", "Anna 😀", "42"])
def test_ids_of_every_kind(cameras: CameraServer, subject_id: str) -> None:
    cameras.enrol(subject_id)
    assert put(cameras, subject_id, ["x"]) == ["x"]
    assert cameras.ok(cameras.get(f"/subject-groups/{subject_id}"))["subject_id"] == subject_id


def test_nobody(cameras: CameraServer) -> None:
    assert error_of(cameras.get("/subject-groups/nobody")) == (404, "subject_not_found")
    answer = cameras.call("PUT", "/subject-groups/nobody", {"groups": ["x"]})
    assert error_of(answer) == (404, "subject_not_found")
    assert error_of(cameras.get("/subject-groups/a%00b")) == (422, "invalid_input")


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        [],
        {"groups": None},
        {"groups": "staff"},
        {"groups": [5]},
        {"groups": [""]},
        {"groups": ["a\nb"]},
        {"groups": ["x" * 65]},
        {"groups": [str(number) for number in range(51)]},
        {"groups": [], "colour": 1},
    ],
    ids=lambda body: str(body)[:60],
)
def test_wrong_groups(cameras: CameraServer, body: Any) -> None:
    cameras.enrol("ann")
    put(cameras, "ann", ["before"])
    assert error_of(cameras.call("PUT", "/subject-groups/ann", body)) == (422, "invalid_input")
    assert cameras.ok(cameras.get("/subject-groups/ann"))["groups"] == ["before"]
