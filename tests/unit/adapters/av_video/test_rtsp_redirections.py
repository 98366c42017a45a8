"""What an RTSP camera that redirects is told of its password elsewhere."""

import pytest
from tests.rtsp_server.scripted_cameras import Request, always, reply, scripted_camera

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest


def test_another_port_of_the_host_is_told_no_password_over_rtsp() -> None:
    def asking(asked: Request) -> bytes | None:
        return reply(asked, "401 Unauthorized", WWW_Authenticate='Basic realm="other"')

    source = AvVideoSource(frozenset({InsidePlace.LOOPBACK}))
    with (
        scripted_camera(asking) as other,
        scripted_camera(always("302 Found", Location=other.address())) as camera,
    ):
        with pytest.raises(CameraFailed) as caught:
            source.open(VideoRequest(camera.address(user_info="guard:s3cret@"), open_timeout_s=5.0))
        assert caught.value.fault == VideoFault.UNAUTHORIZED
        assert other.requests
        assert not any("Authorization" in one.text for one in other.requests)
