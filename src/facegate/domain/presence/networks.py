"""Address lists of clients: CIDR texts in one spelling, and whether an address is in them."""

import ipaddress
from collections.abc import Iterable

from facegate.domain.errors import InvalidInput

MAX_NETWORKS = 100
_IPV4_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks in their one spelling, each once, in the order given.

    `10.0.0.7` is `10.0.0.7/32`, `10.0.0.7/8` is `10.0.0.0/8`, and an IPv4 network written as IPv6
    (`::ffff:10.0.0.0/104`) is the IPv4 network.

    Raises:
        InvalidInput: one is no network, or there are more than 100.
    """
    found: dict[str, None] = {}
    for text in texts:
        if len(found) >= MAX_NETWORKS:
            raise InvalidInput(f"at most {MAX_NETWORKS} networks are kept for a client", field="networks")
        found[str(_parsed(text))] = None
    return tuple(found)


def is_listed(address: str | None, networks: Iterable[str]) -> bool:
    """Whether the address is in one of these networks; what is no IP address is in none.

    IPv4 inside IPv6 counts as IPv4, and a zone (`fe80::1%eth0`) is left out of account.
    """
    try:
        known = ipaddress.ip_address((address or "").split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return any(known in ipaddress.ip_network(network) for network in networks)


def _parsed(text: str) -> _Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise InvalidInput("a network is an address or CIDR such as 10.0.0.0/8", field="networks") from error
    if isinstance(network, ipaddress.IPv6Network):
        if network.network_address.scope_id is not None:
            raise InvalidInput("a network has no zone", field="networks")
        if network.subnet_of(_IPV4_MAPPED):
            low_bits = int(network.network_address) & 0xFFFF_FFFF
            return ipaddress.IPv4Network((low_bits, network.prefixlen - 96))
    return network
