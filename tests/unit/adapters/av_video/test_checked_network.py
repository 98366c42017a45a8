"""Names are looked up, every address is checked, and the checked one is connected to."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from facegate.adapters.av_video.checked_network import Address, CheckedNetwork
from facegate.adapters.av_video.patience import Patience
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, NotPermitted

LOOPBACK = frozenset({InsidePlace.LOOPBACK})


def patience(seconds: float = 5.0) -> Patience:
    made = Patience(lambda: False)
    made.allow(seconds)
    return made


def names(*addresses: str, port: int = 80) -> CheckedNetwork:
    return network(frozenset(), *addresses, port=port)


def network(allowed: frozenset[InsidePlace], *addresses: str, port: int = 80) -> CheckedNetwork:
    def look_up(host: str, _: int) -> Sequence[Address]:
        return [
            (socket.AF_INET6, (address, port, 0, 0)) if ":" in address else (socket.AF_INET, (address, port))
            for address in addresses
        ]

    return CheckedNetwork(allowed, look_up=look_up)


@contextmanager
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "fe80::1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(NotPermitted):
        names(address).connect("camera.example", 554, patience())
    # One address inside is enough, wherever it stands.
    with pytest.raises(NotPermitted):
        names("192.0.2.1", address).connect("camera.example", 554, patience())


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001"])
def test_loopback_in_other_writings_is_refused(host: str) -> None:
    with pytest.raises(NotPermitted):
        CheckedNetwork(frozenset()).connect(host, 554, patience())


def test_the_refusal_names_the_setting() -> None:
    with pytest.raises(NotPermitted, match="FACEGATE_CAMERAS__ALLOWED_PLACES=loopback"):
        names("127.0.0.1").connect("camera.example", 554, patience())


def test_the_address_that_was_checked_is_connected_to() -> None:
    with listener() as server:
        answers = iter([[(socket.AF_INET, ("127.0.0.1", server.getsockname()[1]))]])
        # A second look-up would fail: the name is asked for once.
        checked = CheckedNetwork(LOOPBACK, look_up=lambda *_: next(answers))
        connection = checked.connect("camera.example", 1, patience())
        assert connection.getpeername() == server.getsockname()
        connection.close()


def test_the_next_address_is_tried_when_one_refuses() -> None:
    with listener() as server:
        port = server.getsockname()[1]
        connection = network(LOOPBACK, "127.0.0.2", "127.0.0.1", port=port).connect("x", 1, patience())
        assert connection.getpeername()[0] == "127.0.0.1"
        connection.close()


def test_nobody_there_is_unreachable() -> None:
    with listener() as server:
        port = server.getsockname()[1]
    with pytest.raises(CameraFailed) as caught:
        network(LOOPBACK, "127.0.0.1", port=port).connect("x", 1, patience())
    assert caught.value.fault == VideoFault.UNREACHABLE


def test_an_unknown_name_is_unreachable() -> None:
    with pytest.raises(CameraFailed) as caught:
        CheckedNetwork(frozenset()).connect("no-such-host.invalid", 554, patience(20))
    assert caught.value.fault == VideoFault.UNREACHABLE


def test_a_resolver_that_hangs_is_left_behind() -> None:
    is_over = threading.Event()

    def look_up(*_: object) -> Sequence[Address]:
        is_over.wait(10)
        return []

    began_s = time.monotonic()
    with pytest.raises(CameraFailed) as caught:
        CheckedNetwork(frozenset(), look_up=look_up).connect("x", 1, patience(0.3))
    assert caught.value.fault == VideoFault.TIMED_OUT
    assert time.monotonic() - began_s < 2
    is_over.set()


def test_a_stop_ends_connecting() -> None:
    stop = threading.Event()
    waiting = Patience(stop.is_set)
    waiting.allow(30)
    threading.Timer(0.2, stop.set).start()
    began_s = time.monotonic()
    # Documentation's own network (RFC 5737): either no route, or silence until told to stop.
    with pytest.raises(CameraFailed):
        names("192.0.2.1").connect("camera.example", 554, waiting)
    assert time.monotonic() - began_s < 3


def test_what_speaks_no_tls_is_unreachable() -> None:
    with listener() as server:
        connection = network(LOOPBACK, "127.0.0.1", port=server.getsockname()[1]).connect("x", 1, patience())
        other, _ = server.accept()
        other.sendall(b"this is no TLS\r\n\r\n")
        with pytest.raises(CameraFailed) as caught:
            CheckedNetwork(LOOPBACK).secured(connection, "camera.example", patience())
        assert caught.value.fault == VideoFault.UNREACHABLE
        other.close()
