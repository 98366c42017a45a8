import asyncio
import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request

from facegate.domain.access import Door, TokenRecord
from facegate.domain.errors import NotAuthenticated, NotPermitted, RateLimited
from facegate.frontends.wire.access_gate import (
    OPEN_DOORS_BY_CONTRACT,
    AccessGate,
    AccessOptions,
    CallerKind,
)
from facegate.frontends.wire.rate_limits import RateLimitOptions, RateLimits
from facegate.frontends.wire.request_log import CLIENT_KIND_KEY
from facegate.use_cases.access_control import AccessControl

_TOKEN_DOORS = sorted(set(Door) - OPEN_DOORS_BY_CONTRACT)
_ELSEWHERE = "192.0.2.7"


class _Tokens:
    def __init__(self) -> None:
        self._records: list[TokenRecord] = []

    def add_token(self, record: TokenRecord) -> None:
        self._records.append(record)

    def list_tokens(self) -> list[TokenRecord]:
        return list(self._records)

    def remove_token(self, token_id: str) -> bool:
        kept = [record for record in self._records if record.token_id != token_id]
        was_there = len(kept) < len(self._records)
        self._records = kept
        return was_there


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def now_utc(self) -> datetime:
        return self.now

    def now_local(self) -> datetime:
        return self.now

    def monotonic_s(self) -> float:
        return 0.0


class _House:
    """A gate with a clock that can be moved."""

    def __init__(self, options: AccessOptions | None = None, limits: RateLimits | None = None) -> None:
        self.clock = _Clock()
        self.access = AccessControl(_Tokens(), self.clock)
        self.gate = AccessGate(self.access, options or AccessOptions(), limits)

    def come(
        self,
        door: Door,
        *,
        client: str | None = "127.0.0.1",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        open_on_loopback: bool = False,
    ) -> tuple[CallerKind, Request]:
        sent = {"host": "localhost:8000", **(headers or {})}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        scope = {
            "type": "http",
            "method": "POST",
            "server": ("127.0.0.1", 8000) if client == "127.0.0.1" else ("192.0.2.1", 8000),
            "client": (client, 50000) if client else None,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        }
        request = Request(scope)
        caller = asyncio.run(self.gate.guard(door, open_on_loopback=open_on_loopback)(request))
        return caller.kind, request


@pytest.mark.parametrize("door", _TOKEN_DOORS)
def test_token_doors_need_a_token_even_here(door: Door) -> None:
    with pytest.raises(NotAuthenticated):
        _House().come(door)


@pytest.mark.parametrize("door", list(Door))
@pytest.mark.parametrize("client", ["127.0.0.1", _ELSEWHERE, None])
def test_a_token_for_every_door_opens_each_from_anywhere(door: Door, client: str | None) -> None:
    house = _House()
    kind, _ = house.come(door, client=client, token=house.access.create("all").secret)
    is_free = door in OPEN_DOORS_BY_CONTRACT and client == "127.0.0.1"
    assert kind is (CallerKind.LOCAL if is_free else CallerKind.TOKEN)


@pytest.mark.parametrize("door", sorted(OPEN_DOORS_BY_CONTRACT))
def test_contract_doors_are_open_here_and_closed_elsewhere(door: Door) -> None:
    house = _House()
    assert house.come(door)[0] is CallerKind.LOCAL
    with pytest.raises(NotPermitted, match="FACEGATE_ACCESS__OPEN_DOORS"):
        house.come(door, client=_ELSEWHERE)
    with pytest.raises(NotPermitted):
        house.come(door, headers={"x-forwarded-for": "127.0.0.1"})
    with pytest.raises(NotPermitted):
        house.come(door, headers={"host": "rebound.example"})
    with pytest.raises(NotPermitted):
        house.come(door, headers={"origin": "https://attacker.example"})
    with pytest.raises(NotAuthenticated):
        house.come(door, client=_ELSEWHERE, token="fg_wrong")


def test_the_operator_opens_a_door_to_all_or_to_some() -> None:
    networks = (ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("2001:db8::/32"))
    house = _House(
        AccessOptions(open_doors=frozenset({Door.VERIFICATION}), allowed_networks={Door.ATTENDANCE: networks})
    )
    assert house.come(Door.VERIFICATION, client="203.0.113.9")[0] is CallerKind.OPENED_DOOR
    for listed in (_ELSEWHERE, "::ffff:192.0.2.9", "2001:db8::1"):
        assert house.come(Door.ATTENDANCE, client=listed)[0] is CallerKind.LISTED_ADDRESS
    for other in ("203.0.113.9", "2001:db9::1", None):
        with pytest.raises(NotPermitted):
            house.come(Door.ATTENDANCE, client=other)


