"""What FFmpeg gets to read of a camera's answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.av_video.rtsp_replies import Redirected, RtspReplies
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed

SETUP = (
    b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 7\r\n"
    b"Transport: RTP/AVP;unicast;client_port=5000-5001;source=10.9.9.9;server_port=6970-6971\r\n\r\n"
)
DESCRIBE = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"
PACKET = b"$\x00\x00\x04\r\n\r\n"


def replies() -> RtspReplies:
    return RtspReplies("192.0.2.7")


def test_answers_and_packets_go_through() -> None:
    watch = replies()
    passed = watch.feed(DESCRIBE + PACKET)
    assert passed.endswith(b"\r\nContent-Length: 5\r\n\r\nv=0\r\n" + PACKET)
    assert passed.startswith(b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n")
    assert watch.last_status == 200


@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_it_does_not_matter_how_the_bytes_are_cut(cuts: list[int]) -> None:
    whole = DESCRIBE + SETUP + PACKET + DESCRIBE
    expected = replies().feed(whole)
    watch, passed, at = replies(), b"", 0
    for size in cuts:
        passed += watch.feed(whole[at : at + size])
        at += size
    assert passed + watch.feed(whole[at:]) == expected


def test_udp_comes_from_the_camera_alone() -> None:
    passed = replies().feed(SETUP)
    assert b"10.9.9.9" not in passed
    assert b"source=192.0.2.7" in passed


def test_interleaved_transport_stays_as_it_is() -> None:
    transport = b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
    assert transport in replies().feed(b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n" + transport + b"\r\n\r\n")


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"305 Use Proxy", b"399"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_redirection_never_goes_through(status: bytes, end: bytes) -> None:
    watch = replies()
    answer = end.join([b"RTSP/1.0 " + status, b"CSeq: 1", b" LOCATION : rtsp://127.0.0.1/x", b"", b""])
    with pytest.raises(Redirected) as caught:
        watch.feed(answer)
    assert caught.value.location == "rtsp://127.0.0.1/x"


def test_no_location_goes_through_with_any_status() -> None:
    passed = replies().feed(b"RTSP/1.0 200 OK\r\nlocation: rtsp://127.0.0.1/x\r\nCSeq: 1\r\n\r\n")
    assert b"127.0.0.1" not in passed


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        bytes(range(128, 250)),
        b"RTSP/1.0 nonsense\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: " + b"x" * 70_000,
    ],
)
def test_what_is_not_rtsp_is_broken(garbage: bytes) -> None:
    with pytest.raises(CameraFailed) as caught:
        replies().feed(garbage)
    assert caught.value.fault == VideoFault.BROKEN


@given(noise=st.binary(max_size=300))
def test_any_bytes_are_passed_or_refused(noise: bytes) -> None:
    try:
        replies().feed(noise)
    except (CameraFailed, Redirected):
        return


@given(noise=st.binary(max_size=100), rest=st.binary(max_size=100))
def test_a_stream_that_is_set_up_is_not_touched(noise: bytes, rest: bytes) -> None:
    watch = replies()
    begun = PACKET[:5]
    assert watch.feed(begun) == b""
    watch.pass_freely()
    assert watch.feed(noise) + watch.feed(rest) == (begun + noise + rest if noise or rest else begun)
