"""The address of a webhook, and the machines that may be behind it."""

import base64
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from facegate.domain.alerts.destinations import check_named_host, permitted_addresses
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import InvalidInput

_MAX_URL_CHARS = 2048


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An address taken apart. `path` is with the query; `authorization` is made of its user and password."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    authorization: str | None = field(repr=False)

    @property
    def host_header(self) -> str:
        """What the other side is asked as."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == (443 if self.scheme == "https" else 80)
        return host if is_default else f"{host}:{self.port}"

    def url_at(self, address: str) -> str:
        """The same with an address that was looked up and may be used."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def parse_target(url: str, allowed: frozenset[InsidePlace]) -> WebhookTarget:
    """Looks nothing up.

    Raises:
        InvalidInput: no address of HTTP; the sentence does not repeat it.
        NotPermitted: it names a place inside.
    """
    url = url.strip()
    if not url or len(url) > _MAX_URL_CHARS or not url.isprintable() or " " in url:
        raise _not_understood()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        # Names of other scripts as they go over the wire; fails where a name is impossible.
        host = host and (host if ":" in host else host.encode("idna").decode("ascii"))
    except (ValueError, UnicodeError) as error:
        raise _not_understood() from error
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not host:
        raise _not_understood()
    check_named_host(host, allowed)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    return WebhookTarget(
        scheme,
        host,
        port or (443 if scheme == "https" else 80),
        path if path.isascii() else _as_ascii(path),
        _basic_authorization(parts.username, parts.password),
    )


def look_up(target: WebhookTarget, allowed: frozenset[InsidePlace]) -> list[str]:
    """Addresses to connect to, every one checked.

    Raises:
        OSError: the name is not known now.
        NotPermitted: one of them is inside.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return permitted_addresses((str(place[4][0]) for place in found), allowed)


def _as_ascii(path: str) -> str:
    return "".join(
        char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in path
    )


def _basic_authorization(user: str | None, password: str | None) -> str | None:
    if user is None and password is None:
        return None
    pair = f"{unquote(user or '')}:{unquote(password or '')}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def _not_understood() -> InvalidInput:
    return InvalidInput("url must be an address such as https://example.org/alerts", field="url")
