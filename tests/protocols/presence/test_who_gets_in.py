"""Addresses, origins and tokens before a socket is open, and what the log says of it."""

import ipaddress
import json
import logging
from typing import Any

import pytest
from tests.protocols.in_process import ELSEWHERE
from tests.protocols.presence.in_process_sockets import USER, DoorSetup, PresenceDoor, open_presence_door

from facegate.domain.access import Door
from facegate.frontends.wire.access_gate import AccessOptions

DENIAL: dict[str, Any] = {"websocket.http.response": {}}
OPENED = AccessOptions(open_doors=frozenset({Door.PRESENCE}))
LISTED = AccessOptions(allowed_networks={Door.PRESENCE: (ipaddress.ip_network("192.0.2.0/24"),)})
EVIL = {"origin": "https://evil.example"}


def is_refused(door: PresenceDoor, **how: Any) -> bool:
    plain = door.knock(**how).next_message()
    told = door.knock(**how, extensions=DENIAL)
    start = told.next_message()
    if plain["type"] != "websocket.close":
        assert (plain["type"], start["type"]) == ("websocket.accept", "websocket.accept")
        return False
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    body = json.loads(told.next_message()["body"])
    assert body["error"] == "AUTHENTICATION_FAILED"
    return True


def test_this_machine_gets_in_and_others_do_not(door: PresenceDoor) -> None:
    assert not is_refused(door)
    assert is_refused(door, client=ELSEWHERE)
    token = door.access.create("agent", doors=[Door.PRESENCE]).secret
    assert not is_refused(door, client=ELSEWHERE, headers={"authorization": f"Bearer {token}"})
    other = door.access.create("other", doors=[Door.PERSONS]).secret
    assert is_refused(door, client=ELSEWHERE, headers={"authorization": f"Bearer {other}"})
    assert is_refused(door, client=ELSEWHERE, query=f"token={token}")
    assert door.sessions.counts().connections == 4, "only those that got in take a place"


@pytest.mark.parametrize("access", [OPENED, LISTED], ids=["opened", "listed"])
def test_opened_doors_are_not_open_to_pages_elsewhere(access: AccessOptions) -> None:
    with open_presence_door(
        DoorSetup(access=access, trusted_origins=frozenset({"https://hr.example"}))
    ) as door:
        assert not is_refused(door, client=ELSEWHERE)
        assert is_refused(door, client=ELSEWHERE, headers=EVIL)
        assert is_refused(door, client=ELSEWHERE, headers={"origin": "null"})
        assert not is_refused(door, client=ELSEWHERE, headers={"origin": "https://hr.example"})


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_a_page_elsewhere_cannot_use_a_visitors_browser(door: PresenceDoor, origin: str) -> None:
    assert is_refused(door, headers={"origin": origin})
    assert not is_refused(door, headers={"origin": "http://localhost:8080"})


def test_names_that_point_at_this_machine_are_strange(door: PresenceDoor) -> None:
    assert is_refused(door, headers={"host": "rebound.example"})


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_clients_own_token(door: PresenceDoor, place: str) -> None:
    _, token = door.clients.renew_token(USER)

    def how(secret: str) -> dict[str, Any]:
        return (
            {"headers": {"authorization": f"Bearer {secret}"}}
            if place == "header"
            else {"query": f"token={secret}"}
        )

    assert door.connect(**how(token)).log_in()["action"] == "NO_ACTION"
    for wrong in (how(token[:-1]), how("x" * 100_000), {}):
        stranger = door.connect(**wrong)
        assert stranger.log_in()["reason"] == "REASON_CLIENT_NOT_AVAILABLE"
        assert stranger.close_code() == 4001


def test_the_query_goes_before_the_header_which_may_hold_the_doors_token(door: PresenceDoor) -> None:
    _, token = door.clients.renew_token(USER)
    gate_token = door.access.create("agent", doors=[Door.PRESENCE]).secret
    socket = door.connect(
        client=ELSEWHERE, headers={"authorization": f"Bearer {gate_token}"}, query=f"token={token}"
    )
    assert socket.log_in()["action"] == "NO_ACTION"


def test_a_clients_address_list(door: PresenceDoor) -> None:
    door.clients.set_networks(USER, ["10.0.0.0/8"])
    assert door.connect().log_in()["reason"] == "REASON_CLIENT_NOT_AVAILABLE"
    door.clients.set_networks(USER, ["127.0.0.1"])
    assert door.connect().log_in()["action"] == "NO_ACTION"


def test_the_log_tells_changes_with_their_numbers_and_no_names(
    door: PresenceDoor, caplog: pytest.LogCaptureFixture
) -> None:
    workstation = door.connect()
    with caplog.at_level(logging.INFO, logger="facegate.presence"):
        for script in ("present", "present", "stranger", "stranger", "present"):
            workstation.show(script)
        workstation.leave()
    (first, second, third) = [record.getMessage() for record in caplog.records]
    assert "NO_ACTION EMPTY_REASON; phone reused" in first
    assert "REASON_WRONG_USER; stranger 0.123 (threshold 0.363, in 1 of 1 frames); phone reused" in second
    assert "NO_ACTION" in third
    assert USER not in caplog.text