@pytest.mark.parametrize("door", _TOKEN_DOORS)
def test_a_token_door_cannot_be_configured_open(door: Door) -> None:
    with pytest.raises(ValueError, match=door.value):
        AccessOptions(open_doors=frozenset({door}))
    with pytest.raises(ValueError, match=door.value):
        AccessOptions(allowed_networks={door: ()})


def test_a_narrow_token_opens_its_doors_alone() -> None:
    house = _House()
    secret = house.access.create("kiosk", doors=[Door.ATTENDANCE, Door.OPERATIONS]).secret
    assert house.come(Door.OPERATIONS, token=secret)[0] is CallerKind.TOKEN
    assert house.come(Door.ATTENDANCE, client=_ELSEWHERE, token=secret)[0] is CallerKind.TOKEN
    for door in (Door.REST_V1, Door.PERSONS):
        with pytest.raises(NotPermitted, match=door.value):
            house.come(door, token=secret)


def test_a_token_ends() -> None:
    house = _House()
    secret = house.access.create("guest", lifetime=timedelta(hours=1)).secret
    assert house.come(Door.REST_V1, token=secret)[0] is CallerKind.TOKEN
    house.clock.now += timedelta(hours=1)
    with pytest.raises(NotAuthenticated, match="expired"):
        house.come(Door.REST_V1, token=secret)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Token x", "Bearer " + "x" * 513, "fg_x", "Bearer \xff"],
)
def test_other_authorization_headers_are_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated):
        _House().come(Door.REST_V1, headers={"authorization": header})


def test_the_scheme_is_read_in_any_case() -> None:
    house = _House()
    secret = house.access.create("all").secret
    assert house.come(Door.REST_V1, headers={"authorization": f"bEARER  {secret} "})[0] is CallerKind.TOKEN


def test_documents_are_free_here_and_need_a_token_elsewhere() -> None:
    house = _House()
    assert house.come(Door.OPERATIONS, open_on_loopback=True)[0] is CallerKind.LOCAL
    with pytest.raises(NotAuthenticated):
        house.come(Door.OPERATIONS, client=_ELSEWHERE, open_on_loopback=True)


def test_rates_count_elsewhere_and_not_here() -> None:
    house = _House(limits=RateLimits(RateLimitOptions(per_address=2)))
    for _ in range(5):
        house.come(Door.ATTENDANCE)
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            house.come(Door.REST_V1, client=_ELSEWHERE)
    with pytest.raises(RateLimited):
        house.come(Door.REST_V1, client=_ELSEWHERE)


def test_loopback_can_lose_its_special_place() -> None:
    limits = RateLimits(RateLimitOptions(per_address=3))
    house = _House(AccessOptions(trust_loopback=False), limits)
    for door in (Door.ATTENDANCE, Door.VERIFICATION):
        with pytest.raises(NotPermitted):
            house.come(door)
    with pytest.raises(NotAuthenticated):
        house.come(Door.OPERATIONS, open_on_loopback=True)
    with pytest.raises(RateLimited):
        house.come(Door.ATTENDANCE, token=house.access.create("all").secret)


def test_rates_count_per_token() -> None:
    house = _House(limits=RateLimits(RateLimitOptions(per_token=2)))
    first, second = (house.access.create(name).secret for name in ("first", "second"))
    for _ in range(2):
        house.come(Door.REST_V1, client=_ELSEWHERE, token=first)
    with pytest.raises(RateLimited):
        house.come(Door.REST_V1, client="203.0.113.1", token=first)
    house.come(Door.REST_V1, client=_ELSEWHERE, token=second)


def test_a_request_is_counted_once_however_often_it_is_guarded() -> None:
    house = _House(limits=RateLimits(RateLimitOptions(per_address=1)))
    secret = house.access.create("all").secret
    _, request = house.come(Door.REST_V1, client=_ELSEWHERE, token=secret)
    assert house.gate.admit(request, Door.REST_V1).kind is CallerKind.TOKEN


def test_the_log_hears_the_kind_and_nothing_more() -> None:
    house = _House()
    created = house.access.create("anybody's name")
    _, request = house.come(Door.REST_V1, token=created.secret)
    assert request.scope[CLIENT_KIND_KEY] == "token"
