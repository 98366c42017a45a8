"""Runs an ASGI application with uvicorn on one or more ports, with TLS and reload. Knows no door."""

import errno
import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from facegate.composition.listening.address_counts import CountedWebSocket
from facegate.composition.listening.punctual_http import OneAddressHttp, PunctualHttp

logger = logging.getLogger(__name__)

_BACKLOG = 2048
_MAX_HEADER_BYTES = 64 * 1024

_KEEP_ALIVE_OPTIONS = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""The system asks the other end of a silent connection after 60 s, and drops it 60 s later without an answer.
A workstation that lost its network would otherwise hold its place at the presence door for 1000 s, and find
the door full when it comes back. Accepted sockets inherit this from the listening one on Linux."""


class CannotListen(Exception):
    """The server cannot open its ports or read its certificate; the sentence is for the operator."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """Where to listen and how long to wait for clients. `extra_ports` serve the same as `port`.

    `max_message_bytes` bounds a WebSocket message; `ping_interval_s` 0 sends no pings, and without a
    `ping_timeout_s` the answer has to come before the next one. `port_setting` and `host_setting` are how
    the operator chose the place, for the sentence when it cannot be had. Without `may_share_address` an
    address that is no proxy's holds a quarter of the connections at most.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    extra_ports: Sequence[int] = ()
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    trusted_proxies: Sequence[str] = ()
    keep_alive_s: int = 15
    max_connections: int = 1000
    may_share_address: bool = False
    shutdown_timeout_s: int = 15
    max_message_bytes: int = 16 * 2**20
    ping_interval_s: float = 0.0
    ping_timeout_s: float | None = None
    port_setting: str = "--port or FACEGATE_SERVER__PORT"
    host_setting: str = "FACEGATE_SERVER__HOST"

    @property
    def scheme(self) -> str:
        """`https` with a certificate, else `http`."""
        return "https" if self.tls_certificate_file else "http"

    @property
    def web_socket_scheme(self) -> str:
        """`wss` with a certificate, else `ws`."""
        return "wss" if self.tls_certificate_file else "ws"


def open_sockets(options: ListenOptions) -> list[socket.socket]:
    """Bound sockets, the main port's first.

    Raises:
        CannotListen: a port is taken or may not be used, or the address is not this machine's.
    """
    opened: list[socket.socket] = []
    try:
        for port in dict.fromkeys((options.port, *options.extra_ports)):
            is_main = port == options.port
            setting = options.port_setting if is_main else "FACEGATE_SERVER__EXTRA_PORTS"
            opened.extend(_bound(options.host, port, setting, options.host_setting))
    except CannotListen:
        close_all(opened)
        raise
    return opened


def close_all(sockets: Sequence[socket.socket]) -> None:
    """Closes them; twice does no harm."""
    for opened in sockets:
        opened.close()


def urls_of(sockets: Sequence[socket.socket], scheme: str) -> list[str]:
    """How this machine reaches each socket, the main port's first."""
    urls = []
    for opened in sockets:
        host, port = opened.getsockname()[:2]
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - translated, not bound
        urls.append(
            f"{scheme}://[{reachable}]:{port}" if ":" in reachable else f"{scheme}://{reachable}:{port}"
        )
    return urls


def check_tls_files(options: ListenOptions) -> None:
    """Loads certificate and key once, so that a wrong one is one sentence.

    Raises:
        CannotListen: they cannot be read, or do not belong together.
    """
    if options.tls_certificate_file is None or options.tls_key_file is None:
        return
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # The empty password keeps OpenSSL from asking on the terminal for that of an encrypted key.
        context.load_cert_chain(options.tls_certificate_file, options.tls_key_file, password="")
    except OSError as error:
        reason = error.strerror or "the key may be encrypted or belong to another certificate"
        raise CannotListen(
            "The certificate of FACEGATE_SERVER__TLS_CERTIFICATE_FILE and the key of "
            f"FACEGATE_SERVER__TLS_KEY_FILE cannot be used: {reason}."
        ) from error


def server_config(
    app: ASGIApp | str, options: ListenOptions, *, is_factory: bool = False, has_lifespan: bool = True
) -> uvicorn.Config:
    """The settings of uvicorn as we want them; an application beside the main one has no lifespan."""
    return uvicorn.Config(
        app,
        factory=is_factory,
        host=options.host,
        port=options.port,
        # 0.4 ms a request slower than httptools, and right where that is not (decision 0018).
        http=OneAddressHttp if options.may_share_address else PunctualHttp,
        h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
        # The newer of uvicorn's two, on the sans-I/O core of the library. Compression would cost more
        # processor time than a JPEG in base64 saves on the wire.
        ws=CountedWebSocket,
        ws_max_size=options.max_message_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=options.ping_interval_s or None,
        ws_ping_timeout=options.ping_timeout_s or options.ping_interval_s or None,
        lifespan="on" if has_lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=list(options.trusted_proxies),
        limit_concurrency=options.max_connections,
        backlog=_BACKLOG,
        timeout_keep_alive=options.keep_alive_s,
        timeout_graceful_shutdown=options.shutdown_timeout_s,
        ssl_certfile=options.tls_certificate_file,
        ssl_keyfile=options.tls_key_file,
    )


def run_server(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serves until SIGTERM or SIGINT: stops accepting, lets requests finish, then stops the application."""
    try:
        server.run(sockets)
    except KeyboardInterrupt:
        # uvicorn has shut everything down and only hands the signal on.
        logger.debug("stopped by Ctrl+C")
    finally:
        close_all(sockets)


def run_reloading(factory: str, options: ListenOptions, sockets: list[socket.socket], folder: Path) -> None:
    """Serves `factory` (`module:function`) in a child process, replaced when a file in `folder` changes."""
    # Imported here: only development needs the file watcher.
    from uvicorn.supervisors import ChangeReload

    config = server_config(factory, options, is_factory=True)
    config.reload = True
    config.reload_dirs = [folder]
    try:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=sockets).run()
    finally:
        close_all(sockets)


def _bound(host: str, port: int, setting: str, host_setting: str) -> list[socket.socket]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotListen(
            f"The address {host!r} of {host_setting} is not known: use one of this machine's."
        ) from error
    opened: list[socket.socket] = []
    try:
        for family, _, _, _, address in found:
            is_dual = host == "::" and socket.has_dualstack_ipv6()
            opened.append(
                socket.create_server(
                    address[:2],
                    family=family,
                    backlog=_BACKLOG,
                    dualstack_ipv6=is_dual,
                )
            )
            _ask_silent_ends(opened[-1])
            # A further family (localhost is 127.0.0.1 and ::1) has to get the port that the first one got.
            if port == 0:
                break
    except OSError as error:
        close_all(opened)
        raise CannotListen(_refusal(error, f"{host} of {host_setting}", port, setting)) from error
    return opened


def _ask_silent_ends(listener: socket.socket) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE_OPTIONS.items():
        # Not every system has all of them.
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _refusal(error: OSError, address: str, port: int, setting: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is in use by another program (perhaps another facegate): "
                f"stop that one or choose another port with {setting}."
            )
        case errno.EACCES:
            return (
                f"Port {port} may be opened by an administrator only: choose one above 1023 with {setting}."
            )
        case errno.EADDRNOTAVAIL:
            return f"The address {address} is not one of this machine's."
        case _:
            return f"Port {port} ({setting}) cannot be opened: {error.strerror or error}."
