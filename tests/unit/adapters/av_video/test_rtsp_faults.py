"""What goes wrong with RTSP cameras, and how it is told."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.rtsp_server.fixtures import counting_clip, own_rtsp_server, rtsp_server
from tests.rtsp_server.launcher import RtspServer
from tests.rtsp_server.scripted_cameras import (
    H264_SDP,
    UNKNOWN_CODEC_SDP,
    Answer,
    Request,
    always,
    playing,
    reply,
    scripted_camera,
    sdp,
)

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.camera import Transport
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, NotPermitted
from facegate.ports.cameras.video_source import VideoRequest, VideoStream

__all__ = ["counting_clip", "own_rtsp_server", "rtsp_server"]

SOURCE = AvVideoSource(frozenset({InsidePlace.LOOPBACK}))


def request(address: str, open_s: float = 5.0, read_s: float = 1.0) -> VideoRequest:
    return VideoRequest(address, open_timeout_s=open_s, read_timeout_s=read_s)


def fault_of(address: str, open_s: float = 5.0) -> str:
    with pytest.raises(CameraFailed) as caught:
        SOURCE.open(request(address, open_s))
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__context__ is None
    return caught.value.fault


def fault_after(stream: VideoStream) -> str:
    try:
        for _ in range(10_000):
            stream.grab()
    except CameraFailed as error:
        return error.fault
    finally:
        stream.close()
    return "none"


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_user_and_password(rtsp_server: RtspServer, counting_clip: Path, scheme: str) -> None:
    path, user = f"/locked-{scheme}", f"us@er-{scheme}"
    rtsp_server.show(path, counting_clip, user=user, password="p@ss/w%rd?", scheme=scheme)
    for typed in (f"us%40er-{scheme}:p%40ss%2Fw%25rd%3F", f"us@er-{scheme}:p@ss%2Fw%rd%3F"):
        stream = SOURCE.open(request(rtsp_server.address(path, typed)))
        stream.grab()
        stream.close()
    assert fault_of(rtsp_server.address(path, f"us%40er-{scheme}:wrong")) == VideoFault.UNAUTHORIZED
    assert fault_of(rtsp_server.address(path)) == VideoFault.UNAUTHORIZED


def test_an_unknown_path(rtsp_server: RtspServer) -> None:
    assert fault_of(rtsp_server.address("/nothing-is-here")) == VideoFault.NOT_FOUND


def test_sound_alone_is_unsupported(rtsp_server: RtspServer) -> None:
    assert fault_of(rtsp_server.sound("/sound")) == VideoFault.UNSUPPORTED


def test_an_unknown_codec_is_unsupported() -> None:
    with scripted_camera(playing(UNKNOWN_CODEC_SDP)) as camera:
        assert fault_of(camera.address(), open_s=1.0) == VideoFault.UNSUPPORTED


def test_a_camera_that_plays_and_sends_nothing_times_out() -> None:
    began_s = time.monotonic()
    with scripted_camera(playing(H264_SDP)) as camera:
        assert fault_of(camera.address(), open_s=1.0) == VideoFault.TIMED_OUT
    assert time.monotonic() - began_s < 4


def test_a_camera_that_never_answers_times_out() -> None:
    with scripted_camera(lambda _: None) as camera:
        assert fault_of(camera.address(), open_s=1.0) == VideoFault.TIMED_OUT


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (always("401 Unauthorized"), VideoFault.UNAUTHORIZED),
        (always("403 Forbidden"), VideoFault.UNAUTHORIZED),
        (always("404 Not Found"), VideoFault.NOT_FOUND),
        (always("461 Unsupported Transport"), VideoFault.UNSUPPORTED),
        (always("503 Service Unavailable"), VideoFault.UNREACHABLE),
        (lambda _: b"", VideoFault.UNREACHABLE),
        (lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", VideoFault.BROKEN),
        (lambda _: bytes(range(256)) * 10, VideoFault.BROKEN),
        (lambda request: reply(request, body="this is no SDP at all"), VideoFault.UNSUPPORTED),
    ],
)
def test_answers_that_are_errors(answer: Answer, fault: VideoFault) -> None:
    with scripted_camera(answer) as camera:
        assert fault_of(camera.address(user_info="guard:s3cret@")) == fault


@pytest.mark.parametrize(
    "location", ["rtsp://169.254.169.254/latest", "rtsp://guard:x@[fe80::1]:1/x", "rtsp://0.0.0.0/x"]
)
@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP"])
def test_redirections_inside_are_refused(location: str, method: str) -> None:
    answer = _redirecting_at(method, location)
    with scripted_camera(answer) as camera, pytest.raises(NotPermitted):
        SOURCE.open(request(camera.address(user_info="guard:s3cret@")))


@pytest.mark.parametrize("location", ["http://127.0.0.1/x", "file:///etc/passwd", "", "webcam:0", "/x"])
def test_redirections_to_other_kinds_are_not_followed(location: str) -> None:
    with scripted_camera(always("302 Found", Location=location)) as camera:
        assert fault_of(camera.address()) == VideoFault.REFUSED


def test_a_redirection_is_followed_and_takes_no_password_to_another_host(
    rtsp_server: RtspServer, counting_clip: Path
) -> None:
    address = rtsp_server.show("/final", counting_clip)
    with scripted_camera(always("301 Moved", Location=address)) as camera:
        stream = SOURCE.open(request(camera.address()))
        stream.grab()
        stream.close()

    def asking(asked: Request) -> bytes | None:
        return reply(asked, "401 Unauthorized", WWW_Authenticate='Basic realm="other"')

    with scripted_camera(asking) as other:
        location = f"rtsp://127.0.0.1:{other.port}/x"
        with scripted_camera(always("302 Found", Location=location)) as camera:
            fault = fault_of(f"rtsp://guard:s3cret@localhost:{camera.port}/x")
        assert fault == VideoFault.UNAUTHORIZED
        assert not any("Authorization" in one.text for one in other.requests)


def test_redirections_without_end() -> None:
    holder: list[str] = []
    with scripted_camera(lambda asked: reply(asked, "302 Found", Location=holder[0])) as camera:
        holder.append(camera.address("/again"))
        assert fault_of(camera.address()) == VideoFault.BROKEN
        assert camera.connection_count <= 5


def test_a_redirection_after_all_is_set_up_leads_nowhere(
    rtsp_server: RtspServer, counting_clip: Path
) -> None:
    rtsp_server.show("/turns", counting_clip)
    with scripted_camera(playing()) as inner, meddling(rtsp_server.port) as (port, to_client):
        stream = SOURCE.open(request(f"rtsp://127.0.0.1:{port}/turns"))
        to_client.append(f"RTSP/1.0 302 Found\r\nCSeq: 9\r\nLocation: {inner.address()}\r\n\r\n".encode())
        for _ in range(20):
            stream.grab()
        assert to_client == []
        stream.close()
        assert inner.connection_count == 0


@contextmanager
def meddling(port: int) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy before the server's port; what is put into the list goes to the client between two packets."""
    to_client: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def carry() -> None:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            with client, server, suppress(OSError):
                threading.Thread(target=_copy, args=(client, server), daemon=True).start()
                waiting = b""
                while data := server.recv(65536):
                    waiting += data
                    whole = _whole_packets(waiting)
                    client.sendall(waiting[:whole])
                    waiting = waiting[whole:]
                    while to_client and not waiting:
                        client.sendall(to_client.pop())

        threading.Thread(target=carry, daemon=True).start()
        yield listener.getsockname()[1], to_client


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)


