"""The only way out to the network: names are looked up, every address is checked, the checked one is used.

What is connected to is the very address that was checked, so that a name which answers otherwise the next
time leads nowhere. Over TLS the certificate has to be of the name as typed.
"""

import functools
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from facegate.adapters.av_video.patience import LOOK_EVERY_S, Patience
from facegate.domain.cameras.sources import InsidePlace, check_place, place_of_ip
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed

SETTING = "FACEGATE_CAMERAS__ALLOWED_PLACES"

Address = tuple[int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""Family and socket address, as `getaddrinfo` gives them."""

LookUp = Callable[[str, int], Sequence[Address]]

# `poll` needs no descriptor of its own and has no limit on their numbers; Windows has `select` alone.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)


def look_up(host: str, port: int) -> list[Address]:
    """All stream addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def wait_until_ready(connection: socket.socket, events: int, patience: Patience) -> None:
    """Returns when the socket can be read or written; raises when patience ends."""
    with _Selector() as selector:
        selector.register(connection, events)
        while not selector.select(min(LOOK_EVERY_S, patience.remaining_s)):
            patience.check()


class CheckedNetwork:
    """Connects to cameras, and to nothing inside that the operator did not allow."""

    def __init__(
        self,
        allowed_places: frozenset[InsidePlace],
        *,
        verifies_certificates: bool = True,
        look_up: LookUp = look_up,
    ) -> None:
        self._allowed = allowed_places
        self._verifies_certificates = verifies_certificates
        self._look_up = look_up

    def connect(self, host: str, port: int, patience: Patience) -> socket.socket:
        """A non-blocking connection to the first address that answers.

        Raises:
            NotPermitted: one of the name's addresses is inside and not allowed.
            CameraFailed: `unreachable`, `timed_out`, or told to stop.
        """
        addresses = self._found(host, port, patience)
        for _, address in addresses:
            self._check(str(address[0]))
        for number, (family, address) in enumerate(addresses):
            limit_s = patience.remaining_s / (len(addresses) - number)
            connection = _connected(family, address, patience, limit_s)
            if connection is not None:
                return connection
        raise CameraFailed("the camera cannot be reached", fault=VideoFault.UNREACHABLE)

    def secured(self, connection: socket.socket, host: str, patience: Patience) -> ssl.SSLSocket:
        """The same connection under TLS; it is closed when that fails.

        Raises:
            CameraFailed: no TLS, or a certificate that is not trusted for this name.
        """
        try:
            secured = self._tls.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
        except (ssl.SSLError, OSError, ValueError):
            connection.close()
            secured = None
        if secured is None:
            raise _no_tls()
        try:
            _shake_hands(secured, patience)
        except BaseException:
            secured.close()
            raise
        return secured

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self._verifies_certificates:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _check(self, address: str) -> None:
        check_place(place_of_ip(ip_address(address.split("%")[0])), self._allowed, SETTING)

    def _found(self, host: str, port: int, patience: Patience) -> Sequence[Address]:
        found: list[Address] = []
        is_done = threading.Event()

        def ask() -> None:
            try:
                found.extend(self._look_up(host, port))
            except (OSError, UnicodeError):
                pass
            finally:
                is_done.set()

        # The resolver cannot be interrupted: whoever is told to stop leaves it behind, and it ends by itself.
        threading.Thread(target=ask, name="camera-name", daemon=True).start()
        while not is_done.wait(LOOK_EVERY_S):
            patience.check()
        if not found:
            raise CameraFailed("the camera's name is not known", fault=VideoFault.UNREACHABLE)
        return found


def _connected(
    family: int, address: tuple[object, ...], patience: Patience, limit_s: float
) -> socket.socket | None:
    """None when this address refuses or stays silent for its share of the time."""
    share = _Share(patience, limit_s)
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect_ex(address)
        with _Selector() as selector:
            selector.register(connection, selectors.EVENT_WRITE)
            while not selector.select(LOOK_EVERY_S):
                if share.is_used_up():
                    connection.close()
                    return None
        is_refused = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        # An address without a route fails at once, and some systems then call it writable.
        is_refused = is_refused or not _has_peer(connection)
    except OSError:
        is_refused = True
    except BaseException:
        connection.close()
        raise
    if is_refused:
        connection.close()
        return None
    return connection


def _has_peer(connection: socket.socket) -> bool:
    try:
        connection.getpeername()
    except OSError:
        return False
    return True


class _Share:
    """One address's part of the time that all addresses of a name have."""

    def __init__(self, patience: Patience, limit_s: float) -> None:
        self._patience = patience
        self._rest_s = patience.remaining_s - limit_s

    def is_used_up(self) -> bool:
        """Raises when patience itself is at its end."""
        self._patience.check()
        return self._patience.remaining_s <= self._rest_s


def _shake_hands(secured: ssl.SSLSocket, patience: Patience) -> None:
    while True:
        try:
            secured.do_handshake()
        except ssl.SSLWantReadError:
            event = selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            event = selectors.EVENT_WRITE
        except ssl.SSLCertVerificationError:
            event = -1
        except OSError:
            event = 0
        else:
            return
        if event == -1:
            raise CameraFailed(
                "the camera's certificate is not trusted for this name", fault=VideoFault.UNREACHABLE
            )
        if event == 0:
            raise _no_tls()
        wait_until_ready(secured, event, patience)


def _no_tls() -> CameraFailed:
    return CameraFailed("no TLS connection to the camera can be made", fault=VideoFault.UNREACHABLE)
