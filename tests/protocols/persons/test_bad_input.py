"""Bad requests at the persons door: the right status, `{"detail": ...}`, nothing kept."""

from pathlib import Path
from typing import Any

import pytest
from tests.protocols.bad_pictures import HUGE_HEADER, ODD_IDS, THIRTY_MEGABYTES, UNREADABLE
from tests.protocols.contract_doors import MAX_IMAGE_BYTES, DoorOptions, Doors, open_doors
from tests.protocols.drawn_faces import picture_of
from tests.protocols.in_process import ELSEWHERE

from facegate.domain.access import Door

Files = list[tuple[str, tuple[str, bytes]]]

ONE_FACE: Files = [("image", ("a.png", picture_of(1)))]


def post(doors: Doors, fields: dict[str, str], files: Files | None = None) -> tuple[int, Any]:
    response = doors.client.post("/person", data=fields, files=files, headers=doors.bearer)
    return response.status_code, response.json()


def is_problem(answer: tuple[int, Any], field: str, kind: str) -> bool:
    """Whether the answer names this one field, as FastAPI servers do."""
    status, body = answer
    assert status == 422
    assert set(body) == {"detail"}
    (problem,) = body["detail"]
    assert set(problem) == {"type", "loc", "msg"}
    return bool((problem["loc"], problem["type"]) == (["body", field], kind))


@pytest.mark.parametrize(
    ("fields", "files", "field"),
    [
        ({}, None, "action"),
        ({"action": " "}, None, "action"),
        ({"action": "add"}, None, "image"),
        ({"action": "retrieve"}, None, "image"),
        ({"action": "remove"}, None, "person_id"),
        ({"action": "remove", "person_id": ""}, None, "person_id"),
    ],
)
def test_missing_fields(doors: Doors, fields: dict[str, str], files: Files | None, field: str) -> None:
    assert is_problem(post(doors, fields, files), field, "missing")


def test_an_unknown_action_is_told_the_known_ones(doors: Doors) -> None:
    answer = post(doors, {"action": "train"})
    assert is_problem(answer, "action", "value_error")
    known = "unknown action; known ones are add, retrieve, remove, camera_status"
    assert answer[1]["detail"][0]["msg"] == known


@pytest.mark.parametrize("person_id", ["x" * 10_000, "a\x00b", "..", "a\nb"])
@pytest.mark.parametrize("action", ["add", "remove"])
def test_ids_that_nobody_can_have(doors: Doors, action: str, person_id: str) -> None:
    answer = post(doors, {"action": action, "person_id": person_id}, ONE_FACE)
    assert is_problem(answer, "person_id", "value_error")
    assert doors.gallery.counts().subject_count == 0


@pytest.mark.parametrize("person_id", ODD_IDS)
def test_odd_ids(doors: Doors, person_id: str) -> None:
    assert post(doors, {"action": "add", "person_id": person_id}, ONE_FACE)[1]["person_id"] == person_id
    assert post(doors, {"action": "retrieve"}, ONE_FACE)[1]["person_id"] == person_id
    assert post(doors, {"action": "remove", "person_id": person_id})[0] == 200


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (UNREADABLE["not an image"], 400),
        (UNREADABLE["truncated JPEG"], 400),
        (b"", 400),
        (UNREADABLE["GIF"], 415),
        (HUGE_HEADER, 413),
        (bytes(MAX_IMAGE_BYTES + 1), 413),
        (bytes(THIRTY_MEGABYTES), 413),
    ],
    ids=["not an image", "truncated", "0 bytes", "GIF", "50,000 x 50,000", "too many bytes", "30 MB"],
)
def test_pictures_that_cannot_be_read(doors: Doors, content: bytes, status: int) -> None:
    answer = post(doors, {"action": "retrieve"}, [("image", ("a.jpg", content))])
    assert answer[0] == status
    assert set(answer[1]) == {"detail"}
    assert isinstance(answer[1]["detail"], str)


def test_one_file_too_large_among_good_ones_is_rejected_alone(doors: Doors) -> None:
    files = [("image", ("big.png", bytes(MAX_IMAGE_BYTES + 1))), *ONE_FACE]
    status, body = post(doors, {"action": "add", "person_id": "alice"}, files)
    assert (status, body["added"]) == (200, 1)
    assert body["rejected"] == [{"file": "big.png", "reason": "the picture is larger than 2.0 MiB"}]


def test_two_pictures_to_retrieve(doors: Doors) -> None:
    assert is_problem(post(doors, {"action": "retrieve"}, ONE_FACE * 2), "image", "value_error")


def test_a_picture_as_text_and_an_action_as_file(doors: Doors) -> None:
    assert is_problem(post(doors, {"action": "retrieve", "image": "abc"}), "image", "value_error")
    assert is_problem(post(doors, {}, [("action", ("add", b"add"))]), "action", "value_error")


@pytest.mark.parametrize(
    ("content", "content_type", "kind"),
    [
        (b"", "", "missing"),
        (b'{"action": "remove", "person_id": "a"}', "application/json", "missing"),
    ],
)
def test_no_form_at_all(doors: Doors, content: bytes, content_type: str, kind: str) -> None:
    headers = {**doors.bearer, **({"Content-Type": content_type} if content_type else {})}
    response = doors.client.post("/person", content=content, headers=headers)
    assert is_problem((response.status_code, response.json()), "action", kind)


def test_a_broken_form(doors: Doors) -> None:
    headers = {**doors.bearer, "Content-Type": "multipart/form-data; boundary=xx"}
    response = doors.client.post("/person", content=b"nonsense", headers=headers)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body"]


def test_too_many_files(doors: Doors) -> None:
    status, body = post(doors, {"action": "add"}, [("image", (f"{n}.png", b"x")) for n in range(101)])
    assert (status, set(body)) == (422, {"detail"})


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer", ""])
def test_a_token_is_needed_even_on_this_machine(doors: Doors, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    calls: list[tuple[str, str]] = [("GET", "/persons"), ("POST", "/person"), ("POST", "/cameras/schedule")]
    for method, path in calls:
        response = doors.client.request(method, path, headers=headers)
        assert response.status_code == 401
        assert isinstance(response.json()["detail"], str)
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_for_another_door(tmp_path: Path) -> None:
    with open_doors(DoorOptions(data_folder=tmp_path), client=ELSEWHERE) as doors:
        headers = doors.bearer_for(Door.ATTENDANCE)
        response = doors.client.get("/persons", headers=headers)
        assert (response.status_code, set(response.json())) == (403, {"detail"})
        assert doors.client.get("/health", headers=headers).status_code == 200


def test_a_full_queue_is_answered_at_once(tmp_path: Path) -> None:
    with open_doors(DoorOptions(data_folder=tmp_path, thread_count=1, max_waiting=0)) as doors:
        responses = doors.client.many(
            "POST", "/person", 12, data={"action": "retrieve"}, files=ONE_FACE, headers=doors.bearer
        )
        refused = [response for response in responses if response.status_code == 503]
        assert refused
        assert all(set(response.json()) == {"detail"} for response in refused)
        assert all(int(response.headers["Retry-After"]) >= 1 for response in refused)
