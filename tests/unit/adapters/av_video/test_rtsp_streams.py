"""Streams as cameras send them: other codecs than H.264, and frames that wait for later ones."""

import subprocess
from pathlib import Path

import pytest
from tests.rtsp_server.clips import number_in
from tests.rtsp_server.fixtures import counting_clip, rtsp_server
from tests.rtsp_server.launcher import RtspServer

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.geometry import ImageSize
from facegate.ports.cameras.video_source import VideoRequest

__all__ = ["counting_clip", "rtsp_server"]

SOURCE = AvVideoSource(frozenset({InsidePlace.LOOPBACK}))

# RTP carries JPEGs in steps of eight pixels.
SIZE = ImageSize(320, 176)

TEST_PICTURE = "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=176,framerate=20/1"


def numbers(address: str, count: int) -> list[int]:
    stream = SOURCE.open(VideoRequest(address))
    found = [number_in(stream.grab().luma(320)) for _ in range(count)]
    stream.close()
    return found


def test_no_frame_is_lost_from_the_first_on(rtsp_server: RtspServer, counting_clip: Path) -> None:
    address = rtsp_server.show("/in-order", counting_clip)
    assert numbers(address, 60) == [*range(50), *range(10)]


def test_frames_that_wait_for_later_ones_come_in_order(
    rtsp_server: RtspServer, counting_clip: Path, tmp_path: Path
) -> None:
    clip = tmp_path / "reordered.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(counting_clip), "-c:v", "libx264", "-bf", "3", str(clip)]
    subprocess.run(command, check=True)
    assert numbers(rtsp_server.show("/reordered", clip), 40) == list(range(40))


@pytest.mark.parametrize(
    ("codec", "pipeline"),
    [
        ("mjpeg", "jpegenc ! rtpjpegpay name=pay0 pt=26"),
        ("vp8", "vp8enc deadline=1 ! rtpvp8pay name=pay0 pt=96"),
    ],
)
def test_other_codecs(rtsp_server: RtspServer, codec: str, pipeline: str) -> None:
    stream = SOURCE.open(VideoRequest(rtsp_server.launch(f"/{codec}", f"( {TEST_PICTURE} ! {pipeline} )")))
    assert stream.info.codec == codec
    assert stream.info.size == SIZE
    assert {stream.grab().picture().size for _ in range(5)} == {SIZE}
    stream.close()


def test_a_frozen_camera_gives_the_very_same_pixels(rtsp_server: RtspServer, counting_clip: Path) -> None:
    """What the watchdog of frozen pictures relies on."""
    stream = SOURCE.open(VideoRequest(rtsp_server.show("/frozen", counting_clip)))
    stream.grab()
    rtsp_server.freeze("/frozen")
    for _ in range(10):
        stream.grab()
    assert len({stream.grab().luma(320).tobytes() for _ in range(20)}) == 1
    rtsp_server.play("/frozen")
    assert len({stream.grab().luma(320).tobytes() for _ in range(20)}) > 1
    stream.close()
