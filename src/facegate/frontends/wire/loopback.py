"""Whether a request comes from a program on this machine, and not through a browser or proxy for others."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORWARDING_HEADERS = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-forwarded-port",
        b"x-forwarded-server",
        b"x-real-ip",
        b"x-client-ip",
        b"x-original-forwarded-for",
        b"x-cluster-client-ip",
        b"true-client-ip",
        b"cf-connecting-ip",
        b"via",
    }
)
_MAX_ADDRESS_CHARS = 100
"""An IPv6 address with its zone is shorter; a Host header may be anything."""
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::(?P<port>[0-9]{1,5}))?")


def address_of(text: str | None) -> IpAddress | None:
    """The address, an IPv4 one out of its IPv6 wrapping; None for what is no address (a socket path)."""
    return _parsed_address(text) if text and len(text) <= _MAX_ADDRESS_CHARS else None


@lru_cache(maxsize=1024)
def _parsed_address(text: str) -> IpAddress | None:
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def client_address(scope: Scope) -> IpAddress | None:
    """The address at the other end of the connection; a proxy's own, if there is one between."""
    client = scope.get("client")
    return address_of(client[0]) if client else None


def is_loopback_host(header: str) -> bool:
    """Whether a Host header names this machine by a loopback name: `localhost`, `127.0.0.1:8000`, `[::1]`.

    Any other name may be one that an attacker's DNS points at 127.0.0.1 (DNS rebinding).
    """
    parts = _HOST.fullmatch(header.strip())
    if parts is None:
        return False
    if parts["v6"] is not None:
        address = address_of(parts["v6"])
        return address is not None and address.is_loopback
    name = parts["name"].lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(name)
    return address is not None and address.is_loopback


def is_loopback_origin(origin: str) -> bool:
    """Whether a page's origin is on this machine."""
    try:
        parts = urlsplit(origin)
        return parts.scheme in {"http", "https"} and is_loopback_host(parts.netloc)
    except ValueError:
        return False


def is_forwarded(headers: Headers) -> bool:
    """Whether a proxy says that it stands between."""
    return any(name.lower() in _FORWARDING_HEADERS for name, _ in headers.raw)


def is_local_request(scope: Scope, trusted_origins: frozenset[str] = frozenset()) -> bool:
    """Whether listener, client and Host are loopback, no proxy is between, and no foreign page asks.

    A web page anywhere can make the visitor's browser post a form to 127.0.0.1; its Origin gives it away.
    Proxies that add no header, as nginx by default, mostly speak HTTP/1.0, and no browser and no client of
    today does. `trusted_origins` are those that the operator allows by CORS.
    """
    if scope.get("http_version", "1.1") != "1.1":
        return False
    server = scope.get("server")
    listener = address_of(server[0]) if server else None
    client = client_address(scope)
    if listener is None or client is None or not listener.is_loopback or not client.is_loopback:
        return False
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_loopback_host(hosts[0]) or is_forwarded(headers):
        return False
    origins = headers.getlist("origin")
    return all(origin in trusted_origins or is_loopback_origin(origin) for origin in origins)
