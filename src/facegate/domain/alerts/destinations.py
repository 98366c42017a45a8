"""Where alerts may be sent, and how such an address is shown without its secrets.

A name is looked up by the adapter, which then connects to an address from here and looks nothing up again:
what a name means may change between the two.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from facegate.domain.cameras.sources import InsidePlace, check_place, place_of_ip
from facegate.domain.errors import NotPermitted

PLACES_SETTING = "FACEGATE_ALERTS__ALLOWED_PLACES"

_LONGEST_SHOWN_SEGMENT = 12
"""Longer pieces of a path are usually keys: those of Slack, Discord and Home Assistant are."""


def check_named_host(host: str, allowed: frozenset[InsidePlace]) -> None:
    """What can be said of a host before it is looked up: `localhost`, and addresses written out.

    Raises:
        NotPermitted: it leads inside, or is no single machine's address.
    """
    name = host.strip("[]").split("%")[0].rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        check_place(InsidePlace.LOOPBACK, allowed, PLACES_SETTING)
        return
    try:
        ip_address(name)
    except ValueError:
        return
    permitted_addresses([name], allowed)


def permitted_addresses(found: Iterable[str], allowed: frozenset[InsidePlace]) -> list[str]:
    """The addresses of one name, in their order, each once. One that is refused refuses them all.

    Raises:
        NotPermitted: one of them leads inside, or is no single machine's.
    """
    addresses = list(dict.fromkeys(found))
    for text in addresses:
        try:
            place = place_of_ip(ip_address(text.split("%")[0]))
        except NotPermitted as error:
            raise NotPermitted("the address of the channel is not one machine's: use its own") from error
        check_place(place, allowed, PLACES_SETTING)
    return addresses


def masked_url(url: str) -> str:
    """`https://***@hooks.example/services/***?***`: whatever may be a key is left out."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "***"
    if not host or parts.scheme.lower() not in ("http", "https"):
        return "***"
    place = f"[{host}]" if ":" in host else host
    if port is not None:
        place = f"{place}:{port}"
    if parts.username is not None or parts.password is not None:
        place = f"***@{place}"
    path = "/".join(
        "***" if len(segment) > _LONGEST_SHOWN_SEGMENT else segment for segment in parts.path.split("/")
    )
    return f"{parts.scheme}://{place}{path}{'?***' if parts.query else ''}"
