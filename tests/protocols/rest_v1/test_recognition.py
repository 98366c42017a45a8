import pytest
from tests.fakes.engine import FakeFace
from tests.protocols.rest_v1.calls import base64_of, enrol, error_of, identify, picture
from tests.protocols.whole_server import Server

from facegate.domain.errors import EngineFailed


def test_whoever_was_enrolled_is_recognised_on_another_photo(server: Server) -> None:
    enrolled = enrol(server, "ada", 0, 1, display_name="Ada Lovelace")
    assert enrolled.status_code == 201
    assert enrolled.json()["was_created"]
    assert enrolled.json()["subject"]["template_count"] == 2
    answer = identify(server, picture(FakeFace("ada", 9), "stranger")).json()
    known, stranger = answer["faces"]
    assert known["band"] == "match"
    assert known["match"]["subject_id"] == "ada"
    assert known["match"]["display_name"] == "Ada Lovelace"
    assert known["match"]["confidence"] > 0.5 > stranger["candidates"][0]["confidence"]
    assert known["match"]["false_match_rate"] < 1e-4
    assert (stranger["band"], stranger["match"]) == ("unknown", None)
    assert answer["picture"] == {"width_px": 200, "height_px": 100}
    assert answer["checks_not_run"] == ["liveness", "phones"]


def test_a_photo_sent_again_adds_nothing_when_that_is_asked_for(server: Server) -> None:
    body = {"subject_id": "ada", "images": [base64_of(picture("ada"))], "skip_known": True}
    first, again = (server.client.post("/v1/enrol", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["accepted"] == first.json()["accepted"]
    assert again.json()["subject"]["template_count"] == 1
    body["skip_known"] = False
    assert server.client.post("/v1/enrol", json=body).json()["subject"]["template_count"] == 2


@pytest.mark.parametrize("head", ["", "data:image/jpeg;base64,"])
def test_json_and_forms_give_the_same_answer(server: Server, head: str) -> None:
    by_json = server.client.post(
        "/v1/enrol",
        json={
            "subject_id": 42,
            "images": [head + base64_of(picture("ada")), head + base64_of(b"no picture")],
        },
    )
    assert by_json.status_code == 201
    assert by_json.json()["subject"]["subject_id"] == "42"
    assert [one["file"] for one in by_json.json()["accepted"]] == ["images[0]"]
    assert [(one["file"], one["kind"]) for one in by_json.json()["rejected"]] == [
        ("images[1]", "unreadable_image")
    ]
    content = picture(FakeFace("ada", 3))
    as_json = server.client.post("/v1/identify", json={"image": head + base64_of(content)})
    assert as_json.json() == identify(server, content).json()
    as_text = server.client.post("/v1/identify", files={"image": (None, head + base64_of(content))})
    assert as_text.json() == as_json.json()


def test_candidates_are_distinct_persons_and_as_many_as_asked_for(server: Server) -> None:
    for person in ("ada", "bob", "cy"):
        enrol(server, person, 0, 1)
    (face,) = identify(server, picture(FakeFace("bob", 7)), max_candidates=2).json()["faces"]
    names = [candidate["subject_id"] for candidate in face["candidates"]]
    assert names[0] == "bob"
    assert len(set(names)) == len(names) == 2
    assert face["margin"] == pytest.approx(
        face["candidates"][0]["similarity"] - face["candidates"][1]["similarity"]
    )
    (face,) = identify(server, picture(FakeFace("bob", 7)), max_candidates=1).json()["faces"]
    assert len(face["candidates"]) == 1
    assert face["margin"] is not None


def test_only_the_largest_face_when_asked(server: Server) -> None:
    assert len(identify(server, picture("ada", "bob"), only_largest="true").json()["faces"]) == 1


def test_no_face_is_an_empty_list_for_questions_and_an_error_for_enrolment(server: Server) -> None:
    empty = picture()
    assert identify(server, empty).json()["faces"] == []
    assert server.client.post("/v1/detect", files={"image": empty}).json()["faces"] == []
    refused = server.client.post("/v1/enrol", data={"subject_id": "ada"}, files={"image": empty})
    assert error_of(refused) == (422, "no_face")
    assert error_of(server.client.get("/v1/subjects/ada")) == (404, "subject_not_found")


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        (picture("ada", "bob"), {}, (422, "several_faces")),
        (picture(FakeFace("ada", is_sharp=False)), {"min_quality": 0.9}, (422, "poor_quality")),
        (picture(FakeFace("ada", is_live=False)), {"check_liveness": "true"}, (422, "not_live")),
        (b"letters", {}, (422, "unreadable_image")),
        (b"GIF89a", {}, (415, "unsupported_image")),
        (b"", {}, (422, "unreadable_image")),
    ],
)
def test_a_photo_that_cannot_be_used_says_why(
    server: Server, content: bytes, fields: dict[str, object], expected: tuple[int, str]
) -> None:
    answer = server.client.post(
        "/v1/enrol", data={"subject_id": "ada", **fields}, files={"image": ("a.jpg", content)}
    )
    assert error_of(answer) == expected


