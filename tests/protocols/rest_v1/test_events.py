"""The history over /v1: what cameras and doors put into it, searching, pages, pictures, tables, counts."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from tests.protocols.rest_v1 import calls
from tests.protocols.rest_v1.calls import error_of, picture
from tests.protocols.rest_v1.camera_server import Answer, CameraServer, until

from facegate.domain.cameras.status import VideoFault
from facegate.domain.events.event import Event, EventDoor, EventKind, ReviewState, new_event_id
from facegate.domain.matching import Band

NOON = datetime.fromisoformat("2026-05-04T12:00:00+00:00")


def put(cameras: CameraServer, minute: int = 0, **fields: Any) -> str:
    """An event of a place of its own; its id."""
    given: dict[str, Any] = {
        "event_id": new_event_id(),
        "kind": EventKind.SEEN,
        "door": EventDoor.CAMERAS,
        "occurred_at": NOON + timedelta(minutes=minute),
        "place_id": "yard",
        "place_name": "Yard",
        "band": Band.MATCH if fields.get("subject_id") else Band.UNKNOWN,
        **fields,
    }
    cameras.watching.stores.events.add_events([Event(**given)])
    return str(given["event_id"])


def ids(cameras: CameraServer, **query: Any) -> list[str]:
    found = cameras.ok(cameras.get("/events", **query))["events"]
    return [event["event_id"] for event in found]


def table(cameras: CameraServer, **query: Any) -> list[dict[str, str]]:
    answer = cameras.get("/events.csv", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="events.csv"'
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_a_visit_from_beginning_to_end(cameras: CameraServer) -> None:
    cameras.enrol("ann", display_name="Ann Lee")
    camera, event = cameras.visit("ann")
    assert event["kind"] == "seen"
    assert event["door"] == "cameras"
    assert (event["place_id"], event["place_name"]) == (camera["camera_id"], "Gate")
    assert (event["subject_id"], event["display_name"], event["band"]) == ("ann", "Ann Lee", "match")
    assert event["confidence"] > 0.5
    assert event["similarity"] > 0.5
    assert event["review"] == "not_needed"
    assert event["ended_at"] >= event["occurred_at"]
    assert event["facts"]["alert"] == "no_channel"
    assert cameras.ok(cameras.get(f"/events/{event['event_id']}")) == event
    shot = cameras.get(f"/events/{event['event_id']}/shot.jpg")
    assert (event["has_shot"], shot.status_code, shot.headers["content-type"]) == (True, 200, "image/jpeg")
    assert shot.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(shot.content)) as opened:
        opened.load()
    (row,) = table(cameras, place_id=camera["camera_id"], kind="seen")
    assert (row["event_id"], row["display_name"], row["has_shot"]) == (event["event_id"], "Ann Lee", "1")


def test_a_stranger(cameras: CameraServer) -> None:
    _, event = cameras.visit("eve")
    assert (event["subject_id"], event["display_name"], event["band"]) == (None, None, "unknown")
    assert event["candidates"] == []
    assert event["event_id"] in ids(cameras, stranger="true")
    assert event["event_id"] not in ids(cameras, stranger="false")


def test_a_camera_that_stays_down_and_is_back(cameras: CameraServer) -> None:
    camera, shown = cameras.add_showing()
    cameras.show(shown, until=lambda: cameras.status(camera)["state"] == "live")
    cameras.ok(cameras.post(f"/cameras/{camera['camera_id']}/stop"))
    shown.refuse(VideoFault.UNREACHABLE)
    cameras.ok(cameras.post(f"/cameras/{camera['camera_id']}/start"))
    until(lambda: bool(cameras.events(camera, kind="camera_down")))
    shown.accept()
    cameras.ok(cameras.post(f"/cameras/{camera['camera_id']}/start"))
    cameras.show(shown, until=lambda: bool(cameras.events(camera, kind="camera_up")))
    (down,) = cameras.events(camera, kind="camera_down")
    assert (down["facts"]["fault"], down["subject_id"], down["band"]) == ("unreachable", None, None)


def test_other_doors_have_their_events(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    known = {
        event_id for door in ("rest_v1", "persons", "attendance") for event_id in ids(cameras, door=door)
    }

    def new(door: str) -> list[Answer]:
        found = cameras.ok(cameras.get("/events", door=door))["events"]
        return [event for event in found if event["event_id"] not in known]

    assert calls.identify(cameras.server, picture("ann", "eve")).status_code == 200
    until(lambda: len(new("rest_v1")) == 2)
    assert {event["subject_id"] for event in new("rest_v1")} == {"ann", None}
    assert {event["kind"] for event in new("rest_v1")} == {"identified"}
    assert not any(event["has_shot"] for event in new("rest_v1"))
    form: dict[str, Any] = {"data": {"action": "retrieve"}, "files": {"image": ("a.jpg", picture("ann"))}}
    assert cameras.server.client.post("/person", **form).status_code == 200
    until(lambda: len(new("persons")) == 1)
    form = {"data": {"subject_id": "ann"}, "files": {"image": ("a.jpg", picture("eve"))}}
    assert cameras.server.client.post("/v1/verify", **form).status_code == 200
    until(lambda: len(new("rest_v1")) == 3)
    assert new("rest_v1")[0]["facts"]["claimed_id"] == "ann"


def test_every_filter(cameras: CameraServer) -> None:
    cameras.enrol("ann")
    first = put(cameras, 1, place_id="filters", subject_id="ann")
    second = put(cameras, 2, place_id="filters", review=ReviewState.PENDING, band=Band.REVIEW)
    third = put(
        cameras, 3, place_id="filters", kind=EventKind.VIOLATION, door=EventDoor.PRESENCE, subject_id="ann"
    )
    assert ids(cameras, place_id="filters") == [third, second, first]
    for query, expected in (
        ({"subject_id": "ann"}, [third, first]),
        ({"subject_id": " ann "}, [third, first]),
        ({"stranger": "true"}, [second]),
        ({"door": "presence"}, [third]),
        ({"door": ["presence", "cameras"]}, [third, second, first]),
        ({"kind": ["seen"]}, [second, first]),
        ({"band": ["review"]}, [second]),
        ({"review": ["pending", "confirmed"]}, [second]),
        ({"since": "2026-05-04T14:02:00+02:00"}, [third, second]),
        ({"until": "2026-05-04T12:02:00Z"}, [first]),
        ({"since": "2026-05-04T12:02:00Z", "until": "2026-05-04T12:02:00Z"}, []),
        ({"after": third}, [second, first]),
    ):
        assert ids(cameras, place_id="filters", **query) == expected, query
        if "after" not in query:
            assert [row["event_id"] for row in table(cameras, place_id="filters", **query)] == expected[::-1]


def test_pages(cameras: CameraServer) -> None:
    made = [put(cameras, minute, place_id="pages") for minute in range(7)][::-1]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = cameras.ok(cameras.get("/events", place_id="pages", limit=3, **after))
        found += [event["event_id"] for event in page["events"]]
        if page["next_after"] is None:
            break
        after = {"after": page["next_after"]}
    assert found == made


BAD_QUERIES = [
    {"subject_id": ""},
    {"subject_id": "a\x00b"},
    {"subject_id": "x" * 129},
    {"place_id": "a\x00"},
    {"stranger": "perhaps"},
    {"door": "window"},
    {"kind": "born"},
    {"band": "close"},
    {"review": "later"},
    {"since": "yesterday"},
    {"since": "2.5"},
    {"until": 1777000000},
    {"since": "2026-05-04T12:00:00"},
    {"until": "2026-13-01T00:00:00Z"},
    {"colour": "red"},
    {"door": ["cameras"] * 21},
]


@pytest.mark.parametrize("query", BAD_QUERIES, ids=str)
@pytest.mark.parametrize("path", ["/events", "/events.csv", "/events/stream"])
def test_wrong_filters(cameras: CameraServer, path: str, query: dict[str, Any]) -> None:
    assert error_of(cameras.get(path, **query)) == (422, "invalid_input")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"limit": "nan"}, {"after": "1"}], ids=str)
def test_wrong_pages(cameras: CameraServer, query: dict[str, Any]) -> None:
    assert error_of(cameras.get("/events", **query)) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("event_id", "expected"),
    [("0" * 32, 404), ("0" * 31, 422), ("0" * 33, 422), ("G" * 32, 422), ("a%00b", 422), ("..", 404)],
)
def test_ids_that_no_event_has(cameras: CameraServer, event_id: str, expected: int) -> None:
    for path in (f"/events/{event_id}", f"/events/{event_id}/shot.jpg"):
        assert error_of(cameras.get(path))[0] == expected


def test_an_event_without_a_picture(cameras: CameraServer) -> None:
    event_id = put(cameras, place_id="dark")
    assert error_of(cameras.get(f"/events/{event_id}/shot.jpg")) == (404, "event_not_found")


def test_no_cell_is_a_formula(cameras: CameraServer) -> None:
    cameras.enrol("=1+1", display_name="@SUM(A1)")
    put(
        cameras,
        place_id="+cells",
        place_name='-2+3|cmd;=HYPERLINK("x")',
        subject_id="=1+1",
        facts={"note": "=1"},
    )
    (row,) = table(cameras, place_id="+cells")
    assert row["place_id"] == "'+cells"
    assert row["place_name"] == "'-2+3|cmd;'=HYPERLINK(\"x\")"
    assert (row["subject_id"], row["display_name"]) == ("'=1+1", "'@SUM(A1)")
    assert row["facts"] == '{"note": "=1"}'


def test_a_long_table_comes_in_batches(cameras: CameraServer) -> None:
    events = [
        Event(new_event_id(), EventKind.SEEN, EventDoor.CAMERAS, NOON, "many", "x", band=Band.UNKNOWN)
        for _ in range(2500)
    ]
    cameras.watching.stores.events.add_events(events)
    rows = table(cameras, place_id="many")
    assert [row["event_id"] for row in rows] == sorted(event.event_id for event in events)


def test_counts_over_time(cameras: CameraServer) -> None:
    for minute, fields in (
        (0, {"subject_id": "ann"}),
        (30, {}),
        (59, {"review": ReviewState.PENDING, "band": Band.REVIEW}),
        (60, {"subject_id": "ann", "door": EventDoor.PERSONS, "kind": EventKind.IDENTIFIED}),
        (61, {"kind": EventKind.LEFT, "subject_id": "ann"}),
        (62, {"kind": EventKind.CAMERA_DOWN, "band": None}),
        (24 * 60, {}),
    ):
        put(cameras, minute - 400 * 24 * 60, **fields)
    span = {"since": "2025-03-29T00:00:00Z", "until": "2025-04-05T00:00:00Z"}
    hours = cameras.ok(cameras.get("/events/summary", by="hour", **span))["buckets"]
    assert hours == [
        {
            "begins": "2025-03-30T12:00:00Z",
            "known": 1,
            "strangers": 2,
            "review": 1,
            "by_door": {"cameras": 3},
        },
        {
            "begins": "2025-03-30T13:00:00Z",
            "known": 1,
            "strangers": 0,
            "review": 0,
            "by_door": {"persons": 1},
        },
        {
            "begins": "2025-03-31T12:00:00Z",
            "known": 0,
            "strangers": 1,
            "review": 0,
            "by_door": {"cameras": 1},
        },
    ]
    span["since"] = "2025-03-29T00:00:00+12:00"
    days = cameras.ok(cameras.get("/events/summary", **span))["buckets"]
    assert [day["begins"] for day in days] == ["2025-03-31T00:00:00+12:00", "2025-04-01T00:00:00+12:00"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": "2026-01-01T00:00:00Z"},
        {"since": "2026-01-01T00:00:00Z", "until": "2027-06-01T00:00:00Z"},
        {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "by": "minute"},
        {"since": "2026-01-01", "until": "2026-02-01T00:00:00Z"},
    ],
    ids=str,
)
def test_wrong_summaries(cameras: CameraServer, query: dict[str, Any]) -> None:
    assert error_of(cameras.get("/events/summary", **query)) == (422, "invalid_input")


def test_who_is_removed_is_gone_from_the_history(cameras: CameraServer) -> None:
    cameras.enrol("ann", display_name="Ann Lee")
    camera, event = cameras.visit("ann")
    assert cameras.call("DELETE", "/subjects/ann").status_code == 204
    (left,) = cameras.events(camera, kind="seen")
    assert (left["subject_id"], left["display_name"], left["has_shot"]) == (None, None, False)
    assert error_of(cameras.get(f"/events/{event['event_id']}/shot.jpg"))[0] == 404
    assert cameras.watching.stores.shots.open_shot(event["event_id"]) is None
    assert "ann" not in str(cameras.events(camera)).lower()
