"""Address lists in one spelling, and who is in them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.networks import MAX_NETWORKS, is_listed, parse_networks

networks_v4 = st.builds(
    lambda address, bits: ipaddress.ip_network((address, bits), strict=False),
    st.ip_addresses(v=4),
    st.integers(0, 32),
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10.0.0.7", "10.0.0.7/32"),
        (" 10.0.0.7/8 ", "10.0.0.0/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("2001:DB8:0::1", "2001:db8::1/128"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("::ffff:10.1.2.3", "10.1.2.3/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_one_spelling(written: str, kept: str) -> None:
    assert parse_networks([written]) == (kept,)


def test_each_once_in_the_order_given() -> None:
    assert parse_networks(["::1", "10.1.0.0/8", "10.0.0.0/8", "::1/128"]) == ("::1/128", "10.0.0.0/8")


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "anywhere", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.1-9", "fe80::1%eth0", "010.0.0.1"],
)
def test_what_is_no_network(wrong: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_networks(["10.0.0.0/8", wrong])
    assert refusal.value.field == "networks"


def test_there_is_a_limit() -> None:
    networks = [f"10.0.0.{number}" for number in range(MAX_NETWORKS)]
    assert len(parse_networks(networks)) == MAX_NETWORKS
    with pytest.raises(InvalidInput):
        parse_networks([*networks, "10.0.1.0"])


@pytest.mark.parametrize(
    ("address", "is_in"),
    [
        ("10.200.1.1", True),
        ("::ffff:10.200.1.1", True),
        ("11.0.0.1", False),
        ("2001:db8:1::9", True),
        ("2001:db9::1", False),
        ("fe80::1%eth0", True),
        ("unix:/run/door.sock", False),
        ("", False),
        (None, False),
    ],
)
def test_who_is_listed(address: str | None, is_in: bool) -> None:
    assert is_listed(address, parse_networks(["10.0.0.0/8", "2001:db8::/32", "fe80::/10"])) is is_in


def test_nobody_is_in_an_empty_list() -> None:
    assert not is_listed("10.0.0.1", ())


@given(networks_v4, st.ip_addresses(v=4))
def test_ipv4_is_the_same_by_itself_and_inside_ipv6(
    network: ipaddress.IPv4Network, address: ipaddress.IPv4Address
) -> None:
    mapped = f"::ffff:{network.network_address}/{network.prefixlen + 96}"
    assert parse_networks([mapped]) == parse_networks([str(network)]) == (str(network),)
    assert is_listed(str(address), [str(network)]) is (address in network)
    assert is_listed(f"::ffff:{address}", [str(network)]) is (address in network)


@given(st.lists(st.one_of(networks_v4, st.builds(ipaddress.ip_network, st.ip_addresses(v=6))), max_size=5))
def test_what_was_parsed_stays_as_it_is(
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> None:
    parsed = parse_networks(map(str, networks))
    assert parse_networks(parsed) == parsed
