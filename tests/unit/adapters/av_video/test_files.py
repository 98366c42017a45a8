"""Video files of the server, played as they were made."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from tests.rtsp_server.fixtures import counting_clip

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.camera import HardwareDecode
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, NotPermitted
from facegate.ports.cameras.video_source import VideoRequest

__all__ = ["counting_clip"]

SOURCE = AvVideoSource(frozenset({InsidePlace.FILES}))


def fault_of(source: str) -> str:
    with pytest.raises(CameraFailed) as caught:
        SOURCE.open(VideoRequest(source))
    assert source not in str(caught.value)
    return caught.value.fault


def test_a_clip_lasts_as_long_as_it_is_and_ends(counting_clip: Path) -> None:
    stream = SOURCE.open(VideoRequest(str(counting_clip)))
    began_s = time.monotonic()
    for _ in range(50):
        stream.grab()
    with pytest.raises(CameraFailed) as caught:
        stream.grab()
    assert caught.value.fault == VideoFault.ENDED
    assert 1.9 < time.monotonic() - began_s < 5
    assert stream.info.frames_per_s == 25
    stream.close()


def test_a_name_with_blanks_in_a_file_address(counting_clip: Path, tmp_path: Path) -> None:
    clip = tmp_path / "front gate 100%.mp4"
    shutil.copy(counting_clip, clip)
    for source in (clip.as_uri(), str(clip)):
        stream = SOURCE.open(VideoRequest(source))
        stream.grab()
        stream.close()


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "none.mp4", tmp_path, tmp_path / "pipe.mp4", Path("/dev/zero")):
        assert fault_of(str(path)) == VideoFault.NOT_FOUND


def test_what_is_no_video(tmp_path: Path, counting_clip: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("hello " * 1000)
    assert fault_of(str(text)) == VideoFault.BROKEN
    sound = tmp_path / "sound.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", str(sound)]
    subprocess.run(command, check=True)
    assert fault_of(str(sound)) == VideoFault.UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.ffconcat", "ffconcat version 1.0\nfile '{clip}'\n"),
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{clip}\n#EXT-X-ENDLIST\n"),
        ("stream.sdp", "v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
    ],
)
def test_no_playlist_leads_to_other_files(
    tmp_path: Path, counting_clip: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    clip = tmp_path / "clip.mp4"
    shutil.copy(counting_clip, clip)
    path.write_text(content.format(clip=clip.name))
    assert fault_of(str(path)) in (VideoFault.BROKEN, VideoFault.UNSUPPORTED)


def test_files_are_refused_unless_allowed(counting_clip: Path) -> None:
    for allowed in (frozenset(), frozenset(InsidePlace) - {InsidePlace.FILES}):
        with pytest.raises(NotPermitted, match="FACEGATE_CAMERAS__ALLOWED_PLACES=files"):
            AvVideoSource(allowed).open(VideoRequest(str(counting_clip)))


def test_a_device_that_is_not_there_is_told(counting_clip: Path) -> None:
    # No wheel for Linux has it, and none has this one elsewhere.
    wanted = HardwareDecode.D3D11VA if os.name != "nt" else HardwareDecode.VIDEOTOOLBOX
    stream = SOURCE.open(VideoRequest(str(counting_clip), hardware_decode=wanted))
    assert stream.info.decoder == f"software ({wanted.value} is not available)"
    stream.grab()
    stream.close()


def test_any_device_or_none_decodes(counting_clip: Path) -> None:
    stream = SOURCE.open(VideoRequest(str(counting_clip), hardware_decode=HardwareDecode.AUTO))
    assert stream.info.decoder
    assert stream.grab().picture().pixels_rgb.any()
    stream.close()
