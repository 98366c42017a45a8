"""What a channel says of its broker and topics."""

import re
import ssl
from dataclasses import dataclass, field

from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.destinations import check_named_host
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import InvalidInput

_HOST = re.compile(r"[A-Za-z0-9._:%-]{1,255}")
_MAX_PREFIX_CHARS = 100


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """A broker and how to speak to it.

    An empty `discovery_prefix` announces nothing to Home Assistant. `off_delay_s` is after how long nobody
    counts as present although no leaving was told; 0 waits for the leaving.
    """

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None = field(repr=False)
    topic_prefix: str = "facegate"
    discovery_prefix: str = "homeassistant"
    with_picture: bool = False
    off_delay_s: int = 300
    is_version_5: bool = True
    ca_certificate: str | None = field(default=None, repr=False)


def broker_options(channel: AlertChannel, allowed: frozenset[InsidePlace]) -> BrokerOptions:
    """Looks nothing up.

    Raises:
        InvalidInput: something is missing or wrong.
        NotPermitted: the host is named as a place inside.
    """
    given = channel.options
    host = given.get("host", "").strip().strip("[]")
    if _HOST.fullmatch(host) is None:
        raise InvalidInput("host must be the broker's name or address", field="host")
    check_named_host(host, allowed)
    tls = _yes_or_no(channel, "tls", default=False)
    user = given.get("user", "").strip() or None
    password = channel.secrets.get("password") or None
    if password is not None and user is None:
        raise InvalidInput("a password needs a user", field="user")
    version = given.get("protocol", "5").strip()
    if version not in ("5", "3.1.1"):
        raise InvalidInput("protocol must be 5 or 3.1.1", field="protocol")
    return BrokerOptions(
        host,
        _number(channel, "port", default=8883 if tls else 1883, least=1, most=65_535),
        tls,
        user,
        password,
        _prefix(channel, "topic_prefix", default="facegate"),
        _prefix(channel, "discovery_prefix", default="homeassistant", may_be_empty=True),
        _yes_or_no(channel, "picture", default=False),
        _number(channel, "off_delay_s", default=300, least=0, most=86_400),
        version == "5",
        _certificate(given.get("ca_certificate", "")),
    )


def _yes_or_no(channel: AlertChannel, name: str, *, default: bool) -> bool:
    text = channel.options.get(name, "").strip().lower() or str(default).lower()
    if text not in ("true", "false"):
        raise InvalidInput(f"{name} must be true or false", field=name)
    return text == "true"


def _number(channel: AlertChannel, name: str, *, default: int, least: int, most: int) -> int:
    text = channel.options.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most):
        raise InvalidInput(f"{name} must be a number from {least} to {most}", field=name)
    return int(text)


def _prefix(channel: AlertChannel, name: str, *, default: str, may_be_empty: bool = False) -> str:
    prefix = channel.options.get(name, default).strip().strip("/")
    if not prefix and not may_be_empty:
        prefix = default
    # What starts with $ belongs to the broker; + and # are for those who subscribe.
    if (
        len(prefix) > _MAX_PREFIX_CHARS
        or prefix.startswith("$")
        or not prefix.isprintable()
        or any(sign in prefix for sign in "+#")
    ):
        raise InvalidInput(
            f"{name} must be a topic of at most {_MAX_PREFIX_CHARS} characters without + and #", field=name
        )
    return prefix


def _certificate(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise InvalidInput(
            "ca_certificate must be the text of a certificate in PEM form", field="ca_certificate"
        ) from error
    return text
