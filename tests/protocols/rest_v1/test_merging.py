"""Two persons who are one, merged over /v1."""

import pytest
from tests.protocols.rest_v1.calls import error_of, identify, picture
from tests.protocols.rest_v1.camera_server import CameraServer


def test_two_become_one(cameras: CameraServer) -> None:
    cameras.enrol("ann", 0, 1, display_name="Ann Lee")
    cameras.enrol("a.lee", 2)
    camera, event = cameras.visit("ann")
    cameras.ok(cameras.call("PUT", "/subject-groups/ann", {"groups": ["staff"]}))
    merged = cameras.ok(cameras.post("/subjects/merge", {"subject_id": "ann", "into": "a.lee"}))
    assert (merged["subject"]["subject_id"], merged["subject"]["template_count"]) == ("a.lee", 3)
    assert (merged["moved_count"], merged["left_out_count"]) == (2, 0)
    assert merged["event_count"] >= 1
    assert error_of(cameras.get("/subjects/ann")) == (404, "subject_not_found")
    assert cameras.ok(cameras.get("/subject-groups/a.lee"))["groups"] == ["staff"]
    (moved,) = cameras.events(camera, kind="seen")
    assert (moved["event_id"], moved["subject_id"]) == (event["event_id"], "a.lee")
    assert cameras.get(f"/events/{event['event_id']}/shot.jpg").status_code == 200
    (face,) = identify(cameras.server, picture("ann")).json()["faces"]
    assert face["match"]["subject_id"] == "a.lee"


def test_somebody_whose_id_is_the_word(cameras: CameraServer) -> None:
    cameras.enrol("merge")
    assert cameras.ok(cameras.get("/subjects/merge"))["subject_id"] == "merge"
    assert cameras.call("PATCH", "/subjects/merge", {"display_name": "M"}).status_code == 200
    assert cameras.call("DELETE", "/subjects/merge").status_code == 204


def test_nobody_is_lost(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    for body in ({"subject_id": "ann", "into": "nobody"}, {"subject_id": "nobody", "into": "ann"}):
        assert error_of(cameras.post("/subjects/merge", body)) == (404, "subject_not_found")
    same = {"subject_id": "ann", "into": " ann "}
    assert error_of(cameras.post("/subjects/merge", same)) == (422, "invalid_input")
    assert cameras.ok(cameras.get("/subjects/ann"))["template_count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        {"subject_id": "ann"},
        {"into": "ann"},
        {"subject_id": "ann", "into": ["bob"]},
        {"subject_id": "ann", "into": "b\x00"},
        {"subject_id": "ann", "into": "bob", "delete": True},
    ],
    ids=str,
)
def test_wrong_messages(cameras: CameraServer, body: object) -> None:
    assert error_of(cameras.post("/subjects/merge", body)) == (422, "invalid_input")
