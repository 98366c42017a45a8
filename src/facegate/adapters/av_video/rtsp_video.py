"""RTSP and RTSPS: set up through the relay, redirections followed one by one with every address checked."""

from urllib.parse import quote, unquote, urlsplit

import av
import av.error

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.checked_network import CheckedNetwork
from facegate.adapters.av_video.decoding_devices import choose_device
from facegate.adapters.av_video.feeds import ContainerFeed, probing
from facegate.adapters.av_video.patience import Patience
from facegate.adapters.av_video.rtsp_relay import RtspRelay
from facegate.domain.cameras.camera import Transport
from facegate.domain.cameras.sources import ParsedSource, SourceKind, keeps_password, parse_source
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, FacegateError, InvalidInput
from facegate.ports.cameras.video_source import VideoRequest

_MAX_REDIRECTIONS = 3

_PROTOCOLS = {Transport.TCP: "tcp", Transport.UDP: "tcp,udp,rtp"}

# What may stand in a path or query as it is; `%` because it is quoted already.
_KEPT = "/:?&=+$,;@!*'()[]%~-._"


def open_rtsp(
    parsed: ParsedSource, request: VideoRequest, network: CheckedNetwork, patience: Patience
) -> ContainerFeed:
    """Raises CameraFailed or NotPermitted."""
    user_info = _user_info(parsed)
    for _ in range(_MAX_REDIRECTIONS + 1):
        relay = _relay(parsed, network, patience)
        feed = _opened(parsed, user_info, relay, request)
        if feed is not None:
            return feed
        before, parsed = parsed, _redirected(relay.redirected_to or "")
        if not keeps_password(before.address, parsed.address):
            user_info = _user_info(parsed)
    raise CameraFailed("the camera redirects without end", fault=VideoFault.BROKEN)


def _relay(parsed: ParsedSource, network: CheckedNetwork, patience: Patience) -> RtspRelay:
    host, port = parsed.host or "", parsed.port or 0
    connection = network.connect(host, port, patience)
    if urlsplit(parsed.address).scheme.lower() == "rtsps":
        connection = network.secured(connection, host, patience)
    return RtspRelay(connection, patience)


def _opened(
    parsed: ParsedSource, user_info: str, relay: RtspRelay, request: VideoRequest
) -> ContainerFeed | None:
    """None when the camera wants to be asked elsewhere."""
    device, decoded_by = choose_device(request.hardware_decode)
    failure: FacegateError
    try:
        container = av.open(
            f"rtsp://{user_info}127.0.0.1:{relay.port}{_path(parsed)}",
            format="rtsp",
            options=_options(request.transport),
            metadata_errors="replace",
            hwaccel=device,
        )
    except av.error.FFmpegError as error:
        failure = faults.of_error(error)
    else:
        relay.set_up()
        try:
            return ContainerFeed(container, relay, decoded_by=decoded_by)
        except CameraFailed:
            container.close()
            relay.close()
            raise
    relay.close()
    if relay.redirected_to is not None:
        return None
    raise faults.again(_why(relay, failure))


def _why(relay: RtspRelay, failure: FacegateError) -> FacegateError:
    """The best known of several reasons."""
    known = relay.failure
    if isinstance(known, CameraFailed) and known.fault in (VideoFault.TIMED_OUT, VideoFault.ENDED):
        return known
    if relay.last_status is not None and relay.last_status >= 400:
        return faults.of_status(relay.last_status)
    return known or failure


def _options(transport: Transport) -> dict[str, str]:
    # Sound is not even asked for. A wrong sender of UDP packets is shut out by the kernel (`filter_src`).
    # The first packet ends probing (0.05 s in place of 0.3): codec and size are known from the description
    # or with the first frame. `nobuffer` would throw the probed packets away, and with them the key frame.
    return {
        "rtsp_transport": transport.value,
        "rtsp_flags": "filter_src",
        "allowed_media_types": "video",
        "protocol_whitelist": _PROTOCOLS[transport],
        "format_whitelist": "rtsp",
        "user_agent": "facegate",
        **probing(max_bytes=32, max_s=1.0),
    }


def _user_info(parsed: ParsedSource) -> str:
    """User and password as FFmpeg reads them, however they were typed."""
    parts = urlsplit(parsed.address)
    if parts.username is None:
        return ""
    user, password = (quote(unquote(text or ""), safe="") for text in (parts.username, parts.password))
    return f"{user}:{password}@"


def _path(parsed: ParsedSource) -> str:
    parts = urlsplit(parsed.address)
    path = quote(parts.path or "/", safe=_KEPT)
    return f"{path}?{quote(parts.query, safe=_KEPT)}" if parts.query else path


def _redirected(location: str) -> ParsedSource:
    try:
        parsed = parse_source(location)
    except InvalidInput:
        parsed = None
    if parsed is None or parsed.kind is not SourceKind.RTSP:
        raise CameraFailed(
            "the camera redirects to where it cannot be followed: use its final address",
            fault=VideoFault.REFUSED,
        )
    return parsed
