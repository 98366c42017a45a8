"""People decide over /v1 what the engine was not sure of, or got wrong; what is learned of it."""

import threading
from typing import Any

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.protocols.rest_v1.calls import error_of, identify, picture
from tests.protocols.rest_v1.camera_server import Answer, CameraServer, camera_server
from tests.protocols.rest_v1.test_events import put

from facegate.domain.events.event import Event, EventCandidate, EventKind, ReviewState
from facegate.domain.matching import Band
from facegate.use_cases.events.review_events import ReviewEvents


def decide(cameras: CameraServer, event_id: str, verb: str, body: object = None) -> Answer:
    return cameras.ok(cameras.post(f"/events/{event_id}/{verb}", body))


def templates(cameras: CameraServer, subject_id: str) -> list[Answer]:
    return list(cameras.ok(cameras.get(f"/subjects/{subject_id}"))["templates"])


def uncertain(cameras: CameraServer, shows: str = "bob", **fields: Any) -> str:
    """An event that may have been Ann or Bob, with a picture of somebody; its id."""
    candidates = (EventCandidate("ann", 0.4, 0.35), EventCandidate("bob", 0.3, 0.33))
    given: dict[str, Any] = {
        "place_id": "reviews",
        "band": Band.REVIEW,
        "review": ReviewState.PENDING,
        "candidates": candidates,
        "has_shot": True,
        **fields,
    }
    event_id = put(cameras, **given)
    # A real one is a JPEG; the engine of these tests sees nobody in those.
    cameras.watching.stores.shots.save(event_id, fake_picture(FakeFace(shows, 5)))
    return event_id


@pytest.fixture
def two(cameras: CameraServer) -> CameraServer:
    """Ann and Bob are known."""
    cameras.enrol("ann")
    cameras.enrol("bob")
    return cameras


def test_confirming_the_first_candidate(two: CameraServer) -> None:
    event_id = uncertain(two)
    assert event_id in [event["event_id"] for event in two.ok(two.get("/events", review="pending"))["events"]]
    decided = decide(two, event_id, "confirm")
    assert (decided["subject_id"], decided["review"]) == ("ann", "confirmed")
    assert decided["reviewed_at"] is not None
    assert len(templates(two, "ann")) == 1
    assert decide(two, event_id, "confirm", {"learn": False}) == decided


def test_correcting_and_learning(two: CameraServer) -> None:
    event_id = uncertain(two)
    decided = decide(two, event_id, "correct", {"subject_id": "bob", "learn": True})
    assert (decided["subject_id"], decided["display_name"], decided["review"]) == ("bob", "bob", "corrected")
    assert len(templates(two, "bob")) == 2
    again = decide(two, event_id, "correct", {"subject_id": "bob", "learn": True})
    assert again["review"] == "corrected"
    assert len(templates(two, "bob")) == 2


def test_what_was_learned_for_the_wrong_person_is_taken_back(two: CameraServer) -> None:
    event_id = uncertain(two, shows="carl")
    decide(two, event_id, "confirm", {"learn": True})
    assert len(templates(two, "ann")) == 2
    (face,) = identify(two.server, picture(FakeFace("carl", 5))).json()["faces"]
    assert face["match"]["subject_id"] == "ann"
    decide(two, event_id, "correct", {"subject_id": "bob", "learn": True})
    assert [len(templates(two, who)) for who in ("ann", "bob")] == [1, 2]
    dismissed = decide(two, event_id, "dismiss")
    assert (dismissed["subject_id"], dismissed["review"]) == (None, "dismissed")
    assert [len(templates(two, who)) for who in ("ann", "bob")] == [1, 1]


def test_a_visit_at_a_camera_can_be_corrected(two: CameraServer) -> None:
    camera, event = two.visit("ann")
    corrected = decide(two, event["event_id"], "correct", {"subject_id": "bob"})
    assert corrected["subject_id"] == "bob"
    assert [one["event_id"] for one in two.events(camera, subject_id="bob", kind="seen")] == [
        event["event_id"]
    ]


