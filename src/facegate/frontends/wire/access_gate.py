"""Who gets in: tokens, loopback, opened doors, address lists, rate limits; the same for every HTTP door."""

import ipaddress
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request

from facegate.domain.access import Door, TokenRecord
from facegate.domain.errors import NotAuthenticated, NotPermitted
from facegate.frontends.wire.loopback import IpAddress, client_address, is_local_request
from facegate.frontends.wire.rate_limits import RateLimits
from facegate.frontends.wire.request_log import CLIENT_KIND_KEY, DOOR_KEY
from facegate.use_cases.access_control import AccessControl

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

OPEN_DOORS_BY_CONTRACT = frozenset({Door.ATTENDANCE, Door.VERIFICATION, Door.PRESENCE, Door.TERMINALS})
"""Doors whose contract knows no authentication; every other one needs a token, always."""

_MAX_TOKEN_CHARS = 512


class CallerKind(StrEnum):
    """Why somebody was let in."""

    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    LOCAL = "local"
    LISTED_ADDRESS = "listed_address"
    OPENED_DOOR = "opened_door"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in; `token` is None without one."""

    kind: CallerKind
    token: TokenRecord | None = None


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """What the operator opened. Only doors without authentication in their contract can be opened.

    `trusted_origins` are the web origins allowed by CORS, such as `https://time.example.org`. Without
    `trust_loopback` callers of this machine are as strange as all others.
    """

    open_doors: frozenset[Door] = frozenset()
    allowed_networks: Mapping[Door, tuple[IpNetwork, ...]] = field(default_factory=dict)
    trusted_origins: frozenset[str] = frozenset()
    trust_loopback: bool = True

    def __post_init__(self) -> None:
        locked = (self.open_doors | set(self.allowed_networks)) - OPEN_DOORS_BY_CONTRACT
        if locked:
            names = ", ".join(sorted(locked))
            raise ValueError(f"these doors always need a token and cannot be opened without: {names}")


class AccessGate:
    """Decides on each request. Holds no connection and reads no body."""

    def __init__(self, access: AccessControl, options: AccessOptions, limits: RateLimits | None) -> None:
        self._access = access
        self._options = options
        self._limits = limits

    def guard(
        self, door: Door, *, open_on_loopback: bool = False
    ) -> Callable[[Request], Coroutine[Any, Any, Caller]]:
        """A FastAPI dependency, also fit for `answering_route(admit=...)`.

        `open_on_loopback` opens a route of a token door to this machine, such as /docs.
        """

        async def let_in(request: Request) -> Caller:
            return self.admit(request, door, open_on_loopback=open_on_loopback)

        return let_in

    def admit(self, connection: HTTPConnection, door: Door, *, open_on_loopback: bool = False) -> Caller:
        """Lets in or refuses; a request that was let in once is not counted twice.

        Raises:
            NotAuthenticated: no token where one is needed, or one that is unknown or has expired.
            NotPermitted: the token is not for this door, or the door is closed to this address.
            RateLimited: too many requests from this address or with this token.
        """
        scope = connection.scope
        known = scope.get("facegate.caller")
        if known is not None and scope.get(DOOR_KEY) is door:
            return known  # type: ignore[no-any-return]
        scope[DOOR_KEY] = door
        scope[CLIENT_KIND_KEY] = "refused"
        is_local = self._options.trust_loopback and is_local_request(scope, self._options.trusted_origins)
        if self._limits is not None and not is_local:
            self._limits.count_address(client_address(scope))
        caller = self._decide(connection, door, is_local=is_local, open_on_loopback=open_on_loopback)
        if self._limits is not None and not is_local and caller.token is not None:
            self._limits.count_token(caller.token.token_id)
        scope[CLIENT_KIND_KEY] = str(caller.kind)
        scope["facegate.caller"] = caller
        return caller

    def _decide(
        self, connection: HTTPConnection, door: Door, *, is_local: bool, open_on_loopback: bool
    ) -> Caller:
        is_open_by_contract = door in OPEN_DOORS_BY_CONTRACT
        if is_open_by_contract or open_on_loopback:
            free = self._kind_without_token(connection, door, is_local=is_local)
            if free is not None:
                return Caller(free)
        headers = connection.headers
        if is_open_by_contract and "authorization" not in headers:
            raise NotPermitted(_closed_sentence(door))
        record = self._access.recognise(_bearer_token(headers))
        if record is None:
            raise NotAuthenticated("the token is not known or has expired")
        if not self._access.allows(record, door):
            raise NotPermitted(f"this token is not for the door {door.value}")
        return Caller(CallerKind.TOKEN, record)

    def _kind_without_token(
        self, connection: HTTPConnection, door: Door, *, is_local: bool
    ) -> CallerKind | None:
        if is_local:
            return CallerKind.LOCAL
        if door in self._options.open_doors:
            return CallerKind.OPENED_DOOR
        address = client_address(connection.scope)
        if address is not None and _is_listed(address, self._options.allowed_networks.get(door, ())):
            return CallerKind.LISTED_ADDRESS
        return None


def _bearer_token(headers: Headers) -> str:
    values = headers.getlist("authorization")
    if not values:
        raise NotAuthenticated("a token is needed: send the header 'Authorization: Bearer <token>'")
    scheme, _, token = values[0].strip().partition(" ")
    token = token.strip()
    if len(values) > 1 or scheme.lower() != "bearer" or not 0 < len(token) <= _MAX_TOKEN_CHARS:
        raise NotAuthenticated("the Authorization header is not of the form 'Bearer <token>'")
    return token


def _is_listed(address: IpAddress, networks: tuple[IpNetwork, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _closed_sentence(door: Door) -> str:
    return (
        f"the door {door.value} is open to this machine only: send a Bearer token, or let the operator add "
        "the caller's network to FACEGATE_ACCESS__ALLOWED_NETWORKS or the door to "
        "FACEGATE_ACCESS__OPEN_DOORS"
    )
