"""Where pictures may come from, and how an address is shown without its secrets.

An address typed by somebody with a token must not make the server read its own files or reach what only it
can reach: such sources are refused unless the operator allows their kind.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from facegate.domain.errors import InvalidInput, NotPermitted


class SourceKind(StrEnum):
    """What `rtsp_link` can name."""

    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"
    WEBCAM = "webcam"


class InsidePlace(StrEnum):
    """Places that are refused unless the operator allows them."""

    FILES = "files"
    WEBCAMS = "webcams"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link_local"


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """An address taken apart. `host` and `port` are None for files and webcams; `path` is theirs."""

    kind: SourceKind
    address: str
    host: str | None = None
    port: int | None = None
    path: str | None = None


_KINDS = {
    "rtsp": (SourceKind.RTSP, 554),
    "rtsps": (SourceKind.RTSP, 322),
    "http": (SourceKind.HTTP, 80),
    "https": (SourceKind.HTTP, 443),
}

_NAT64 = IPv6Network("64:ff9b::/96")

_CLOUD_SECRETS = frozenset(
    map(
        ip_address,
        ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
"""Where clouds keep their secrets beside 169.254.169.254 and other link-local addresses: Amazon and Google
over IPv6, Alibaba, Azure and Oracle. Other private addresses are where cameras are."""

_MASK = "***"

_SECRET_WORDS = ("pass", "pwd", "psw", "token", "key", "secret", "auth", "user", "usr", "login", "sig")
"""Parts of names: what follows one, or holds one in a path, is not shown."""

_MAX_DIGITS = 4
_MAX_WORD_CHARS = 12
_MAX_MIXED_CHARS = 7
"""Passwords of cameras have eight characters or more, of which some are digits; keys are longer."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
_WORDS = re.compile(r"h26[45]|H26[45]|[A-Z]?[a-z]+|[A-Z]+")

_CAMERA_WORDS = """
amp api asp av avc axis bin cam camera cgi ch channel channels default dev faststream feed file frame get
h264 h265 hevc high id image img index input isapi jpeg jpg live low main media mjpeg mjpg monitor mpeg mp
multicast nph onvif picture preview primary profile psia realmonitor rtp rtsp sdp secondary snap snapshot
stream streaming streams sub subtype tcp third track tunnel udp unicast video videostream view
"""
"""Of the paths that makers use; longer names made of these alone are shown whole."""

_KNOWN_WORDS = frozenset(_CAMERA_WORDS.split())


def parse_source(text: str) -> ParsedSource:
    """`rtsp://`, `rtsps://`, `http://`, `https://`, `file:///path`, an absolute path, or `webcam:0`.

    Raises:
        InvalidInput: none of these; the sentence never repeats the address.
    """
    address = text.strip()
    if not address or not address.isprintable() or len(address) > 2048 or address.startswith("-"):
        raise _not_understood()
    scheme, colon, rest = address.partition(":")
    scheme = scheme.lower()
    if scheme == "webcam" and colon:
        if not (rest.isascii() and rest.isdigit() and len(rest) <= 3):
            raise InvalidInput("a webcam is named by its number, such as webcam:0", field="rtsp_link")
        return ParsedSource(SourceKind.WEBCAM, address, path=rest)
    if address.startswith("/"):
        return ParsedSource(SourceKind.FILE, address, path=address)
    if scheme == "file" and colon:
        parts = urlsplit(address)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise InvalidInput("a file is named by its whole path: file:///clips/gate.mp4", field="rtsp_link")
        return ParsedSource(SourceKind.FILE, address, path=parts.path)
    if scheme not in _KINDS:
        raise _not_understood()
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _not_understood() from error
    if not host:
        raise _not_understood()
    kind, default_port = _KINDS[scheme]
    return ParsedSource(kind, address, host, port or default_port)


def _not_understood() -> InvalidInput:
    return InvalidInput(
        "rtsp_link must be an address such as rtsp://user:password@192.168.1.10:554/stream, "
        "http://…, file:///path or webcam:0",
        field="rtsp_link",
    )


