"""Video files of the server."""

import os
import stat
from pathlib import Path
from urllib.parse import unquote

import av
import av.error

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.decoding_devices import choose_device
from facegate.adapters.av_video.feeds import ContainerFeed, probing
from facegate.adapters.av_video.formats import CONTAINERS
from facegate.domain.cameras.sources import ParsedSource
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest


def open_file(parsed: ParsedSource, request: VideoRequest) -> ContainerFeed:
    """Raises CameraFailed."""
    path = parsed.path or ""
    if parsed.address.lower().startswith("file:"):
        path = unquote(path)
    _require_file(Path(path))
    device, decoded_by = choose_device(request.hardware_decode)
    try:
        container = av.open(
            f"file:{path}",
            options={
                "protocol_whitelist": "file",
                "format_whitelist": CONTAINERS,
                **probing(max_bytes=5_000_000, max_s=5.0),
            },
            metadata_errors="replace",
            hwaccel=device,
        )
    except av.error.FFmpegError as error:
        failure = faults.of_error(error)
    else:
        try:
            return ContainerFeed(container, is_recorded=True, decoded_by=decoded_by)
        except CameraFailed:
            container.close()
            raise
    raise faults.again(failure)


def _require_file(path: Path) -> None:
    """A pipe or a device would be waited for without end."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode) and os.access(path, os.R_OK)
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        raise CameraFailed("there is no such file that can be read", fault=VideoFault.NOT_FOUND)