def test_a_picture_that_nothing_can_be_learned_of_decides_nothing(two: CameraServer) -> None:
    event_id = uncertain(two)
    two.watching.stores.shots.save(event_id, fake_picture())
    assert error_of(two.post(f"/events/{event_id}/confirm", {"learn": True})) == (422, "no_face")
    two.watching.stores.shots.save(event_id, fake_picture(FakeFace("x"), FakeFace("y")))
    assert error_of(two.post(f"/events/{event_id}/confirm", {"learn": True})) == (422, "several_faces")
    without = uncertain(two, has_shot=False)
    answer = two.post(f"/events/{without}/confirm", {"learn": True})
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == "learn"
    for one in (event_id, without):
        assert two.ok(two.get(f"/events/{one}"))["review"] == "pending"


def test_what_cannot_be_decided(two: CameraServer) -> None:
    nobody = put(two, place_id="reviews", band=Band.UNKNOWN)
    assert error_of(two.post(f"/events/{nobody}/confirm")) == (422, "invalid_input")
    down = put(two, place_id="reviews", kind=EventKind.CAMERA_DOWN, band=None)
    for verb, body in (("confirm", None), ("dismiss", None), ("correct", {"subject_id": "bob"})):
        assert error_of(two.post(f"/events/{down}/{verb}", body)) == (422, "invalid_input")
        assert error_of(two.post(f"/events/{'0' * 32}/{verb}", body)) == (404, "event_not_found")
        assert error_of(two.post(f"/events/x/{verb}", body)) == (422, "invalid_input")
    event_id = uncertain(two)
    answer = two.post(f"/events/{event_id}/correct", {"subject_id": "nobody"})
    assert error_of(answer) == (404, "subject_not_found")
    two.call("DELETE", "/subjects/ann")
    assert two.ok(two.get(f"/events/{event_id}"))["candidates"][0]["subject_id"] == "bob"


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("confirm", {"learn": "yes"}),
        ("confirm", {"learn": None}),
        ("confirm", {"subject_id": "bob"}),
        ("confirm", [1]),
        ("correct", {}),
        ("correct", None),
        ("correct", {"subject_id": ""}),
        ("correct", {"subject_id": "a\x00b"}),
        ("correct", {"subject_id": "x" * 129}),
        ("correct", {"subject_id": ["bob"]}),
        ("correct", {"subject_id": "unknown"}),
    ],
)
def test_wrong_messages(two: CameraServer, verb: str, body: object) -> None:
    event_id = uncertain(two)
    assert error_of(two.post(f"/events/{event_id}/{verb}", body)) == (422, "invalid_input")
    assert two.ok(two.get(f"/events/{event_id}"))["review"] == "pending"


def test_a_number_is_an_id_too(two: CameraServer) -> None:
    two.enrol("42")
    assert decide(two, uncertain(two), "correct", {"subject_id": 42})["subject_id"] == "42"


def test_without_pictures_there_is_nothing_to_learn_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("dark") / "data"
    with camera_server(folder, events__keep_shots="false") as dark:
        dark.enrol("ann")
        _, event = dark.visit("ann")
        assert event["has_shot"] is False
        assert error_of(dark.get(f"/events/{event['event_id']}/shot.jpg")) == (404, "event_not_found")
        assert error_of(dark.post(f"/events/{event['event_id']}/confirm", {"learn": True}))[0] == 422
        assert decide(dark, event["event_id"], "confirm")["review"] == "confirmed"


def test_decisions_that_wait_for_each_other_keep_no_face_waiting(
    two: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided_on: list[str] = []
    decide_one = ReviewEvents._decide

    def noting(review: ReviewEvents, *args: Any, **kwargs: Any) -> Event:
        decided_on.append(threading.current_thread().name.partition("_")[0])
        return decide_one(review, *args, **kwargs)

    monkeypatch.setattr(ReviewEvents, "_decide", noting)
    event_id = uncertain(two)
    decide(two, event_id, "dismiss")
    decide(two, event_id, "correct", {"subject_id": "bob", "learn": True})
    decide(two, event_id, "confirm")
    assert decided_on == ["review"] * 3
    assert two.doors.review_workers in two.doors.workers
