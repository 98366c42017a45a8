"""Web servers that are cameras, recordings, or neither."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.rtsp_server.fixtures import counting_clip, http_camera
from tests.rtsp_server.http_cameras import (
    Asked,
    HttpCamera,
    Page,
    failing,
    mjpeg,
    recording,
    redirecting,
    silent,
    with_basic_password,
    with_digest_password,
)

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, NotPermitted
from facegate.domain.geometry import ImageSize
from facegate.ports.cameras.video_source import VideoRequest, VideoStream

__all__ = ["counting_clip", "http_camera"]

SOURCE = AvVideoSource(frozenset({InsidePlace.LOOPBACK}))


def picture(brightness: int) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((48, 64, 3), brightness, np.uint8))[1])


PICTURES = [picture(20), picture(120), picture(220)]


def opened(address: str, open_s: float = 3.0, read_s: float = 1.0) -> VideoStream:
    return SOURCE.open(VideoRequest(address, open_timeout_s=open_s, read_timeout_s=read_s))


def fault_of(address: str, open_s: float = 3.0) -> str:
    with pytest.raises(CameraFailed) as caught:
        opened(address, open_s)
    assert "127.0.0.1" not in str(caught.value)
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


def brightnesses(stream: VideoStream, count: int) -> Sequence[int]:
    found = [round(float(stream.grab().luma(8).mean()), -1) for _ in range(count)]
    stream.close()
    return [int(one) for one in found]


@pytest.mark.parametrize("tells_length", [True, False])
@pytest.mark.parametrize("told", [None, "--frame"])
@pytest.mark.parametrize("content_type", ["image/jpeg", "image/jpg"])
def test_mjpeg_in_its_forms(
    http_camera: HttpCamera, tells_length: bool, told: str | None, content_type: str
) -> None:
    page = mjpeg(PICTURES, tells_length=tells_length, told_boundary=told, content_type=content_type, fps=50)
    stream = opened(http_camera.show("/live", page))
    assert stream.info.codec == "mjpeg"
    assert stream.info.size == ImageSize(64, 48)
    assert brightnesses(stream, 6) == [20, 120, 220, 20, 120, 220]


def test_a_few_pictures_that_are_none_are_passed_over(http_camera: HttpCamera) -> None:
    garbage = [b"\xff\xd8 nothing"] * 5
    stream = opened(http_camera.show("/live", mjpeg([PICTURES[0], *garbage, PICTURES[2]], fps=100)))
    assert brightnesses(stream, 3) == [20, 220, 20]


@pytest.mark.parametrize("garbage", [b"\xff\xd8 nothing", b"text", bytes(range(256)) * 20])
def test_nothing_but_garbage_is_broken(http_camera: HttpCamera, garbage: bytes) -> None:
    assert fault_of(http_camera.show("/live", mjpeg([garbage], fps=200))) == VideoFault.BROKEN


def test_no_boundaries_are_broken(http_camera: HttpCamera) -> None:
    def page(asked: Asked) -> None:
        asked.begin("multipart/x-mixed-replace; boundary=frame")
        for _ in range(100):
            asked.wfile.write(b"what is this " * 100)

    assert fault_of(http_camera.show("/live", page)) == VideoFault.BROKEN


def test_a_camera_that_hangs_up_is_unreachable(http_camera: HttpCamera) -> None:
    stream = opened(http_camera.show("/live", mjpeg(PICTURES, loops=False, fps=50)))
    assert fault_after(stream) == VideoFault.UNREACHABLE


def test_silence_times_out(http_camera: HttpCamera) -> None:
    began_s = time.monotonic()
    assert fault_of(http_camera.show("/live", silent), open_s=0.5) == VideoFault.TIMED_OUT
    assert time.monotonic() - began_s < 3


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, VideoFault.UNAUTHORIZED),
        (403, VideoFault.UNAUTHORIZED),
        (404, VideoFault.NOT_FOUND),
        (500, VideoFault.UNREACHABLE),
    ],
)
def test_answers_that_are_errors(http_camera: HttpCamera, status: int, fault: VideoFault) -> None:
    assert fault_of(http_camera.show("/live", failing(status))) == fault


@pytest.mark.parametrize("lock", [with_basic_password, with_digest_password])
def test_user_and_password(http_camera: HttpCamera, lock: Callable[[str, str, Page], Page]) -> None:
    address = http_camera.show("/live", lock("us@er", "p@ss/%", mjpeg(PICTURES)))
    stream = opened(address.replace("//", "//us%40er:p%40ss%2F%25@"))
    stream.grab()
    stream.close()
    assert fault_of(address.replace("//", "//us%40er:wrong@")) == VideoFault.UNAUTHORIZED
    assert fault_of(address) == VideoFault.UNAUTHORIZED
    # Nothing is told before the camera asks.
    assert http_camera.asked[0][1] == ""


def test_redirections_are_followed_and_take_the_password_to_the_same_host_alone(
    http_camera: HttpCamera,
) -> None:
    locked = with_basic_password("user", "pass", mjpeg(PICTURES))
    http_camera.show("/live", locked)
    http_camera.show("/start", redirecting("/middle"))
    http_camera.show("/middle", redirecting(f"http://127.0.0.1:{http_camera.port}/live"))
    base = f"127.0.0.1:{http_camera.port}/start"
    stream = opened(f"http://user:pass@{base}")
    stream.grab()
    stream.close()
    assert fault_of(f"http://user:pass@localhost:{http_camera.port}/start") == VideoFault.UNAUTHORIZED


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data", "https://[fe80::1]/x", "http://0.0.0.0/"]
)
def test_redirections_inside_are_refused(http_camera: HttpCamera, location: str) -> None:
    address = http_camera.show("/start", redirecting(location))
    with pytest.raises(NotPermitted):
        opened(address)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "rtsp://127.0.0.1/x", "ftp://127.0.0.1/x", "/start"]
)
def test_redirections_to_other_kinds_and_without_end(http_camera: HttpCamera, location: str) -> None:
    assert fault_of(http_camera.show("/start", redirecting(location))) == VideoFault.REFUSED
    assert len(http_camera.asked) <= 6


def test_a_recording_is_played_at_its_pace_to_its_end(http_camera: HttpCamera, counting_clip: Path) -> None:
    content = counting_clip.with_suffix(".ts")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", counting_clip, "-c", "copy", content], check=True)
    stream = opened(http_camera.show("/clip.ts", recording(content.read_bytes(), "video/mp2t")))
    began_s = time.monotonic()
    assert fault_after(stream) == VideoFault.ENDED
    assert 1.5 < time.monotonic() - began_s < 6


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<html>hello</html>", "text/html"),
        (PICTURES[0], "image/jpeg"),
        (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
            "application/vnd.apple.mpegurl",
        ),
        (b"<MPD></MPD>", "application/dash+xml"),
    ],
)
def test_what_is_no_stream_is_unsupported(http_camera: HttpCamera, content: bytes, content_type: str) -> None:
    assert fault_of(http_camera.show("/x", recording(content, content_type))) == VideoFault.UNSUPPORTED


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{url}'\n",
    "sdp": "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet mimeType="video/mp4">'
    "<Representation id='1' bandwidth='1'><BaseURL>{url}</BaseURL></Representation>"
    "</AdaptationSet></Period></MPD>",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("content_type", ["video/mp4", "application/octet-stream"])
def test_no_playlist_reaches_another_address_or_a_file(
    http_camera: HttpCamera, counting_clip: Path, kind: str, content_type: str
) -> None:
    inner = http_camera.show("/inner.ts", recording(b"x", "video/mp2t"))
    for url in (inner, counting_clip.as_uri(), str(counting_clip)):
        content = PLAYLISTS[kind].format(url=url).encode()
        address = http_camera.show("/list.m3u8", recording(content, content_type))
        assert fault_of(address) in (VideoFault.BROKEN, VideoFault.UNSUPPORTED)
    assert not any(path == "/inner.ts" for path, _ in http_camera.asked)


def test_loopback_is_refused_unless_allowed(http_camera: HttpCamera) -> None:
    address = http_camera.show("/live", mjpeg(PICTURES))
    for host in ("127.0.0.1", "localhost", "127.1"):
        with pytest.raises(NotPermitted):
            AvVideoSource(frozenset()).open(VideoRequest(address.replace("127.0.0.1", host)))
    assert http_camera.asked == []