def place_of(parsed: ParsedSource) -> InsidePlace | None:
    """The inside place that the address itself names; a name still has to be looked up, see `place_of_ip`."""
    if parsed.kind is SourceKind.FILE:
        return InsidePlace.FILES
    if parsed.kind is SourceKind.WEBCAM:
        return InsidePlace.WEBCAMS
    host = (parsed.host or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return InsidePlace.LOOPBACK
    try:
        return place_of_ip(ip_address(host.split("%")[0]))
    except ValueError:
        return None


def place_of_ip(address: IPv4Address | IPv6Address) -> InsidePlace | None:
    """Loopback, link-local (which stands for all places where clouds keep their secrets) or None.

    Raises:
        NotPermitted: an address that is nobody's: unspecified, multicast or reserved.
    """
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped or address.sixtofour or _behind_teredo(address) or _behind_nat64(address)
        if mapped is not None:
            return place_of_ip(mapped)
    if address in _CLOUD_SECRETS:
        return InsidePlace.LINK_LOCAL
    if address.is_loopback:
        return InsidePlace.LOOPBACK
    if address.is_link_local:
        return InsidePlace.LINK_LOCAL
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        raise NotPermitted("the address is not one machine's: use the camera's own")
    return None


def _behind_teredo(address: IPv6Address) -> IPv4Address | None:
    """The client's IPv4 address (RFC 4380), to which a relay sends what is sent to this one."""
    return None if address.teredo is None else address.teredo[1]


def _behind_nat64(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator makes of it (RFC 6052)."""
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None


def check_place(place: InsidePlace | None, allowed: frozenset[InsidePlace], setting: str) -> None:
    """Raises NotPermitted when the place is inside and not allowed; the sentence names the setting."""
    if place is None or place in allowed:
        return
    names = {
        InsidePlace.FILES: "files of the server",
        InsidePlace.WEBCAMS: "cameras attached to the server",
        InsidePlace.LOOPBACK: "the server itself",
        InsidePlace.LINK_LOCAL: "link-local addresses",
    }
    raise NotPermitted(f"addresses of {names[place]} are refused: allow them with {setting}={place.value}")


def keeps_password(before: str, after: str) -> bool:
    """Whether a camera at `before` that redirects to `after` is asked there with the same password.

    Another port of the same host may be another program, and without TLS anybody on the way reads along.
    """
    here, there = urlsplit(before), urlsplit(after)
    if here.hostname != there.hostname:
        return False
    if (here.scheme, there.scheme) in (("http", "https"), ("rtsp", "rtsps")):
        return True
    return here.scheme == there.scheme and _port(here) == _port(there)


def _port(parts: SplitResult) -> int | None:
    return parts.port or (_KINDS[parts.scheme][1] if parts.scheme in _KINDS else None)


def masked_source(text: str) -> str:
    """The address as it may be shown: `rtsp://***@192.168.1.10:554/Streaming/Channels/101?token=***`.

    Cameras take passwords and keys anywhere in the path and the query, so only what reads like words is left.
    What is masked stays as it is when it is masked again.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return _MASK
    if parts.scheme.lower() not in _KINDS or not host:
        return text if not text or text.startswith(("/", "file:", "webcam:")) else _MASK
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        # A password typed with `/`, `?` or `#` in it: then its beginning stands where the host should.
        return _MASK
    shown_host = f"[{host}]" if ":" in host else host
    place = shown_host if port is None else f"{shown_host}:{port}"
    if parts.username is not None or parts.password is not None:
        place = f"{_MASK}@{place}"
    query = "&".join(map(_masked_parameter, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, place, _masked_path(parts.path), query, ""))


def _masked_path(path: str) -> str:
    segments = path.split("/")
    before = ["", *segments[:-1]]
    return "/".join(
        _MASK if segment and (_names_secret(name) or not _is_readable(segment)) else segment
        for name, segment in zip(before, segments, strict=True)
    )


def _masked_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    # Without a value, the name may be the key.
    if not equals:
        return _MASK if name else ""
    return f"{name if _is_readable(name) or _names_secret(name) else _MASK}={_MASK}"


def _is_readable(text: str) -> bool:
    """Whether it reads like words and small numbers, rather than like a key or a password."""
    if not _PLAIN.fullmatch(text) or _names_secret(text):
        return False
    words = _WORDS.findall(text)
    digits = sum(char.isdigit() for char in _WORDS.sub("", text))
    if all(word.lower() in _KNOWN_WORDS for word in words) and digits <= _MAX_DIGITS:
        return bool(words) or len(text) <= _MAX_MIXED_CHARS
    if not any(char.isdigit() for char in text):
        return len(text) <= _MAX_WORD_CHARS
    return len(text) <= _MAX_MIXED_CHARS and not text.isdigit()


def _names_secret(text: str) -> bool:
    lowered = text.lower()
    return _PLAIN.fullmatch(text) is not None and any(word in lowered for word in _SECRET_WORDS)