def test_verification_confirms_refutes_and_names(server: Server) -> None:
    enrol(server, "ada")
    enrol(server, "bob")

    def verify(subject_id: str, content: bytes) -> dict[str, object]:
        answer = server.client.post(
            "/v1/verify", data={"subject_id": subject_id}, files={"image": content}
        ).json()
        (face,) = answer["faces"]
        return {"is_match": answer["is_match"], "who": face["subject_id"], "is_claimed": face["is_claimed"]}

    assert verify("ada", picture(FakeFace("ada", 5))) == {"is_match": True, "who": "ada", "is_claimed": True}
    assert verify("ada", picture(FakeFace("bob", 5))) == {
        "is_match": False,
        "who": "bob",
        "is_claimed": False,
    }
    assert verify("ada", picture("eve")) == {"is_match": False, "who": None, "is_claimed": False}
    unknown = server.client.post("/v1/verify", data={"subject_id": "nobody"}, files={"image": picture("ada")})
    assert error_of(unknown) == (404, "subject_not_found")
    nobody_there = server.client.post("/v1/verify", data={"subject_id": "ada"}, files={"image": picture()})
    assert nobody_there.json()["is_match"] is False


def test_liveness_on_demand_withdraws_the_match(server: Server) -> None:
    enrol(server, "ada")
    spoof = picture(FakeFace("ada", 4, is_live=False))
    (face,) = identify(server, spoof).json()["faces"]
    assert face["match"] is not None
    answer = identify(server, spoof, check_liveness="true").json()
    assert answer["faces"][0]["liveness"] == {"is_live": False, "live_probability": 0.05}
    assert answer["faces"][0]["match"] is None
    assert answer["checks_not_run"] == ["phones"]
    verdict = server.client.post(
        "/v1/verify", data={"subject_id": "ada", "check_liveness": "true"}, files={"image": spoof}
    )
    assert verdict.json()["is_match"] is False


def test_phones_are_found_on_demand(server: Server) -> None:
    content = picture("ada", phones=1)
    assert server.client.post("/v1/detect", files={"image": content}).json()["phones"] is None
    found = server.client.post("/v1/detect", data={"find_phones": "true"}, files={"image": content}).json()
    assert len(found["phones"]) == 1
    assert found["checks_not_run"] == ["liveness"]


def test_the_poorest_templates_make_room_and_are_named(server: Server) -> None:
    for variant in range(20):
        enrol(server, "ada", variant)
    last = enrol(server, "ada", 20).json()
    assert last["subject"]["template_count"] == 20
    assert len(last["replaced_template_ids"]) == 1


def test_a_broken_engine_is_never_no_face(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.detector.failure = EngineFailed("the runtime broke")
    assert error_of(identify(server, picture("ada"))) == (500, "engine_failed")
    server.detector.failure = ZeroDivisionError("a bug with ada's data")
    answer = identify(server, picture("ada"))
    assert error_of(answer) == (500, "internal")
    assert "ada" not in answer.text + caplog.text.replace("adapters", "")