def _whole_packets(data: bytes) -> int:
    """How many bytes are whole interleaved packets, or everything where an answer begins."""
    at = 0
    while data[at : at + 1] == b"$" and len(data) >= at + 4:
        size = 4 + int.from_bytes(data[at + 2 : at + 4], "big")
        if len(data) < at + size:
            return at
        at += size
    return at if data[at : at + 1] == b"$" else len(data)


def _redirecting_at(method: str, location: str) -> Answer:
    play = playing()

    def answer(asked: Request) -> bytes | None:
        if asked.method == method:
            return reply(asked, "302 Found", Location=location)
        return play(asked)

    return answer


def test_a_camera_that_loses_power_is_unreachable(own_rtsp_server: RtspServer, counting_clip: Path) -> None:
    stream = SOURCE.open(request(own_rtsp_server.show("/gate", counting_clip)))
    stream.grab()
    own_rtsp_server.close()
    assert fault_after(stream) == VideoFault.UNREACHABLE


def test_a_camera_that_hangs_up_can_be_opened_again(own_rtsp_server: RtspServer, counting_clip: Path) -> None:
    address = own_rtsp_server.show("/gate", counting_clip)
    stream = SOURCE.open(request(address))
    stream.grab()
    own_rtsp_server.drop_clients()
    assert fault_after(stream) == VideoFault.UNREACHABLE
    again = SOURCE.open(request(address))
    again.grab()
    again.close()


def test_a_stream_that_the_camera_ends_is_a_camera_that_is_away(
    rtsp_server: RtspServer, counting_clip: Path
) -> None:
    address = rtsp_server.show("/short", counting_clip, loops=False)
    stream = SOURCE.open(request(address))
    rtsp_server.end("/short")
    assert fault_after(stream) in (VideoFault.UNREACHABLE, VideoFault.TIMED_OUT)


def test_closing_says_goodbye(own_rtsp_server: RtspServer, counting_clip: Path) -> None:
    stream = SOURCE.open(request(own_rtsp_server.show("/gate", counting_clip)))
    assert own_rtsp_server.client_count == 1
    stream.close()
    until_s = time.monotonic() + 5
    while own_rtsp_server.client_count and time.monotonic() < until_s:
        time.sleep(0.05)
    assert own_rtsp_server.client_count == 0


def test_no_thread_is_left(rtsp_server: RtspServer, counting_clip: Path) -> None:
    address = rtsp_server.show("/threads", counting_clip)
    before = set(threading.enumerate())
    for _ in range(3):
        stream = SOURCE.open(request(address))
        stream.grab()
        stream.close()
        fault_of(rtsp_server.address("/nothing-is-here"))
    assert {one.name for one in set(threading.enumerate()) - before} == set()


def test_nothing_is_written_to_the_log_or_the_terminal(
    rtsp_server: RtspServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    fault_of(rtsp_server.address("/nothing-is-here", "guard:s3cret"))
    with scripted_camera(lambda asked: reply(asked, body=sdp("m=video 0 RTP/AVP 96"))) as camera:
        fault_of(camera.address(user_info="guard:s3cret@"))
    written = capfd.readouterr()
    assert "s3cret" not in written.out + written.err + caplog.text


def test_loopback_is_refused_unless_allowed(rtsp_server: RtspServer) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(NotPermitted):
            AvVideoSource(frozenset()).open(request(f"rtsp://{host}:{rtsp_server.port}/gate"))


def test_udp_is_refused_where_the_camera_has_it_not() -> None:
    with (
        scripted_camera(always("461 Unsupported Transport")) as camera,
        pytest.raises(CameraFailed) as caught,
    ):
        SOURCE.open(VideoRequest(camera.address(), Transport.UDP, open_timeout_s=3))
    assert caught.value.fault == VideoFault.UNSUPPORTED
