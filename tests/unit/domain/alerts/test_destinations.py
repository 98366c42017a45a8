"""Where alerts may go, and how addresses are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.alerts.destinations import check_named_host, masked_url, permitted_addresses
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import NotPermitted

NONE: frozenset[InsidePlace] = frozenset()


@pytest.mark.parametrize(
    "host", ["localhost", "a.LOCALHOST.", "127.9.9.9", "[::1]", "169.254.1.1", "fe80::1%eth0"]
)
def test_named_places_inside(host: str) -> None:
    with pytest.raises(NotPermitted, match="FACEGATE_ALERTS__ALLOWED_PLACES="):
        check_named_host(host, NONE)
    check_named_host(host, frozenset({InsidePlace.LOOPBACK, InsidePlace.LINK_LOCAL}))


@pytest.mark.parametrize("host", ["example.org", "192.168.0.7", "fd00::7", "localhost.example.org"])
def test_named_places_elsewhere(host: str) -> None:
    check_named_host(host, NONE)


def test_one_address_inside_refuses_all() -> None:
    with pytest.raises(NotPermitted):
        permitted_addresses(["93.184.216.34", "127.0.0.1"], NONE)
    assert permitted_addresses(["10.0.0.1", "10.0.0.2", "10.0.0.1"], NONE) == ["10.0.0.1", "10.0.0.2"]


def test_what_is_nobodys_stays_refused() -> None:
    with pytest.raises(NotPermitted, match="not one machine's"):
        permitted_addresses(["0.0.0.0"], frozenset(InsidePlace))  # noqa: S104


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example/a/b", "https://hooks.example/a/b"),
        ("https://u:p@hooks.example:8443/a", "https://***@hooks.example:8443/a"),
        (
            "https://hooks.example/services/T00000000000000/x?key=1",
            "https://hooks.example/services/***/x?***",
        ),
        ("http://[fd00::1]:80/", "http://[fd00::1]:80/"),
        ("ntfy://token@host", "***"),
        ("http://x:y/", "***"),
        ("", "***"),
    ],
)
def test_how_addresses_are_shown(url: str, shown: str) -> None:
    assert masked_url(url) == shown


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=16, max_size=40))
def test_no_long_secret_is_shown(secret: str) -> None:
    for url in (
        f"https://h/{secret}",
        f"https://{secret}@h/",
        f"https://u:{secret}@h/",
        f"https://h/?{secret}",
    ):
        assert secret not in masked_url(url)
