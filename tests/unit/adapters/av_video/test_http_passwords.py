"""Web cameras that ask for the password in ways that are not known here, or at another place."""

import contextlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from tests.rtsp_server.fixtures import http_camera
from tests.rtsp_server.http_cameras import (
    Asked,
    HttpCamera,
    Page,
    mjpeg,
    redirecting,
    with_basic_password,
    with_digest_password,
)

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest

__all__ = ["http_camera"]

SOURCE = AvVideoSource(frozenset({InsidePlace.LOOPBACK}))

UNKNOWN_OFFERS = [
    'Digest realm="camera", nonce="abcdef", algorithm=SHA-512-256, qop="auth"',
    'Digest realm="camera", nonce="abcdef", qop="auth-int"',
    'Digest realm="camera", nonce="abcdef", qop="other"',
    'Digest nonce="abcdef"',
    'Digest realm=, nonce="abcdef"',
    "Digest what",
    "Digest ",
    "Digest",
]

PICTURES = mjpeg([bytes(cv2.imencode(".jpg", np.full((48, 64, 3), 120, np.uint8))[1])])


def watch(address: str) -> None:
    stream = SOURCE.open(VideoRequest(address.replace("//", "//user:pass@"), open_timeout_s=3.0))
    with contextlib.closing(stream):
        stream.grab()


def offering(first: str, page: Page) -> Page:
    """This offer stands before those that the page makes."""

    def asking(asked: Asked) -> None:
        send_header = asked.send_header

        def sending(keyword: str, value: str) -> None:
            if keyword == "WWW-Authenticate":
                send_header(keyword, first)
            send_header(keyword, value)

        asked.send_header = sending  # type: ignore[method-assign]
        page(asked)

    return asking


@pytest.mark.parametrize("offer", UNKNOWN_OFFERS)
def test_an_offer_that_is_not_known_is_a_refusal(http_camera: HttpCamera, offer: str) -> None:
    address = http_camera.show("/live", lambda asked: asked.answer(401, WWW_Authenticate=offer))
    with pytest.raises(CameraFailed) as caught:
        watch(address)
    assert caught.value.fault == VideoFault.UNAUTHORIZED
    assert [given for _, given in http_camera.asked] == [""]


@pytest.mark.parametrize("offer", UNKNOWN_OFFERS)
@pytest.mark.parametrize("lock", [with_basic_password, with_digest_password])
def test_the_next_offer_is_taken(
    http_camera: HttpCamera, offer: str, lock: Callable[[str, str, Page], Page]
) -> None:
    watch(http_camera.show("/live", offering(offer, lock("user", "pass", PICTURES))))
    assert len(http_camera.asked) == 2


def test_both_offers_in_one_line(http_camera: HttpCamera) -> None:
    def asking(asked: Asked) -> None:
        if asked.headers.get("Authorization", "").startswith("Basic "):
            PICTURES(asked)
        else:
            asked.answer(401, WWW_Authenticate='Basic realm="camera", Digest realm="camera", nonce="a"')

    watch(http_camera.show("/live", asking))


def test_another_port_of_the_host_is_told_no_password(http_camera: HttpCamera) -> None:
    other = HttpCamera()
    try:
        location = other.show("/live", with_basic_password("user", "pass", PICTURES))
        with pytest.raises(CameraFailed) as caught:
            watch(http_camera.show("/start", redirecting(location)))
        assert caught.value.fault == VideoFault.UNAUTHORIZED
        assert [given for _, given in other.asked] == [""]
    finally:
        other.close()
