"""HTTP and HTTPS: MJPEG as cameras send it, and every container that can be read from its beginning."""

from collections.abc import Iterator
from typing import cast

import av
import av.error

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.checked_network import CheckedNetwork
from facegate.adapters.av_video.decoding_devices import SOFTWARE, choose_device
from facegate.adapters.av_video.feeds import ContainerFeed, Feed, VideoPacket, prepare, probing
from facegate.adapters.av_video.formats import CONTAINERS
from facegate.adapters.av_video.http_conversation import HttpBody, ask
from facegate.adapters.av_video.multipart_pictures import MultipartPictures, NotMultipart, boundary_of
from facegate.adapters.av_video.patience import Patience
from facegate.domain.cameras.sources import ParsedSource
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, FacegateError
from facegate.ports.cameras.video_source import VideoRequest

_READ_BYTES = 64 * 1024

_NO_STREAMS = {
    "text/": "this address is a web page, not a stream",
    "image/": "this address gives one picture, not a stream: use the camera's MJPEG or RTSP address",
    "mpegurl": "playlists are not read: use the camera's RTSP address",
    "dash+xml": "playlists are not read: use the camera's RTSP address",
}


def open_http(
    parsed: ParsedSource, request: VideoRequest, network: CheckedNetwork, patience: Patience
) -> Feed:
    """Raises CameraFailed or NotPermitted."""
    body = ask(parsed, network, patience)
    try:
        content_type = body.content_type.lower()
        if content_type.startswith("multipart/"):
            return PicturesFeed(body)
        for mark, sentence in _NO_STREAMS.items():
            if mark in content_type:
                raise CameraFailed(sentence, fault=VideoFault.UNSUPPORTED)
        return _opened(body, request)
    except BaseException:
        body.close()
        raise


def _opened(body: HttpBody, request: VideoRequest) -> ContainerFeed:
    device, decoded_by = choose_device(request.hardware_decode)
    failure: FacegateError
    try:
        container = av.open(
            body,
            "r",
            # Everything comes out of this body: FFmpeg may open nothing itself.
            options={
                "protocol_whitelist": "none",
                "format_whitelist": CONTAINERS,
                **probing(max_bytes=2_000_000, max_s=2.0),
            },
            metadata_errors="replace",
            buffer_size=_READ_BYTES,
            hwaccel=device,
        )
    except av.error.FFmpegError as error:
        failure = faults.of_error(error)
    else:
        try:
            return ContainerFeed(container, body, is_recorded=body.is_recorded, decoded_by=decoded_by)
        except CameraFailed:
            container.close()
            raise
    raise faults.again(body.failure or failure)


class PicturesFeed:
    """JPEGs out of a multipart body, each a packet."""

    decoded_by = SOFTWARE
    frames_per_s = None
    is_recorded = False

    def __init__(self, body: HttpBody) -> None:
        self.failure: FacegateError | None = None
        self.decoder = _jpeg_decoder()
        self._body = body

    def packets(self) -> Iterator[VideoPacket]:
        """As they come."""
        pictures = MultipartPictures(boundary_of(self._body.content_type))
        while data := self._body.read(_READ_BYTES):
            try:
                parts = pictures.feed(data)
            except NotMultipart:
                self.failure = faults.broken()
                return
            for part in parts:
                # A packet of its own has no stream, which the types do not foresee.
                packet = cast("VideoPacket", av.Packet(part))
                packet.is_keyframe = True
                yield packet
        self.failure = self._body.failure

    def close(self) -> None:
        """Hangs up."""
        self._body.close()


def _jpeg_decoder() -> av.VideoCodecContext:
    decoder = av.CodecContext.create("mjpeg", "r")
    if not isinstance(decoder, av.VideoCodecContext):  # never; the types of `create` say less than is so
        raise faults.no_video()
    prepare(decoder, is_live=True)
    return decoder
