"""Opens cameras of every kind, after asking whether their place is allowed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from facegate.adapters.av_video.checked_network import SETTING, CheckedNetwork
from facegate.adapters.av_video.patience import Patience
from facegate.domain.cameras.sources import (
    InsidePlace,
    ParsedSource,
    SourceKind,
    check_place,
    parse_source,
    place_of,
)
from facegate.ports.cameras.video_source import VideoRequest

if TYPE_CHECKING:
    from facegate.adapters.av_video.feeds import Feed
    from facegate.adapters.av_video.stream import AvVideoStream


class AvVideoSource:
    """A VideoSource. See docs/decisions/0014 for what guards it.

    FFmpeg is loaded with the first camera: a server without cameras does not pay for it.
    """

    def __init__(
        self,
        allowed_places: frozenset[InsidePlace],
        *,
        verifies_certificates: bool = True,
        network: CheckedNetwork | None = None,
    ) -> None:
        self._allowed = allowed_places
        self._network = network or CheckedNetwork(allowed_places, verifies_certificates=verifies_certificates)

    def open(self, request: VideoRequest, should_stop: Callable[[], bool] = lambda: False) -> "AvVideoStream":
        """See the port; the first frame is decoded when it returns, and the first grab gives it.

        Connecting may take `open_timeout_s`, the first frame `read_timeout_s` more. A stop is obeyed with
        the fault `ended`, within half a second.

        Raises:
            InvalidInput: the address is none, which `parse_source` would have said before.
        """
        parsed = parse_source(request.source)
        check_place(place_of(parsed), self._allowed, SETTING)
        patience = Patience(should_stop)
        patience.allow(request.open_timeout_s)
        patience.check()
        from facegate.adapters.av_video.stream import AvVideoStream

        feed = self._feed(parsed, request, patience)
        try:
            return AvVideoStream(feed, patience, request.read_timeout_s)
        except BaseException:
            feed.close()
            raise

    def _feed(self, parsed: ParsedSource, request: VideoRequest, patience: Patience) -> "Feed":
        if parsed.kind is SourceKind.RTSP:
            from facegate.adapters.av_video.rtsp_video import open_rtsp

            return open_rtsp(parsed, request, self._network, patience)
        if parsed.kind is SourceKind.HTTP:
            from facegate.adapters.av_video.http_video import open_http

            return open_http(parsed, request, self._network, patience)
        if parsed.kind is SourceKind.FILE:
            from facegate.adapters.av_video.file_video import open_file

            return open_file(parsed, request)
        from facegate.adapters.av_video.webcam_video import open_webcam

        return open_webcam(parsed, patience)
