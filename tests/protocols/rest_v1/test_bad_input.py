import json

import pytest
from tests.protocols.rest_v1.calls import base64_of, enrol, error_of, identify, picture
from tests.protocols.whole_server import Server

_PATHS = ("/v1/enrol", "/v1/identify", "/v1/verify", "/v1/detect")


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"null", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 5000, "application/json"),
        (b'{"image": "aGk=", "max_candidates": NaN, "min_quality": NaN}', "application/json"),
        (b"subject_id=ada", "application/x-www-form-urlencoded"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"anything", "multipart/form-data"),
        (b"--x\r\nno colon\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=image\r\n\r\nhalf", "multipart/form-data; boundary=x"),
        (b"", ""),
    ],
)
def test_broken_bodies_are_input_errors(server: Server, path: str, content: bytes, content_type: str) -> None:
    answer = server.client.post(path, content=content, headers={"content-type": content_type})
    assert error_of(answer) == (422, "invalid_input")


@pytest.mark.parametrize(
    "image", ["", "!!!", "data:image/jpeg;base64,", "data:image/jpeg,abc", 5, None, True, ["aGk="], {}]
)
def test_wrong_base64_names_the_field(server: Server, image: object) -> None:
    answer = server.client.post("/v1/identify", json={"image": image})
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == "image"


@pytest.mark.parametrize("subject_id", [-1, 1.5, True, [], "", " "])
def test_wrong_ids_name_the_field(server: Server, subject_id: object) -> None:
    body = {"subject_id": subject_id, "images": [base64_of(picture("ada"))]}
    answer = server.client.post("/v1/enrol", json=body)
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == "subject_id"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/identify", {"max_candidates": "0"}),
        ("/v1/identify", {"max_candidates": "many"}),
        ("/v1/identify", {"max_candidates": "1e999"}),
        ("/v1/identify", {"only_largest": "perhaps"}),
        ("/v1/identify", {"colour": "red"}),
        ("/v1/enrol", {"subject_id": "ada", "min_quality": "NaN"}),
        ("/v1/enrol", {"subject_id": "ada", "min_quality": "inf"}),
        ("/v1/enrol", {"subject_id": "ada", "min_quality": "-0.1"}),
        ("/v1/enrol", {"subject_id": "ada", "display_name": "x" * 201}),
        ("/v1/enrol", {"subject_id": "ada", "display_name": "a\x00b"}),
        ("/v1/enrol", {}),
        ("/v1/verify", {}),
    ],
)
def test_wrong_fields_are_input_errors(server: Server, path: str, fields: dict[str, str]) -> None:
    answer = server.client.post(path, data=fields, files={"image": picture("ada")})
    assert error_of(answer) == (422, "invalid_input")
    assert server.client.get("/v1/status").json()["subject_count"] == 0


def test_a_field_twice_and_a_file_elsewhere_are_input_errors(server: Server) -> None:
    twice = server.client.post(
        "/v1/enrol", data={"subject_id": ["ada", "bob"]}, files={"image": picture("ada")}
    )
    assert error_of(twice) == (422, "invalid_input")
    elsewhere = server.client.post(
        "/v1/enrol", data={"subject_id": "ada"}, files={"photo": ("a.jpg", picture("ada"))}
    )
    assert error_of(elsewhere) == (422, "invalid_input")
    assert elsewhere.json()["error"]["field"] == "photo"


@pytest.mark.parametrize("count", [0, 2])
def test_one_picture_is_wanted(server: Server, count: int) -> None:
    files = [("image", ("a.jpg", picture("ada"))) for _ in range(count)]
    answer = server.client.post("/v1/identify", data={"max_candidates": "1"}, files=files or None)
    assert error_of(answer) == (422, "invalid_input")


def test_enrolment_needs_a_picture_and_not_too_many(server: Server) -> None:
    none = server.client.post("/v1/enrol", json={"subject_id": "ada", "images": []})
    assert error_of(none) == (422, "invalid_input")
    many = [("image", (f"{number}.jpg", picture("ada"))) for number in range(33)]
    answer = server.client.post("/v1/enrol", data={"subject_id": "ada"}, files=many)
    assert error_of(answer) == (422, "invalid_input")


def test_too_much_is_413(server: Server) -> None:
    megabyte = 1024 * 1024
    by_file = identify(server, b"x" * (21 * megabyte))
    assert error_of(by_file) == (413, "image_too_large")
    by_base64 = server.client.post("/v1/identify", json={"image": base64_of(b"x" * (21 * megabyte))})
    assert error_of(by_base64) == (413, "image_too_large")
    by_body = server.client.post(
        "/v1/identify", content=b" " * (40 * megabyte), headers={"content-type": "application/json"}
    )
    assert error_of(by_body) == (413, "image_too_large")


def test_messages_without_pictures_are_small(server: Server) -> None:
    content = b'{"name": "' + b"x" * 100_000 + b'"}'
    headers = {"content-type": "application/json"}
    assert error_of(server.client.post("/v1/tokens", content=content, headers=headers))[0] == 413
    assert error_of(server.client.patch("/v1/subjects/ada", content=content, headers=headers))[0] == 413


@pytest.mark.parametrize("path", ["/v1/enrol", "/v1/identify", "/v1/verify", "/v1/detect"])
def test_a_body_of_a_million_parts_is_not_parsed(server: Server, path: str) -> None:
    content = b'{"image": [' + b"[]," * 1_000_000 + b"[]]}"
    answer = server.client.post(path, content=content, headers={"content-type": "application/json"})
    assert error_of(answer) == (422, "invalid_input")
    assert "more parts" in answer.json()["error"]["message"]


def test_errors_repeat_nothing_of_the_input(server: Server) -> None:
    secret = "very-private-text"
    bodies = [
        {"image": secret},
        {"image": "aGk=", "max_candidates": secret},
        {"image": "aGk=", secret: 1},
    ]
    answers = [server.client.post("/v1/identify", json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all(secret not in answer.text for answer in answers[:2])


def test_hundred_requests_at_once_are_all_answered(server: Server) -> None:
    enrol(server, "ada")
    content = json.dumps({"image": base64_of(picture("ada"))}).encode()
    answers = server.client.many(
        "POST", "/v1/identify", 100, content=content, headers={"content-type": "application/json"}
    )
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 2
    for answer in answers:
        if answer.status_code == 200:
            assert answer.json()["faces"][0]["match"]["subject_id"] == "ada"
        else:
            assert error_of(answer) == (503, "overloaded")
            assert int(answer.headers["retry-after"]) >= 1


def test_hundred_enrolments_at_once_lose_none_that_was_acknowledged(server: Server) -> None:
    fields = {"subject_id": "ada"}
    answers = server.client.many("POST", "/v1/enrol", 100, data=fields, files={"image": picture("ada")})
    acknowledged = {
        photo["template_id"]
        for answer in answers
        if answer.status_code == 201
        for photo in answer.json()["accepted"]
    }
    assert acknowledged
    # The person keeps twenty templates; all that are kept were acknowledged, and the index agrees.
    kept = {one["template_id"] for one in server.client.get("/v1/subjects/ada").json()["templates"]}
    assert kept <= acknowledged
    assert len(kept) == min(20, len(acknowledged))
    assert server.application.gallery.index_agrees_with_store()
