"""Clients and sessions of the presence door over /v1, on a real store and behind the real gate."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.engine import FAKE_IDENTITY
from tests.fakes.enrolments import enrolment, later
from tests.fakes.gallery import FakeClock
from tests.fakes.presence_sessions import RecordingSession
from tests.protocols.bad_pictures import IMPOSSIBLE_IDS, ODD_IDS
from tests.protocols.in_process import InProcessClient

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.sql_store import SqlClientStore, SqlGalleryStore, SqlTokenStore
from facegate.domain.access import Door, hash_token
from facegate.domain.calibration import CalibrationCurve
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Finding, Reason, Verdict
from facegate.domain.templates import Metric
from facegate.frontends.rest_v1.presence_admin.client_routes import (
    PresenceClientParts,
    presence_client_router,
)
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.live_sessions import LiveSessions

CLIENTS = "/v1/presence/clients"
CURVE = CalibrationCurve(
    FAKE_IDENTITY.model_id, Metric.COSINE, (0.0, 0.3, 0.6), (0.0, -3.0, -6.0), 100_000, 10, "synthetic"
)
SENT_IMPOSSIBLE_IDS = [one for one in IMPOSSIBLE_IDS if one not in {".", "..", ""} and "\n" not in one]
"""Clients fold the dots away before they send them, and no route takes a line break."""

VERBS = ("pause", "resume", "block", "unblock", "disconnect", "token")


@dataclass(frozen=True)
class Served:
    """The routes with everything under them."""

    client: InProcessClient
    clock: FakeClock
    gallery: Gallery
    store: SqlClientStore
    sessions: LiveSessions
    clients: PresenceClients
    access: AccessControl

    def register(self, user_name: str, **fields: object) -> httpx.Response:
        self.gallery.enrol(enrolment(user_name))
        return self.client.post(CLIENTS, json={"user_name": user_name, **fields})

    def post(self, client_id: str, verb: str, **fields: object) -> httpx.Response:
        return self.client.post(f"{path(client_id)}/{verb}", **({"json": fields} if fields else {}))

    def status(self, client_id: str) -> ClientStatus:
        kept = self.store.find_client(client_id)
        assert kept is not None
        return kept.status

    def connected(self, client_id: str) -> tuple[str, RecordingSession]:
        session = RecordingSession()
        session_id = self.clients.log_in(client_id, None, "192.0.2.7", session).session_id
        assert session_id is not None
        return session_id, session


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    clock = FakeClock(later(0))
    with sqlite_database(tmp_path) as database:
        gallery = Gallery(
            SqlGalleryStore(database, clock), ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE)
        )
        store, sessions = SqlClientStore(database), LiveSessions(5, clock)
        clients = PresenceClients(store, gallery, sessions, clock)
        access = AccessControl(SqlTokenStore(database), clock)
        secret = access.create("administrator", doors=[Door.REST_V1]).secret
        gate = AccessGate(access, AccessOptions(), None)
        workers = BoundedWorkers(2, 10, "store")
        app = FastAPI()
        app.include_router(presence_client_router(PresenceClientParts(clients, sessions, gate, workers)))
        headers = {"Authorization": f"Bearer {secret}"}
        with InProcessClient(app, headers=headers) as client:
            yield Served(client, clock, gallery, store, sessions, clients, access)
        workers.close()


def path(client_id: str) -> str:
    return f"{CLIENTS}/{quote(client_id, safe='')}"


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["kind"]


def test_registering(served: Served) -> None:
    answer = served.register("ada", networks=["10.1.2.3/16", "::1"], with_token=True)
    assert answer.status_code == 201
    content = answer.json()
    token = content.pop("token")
    kept = served.store.find_client("ada")
    assert kept is not None
    assert kept.token_hash == hash_token(token)
    assert content == {
        "client_id": "ada",
        "status": "registered",
        "status_note": "",
        "networks": ["10.1.0.0/16", "::1/128"],
        "has_token": True,
        "is_connected": False,
        "created_at": "2026-03-04T12:00:00.123456Z",
        "updated_at": "2026-03-04T12:00:00.123456Z",
        "last_seen_at": None,
    }
    assert served.client.get(path("ada")).json() == content
    assert token not in served.client.get(CLIENTS).text


def test_a_number_is_its_digits(served: Served) -> None:
    served.gallery.enrol(enrolment("42"))
    answer = served.client.post(CLIENTS, json={"user_name": 42})
    assert (answer.status_code, answer.json()["client_id"], answer.json()["token"]) == (201, "42", None)


def test_who_is_not_enrolled_or_registered_already(served: Served) -> None:
    nobody = served.client.post(CLIENTS, json={"user_name": "nobody"})
    assert error_of(nobody) == (404, "subject_not_found")
    assert error_of(served.client.get(path("nobody"))) == (404, "client_not_found")
    served.register("ada", networks=["10.0.0.0/8"])
    served.post("ada", "block")
    assert error_of(served.register("ada")) == (409, "client_conflict")
    assert served.status("ada") is ClientStatus.BLOCKED
    assert served.client.get(path("ada")).json()["networks"] == ["10.0.0.0/8"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_name"),
        ({"user_name": "ada", "networks": ["nowhere"]}, "networks"),
        ({"user_name": "ada", "networks": "10.0.0.0/8"}, "networks"),
        ({"user_name": "ada", "networks": ["::1"] * 101}, "networks"),
        ({"user_name": "ada", "with_token": 1}, "with_token"),
        ({"user_name": "ada", "status": "active"}, "status"),
        ({"user_name": "unknown"}, "subject_id"),
        ({"user_name": ["ada"]}, "user_name"),
    ],
)
def test_bad_registrations(served: Served, body: dict[str, object], field: str) -> None:
    served.gallery.enrol(enrolment("ada"))
    answer = served.client.post(CLIENTS, json=body)
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == field
    assert served.store.list_clients() == []


@pytest.mark.parametrize("client_id", [*ODD_IDS, "a/pause", "pause", "x/clients/token", "sessions"])
def test_any_possible_id_works_on_every_route(served: Served, client_id: str) -> None:
    assert served.register(client_id).status_code == 201
    assert served.client.get(path(client_id)).json()["client_id"] == client_id
    patched = served.client.patch(path(client_id), json={"networks": ["10.0.0.0/8"]})
    assert patched.json()["networks"] == ["10.0.0.0/8"]
    for verb in VERBS:
        assert served.post(client_id, verb).status_code == 200
    assert served.client.get(path(client_id)).json()["has_token"]
    assert served.client.delete(path(client_id)).status_code == 204
    assert error_of(served.client.get(path(client_id))) == (404, "client_not_found")


@pytest.mark.parametrize("client_id", SENT_IMPOSSIBLE_IDS)
def test_impossible_ids_are_input_errors(served: Served, client_id: str) -> None:
    for verb in VERBS:
        assert error_of(served.post(client_id, verb)) == (422, "invalid_input")
    assert error_of(served.client.get(path(client_id))) == (422, "invalid_input")
    assert error_of(served.client.delete(path(client_id))) == (422, "invalid_input")


def test_pausing_and_blocking_are_durable_and_reach_the_session(served: Served) -> None:
    served.register("ada")
    _, session = served.connected("ada")
    paused = served.post("ada", "pause", note="on leave").json()
    assert (paused["status"], paused["status_note"], paused["is_connected"]) == ("paused", "on leave", True)
    assert served.status("ada") is ClientStatus.PAUSED
    assert served.post("ada", "resume").json()["status"] == "active"
    assert served.post("ada", "block").json()["status"] == "blocked"
    assert served.status("ada") is ClientStatus.BLOCKED
    for verb in ("pause", "resume"):
        answer = served.post("ada", verb)
        assert error_of(answer) == (409, "client_conflict")
        assert "unblock" in answer.json()["error"]["message"]
    assert served.post("ada", "unblock").json()["status"] == "active"
    assert [client.status.value for client in session.clients if client is not None] == [
        "paused",
        "active",
        "blocked",
        "active",
    ]


def test_commands_for_nobody(served: Served) -> None:
    served.gallery.enrol(enrolment("ada"))
    for verb in VERBS:
        assert error_of(served.post("ada", verb)) == (404, "client_not_found")
    patched = served.client.patch(path("ada"), json={"networks": []})
    assert error_of(patched) == (404, "client_not_found")
    assert error_of(served.client.delete(path("ada"))) == (404, "client_not_found")
    assert served.post("ada", "promote").status_code in {404, 405}


@pytest.mark.parametrize("verb", ["pause", "block", "disconnect"])
def test_a_bad_note_changes_nothing(served: Served, verb: str) -> None:
    served.register("ada")
    for note in ("x" * 501, "two\nlines", 7, None):
        assert error_of(served.post("ada", verb, note=note)) == (422, "invalid_input")
    assert error_of(served.post("ada", verb, why="x")) == (422, "invalid_input")
    not_json = served.client.post(f"{path('ada')}/{verb}", content=b"note=x")
    assert error_of(not_json) == (422, "invalid_input")
    assert error_of(served.post("ada", verb, note="x" * 70_000)) == (413, "image_too_large")
    assert served.status("ada") is ClientStatus.REGISTERED


def test_disconnecting(served: Served) -> None:
    served.register("ada")
    assert served.post("ada", "disconnect").json() == {"client_id": "ada", "was_connected": False}
    _, session = served.connected("ada")
    answer = served.post("ada", "disconnect", note="maintenance")
    assert answer.json() == {"client_id": "ada", "was_connected": True}
    assert session.notes == ["maintenance"]


def test_a_new_token_ends_the_old_one_and_the_session(served: Served) -> None:
    served.register("ada")
    _, session = served.connected("ada")
    first, second = (served.post("ada", "token").json()["token"] for _ in range(2))
    assert len(session.notes) == 2
    assert served.clients.log_in("ada", first, "::1").client is None
    assert served.clients.log_in("ada", second, "::1").client is not None


def test_removing_keeps_the_person(served: Served) -> None:
    served.register("ada")
    _, session = served.connected("ada")
    assert served.client.delete(path("ada")).status_code == 204
    assert session.clients == [None]
    assert served.gallery.get_subject("ada").subject_id == "ada"


def test_pages(served: Served) -> None:
    names = [f"client {number:02}" for number in range(7)]
    for name in reversed(names):
        served.register(name)
    served.post(names[3], "block")
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "3"} | ({"after": after} if after else {})
        page = served.client.get(CLIENTS, params=params).json()
        seen += [client["client_id"] for client in page["clients"]]
        after = page["next_after"]
        if after is None:
            break
    assert seen == names
    blocked = served.client.get(CLIENTS, params={"status": "blocked"}).json()
    assert [client["client_id"] for client in blocked["clients"]] == [names[3]]
    for params in ({"status": "asleep"}, {"limit": "0"}, {"limit": "1001"}, {"after": "a\0"}, {"page": "2"}):
        assert error_of(served.client.get(CLIENTS, params=params)) == (422, "invalid_input")


def test_live_sessions_explain_the_last_verdict(served: Served) -> None:
    empty = served.client.get("/v1/presence/sessions").json()
    assert empty == {"max_connections": 5, "connection_count": 0, "refused_count": 0, "sessions": []}
    served.register("ada")
    served.sessions.admit()
    session_id, _ = served.connected("ada")
    served.clock.advance(2)
    verdict = Verdict(
        Action.LOCK_SCREEN,
        Reason.WRONG_USER,
        "bob",
        cues=(Cue(Finding.OTHER_PERSON, 0.61, 0.45, frame_count=2, of_frames=3), Cue(Finding.SECOND_FACE)),
        checks={Check.FACE: CheckState.RAN, Check.PHONE: CheckState.REUSED},
    )
    served.sessions.record_frame(session_id, verdict, 31.5)
    served.sessions.record_superseded(session_id, 2)
    listed = served.client.get("/v1/presence/sessions").json()
    assert listed["connection_count"] == 1
    assert listed["sessions"] == [
        {
            "client_id": "ada",
            "address": "192.0.2.7",
            "connected_at": "2026-03-04T12:00:00.123456Z",
            "state": "connected",
            "last_verdict": {
                "at": "2026-03-04T12:00:02.123456Z",
                "action": "ACTION_LOCK_SCREEN",
                "reason": "REASON_WRONG_USER",
                "actual_username": "bob",
                "cues": [
                    {
                        "finding": "other_person",
                        "reason": "REASON_WRONG_USER",
                        "value": 0.61,
                        "threshold": 0.45,
                        "frame_count": 2,
                        "of_frames": 3,
                    },
                    {
                        "finding": "second_face",
                        "reason": "REASON_WRONG_USER",
                        "value": None,
                        "threshold": None,
                        "frame_count": 1,
                        "of_frames": 1,
                    },
                ],
                "checks": {"face": "ran", "phone": "reused"},
            },
            "answered_count": 1,
            "superseded_count": 2,
            "bad_frame_count": 0,
            "frames_per_s": 0.5,
            "last_latency_ms": 31.5,
            "p95_latency_ms": 31.5,
        }
    ]


def test_nobody_gets_in_without_a_token_for_this_door(served: Served) -> None:
    served.register("ada")
    narrow = served.access.create("kiosk", doors=[Door.PRESENCE]).secret
    calls = [("GET", CLIENTS), ("POST", CLIENTS), ("GET", "/v1/presence/sessions")]
    calls += [(method, path("ada")) for method in ("GET", "PATCH", "DELETE")]
    calls += [("POST", f"{path('ada')}/{verb}") for verb in VERBS]
    for method, url in calls:
        for authorization, refused in (("", (401, "not_authenticated")), (narrow, (403, "not_permitted"))):
            headers = {"Authorization": f"Bearer {authorization}"}
            assert error_of(served.client.request(method, url, headers=headers)) == refused
    assert served.status("ada") is ClientStatus.REGISTERED
