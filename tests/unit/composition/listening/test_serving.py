"""Ports: several, taken, not ours; certificates that cannot be used."""

import socket
import sys
from pathlib import Path

import pytest

from facegate.composition.listening.serving import (
    CannotListen,
    ListenOptions,
    check_tls_files,
    close_all,
    open_sockets,
    server_config,
    urls_of,
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_every_port_is_opened_once_the_main_one_first() -> None:
    main, extra = free_port(), free_port()
    sockets = open_sockets(ListenOptions(port=main, extra_ports=(extra, main)))
    try:
        assert urls_of(sockets, "http") == [f"http://127.0.0.1:{main}", f"http://127.0.0.1:{extra}"]
        for port in (main, extra):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
    finally:
        close_all(sockets)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere accepted sockets may inherit nothing")
def test_connections_whose_other_end_vanished_are_found_out() -> None:
    """A workstation that lost its network sends no farewell, and the contract sends no pings by default."""
    (listener,) = open_sockets(ListenOptions(port=0))
    try:
        with socket.create_connection(listener.getsockname()[:2], timeout=5):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 60
    finally:
        close_all([listener])


def test_port_0_takes_a_free_one() -> None:
    sockets = open_sockets(ListenOptions(host="localhost", port=0))
    try:
        assert len(sockets) == 1
        assert not urls_of(sockets, "https")[0].endswith(":0")
    finally:
        close_all(sockets)


@pytest.mark.parametrize("is_extra", [False, True])
def test_a_taken_port_is_one_sentence_and_leaves_nothing_open(is_extra: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = free_port()
        options = ListenOptions(port=other, extra_ports=(port,)) if is_extra else ListenOptions(port=port)
        setting = "FACEGATE_SERVER__EXTRA_PORTS" if is_extra else "--port or FACEGATE_SERVER__PORT"
        with pytest.raises(CannotListen, match=rf"Port {port} is in use.*{setting}\."):
            open_sockets(options)
        socket.create_server(("127.0.0.1", other)).close()


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(CannotListen, match="FACEGATE_SERVER__HOST"):
        open_sockets(ListenOptions(host="192.0.2.1", port=0))


def test_a_name_that_is_no_address_is_one_sentence() -> None:
    with pytest.raises(CannotListen, match="FACEGATE_SERVER__HOST"):
        open_sockets(ListenOptions(host="not an address", port=0))


def test_a_bad_certificate_is_one_sentence_before_anything_starts(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate", encoding="utf-8")
    for file in (broken, tmp_path / "missing.pem"):
        with pytest.raises(CannotListen, match="FACEGATE_SERVER__TLS_CERTIFICATE_FILE"):
            check_tls_files(ListenOptions(tls_certificate_file=file, tls_key_file=file))


def test_forwarded_headers_are_believed_from_named_proxies_only() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    assert server_config(app, ListenOptions()).proxy_headers is False
    config = server_config(app, ListenOptions(trusted_proxies=("10.0.0.9",)))
    assert config.proxy_headers is True
    assert config.forwarded_allow_ips == ["10.0.0.9"]
