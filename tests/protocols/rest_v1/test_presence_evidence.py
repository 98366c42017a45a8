"""/v1/presence/evidence over real files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.fakes.enrolments import NOON, later
from tests.fakes.evidence import PICTURE, a_record
from tests.fakes.gallery import FakeClock, InMemoryTokenStore
from tests.protocols.in_process import InProcessClient
from tests.protocols.rest_v1.calls import error_of

from facegate.adapters.evidence_files import FileEvidenceStore
from facegate.domain.access import Door
from facegate.domain.presence.evidence import EvidenceRecord
from facegate.domain.presence.verdicts import Reason
from facegate.frontends.rest_v1.presence_admin.evidence_routes import (
    PresenceEvidenceParts,
    presence_evidence_router,
)
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.request_log import RequestLog
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.presence.browse_evidence import BrowseEvidence

LIST = "/v1/presence/evidence"


@dataclass(frozen=True, slots=True)
class EvidenceServer:
    store: FileEvidenceStore
    client: InProcessClient
    folder: Path
    app: FastAPI
    tokens: AccessControl


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EvidenceServer]:
    store = FileEvidenceStore(tmp_path / "evidence")
    access = AccessControl(InMemoryTokenStore(), FakeClock(), [])
    workers = BoundedWorkers(2, 8, "store")
    parts = PresenceEvidenceParts(BrowseEvidence(store), AccessGate(access, AccessOptions(), None), workers)
    app = FastAPI()
    app.include_router(presence_evidence_router(parts))
    app.add_middleware(RequestLog)
    headers = {"Authorization": f"Bearer {access.create('tests').secret}"}
    with InProcessClient(app, headers=headers) as client:
        yield EvidenceServer(store, client, tmp_path / "evidence", app, access)
    workers.close()


def keep(server: EvidenceServer, *records: EvidenceRecord) -> None:
    for record in records:
        server.store.save(record, PICTURE)


def listed(server: EvidenceServer, **query: Any) -> list[str]:
    answer = server.client.get(LIST, params=query)
    assert answer.status_code == 200, answer.text
    return [one["evidence_id"] for one in answer.json()["evidence"]]


def test_a_record_is_told_in_full(server: EvidenceServer) -> None:
    record = a_record(NOON)
    keep(server, record)
    shown = server.client.get(f"{LIST}/{record.evidence_id}")
    assert shown.status_code == 200
    assert shown.json() == {
        "evidence_id": record.evidence_id,
        "client_id": "ann",
        "at": "2026-03-04T12:00:00.123456Z",
        "action": "ACTION_LOCK_SCREEN",
        "reason": "REASON_WRONG_USER",
        "actual_username": "bob",
        "cues": [
            {
                "finding": "other_person",
                "reason": "REASON_WRONG_USER",
                "value": 0.71,
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
        "checks": {"face": "ran", "liveness": "reused"},
        "subject_ids": ["ann", "bob"],
        "picture_bytes": len(PICTURE),
    }
    page = server.client.get(LIST).json()
    assert page == {"evidence": [shown.json()], "next_after": None}


def test_the_picture_is_for_the_caller_alone(server: EvidenceServer) -> None:
    record = a_record(NOON)
    keep(server, record)
    answer = server.client.get(f"{LIST}/{record.evidence_id}/picture")
    assert answer.status_code == 200
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_filters(server: EvidenceServer) -> None:
    old, phone, other = (
        a_record(later(0)),
        a_record(later(10), reason=Reason.PHONE_DETECTION),
        a_record(later(20), "team/zoë"),
    )
    keep(server, old, phone, other)
    assert listed(server) == [other.evidence_id, phone.evidence_id, old.evidence_id]
    assert listed(server, client="team/zoë") == [other.evidence_id]
    assert listed(server, client="nobody") == []
    assert listed(server, reason="REASON_PHONE_DETECTION") == [phone.evidence_id]
    assert listed(server, since="2026-03-04T12:00:10Z", until="2026-03-04T13:00:20+01:00") == [
        phone.evidence_id
    ]
    assert listed(server, since="0001-01-01T00:00:00+14:00", until="9999-12-31T23:59:59-14:00") == listed(
        server
    )


def test_pages_end(server: EvidenceServer) -> None:
    records = [a_record(later(second)) for second in range(5)]
    keep(server, *records)
    seen, query = [], {"limit": "2"}
    for _ in range(3):
        page = server.client.get(LIST, params=query).json()
        seen += [one["evidence_id"] for one in page["evidence"]]
        if page["next_after"] is None:
            break
        query["after"] = page["next_after"]
    assert seen == [record.evidence_id for record in reversed(records)]
    assert page["next_after"] is None


def test_deleting(server: EvidenceServer) -> None:
    gone, stays = a_record(NOON), a_record(later(1))
    keep(server, gone, stays)
    path = f"{LIST}/{gone.evidence_id}"
    assert server.client.delete(path).status_code == 204
    assert listed(server) == [stays.evidence_id]
    assert not list(server.folder.rglob(f"{gone.evidence_id}*"))
    for answer in (
        server.client.delete(path),
        server.client.get(path),
        server.client.get(f"{path}/picture"),
    ):
        assert error_of(answer) == (404, "evidence_not_found")


@pytest.mark.parametrize("evidence_id", ["0" * 32, "no-id", "..%2f..%2fetc%2fpasswd", "%00", "%F0%9F%99%82"])
def test_what_is_not_there(server: EvidenceServer, evidence_id: str) -> None:
    keep(server, a_record(NOON))
    assert server.client.get(f"{LIST}/{evidence_id}").status_code == 404
    assert server.client.get(f"{LIST}/{evidence_id}/picture").status_code == 404
    assert server.client.delete(f"{LIST}/{evidence_id}").status_code == 404
    assert len(listed(server)) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"reason": "REASON_NONE"}, "reason"),
        ({"since": "2026-03-04T12:00:00"}, "since"),
        ({"until": "yesterday"}, "until"),
        ({"after": "there"}, "after"),
        ({"client": "unknown"}, "client"),
        ({"clients": "ann"}, "clients"),
    ],
)
def test_wrong_questions(server: EvidenceServer, query: dict[str, str], field: str) -> None:
    answer = server.client.get(LIST, params=query)
    assert error_of(answer) == (422, "invalid_input")
    assert answer.json()["error"]["field"] == field


def test_nobody_gets_in_without_a_token_for_this_door(server: EvidenceServer) -> None:
    record = a_record(NOON)
    keep(server, record)
    other = {"Authorization": f"Bearer {server.tokens.create('kiosk', doors=[Door.PERSONS]).secret}"}
    path = f"{LIST}/{record.evidence_id}"
    for headers, status in (({"Authorization": ""}, 401), (other, 403)):
        for method, url in (("GET", LIST), ("GET", path), ("GET", f"{path}/picture"), ("DELETE", path)):
            assert server.client.request(method, url, headers=headers).status_code == status
    assert listed(server) == [record.evidence_id]


def test_a_failing_disk_is_said(server: EvidenceServer) -> None:
    server.folder.write_text("a file in the way")
    assert error_of(server.client.get(LIST)) == (503, "store_failed")


def test_the_routes_are_described(server: EvidenceServer) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    described = {(path, method) for path, methods in paths.items() for method in methods}
    one = LIST + "/{evidence_id}"
    assert described == {(LIST, "get"), (one, "get"), (f"{one}/picture", "get"), (one, "delete")}
    assert paths[f"{one}/picture"]["get"]["responses"]["200"]["content"].keys() == {"image/jpeg"}
