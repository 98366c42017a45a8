import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from facegate.frontends.wire.loopback import (
    address_of,
    is_local_request,
    is_loopback_host,
    is_loopback_origin,
)


def _scope(
    *,
    server: tuple[str, int | None] | None = ("127.0.0.1", 8000),
    client: tuple[str, int] | None = ("127.0.0.1", 50000),
    headers: tuple[tuple[str, str], ...] = (("host", "localhost:8000"),),
) -> Scope:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "server": server, "client": client, "headers": raw}


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "facegate.localhost",
        "127.0.0.1",
        "127.9.9.9:5000",
        "[::1]",
        "[::1]:8000",
        "[::ffff:127.0.0.1]:80",
    ],
)
def test_loopback_hosts(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.org",
        "localhost.example.org",
        "notlocalhost",
        "127.0.0.1.nip.io",
        "127.0.0.1@evil.org",
        "evil.org#localhost",
        "192.0.2.1",
        "[::2]",
        "::1",
        "[localhost]",
        "0.0.0.0",  # noqa: S104 - a Host header, nothing is bound
        "2130706433",
        "0x7f.1",
        "localhost:8000:1",
        "localhost:",
        "local host",
    ],
)
def test_other_hosts(host: str) -> None:
    assert not is_loopback_host(host)


@given(st.text(max_size=60))
def test_any_host_text_has_an_answer(text: str) -> None:
    assert is_loopback_host(text) in {True, False}
    assert is_loopback_origin(text) in {True, False}


@given(st.ip_addresses(), st.integers(0, 65535))
def test_an_address_as_host_is_loopback_exactly_when_it_is(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    text = f"[{address}]" if address.version == 6 else str(address)
    unwrapped = address_of(str(address))
    assert unwrapped is not None
    assert is_loopback_host(f"{text}:{port}") == unwrapped.is_loopback


def test_a_plain_local_request_is_local() -> None:
    assert is_local_request(_scope())
    assert is_local_request({**_scope(), "http_version": "1.1"})
    assert is_local_request(
        _scope(server=("::1", 8000), client=("::1", 5), headers=(("host", "[::1]:8000"),))
    )


@pytest.mark.parametrize(
    "scope",
    [
        _scope(server=("192.0.2.1", 8000)),
        _scope(server=None),
        _scope(server=("/run/facegate.sock", None)),
        _scope(client=("192.0.2.7", 5)),
        _scope(client=None),
        _scope(headers=()),
        _scope(headers=(("host", "attacker.example"),)),
        _scope(headers=(("host", "localhost"), ("host", "localhost"))),
        _scope(headers=(("host", "localhost"), ("x-forwarded-for", "127.0.0.1"))),
        _scope(headers=(("host", "localhost"), ("forwarded", "for=127.0.0.1"))),
        _scope(headers=(("host", "localhost"), ("via", "1.1 proxy"))),
        _scope(headers=(("host", "localhost"), ("x-real-ip", "127.0.0.1"))),
        _scope(headers=(("host", "localhost"), ("origin", "https://attacker.example"))),
        _scope(headers=(("host", "localhost"), ("origin", "null"))),
        {**_scope(), "http_version": "1.0"},
        {**_scope(), "http_version": "2.0"},
        _scope(headers=(("host", "localhost"), ("origin", "http://localhost.attacker.example"))),
    ],
)
def test_anything_that_hints_at_somebody_else_is_not_local(scope: Scope) -> None:
    assert not is_local_request(scope)


def test_pages_of_this_machine_and_trusted_ones_are_local() -> None:
    trusted = frozenset({"https://time.example.org"})
    own = _scope(headers=(("host", "localhost"), ("origin", "http://localhost:5173")))
    listed = _scope(headers=(("host", "localhost"), ("origin", "https://time.example.org")))
    assert is_local_request(own)
    assert is_local_request(listed, trusted)
    assert not is_local_request(listed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("testclient", None), (None, None)],
)
def test_addresses_are_unwrapped(text: str | None, expected: str | None) -> None:
    assert address_of(text) == (ipaddress.ip_address(expected) if expected else None)
